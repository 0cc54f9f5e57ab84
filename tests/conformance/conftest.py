"""The estate of production, built once for all tests that read it by site.yml as a user runs it."""

import os
from pathlib import Path

import pytest
from estate import Estate

from trading_platform.emulator import process
from trading_platform.emulator.testing import EmulatorServer

# Run directory of an emulator that has the estate already, to try readers without building it each time.
BUILT = "CONFORMANCE_RUN_DIR"


@pytest.fixture(scope="session")
def estate(request: pytest.FixtureRequest) -> Estate:
    """Both regions, as site.yml leaves them."""
    directory = os.environ.get(BUILT)
    if not directory:
        return Estate(request.getfixturevalue("production"))
    running = process.read(Path(directory))
    assert running, f"no emulator runs in {directory}"
    return Estate(EmulatorServer(running))
