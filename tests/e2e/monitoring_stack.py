"""Prometheus, two Alertmanagers, the exporters and Jaeger as the chart configures them, running on this machine."""

from __future__ import annotations

import contextlib
import json
import re
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import data_servers
import yaml
from debian_exporters import UnavailableError, exporters
from loopback import Loopback
from loopback_pods import NODE, Kubelet, Pod, pods
from loopback_tls import Authority
from played_cluster import PlayedCluster, node, rights, served
from played_receivers import PAGERDUTY, SLACK, Receivers, Subscriber, receivers
from played_services import Exporter, Services, serving
from processes import Process, running
from rendering import PRODUCTION, Manifest, all_values, one, render
from tracing_servers import STORAGE, span_sender, span_storage
from waiting import until

from trading_platform import toolbox
from trading_platform.emulator.settings import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from trading_platform.emulator.testing import emulator_server
from trading_platform.secret_values import generate_one

# A value of the platform team's own, without which notifications have no links.
RUNBOOKS = "https://git.example.com/platform/blob/main/"
VALUES = {"alertmanager": {"runbooks": {"baseUrl": RUNBOOKS}}}
REPLICAS = {"alertmanager": 2}
# Workload to the program of the toolbox that its image has.
PROGRAMS = {
    "prometheus": "prometheus",
    "alertmanager": "alertmanager",
    "node-exporter": "node_exporter",
    "jaeger-collector": "jaeger",
    "jaeger-query": "jaeger",
}
DEBIAN = {"postgres-exporter": "prometheus-postgres-exporter", "redis-exporter": "prometheus-redis-exporter"}
SERVICES = ("api", "websocket", "worker")
PLAYED = (*SERVICES, "kube-state-metrics", "cloudwatch-exporter", "grafana")
ROUTING_KEY, DATABASE_USER, TOKEN = "routing-key-of-the-test", "monitored", "token-of-the-test"


def get(url: str, **query: str) -> Any:
    """What a server answers to GET, as JSON."""
    return json.loads(get_text(f"{url}?{urlencode(query)}" if query else url))


def get_text(url: str) -> str:
    """What a server answers to GET; an error status is an OSError."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  (the run's own servers)
        return str(answer.read().decode())


@dataclass
class Stack:
    """Everything that runs, and where."""

    manifests: Sequence[Manifest]
    loopback: Loopback
    folder: Path
    cluster: PlayedCluster
    services: Services
    receivers: Receivers
    info: Subscriber
    heartbeat: Subscriber
    kubelet: Kubelet
    pods: Sequence[Pod]
    unavailable: UnavailableError | None
    """Why the exporters of Debian are not there; None: they are."""
    processes: dict[str, Process] = field(default_factory=dict)
    exporters: dict[str, Exporter] = field(default_factory=dict)

    def pods_of(self, workload: str) -> list[Pod]:
        """Pods of a workload."""
        return [pod for pod in self.pods if pod.workload == workload]

    def url(self, workload: str, port: int, number: int = 0) -> str:
        """Address of a pod of a workload at one of the chart's ports: http://127.80.3.7:41234."""
        return f"http://{self.loopback.host(self.pods_of(workload)[number].host, port)}"

    @property
    def prometheus(self) -> str:
        """Address of Prometheus."""
        return self.url("prometheus", 9090)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Result of an instant query."""
        return list(get(f"{self.prometheus}/api/v1/query", query=expression)["data"]["result"])

    def alerts(self, number: int = 0, **labels: str) -> list[dict[str, Any]]:
        """Alerts that an Alertmanager has, of these labels."""
        found = get(f"{self.url('alertmanager', 9093, number)}/api/v2/alerts")
        return [alert for alert in found if labels.items() <= alert["labels"].items()]

    def behind(self, url: str) -> str:
        """Address and port of a pod behind a rendered Service: of http://jaeger-collector.tracing.svc.cluster.local:4317."""
        match = re.fullmatch(r"\w+://([a-z0-9-]+)\.([a-z0-9-]+)\.svc\.cluster\.local:(\d+)", url)
        assert match, f"{url} is no Service of the cluster"
        service = one(self.manifests, "Service", match[1], match[2])["spec"]
        assert int(match[3]) in [port["port"] for port in service["ports"]], f"{match[1]} has no port {match[3]}"
        found = [pod for pod in self.pods if service["selector"].items() <= pod.labels.items()]
        assert found, f"there is no pod behind {match[1]}"
        return self.loopback.host(found[0].host, int(match[3]))

    def logs(self) -> dict[str, str]:
        """The end of every log."""
        return {name: process.tail() for name, process in self.processes.items()}


@contextlib.contextmanager
def monitoring_stack(folder: Path) -> Iterator[Stack]:
    """Start all of it in a folder; everything is stopped at the end of the block.

    Raises:
        AssertionError: something does not start; what the servers said is in the notes.
    """
    with contextlib.ExitStack() as whole:
        stack = _played(whole, folder)
        for process in _processes(stack):
            stack.processes[process.name] = process
            whole.enter_context(running(process))
        try:
            for pod in stack.pods:
                if pod.name in stack.processes:
                    until(lambda pod=pod: ready(stack, pod), f"{pod.name} is ready")
        except AssertionError as problem:
            for name, text in stack.logs().items():
                problem.add_note(f"--- log of {name}\n{text}")
            raise
        yield stack


def ready(stack: Stack, pod: Pod) -> bool:
    """Whether a pod's process runs and its rendered HTTP probes succeed; which does not is in the error."""
    stack.processes[pod.name].running()
    for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = pod.container.get(kind, {}).get("httpGet")
        if probe:
            get_text(f"http://{stack.loopback.host(pod.host, pod.port(probe['port']))}{probe['path']}")
    return True


def _played(whole: contextlib.ExitStack, folder: Path) -> Stack:
    """Start what is no pod of the monitoring, or is played."""
    manifests = render(*PRODUCTION.values, VALUES)
    facts = all_values(PRODUCTION)["global"]["cluster"]
    (folder / "logs").mkdir(parents=True)
    loopback = Loopback()
    all_pods = pods(manifests, loopback, folder, REPLICAS)
    authority = Authority(folder)
    receiving = whole.enter_context(receivers())
    aws = whole.enter_context(emulator_server(facts["accountId"]))
    password = generate_one("alphanumeric", 40)
    cluster = PlayedCluster(
        {
            "pods": [pod.api_object(loopback) for pod in all_pods],
            "nodes": [node(NODE, loopback.address(NODE), loopback.port(10250))],
        },
        rights(manifests, "monitoring", "prometheus"),
    )
    programs, unavailable = _debian()
    played = {
        "pagerduty": f"{receiving.url}{PAGERDUTY}",
        "aws": aws.endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "authority": str(authority.file),
        "kubernetes": whole.enter_context(served(cluster)),
        "span-storage": loopback.host(STORAGE, 17271),
        **programs,
    }
    if not unavailable:
        played |= data_servers.database(whole, facts["database"]["name"], DATABASE_USER, password)
        played |= data_servers.redis(whole, password, authority, folder)
    secrets = _secrets(facts["secrets"], password, receiving)
    stack = Stack(
        manifests=manifests,
        loopback=loopback,
        folder=folder,
        cluster=cluster,
        services=Services("trading-engine", SERVICES),
        receivers=receiving,
        info=Subscriber(aws.client("sns"), aws.client("sqs"), facts["topics"]["info"]),
        heartbeat=Subscriber(aws.client("sns"), aws.client("sqs"), facts["topics"]["heartbeat"]),
        kubelet=Kubelet(manifests, loopback, played, secrets, TOKEN, authority.file),
        pods=all_pods,
        unavailable=unavailable,
    )
    _play(whole, stack, authority)
    return stack


def _debian() -> tuple[dict[str, str], UnavailableError | None]:
    try:
        programs = exporters()
    except UnavailableError as reason:
        return {}, reason
    return {name: str(programs[package]) for name, package in DEBIAN.items()}, None


def _secrets(names: Mapping[str, str], password: str, receiving: Receivers) -> dict[str, dict[str, str]]:
    """What Secrets Manager has, by name of the secret."""
    return {
        names["alerting"]: {"pagerduty_routing_key": ROUTING_KEY, "slack_webhook_url": f"{receiving.url}{SLACK}"},
        names["database"]: {"username": DATABASE_USER, "password": password},
        names["redis"]: {"auth_token": password},
        names["elasticsearch"]: {"password": password},
    }


def _play(whole: contextlib.ExitStack, stack: Stack, authority: Authority) -> None:
    """Start the exporters that are played, and the node's kubelet."""
    ports = all_values(PRODUCTION)["global"]["ports"]
    jobs = all_values(PRODUCTION)["prometheus"]["jobs"]
    for job in PLAYED:
        (pod,) = stack.pods_of(job)
        port = stack.loopback.port(ports[jobs[job]["port"]])
        exporter = Exporter(pod.address, port, {"/metrics": lambda job=job: stack.services.text(job)})
        stack.exporters[job] = whole.enter_context(serving(exporter))
    paths = {"/metrics": "kubelet", "/metrics/cadvisor": "cadvisor"}
    kubelet = Exporter(
        stack.loopback.address(NODE),
        stack.loopback.port(ports["kubelet"]),
        {path: lambda job=job: stack.services.text(job) for path, job in paths.items()},
    )
    kubelet.tls, kubelet.token = authority.server_context(kubelet.address), TOKEN
    stack.exporters["kubelet"] = whole.enter_context(serving(kubelet))


def _processes(stack: Stack) -> Iterator[Process]:
    """Everything that runs as a process, in an order in which it may be started."""
    logs = stack.folder / "logs"
    settings = one(stack.manifests, "ConfigMap", "api", "trading-engine")["data"]
    yield span_storage(stack.loopback, stack.folder, logs)
    for pod in stack.pods:
        if pod.workload in PROGRAMS:
            yield stack.kubelet.process(pod, toolbox.path(PROGRAMS[pod.workload]), logs)
        elif pod.workload in DEBIAN and not stack.unavailable:
            yield stack.kubelet.process(pod, "", logs)
    yield span_sender(stack.loopback, stack.behind(settings["OTEL_EXPORTER_OTLP_ENDPOINT"]), stack.folder, logs)


def configuration(stack: Stack) -> dict[str, Any]:
    """Prometheus's configuration, as rendered."""
    return dict(yaml.safe_load(one(stack.manifests, "ConfigMap", "prometheus", "monitoring")["data"]["prometheus.yml"]))
