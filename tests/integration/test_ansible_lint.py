"""ansible-lint, as `make lint` runs it: half a minute on one core, which the other tests need not wait for."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a make around this test says to its own makes is not for this one.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


@pytest.mark.slow
def test_ansible_lint_finds_nothing() -> None:
    result = subprocess.run(
        ["make", "-s", "lint-ansible"], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
