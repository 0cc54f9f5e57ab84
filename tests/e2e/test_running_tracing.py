"""Jaeger as configured: a span goes in where services send it, and a trace comes out where people look."""

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from monitoring_stack import Stack, get, get_text
from rendering import PRODUCTION, all_values, one
from tracing_servers import STORAGE, send
from waiting import until

from trading_platform import toolbox

pytestmark = pytest.mark.e2e

PARTS = ("jaeger-collector", "jaeger-query")


def validate(file: Path) -> subprocess.CompletedProcess[str]:
    """Let Jaeger check a configuration."""
    command = [toolbox.path("jaeger"), "validate", "--config", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def rendered(stack: Stack, part: str) -> str:
    """The configuration of a part, with nothing replaced."""
    return str(one(stack.manifests, "ConfigMap", part, "tracing")["data"]["config.yaml"])


@pytest.mark.parametrize("part", PARTS)
def test_jaeger_accepts_the_configuration(stack: Stack, part: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(rendered(stack, part), encoding="utf-8")
    result = validate(file)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("part", PARTS)
def test_jaeger_sees_a_mistake(stack: Stack, part: str, tmp_path: Path) -> None:
    """So that the test above can fail."""
    config = yaml.safe_load(rendered(stack, part))
    config["extensions"]["jaeger_storage"]["backends"]["traces"]["elasticsearch"]["indices"]["prefix"] = "misspelled"
    file = tmp_path / "config.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    result = validate(file)
    assert result.returncode != 0
    assert "prefix" in result.stdout + result.stderr


def trace(stack: Stack, identity: str) -> dict[str, Any]:
    """A trace as the query service gives it."""
    (found,) = get(f"{stack.url('jaeger-query', 16686)}/api/traces/{identity}")["data"]
    return dict(found)


def test_a_span_goes_in_and_a_trace_comes_out(stack: Stack) -> None:
    identity = send(stack.loopback, "api", "POST /orders")
    found = until(lambda: trace(stack, identity), "the trace is found")
    (span,) = found["spans"]
    assert (span["operationName"], span["duration"]) == ("POST /orders", 7000)
    assert found["processes"][span["processID"]]["serviceName"] == "api"
    assert "api" in get(f"{stack.url('jaeger-query', 16686)}/api/services")["data"]


def test_services_are_told_the_rate_of_the_chart(stack: Stack) -> None:
    ratio = all_values(PRODUCTION)["global"]["tracing"]["samplingRatio"]
    answer = get(f"{stack.url('jaeger-collector', 5778)}/api/sampling", service="api")
    assert answer["probabilisticSampling"] == {"samplingRate": ratio} == {"samplingRate": 0.1}


@pytest.mark.parametrize("part", PARTS)
def test_health_is_told_to_the_kubelet(stack: Stack, part: str) -> None:
    assert get(f"{stack.url(part, 13133)}/status")["healthy"] is True


def test_spans_that_come_while_the_storage_is_away_are_kept(stack: Stack) -> None:
    def accepted() -> float:
        text = get_text(f"{stack.url('jaeger-collector', 8888)}/metrics")
        counts = re.findall(r"^otelcol_receiver_accepted_spans\{.*\} (\S+)$", text, re.MULTILINE)
        return sum(float(count) for count in counts)

    before = accepted()
    stack.processes[STORAGE].kill()
    try:
        identity = send(stack.loopback, "worker", "kept")
        until(lambda: accepted() > before, "the collector takes it")
    finally:
        stack.processes[STORAGE].start()
    (span,) = until(lambda: trace(stack, identity), "the trace is found")["spans"]
    assert span["operationName"] == "kept"


def test_jaeger_sends_no_spans_of_its_own(stack: Stack) -> None:
    """Every five seconds it would try, to a port of its own pod where nobody listens, and say so in its log."""
    asked = time.monotonic()
    get(f"{stack.url('jaeger-query', 16686)}/api/services")
    until(lambda: time.monotonic() > asked + 6, "it would have tried")
    assert ":4317" not in stack.processes[stack.pods_of("jaeger-query")[0].name].log.read_text(encoding="utf-8")
