"""Run the real playbooks with the real inventories as a user does, and see what came of it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trading_platform.emulator.testing import EmulatorServer

ROOT = Path(__file__).resolve().parents[1]
PRODUCTION_ACCOUNT = "111122223333"
NO_CHANGE = {"us-east-1": 0, "us-west-2": 0}
# The longest, site.yml over ``local``, takes five minutes alone, several times that beside others on a slow machine.
HANGS_AFTER_SECONDS = 1800
# For runs that come to few AWS tasks: warm_local reads the models of 29 services before the first, for half a second.
FEW_SERVICES = {"ANSIBLE_WARM_LOCAL_SERVICES": "ec2,iam,rds,s3,service-quotas,sts"}
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One finished run of ansible-playbook."""

    exit_code: int
    output: str

    @property
    def changed(self) -> dict[str, int]:
        """Number of changed tasks by host, from the recap."""
        return {host: int(changed) for host, _, changed, _, _ in RECAP.findall(self.output)}

    @property
    def failed(self) -> dict[str, int]:
        """Number of failed and unreachable tasks by host, from the recap."""
        return {host: int(failed) + int(lost) for host, _, _, lost, failed in RECAP.findall(self.output)}

    def changed_tasks(self) -> list[str]:
        """Names of the tasks that reported a change, in order, once each."""
        names: list[str] = []
        current = ""
        for line in self.output.splitlines():
            if match := re.match(r"TASK \[(.*?)\] \*", line):
                current = match.group(1)
            elif line.startswith("changed: ") and current not in names:
                names.append(current)
        return names


def _command(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).parent / "ansible-playbook"), *arguments]


def environment(emulator: EmulatorServer, **more: str) -> dict[str, str]:
    """The environment in which a playbook talks to this emulator."""
    return {**emulator.env, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", **more}


def run_site(emulator: EmulatorServer, *arguments: str, inventory: str = "inventories/production", **env: str) -> Run:
    """Run playbooks/site.yml to its end."""
    return run_playbook(emulator, "playbooks/site.yml", *arguments, inventory=inventory, **env)


def run_playbook(
    emulator: EmulatorServer, playbook: str, *arguments: str, inventory: str = "inventories/production", **env: str
) -> Run:
    """Run a playbook to its end."""
    result = subprocess.run(
        _command(playbook, "-i", inventory, *arguments),
        cwd=ROOT,
        env=environment(emulator, **env),
        capture_output=True,
        text=True,
        timeout=HANGS_AFTER_SECONDS,
        check=False,
    )
    return Run(result.returncode, result.stdout + result.stderr)


def run_playbook_until(emulator: EmulatorServer, playbook: str, reached: Callable[[], bool], *arguments: str) -> bool:
    """Run a playbook on production and kill it, with all it started, as soon as ``reached`` is true.

    False when it came to its end before.
    """
    with subprocess.Popen(
        _command(playbook, "-i", "inventories/production", *arguments),
        cwd=ROOT,
        env=environment(emulator),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        while not reached():
            if process.poll() is not None:
                return False
            time.sleep(0.02)
        # Workers have sessions of their own, so the group is not enough.
        for child in [process.pid, *_descendants(process.pid)]:
            _kill(child)
        process.wait()
    return True


def kill_site_after(emulator: EmulatorServer, writes: int) -> bool:
    """Start site.yml and kill it after so many changing calls; False when it came to its end before."""
    emulator.forget_calls()
    return run_playbook_until(emulator, "playbooks/site.yml", lambda: sum(emulator.calls().values()) >= writes)


def _descendants(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in listing.splitlines())}
    found = [pid]
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found[1:]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def task_results(emulator: EmulatorServer, *arguments: str) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Run site.yml and give (task, result) of each task of each host, as the JSON callback reports them.

    By host, as only the order within a host is fixed: where hosts include different files, Ansible first runs the file
    whose include came back first.
    """
    run = run_site(emulator, *arguments, ANSIBLE_STDOUT_CALLBACK="ansible.posix.json")
    assert run.exit_code == 0, run.output[-3000:]
    document, _ = json.JSONDecoder().raw_decode(run.output, run.output.index('{\n    "custom_stats"'))
    results: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for play in document["plays"]:
        for task in play["tasks"]:
            for host, result in task["hosts"].items():
                # Which connection was used is no part of a result.
                shown = {key: value for key, value in result.items() if key != "_ansible_delegated_vars"}
                results.setdefault(host, []).append((task["task"]["name"], shown))
    return results
