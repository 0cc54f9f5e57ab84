"""What of a region has a version, and where the version is set.

Databases and the cluster have theirs in the inventory, nodes and functions in the roles, add-ons follow the cluster,
and programs have theirs in the umbrella chart, under what gitops/ lays over it for the environment.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trading_platform import chart, lifecycle
from trading_platform.preflight.problem import Host
from trading_platform.preflight.versions import versions_of

ADDONS = "EKS add-ons"
NODES = ("ami_type of the role eks", "Amazon Linux", "2023")
FUNCTIONS = ("runtime of the module lambda_function", lifecycle.LAMBDA, "3.13")
# Image in the chart's global.images to the product that the calendar knows.
PRODUCTS = {
    "alertmanager": "Alertmanager",
    "cloudwatchExporter": "YACE",
    "elasticsearch": "Elasticsearch",
    "envoy": "Envoy",
    "esIndexCleaner": "Jaeger",
    "fluentBit": "Fluent Bit",
    "grafana": "Grafana",
    "jaeger": "Jaeger",
    "kibana": "Kibana",
    "kubeStateMetrics": "kube-state-metrics",
    "kubectlTools": "kubectl",
    "logstash": "Logstash",
    "nodeExporter": "node_exporter",
    "postgresExporter": "postgres_exporter",
    "prometheus": "Prometheus",
    "redisExporter": "redis_exporter",
}


@dataclass(frozen=True, slots=True)
class Use:
    """A version that is in use.

    `key` is where it is set. `follows`: the version of EKS whose dates are its own; "" where it has dates of its own.
    """

    key: str
    service: str
    version: str
    follows: str = ""


def uses_of(host: Host) -> Iterator[Use]:
    """Everything in a region that has a version."""
    for key, service, version in versions_of(host):
        yield Use(key, service, version)
    if host.mapping("eks_node_groups"):
        yield Use(*NODES)
    # Passwords are rotated where the secrets are made; the other region has copies of them.
    if "primary" in host.group_names:
        yield Use(*FUNCTIONS)
    yield from _addons(host)
    yield from _programs(host)


def _addons(host: Host) -> Iterator[Use]:
    """AWS says per version of the cluster which versions of an add-on go with it, and gives them no dates.

    https://docs.aws.amazon.com/eks/latest/userguide/managing-add-ons.html
    """
    addons, cluster = host.mapping("eks_addons"), host.text("eks_version")
    if not addons or not cluster:
        return
    pinned = {name: addon["version"] for name, addon in addons.items() if addon.get("version")}
    if len(pinned) < len(addons):
        yield Use("eks_addons", ADDONS, f"AWS's default for {cluster}", follows=cluster)
    for name, version in pinned.items():
        yield Use(f"eks_addons.{name}.version", f"EKS add-on {name}", version, follows=cluster)


def _programs(host: Host) -> Iterator[Use]:
    target = chart.target_of(host.text("platform_environment"), host.name)
    if target is None:
        return
    values = chart.merged(chart.read(chart.CHART / "values.yaml"), *target.values)
    for name, image in values["global"]["images"].items():
        yield Use(
            f"global.images.{name}.tag of the chart", PRODUCTS.get(name, name), program_version(str(image["tag"]))
        )


def program_version(tag: str) -> str:
    """The version in the tag of an image: 1.39.2 of distroless-v1.39.2; the tag itself where it has none."""
    found = re.search(r"\d+(?:\.\d+)+", tag)
    return found.group() if found else tag
