"""Every role's molecule scenario: check on nothing, converge, converge again, and the AWS API asked by boto3."""

import subprocess
import sys
from pathlib import Path

import pytest

from site_harness import HANGS_AFTER_SECONDS, PRODUCTION_ACCOUNT, ROOT
from trading_platform.emulator.testing import emulator_server

ROLES = sorted(path.parents[2].name for path in ROOT.glob("roles/*/molecule/default/molecule.yml"))


def test_every_role_has_a_scenario() -> None:
    assert sorted(path.name for path in (ROOT / "roles").iterdir()) == ROLES


@pytest.mark.e2e
@pytest.mark.parametrize("role", ROLES)
def test_role(role: str, tmp_path: Path) -> None:
    with emulator_server(PRODUCTION_ACCOUNT) as emulator:
        binaries = Path(sys.executable).parent
        result = subprocess.run(
            [str(binaries / "molecule"), "test"],
            cwd=ROOT / "roles" / role,
            env={
                **emulator.env,
                "NO_COLOR": "1",
                "PATH": f"{binaries}:{emulator.env['PATH']}",
                # Of its own, so that several can run side by side.
                "MOLECULE_EPHEMERAL_DIRECTORY": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=HANGS_AFTER_SECONDS,
            check=False,
        )
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]
