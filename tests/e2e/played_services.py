"""What the test plays to be scraped: the three services, by their contract, and what only a cluster has."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from scrapes import exported

DAY = 86400
Labels = Mapping[str, str]


@dataclass
class Flow:
    """Something that is counted: so many a second, each as large as `size`; both may change while it is counted."""

    metric: str
    labels: Labels
    rate: float
    size: float = 0.0
    counted: float = 0.0
    since: float = field(default_factory=time.monotonic)

    def count(self) -> float:
        """How many there were."""
        return self.counted + self.rate * (time.monotonic() - self.since)

    def become(self, rate: float) -> None:
        """So many a second from now on."""
        self.counted, self.since, self.rate = self.count(), time.monotonic(), rate


@dataclass
class Level:
    """Something that is measured."""

    metric: str
    labels: Labels
    value: float


def exposition(job: str, series: list[Flow | Level]) -> str:
    """Series in Prometheus's text format, their types and buckets as the files of metrics say for a job."""
    lines = []
    metrics = exported(job)["metrics"]
    for name in dict.fromkeys(one.metric for one in series):
        what = metrics.get(name, {"type": "gauge"})
        lines.append(f"# TYPE {name} {what['type']}")
        for one in series:
            if one.metric == name and isinstance(one, Flow):
                lines += _histogram(one, what["buckets"])
            elif one.metric == name:
                lines.append(f"{name}{_braces(one.labels)} {one.value}")
    return "\n".join(lines) + "\n"


def _histogram(flow: Flow, buckets: list[float]) -> list[str]:
    count = flow.count()
    edges = [*((str(float(edge)), edge) for edge in buckets), ("+Inf", float("inf"))]
    lines = [
        f"{flow.metric}_bucket{_braces({**flow.labels, 'le': text})} {count if flow.size <= edge else 0}"
        for text, edge in edges
    ]
    labels = _braces(flow.labels)
    return [*lines, f"{flow.metric}_sum{labels} {count * flow.size}", f"{flow.metric}_count{labels} {count}"]


def _braces(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


class Services:
    """The metrics of every played job, all well; a test changes them and puts them back."""

    def __init__(self, namespace: str, deployments: tuple[str, ...]) -> None:
        http, sql = "http_server_request_duration_seconds", "db_client_operation_duration_seconds"
        request = {"http_request_method": "GET", "http_route": "/orders"}
        query = {"db_operation_name": "SELECT", "db_system_name": "postgresql"}
        certificate = Level("tls_certificate_not_after_timestamp_seconds", {}, time.time() + 60 * DAY)
        self.good_requests = Flow(http, {**request, "http_response_status_code": "200"}, 50, 0.02)
        self.failed_requests = Flow(http, {**request, "http_response_status_code": "500"}, 0, 0.02)
        self.websocket_connections = Level("websocket_connections", {}, 1200)
        self.available = {
            name: Level("kube_deployment_status_replicas_available", {"namespace": namespace, "deployment": name}, 2)
            for name in deployments
        }
        crashing = {"namespace": namespace, "container": "api", "uid": "u", "reason": "CrashLoopBackOff"}
        self.crashing = [
            Level("kube_pod_container_status_waiting_reason", {**crashing, "pod": f"api-{number}"}, 0)
            for number in (1, 2)
        ]
        orders = "order_execution_duration_seconds"
        self.jobs: dict[str, list[Flow | Level]] = {
            "api": [
                self.good_requests,
                self.failed_requests,
                Flow(sql, query, 100, 0.004),
                Flow(orders, {"outcome": "executed"}, 20, 0.08),
                Flow(orders, {"outcome": "rejected"}, 1, 0.01),
                Flow(orders, {"outcome": "failed"}, 0, 0.01),
                certificate,
            ],
            "websocket": [
                Flow(http, {**request, "http_route": "/ws", "http_response_status_code": "101"}, 5, 0.01),
                Flow("websocket_message_latency_seconds", {}, 200, 0.01),
                self.websocket_connections,
                certificate,
            ],
            "worker": [
                Flow(
                    "messaging_process_duration_seconds",
                    {"error_type": "", "messaging_destination_name": "orders"},
                    20,
                    0.03,
                ),
                Flow(sql, query, 40, 0.004),
            ],
            "kube-state-metrics": [*self.available.values(), *self.crashing],
            "cloudwatch-exporter": [
                Level("aws_applicationelb_request_count_sum", {"dimension_LoadBalancer": "app/production"}, 15000),
            ],
            "grafana": [],
            "cadvisor": [
                Level(
                    "container_memory_working_set_bytes",
                    {"namespace": namespace, "pod": "api-1"},
                    9e7,
                ),
                Level("container_memory_working_set_bytes", {"id": "/"}, 9e9),
                Level("container_tasks_state", {"namespace": namespace, "pod": "api-1"}, 1),
            ],
            "kubelet": [
                Level(
                    "kubelet_volume_stats_capacity_bytes",
                    {"namespace": "monitoring", "persistentvolumeclaim": "data-prometheus-0"},
                    1e11,
                ),
                Level("kubelet_running_pods", {}, 12),
            ],
        }

    def text(self, job: str) -> str:
        """What a job exports now."""
        return exposition(job, self.jobs[job])


class Exporter:
    """A server of metrics at one address, which can be away for a while; its paths to what it says there."""

    def __init__(self, address: str, port: int, paths: Mapping[str, Callable[[], str]]) -> None:
        self.address, self.port, self.paths = address, port, paths
        self.tls: ssl.SSLContext | None = None
        self.token = ""
        self.server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Serve."""
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, text = exporter.answer(self.path, self.headers.get("Authorization", ""))
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer((self.address, self.port), Handler)
        self.server.daemon_threads = True
        if self.tls:
            self.server.socket = self.tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, path: str, authorization: str) -> tuple[int, str]:
        """Answer a request: where a token is asked for, only with it."""
        if self.token and authorization != f"Bearer {self.token}":
            return 401, "Unauthorized\n"
        return (200, self.paths[path]()) if path in self.paths else (404, "not found\n")

    def stop(self) -> None:
        """Be away."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


@contextmanager
def serving(exporter: Exporter) -> Iterator[Exporter]:
    """Run an exporter; stopped at the end of the block."""
    exporter.start()
    try:
        yield exporter
    finally:
        exporter.stop()
