"""Slow resources take their time only when asked to."""

import pytest

from trading_platform.emulator import delays
from trading_platform.emulator.testing import EmulatorServer


def test_everything_is_ready_at_once_by_default() -> None:
    delays.reset()
    assert delays.ready("rds", delays.now())


def test_a_kind_that_was_asked_to_wait_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(delays.time, "monotonic", lambda: clock[0])
    delays.change({"rds": 3.0})
    try:
        assert not delays.ready("rds", 100.0)
        assert delays.ready("nat_gateway", 100.0)
        clock[0] = 103.0
        assert delays.ready("rds", 100.0)
    finally:
        delays.reset()


def test_an_unknown_kind_is_refused_by_name(emulator: EmulatorServer) -> None:
    with pytest.raises(OSError, match=r"400 .*no delay for lunch"):
        emulator.delay(lunch=1.0)
    emulator.delay(rds=0.0)
