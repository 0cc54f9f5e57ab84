"""Who may connect to whom, computed from the rendered policies: it is the list of flows, and nothing else."""

import copy
from typing import Any

import pytest
from rendering import (
    BY_NAME,
    PRODUCTION,
    Cluster,
    Manifest,
    all_values,
    chart_values,
    merged,
    of_kind,
    one,
    pod_spec,
    rendered,
)
from rendering import POD_OWNERS as OWNERS

from trading_platform.chart_flows import read_cluster, wanted
from trading_platform.connectivity import compare, dangling, vpc_cni_gaps

METADATA_SERVICE = "169.254.169.254"


def differences(manifests: list[Manifest], cluster: Cluster) -> list[str]:
    """What the policies allow beside the flows, or do not."""
    values = all_values(cluster)
    computed = read_cluster(manifests, values)
    namespaces = {manifest["metadata"]["name"] for manifest in of_kind(manifests, "Namespace")}
    return [str(difference) for difference in compare(computed, wanted(computed, values), namespaces)]


@pytest.mark.parametrize("cluster", BY_NAME.values(), ids=BY_NAME)
def test_policies_allow_the_flows_and_nothing_else(cluster: Cluster) -> None:
    assert differences(rendered(cluster), cluster) == []


@pytest.mark.parametrize("cluster", [BY_NAME["production"], BY_NAME["staging"]], ids=lambda cluster: cluster.name)
def test_policies_mean_something(cluster: Cluster) -> None:
    """No peer that selects nothing, no port that nobody has, nothing that the VPC CNI plugin would not enforce."""
    computed = read_cluster(rendered(cluster), all_values(cluster))
    # The agents' namespace is closed, though all that runs there is on the host's network.
    found = [line for line in dangling(computed) if not line.startswith("NetworkPolicy monitoring-agents/default-deny")]
    assert (found, vpc_cni_gaps(computed)) == ([], [])


@pytest.mark.parametrize("cluster", BY_NAME.values(), ids=BY_NAME)
def test_every_namespace_of_ours_is_closed(cluster: Cluster) -> None:
    manifests = rendered(cluster)
    for namespace in of_kind(manifests, "Namespace"):
        policy = one(manifests, "NetworkPolicy", "default-deny", namespace["metadata"]["name"])
        assert policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ours = {namespace["metadata"]["name"] for namespace in of_kind(manifests, "Namespace")}
    if cluster.name != "services-only":
        assert {owner["metadata"]["namespace"] for owner in of_kind(manifests, *OWNERS)} <= ours


def test_every_pod_is_in_the_list_of_workloads() -> None:
    """One that is not has no policy but the denial of everything."""
    listed = chart_values()["networkPolicy"]["workloads"]
    namespaces = chart_values()["global"]["namespaces"]
    for cluster in BY_NAME.values():
        for owner in of_kind(rendered(cluster), *OWNERS):
            name, spec = owner["metadata"]["name"], pod_spec(owner)
            assert spec.get("hostNetwork", False) == listed[name].get("hostNetwork", False), name
            if not spec.get("hostNetwork"):
                assert namespaces[listed[name]["namespace"]]["name"] == owner["metadata"]["namespace"], name


def test_the_flows_of_the_document_are_listed() -> None:
    """Security > Network Security > Network Policies."""
    marked = [
        (source, target)
        for flow in chart_values()["networkPolicy"]["flows"]
        for source in flow["from"]
        for target in flow["to"]
        if flow.get("document")
    ]
    assert marked == [("api", "database"), ("api", "redis"), ("websocket", "api"), ("worker", "database")]


def test_nobody_reaches_the_metadata_service() -> None:
    """It gives the role of the node to whoever asks."""
    for policy in of_kind(rendered(PRODUCTION), "NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            for peer in rule["to"]:
                block = peer.get("ipBlock", {"cidr": "192.0.2.0/24"})
                assert block["cidr"] != "169.254.0.0/16"
                if block["cidr"] == "0.0.0.0/0":
                    assert "169.254.0.0/16" in block["except"]


def _rules(manifests: list[Manifest]) -> list[tuple[str, str, int]]:
    return [
        (policy["metadata"]["name"], direction, number)
        for policy in of_kind(manifests, "NetworkPolicy")
        for direction in ("ingress", "egress")
        for number, rule in enumerate(policy["spec"].get(direction, []))
        if not _within_another(rule, policy["spec"][direction])
    ]


def _within_another(rule: dict[str, Any], rules: list[dict[str, Any]]) -> bool:
    """The way to the internet is also part of the way to AWS, which has its own reason."""
    peers = rule.get("to", [])
    others = [other["to"] for other in rules if other is not rule and other["ports"] == rule["ports"] and "to" in other]
    return any(all(peer in other for peer in peers) for other in others)


@pytest.mark.parametrize(("name", "direction", "number"), _rules(rendered(PRODUCTION)))
def test_a_rule_that_is_taken_out_is_missed(name: str, direction: str, number: int) -> None:
    """By the name of its flow: every rule is needed, and its absence is found."""
    manifests: list[dict[str, Any]] = copy.deepcopy(rendered(PRODUCTION))
    policy = one([manifest for manifest in manifests if manifest["kind"] == "NetworkPolicy"], "NetworkPolicy", name)
    policy["spec"][direction].pop(number)
    found = differences(manifests, PRODUCTION)
    assert found
    assert all(line.startswith("missing: ") and name in line for line in found)


def test_a_rule_too_many_is_found() -> None:
    manifests = rendered(PRODUCTION)
    one(manifests, "NetworkPolicy", "worker")["spec"]["egress"].append(
        {"to": [{"ipBlock": {"cidr": "10.0.11.0/24"}}], "ports": [{"protocol": "TCP", "port": 6379}]}
    )
    (line,) = differences(manifests, PRODUCTION)
    assert line.startswith("extra: ")
    assert "worker" in line and "6379" in line and "egress rule" in line


def test_a_flow_of_no_policy_is_found() -> None:
    """A flow that the templates forgot would be missing: here they are given one flow more than they rendered."""
    more = {"from": ["worker"], "to": ["redis"], "ports": ["redis"], "why": "a wish"}
    values = all_values(PRODUCTION)
    computed = read_cluster(rendered(PRODUCTION), values)
    flows = {"networkPolicy": {"flows": [*values["networkPolicy"]["flows"], more]}}
    wishes = wanted(computed, merged(values, flows))
    found = [str(difference) for difference in compare(computed, wishes, ["trading-engine"])]
    assert found
    assert all(line.startswith("missing: ") and "worker" in line and "6379" in line for line in found), found
