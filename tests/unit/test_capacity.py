"""Pods per node, addresses per node, and where the addresses of the design document's estate run out."""

import copy
from typing import Any

import pytest

from trading_platform.capacity import (
    CapacityError,
    CapacityPlan,
    Demand,
    InstanceLimits,
    NodeGroup,
    exhaustion_message,
    find_problems,
    interface_demand,
    load_limits,
    max_pods,
    plan_capacity,
    plan_inventory_capacity,
)
from trading_platform.cidr import VpcPlan, plan_vpc

VPC: dict[str, Any] = {
    "vpc_cidr": "10.0.0.0/16",
    "vpc_secondary_cidrs": {"pods": "100.64.0.0/16"},
    "vpc_availability_zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "vpc_subnet_tiers": {
        "private": {"prefix_length": 24, "offset": 1},
        "pod": {"prefix_length": 18, "offset": 0, "cidr": "pods"},
    },
}
# "Node Groups" of the design document.
NODE_GROUPS: dict[str, Any] = {
    "general": {"instance_types": ["t3.xlarge"], "min_size": 3, "max_size": 10, "disk_size": 100},
    "compute": {"instance_types": ["c6i.2xlarge"], "min_size": 2, "max_size": 20, "capacity_type": "SPOT"},
    "memory": {"instance_types": ["r6i.xlarge"], "min_size": 1, "max_size": 5},
}
POD_TIER = {"custom_networking": True, "prefix_delegation": True, "tier": "pod"}


def plan() -> VpcPlan:
    return plan_vpc(VPC)


def variables(**networking: Any) -> dict[str, Any]:
    return {"eks_node_groups": copy.deepcopy(NODE_GROUPS), "eks_pod_networking": networking}


def capacity(pods_per_node: int | None = None, **networking: Any) -> CapacityPlan:
    return plan_inventory_capacity(variables(**networking), plan(), pods_per_node=pods_per_node)


@pytest.mark.parametrize(
    ("instance_type", "pods"),
    [
        ("m5.large", 29),
        ("m6i.large", 29),
        ("t3.xlarge", 58),
        ("m6i.xlarge", 58),
        ("t3.medium", 17),
        ("m5.4xlarge", 234),
    ],
)
def test_pods_with_secondary_addresses(instance_type: str, pods: int) -> None:
    assert max_pods(load_limits()[instance_type]) == pods


def test_pods_with_custom_networking_and_prefixes() -> None:
    large = load_limits()["m5.large"]
    assert max_pods(large, custom_networking=True) == 20
    assert max_pods(large, custom_networking=True, prefix_delegation=True, capped=False) == 290
    assert max_pods(large, custom_networking=True, prefix_delegation=True) == 110
    assert max_pods(load_limits()["t3.xlarge"], prefix_delegation=True) == 110


def test_the_cap_depends_on_the_vcpus() -> None:
    assert max_pods(load_limits()["c6i.8xlarge"], prefix_delegation=True) == 250  # 32 vCPUs
    assert max_pods(load_limits()["c6i.4xlarge"], prefix_delegation=True) == 110  # 16 vCPUs
    unknown = InstanceLimits("new.large", None, 8, 30, prefixes=True)
    assert max_pods(unknown, prefix_delegation=True) == 110


def test_types_without_prefixes_keep_single_addresses() -> None:
    old = load_limits()["t2.large"]
    assert max_pods(old, prefix_delegation=True) == max_pods(old) == 35
    assert interface_demand(old, 33, prefix_delegation=True, interfaces=3) == Demand(addresses=36)


def test_every_row_of_the_limits_is_usable() -> None:
    limits = load_limits()
    assert len(limits) > 1300
    for entry in limits.values():
        assert entry.max_enis >= 2
        assert entry.ipv4_per_eni >= 2
        assert entry.vcpu is None or 1 <= entry.vcpu <= 2048
        assert max_pods(entry) >= 4


@pytest.mark.parametrize(
    ("instance_type", "pods", "interfaces", "secondary"),
    # docs/eni-and-ip-target.md of amazon-vpc-cni-k8s, the rows of WARM_ENI_TARGET=1
    [
        ("t3.small", 0, 1, 3),
        ("t3.small", 5, 3, 9),
        ("t3.small", 9, 3, 9),
        ("p3dn.24xlarge", 0, 1, 49),
        ("p3dn.24xlarge", 3, 2, 98),
        ("p3dn.24xlarge", 95, 3, 147),
    ],
)
def test_warm_interface_as_in_the_documents_of_the_cni(
    instance_type: str, pods: int, interfaces: int, secondary: int
) -> None:
    limits = load_limits()[instance_type]
    demand = interface_demand(limits, pods, prefix_delegation=False, interfaces=limits.max_enis)
    assert demand == Demand(addresses=secondary + interfaces)


@pytest.mark.parametrize(
    ("pods", "interfaces", "prefixes"),
    # docs/prefix-and-ip-target.md of amazon-vpc-cni-k8s, t3.small with WARM_PREFIX_TARGET=1
    [(0, 1, 1), (5, 1, 2), (16, 1, 2), (17, 1, 3), (58, 2, 5)],
)
def test_warm_prefix_as_in_the_documents_of_the_cni(pods: int, interfaces: int, prefixes: int) -> None:
    limits = load_limits()["t3.small"]
    demand = interface_demand(limits, pods, prefix_delegation=True, interfaces=limits.max_enis)
    assert demand == Demand(addresses=interfaces, prefixes=prefixes)


def test_the_document_s_private_subnets_run_out_before_full_scale() -> None:
    found = capacity()
    assert (found.max_nodes, found.max_pods) == (35, 35 * 58)
    tier = found.tiers[0]
    # A full node holds 4 interfaces of 15 addresses; a /24 has 251, so four nodes in each of three zones.
    assert (tier.name, tier.holds, tier.needs) == ("private", 753, 35 * 60)
    assert found.exhaustion is not None
    assert (found.exhaustion.node, found.exhaustion.tier) == (13, "private")
    assert found.nodes_that_fit == 12


def test_they_run_out_even_with_one_pod_a_node() -> None:
    found = capacity(pods_per_node=1)
    # The warm interface doubles what a node takes: 30 addresses, eight nodes in a /24.
    assert found.nodes_that_fit == 24


def test_a_pod_cidr_with_custom_networking_and_prefixes_holds_full_scale() -> None:
    found = capacity(**POD_TIER)
    assert found.exhaustion is None
    assert found.nodes_that_fit == found.max_nodes == 35
    assert found.max_pods == 35 * 110
    assert {group.max_pods for group in found.groups} == {110}
    private, pod = found.tiers
    assert (private.holds, private.needs) == (753, 35)
    # 108 pods need 7 prefixes, one is warm, and the interface has an address of its own.
    assert (pod.holds, pod.needs) == (3 * 16379, 35 * (1 + 8 * 16))


def test_prefixes_in_the_private_subnets_are_no_way_out() -> None:
    found = capacity(prefix_delegation=True)
    assert found.nodes_that_fit == 3


def test_prefixes_need_whole_blocks() -> None:
    group = NodeGroup("one", ("m5.large",), 1, 2)
    spec = VPC | {"vpc_subnet_tiers": {"private": {"prefix_length": 24, "offset": 0}}, "vpc_availability_zones": ["a"]}
    subnets = plan_vpc(spec).subnets_by_tier()
    # 2 x (1 address + 6 prefixes) = 194 addresses of 251, and 14 whole /28 blocks of 14.
    fits = plan_capacity([group], subnets, prefix_delegation=True, pods_per_node=80)
    assert fits.exhaustion is None
    # 2 x (1 + 7 prefixes) = 226 addresses of 251 would fit, 16 blocks do not.
    short = plan_capacity([group], subnets, prefix_delegation=True, pods_per_node=96)
    assert short.exhaustion is not None
    assert (short.exhaustion.node, short.exhaustion.fragmented) == (2, True)
    assert "not enough whole /28 prefixes" in exhaustion_message(short)


def test_a_group_counts_with_the_lowest_pods_and_the_most_addresses_of_its_types() -> None:
    group = NodeGroup("mixed", ("m5.4xlarge", "m5.large"), 0, 1)
    found = plan_capacity([group], plan().subnets_by_tier()).groups[0]
    assert found.max_pods == 29
    # m5.large: 3 x 10; m5.4xlarge with 27 pods: one interface of 30 and a warm one.
    assert found.node == Demand(addresses=60)


def test_custom_networking_leaves_the_first_interface_to_the_node() -> None:
    group = NodeGroup("one", ("m5.large",), 0, 1)
    found = plan_capacity([group], plan().subnets_by_tier(), custom_networking=True, pod_tier="pod").groups[0]
    # Three interfaces of ten addresses: one carries the node's address only, two carry 18 pods.
    assert (found.max_pods, found.node, found.pod) == (20, Demand(addresses=1), Demand(addresses=20))


def test_nodes_grow_in_proportion_and_evenly_over_the_zones() -> None:
    groups = [NodeGroup("small", ("t3.medium",), 0, 10), NodeGroup("large", ("m5.4xlarge",), 0, 10)]
    found = plan_capacity(groups, plan().subnets_by_tier())
    assert found.exhaustion is not None
    # small in a (18 addresses), large in b (240), small in c, large in a: 258 of 251.
    assert (found.exhaustion.node, found.exhaustion.availability_zone) == (4, "us-east-1a")


def test_minimum_sizes_are_there_before_any_group_grows() -> None:
    groups = [NodeGroup("small", ("t3.medium",), 6, 10), NodeGroup("large", ("m5.4xlarge",), 0, 10)]
    found = plan_capacity(groups, plan().subnets_by_tier())
    assert found.exhaustion is not None
    # Two small nodes in each zone leave no room for a large one.
    assert found.nodes_that_fit == 6


def test_custom_networking_needs_the_pods_zone_too() -> None:
    subnets = plan().subnets_by_tier()
    subnets["pod"] = subnets["pod"][:2]
    group = NodeGroup("one", ("m5.large",), 1, 2)
    with pytest.raises(CapacityError, match="pod has no subnet in us-east-1c"):
        plan_capacity([group], subnets, custom_networking=True, pod_tier="pod")


@pytest.mark.parametrize(
    ("networking", "message"),
    [
        ({"custom_networking": True}, "eks_pod_networking.tier: is missing; custom networking needs a tier"),
        ({"custom_networking": True, "tier": "pots"}, "'pots' is not a tier with subnets (known: pod, private)"),
        ({"custom_networking": "yes"}, "eks_pod_networking.custom_networking: must be true or false, not 'yes'"),
    ],
)
def test_wrong_pod_networking(networking: dict[str, Any], message: str) -> None:
    found = [str(problem) for problem in find_problems(variables(**networking), plan())]
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"instance_types": ["t3.xlrge"], "min_size": 1, "max_size": 2}, "did you mean t3.xlarge?"),
        ({"instance_types": [], "min_size": 1, "max_size": 2}, "must be a list of instance types, not []"),
        ({"instance_types": "t3.xlarge", "min_size": 1, "max_size": 2}, "must be a list of instance types"),
        ({"instance_types": ["t3.xlarge"], "min_size": 3, "max_size": 2}, "needs 0 <= min_size <= max_size, not 3, 2"),
        ({"instance_types": ["t3.xlarge"], "min_size": 1}, "max_size: must be a whole number, not None"),
        (
            {"instance_types": ["t3.xlarge"], "min_size": True, "max_size": 2},
            "min_size: must be a whole number, not True",
        ),
        ("t3.xlarge", "must be a mapping"),
    ],
)
def test_wrong_node_groups(group: object, message: str) -> None:
    changed = variables() | {"eks_node_groups": {"general": group}}
    found = [str(problem) for problem in find_problems(changed, plan())]
    assert len(found) == 1
    assert found[0].startswith("eks_node_groups.general")
    assert message in found[0]


def test_every_problem_is_told_at_once() -> None:
    changed = variables(custom_networking="x") | {"eks_node_groups": {"a": 1, "b": {"instance_types": ["m5.large"]}}}
    keys = [problem.key for problem in find_problems(changed, plan())]
    assert keys == [
        "eks_node_groups.a",
        "eks_node_groups.b.min_size",
        "eks_node_groups.b.max_size",
        "eks_pod_networking.custom_networking",
    ]


def test_a_vpc_without_private_subnets() -> None:
    with pytest.raises(CapacityError, match="has no subnets in tier nodes"):
        plan_inventory_capacity(variables(), plan(), node_tier="nodes")


def test_preflight_is_told_where_and_what_to_do() -> None:
    problems = find_problems(variables(), plan())
    assert [problem.key for problem in problems] == ["eks_node_groups"]
    message = problems[0].message
    assert message.startswith(
        "the private subnets hold 753 addresses, full scale needs 2,100; they run out at node 13 of 35, in us-east-1a; "
        "even with one pod a node they run out at node 25; add a pod CIDR such as 100.64.0.0/16"
    )


def test_preflight_has_nothing_to_say_when_all_fits_or_nothing_is_planned() -> None:
    assert find_problems(variables(**POD_TIER), plan()) == []
    assert find_problems({}, plan()) == []


def test_pod_subnets_that_are_too_small_are_named() -> None:
    small = copy.deepcopy(VPC)
    small["vpc_subnet_tiers"]["pod"] = {"prefix_length": 24, "offset": 0, "cidr": "pods"}
    found = find_problems(variables(**POD_TIER), plan_vpc(small))
    assert "the pod subnets hold 753 addresses, full scale needs 4,515" in found[0].message
    assert "give that tier larger subnets" in found[0].message


def test_a_message_without_a_shortage_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="do not run out"):
        exhaustion_message(capacity(**POD_TIER))
