"""Servers as child processes: started with what they need and nothing else, always stopped, their logs kept."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 10.0
LOG_LINES = 25


@dataclass
class Process:
    """A server: its command, the folder that it runs in, its whole environment, and where it writes its log."""

    name: str
    command: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str]
    log: Path
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it, again if it was stopped. Where util-linux is, it ends with us, however we end."""
        setpriv = shutil.which("setpriv")
        command = [setpriv, "--pdeathsig", "KILL", "--", *self.command] if setpriv else self.command
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def running(self) -> bool:
        """Whether it runs; fails with the end of its log if it ended by itself."""
        assert self.child is not None, f"{self.name} was not started"
        assert self.child.poll() is None, f"{self.name} ended with {self.child.returncode}:\n{self.tail()}"
        return True

    def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self.child is None:
            return
        self.child.terminate()
        try:
            self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.child = None

    def kill(self) -> None:
        """End it as a lost node does: without a word."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()

    def tail(self, lines: int = LOG_LINES) -> str:
        """The end of its log."""
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        return ""


@contextlib.contextmanager
def running(process: Process) -> Iterator[Process]:
    """Run a process; stopped at the end of the block."""
    try:
        process.start()
        yield process
    finally:
        process.stop()
