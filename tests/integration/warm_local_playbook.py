"""Run the same tasks over ``local`` and ``warm_local`` and get their results by task name."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from site_harness import FEW_SERVICES

ROOT = Path(__file__).resolve().parents[2]
ODD_MODULES = Path(__file__).parent / "warm_local_modules"

Results = dict[str, dict[str, Any]]

# What differs between two runs over the same connection too.
_VOLATILE_KEYS = {"start", "end", "delta", "ansible_job_id", "results_file", "atime", "ctime", "mtime"}
_VOLATILE_TEXT = (
    (re.compile(r"ansible_(\S+?)_payload_\w{8}"), r"ansible_\1_payload_X"),
    (re.compile(r"ansible-(?:tmp|moduletmp|local)-?[\w.-]*"), "ansible-tmp-X"),
    (re.compile(r"0x[0-9a-f]{6,}"), "0xX"),
    (re.compile(r"\bj\d{6,}\.\d+"), "jX"),
)


def run(tmp: Path, connection: str, tasks: list[dict[str, Any]], env: Mapping[str, str] = {}, **play: Any) -> Results:
    """Run ``tasks`` in one play over ``connection``; return each task's result by its name.

    ``tmp`` receives the playbook, so that both connections run in the same directory. ``play`` adds play keywords.
    A task that fails does not end the play.
    """
    (tmp / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "all", "gather_facts": False, "ignore_errors": True, **play, "tasks": tasks}])
    )
    (tmp / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"region": host_vars(connection)}}}))
    done = run_playbook(tmp, env)
    try:
        report = json.loads(done.stdout[done.stdout.index("{") :])
    except ValueError:
        raise AssertionError(done.stdout + done.stderr) from None
    ran = [(task["task"]["name"], task["hosts"]["region"]) for play in report["plays"] for task in play["tasks"]]
    assert len(ran) == len({name for name, _ in ran}) == len(tasks), "every task has a name and a result"
    return dict(ran)


def host_vars(connection: str) -> dict[str, str]:
    """The variables of a region host."""
    return {"ansible_connection": connection, "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


def run_playbook(tmp: Path, env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``tmp``/play.yml on ``tmp``/hosts.yml with the repository's plugins and the odd modules."""
    settings = {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_LIBRARY": str(ODD_MODULES),
        "ANSIBLE_NOCOLOR": "1",
        **FEW_SERVICES,
        "PYTHONDONTWRITEBYTECODE": "",  # both with the bytecode cache that Python keeps by default
        "WARM_LOCAL_TEST": "from the controller",
    }
    return subprocess.run(
        [
            str(Path(sys.executable).parent / "ansible-playbook"),
            "-i",
            f"{tmp}/hosts.yml",
            f"{tmp}/play.yml",
            *arguments,
        ],
        cwd=tmp.parent,  # not the playbook's directory: tasks have to be run in that one
        env={**os.environ, **settings, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def odd(how: str, name: str = "", **more: Any) -> dict[str, Any]:
    """A task that calls the module ``odd``; ``more`` are task keywords."""
    return {"name": name or how, "odd": {"how": how}, **more}


def stable(value: Any) -> Any:
    """``value`` without what differs between any two runs: times, random names, addresses."""
    if isinstance(value, dict):
        return {key: stable(item) for key, item in value.items() if key not in _VOLATILE_KEYS}
    if isinstance(value, list):
        return [stable(item) for item in value]
    if isinstance(value, str):
        for pattern, replacement in _VOLATILE_TEXT:
            value = pattern.sub(replacement, value)
    return value
