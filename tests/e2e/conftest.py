"""The servers of the end-to-end tests: started once, stopped at the end; their logs beside what failed."""

import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

for neighbour in ("charts", "unit"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / neighbour))

from monitoring_stack import Stack, monitoring_stack  # noqa: E402  (after the path to what it needs)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Everything that runs. A test that breaks something mends it."""
    if sys.platform != "linux":
        pytest.skip("pods need addresses of their own, and only Linux answers on all of 127.0.0.0/8")
    # A name with a space, as a checkout or a temporary folder may have.
    with tempfile.TemporaryDirectory(prefix="trading e2e ") as name, monitoring_stack(Path(name)) as running:
        yield running


@pytest.fixture(scope="session")
def debian_exporters(stack: Stack) -> None:
    """What needs the exporters of PostgreSQL and Redis is skipped where they cannot be had; in CI it fails."""
    if stack.unavailable:
        reason = f"the exporters of PostgreSQL and Redis come from Debian: {stack.unavailable}"
        if os.environ.get("CI") == "true" and not stack.unavailable.excused:
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the end of every log beside a failure."""
    report = yield
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.failed and isinstance(stack, Stack):
        report.sections += [(f"log of {name}", text) for name, text in stack.logs().items()]
    return report
