"""The same odd tasks over ``local`` and ``warm_local``: results are compared task by task, then looked at."""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from warm_local_playbook import ODD_MODULES, Results, odd, run, run_playbook, stable

# Together, as they share the runs whose results they compare.
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("warm_local")]

# The interpreter outside of the virtual environment: the same program, but other libraries.
OUTSIDE = str(Path(sys.executable).resolve())

TASKS: list[dict[str, Any]] = [
    odd("unicode"),
    odd("much_output"),
    odd("junk_around"),
    odd("junk_only"),
    odd("fails"),
    odd("raises"),
    odd("exits_hard"),
    odd("exits_silently"),
    odd("exits_with_text"),
    odd("interrupted"),
    odd("killed"),
    odd("terminated"),
    odd("recurses"),
    odd("tells_its_process"),
    odd("changes_its_process"),
    odd("tells_its_process", "after one that changed its process"),
    odd("tells_its_process", "with variables", environment={"WARM_LOCAL_A": "a b'c \"ü\n$HOME", "WARM_LOCAL_TEST": ""}),
    odd("tells_its_process", "in another time zone", environment={"TZ": "Asia/Tokyo"}),
    odd("tells_its_process", "in another locale", environment={"LC_ALL": "C"}),
    odd("tells_command_line", "in a fork"),
    odd("tells_command_line", "not in a fork: PYTHONHASHSEED", environment={"PYTHONHASHSEED": "1"}),
    odd("tells_command_line", "not in a fork: HOME", environment={"HOME": "/"}),
    odd("tells_command_line", "not in a fork: interpreter", vars={"ansible_python_interpreter": OUTSIDE}),
    odd("tells_command_line", "not in a fork: async", **{"async": 30, "poll": 1}),
    odd("tells_random", "random 1"),
    odd("tells_random", "random 2"),
    odd("reads_stdin"),
    odd("leaves_threads"),
    odd("tells_thread"),
    odd("leaves_a_child_with_stdout"),
    odd("tells_child"),
    odd("runs_commands"),
    odd("uses_tmpdir"),
    odd("tells_tmpdir"),
    odd("warns"),
    odd("shows_diff", check_mode=True, diff=True),
    odd("unicode", "hidden", no_log=True),
    {"name": "hidden argument", "odd": {"how": "unicode", "secret": "grüße"}},
    {"name": "no such argument", "odd": {"how": "unicode", "wrong": 1}},
    {"name": "wrong syntax", "wrong_syntax": {}},
    {"name": "wrong import", "wrong_import": {}},
    {"name": "old shell", "old_shell": {"how": "x"}},
    {"name": "command", "command": "sh -c 'echo out; echo err >&2; pwd; exit 3'"},
    {"name": "command with stdin", "command": {"cmd": "cat", "stdin": "grüße"}},
    {"name": "shell", "shell": "echo $WARM_LOCAL_TEST $0; umask"},
    {"name": "raw", "raw": "echo $WARM_LOCAL_TEST; pwd; exit 4"},
    {"name": "copy", "copy": {"content": "grüße\n", "dest": "copied.txt", "mode": "0640"}, "diff": True},
    {"name": "copy again", "copy": {"content": "grüße\n", "dest": "copied.txt", "mode": "0640"}},
    {"name": "stat", "stat": {"path": "copied.txt"}},
    {"name": "remove", "file": {"path": "copied.txt", "state": "absent"}},
    {"name": "facts", "setup": {"gather_subset": ["!all", "!min", "python"]}},
]
# Told apart below: random by nature, a fork on purpose, or a traceback that shows the file a module was sent in.
DIFFERENT = {"random 1", "random 2", "in a fork", "interrupted"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("warm_local")


def _environment(directory: Path) -> dict[str, str]:
    """An empty directory for temporary files, another for Ansible's, and two modules that can't even start."""
    for name in ("scratch", "remote", "library"):
        shutil.rmtree(directory / name, ignore_errors=True)
        (directory / name).mkdir()
    start = "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n"
    (directory / "library" / "wrong_syntax.py").write_text(f"{start}this is no Python\n")
    (directory / "library" / "wrong_import.py").write_text(f"{start}import no_such_library\n")
    return {
        "TMPDIR": str(directory / "scratch"),
        "ANSIBLE_REMOTE_TMP": str(directory / "remote"),
        "ANSIBLE_LIBRARY": f"{ODD_MODULES}:{directory / 'library'}",
    }


def _left_behind(directory: Path) -> list[str]:
    return sorted(stable(path.name) for name in ("scratch", "remote") for path in (directory / name).glob("ansible*"))


@pytest.fixture(scope="module")
def local_and_left(directory: Path) -> tuple[Results, list[str]]:
    return run(directory, "local", TASKS, _environment(directory)), _left_behind(directory)


@pytest.fixture(scope="module")
def warm_and_left(directory: Path, local_and_left: object) -> tuple[Results, list[str]]:
    """After ``local``: both use the same directories."""
    return run(directory, "warm_local", TASKS, _environment(directory)), _left_behind(directory)


@pytest.fixture(scope="module")
def local(local_and_left: tuple[Results, list[str]]) -> Results:
    return local_and_left[0]


@pytest.fixture(scope="module")
def warm(warm_and_left: tuple[Results, list[str]]) -> Results:
    return warm_and_left[0]


def _comparable(result: dict[str, Any]) -> Any:
    result = stable(result)
    if isinstance(result.get("inode"), int):
        del result["inode"]
    if "stat" in result:
        del result["stat"]["inode"], result["stat"]["version"]
    return result


@pytest.mark.parametrize("name", [task["name"] for task in TASKS if task["name"] not in DIFFERENT])
def test_result_is_the_same(name: str, local: Results, warm: Results) -> None:
    assert _comparable(warm[name]) == _comparable(local[name])


def test_only_what_can_runs_in_a_fork(warm: Results, local: Results) -> None:
    assert warm["in a fork"]["forked"] is True
    assert local["in a fork"]["forked"] is False
    assert not any(warm[name]["forked"] for name in warm if name.startswith("not in a fork"))


def test_an_interrupt_shows_its_traceback_and_ends_by_the_signal(warm: Results, local: Results) -> None:
    ours, stock = warm["interrupted"], local["interrupted"]
    assert (ours["rc"], ours["msg"]) == (stock["rc"], stock["msg"])
    assert stable(ours["module_stderr"]).splitlines()[-3:] == stable(stock["module_stderr"]).splitlines()[-3:]


def test_random_numbers_and_names_differ_between_tasks(warm: Results) -> None:
    for key in ("random", "uuid", "temporary"):
        assert warm["random 1"][key] != warm["random 2"][key]


def test_no_more_is_left_behind_than_with_local(
    local_and_left: tuple[Results, list[str]], warm_and_left: tuple[Results, list[str]]
) -> None:
    """Modules that die by a signal or os._exit leave their payload; all others leave nothing."""
    left = local_and_left[1]
    assert warm_and_left[1] == left
    assert 0 < len(left) <= 4


def test_a_timeout_ends_the_module_and_what_it_started(directory: Path) -> None:
    environment = _environment(directory)
    result = run(directory, "warm_local", [odd("sleeps", timeout=2)], environment)["sleeps"]
    assert result["failed"] and result["timedout"]["period"] == 2
    pids = [int(pid) for pid in (directory / "scratch" / "warm_local_test.pids").read_text().split()]
    deadline = time.monotonic() + 5
    while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(pids) == 2 and not any(_alive(pid) for pid in pids)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("connection", ["local", "warm_local"])
def test_become_works(directory: Path, connection: str) -> None:
    become = {"become": True, "become_method": "su", "become_user": "root", "become_flags": "-s /bin/sh"}
    environment = {"ANSIBLE_BECOME_ALLOW_SAME_USER": "1"}
    tasks = [odd("tells_command_line", **become), {"name": "id", "command": "id -u", **become}]
    results = run(directory, connection, tasks, environment)
    if os.getuid() == 0:
        assert results["tells_command_line"]["forked"] is False
        assert results["id"]["stdout"] == "0"
    else:  # su asks for a password that nobody gives: both say so, neither hangs
        assert results["id"]["failed"]


@pytest.mark.parametrize("connection", ["local", "warm_local"])
def test_own_module_utils_win(directory: Path, connection: str) -> None:
    """A file that replaces one of ansible-core's must reach the module, and the core's modules that import it."""
    utilities = directory / "module_utils" / "common"
    utilities.mkdir(parents=True, exist_ok=True)
    (utilities / "process.py").write_text("def get_bin_path(*a, **k):\n    return '/own/path'\n")
    modules = directory / "library"
    modules.mkdir(exist_ok=True)
    (modules / "asks_path.py").write_text(
        "from ansible.module_utils.basic import AnsibleModule\n"
        "m = AnsibleModule({})\n"
        "m.exit_json(path=m.get_bin_path('sh'))\n"
    )
    environment = {"ANSIBLE_MODULE_UTILS": str(utilities.parent), "ANSIBLE_LIBRARY": str(modules)}
    assert run(directory, connection, [{"name": "ask", "asks_path": {}}], environment)["ask"]["path"] == "/own/path"


def test_tracebacks_and_kept_files_are_as_with_local(directory: Path) -> None:
    environment = {**_environment(directory), "ANSIBLE_DISPLAY_TRACEBACK": "always", "ANSIBLE_KEEP_REMOTE_FILES": "1"}
    tasks = [odd("warns"), odd("raises"), odd("tells_command_line")]
    stock = run(directory, "local", tasks, environment)
    kept = len(list((directory / "remote").glob("*/AnsiballZ_*")))
    results = run(directory, "warm_local", tasks, environment)
    assert stable(results) == stable(stock)
    assert kept == 3 and len(list((directory / "remote").glob("*/AnsiballZ_*"))) == 6


def test_syntax_check_starts_nothing(directory: Path) -> None:
    done = run_playbook(directory, {"ANSIBLE_STDOUT_CALLBACK": "default"}, "--syntax-check")
    assert (done.returncode, done.stderr) == (0, "")
