"""The estate of production, built once for all tests of this folder by site.yml as a user runs it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from estate import Estate

from trading_platform.emulator import process
from trading_platform.emulator.testing import EmulatorServer, emulator_server

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
from site_harness import PRODUCTION_ACCOUNT, run_site

# Run directory of an emulator that has the estate already, to try readers without building it each time.
BUILT = "CONFORMANCE_RUN_DIR"


@pytest.fixture(scope="session")
def estate() -> Iterator[Estate]:
    """Both regions, as site.yml leaves them."""
    if directory := os.environ.get(BUILT):
        running = process.read(Path(directory))
        assert running, f"no emulator runs in {directory}"
        yield Estate(EmulatorServer(running))
        return
    with emulator_server(PRODUCTION_ACCOUNT) as server:
        run = run_site(server)
        assert run.exit_code == 0, run.output[-3000:]
        yield Estate(server)
