"""Runs a long command with signs of life, and keeps what it says for the case that it fails."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

LAST_LINES = 15


class CommandError(RuntimeError):
    """The command failed; the message is the last that it said."""


def last_lines(output: str) -> str:
    """Give the end of a command's output, without the lines in which Go says what it downloads."""
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("go: downloading ")]
    return "\n".join(lines[-LAST_LINES:]) or "(it said nothing)"


def run(command: list[str | Path], tick: Callable[[], None], folder: Path, environment: Mapping[str, str]) -> None:
    """Run a command in a folder, with a tick several times a second; it and its children end with us.

    Raises:
        CommandError: it ended with another code than 0, or could not be started.
    """
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(  # noqa: S603  (Go or uv, with arguments of ours)
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        except OSError as problem:
            raise CommandError(f"{command[0]}: {problem.strerror}") from None
        try:
            wait(process, tick)
        finally:
            end(process)
        if process.returncode:
            output.seek(0)
            raise CommandError(last_lines(output.read().decode(errors="replace")))


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that is still running, and its children; interrupted, Go removes its temporary files."""
    for how in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                os.killpg(process.pid, how)
                process.wait(timeout=10)


def wait(process: subprocess.Popen[bytes], tick: Callable[[], None]) -> None:
    """Wait until the process ends."""
    while True:
        try:
            process.wait(timeout=0.2)
            return
        except subprocess.TimeoutExpired:
            tick()
