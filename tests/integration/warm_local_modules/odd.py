#!/usr/bin/python
"""A module that does, on request, what modules do not usually do. ``how`` names one of the functions below."""

import atexit
import locale
import logging
import multiprocessing.pool
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import warnings
from pathlib import Path

FILTERS_AT_START = [str(one) for one in warnings.filters if "urllib3" not in str(one)]
LOCALE_AT_START = [locale.setlocale(one) for one in (locale.LC_CTYPE, locale.LC_COLLATE, locale.LC_TIME)]

from ansible.module_utils import basic  # noqa: E402  # what precedes must see the process as it starts
from ansible.module_utils.basic import AnsibleModule  # noqa: E402

STATE = Path(tempfile.gettempdir()) / "warm_local_test"


def unicode(module):
    module.exit_json(text="grüße ☃ 😀 \ud800".encode("utf-8", "replace").decode(), changed=True)


def much_output(module):
    sys.stderr.write("e" * 300_000)
    sys.stderr.flush()
    module.exit_json(text="o" * 300_000)


def junk_around(module):
    print("before: not JSON")
    atexit.register(print, "after: not JSON either")
    module.exit_json(found=True)


def junk_only(module):
    print("no JSON at all")
    print("nor here", file=sys.stderr)
    sys.exit(7)


def fails(module):
    module.fail_json(msg="no: ünable", code=17)


def raises(module):
    raise ValueError("out of the blue")


def exits_hard(module):
    os.write(1, b'{"changed": false, "left": "by os._exit"}')
    os._exit(3)


def exits_silently(module):
    os._exit(0)


def exits_with_text(module):
    sys.exit("this text is no exit code")


def interrupted(module):
    raise KeyboardInterrupt


def killed(module):
    os.kill(os.getpid(), signal.SIGKILL)


def terminated(module):
    os.kill(os.getpid(), signal.SIGTERM)


def recurses(module):
    def down(depth):
        return down(depth - 1) if depth else 0

    down(900)
    module.exit_json(reached=True)


def changes_its_process(module):
    os.environ["WARM_LOCAL_LEFT_BEHIND"] = "x"
    os.umask(0o077)
    os.chdir("/")
    locale.setlocale(locale.LC_ALL, "C")
    logging.basicConfig(level=logging.DEBUG)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    random.seed(1)
    basic._ANSIBLE_ARGS = b"spoiled"
    basic.AnsibleModule = None
    sys.modules["json"] = None
    module.exit_json(done=True)


def tells_its_process(module):
    module.exit_json(
        cwd=str(Path.cwd()),
        pwd=os.environ.get("PWD"),
        environment={key: value for key, value in os.environ.items() if key.startswith("WARM_LOCAL")},
        tz=time.tzname,
        umask=os.umask(0),
        locale=LOCALE_AT_START,
        filters=FILTERS_AT_START,
        handlers=[str(one) for one in logging.root.handlers],
        level=logging.root.level,
        signals={one.name: str(signal.getsignal(one)) for one in signal.Signals},
        blocked=sorted(str(one) for one in signal.pthread_sigmask(signal.SIG_BLOCK, [])),
        descriptors=sorted(path.name for path in Path("/proc/self/fd").iterdir()),
        stdin=os.fstat(0).st_mode,
        streams=[str(one) for one in (sys.stdin, sys.stdout, sys.stderr)],
        flush=[sys.stdout.line_buffering, sys.stdout.write_through, sys.stderr.line_buffering],
        threads=[one.name for one in threading.enumerate()],
        process=multiprocessing.current_process().name,
        path=sys.path,
        argv=sys.argv,
        executable=sys.executable,
        name=__name__,
        file=__file__,
        spec=str(__spec__),
        basic=[basic.__file__, str(basic.__spec__), str(basic.__loader__), str(sys.modules["ansible"].__path__)],
        controller=[name for name in sys.modules if name.startswith("ansible.executor")],
        hooks=[type(one).__name__ for one in sys.path_hooks],
        excepthook=str(sys.excepthook),
        umask_of_file=oct(Path(tempfile.mkstemp()[1]).stat().st_mode),
        rlimits=str(__import__("resource").getrlimit(__import__("resource").RLIMIT_NOFILE)),
    )


def tells_command_line(module):
    line = Path("/proc/self/cmdline").read_bytes().split(b"\0")
    module.exit_json(forked=any(b"ansible-playbook" in word for word in line))


def tells_random(module):
    module.exit_json(random=random.random(), uuid=str(uuid.uuid4()), temporary=tempfile.mkstemp()[1])


def reads_stdin(module):
    module.exit_json(read=sys.stdin.read(), raw=os.read(0, 10).decode())


def leaves_threads(module):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    threading.Thread(target=lambda: (time.sleep(0.3), STATE.write_text("finished"))).start()
    module.exit_json(started=True)


def tells_thread(module):
    module.exit_json(thread=STATE.read_text())


def leaves_a_child_with_stdout(module):
    subprocess.Popen(["sh", "-c", "sleep 1; echo late >&2; touch " + str(STATE) + ".late"])
    module.exit_json(started=True)


def tells_child(module):
    module.exit_json(ended=Path(f"{STATE}.late").exists())


def runs_commands(module):
    rc, out, err = module.run_command(
        "echo $WARM_LOCAL_TEST; pwd; ls /proc/self/fd; cat; exit 5", use_unsafe_shell=True
    )
    with multiprocessing.pool.Pool(2) as pool:
        squares = pool.map(abs, [-1, 2])
    module.exit_json(code=rc, out=out, err=err, squares=squares)


def uses_tmpdir(module):
    Path(module.tmpdir, "left").write_text("x")
    STATE.write_text(module.tmpdir)
    module.exit_json(mode=oct(Path(module.tmpdir).stat().st_mode))


def tells_tmpdir(module):
    module.exit_json(exists=Path(STATE.read_text()).exists())


def warns(module):
    module.warn("mind the gap")
    module.deprecate("old hat", version="9.9.9", collection_name="community.general")
    module.deprecate("older hat", date="2099-01-01")
    warnings.warn("a Python warning", stacklevel=1)
    module.exit_json(warned=True)


def shows_diff(module):
    module.exit_json(changed=True, checked=module.check_mode, diff=[{"before": "a\n", "after": "b\n"}] * module._diff)


def sleeps(module):
    STATE.with_suffix(".pids").write_text(str(os.getpid()))
    child = subprocess.Popen(["sleep", "60"])
    STATE.with_suffix(".pids").write_text(f"{os.getpid()} {child.pid}")
    time.sleep(60)


def main():
    module = AnsibleModule(
        argument_spec={"how": {"type": "str", "required": True}, "secret": {"type": "str", "no_log": True}},
        supports_check_mode=True,
    )
    globals()[module.params["how"]](module)
    module.exit_json()


if __name__ == "__main__":
    main()
