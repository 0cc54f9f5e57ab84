"""The flows that the umbrella chart's values ask for, as the connectivity evaluator takes them.

The chart's templates turn ``networkPolicy.flows`` into policies; this reads the same list by itself, so that what is
rendered can be held against it. Values are those that the templates see: the chart's, an environment's and the
cluster's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from typing import Any

from trading_platform.connectivity import Cluster, Connection, load, read_flows

EVERYTHING = "0.0.0.0/0"
SIDES = ("from", "to")

Values = Mapping[str, Any]
Manifest = Mapping[str, Any]


def endpoints(values: Values) -> dict[str, list[Any]]:
    """Addresses of each endpoint that is no pod: ``{name: ["10.0.11.0/24", {"cidr": ..., "except": [...]}]}``."""
    policy, cluster = values["networkPolicy"], values["global"]["cluster"]
    return {
        name: _ranges(endpoint, cluster, policy["privateRanges"])
        for name, endpoint in policy["endpoints"].items()
        if "podLabels" not in endpoint
    }


def _ranges(endpoint: Values, cluster: Values, private: list[str]) -> list[Any]:
    ranges: list[Any] = [cidr for tier in endpoint.get("subnets", []) for cidr in cluster["subnets"][tier]]
    ranges += endpoint.get("cidrs", [])
    if endpoint.get("kubernetesService"):
        # The service `kubernetes` has the first address of the range.
        ranges.append(f"{IPv4Network(cluster['serviceCidr'])[1]}/32")
    if endpoint.get("internet"):
        ranges.append({"cidr": EVERYTHING, "except": private})
    return ranges


def outside_pods(values: Values) -> list[dict[str, Any]]:
    """Stand-ins for the endpoints that are pods of others, such as the DNS servers, with the ports of their flows."""
    policy = values["networkPolicy"]
    return [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": endpoint["namespace"], "labels": endpoint["podLabels"]},
            "spec": {
                "containers": [{"name": name, "ports": _asked_ports(name, policy["flows"], values["global"]["ports"])}]
            },
        }
        for name, endpoint in policy["endpoints"].items()
        if "podLabels" in endpoint
    ]


def _asked_ports(name: str, flows: Iterable[Values], numbers: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {"containerPort": numbers[port], "protocol": protocol}
        for flow in flows
        if name in flow["to"]
        for port in flow["ports"]
        for protocol in flow.get("protocols", ["TCP"])
    ]


def read_cluster(manifests: Iterable[Manifest], values: Values) -> Cluster:
    """The rendered manifests, with the endpoints of the values around them.

    Raises:
        ConnectivityError: what is rendered makes no sense as a whole.
    """
    return load([*manifests, *outside_pods(values)], endpoints(values))


def wanted(cluster: Cluster, values: Values) -> set[Connection]:
    """What the flows ask for, between what is there: a workload whose part is off has no pods, and so no connections.

    Raises:
        ConnectivityError: a flow names what is neither a workload nor an endpoint.
    """
    policy = values["networkPolicy"]
    rendered = {workload.name for workload in cluster.workloads if not workload.host_network}
    ours = sorted(rendered & policy["workloads"].keys())
    flows = []
    for flow in policy["flows"]:
        sides = {
            side: [name for name in flow[side] if name not in policy["workloads"] or name in rendered] for side in SIDES
        }
        if all(sides.values()):
            flows.append({**flow, **sides})
    return read_flows(cluster, flows, aliases={"*": ours}, port_names=values["global"]["ports"])
