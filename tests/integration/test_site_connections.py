"""The whole of site.yml gives the same results over the warm connection as over ``local``."""

import pytest

from site_harness import task_results
from trading_platform.emulator.testing import EmulatorServer


@pytest.mark.e2e
def test_the_warm_connection_gives_the_results_of_local(empty: EmulatorServer) -> None:
    """Dry, on an empty account: every result is predicted, none holds an id that AWS makes up."""
    arguments = ("--check", "--diff")
    warm = task_results(empty, *arguments)
    local = task_results(empty, *arguments, "-e", "platform_warm_connection=false")
    assert sorted(warm) == sorted(local) == ["us-east-1", "us-west-2"]
    for host in warm:
        assert [task for task, _ in warm[host]] == [task for task, _ in local[host]]
        for one, other in zip(warm[host], local[host], strict=True):
            assert one == other
        assert len(warm[host]) > 40
