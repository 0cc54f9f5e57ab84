"""Whether the subnets of a region have the addresses for its EKS cluster at full scale, and where they run out.

What one node takes is in `node_limits`. It takes it from the subnet of its availability zone; with custom networking
one address from its own subnet and the rest from the pod subnet of the same zone. Nodes are spread evenly over the
zones. The node groups grow in proportion, from their minimum to their maximum sizes.

A prefix is 16 aligned addresses of which none is in use: AWS's own addresses spoil the first and the last of a subnet,
and without a subnet CIDR reservation any interface's own address may spoil one more. The plan counts with that worst
case (https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html, "fragmentation").
In a group with several instance types every node gets the lowest number of pods of any of them (EKS user guide,
"Assign more IP addresses to Amazon EKS nodes with prefixes").
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from typing import Any

from trading_platform.capacity_model import (
    CapacityError,
    CapacityPlan,
    Exhaustion,
    GroupCapacity,
    NodeGroup,
    TierCapacity,
)
from trading_platform.cidr_model import CidrProblem, Subnet, VpcPlan
from trading_platform.node_limits import (
    HOST_NETWORK_PODS,
    PREFIX_ADDRESSES,
    Demand,
    InstanceLimits,
    interface_demand,
    load_limits,
    max_pods,
)

__all__ = [
    "CapacityError",
    "CapacityPlan",
    "Demand",
    "Exhaustion",
    "GroupCapacity",
    "InstanceLimits",
    "NodeGroup",
    "TierCapacity",
    "capacity_as_dict",
    "exhaustion_message",
    "find_problems",
    "interface_demand",
    "load_limits",
    "max_pods",
    "plan_capacity",
    "plan_inventory_capacity",
]


def plan_capacity(
    node_groups: Sequence[NodeGroup],
    subnets_by_tier: Mapping[str, Sequence[Subnet]],
    *,
    node_tier: str = "private",
    pod_tier: str | None = None,
    prefix_delegation: bool = False,
    custom_networking: bool = False,
    pods_per_node: int | None = None,
    limits: Mapping[str, InstanceLimits] | None = None,
) -> CapacityPlan:
    """Addresses at full scale against what the subnets hold, and the node at which they run out.

    `node_tier`: the tier of the nodes' subnets; `pod_tier`: that of the pods', only with custom networking.
    `pods_per_node`: pods with addresses of their own on every node; None = as many as the node may run.
    Raises CapacityError with every problem: unknown tiers and instance types, sizes that are none.
    """
    limits = load_limits() if limits is None else limits
    problems = _group_problems(node_groups, limits)
    problems += _tier_problems(subnets_by_tier, node_tier, pod_tier, custom_networking)
    if problems:
        raise CapacityError(problems)
    groups = [
        _group_capacity(group, limits, prefix_delegation, custom_networking, pods_per_node) for group in node_groups
    ]
    tiers = [node_tier, pod_tier] if custom_networking and pod_tier else [node_tier]
    return CapacityPlan(
        groups=tuple(groups),
        tiers=tuple(_tier_capacity(tier, subnets_by_tier, groups, tier == node_tier) for tier in tiers),
        custom_networking=custom_networking,
        prefix_delegation=prefix_delegation,
        exhaustion=_exhaustion(node_groups, groups, {tier: subnets_by_tier[tier] for tier in tiers}),
    )


def plan_inventory_capacity(
    variables: Mapping[str, Any], plan: VpcPlan, *, node_tier: str = "private", pods_per_node: int | None = None
) -> CapacityPlan:
    """`plan_capacity` from inventory variables (eks_node_groups, eks_pod_networking) and the region's address plan.

    eks_node_groups: {general: {instance_types: [t3.xlarge], min_size: 3, max_size: 10}}
    eks_pod_networking: {custom_networking: true, prefix_delegation: true, tier: pod}    # optional

    Raises CapacityError with every problem.
    """
    groups, problems = _read_node_groups(variables.get("eks_node_groups"))
    networking = variables.get("eks_pod_networking") or {}
    if not isinstance(networking, Mapping):
        problems.append(CidrProblem("eks_pod_networking", f"must be a mapping, not {networking!r}"))
        networking = {}
    for key in ("custom_networking", "prefix_delegation"):
        if not isinstance(networking.get(key, False), bool):
            problems.append(CidrProblem(f"eks_pod_networking.{key}", f"must be true or false, not {networking[key]!r}"))
    if problems:
        raise CapacityError(problems)
    return plan_capacity(
        groups,
        plan.subnets_by_tier(),
        node_tier=node_tier,
        pod_tier=networking.get("tier"),
        prefix_delegation=networking.get("prefix_delegation", False),
        custom_networking=networking.get("custom_networking", False),
        pods_per_node=pods_per_node,
    )


def find_problems(variables: Mapping[str, Any], plan: VpcPlan, *, node_tier: str = "private") -> list[CidrProblem]:
    """What is wrong with a region's node groups, or why its addresses run out; [] when full scale fits.

    A region without eks_node_groups has nothing to plan.
    """
    if not variables.get("eks_node_groups"):
        return []
    try:
        full = plan_inventory_capacity(variables, plan, node_tier=node_tier)
        light = plan_inventory_capacity(variables, plan, node_tier=node_tier, pods_per_node=1)
    except CapacityError as error:
        return list(error.problems)
    if full.exhaustion is None:
        return []
    return [CidrProblem("eks_node_groups", f"{exhaustion_message(full, light)}; {_advice(full)}")]


def exhaustion_message(full: CapacityPlan, light: CapacityPlan | None = None) -> str:
    """Which subnets run out and at which node; `light`: the same groups with fewer pods, told beside it.

    Raises ValueError when nothing runs out.
    """
    end = full.exhaustion
    if end is None:
        raise ValueError("the addresses do not run out")
    tier = next(tier for tier in full.tiers if tier.name == end.tier)
    parts = [
        f"the {tier.name} subnets hold {tier.holds:,} addresses, full scale needs {tier.needs:,}",
        f"they run out at node {end.node} of {full.max_nodes}, in {end.availability_zone}",
    ]
    if end.fragmented:
        parts.append("addresses are left, but not enough whole /28 prefixes")
    if light is not None and light.exhaustion is not None:
        parts.append(f"even with one pod a node they run out at node {light.exhaustion.node}")
    return "; ".join(parts)


def _advice(capacity: CapacityPlan) -> str:
    if capacity.custom_networking:
        return "give that tier larger subnets (a shorter prefix_length)"
    return (
        "add a pod CIDR such as 100.64.0.0/16 to vpc_secondary_cidrs, a tier of /18 subnets in it, and name that "
        "tier in eks_pod_networking: {custom_networking: true, prefix_delegation: true, tier: ...}"
    )


def capacity_as_dict(capacity: CapacityPlan) -> dict[str, Any]:
    """The plan as plain dicts, lists, strings and numbers, for Ansible and JSON."""
    return {
        "fits": capacity.exhaustion is None,
        "max_nodes": capacity.max_nodes,
        "max_pods": capacity.max_pods,
        "nodes_that_fit": capacity.nodes_that_fit,
        "message": exhaustion_message(capacity) if capacity.exhaustion else "",
        "groups": [asdict(group) | {"instance_types": list(group.instance_types)} for group in capacity.groups],
        "tiers": [asdict(tier) for tier in capacity.tiers],
    }


def _read_node_groups(value: object) -> tuple[list[NodeGroup], list[CidrProblem]]:
    if not isinstance(value, Mapping) or not value:
        return [], [CidrProblem("eks_node_groups", f"must be a mapping of node groups by name, not {value!r}")]
    groups: list[NodeGroup] = []
    problems: list[CidrProblem] = []
    for name, group in value.items():
        key = f"eks_node_groups.{name}"
        if not isinstance(group, Mapping):
            problems.append(
                CidrProblem(key, f"must be a mapping with instance_types, min_size, max_size, not {group!r}")
            )
            continue
        types = group.get("instance_types")
        if not types or not isinstance(types, list | tuple) or not all(isinstance(entry, str) for entry in types):
            problems.append(CidrProblem(f"{key}.instance_types", f"must be a list of instance types, not {types!r}"))
            types = ()
        sizes = {size: group.get(size) for size in ("min_size", "max_size")}
        wrong = {
            size: number for size, number in sizes.items() if isinstance(number, bool) or not isinstance(number, int)
        }
        problems += [CidrProblem(f"{key}.{size}", f"must be a whole number, not {wrong[size]!r}") for size in wrong]
        if types and not wrong:
            groups.append(NodeGroup(str(name), tuple(types), group["min_size"], group["max_size"]))
    return groups, problems


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _group_problems(groups: Sequence[NodeGroup], limits: Mapping[str, InstanceLimits]) -> list[CidrProblem]:
    problems = []
    for group in groups:
        key = f"eks_node_groups.{group.name}"
        if not 0 <= group.min_size <= group.max_size:
            problems.append(
                CidrProblem(key, f"needs 0 <= min_size <= max_size, not {group.min_size}, {group.max_size}")
            )
        if not group.instance_types:
            problems.append(CidrProblem(f"{key}.instance_types", "names no instance type"))
        for name in group.instance_types:
            if name not in limits:
                near = get_close_matches(name, limits, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                message = f"{name} has no known network interface limits (data/instance_limits.csv){hint}"
                problems.append(CidrProblem(f"{key}.instance_types", message))
    return problems


def _tier_problems(
    subnets_by_tier: Mapping[str, Sequence[Subnet]], node_tier: str, pod_tier: str | None, custom_networking: bool
) -> list[CidrProblem]:
    known = ", ".join(sorted(subnets_by_tier)) or "none"
    problems = []
    if not subnets_by_tier.get(node_tier):
        problems.append(CidrProblem("vpc_subnet_tiers", f"has no subnets in tier {node_tier}, where the nodes go"))
    if not custom_networking:
        return problems
    key = "eks_pod_networking.tier"
    if not pod_tier:
        problems.append(CidrProblem(key, f"is missing; custom networking needs a tier of pod subnets (known: {known})"))
    elif not subnets_by_tier.get(pod_tier):
        problems.append(CidrProblem(key, f"{pod_tier!r} is not a tier with subnets (known: {known})"))
    else:
        pods = {subnet.availability_zone for subnet in subnets_by_tier[pod_tier]}
        nodes = {subnet.availability_zone for subnet in subnets_by_tier.get(node_tier, ())}
        for zone in sorted(nodes - pods):
            problems.append(
                CidrProblem(key, f"{pod_tier} has no subnet in {zone}; pods live in the zone of their node")
            )
    return problems


def _group_capacity(
    group: NodeGroup,
    limits: Mapping[str, InstanceLimits],
    prefix_delegation: bool,
    custom_networking: bool,
    pods_per_node: int | None,
) -> GroupCapacity:
    """A node of a group with several types counts with the most that any of them takes."""
    types = [limits[name] for name in group.instance_types]
    most = min(
        max_pods(entry, prefix_delegation=prefix_delegation, custom_networking=custom_networking) for entry in types
    )
    pods = most - HOST_NETWORK_PODS
    pods = pods if pods_per_node is None else min(pods, pods_per_node)
    own = 1 if custom_networking else 0
    demands = [
        interface_demand(entry, pods, prefix_delegation=prefix_delegation, interfaces=entry.max_enis - own)
        for entry in types
    ]
    largest = Demand(max(demand.addresses for demand in demands), max(demand.prefixes for demand in demands))
    node, pod = (Demand(addresses=1), largest) if custom_networking else (largest, Demand())
    return GroupCapacity(group.name, group.instance_types, group.max_size, most, node, pod)


def _tier_capacity(
    tier: str, subnets_by_tier: Mapping[str, Sequence[Subnet]], groups: Sequence[GroupCapacity], is_node_tier: bool
) -> TierCapacity:
    subnets = subnets_by_tier[tier]
    needs = sum(group.max_size * (group.node if is_node_tier else group.pod).total for group in groups)
    return TierCapacity(tier, len(subnets), sum(subnet.usable_addresses for subnet in subnets), needs)


@dataclass
class _Room:
    """What the subnets of one tier hold in one zone, and what is taken of it."""

    addresses: int = 0
    whole_prefixes: int = 0
    taken: Demand = field(default_factory=Demand)

    def fits(self) -> bool:
        return self.taken.total <= self.addresses and not self.fragmented()

    def fragmented(self) -> bool:
        # Worst case: every single address spoils a prefix of its own.
        spoiled = self.taken.prefixes + self.taken.addresses
        return self.taken.prefixes > 0 and self.taken.total <= self.addresses and spoiled > self.whole_prefixes


def _rooms(subnets: Sequence[Subnet]) -> dict[str, _Room]:
    rooms: dict[str, _Room] = {}
    for subnet in subnets:
        room = rooms.setdefault(subnet.availability_zone, _Room())
        room.addresses += subnet.usable_addresses
        room.whole_prefixes += max(0, subnet.addresses // PREFIX_ADDRESSES - 2)
    return rooms


def _exhaustion(
    node_groups: Sequence[NodeGroup], groups: Sequence[GroupCapacity], subnets: Mapping[str, Sequence[Subnet]]
) -> Exhaustion | None:
    """Adds the nodes one by one. `subnets`: the node tier's first, then the pod tier's."""
    rooms = {tier: _rooms(entries) for tier, entries in subnets.items()}
    zones = list(dict.fromkeys(subnet.availability_zone for subnet in next(iter(subnets.values()))))
    of_group = [dict.fromkeys(zones, 0) for _ in groups]
    of_all = dict.fromkeys(zones, 0)
    for node, index in enumerate(_growth(node_groups), start=1):
        zone = min(zones, key=lambda name: (of_all[name], of_group[index][name]))
        of_group[index][zone] += 1
        of_all[zone] += 1
        for tier, demand in zip(subnets, (groups[index].node, groups[index].pod), strict=False):
            room = rooms[tier][zone]
            room.taken = room.taken.plus(demand)
            if not room.fits():
                return Exhaustion(node, tier, zone, room.fragmented())
    return None


def _growth(groups: Sequence[NodeGroup]) -> list[int]:
    """The group (its index) of every node from the first to the last: all minimum sizes first, then up to the maximum
    sizes; within each stage the groups grow in proportion."""
    order: list[int] = []
    for targets in ([group.min_size for group in groups], [group.max_size - group.min_size for group in groups]):
        total = sum(targets)
        counts = [0] * len(targets)
        for step in range(1, total + 1):
            index = max(range(len(targets)), key=lambda i: targets[i] * step - counts[i] * total)
            counts[index] += 1
            order.append(index)
    return order
