"""The command line: build tools, say where they are, and run Go on the pins of one of them."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from trading_platform.toolbox import builder, places, progress, table, toolchain
from trading_platform.toolbox.errors import ToolError
from trading_platform.toolbox.table import TOOLS

DESCRIPTION = """Build programs that the tests need from pinned Go modules, once; without arguments: list them.
They are kept in trading-platform/tools of the user's cache folder (XDG_CACHE_HOME, else ~/.cache)."""


def arguments() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(prog="python -m trading_platform.toolbox", description=DESCRIPTION)
    parser.add_argument("names", nargs="*", metavar="tool|group", help="what to build, unless it is there already")
    parser.add_argument("--path", action="store_true", help="print the paths, also of tools that were there already")
    parser.add_argument("--clean", action="store_true", help="remove what only builds need: Go and its build cache")
    parser.add_argument(
        "--go",
        nargs=argparse.REMAINDER,
        metavar=("FOLDER", "ARGUMENT"),
        help="run Go in a folder of tools/: --go kubeconform mod tidy",
    )
    return parser


def show(tools: Path) -> None:
    """List all tools and whether they have been built."""
    for tool in table.read(tools).values():
        program = builder.program_of(tool)
        state = str(program) if program.exists() else f"not built yet, {progress.about(tool.seconds)}"
        print(f"{tool.group:5} {tool.name:15} {tool.version:10} {state}")


def run_go(where: Path, go_arguments: list[str]) -> int:
    """Run Go in the folder of a tool's pins and give its exit code."""
    if not (where / "go.mod").exists():
        raise ToolError(f"{where / 'go.mod'}: no such file")
    with places.in_use():
        command = [str(toolchain.find()), *go_arguments]
        return subprocess.run(command, cwd=where, env=toolchain.environment(), check=False).returncode  # noqa: S603


def build(names: list[str], with_paths: bool, tools: Path) -> None:
    """Build what is missing; print what was missing, or the paths of all of them and nothing else."""
    chosen = table.choose(names, table.read(tools))
    missing = {tool.name for tool in chosen if not builder.program_of(tool).exists()}
    for name, program in builder.make(names, tools).items():
        if with_paths:
            print(program)
        elif name in missing:
            print(f"{name} is {program}")


def main(tools: Path = TOOLS) -> int:
    """Do what the command line says; 1 if it cannot be done, with the reason on standard error."""
    # So that a build ends with us, as it does on Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parser = arguments()
    options = parser.parse_args()
    try:
        if options.go is not None:
            if len(options.go) < 2:
                parser.error("--go wants a folder of tools/ and arguments for Go")
            return run_go(tools / options.go[0], options.go[1:])
        if options.clean:
            places.clean()
        if options.names:
            build(options.names, options.path, tools)
        elif not options.clean:
            show(tools)
    except ToolError as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
