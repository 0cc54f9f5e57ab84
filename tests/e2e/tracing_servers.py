"""Two more processes of Jaeger's program: one keeps spans in memory, one sends them as the SDK of a service does."""

from __future__ import annotations

import json
import secrets
import time
import urllib.request
from pathlib import Path
from typing import Any

import yaml
from loopback import Loopback
from processes import Process

from trading_platform import toolbox

QUIET = {"metrics": {"level": "none"}}
STORAGE, SENDER = "span-storage", "span-sender"


def span_storage(loopback: Loopback, folder: Path, logs: Path) -> Process:
    """Memory behind Jaeger's storage API (gRPC), where collector and query of the chart have Elasticsearch."""
    config = {
        "service": {
            "extensions": ["jaeger_storage", "remote_storage"],
            "pipelines": {"traces": {"receivers": ["nop"], "exporters": ["nop"]}},
            "telemetry": QUIET,
        },
        "extensions": {
            "jaeger_storage": {"backends": {"memory": {"memory": {"max_traces": 100000}}}},
            "remote_storage": {"endpoint": loopback.host(STORAGE, 17271), "storage": "memory"},
        },
        "receivers": {"nop": None},
        "exporters": {"nop": None},
    }
    return _process(STORAGE, config, folder, logs)


def span_sender(loopback: Loopback, collector: str, folder: Path, logs: Path) -> Process:
    """What hands on to a collector over gRPC, as the chart tells services to, what the test gives it over HTTP."""
    config = {
        "service": {"pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["otlp"]}}, "telemetry": QUIET},
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": loopback.host(SENDER, 4318)}}}},
        "exporters": {"otlp": {"endpoint": collector, "tls": {"insecure": True}}},
    }
    return _process(SENDER, config, folder, logs)


def _process(name: str, config: dict[str, Any], folder: Path, logs: Path) -> Process:
    own = folder / name
    own.mkdir()
    (own / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [toolbox.path("jaeger"), "--config", "config.yaml"]
    return Process(name, command, own, {"OTEL_TRACES_SAMPLER": "always_off"}, logs / f"{name}.log")


def send(loopback: Loopback, service: str, operation: str, count: int = 1) -> str:
    """Send a trace of so many spans through the sender; gives its id.

    https://opentelemetry.io/docs/specs/otlp/#otlphttp, JSON.
    """
    trace, now = secrets.token_hex(16), time.time_ns()
    spans = [
        {
            "traceId": trace,
            "spanId": secrets.token_hex(8),
            "name": operation,
            "kind": 2,
            "startTimeUnixNano": str(now - 7_000_000),
            "endTimeUnixNano": str(now),
        }
        for _ in range(count)
    ]
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}
    request = urllib.request.Request(
        f"http://{loopback.host(SENDER, 4318)}/v1/traces",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  (the run's own server)
        assert answer.status == 200, answer.read()
    return trace
