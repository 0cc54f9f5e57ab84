"""The linters of YAML, as `make lint` runs them: 40 s on one core, which the other tests need not wait for.

None is run again while make sees that nothing it reads has changed since it last passed.
"""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a make around this test says to its own makes is not for this one.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


@pytest.mark.slow
@pytest.mark.parametrize("target", ["lint-ansible", "lint-yaml"])
def test_linters_find_nothing(target: str) -> None:
    result = subprocess.run(
        ["make", "-s", target], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
