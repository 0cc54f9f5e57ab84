"""A fork that runs a program must be indistinguishable from ``python < program``, as far as the program can tell."""

import json
import shlex
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest

# Each case runs in a process of its own: pytest itself has threads and much state.
_HARNESS = """
import json, sys
from pathlib import Path
from trading_platform.warm import fork
program, environment, cwd = json.loads(Path(sys.argv[1]).read_text())
{before}
code, out, err = fork.run(program.encode(), environment, cwd, lambda: None)
print(json.dumps([code, out.decode(), err.decode()]))
"""


def _run(tmp_path: Path, program: str, before: str = "", cwd: str | None = None, **environment: str) -> list[Any]:
    request = tmp_path / "request.json"
    request.write_text(json.dumps([textwrap.dedent(program), environment, cwd]))
    harness = tmp_path / "harness.py"
    harness.write_text(_HARNESS.format(before=before))
    done = subprocess.run(
        [sys.executable, str(harness), str(request)], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stderr == "", "a fork must be silent, without warnings about threads"
    result: list[Any] = json.loads(done.stdout)
    return result


def _stock(program: str) -> list[Any]:
    done = subprocess.run(
        [sys.executable], input=textwrap.dedent(program), capture_output=True, text=True, check=False, timeout=30
    )
    return [done.returncode, done.stdout, done.stderr]


@pytest.mark.parametrize(
    "program",
    [
        "print('grüße')",
        "import sys; sys.exit(3)",
        "import sys; sys.exit(-1)",
        "import sys; sys.exit(True)",
        "import sys; sys.exit(None)",
        "import sys; sys.exit('text')",
        "raise SystemExit(256)",
        "1 / 0",
        "def f():\n    raise ValueError('x') from KeyError('y')\nf()",
        "this is no Python",
        "import os; os._exit(9)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "raise KeyboardInterrupt",
        "import atexit; atexit.register(print, 'later'); print('now')",
        "import atexit; atexit.register(lambda: 1 / 0)",
        "import threading, time; threading.Thread(target=lambda: (time.sleep(.2), print('end'))).start()",
        "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        "import sys; print(repr(sys.stdin.read()))",
        "import sys; sys.stdout.write('o' * 200000); sys.stderr.write('e' * 200000)",
        "import sys; print(sys.argv, sys.orig_argv, __name__, '__file__' in globals(), sys.path)",
        "import os, sys; os.close(1); sys.stdout = None",
        "import os; print('lost'); os.close(1)",
        "import sys; sys.excepthook = lambda *a: print('hook', a[0]); 1 / 0",
        "import logging; logging.warning('w'); logging.info('i')",
        "import warnings; warnings.warn('w')",
        "import warnings; warnings.warn('w', DeprecationWarning)",
        "import signal; print([str(signal.getsignal(s)) for s in signal.Signals])",
        "import locale; print([locale.setlocale(c) for c in (locale.LC_CTYPE, locale.LC_COLLATE, locale.LC_NUMERIC)])",
        "import os; print(sorted(os.listdir('/proc/self/fd')))",
        "import multiprocessing as m; print(m.current_process().name, m.parent_process())",
        "from multiprocessing.pool import Pool\nwith Pool(2) as p: print(p.map(abs, [-1, 2]))",
        "import sys; print(sys.stdin, sys.stdout, sys.stderr, sys.__stdout__ is sys.stdout)",
    ],
)
def test_same_as_an_interpreter_of_its_own(tmp_path: Path, program: str) -> None:
    code, out, err = _run(tmp_path, program)
    stock_code, stock_out, stock_err = _stock(program)
    assert (code, out) == (stock_code, stock_out)
    # Python 3.13 prints the memory address of a failing exit handler.
    assert _without_addresses(err) == _without_addresses(stock_err)


def _without_addresses(text: str) -> list[str]:
    return [line.partition(" at 0x")[0] for line in text.splitlines()]


def test_nothing_of_the_parents_state_is_seen(tmp_path: Path) -> None:
    before = """
import atexit, locale, logging, os, signal, tempfile, warnings
atexit.register(Path(sys.argv[1]).unlink)
locale.setlocale(locale.LC_ALL, "C.UTF-8")
logging.basicConfig(level=logging.DEBUG)
logging.disable(logging.CRITICAL)
signal.signal(signal.SIGTERM, lambda *_: None)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
tempfile.tempdir = "/nowhere"
sys.excepthook = None
keep_open = open("/dev/null")
"""
    program = """
        import locale, logging, os, signal, sys, tempfile
        print(locale.setlocale(locale.LC_NUMERIC), logging.root.handlers, logging.root.manager.disable)
        print(signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGUSR1), tempfile.gettempdir())
        print(sorted(os.listdir('/proc/self/fd')))
    """
    code, out, err = _run(tmp_path, program, before, TMPDIR=str(tmp_path))
    # An ignored signal stays ignored over exec, so it does here.
    assert out.splitlines() == ["C [] 0", f"0 1 {tmp_path}", "['0', '1', '2', '3']"]
    assert (code, err) == (0, "")
    # Run by the parent, whose handler it is; had the fork run it too, the parent's would have failed.
    assert not (tmp_path / "request.json").exists()


def test_environment_and_directory(tmp_path: Path) -> None:
    program = "import os, time; print(os.getcwd(), os.environ['PWD'], os.environ['A'], time.tzname[0])"
    _, out, _ = _run(tmp_path, program, cwd=str(tmp_path), A="b c", TZ="XYZ-3")
    assert out == f"{tmp_path} {tmp_path} b c XYZ\n"


def test_waits_for_everyone_who_holds_the_output(tmp_path: Path) -> None:
    program = "import subprocess; subprocess.Popen(['sh', '-c', 'sleep 0.5; echo late'])"
    assert _run(tmp_path, program)[1] == "late\n"


def test_interrupted_waiting_ends_the_child_and_its_children(tmp_path: Path) -> None:
    before = """
import os, signal
class Late(BaseException): pass
def late(*_): raise Late
os.setpgid(0, 0)  # as ansible-core does with its workers
signal.signal(signal.SIGALRM, late)
signal.alarm(1)
run = fork.run
def guarded(*arguments):
    try:
        return run(*arguments)
    except Late:
        return (os.waitstatus_to_exitcode(0), str(len(os.listdir("/proc/self/fd"))).encode(), b"late")
fork.run = guarded
"""
    program = f"""
        import os, signal, subprocess, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "60"])
        open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
        time.sleep(60)
    """
    started = time.monotonic()
    assert _run(tmp_path, program, before)[2] == "late"
    assert time.monotonic() - started < 10
    for pid in (tmp_path / "pids").read_text().split():
        state = Path(f"/proc/{pid}/stat")
        assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_no_fork_beside_another_thread() -> None:
    from trading_platform.warm import fork

    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    try:
        assert fork.can_fork() is False
    finally:
        release.set()
        thread.join()


@pytest.mark.parametrize("number", [2, 9, 15])
def test_death_by_a_signal_is_reported_as_the_shell_does(number: int) -> None:
    from trading_platform.warm import fork

    program = f"import os; os.kill(os.getpid(), {number})"
    python = shlex.quote(shlex.quote(sys.executable))  # once for each shell
    stock = subprocess.run(
        ["/bin/sh", "-c", f"/bin/sh -c {python}"], input=program.encode(), capture_output=True, check=False
    )
    code, message = fork.as_reported_by("/bin/sh", number)
    assert code == stock.returncode
    assert stock.stderr.endswith(message)
