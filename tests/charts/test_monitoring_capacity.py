"""Whether everything has room on the smallest number of nodes that each group has, and within its namespace's quota."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from inventory import role_figures
from monitoring import ENVIRONMENTS
from quantities import amount
from rendering import POD_OWNERS, PRODUCTION, Cluster, Manifest, of_kind, pod_spec, render, rendered

from trading_platform.eks_nodes import pods_per_node
from trading_platform.node_limits import load_limits

MIB = 2**20
# GiB of memory: https://aws.amazon.com/ec2/instance-types/ (read 2026-11-26). vCPUs are in data/instance_limits.csv.
MEMORY = {
    **dict.fromkeys(("t3.large", "c5.xlarge", "c5a.xlarge", "c6a.xlarge", "c6i.xlarge", "c7i.xlarge"), 8),
    **dict.fromkeys(
        ("t3.xlarge", "r6i.large", "c5.2xlarge", "c5a.2xlarge", "c6a.2xlarge", "c6i.2xlarge", "c7i.2xlarge"), 16
    ),
    "r6i.xlarge": 32,
}
# What an instance keeps from its system: the share by which Karpenter reckons too (VM_MEMORY_OVERHEAD_PERCENT).
OVERHEAD = 0.075
# What the EKS add-ons' DaemonSets request on every node, in cores and MiB: the VPC CNI with its policy agent,
# kube-proxy, the EBS driver, the Secrets Store driver with AWS's provider, the CloudWatch agent and Fluent Bit.
EVERY_NODE = ((0.05, 0), (0.1, 0), (0.03, 120), (0.1, 200), (0.25, 128), (0.05, 25))
# What the cluster has once, on the general group: CoreDNS, metrics-server and the EBS controller, each twice, and the
# autoscaler.
ONCE = ((0.1, 70), (0.1, 70), (0.1, 200), (0.1, 200), (0.06, 240), (0.06, 240), (0.1, 300))


@dataclass(frozen=True)
class Pod:
    """A pod to be placed: cores and bytes that it requests."""

    name: str
    cpu: float
    memory: float

    @property
    def size(self) -> float:
        return self.cpu + self.memory / 2**33


_ADD_ONS = [Pod("an add-on", cpu, memory * MIB) for cpu, memory in ONCE]


@pytest.fixture(params=ENVIRONMENTS, ids=lambda cluster: cluster.name)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.param  # type: ignore[no-any-return]


def _groups(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """The node groups of the cluster's region, as its inventory has them."""
    environment = cluster.name.removesuffix("-standby")
    figures = role_figures(environment, "eks")["eks_node_groups"]
    return dict(role_figures(environment, "eks", "dr")["eks_node_groups"] if "standby" in cluster.name else figures)


def _room(cluster: Cluster, group: dict[str, Any]) -> tuple[float, float]:
    """Cores and bytes that pods may request on a node of a group, the least of its types.

    Left out are what the add-ons take, 100 MiB that are the threshold of eviction, and what kubelet reserves as EKS's
    nodes have it do (https://github.com/awslabs/amazon-eks-ami, nodeadm/internal/kubelet).
    """
    networking = role_figures(cluster.name.removesuffix("-standby"), "eks")["eks_pod_networking"]
    pods = pods_per_node(group, networking)
    least = (math.inf, math.inf)
    for name in group["instance_types"]:
        cores = load_limits()[name].vcpu
        assert cores
        reserved = 0.06 + 0.01 * min(1, cores - 1) + 0.005 * min(2, max(0, cores - 2)) + 0.0025 * max(0, cores - 4)
        memory = MEMORY[name] * 2**30 * (1 - OVERHEAD) - (255 + 11 * pods + 100) * MIB
        least = (min(least[0], cores - reserved), min(least[1], memory))
    taken = [sum(one[axis] for one in EVERY_NODE) for axis in (0, 1)]
    return least[0] - taken[0], least[1] - taken[1] * MIB


def _replicas(owner: Manifest, manifests: list[Manifest]) -> int:
    """Pods that there always are: of what is scaled, the fewest."""
    for scaler in of_kind(manifests, "HorizontalPodAutoscaler"):
        target = (scaler["metadata"]["namespace"], scaler["spec"]["scaleTargetRef"]["name"])
        if target == (owner["metadata"]["namespace"], owner["metadata"]["name"]):
            return int(scaler["spec"]["minReplicas"])
    return int(owner["spec"].get("replicas", 1))


def _requests(owner: Manifest) -> Pod:
    """A pod of a workload. What init containers request counts where it is more than the others' together."""
    spec = pod_spec(owner)
    sidecars = [one for one in spec.get("initContainers", []) if one.get("restartPolicy") == "Always"]
    steps = [one for one in spec.get("initContainers", []) if one.get("restartPolicy") != "Always"]

    def total(resource: str) -> float:
        running = sum(amount(one["resources"]["requests"][resource]) for one in (*spec["containers"], *sidecars))
        return max([running, *(amount(one["resources"]["requests"][resource]) for one in steps)])

    return Pod(owner["metadata"]["name"], total("cpu"), total("memory"))


def _group(owner: Manifest) -> str:
    terms = pod_spec(owner)["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    (name,) = terms["nodeSelectorTerms"][0]["matchExpressions"][0]["values"]
    return str(name)


def _pods(manifests: list[Manifest], group: str) -> Iterator[Pod]:
    """Pods of a group, but for those that every node has and those of jobs, which wait for room."""
    for owner in of_kind(manifests, "Deployment", "StatefulSet"):
        if _group(owner) == group:
            yield from [_requests(owner)] * _replicas(owner, manifests)


def _unplaced(pods: list[Pod], nodes: list[tuple[float, float]]) -> list[str]:
    """Pods that find no node, the larger ones placed first."""
    free = [list(node) for node in nodes]
    missing = []
    for pod in sorted(pods, key=lambda pod: pod.size, reverse=True):
        node = next((node for node in free if node[0] >= pod.cpu and node[1] >= pod.memory), None)
        if node is None:
            missing.append(pod.name)
        else:
            node[0] -= pod.cpu
            node[1] -= pod.memory
    return missing


def _nodes(cluster: Cluster, name: str, count: int) -> list[tuple[float, float]]:
    """Room of a group's nodes, after the DaemonSets of ours."""
    cpu, memory = _room(cluster, _groups(cluster)[name])
    ours = [_requests(owner) for owner in of_kind(rendered(cluster), "DaemonSet")]
    return [(cpu - sum(pod.cpu for pod in ours), memory - sum(pod.memory for pod in ours))] * count


def test_what_watches_and_what_serves_fit_on_the_nodes_that_are_always_there(cluster: Cluster) -> None:
    """At the fewest pods of the services; Elasticsearch, which may wait, is left to the autoscaler."""
    first = [one for one in rendered(cluster) if one["metadata"].get("namespace") in ("monitoring", "trading-engine")]
    for name, group in _groups(cluster).items():
        pods = [*_pods(first, name), *(_ADD_ONS if name == "general" else [])]
        nodes = _nodes(cluster, name, group["min_size"])
        assert _unplaced(pods, nodes) == [], f"{name}: {len(nodes)} of {group['instance_types'][0]}"


def test_everything_fits_on_the_nodes_that_there_may_be(cluster: Cluster) -> None:
    for name, group in _groups(cluster).items():
        pods = [*_pods(rendered(cluster), name), *(_ADD_ONS if name == "general" else [])]
        assert _unplaced(pods, _nodes(cluster, name, group["max_size"])) == [], name


def test_what_watches_waits_for_no_node(cluster: Cluster) -> None:
    """It has to be there before what it watches, so its group always has nodes."""
    for owner in of_kind(rendered(cluster), "Deployment", "StatefulSet"):
        if owner["metadata"]["namespace"] == "monitoring":
            assert _groups(cluster)[_group(owner)]["min_size"] > 0, owner["metadata"]["name"]


def test_too_much_does_not_fit() -> None:
    """So that the tests above can fail: one pod more than two nodes hold, and one larger than a node."""
    nodes = [(2.0, 4.0 * 2**30)] * 2
    assert _unplaced([Pod("a", 1, 2**30)] * 4, nodes) == []
    assert _unplaced([Pod("a", 1, 2**30)] * 5, nodes) == ["a"]
    assert _unplaced([Pod("b", 0.1, 5 * 2**30)], nodes) == ["b"]


def test_two_of_prometheus_fit_into_the_quota() -> None:
    quotas_leave_room(render(*PRODUCTION.values, {"prometheus": {"replicas": 2}}))


def test_quotas_leave_room_for_every_namespace_and_for_its_rollouts(cluster: Cluster) -> None:
    quotas_leave_room(rendered(cluster))


def quotas_leave_room(manifests: list[Manifest]) -> None:
    """At the most pods that there may be, and one more of each workload while it is rolled out."""
    scalers = {
        (one["metadata"]["namespace"], one["spec"]["scaleTargetRef"]["name"]): one["spec"]["maxReplicas"]
        for one in of_kind(manifests, "HorizontalPodAutoscaler")
    }
    for quota in of_kind(manifests, "ResourceQuota"):
        namespace = quota["metadata"]["namespace"]
        used = dict.fromkeys(("pods", "requests.cpu", "requests.memory", "limits.memory", "requests.storage"), 0.0)
        for owner in of_kind(manifests, *POD_OWNERS):
            if owner["metadata"]["namespace"] != namespace or owner["kind"] == "DaemonSet":
                continue
            name = owner["metadata"]["name"]
            count = scalers.get((namespace, name)) or int(owner["spec"].get("replicas", 1))
            pods = count + (1 if owner["kind"] == "Deployment" else 0)
            pod = _requests(owner)
            used["pods"] += pods
            used["requests.cpu"] += pods * pod.cpu
            used["requests.memory"] += pods * pod.memory
            limits = (amount(one["resources"]["limits"]["memory"]) for one in pod_spec(owner)["containers"])
            used["limits.memory"] += pods * sum(limits)
            for claim in owner["spec"].get("volumeClaimTemplates", []):
                used["requests.storage"] += count * amount(claim["spec"]["resources"]["requests"]["storage"])
        for resource, most in quota["spec"]["hard"].items():
            assert used[resource] <= amount(most), f"{namespace}: {resource}"
