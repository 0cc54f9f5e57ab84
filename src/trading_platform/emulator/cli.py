"""The command ``python -m trading_platform.emulator``: start, stop, status, env, reset.

Exit codes: 0 done, 1 not done (the reason is on standard error), 3 start refused because one runs already.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from trading_platform.emulator import environment, process
from trading_platform.emulator.serve import serve
from trading_platform.emulator.settings import (
    DEFAULT_ACCOUNT_ID,
    Settings,
    SettingsError,
    account_id_of_inventory,
    checked_account_id,
)

HINT = "no emulator is running here; start one with: python -m trading_platform.emulator start --background"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trading_platform.emulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--run-dir", type=Path, default=Path(".run"), help="where pid, port and log are kept (.run)")
    start = commands.add_parser("start", parents=[common], help="run the embedded AWS on 127.0.0.1")
    start.add_argument("--port", type=int, default=0, help="port to listen on; a free one if not given")
    start.add_argument("--inventory", type=Path, help="take the account id from this inventory directory")
    start.add_argument("--account-id", help=f"the account to be ({DEFAULT_ACCOUNT_ID})")
    start.add_argument("--background", action="store_true", help="detach, and return once it answers")
    start.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    commands.add_parser("stop", parents=[common], help="end it, and wait for its end")
    commands.add_parser("status", parents=[common], help="say whether it runs, and where")
    commands.add_parser("env", parents=[common], help='shell commands that point AWS clients at it: eval "$(...)"')
    commands.add_parser("reset", parents=[common], help="forget every resource")
    return parser


def _settings(arguments: argparse.Namespace) -> Settings:
    account_id = DEFAULT_ACCOUNT_ID
    if arguments.account_id:
        account_id = checked_account_id(arguments.account_id, "--account-id")
    elif arguments.inventory:
        account_id = account_id_of_inventory(arguments.inventory)
    return Settings(port=arguments.port, account_id=account_id, run_dir=arguments.run_dir)


def _start(arguments: argparse.Namespace) -> None:
    settings = _settings(arguments)
    if arguments.background:
        state = process.start_in_background(settings)
        print(f"embedded AWS at {state.endpoint} (account {state.account_id}, pid {state.pid})")
    else:
        serve(settings, arguments.until_stdin_closes)


def _stop(arguments: argparse.Namespace) -> None:
    state = process.stop(arguments.run_dir)
    print(f"stopped the embedded AWS (pid {state.pid})" if state else "no emulator was running")


def _required(arguments: argparse.Namespace) -> process.Running:
    state = process.running(arguments.run_dir)
    if state is None:
        raise process.ProcessError(HINT)
    return state


def _status(arguments: argparse.Namespace) -> None:
    state = _required(arguments)
    process.get(state.endpoint, "/_emulator/status")
    print(f"embedded AWS running at {state.endpoint} (account {state.account_id}, pid {state.pid})")


def _env(arguments: argparse.Namespace) -> None:
    print("\n".join(environment.shell_lines(_required(arguments).endpoint, os.environ)))


def _reset(arguments: argparse.Namespace) -> None:
    process.post(_required(arguments).endpoint, "/_emulator/reset")
    print("every resource is gone")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    arguments = _parser().parse_args(argv)
    command = {"start": _start, "stop": _stop, "status": _status, "env": _env, "reset": _reset}[arguments.command]
    try:
        command(arguments)
    except process.ProcessError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except (SettingsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
