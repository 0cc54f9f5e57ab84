"""Fork, run a program in the child as a fresh interpreter would, hand back what it wrote. Runs in a task's worker."""

import contextlib
import os
import selectors
import signal
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

    ansible-core makes each worker leader of a process group of its own, in which the child and its children live:
    the group is asked to end (SIGTERM), this process excepted. What is left of the child after 2 s is killed.
    """
    if os.getpgrp() == os.getpid():
        handler = signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.killpg(0, signal.SIGTERM)
        signal.signal(signal.SIGTERM, handler)
    else:
        os.kill(pid, signal.SIGTERM)
    give_up = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < give_up:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


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
        # Held until exit: dropping the controller's modules would run destructors that close descriptors by number.
        controller_modules = fresh.forget_controller()
        fresh.reset_interpreter()
        fresh.enter(environment, cwd)
        prepare()
        code = fresh.run_as_main(program)
        del controller_modules
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)
