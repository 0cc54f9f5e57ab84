"""What holds for every address plan: nothing moves, nothing overlaps, everything lies inside."""

import re
from ipaddress import IPv4Network
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trading_platform.capacity import find_problems as find_capacity_problems
from trading_platform.cidr import VpcPlan, find_problems, next_offset, plan_estate, plan_vpc

# A machine that is busy with something else is no reason to fail.
calm = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])

ZONES = [f"us-east-1{letter}" for letter in "abcdefgh"]
BLOCKS = ["100.64.0.0/16", "100.65.0.0/18", "10.7.0.0/16", "10.9.128.0/20"]


def places(plan: VpcPlan) -> dict[str, str]:
    return {subnet.name: subnet.cidr for subnet in plan.subnets}


def with_tier(spec: dict[str, Any], name: str, tier: dict[str, Any]) -> dict[str, Any]:
    return spec | {"vpc_subnet_tiers": spec["vpc_subnet_tiers"] | {name: tier}}


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """A valid VPC: one to eight tiers of mixed sizes, each put at the first or a later free place of a block."""
    blocks = dict(enumerate(draw(st.lists(st.sampled_from(BLOCKS), unique=True, max_size=3))))
    slots = draw(st.integers(1, 8))
    zones: list[str | None] = list(ZONES[: draw(st.integers(1, slots))])
    for index in draw(st.sets(st.integers(0, len(zones) - 1), max_size=len(zones) - 1)):
        zones[index] = None
    spec: dict[str, Any] = {
        "vpc_cidr": f"10.5.0.0/{draw(st.integers(16, 22))}",
        "vpc_secondary_cidrs": {f"block{number}": cidr for number, cidr in blocks.items()},
        "vpc_availability_zones": zones,
        "vpc_availability_zone_slots": slots,
        "vpc_subnet_tiers": {"first": {"prefix_length": 28, "offset": draw(st.integers(0, 9))}},
    }
    for number in range(draw(st.integers(0, 7))):
        cidr = draw(st.sampled_from(["primary", *spec["vpc_secondary_cidrs"]]))
        prefix = draw(st.integers(18, 28))
        offset = next_offset(plan_vpc(spec), cidr, prefix)
        if offset is None:
            continue
        tier = {"prefix_length": prefix, "offset": offset, "cidr": cidr, "retired": draw(st.booleans())}
        later = with_tier(spec, f"tier{number}", tier | {"offset": offset + draw(st.integers(0, 3))})
        spec = with_tier(spec, f"tier{number}", tier) if find_problems(later) else later
    return spec


@calm
@given(specs())
def test_no_two_places_overlap_and_every_one_lies_in_its_block(spec: dict[str, Any]) -> None:
    plan = plan_vpc(spec)
    blocks = {block.name: block.network for block in plan.cidrs}
    taken = [(IPv4Network(place.cidr), place.cidr_name) for place in (*plan.subnets, *plan.reserved)]
    taken += [(IPv4Network(cidr), gap.cidr_name) for gap in plan.gaps for cidr in gap.networks]
    assert all(network.subnet_of(blocks[name]) for network, name in taken)
    ordered = sorted(network for network, _ in taken)
    assert not any(one.overlaps(two) for one, two in pairwise(ordered))
    # Subnets, reserved slots and gaps together are the blocks, whole.
    assert sum(network.num_addresses for network in ordered) == sum(block.num_addresses for block in blocks.values())


@calm
@given(specs())
def test_usable_addresses_leave_out_the_five_of_aws(spec: dict[str, Any]) -> None:
    for subnet in plan_vpc(spec).subnets:
        assert subnet.usable_addresses == IPv4Network(subnet.cidr).num_addresses - 5


@calm
@given(specs())
def test_adding_a_zone_moves_nothing(spec: dict[str, Any]) -> None:
    zones = spec["vpc_availability_zones"]
    assume(len(zones) < spec["vpc_availability_zone_slots"])
    before, after = places(plan_vpc(spec)), places(plan_vpc(spec | {"vpc_availability_zones": [*zones, "us-east-1z"]}))
    assert before.items() <= after.items()
    assert all(name.endswith("us-east-1z") for name in after.keys() - before.keys())


@calm
@given(specs(), st.integers(16, 28), st.data())
def test_adding_a_tier_moves_nothing(spec: dict[str, Any], prefix: int, data: st.DataObject) -> None:
    plan = plan_vpc(spec)
    cidr = data.draw(st.sampled_from([block.name for block in plan.cidrs]))
    offset = next_offset(plan, cidr, prefix)
    assume(offset is not None)
    tier = {"prefix_length": prefix, "offset": offset, "cidr": cidr}
    first = spec | {"vpc_subnet_tiers": {"new": tier} | spec["vpc_subnet_tiers"]}
    for changed in (with_tier(spec, "new", tier), first):
        assert places(plan).items() <= places(plan_vpc(changed)).items()


@calm
@given(specs())
def test_adding_a_block_moves_nothing(spec: dict[str, Any]) -> None:
    changed = spec | {"vpc_secondary_cidrs": {"new": "10.200.0.0/16"} | spec["vpc_secondary_cidrs"]}
    assert places(plan_vpc(spec)) == places(plan_vpc(changed))


@calm
@given(specs(), specs())
def test_adding_a_vpc_moves_nothing(spec: dict[str, Any], other: dict[str, Any]) -> None:
    other = other | {"vpc_cidr": "10.77.0.0/16", "vpc_secondary_cidrs": {}}
    other["vpc_subnet_tiers"] = {"first": {"prefix_length": 24, "offset": 0}}
    plans = plan_estate({"two": other, "one": spec})
    assert plans["one"] == plan_vpc(spec)
    assert plans["two"] == plan_vpc(other)


@calm
@given(specs(), st.data())
def test_retiring_keeps_the_place_of_all(spec: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(spec["vpc_subnet_tiers"])))
    changed = with_tier(spec, name, spec["vpc_subnet_tiers"][name] | {"retired": True})
    before, after = plan_vpc(spec), plan_vpc(changed)
    assert after.gaps == before.gaps
    assert places(after) == {subnet.name: subnet.cidr for subnet in before.subnets if subnet.tier != name}


@calm
@given(specs(), st.data())
def test_removing_a_zone_keeps_the_place_of_all(spec: dict[str, Any], data: st.DataObject) -> None:
    zones = spec["vpc_availability_zones"]
    gone = data.draw(st.sampled_from([zone for zone in zones if zone]))
    left = [None if zone == gone else zone for zone in zones]
    assume(any(left))
    before, after = plan_vpc(spec), plan_vpc(spec | {"vpc_availability_zones": left})
    assert after.gaps == before.gaps
    assert places(after) == {s.name: s.cidr for s in before.subnets if s.availability_zone != gone}


@calm
@given(specs(), st.integers(16, 28), st.integers(0, 300))
def test_the_suggested_offset_is_accepted(spec: dict[str, Any], prefix: int, offset: int) -> None:
    for problem in find_problems(with_tier(spec, "new", {"prefix_length": prefix, "offset": offset})):
        assert problem.key == "vpc_subnet_tiers.new"
        advice = dict(re.findall(r"`(offset|prefix_length): (\d+)`", problem.message))
        assume("offset" in advice)
        tier = {"prefix_length": int(advice.get("prefix_length", prefix)), "offset": int(advice["offset"])}
        assert find_problems(with_tier(spec, "new", tier)) == []


WORDS = st.sampled_from(["", "x", "primary", "{{ x }}", "10.0.0.1", "10.5.0.0/33", "::1/64", *BLOCKS, *ZONES])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    "vpc_cidr",
    "vpc_secondary_cidrs",
    "vpc_availability_zones",
    "vpc_availability_zone_slots",
    "vpc_subnet_tiers",
    "vpc_reserved_cidrs",
    "eks_service_cidr",
]
TIER_KEYS = ["prefix_length", "offset", "first_network", "cidr", "retired"]


@calm
@given(specs(), st.dictionaries(st.sampled_from(KEYS), ANYTHING), st.dictionaries(st.sampled_from(TIER_KEYS), ANYTHING))
def test_any_input_ends_in_problems_and_never_in_a_crash(
    spec: dict[str, Any], changes: dict[str, Any], tier: dict[str, Any]
) -> None:
    for changed in (spec | changes, with_tier(spec, "new", tier)):
        problems = find_problems(changed)
        assert all(problem.message for problem in problems)
        if not problems:
            plan_vpc(changed)


@calm
@given(st.dictionaries(st.sampled_from(["eks_node_groups", "eks_pod_networking"]), ANYTHING), ANYTHING)
def test_any_node_groups_end_in_problems_and_never_in_a_crash(variables: dict[str, Any], group: Any) -> None:
    spec = {
        "vpc_cidr": "10.0.0.0/16",
        "vpc_availability_zones": ["a"],
        "vpc_subnet_tiers": {"private": {"prefix_length": 24, "offset": 0}},
    }
    for changed in (variables, {"eks_node_groups": {"one": group}}):
        assert all(problem.key for problem in find_capacity_problems(changed, plan_vpc(spec)))
