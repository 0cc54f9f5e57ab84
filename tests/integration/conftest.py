"""Embedded AWS accounts for whole runs of site.yml."""

from collections.abc import Iterator

import pytest

from site_harness import PRODUCTION_ACCOUNT
from trading_platform.emulator.testing import EmulatorServer, emulator_server


@pytest.fixture(scope="module")
def production_server() -> Iterator[EmulatorServer]:
    """An embedded AWS with the account of the production inventory, kept for the tests of one file."""
    with emulator_server(PRODUCTION_ACCOUNT) as running:
        yield running


@pytest.fixture
def empty(production_server: EmulatorServer) -> EmulatorServer:
    """The account of production with nothing in it."""
    production_server.reset()
    return production_server
