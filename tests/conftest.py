"""Fixtures every suite may use."""

import os
from collections.abc import Iterator

import pytest

from progress import Progress
from trading_platform.emulator.testing import EmulatorServer, emulator_server

# A stray profile or an instance's credentials must never reach a test.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


def pytest_configure(config: pytest.Config) -> None:
    """Keep a word coming during long tests; only where the results are printed, not in every xdist worker."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress())


@pytest.fixture(scope="session")
def emulator_process() -> Iterator[EmulatorServer]:
    """The server behind ``emulator``: one per test session, and so one per pytest-xdist worker."""
    with emulator_server() as server:
        yield server


@pytest.fixture
def emulator(emulator_process: EmulatorServer) -> EmulatorServer:
    """An empty embedded AWS of this test's own: the session's server, emptied before the test.

    It has ``endpoint``, ``account_id``, ``client(service, region="us-east-1")``, ``env`` (for subprocesses),
    ``calls()`` (changing calls by action), ``forget_calls()`` and ``reset()``. A test that needs another account
    or a second server uses ``trading_platform.emulator.testing.emulator_server`` itself.
    """
    emulator_process.reset()
    return emulator_process
