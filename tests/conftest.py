"""Fixtures every suite may use."""

import gc
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from progress import Progress
from site_harness import NO_CHANGE, PRODUCTION_ACCOUNT, kill_site_after, run_site
from trading_platform import inventory
from trading_platform.emulator.testing import EmulatorServer, emulator_server

# A stray profile or an instance's credentials must never reach a test.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
# Helm and kubeconform live for a tenth of a second to five: collecting their garbage is a third of that.
os.environ.setdefault("GOGC", "off")
os.environ.setdefault("GOMEMLIMIT", "1GiB")
# A shell's background jobs ignore Ctrl-C, and so would what tests start and then interrupt: they would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Keep a word coming during long tests; only where the results are printed, not in every xdist worker."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress())
    if config.getoption("numprocesses", None):
        gc.enable()  # with workers to do it, this process collects no tests


# First: where pytest loads this file early, xdist would otherwise read the groups before they are here.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every test a group, which stays in one pytest-xdist worker.

    That of a file, as its tests share fixtures; one of all that read the built estate; and of a long test its own.
    What takes longest is begun first, or the last worker would be at it when the others have long ended.
    """
    groups: dict[pytest.Item, str] = {}
    slow: set[str] = set()
    for item in items:
        if item.get_closest_marker("xdist_group"):
            continue
        # Elsewhere, fixtures of these names are something else.
        builds = item.nodeid.startswith(("tests/conformance/", "tests/integration/"))
        shared = builds and {"production", "estate"} & set(getattr(item, "fixturenames", ()))
        alone = item.get_closest_marker("e2e") is not None
        group = item.nodeid if alone else "the estate" if shared else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(group))
        groups[item] = group
        if item.get_closest_marker("slow"):
            slow.add(group)
    first = ["the estate", *sorted(slow - {"the estate"})]
    items.sort(key=lambda item: first.index(groups[item]) if groups.get(item) in first else len(first))


# What is imported and collected is half a million objects, in which no garbage is: nobody looks for it there.
gc.disable()


def pytest_collection_finish() -> None:
    """Leave alone what there is by now, and look for garbage from now on."""
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    gc.enable()


def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """Stop where the groups are not kept: xdist says nothing, and each worker would build the estate anew."""
    if node.config.option.dist == "loadgroup" and not all("@" in one for one in ids):
        pytest.exit("pytest-xdist does not keep groups together with this pytest (its issue 1386)", returncode=4)


@pytest.fixture(scope="session", autouse=True)
def inventories_are_listed_once() -> Iterator[None]:
    """Keep what ansible-inventory says of the repository's own inventories, which takes it a second each time."""
    ask, kept = inventory._listed, dict[str, str]()
    root = Path(__file__).resolve().parents[1]

    def listed(directory: str | Path) -> dict[str, Any]:
        name = str(directory).removeprefix(f"{root}/")
        if name not in ("inventories/production", "inventories/staging"):
            return ask(directory)
        if name not in kept:
            kept[name] = json.dumps(ask(directory))
        found: dict[str, Any] = json.loads(kept[name])
        return found

    with mock.patch.object(inventory, "_listed", listed):
        yield


@pytest.fixture(scope="session")
def production() -> Iterator[EmulatorServer]:
    """The estate of production as site.yml builds it, after a dry run that changed nothing and a run that was killed.

    Read-only for the tests of the session: whoever changes it repairs it.
    """
    with emulator_server(PRODUCTION_ACCOUNT) as server:
        check = run_site(server, "--check", "--diff")
        assert check.exit_code == 0, check.output[-3000:]
        assert check.failed == NO_CHANGE
        assert all(changed > 15 for changed in check.changed.values()), check.changed
        assert server.calls() == {}, "the dry run on an empty account wrote something"
        # Preflight asked in both regions, and the account has room.
        asked = server.reading_calls()
        assert (asked["rds.DescribeDBEngineVersions"], asked["service-quotas.GetServiceQuota"]) == (2, 2 * 7)
        assert "Look at:" not in check.output
        assert kill_site_after(server, 130), "the run ended before it was to be killed, among the gateways"
        run = run_site(server)
        assert run.exit_code == 0, run.output[-3000:]
        yield server


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
