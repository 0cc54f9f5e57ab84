"""What the umbrella chart renders for production, as the design document speaks of it.

A reader is a small function of the manifests that gives a value as YAML would write it; ``design.yml`` names it.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import yaml

from trading_platform.chart import TARGETS, Manifest, Target, all_values, render
from trading_platform.chart_flows import read_cluster
from trading_platform.connectivity import Workload, connections

PRODUCTION: Target = TARGETS[0]
SERVICES = ("api", "websocket", "worker")
DAY = 86400

type ChartReader = Callable[[list[Manifest]], Any]
CHART_READERS: dict[str, ChartReader] = {}


def chart_reader(function: ChartReader) -> ChartReader:
    """Register a reader under the name of its function."""
    assert function.__name__ not in CHART_READERS, function.__name__
    CHART_READERS[function.__name__] = function
    return function


@cache
def production() -> list[Manifest]:
    """What production's cluster gets."""
    return render(*PRODUCTION.values)


@cache
def with_options() -> list[Manifest]:
    """The same with what the document leaves open: log aggregation's second option, and right-sizing."""
    options = {
        "global": {"controlPlane": {"logging": True}},
        **{name: {"verticalPodAutoscaler": {"enabled": True}} for name in SERVICES},
    }
    return render(*PRODUCTION.values, options)


def named(manifests: list[Manifest], kind: str) -> dict[str, Any]:
    """Name to spec (or data) of all objects of a kind."""
    return {one["metadata"]["name"]: one.get("spec", one.get("data")) for one in manifests if one["kind"] == kind}


def pod(manifests: list[Manifest], name: str, kind: str = "Deployment") -> dict[str, Any]:
    """Spec of the pods of a workload."""
    return dict(named(manifests, kind)[name]["template"]["spec"])


def node_group(spec: dict[str, Any]) -> str:
    """Group of nodes that pods are bound to."""
    terms = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    return str(terms[0]["matchExpressions"][0]["values"][0])


@chart_reader
def placement(manifests: list[Manifest]) -> dict[str, Any]:
    """Workload to the group of nodes it runs on."""
    kinds = {"Deployment": SERVICES, "StatefulSet": ("prometheus", "tracing-elasticsearch")}
    return {name: node_group(pod(manifests, name, kind)) for kind, names in kinds.items() for name in names}


def _steps(rules: dict[str, Any]) -> list[str]:
    policies = [f"{one['type']} {one['value']} in {one['periodSeconds']} s" for one in rules["policies"]]
    return [*policies, rules["selectPolicy"]]


@chart_reader
def hpas(manifests: list[Manifest]) -> dict[str, Any]:
    """Service to its scaling."""
    return {
        name: {
            "replicas": [spec["minReplicas"], spec["maxReplicas"]],
            "targets": {
                one["resource"]["name"]: one["resource"]["target"]["averageUtilization"] for one in spec["metrics"]
            },
            "up": _steps(spec["behavior"]["scaleUp"]),
            "down": _steps(spec["behavior"]["scaleDown"]),
        }
        for name, spec in named(manifests, "HorizontalPodAutoscaler").items()
    }


@chart_reader
def node_rotation(manifests: list[Manifest]) -> dict[str, Any]:
    """What the rotation of nodes is told."""
    job = named(manifests, "CronJob")["node-rotation"]
    (container,) = job["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    environment = {one["name"]: one.get("value") for one in container["env"]}
    return {"days": int(environment["MAXIMUM_AGE_SECONDS"]) / DAY, "schedule": job["schedule"], "zone": job["timeZone"]}


@chart_reader
def pod_tls(manifests: list[Manifest]) -> dict[str, Any]:
    """Service to the port that it serves, the oldest TLS, and whether its files are those of its certificate."""
    settings, certificates = named(manifests, "ConfigMap"), named(manifests, "Certificate")
    found = {}
    for name in ("api", "websocket"):
        volumes = {one["name"]: one for one in pod(manifests, name)["volumes"]}
        mounted = volumes["tls"]["secret"]["secretName"] == certificates[name]["secretName"]
        found[name] = [int(settings[name]["LISTEN_PORT"]), settings[name]["TLS_MIN_VERSION"], mounted]
    return found


@chart_reader
def closed_namespaces(manifests: list[Manifest]) -> list[str]:
    """Namespaces in which everything is denied that no other policy allows."""
    return sorted(
        one["metadata"]["namespace"]
        for one in manifests
        if one["kind"] == "NetworkPolicy" and one["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    )


@chart_reader
def allowed(manifests: list[Manifest]) -> dict[str, Any]:
    """Who may connect to whom in the services' namespace, and to the stores: computed from the policies."""
    values = all_values(PRODUCTION)
    found: dict[str, list[str]] = {}
    stores = {values["global"]["ports"]["postgresql"]: "database", values["global"]["ports"]["redis"]: "redis"}
    for one in connections(read_cluster(manifests, values), ["trading-engine"]):
        if not isinstance(one.source, Workload) or one.source.namespace != "trading-engine":
            continue
        if isinstance(one.destination, Workload) and one.destination.namespace == "trading-engine":
            found.setdefault(one.source.name, []).append(one.destination.name)
        elif one.ports.first in stores and one.ports.first == one.ports.last:
            found.setdefault(one.source.name, []).append(stores[one.ports.first])
    return {name: sorted(targets) for name, targets in sorted(found.items())}


@chart_reader
def service_secrets(manifests: list[Manifest]) -> dict[str, list[str]]:
    """Service to the secrets that become its files."""
    providers = named(manifests, "SecretProviderClass")
    return {
        name: sorted(
            one["objectName"].partition("/")[2] for one in yaml.safe_load(providers[name]["parameters"]["objects"])
        )
        for name in SERVICES
    }


@chart_reader
def monitoring(manifests: list[Manifest]) -> list[str]:
    """Workloads that watch the platform."""
    return sorted(
        one["metadata"]["name"]
        for one in manifests
        if one["kind"] in ("Deployment", "StatefulSet", "DaemonSet")
        and one["metadata"]["namespace"].startswith("monitoring")
    )


@chart_reader
def prometheus_retention(manifests: list[Manifest]) -> str:
    """How long Prometheus keeps samples."""
    configuration = yaml.safe_load(named(manifests, "ConfigMap")["prometheus"]["prometheus.yml"])
    return str(configuration["storage"]["tsdb"]["retention"]["time"])


@chart_reader
def tracing(manifests: list[Manifest]) -> dict[str, Any]:
    """Where spans go, which share of them, where they are kept and for how many days."""
    settings = named(manifests, "ConfigMap")
    cleaner = named(manifests, "CronJob")["jaeger-es-index-cleaner"]["jobTemplate"]["spec"]["template"]["spec"]
    collector = settings["jaeger-collector"]
    (text,) = [value for key, value in collector.items() if key.endswith((".yaml", ".yml"))]
    backends = yaml.safe_load(text)["extensions"]["jaeger_storage"]["backends"]
    return {
        "services": sorted(
            name for name in SERVICES if "jaeger-collector" in settings[name]["OTEL_EXPORTER_OTLP_ENDPOINT"]
        ),
        "sampled": sorted({float(settings[name]["OTEL_TRACES_SAMPLER_ARG"]) for name in SERVICES}),
        "storage": sorted(kind for backend in backends.values() for kind in backend),
        "days": int(cleaner["containers"][0]["args"][0]),
    }


@chart_reader
def log_aggregation(_: list[Manifest]) -> dict[str, list[str]]:
    """What the second option adds, and what stands without it."""
    kinds = ("Deployment", "StatefulSet", "DaemonSet")
    names = {kind: set(named(with_options(), kind)) - set(named(production(), kind)) for kind in kinds}
    return {"added": sorted(name for found in names.values() for name in found)}


@chart_reader
def right_sizing(_: list[Manifest]) -> dict[str, str]:
    """Service to what the VerticalPodAutoscaler may do, where it is on."""
    found = named(with_options(), "VerticalPodAutoscaler")
    return {name: spec["updatePolicy"]["updateMode"] for name, spec in found.items()}


@chart_reader
def graceful_shutdown(manifests: list[Manifest]) -> dict[str, list[int]]:
    """Service to the seconds it goes on serving, and those until it is killed."""
    found = {}
    for name in SERVICES:
        spec = pod(manifests, name)
        hook = spec["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        found[name] = [hook, spec["terminationGracePeriodSeconds"]]
    return found


def _rules(manifests: list[Manifest]) -> list[dict[str, Any]]:
    """All rules that Prometheus is given."""
    files = [
        text
        for name, data in named(manifests, "ConfigMap").items()
        if name.startswith("prometheus")
        for file, text in (data or {}).items()
        if file.endswith(".yaml")
    ]
    groups = [group for text in files for group in (yaml.safe_load(text) or {}).get("groups", [])]
    return [rule for group in groups for rule in group["rules"]]


@chart_reader
def objectives(manifests: list[Manifest]) -> dict[str, Any]:
    """Objective to the percent of events that must be good, and where it is a latency, the seconds that are good."""
    found: dict[str, list[float]] = {}
    for rule in _rules(manifests):
        if rule.get("record") == "slo:objective:ratio":
            percent = round(100 * float(re.sub(r"[^0-9.]", "", rule["expr"])), 3)
            found.setdefault(rule["labels"]["slo"], []).insert(0, percent)
        elif seconds := re.findall(r'_bucket\{[^}]*le="([0-9.]+)"', str(rule.get("expr"))):
            found.setdefault(rule.get("labels", {}).get("slo", "other"), []).append(float(seconds[0]))
    found.pop("other", None)
    return {name: sorted(set(figures), reverse=True) for name, figures in found.items()}


@chart_reader
def loads(manifests: list[Manifest]) -> dict[str, float]:
    """Alert to the load that the platform is built for, and above which it rings."""
    alerts = {rule["alert"]: str(rule["expr"]) for rule in _rules(manifests) if "alert" in rule}
    found = {
        name: re.search(r"> ([0-9]+)$", expr.strip()) for name, expr in alerts.items() if name.endswith("AboveTarget")
    }
    return {name: float(match[1]) for name, match in found.items() if match}
