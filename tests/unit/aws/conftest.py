"""The embedded AWS as the module under test sees it: through this process's environment."""

import os

import pytest

from trading_platform.aws import elasticache_auth_token
from trading_platform.emulator import environment
from trading_platform.emulator.testing import EmulatorServer


@pytest.fixture
def aws(emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> EmulatorServer:
    """An empty embedded AWS that every AWS client of this process talks to, in us-east-1 unless told otherwise."""
    for name in environment.removed(os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setattr(elasticache_auth_token, "COST", 2)
    for name, value in environment.variables(emulator.endpoint, os.environ).items():
        monkeypatch.setenv(name, value)
    return emulator
