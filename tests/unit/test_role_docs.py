"""The READMEs of the roles say what their argument specs say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_role_readmes_are_written_from_the_argument_specs() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "scripts/role_readmes.py", "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout
