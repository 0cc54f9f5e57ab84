"""Fork, run a program in the child as a fresh interpreter would, hand back what it wrote. Runs in a task's worker."""

import contextlib
import os
import pathlib
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import NoReturn

from trading_platform.warm import fresh

_CHUNK = 1 << 16
_GRACE_SECONDS = 2.0


def can_fork() -> bool:
    """Whether a fork is safe: a lock held by another thread would stay locked in the child for ever."""
    return threading.active_count() == 1


def run(
    program: bytes,
    environment: Mapping[str, str],
    cwd: str | None,
    prepare: Callable[[], None],
) -> tuple[int, bytes, bytes]:
    """Run Python source ``program`` in a fork; return (exit code, stdout, stderr) as ``subprocess`` would.

    ``environment`` is added to the worker's, ``cwd`` is entered if given, ``prepare`` is called in the child last
    before the program. Like ``communicate``, this returns when both streams are closed by everyone who holds them.
    A child that died by signal N gives -N. If waiting is interrupted (the task's ``timeout``), the child is ended
    with all it started.
    """
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(program, environment, cwd, prepare, out_write, err_write)
    os.close(out_write)
    os.close(err_write)
    try:
        stdout, stderr = _read_both(out_read, err_read)
        _, status = os.waitpid(pid, 0)
    except BaseException:  # TaskTimeoutError is not an Exception
        end_with_descendants(pid)
        raise
    finally:
        os.close(out_read)
        os.close(err_read)
    return os.waitstatus_to_exitcode(status), stdout, stderr


def _read_both(out_read: int, err_read: int) -> tuple[bytes, bytes]:
    received = {out_read: bytearray(), err_read: bytearray()}
    with selectors.DefaultSelector() as selector:
        for descriptor in received:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                chunk = os.read(key.fd, _CHUNK)
                received[key.fd] += chunk
                if not chunk:
                    selector.unregister(key.fd)
    return bytes(received[out_read]), bytes(received[err_read])


def end_with_descendants(pid: int) -> None:
    """End child ``pid``, and what it started, before the task is reported as failed.

    ansible-core makes each worker leader of a process group of its own, in which the child and its children live: the
    group is asked to end (SIGTERM), this process excepted, and what is left of it after 2 s is killed.
    """
    leads_group = os.getpgrp() == os.getpid()
    if leads_group:
        handler = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
        signal.signal(signal.SIGTERM, handler)
    else:
        os.kill(pid, signal.SIGTERM)
    ended = _ends_in_time(pid)
    for left in {*(_rest_of_group() if leads_group else ()), *(() if ended else (pid,))}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(left, signal.SIGKILL)
    if not ended:
        os.waitpid(pid, 0)


def _ends_in_time(pid: int) -> bool:
    give_up = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < give_up:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.02)
    return False


def _rest_of_group() -> list[int]:
    """The other processes of this one's process group, where /proc can tell."""
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            fields = status.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[2]) == os.getpgrp() and int(status.parent.name) != os.getpid():
                found.append(int(status.parent.name))
    return found


def as_reported_by(shell: str, number: int) -> tuple[int, bytes]:
    """Return the exit code and message with which ``shell`` reports a command that died by signal ``number``.

    Between the local connection and a module stand two shells, and what is left of a signal after them depends on the
    shell (dash: 137 and "Killed"). So ask it.
    """
    script = f"{shell} -c 'kill -{number} $$'"
    done = subprocess.run([shell, "-c", script], stdin=subprocess.DEVNULL, capture_output=True, check=False)  # noqa: S603
    return done.returncode, done.stderr


def _child(
    program: bytes,
    environment: Mapping[str, str],
    cwd: str | None,
    prepare: Callable[[], None],
    out_write: int,
    err_write: int,
) -> NoReturn:
    """Become a fresh interpreter, run, and leave without ever returning into the worker's code."""
    code = 1
    try:
        fresh.use_descriptors(out_write, err_write)
        # Held until exit: dropping the controller's modules would run destructors that close descriptors by number, and
        # write to all the memory that they are in.
        _held = fresh.forget_controller()
        fresh.reset_interpreter()
        fresh.enter(environment, cwd)
        prepare()
        code = fresh.run_as_main(program)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)
