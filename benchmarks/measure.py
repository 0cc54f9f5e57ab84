"""How long a command takes, and how much of the CPU all its processes use."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PRODUCTION_ACCOUNT = "111122223333"
SITE = (str(Path(sys.executable).parent / "ansible-playbook"), "playbooks/site.yml", "-i", "inventories/production")


class Measured(NamedTuple):
    """One finished command: seconds on the clock, seconds of CPU of it and all it started, and what it printed."""

    wall: float
    cpu: float
    output: str


def timed(command: Sequence[str], directory: Path, env: Mapping[str, str]) -> Measured:
    """Run a command to its end. Raises AssertionError with its output if it fails."""
    before, started = os.times(), time.monotonic()
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - started, os.times()
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(wall, cpu, done.stdout)


def site(env: Mapping[str, str], *arguments: str) -> Measured:
    """Run site.yml on production, with Python's bytecode cache, which is on unless switched off."""
    return timed(
        [*SITE, *arguments], ROOT, {**env, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "PYTHONDONTWRITEBYTECODE": ""}
    )


def medians(rounds: Sequence[Measured]) -> tuple[float, float]:
    """Median wall and median CPU seconds."""
    return statistics.median(one.wall for one in rounds), statistics.median(one.cpu for one in rounds)
