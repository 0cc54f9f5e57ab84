"""Bring a forked child back to where a freshly started Python would be. Runs in the child only."""

import atexit
import contextlib
import gc
import importlib
import io
import itertools
import locale
import logging
import os
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time
import types
import warnings
from collections.abc import Mapping
from typing import Any

# The controller's copies of these packages differ from what a module may see: ansible.module_utils behaves otherwise
# on a controller, multiprocessing knows this process as a worker, and our own library may hold references to both.
_CONTROLLER_PACKAGES = ("ansible", "ansible_collections", "multiprocessing", "__mp_main__", "trading_platform")
_LAST_DESCRIPTOR = 1 << 16


def _is_controllers(module: str) -> bool:
    return module.partition(".")[0] in _CONTROLLER_PACKAGES


# The controller's modules when they were last listed, and the newest module of all by then.
_listed: tuple[list[str], str] = ([], "")


def list_controller() -> None:
    """List the controller's modules, so that forks look only at what has come since: a look is a write to a name."""
    global _listed
    _listed = [name for name in sys.modules if _is_controllers(name)], next(reversed(sys.modules))


def _controller_modules() -> list[str]:
    known, newest = _listed
    since = itertools.takewhile(lambda name: name != newest, reversed(sys.modules))
    return [*known, *filter(_is_controllers, since)]


def use_descriptors(out_write: int, err_write: int) -> None:
    """Make stdin an ended pipe, stdout and stderr the given pipes, and close every other descriptor, as Popen does."""
    stdin_read, stdin_write = os.pipe()
    os.close(stdin_write)
    os.dup2(stdin_read, 0)
    os.dup2(out_write, 1)
    os.dup2(err_write, 2)
    os.closerange(3, _highest_descriptor() + 1)
    # Encoded as this process's own were at its start: the module inherits the same locale and PYTHON* variables.
    started_with = sys.__stdout__
    encoding, errors = "utf-8", "strict"
    if isinstance(started_with, io.TextIOWrapper):
        encoding, errors = started_with.encoding, started_with.errors or errors
    unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    sys.stdin = _text_reader(encoding, errors)
    sys.stdout = _text_writer(1, encoding, errors, line_buffering=False, write_through=unbuffered)
    sys.stderr = _text_writer(2, encoding, "backslashreplace", not unbuffered, unbuffered)
    vars(sys).update(__stdin__=sys.stdin, __stdout__=sys.stdout, __stderr__=sys.stderr)


def _highest_descriptor() -> int:
    try:
        return max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
    except OSError:
        return _LAST_DESCRIPTOR


def _text_reader(encoding: str, errors: str) -> io.TextIOWrapper:
    raw = io.FileIO(0, "r", closefd=False)
    reader = io.TextIOWrapper(io.BufferedReader(raw), encoding=encoding, errors=errors)
    vars(raw)["name"], vars(reader)["mode"] = "<stdin>", "r"
    return reader


def _text_writer(
    descriptor: int, encoding: str, errors: str, line_buffering: bool, write_through: bool
) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "w", closefd=False)
    buffer = raw if write_through else io.BufferedWriter(raw)
    writer = io.TextIOWrapper(
        buffer,  # the raw stream where the interpreter itself would write unbuffered
        encoding=encoding,
        errors=errors,
        line_buffering=line_buffering,
        write_through=write_through,
    )
    vars(raw)["name"], vars(writer)["mode"] = "<stdout>" if descriptor == 1 else "<stderr>", "w"
    return writer


def forget_controller() -> tuple[object, ...]:
    """Take the controller's packages, import hooks and exit handlers out of the way; return what was taken out.

    It is returned to be held: what is freed writes to memory that the fork shares with its parent, page by page.
    """
    # First: freeze what exists, so that no later collection runs a destructor of an object of the worker.
    gc.freeze()
    atexit._clear()
    taken = [sys.modules.pop(name, None) for name in _controller_modules()]
    importers = sys.path_importer_cache.copy()
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _is_ansible(finder)]
    sys.path_hooks[:] = [hook for hook in sys.path_hooks if not _is_ansible(hook)]
    sys.path_importer_cache.clear()
    script_directory = str(pathlib.Path(sys.argv[0]).resolve().parent) if sys.argv[0] else ""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", script_directory)]
    # A program read from standard input finds the current directory first.
    sys.path.insert(0, "")
    sys.argv[:] = [""]
    sys.orig_argv[:] = [sys.executable]
    return taken, importers


def _is_ansible(thing: object) -> bool:
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return module.partition(".")[0] == "ansible"


def reset_interpreter() -> None:
    """Undo what the controller set in the interpreter's own state: signals, logging, locale, temp names, limits."""
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.excepthook = sys.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__
    threading.current_thread().name = "MainThread"
    logging.root.handlers.clear()
    # Either makes each of boto3's hundreds of loggers forget what it has remembered.
    if logging.root.level != logging.WARNING:
        logging.root.setLevel(logging.WARNING)
    if logging.root.manager.disable != logging.NOTSET:
        logging.disable(logging.NOTSET)
    atexit.register(logging.shutdown)  # forgotten with the controller's exit handlers
    locale.setlocale(locale.LC_ALL, "C")
    with contextlib.suppress(locale.Error):
        locale.setlocale(locale.LC_CTYPE, "")
    tempfile.tempdir = None
    tempfile._name_sequence = None  # type: ignore[attr-defined]
    random.seed()
    sys.setrecursionlimit(sys.getrecursionlimit() + _depth())
    importlib.invalidate_caches()


def _depth() -> int:
    """How many frames of the worker lie below the program: they must not count against its recursion limit."""
    frame: types.FrameType | None = sys._getframe()
    depth = 0
    while frame:
        depth, frame = depth + 1, frame.f_back
    return depth


def enter(environment: Mapping[str, str], cwd: str | None) -> None:
    """Set the task's variables and directory, as ``cd cwd; sh -c 'NAME=value ... python'`` would."""
    if cwd is not None:
        os.chdir(cwd)
    os.environ.update(environment)
    if "PWD" not in environment and not _names_this_directory(os.environ.get("PWD", "")):
        os.environ["PWD"] = str(pathlib.Path.cwd())  # as a shell does if it inherits something else
    time.tzset()


def _names_this_directory(path: str) -> bool:
    try:
        return path.startswith("/") and pathlib.Path(path).samefile(".")
    except OSError:
        return False


def run_as_main(program: bytes) -> int:
    """Run Python source as ``__main__``, then what ends an interpreter: threads, exit handlers, flush.

    Returns what ``python - < program`` would exit with (0..255), or dies by SIGINT where Python does.
    """
    main = types.ModuleType("__main__")
    vars(main).update(__file__="<stdin>", __cached__=None)
    sys.modules["__main__"] = main
    code = 0
    interrupted = False
    try:
        exec(compile(program, "<stdin>", "exec", dont_inherit=True), main.__dict__)  # noqa: S102
    except SystemExit as end:
        code = _exit_code(end)
    except BaseException as error:
        _print_without_own_frame(error)
        code, interrupted = 1, isinstance(error, KeyboardInterrupt)
    code = _finish(code)
    if interrupted:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return code


def _exit_code(end: SystemExit) -> int:
    if end.code is None:
        return 0
    if isinstance(end.code, int):
        return end.code & 0xFF
    print(end.code, file=sys.stderr)
    return 1


def _print_without_own_frame(error: BaseException) -> None:
    traceback = error.__traceback__.tb_next if error.__traceback__ else None
    sys.excepthook(type(error), error.with_traceback(traceback), traceback)


def _finish(code: int) -> int:
    """What ``Py_FinalizeEx`` does that can be seen from outside."""
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads that are not daemons
    atexit._run_exitfuncs()
    # 120 is the interpreter's own code for output that could not be written.
    return 120 if _flush_fails(sys.stdout, told=True) or _flush_fails(sys.stderr, told=False) else code


def _flush_fails(stream: Any, *, told: bool) -> bool:
    """A module may have put anything, or nothing, in a stream's place. Of standard error nobody could be told."""
    if stream is None or getattr(stream, "closed", False):
        return False
    try:
        stream.flush()
    except Exception as error:
        if told:
            where = "on flushing sys.stdout:" if sys.version_info >= (3, 13) else f"in: {stream!r}"
            print(f"Exception ignored {where}\n{type(error).__name__}: {error}", file=sys.stderr)
        return True
    return False


def restore_warning_filters(filters: list[object]) -> None:
    """Use the warning filters of a process that has imported what this one has, without the controller's additions."""
    warnings.filters[:] = filters  # type: ignore[index]
