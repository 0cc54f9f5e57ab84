"""What the role eks makes and AWS bills: the control plane, the nodes and their disks.

A node group costs its minimum as long as it exists. What the autoscaler adds is usage: up to `cost_usage.<group>.nodes`
in typical months, and to the maximum at the highest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from trading_platform import lifecycle
from trading_platform.cost.model import Kind, Line, Quantities
from trading_platform.cost.place import MaterialsError, Place
from trading_platform.pricing import HOURS, Price

TIER = "compute"
ABOVE = " above the minimum"


def lines(place: Place, today: date) -> Iterator[Line]:
    """The cluster of a region. `today` decides whether its version costs extended support."""
    yield _control_plane(place, today)
    for name, group in place.value("eks_node_groups").items():
        yield from _node_group(place, name, group)


def _control_plane(place: Place, today: date) -> Line:
    version = str(place.value("eks_version"))
    found = lifecycle.status(lifecycle.EKS, version, today)
    extended = found.state is lifecycle.State.EXTENDED
    item = "control_plane_extended_support" if extended else "control_plane_standard"
    name = f"Kubernetes {version}, {'extended' if extended else 'standard'} support"
    line = place.hourly(TIER, "EKS", "control plane", name, 1, place.price("EKS", item))
    ends = found.support.end_of_standard_support if found.support else None
    return line if ends is None else replace(line, note=_surcharge(place, ends, extended))


def _surcharge(place: Place, ends: date, extended: bool) -> str:
    standard, more = place.price("EKS", "control_plane_standard"), place.price("EKS", "control_plane_extended_support")
    if standard is None or more is None:
        return f"extended support from {ends}, at a price that is unknown"
    amount = (more.usd - standard.usd) * HOURS
    return f"extended support {'since' if extended else 'from'} {ends}: {amount:.2f} USD a month of it"


def _node_group(place: Place, name: str, group: Mapping[str, Any]) -> Iterator[Line]:
    resource, kind = f"node group {name}", first_type(group)
    for part, nodes in node_counts(place, name, group).items():
        label = "" if part is Kind.BASELINE else ABOVE
        for purchase, share, price in _purchases(place, group, kind):
            hours = nodes.times(share).times(HOURS)
            yield Line(place.region, TIER, "EC2", resource, f"{kind}, {purchase}{label}", part, hours, "hour", price)
        gigabytes = nodes.times(_disk(place, group))
        price = place.price("EBS", "gp3_storage")
        yield Line(place.region, TIER, "EBS", resource, f"disks, gp3{label}", part, gigabytes, "GB-month", price)


def first_type(group: Mapping[str, Any]) -> str:
    """The instance type that a group is reckoned with."""
    return str(group["instance_types"][0])


def node_counts(place: Place, name: str, group: Mapping[str, Any]) -> dict[Kind, Quantities]:
    """The fewest nodes of a group, and those above them where there may be any. Raises MaterialsError."""
    low, high = Decimal(group["min_size"]), Decimal(group["max_size"])
    counts = {Kind.BASELINE: Quantities.always(low)}
    if high != low:
        counts[Kind.USAGE] = Quantities(Decimal(0), _typical(place, name, low, high) - low, high - low)
    return counts


def _disk(place: Place, group: Mapping[str, Any]) -> Decimal:
    """GB of a node. One figure for all groups in an inventory; a group that was built has its own."""
    return Decimal(group["disk_gb"]) if "disk_gb" in group else place.number("eks_node_disk_gb")


def _typical(place: Place, name: str, low: Decimal, high: Decimal) -> Decimal:
    """Nodes in a typical month. Raises MaterialsError where they are not told, or the group cannot have so many."""
    key = f"cost_usage.{place.group}.nodes.{name}"
    found = (place.usage.get("nodes") or {}).get(name)
    if found is None:
        raise MaterialsError(f"{key}: is missing; how many nodes does the group have in a typical month?")
    number = Decimal(str(found))
    if not low <= number <= high:
        raise MaterialsError(f"{key}: {found} is outside of the group, which has {low} to {high} nodes")
    return number


def _purchases(place: Place, group: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Quantities, Price | None]]:
    """How the hours of a group are bought: name, share of the hours, price of one."""
    if group["capacity_type"] != "spot":
        yield "on demand", Quantities.always(1), place.catalogue.ec2(place.region, kind)
        return
    share = place.used("spot_share")
    yield "spot", share, place.catalogue.ec2(place.region, kind, "spot")
    yield "on demand where spot has none", share.rest_of_one(), place.catalogue.ec2(place.region, kind)
