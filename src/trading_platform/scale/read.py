"""Read what the capacity report is made of: an inventory, its address plan, and the chart as each region gets it."""

from collections.abc import Mapping, Sequence
from typing import Any

from trading_platform.capacity import CapacityPlan
from trading_platform.chart import (
    ChartError,
    Target,
    Values,
    all_values,
    merged,
    render,
    subcharts,
    taken_over,
    target_of,
)
from trading_platform.cidr import find_estate_problems, plan_estate
from trading_platform.cidr_report import plan_capacities
from trading_platform.inventory import Estate
from trading_platform.scale.compute import compute_dimensions, find_group_problems
from trading_platform.scale.model import RegionScale
from trading_platform.scale.pods import workloads
from trading_platform.scale.quotas import quota_dimensions
from trading_platform.scale.source import Cluster, Nodes, ScaleError, Source
from trading_platform.scale.stores import store_dimensions

NEEDED = ("vpc_availability_zones", "vpc_nat_gateway_mode", "rds_replica_count")
# A standby has no Redis; one that takes over has, under whatever name.
REDIS = {"global": {"cluster": {"redis": {"host": "redis.example"}}}}


def plan_scale(estate: Estate, *, database_pool: int | None = None) -> list[RegionScale]:
    """The rows of every region of an inventory.

    database_pool: connections to the database that a pod of a service opens; None: not known.

    Raises:
        ScaleError: with everything that cannot be reckoned with, a line each.
    """
    return [_region(source, database_pool) for source in read_sources(estate)]


def read_sources(estate: Estate) -> list[Source]:
    """What the rows are computed of, region by region. Raises ScaleError."""
    problems = [str(problem) for problem in find_estate_problems(estate.regions)]
    problems += [
        f"{region}: {key}: is missing"
        for region, variables in estate.regions.items()
        for key in NEEDED
        if variables.get(key) is None
    ]
    if problems:
        raise ScaleError("\n".join(problems))
    capacities, wrong = plan_capacities(estate.regions, plan_estate(estate.regions))
    if wrong:
        raise ScaleError("\n".join(map(str, wrong)))
    plans = {region: capacity.plan for region, capacity in capacities.items()}
    return [
        _source(region, estate.groups.get(region, ""), variables, plans.get(region))
        for region, variables in estate.regions.items()
    ]


def typical_nodes(region: str, group: str, variables: Mapping[str, Any]) -> tuple[dict[str, Nodes], list[str]]:
    """Nodes of every group at each scale, and the groups of which no typical number is known.

    Where `cost_usage` does not say, it is the middle between fewest and most, rounded up. Raises ScaleError.
    """
    usage = variables.get("cost_usage")
    own = usage.get(group) if isinstance(usage, Mapping) else None
    said = own.get("nodes") if isinstance(own, Mapping) else None
    said = said if isinstance(said, Mapping) else {}
    nodes: dict[str, Nodes] = {}
    open_groups: list[str] = []
    for name, sizes in (variables.get("eks_node_groups") or {}).items():
        low, high = sizes["min_size"], sizes["max_size"]
        typical = said.get(name)
        if typical is None:
            open_groups.append(name)
            typical = (low + high + 1) // 2
        if isinstance(typical, bool) or not isinstance(typical, int) or not low <= typical <= high:
            message = f"must be a number of nodes from {low} to {high}, as in eks_node_groups, not {typical!r}"
            raise ScaleError(f"{region}: cost_usage.{group}.nodes.{name}: {message}")
        nodes[name] = Nodes(low, typical, high)
    return nodes, open_groups


def _region(source: Source, database_pool: int | None) -> RegionScale:
    rows = [*compute_dimensions(source), *store_dimensions(source, database_pool), *quota_dimensions(source)]
    return RegionScale(source.region, tuple(rows), source.notes)


def _source(region: str, group: str, variables: Mapping[str, Any], addresses: CapacityPlan | None) -> Source:
    nodes, open_groups = typical_nodes(region, group, variables)
    notes = []
    if not nodes:
        notes.append("There are no node groups, and so no pods and no connections of theirs.")
    if open_groups:
        names = ", ".join(open_groups)
        key = f"cost_usage.{group or 'primary'}.nodes"
        notes.append(f"Typical nodes of {names} are not in {key}: taken is the middle of fewest and most.")
    environment = str(variables.get("platform_environment", ""))
    target = target_of(environment, region)
    cluster = _cluster(target) if target and nodes else None
    if nodes and target is None:
        notes.append(f"The chart is not deployed to {environment or 'an environment without a name'} in {region}.")
    if cluster:
        problems = find_group_problems(cluster, variables["eks_node_groups"])
        if problems:
            raise ScaleError("\n".join(f"{region}: {problem}" for problem in problems))
    if target and cluster and target != taken_over(target):
        notes.append("Full scale is that of a region that took over; until then it runs what a standby runs.")
    return Source(region, variables, nodes, cluster, addresses, tuple(notes))


def _cluster(target: Target) -> Cluster:
    later = taken_over(target)
    now = workloads(_rendered(target.name, target.values))
    full = now if later == target else workloads(_rendered(target.name, [*later.values, REDIS]))
    values = all_values(later)
    return Cluster(tuple(now), tuple(full), _users(values, "database"), _users(values, "redis"))


def _users(values: Values, what: str) -> frozenset[str]:
    """The services that use the database or Redis."""
    return frozenset(name for name in subcharts() if (values[name].get("uses") or {}).get(what))


def _rendered(name: str, values: Sequence[Values]) -> list[dict[str, Any]]:
    try:
        return render(merged(*values))
    except ChartError as error:
        raise ScaleError(f"the chart cannot be rendered for {name}: {error}") from None
    except FileNotFoundError as error:
        raise ScaleError(f"{error.filename} does not exist; run `make kube-tools`") from None
