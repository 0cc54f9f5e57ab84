"""Rows about nodes, the pods on them, their volumes and their addresses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trading_platform.eks_nodes import pods_per_node
from trading_platform.node_limits import load_limits
from trading_platform.preflight.quotas import vcpus
from trading_platform.scale.model import Demand, Dimension, Kind, Scale
from trading_platform.scale.pods import Pod, Room, Workload, nodes_for
from trading_platform.scale.room import GIB, RoomError, everywhere, node_room, once
from trading_platform.scale.source import Cluster, Nodes, ScaleError, Source
from trading_platform.scale.volumes import pod_volumes


@dataclass(frozen=True, slots=True)
class _Pods:
    """The pods of a node group at one scale, but for those that every node has.

    `volumes`: what they have; `spread`: the fewest nodes that they must be spread over.
    """

    pods: tuple[Pod, ...]
    volumes: int
    spread: int


def compute_dimensions(source: Source) -> list[Dimension]:
    """The rows of every node group, then those of the subnets.

    Raises:
        ScaleError: the chart wants a node group that is not there, or a node's room is not known.
    """
    rows: list[Dimension] = []
    for name, group in (source.variables.get("eks_node_groups") or {}).items():
        rows += _node_rows(name, group, source.nodes[name])
        if source.cluster:
            rows += _pod_rows(source, source.cluster, name, group)
    return [*rows, *_address_rows(source)]


def find_group_problems(cluster: Cluster, groups: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Workloads that want a node group which the inventory does not have, or any where all are dedicated."""
    problems = []
    for one in dict.fromkeys((*cluster.now, *cluster.full)):
        if not one.every_node and not _group_of(one, groups):
            wanted = f"the node group {one.group}" if one.group else "a node group that is not dedicated"
            known = ", ".join(groups)
            problems.append(f"{one.pod.name} of the chart wants {wanted}, which eks_node_groups lacks (it has {known})")
    return problems


def _group_of(one: Workload, groups: Mapping[str, Mapping[str, Any]]) -> str:
    """The node group that pods run on; "" where there is none."""
    if one.group:
        return one.group if one.group in groups else ""
    return next((name for name, group in groups.items() if not group.get("dedicated")), "")


def _node_rows(name: str, group: Mapping[str, Any], nodes: Nodes) -> Iterator[Dimension]:
    cores = max(vcpus(one) for one in group["instance_types"])
    counts = (nodes.minimum, nodes.typical, nodes.full)
    yield Dimension(f"{name}: nodes", "", Demand(*counts), nodes.full, Kind.SCALE)
    demand = Demand(*(count * cores for count in counts))
    yield Dimension(f"{name}: vCPUs", "", demand, nodes.full * cores, Kind.SCALE)


def _pod_rows(source: Source, cluster: Cluster, name: str, group: Mapping[str, Any]) -> Iterator[Dimension]:
    nodes = source.nodes[name]
    networking = source.variables.get("eks_pod_networking") or {}
    daemons = {scale: _daemons(source, cluster, scale) for scale in Scale}
    try:
        room = node_room(group, networking, daemons[Scale.FULL])
    except RoomError as error:
        raise ScaleError(f"{source.region}: eks_node_groups.{name}.instance_types: {error}") from None
    on_node = pods_per_node(group, networking)
    free = on_node - len(daemons[Scale.FULL])
    asked = {scale: _pods(source, cluster, name, scale) for scale in Scale}
    needed = _demand({scale: max(nodes_for(asked[scale].pods, room, free), asked[scale].spread) for scale in Scale})
    yield Dimension(f"{name}: nodes for its pods", "", needed, nodes.full, note=_more_nodes(needed, nodes))
    counts = {Scale.MINIMUM: nodes.minimum, Scale.TYPICAL: nodes.typical, Scale.FULL: nodes.full}
    pods = _demand({scale: len(asked[scale].pods) + counts[scale] * len(daemons[scale]) for scale in Scale})
    yield Dimension(f"{name}: pods", "", pods, nodes.full * on_node)
    yield from _request_rows(name, asked, room, nodes.full)
    volumes = _demand({scale: asked[scale].volumes for scale in Scale})
    limits = [pod_volumes(load_limits()[one]) for one in group["instance_types"]]
    known = [one for one in limits if one is not None]
    holds = nodes.full * min(known) if len(known) == len(limits) else None
    yield Dimension(f"{name}: volumes of pods", "", volumes, holds)


def _more_nodes(needed: Demand, nodes: Nodes) -> str:
    """What is to be said where the pods take more nodes than the inventory reckons with; the autoscaler adds them."""
    told = []
    for what, takes, reckoned in (
        ("at the minimum", needed.minimum, nodes.minimum),
        ("in a typical month", needed.typical, nodes.typical),
    ):
        if takes is not None and reckoned < takes <= nodes.full:
            told.append(f"{takes:.0f} nodes {what} and not {reckoned}")
    return f"the autoscaler will have {', '.join(told)}, as the pods need them" if told else ""


def _request_rows(name: str, asked: Mapping[Scale, _Pods], room: Room, most: int) -> Iterator[Dimension]:
    cpu = _demand({scale: sum(pod.cpu for pod in asked[scale].pods) for scale in Scale})
    yield Dimension(f"{name}: CPU requested", "cores", cpu, most * room.cpu)
    memory = _demand({scale: sum(pod.memory for pod in asked[scale].pods) / GIB for scale in Scale})
    yield Dimension(f"{name}: memory requested", "GiB", memory, most * room.memory / GIB)


def _demand(by_scale: Mapping[Scale, float]) -> Demand:
    return Demand(by_scale[Scale.MINIMUM], by_scale[Scale.TYPICAL], by_scale[Scale.FULL])


def workloads_at(cluster: Cluster, scale: Scale) -> Sequence[Workload]:
    """What runs at a scale: a standby has taken over at full scale."""
    return cluster.full if scale is Scale.FULL else cluster.now


def way_of(source: Source, one: Workload, scale: Scale) -> float:
    """How far the pods of a workload are from their fewest to their most: in a typical month as far as its nodes."""
    if scale is Scale.TYPICAL:
        return source.nodes[_group_of(one, source.variables["eks_node_groups"])].way
    return 1.0 if scale is Scale.FULL else 0.0


def _daemons(source: Source, cluster: Cluster, scale: Scale) -> list[Pod]:
    ours = [one.pod for one in workloads_at(cluster, scale) if one.every_node]
    return [*ours, *everywhere(source.variables.get("eks_addons") or {})]


def _pods(source: Source, cluster: Cluster, name: str, scale: Scale) -> _Pods:
    groups = source.variables["eks_node_groups"]
    pods: list[Pod] = []
    volumes = spread = 0
    for one in workloads_at(cluster, scale):
        if not one.every_node and _group_of(one, groups) == name:
            count = one.replicas(way_of(source, one, scale))
            pods += [one.pod] * count
            volumes += count * one.volumes
            spread = max(spread, min(count, one.domains))
    # What the cluster has once runs where pods may run that want no group.
    if name == next((each for each, group in groups.items() if not group.get("dedicated")), ""):
        pods += once(source.variables.get("eks_addons") or {})
    return _Pods(tuple(pods), volumes, spread)


def _address_rows(source: Source) -> Iterator[Dimension]:
    plan = source.addresses
    if plan is None:
        return
    for index, tier in enumerate(plan.tiers):
        per_node = {group.name: (group.pod if index else group.node).total for group in plan.groups}
        demand = Demand(
            sum(source.nodes[name].minimum * taken for name, taken in per_node.items()),
            sum(source.nodes[name].typical * taken for name, taken in per_node.items()),
            tier.needs,
        )
        yield Dimension(f"addresses: {tier.name} subnets", "", demand, tier.holds)
    if plan.exhaustion:
        # Zones and whole blocks of 16 run out before the sum of all addresses does.
        every = source.nodes.values()
        demand = Demand(
            sum(one.minimum for one in every), sum(one.typical for one in every), sum(one.full for one in every)
        )
        end = plan.exhaustion
        note = f"{end.tier} subnet of {end.availability_zone}"
        yield Dimension("addresses: nodes that find some", "", demand, plan.nodes_that_fit, note=note)
