"""Plan the addresses of VPCs: which subnet of which tier lies where, what is kept for later and what is free.

Every place follows from the inventory alone, by index arithmetic: subnet i of a tier is block number
(offset + slot i) of the tier's size inside its CIDR block, and a tier keeps as many slots as the VPC may have
availability zones. Nothing is packed, so adding a zone, a tier, a CIDR block or a VPC moves no existing subnet,
and an entry that goes away keeps its place (a zone becomes null, a tier becomes `retired`).

Input: the inventory variables of one region (other keys are ignored):

    vpc_cidr: 10.0.0.0/16
    vpc_secondary_cidrs: {pods: 100.64.0.0/16}                    # name -> CIDR; optional
    vpc_availability_zones: [us-east-1a, null, us-east-1c]        # position = slot; null = removed, keeps its place
    vpc_availability_zone_slots: 4                                # slots a tier keeps; optional, default 4
    vpc_subnet_tiers:
      private: {prefix_length: 24, offset: 1}                     # or first_network: 10.0.1.0 in place of offset
      pod: {prefix_length: 18, offset: 0, cidr: pods}             # in the secondary block named pods
      old: {prefix_length: 24, offset: 50, retired: true}         # keeps its place, yields no subnets
    vpc_reserved_cidrs: {on-premises: 192.168.0.0/16}             # nothing may overlap these; optional
    eks_service_cidr: 172.20.0.0/16                               # optional

What AWS allows is in `cidr_aws`. Addresses are counted in single IPv4 addresses.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

from trading_platform.cidr_aws import LONGEST_PREFIX, RESERVED_PER_SUBNET, SHORTEST_PREFIX
from trading_platform.cidr_model import (
    PRIMARY,
    CidrBlock,
    CidrPlanError,
    CidrProblem,
    Gap,
    ReservedBlock,
    Subnet,
    Tier,
    VpcPlan,
    plan_as_dict,
)
from trading_platform.cidr_read import Reading, read_region

__all__ = [
    "PRIMARY",
    "CidrBlock",
    "CidrPlanError",
    "CidrProblem",
    "Gap",
    "ReservedBlock",
    "Subnet",
    "Tier",
    "VpcPlan",
    "find_estate_problems",
    "find_problems",
    "next_offset",
    "plan_as_dict",
    "plan_estate",
    "plan_vpc",
]

_ZONE_NAME = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")

LARGEST_BLOCK = 1 << (32 - SHORTEST_PREFIX)  # addresses

Range = tuple[int, int, str]  # first address, address after the last, what lies there


def plan_vpc(spec: Mapping[str, Any]) -> VpcPlan:
    """The plan of one VPC from its inventory variables. Raises CidrPlanError with every problem."""
    plan, problems = _draft(spec)
    if problems:
        raise CidrPlanError(problems)
    return plan


def find_problems(spec: Mapping[str, Any]) -> list[CidrProblem]:
    """Everything wrong with the addresses of one VPC; [] when `plan_vpc` would succeed."""
    return _draft(spec)[1]


def plan_estate(specs: Mapping[str, Mapping[str, Any]]) -> dict[str, VpcPlan]:
    """The plans of all regions (region -> variables). Raises CidrPlanError with every problem of every region."""
    plans, problems = _draft_estate(specs)
    if problems:
        raise CidrPlanError(problems)
    return plans


def find_estate_problems(specs: Mapping[str, Mapping[str, Any]]) -> list[CidrProblem]:
    """Everything wrong with the addresses of all regions, alone and against each other; [] when they are valid."""
    return _draft_estate(specs)[1]


def next_offset(plan: VpcPlan, cidr_name: str, prefix_length: int, slots: int | None = None) -> int | None:
    """The first `offset` at which a new tier of /prefix_length fits into a block, or None when no gap is large enough.

    `slots` defaults to what every tier of the plan keeps. Raises KeyError for an unknown block.
    """
    block = {cidr.name: cidr for cidr in plan.cidrs}[cidr_name]
    taken = sorted((tier.first, tier.end, tier.name) for tier in plan.tiers if tier.cidr_name == cidr_name)
    return _first_fit(block, taken, prefix_length, plan.slots if slots is None else slots)


def _draft(spec: Mapping[str, Any]) -> tuple[VpcPlan, list[CidrProblem]]:
    """The plan of what is valid in `spec`, and the problems of the rest."""
    reading, wanted = read_region(spec)
    tiers = _place(wanted, reading)
    subnets, reserved = _fill(tiers, reading.zones)
    plan = VpcPlan(
        cidrs=tuple(reading.cidrs.values()),
        tiers=tuple(tiers),
        subnets=tuple(subnets),
        reserved=tuple(reserved),
        gaps=tuple(_gaps(reading.cidrs.values(), tiers)),
        slots=reading.slots,
        service_cidr=reading.service_cidr,
    )
    return plan, reading.problems


def _place(tiers: Sequence[Tier], reading: Reading) -> list[Tier]:
    """The tiers that have their place. Of two that overlap the first one listed keeps it; the other is a problem."""
    taken: dict[str, list[Range]] = {name: [] for name in reading.cidrs}
    placed: list[Tier] = []
    refused: list[tuple[Tier, str]] = []
    for tier in tiers:
        block = reading.cidrs[tier.cidr_name]
        if tier.end > block.end:
            refused.append((tier, _outside_message(tier, block)))
            continue
        ranges = taken[tier.cidr_name]
        hits = _hits(ranges, tier.first, tier.end)
        if hits:
            refused.append((tier, _overlap_message(tier, hits)))
            continue
        ranges.insert(bisect_right(ranges, (tier.first, tier.end, tier.name)), (tier.first, tier.end, tier.name))
        placed.append(tier)
    for tier, why in refused:
        advice = _advice(tier, reading.cidrs[tier.cidr_name], taken[tier.cidr_name])
        reading.problem(f"vpc_subnet_tiers.{tier.name}", f"{why}; {advice}")
    return placed


def _hits(ranges: Sequence[Range], first: int, end: int) -> list[Range]:
    """Those of `ranges` (sorted, apart from each other) that share an address with first..end."""
    index = bisect_right(ranges, (first, end, ""))
    start = index - 1 if index and ranges[index - 1][1] > first else index
    hits = []
    while start < len(ranges) and ranges[start][0] < end:
        hits.append(ranges[start])
        start += 1
    return hits


def _span(first: int, end: int) -> str:
    return f"{IPv4Address(first)} - {IPv4Address(end - 1)}"


def _outside_message(tier: Tier, block: CidrBlock) -> str:
    count = (block.end - block.first) >> (32 - tier.prefix_length)
    has = f"which has /{tier.prefix_length} blocks 0 to {count - 1}" if count else "which is smaller than one of them"
    wants = f"{tier.slots} slots of /{tier.prefix_length} from block {tier.offset} to {tier.offset + tier.slots - 1}"
    return f"{wants} reach outside {block.network} ({block.key}), {has}"


def _overlap_message(tier: Tier, hits: Iterable[Range]) -> str:
    others = ", ".join(f"{name} ({_span(first, end)})" for first, end, name in hits)
    slots = f"{tier.slots} slots of /{tier.prefix_length}"
    return f"{_span(tier.first, tier.end)} ({slots}) overlaps what is kept for {others}"


def _advice(tier: Tier, block: CidrBlock, taken: list[Range]) -> str:
    """Where the tier would fit. The place is then taken, so that two refused tiers are not sent to the same gap."""
    offset = _first_fit(block, taken, tier.prefix_length, tier.slots)
    if offset is not None:
        size = 1 << (32 - tier.prefix_length)
        first = block.first + offset * size
        end = first + tier.slots * size
        taken.insert(bisect_right(taken, (first, end, tier.name)), (first, end, tier.name))
        return f"the first gap that fits is `offset: {offset}` ({_span(first, end)})"
    need = tier.slots << (32 - tier.prefix_length)
    gaps = list(_free(block, taken))
    largest = max(gaps, key=lambda gap: gap[1] - gap[0], default=None)
    free = f"the largest gap is {_span(*largest)} ({largest[1] - largest[0]:,})" if largest else "nothing is free"
    why = f"no room: {tier.slots} aligned /{tier.prefix_length} need {need:,} addresses in one piece and {free}"
    for prefix in range(tier.prefix_length + 1, LONGEST_PREFIX + 1):
        smaller = _first_fit(block, taken, prefix, tier.slots)
        if smaller is not None:
            return f"{why}; `prefix_length: {prefix}` would fit at `offset: {smaller}`"
    if need > LARGEST_BLOCK:
        return f"{why}; no block of a VPC holds more than {LARGEST_BLOCK:,}: use a longer prefix_length"
    return f"{why}; add a block to vpc_secondary_cidrs and name it with `cidr:`"


def _free(block: CidrBlock, taken: Iterable[Range]) -> Iterator[tuple[int, int]]:
    """The gaps of a block between `taken` (sorted, apart from each other): first address, address after the last."""
    at = block.first
    for first, end, _ in taken:
        if first > at:
            yield at, first
        at = end
    if at < block.end:
        yield at, block.end


def _first_fit(block: CidrBlock, taken: Iterable[Range], prefix: int, slots: int) -> int | None:
    size = 1 << (32 - prefix)
    for first, end in _free(block, taken):
        offset = -(-(first - block.first) // size)
        if block.first + (offset + slots) * size <= end:
            return offset
    return None


def _fill(tiers: Iterable[Tier], zones: Sequence[str | None]) -> tuple[list[Subnet], list[ReservedBlock]]:
    """The subnets of the tiers, and the slots that stay empty."""
    subnets: list[Subnet] = []
    reserved: list[ReservedBlock] = []
    for tier in tiers:
        size = 1 << (32 - tier.prefix_length)
        for slot in range(tier.slots):
            first = tier.first + slot * size
            cidr = _text(first, tier.prefix_length)
            zone = zones[slot] if slot < len(zones) else None
            if zone is not None and not tier.retired:
                usable = size - RESERVED_PER_SUBNET
                name = f"{tier.name}-{zone}"
                subnets.append(Subnet(name, tier.name, zone, slot, cidr, usable, tier.cidr_name, first, size))
                continue
            reason = "for another zone" if slot >= len(zones) else "removed zone"
            reason = "retired tier" if tier.retired else reason
            reserved.append(ReservedBlock(tier.name, slot, cidr, reason, tier.cidr_name, first, size))
    return subnets, reserved


def _text(first: int, prefix: int) -> str:
    return f"{first >> 24}.{first >> 16 & 255}.{first >> 8 & 255}.{first & 255}/{prefix}"


def _gaps(blocks: Iterable[CidrBlock], tiers: Iterable[Tier]) -> list[Gap]:
    taken: dict[str, list[Range]] = {}
    for tier in tiers:
        taken.setdefault(tier.cidr_name, []).append((tier.first, tier.end, tier.name))
    return [
        Gap(block.name, first, end - first)
        for block in blocks
        for first, end in _free(block, sorted(taken.get(block.name, [])))
    ]


def _draft_estate(specs: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, VpcPlan], list[CidrProblem]]:
    plans: dict[str, VpcPlan] = {}
    problems: list[CidrProblem] = []
    for region, spec in specs.items():
        plan, own = _draft(spec)
        problems += [CidrProblem(problem.key, problem.message, region) for problem in own]
        problems += _foreign_zones(region, plan)
        for other, other_plan in plans.items():
            problems += _between_regions(region, plan, other, other_plan)
        plans[region] = plan
    return plans, problems


def _foreign_zones(region: str, plan: VpcPlan) -> list[CidrProblem]:
    """Zones whose name says that they belong to another region than the host's (figures copied between regions)."""
    zones = dict.fromkeys(subnet.availability_zone for subnet in plan.subnets)
    named = ((zone, _ZONE_NAME.fullmatch(zone)) for zone in zones if _ZONE_NAME.fullmatch(region + "a"))
    return [
        CidrProblem("vpc_availability_zones", f"{zone} is in {match[1]}, not in {region}", region)
        for zone, match in named
        if match and match[1] != region
    ]


def _between_regions(region: str, plan: VpcPlan, other: str, other_plan: VpcPlan) -> list[CidrProblem]:
    """Overlaps of two regions, told once: at the region listed later, or at the service CIDR."""
    problems = []
    for block in plan.cidrs:
        for taken in other_plan.cidrs:
            if block.network.overlaps(taken.network):
                message = f"{block.network} overlaps {taken.network} ({taken.key} of {other})"
                problems.append(CidrProblem(block.key, message, region))
    for service, home, blocks, away in (
        (plan.service_cidr, region, other_plan.cidrs, other),
        (other_plan.service_cidr, other, plan.cidrs, region),
    ):
        for block in blocks:
            if service is not None and service.overlaps(block.network):
                message = f"{service} overlaps {block.network} ({block.key} of {away})"
                problems.append(CidrProblem("eks_service_cidr", message, home))
    return problems
