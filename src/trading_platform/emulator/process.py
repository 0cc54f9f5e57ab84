"""One emulator per run directory: who runs, where, and how it is started and stopped.

The run directory holds ``emulator.lock`` (locked by the running server for as long as it lives, whatever kills it),
``emulator.json`` (pid, port, account; written once it answers) and ``emulator.log``. Whether one runs is the lock's
to say, so a file left behind by a dead process, or a process id that now belongs to another program, misleads nobody.
"""

import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO

from trading_platform.emulator.settings import HOST, Settings

START_SECONDS = 60.0
STOP_SECONDS = 15.0
_POLL_SECONDS = 0.05


class ProcessError(Exception):
    """The emulator could not be started or stopped; ``exit_code`` is the command's."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


ALREADY_RUNNING = 3  # exit code


@dataclass(frozen=True)
class Running:
    """A running emulator, as ``emulator.json`` has it."""

    pid: int
    port: int
    account_id: str

    @property
    def endpoint(self) -> str:
        return f"http://{HOST}:{self.port}"


def run_file(run_dir: Path) -> Path:
    return run_dir / "emulator.json"


def log_file(run_dir: Path) -> Path:
    return run_dir / "emulator.log"


def take_lock(run_dir: Path) -> IO[str]:
    """The lock of this run directory, held until the file is closed. Raises ProcessError (exit code 3) if taken."""
    run_dir.mkdir(parents=True, exist_ok=True)
    lock = (run_dir / "emulator.lock").open("w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        running = read(run_dir)
        where = f" at {running.endpoint} (pid {running.pid}, account {running.account_id})" if running else ""
        raise ProcessError(f"an emulator is already running{where}; stop it first", ALREADY_RUNNING) from None
    return lock


def is_locked(run_dir: Path) -> bool:
    """Whether a server holds this run directory."""
    if not (run_dir / "emulator.lock").exists():
        return False
    try:
        take_lock(run_dir).close()
    except ProcessError:
        return True
    return False


def read(run_dir: Path) -> Running | None:
    """What the run file says, or None."""
    try:
        content = json.loads(run_file(run_dir).read_text(encoding="utf-8"))
        return Running(int(content["pid"]), int(content["port"]), str(content["account_id"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def running(run_dir: Path) -> Running | None:
    """The emulator of this run directory, or None. A run file that nobody stands behind is removed."""
    if is_locked(run_dir):
        return read(run_dir)
    run_file(run_dir).unlink(missing_ok=True)
    return None


def write(run_dir: Path, state: Running) -> None:
    """Write the run file in one step, so that nobody reads half of it."""
    partial = run_dir / f"emulator.json.{os.getpid()}"
    partial.write_text(json.dumps(asdict(state)) + "\n", encoding="utf-8")
    partial.replace(run_file(run_dir))


def post(endpoint: str, path: str, content: object = None) -> None:
    """POST JSON to one of the emulator's own addresses. Raises OSError if it does not answer, or refuses."""
    _ask("POST", endpoint, path, json.dumps(content).encode())


def get(endpoint: str, path: str) -> dict[str, object]:
    """GET JSON from one of the emulator's own addresses. Raises OSError if it does not answer."""
    content: dict[str, object] = json.loads(_ask("GET", endpoint, path))
    return content


def _ask(method: str, endpoint: str, path: str, body: bytes | None = None) -> bytes:
    # Not urllib.request, which looks for proxies and, for plain HTTP too, reads all certificates of the system.
    address = urllib.parse.urlsplit(endpoint)
    connection = http.client.HTTPConnection(address.hostname or HOST, address.port, timeout=30)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        content = answer.read()
    except http.client.HTTPException as error:
        raise OSError(f"{endpoint}{path}: {error!r}") from error
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        raise OSError(f"{endpoint}{path}: {answer.status} {content.decode(errors='replace')}")
    return content


def start_in_background(settings: Settings) -> Running:
    """Start a server detached from this terminal and its pipes; return once it answers. Raises ProcessError."""
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "trading_platform.emulator", "start", "--port", str(settings.port)]
    command += ["--account-id", settings.account_id, "--run-dir", str(settings.run_dir)]
    if is_locked(settings.run_dir):
        take_lock(settings.run_dir)  # raises, saying who runs
    run_file(settings.run_dir).unlink(missing_ok=True)
    with log_file(settings.run_dir).open("w", encoding="utf-8") as log:
        child = subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    return _await_start(child, settings.run_dir)


def _await_start(child: subprocess.Popen[bytes], run_dir: Path) -> Running:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        state = read(run_dir)
        if state and state.pid == child.pid:
            return state
        if child.poll() is not None:
            log = log_file(run_dir).read_text(encoding="utf-8", errors="replace")
            raise ProcessError(f"the emulator ended at once: {log.strip()[-2000:]}", child.returncode or 1)
        time.sleep(_POLL_SECONDS)
    child.terminate()
    raise ProcessError(f"the emulator did not answer within {START_SECONDS:.0f} s; see {log_file(run_dir)}")


def stop(run_dir: Path) -> Running | None:
    """Stop the emulator of this run directory and wait for its end; None if none runs. Raises ProcessError."""
    state = running(run_dir)
    if state is None:
        if is_locked(run_dir):
            raise ProcessError("the emulator is still starting; try again")
        return None
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_locked(run_dir):
        if time.monotonic() > deadline:
            os.kill(state.pid, signal.SIGKILL)
            deadline = float("inf")
        time.sleep(_POLL_SECONDS)
    run_file(run_dir).unlink(missing_ok=True)
    return state
