"""Whether everything has room on the smallest number of nodes that each group has, and within its namespace's quota."""

from typing import Any

import pytest
import rules
from inventory import role_figures
from monitoring import ENVIRONMENTS
from quantities import amount
from rendering import POD_OWNERS, PRODUCTION, Cluster, Manifest, of_kind, pod_spec, render, rendered

from trading_platform.scale.pods import Pod, Room, Workload, requests, unplaced, workloads
from trading_platform.scale.room import everywhere, node_room, once


@pytest.fixture(params=ENVIRONMENTS, ids=lambda cluster: cluster.name)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.param  # type: ignore[no-any-return]


def _groups(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """The node groups of the cluster's region, as its inventory has them."""
    environment = cluster.name.removesuffix("-standby")
    figures = role_figures(environment, "eks")["eks_node_groups"]
    return dict(role_figures(environment, "eks", "dr")["eks_node_groups"] if "standby" in cluster.name else figures)


def _figures(cluster: Cluster) -> dict[str, Any]:
    return role_figures(cluster.name.removesuffix("-standby"), "eks")


def _pods(cluster: Cluster, group: str, workloads_of_it: list[Workload]) -> list[Pod]:
    """Pods of a group at their fewest, but for those that every node has and those of jobs, which wait for room."""
    bound = [one for one in workloads_of_it if not one.every_node]
    assert all(one.group for one in bound)
    add_ons = once(_figures(cluster)["eks_addons"]) if group == "general" else []
    return [*(pod for one in bound if one.group == group for pod in [one.pod] * one.fewest), *add_ons]


def _nodes(cluster: Cluster, name: str, count: int) -> list[Room]:
    """Room of a group's nodes, after the add-ons' pods on each and those of ours."""
    figures = _figures(cluster)
    ours = [one.pod for one in workloads(rendered(cluster)) if one.every_node]
    every_node = [*ours, *everywhere(figures["eks_addons"])]
    return [node_room(_groups(cluster)[name], figures["eks_pod_networking"], every_node)] * count


def test_what_watches_and_what_serves_fit_on_the_nodes_that_are_always_there(cluster: Cluster) -> None:
    """At the fewest pods of the services; Elasticsearch, which may wait, is left to the autoscaler."""
    first = [one for one in workloads(rendered(cluster)) if one.namespace in ("monitoring", "trading-engine")]
    for name, group in _groups(cluster).items():
        nodes = _nodes(cluster, name, group["min_size"])
        assert unplaced(_pods(cluster, name, first), nodes) == [], (
            f"{name}: {len(nodes)} of {group['instance_types'][0]}"
        )


def test_everything_fits_on_the_nodes_that_there_may_be(cluster: Cluster) -> None:
    for name, group in _groups(cluster).items():
        pods = _pods(cluster, name, workloads(rendered(cluster)))
        assert unplaced(pods, _nodes(cluster, name, group["max_size"])) == [], name


def test_what_watches_waits_for_no_node(cluster: Cluster) -> None:
    """It has to be there before what it watches, so its group always has nodes."""
    for one in workloads(rendered(cluster)):
        if one.namespace == "monitoring":
            assert _groups(cluster)[one.group]["min_size"] > 0, one.pod.name


def test_too_much_does_not_fit() -> None:
    """So that the tests above can fail: one pod more than two nodes hold, and one larger than a node."""
    nodes = [Room(2.0, 4.0 * 2**30)] * 2
    assert unplaced([Pod("a", 1, 2**30)] * 4, nodes) == []
    assert unplaced([Pod("a", 1, 2**30)] * 5, nodes) == ["a"]
    assert unplaced([Pod("b", 0.1, 5 * 2**30)], nodes) == ["b"]


def test_two_of_prometheus_fit_into_the_quota() -> None:
    quotas_leave_room(render(*PRODUCTION.values, {"prometheus": {"replicas": 2}}))


def test_quotas_leave_room_for_every_namespace_and_for_its_rollouts(cluster: Cluster) -> None:
    quotas_leave_room(rendered(cluster))


def quotas_leave_room(manifests: list[Manifest]) -> None:
    """At the most pods that there may be, and one more of each workload while it is rolled out."""
    for quota in of_kind(manifests, "ResourceQuota"):
        namespace = quota["metadata"]["namespace"]
        used = _used(manifests, namespace, "maxReplicas", rollouts=True)
        for resource, most in quota["spec"]["hard"].items():
            assert used[resource] <= amount(most), f"{namespace}: {resource}"


def test_no_alert_tells_of_a_quota_in_everyday_use(cluster: Cluster) -> None:
    (alert,) = (one for one in rules.alerts() if one.name == "QuotaNearlyUsed")
    percent = float(alert.expr.rsplit(">", 1)[1])
    manifests = rendered(cluster)
    for quota in of_kind(manifests, "ResourceQuota"):
        namespace = quota["metadata"]["namespace"]
        used = _used(manifests, namespace, "minReplicas", rollouts=False)
        for resource, most in quota["spec"]["hard"].items():
            assert used[resource] <= percent / 100 * amount(most), f"{namespace}: {resource}"


def _used(manifests: list[Manifest], namespace: str, scaled_to: str, *, rollouts: bool) -> dict[str, float]:
    """What the pods of a namespace take of its quota, with each HPA at its minReplicas or maxReplicas."""
    scalers = {
        (one["metadata"]["namespace"], one["spec"]["scaleTargetRef"]["name"]): one["spec"][scaled_to]
        for one in of_kind(manifests, "HorizontalPodAutoscaler")
    }
    used = dict.fromkeys(("pods", "requests.cpu", "requests.memory", "limits.memory", "requests.storage"), 0.0)
    for owner in of_kind(manifests, *POD_OWNERS):
        if owner["metadata"]["namespace"] != namespace or owner["kind"] == "DaemonSet":
            continue
        name = owner["metadata"]["name"]
        count = scalers.get((namespace, name)) or int(owner["spec"].get("replicas", 1))
        pods = count + (1 if rollouts and owner["kind"] == "Deployment" else 0)
        pod = requests(owner)
        used["pods"] += pods
        used["requests.cpu"] += pods * pod.cpu
        used["requests.memory"] += pods * pod.memory
        limits = (amount(one["resources"]["limits"]["memory"]) for one in pod_spec(owner)["containers"])
        used["limits.memory"] += pods * sum(limits)
        for claim in owner["spec"].get("volumeClaimTemplates", []):
            used["requests.storage"] += count * amount(claim["spec"]["resources"]["requests"]["storage"])
    return used
