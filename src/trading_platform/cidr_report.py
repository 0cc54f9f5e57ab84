"""Show the address plan of an inventory: what lies where, what is free, and whether the clusters fit at full scale.

    python -m trading_platform.cidr_report inventories/production [--markdown] [--svg FILE]

The inventory is read through `ansible-inventory`, so groups and host variables mean what they mean to a playbook.
Exit code 0: the plan is valid; 1: it is not, and every problem is printed; 2: the inventory cannot be read.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trading_platform.capacity import (
    CapacityError,
    CapacityPlan,
    exhaustion_message,
    plan_inventory_capacity,
)
from trading_platform.cidr import CidrBlock, CidrProblem, VpcPlan, find_estate_problems, next_offset, plan_estate
from trading_platform.cidr_svg import draw_estate
from trading_platform.inventory import InventoryError, load_inventory
from trading_platform.tables import Section, Table, render_markdown, render_text


@dataclass(frozen=True)
class ClusterCapacity:
    """A region's cluster at full scale; `without_pod_tier`: the same with the pods in the nodes' subnets."""

    plan: CapacityPlan
    without_pod_tier: CapacityPlan | None


def plan_capacities(
    specs: Mapping[str, Mapping[str, Any]], plans: Mapping[str, VpcPlan]
) -> tuple[dict[str, ClusterCapacity], list[CidrProblem]]:
    """The capacity of every region that has node groups, and what is wrong with the others' variables."""
    capacities: dict[str, ClusterCapacity] = {}
    problems: list[CidrProblem] = []
    for region, plan in plans.items():
        if not specs[region].get("eks_node_groups"):
            continue
        try:
            capacity = plan_inventory_capacity(specs[region], plan)
        except CapacityError as error:
            problems += [CidrProblem(problem.key, problem.message, region) for problem in error.problems]
            continue
        plain = dict(specs[region]) | {"eks_pod_networking": {}}
        without = plan_inventory_capacity(plain, plan) if capacity.custom_networking else None
        capacities[region] = ClusterCapacity(capacity, without)
    return capacities, problems


def build_report(plans: Mapping[str, VpcPlan], capacities: Mapping[str, ClusterCapacity]) -> list[Section]:
    """The report: for every region one section for each CIDR block, then one for its cluster."""
    sections = []
    for region, plan in plans.items():
        sections += [_block_section(region, plan, block) for block in plan.cidrs]
        if region in capacities:
            sections.append(_capacity_section(region, capacities[region]))
    return sections


def _block_section(region: str, plan: VpcPlan, block: CidrBlock) -> Section:
    rows: list[tuple[int, tuple[str, ...]]] = []
    for subnet in plan.subnets:
        if subnet.cidr_name == block.name:
            usable = f"{subnet.usable_addresses:,}"
            cells = (subnet.cidr, subnet.tier, subnet.availability_zone, f"{subnet.addresses:,}", usable)
            rows.append((subnet.first, cells))
    for kept in plan.reserved:
        if kept.cidr_name == block.name:
            rows.append((kept.first, (kept.cidr, kept.tier, f"({kept.reason})", f"{kept.addresses:,}", "")))
    for gap in plan.gaps:
        if gap.cidr_name == block.name:
            span = f"{gap.first_address} - {gap.last_address}"
            rows.append((gap.first, (span, "", "free", f"{gap.addresses:,}", "")))
    header = ("Network", "Tier", "Zone", "Addresses", "Usable")
    table = Table(header, tuple(cells for _, cells in sorted(rows)), frozenset({3, 4}))
    return Section(f"{region}: {block.network} ({block.key})", (table, _use(plan, block), _next_offsets(plan, block)))


def _use(plan: VpcPlan, block: CidrBlock) -> str:
    total = block.network.num_addresses
    used = sum(subnet.addresses for subnet in plan.subnets if subnet.cidr_name == block.name)
    kept = sum(entry.addresses for entry in plan.reserved if entry.cidr_name == block.name)
    parts = (("in subnets", used), ("kept", kept), ("free", total - used - kept))
    return (
        f"{total:,} addresses: " + ", ".join(f"{count:,} {name} ({count / total:.1%})" for name, count in parts) + "."
    )


def _next_offsets(plan: VpcPlan, block: CidrBlock) -> str:
    """Where the next tier would go, for every size that a tier of the plan has."""
    words = []
    for prefix in sorted({tier.prefix_length for tier in plan.tiers}, reverse=True):
        offset = next_offset(plan, block.name, prefix)
        words.append(f"/{prefix} " + ("no room" if offset is None else f"offset {offset}"))
    return f"Next free place of a tier of {plan.slots} slots: " + ", ".join(words) + "."


def _capacity_section(region: str, cluster: ClusterCapacity) -> Section:
    capacity = cluster.plan
    modes = []
    modes.append("custom networking" if capacity.custom_networking else "pods in the nodes' subnets")
    modes.append("prefix delegation" if capacity.prefix_delegation else "secondary addresses")
    nodes, pods = capacity.max_nodes, capacity.max_pods
    groups = Table(
        ("Node group", "Instance types", "Max nodes", "Pods a node", "Addresses a node"),
        tuple(
            (
                group.name,
                ", ".join(group.instance_types),
                f"{group.max_size:,}",
                f"{group.max_pods:,}",
                " + ".join(f"{demand.total:,}" for demand in (group.node, group.pod) if demand.total),
            )
            for group in capacity.groups
        ),
        frozenset({2, 3, 4}),
    )
    tiers = Table(
        ("Subnet tier", "Holds", "Full scale needs", "Use"),
        tuple(
            (tier.name, f"{tier.holds:,}", f"{tier.needs:,}", f"{tier.needs / tier.holds:.1%}")
            for tier in capacity.tiers
        ),
        frozenset({1, 2, 3}),
    )
    verdict = [f"All {nodes:,} nodes and {pods:,} pods find an address."]
    if capacity.exhaustion:
        verdict = [f"Addresses run out: {exhaustion_message(capacity)}."]
    if cluster.without_pod_tier and cluster.without_pod_tier.exhaustion:
        verdict.append(f"With the pods in the nodes' subnets, {exhaustion_message(cluster.without_pod_tier)}.")
    return Section(f"{region}: EKS at full scale ({', '.join(modes)})", (groups, tiers, *verdict))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m trading_platform.cidr_report", description=__doc__.splitlines()[0])
    parser.add_argument("inventory", help="inventory directory or file, e.g. inventories/production")
    parser.add_argument("--markdown", action="store_true", help="print Markdown tables")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="also write a picture of the address space")
    return parser.parse_args(arguments)


def _print_problems(problems: Sequence[CidrProblem]) -> None:
    count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
    print(f"The address plan is not valid ({count}):", file=sys.stderr)
    for problem in problems:
        print(f"- {problem}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _arguments(arguments)
    try:
        specs = load_inventory(options.inventory)
    except InventoryError as error:
        print(error, file=sys.stderr)
        return 2
    problems = find_estate_problems(specs)
    if problems:
        _print_problems(problems)
        return 1
    plans = plan_estate(specs)
    capacities, problems = plan_capacities(specs, plans)
    if problems:
        _print_problems(problems)
        return 1
    sections = build_report(plans, capacities)
    print(render_markdown(sections) if options.markdown else render_text(sections), end="")
    if options.svg:
        try:
            options.svg.parent.mkdir(parents=True, exist_ok=True)
            options.svg.write_text(draw_estate(plans), encoding="utf-8")
        except OSError as error:
            print(f"cannot write the picture: {error}", file=sys.stderr)
            return 2
        print(f"\nPicture: {options.svg}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
