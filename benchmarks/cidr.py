"""Plan 10,000 subnets, and let netaddr do the same.

    python benchmarks/cidr.py

One VPC with five /16 blocks, 2,500 tiers of /28 subnets, four availability zones. Both sides start from the same
inventory variables, find the place of every subnet, make sure that no two overlap, and list the free gaps. netaddr is
used as its documentation shows: IPNetwork.subnet() for the blocks of a size, IPSet for what is free.

Both must come to the same subnets and gaps (asserted). Times are those of this machine; only their ratio says anything,
and nothing depends on it.
"""

import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from netaddr import IPNetwork, IPSet

from trading_platform.cidr import PRIMARY, plan_vpc

ROUNDS = 5
BLOCKS = 5
TIERS_PER_BLOCK = 500
PREFIX_LENGTH = 28
ZONES = [f"us-east-1{letter}" for letter in "abcd"]

Plan = tuple[dict[str, str], list[tuple[str, int]]]  # subnet name -> CIDR; first address and size of every gap


def variables() -> dict[str, Any]:
    """The inventory of the VPC: tiers of one block follow each other with one slot free between them."""
    secondary = {f"block{number}": f"100.{64 + number}.0.0/16" for number in range(1, BLOCKS)}
    tiers = {
        f"{name}-{number}": {
            "prefix_length": PREFIX_LENGTH,
            "offset": number * (len(ZONES) + 1),
            "cidr": name,
        }
        for name in (PRIMARY, *secondary)
        for number in range(TIERS_PER_BLOCK)
    }
    return {
        "vpc_cidr": "10.0.0.0/16",
        "vpc_secondary_cidrs": secondary,
        "vpc_availability_zones": ZONES,
        "vpc_availability_zone_slots": len(ZONES),
        "vpc_subnet_tiers": tiers,
    }


def with_trading_platform(spec: dict[str, Any]) -> Plan:
    plan = plan_vpc(spec)
    return {subnet.name: subnet.cidr for subnet in plan.subnets}, [
        (gap.first_address, gap.addresses) for gap in plan.gaps
    ]


def with_netaddr(spec: dict[str, Any]) -> Plan:
    blocks = {PRIMARY: IPNetwork(spec["vpc_cidr"])}
    blocks |= {name: IPNetwork(cidr) for name, cidr in spec["vpc_secondary_cidrs"].items()}
    # One list a block and size: asking subnet() anew for every tier would be far slower.
    cut = {name: list(block.subnet(PREFIX_LENGTH)) for name, block in blocks.items()}
    subnets: dict[str, IPNetwork] = {}
    for tier, value in spec["vpc_subnet_tiers"].items():
        for slot, zone in enumerate(spec["vpc_availability_zones"]):
            subnets[f"{tier}-{zone}"] = cut[value["cidr"]][value["offset"] + slot]
    ordered = sorted(subnets.values())
    assert all(one.last < two.first for one, two in pairwise(ordered)), "subnets overlap"
    taken = IPSet(ordered)
    gaps = [(str(gap[0]), gap.size) for block in blocks.values() for gap in (IPSet([block]) - taken).iter_ipranges()]
    return {name: str(network) for name, network in subnets.items()}, gaps


def best_time(work: Callable[[dict[str, Any]], Plan], spec: dict[str, Any]) -> tuple[float, Plan]:
    """The shortest of some rounds in seconds, and the result."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        plan = work(spec)
        times.append(time.perf_counter() - start)
    return min(times), plan


def main() -> int:
    spec = variables()
    ours, our_plan = best_time(with_trading_platform, spec)
    theirs, their_plan = best_time(with_netaddr, spec)
    assert our_plan == their_plan, "the two plans differ"
    count = len(our_plan[0])
    assert count == BLOCKS * TIERS_PER_BLOCK * len(ZONES) == 10_000
    print(f"{count:,} subnets, {len(our_plan[1]):,} gaps, best of {ROUNDS} rounds in one process")
    print(f"trading_platform.cidr  {ours * 1000:8.1f} ms")
    print(f"netaddr                {theirs * 1000:8.1f} ms")
    print(f"ratio                  {theirs / ours:8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
