"""The address plan of the design document, and what is refused and why."""

import copy
from typing import Any

import pytest

from trading_platform.cidr import (
    CidrPlanError,
    find_estate_problems,
    find_problems,
    next_offset,
    plan_as_dict,
    plan_estate,
    plan_vpc,
)

PRIMARY: dict[str, Any] = {
    "vpc_cidr": "10.0.0.0/16",
    "vpc_secondary_cidrs": {"pods": "100.64.0.0/16"},
    "vpc_availability_zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "vpc_availability_zone_slots": 4,
    "vpc_subnet_tiers": {
        "private": {"prefix_length": 24, "offset": 1},
        "database": {"prefix_length": 24, "offset": 11},
        "public": {"prefix_length": 24, "offset": 101},
        "pod": {"prefix_length": 18, "offset": 0, "cidr": "pods"},
    },
    "vpc_reserved_cidrs": {"on-premises": "192.168.0.0/16"},
    "eks_service_cidr": "172.20.0.0/16",
}
# "Network Architecture" of the design document, and the pod subnets beside it.
DOCUMENT = {
    "public-us-east-1a": "10.0.101.0/24",
    "public-us-east-1b": "10.0.102.0/24",
    "public-us-east-1c": "10.0.103.0/24",
    "private-us-east-1a": "10.0.1.0/24",
    "private-us-east-1b": "10.0.2.0/24",
    "private-us-east-1c": "10.0.3.0/24",
    "database-us-east-1a": "10.0.11.0/24",
    "database-us-east-1b": "10.0.12.0/24",
    "database-us-east-1c": "10.0.13.0/24",
}
PODS = {
    "pod-us-east-1a": "100.64.0.0/18",
    "pod-us-east-1b": "100.64.64.0/18",
    "pod-us-east-1c": "100.64.128.0/18",
}


def spec(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(PRIMARY) | changes


def with_tier(name: str, **tier: Any) -> dict[str, Any]:
    changed = spec()
    changed["vpc_subnet_tiers"][name] = tier
    return changed


def dr() -> dict[str, Any]:
    zones = ["us-west-2a", "us-west-2b", "us-west-2c"]
    return spec(vpc_cidr="10.1.0.0/16", vpc_secondary_cidrs={"pods": "100.65.0.0/16"}, vpc_availability_zones=zones)


def messages(variables: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in find_problems(variables)]


def only(variables: dict[str, Any]) -> str:
    found = messages(variables)
    assert len(found) == 1, found
    return found[0]


def test_primary_region_has_the_subnets_of_the_document() -> None:
    plan = plan_vpc(spec())
    assert {subnet.name: subnet.cidr for subnet in plan.subnets} == DOCUMENT | PODS


def test_dr_region_has_the_same_shape() -> None:
    plan = plan_estate({"us-east-1": spec(), "us-west-2": dr()})["us-west-2"]
    expected = {
        name.replace("us-east-1", "us-west-2"): cidr.replace("10.0.", "10.1.", 1).replace("100.64.", "100.65.")
        for name, cidr in (DOCUMENT | PODS).items()
    }
    assert {subnet.name: subnet.cidr for subnet in plan.subnets} == expected


def test_a_subnet_says_where_it_lies_and_what_it_holds() -> None:
    subnet = plan_vpc(spec()).subnets_by_tier()["database"][1]
    assert (subnet.availability_zone, subnet.slot, subnet.cidr_name) == ("us-east-1b", 1, "primary")
    assert subnet.usable_addresses == 251


def test_first_network_is_the_same_place_as_its_offset() -> None:
    changed = with_tier("database", prefix_length=24, first_network="10.0.11.0")
    assert plan_vpc(changed) == plan_vpc(spec())


def test_unused_slots_stay_reserved() -> None:
    reserved = {block.cidr: block.reason for block in plan_vpc(spec()).reserved}
    assert reserved == {
        "10.0.4.0/24": "for another zone",
        "10.0.14.0/24": "for another zone",
        "10.0.104.0/24": "for another zone",
        "100.64.192.0/18": "for another zone",
    }


def test_gaps_are_what_no_tier_holds() -> None:
    gaps = [(gap.first_address, gap.last_address) for gap in plan_vpc(spec()).gaps]
    assert gaps == [
        ("10.0.0.0", "10.0.0.255"),
        ("10.0.5.0", "10.0.10.255"),
        ("10.0.15.0", "10.0.100.255"),
        ("10.0.105.0", "10.0.255.255"),
    ]
    assert plan_vpc(spec()).gaps[1].networks == ["10.0.5.0/24", "10.0.6.0/23", "10.0.8.0/23", "10.0.10.0/24"]


def test_a_removed_zone_keeps_its_place() -> None:
    plan = plan_vpc(spec(vpc_availability_zones=["us-east-1a", None, "us-east-1c", "us-east-1d"]))
    names = {subnet.name: subnet.cidr for subnet in plan.subnets if subnet.tier == "private"}
    assert names == {
        "private-us-east-1a": "10.0.1.0/24",
        "private-us-east-1c": "10.0.3.0/24",
        "private-us-east-1d": "10.0.4.0/24",
    }
    assert ("10.0.2.0/24", "removed zone") in {(block.cidr, block.reason) for block in plan.reserved}


def test_a_retired_tier_keeps_its_place_and_yields_no_subnet() -> None:
    changed = with_tier("private", prefix_length=24, offset=1, retired=True)
    plan = plan_vpc(changed)
    assert "private" not in plan.subnets_by_tier()
    assert [block.cidr for block in plan.reserved if block.reason == "retired tier"][:2] == [
        "10.0.1.0/24",
        "10.0.2.0/24",
    ]
    changed["vpc_subnet_tiers"]["new"] = {"prefix_length": 24, "offset": 1}
    assert "overlaps what is kept for private" in only(changed)


def test_next_offset_is_the_first_free_place_that_the_planner_accepts() -> None:
    plan = plan_vpc(spec())
    assert next_offset(plan, "primary", 24) == 5
    assert next_offset(plan, "primary", 24, slots=1) == 0
    assert next_offset(plan, "pods", 18) is None
    assert find_problems(with_tier("new", prefix_length=24, offset=5)) == []


def test_the_plan_as_plain_data() -> None:
    data = plan_as_dict(plan_vpc(spec()))
    assert data["cidrs"][1] == {"name": "pods", "cidr": "100.64.0.0/16"}
    assert data["subnets"][0] == {
        "name": "private-us-east-1a",
        "tier": "private",
        "availability_zone": "us-east-1a",
        "slot": 0,
        "cidr": "10.0.1.0/24",
        "cidr_name": "primary",
        "usable_addresses": 251,
    }
    assert data["free"][0] == {"cidr_name": "primary", "first": "10.0.0.0", "last": "10.0.0.255", "addresses": 256}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("10.0.0.1/16", "10.0.0.1/16 has host bits set; write 10.0.0.0/16"),
        ("10.0.0.0", "'10.0.0.0' is not an IPv4 CIDR block such as 10.0.0.0/16"),
        ("10.0.256.0/24", "is not an IPv4 CIDR block"),
        ("10.0.0.0/33", "is not an IPv4 CIDR block"),
        ("{{ network }}", "a template: write the value itself"),
        (10, "10 is not an IPv4 CIDR block"),
        (None, "is missing"),
        ("10.0.0.0/15", "10.0.0.0/15 is a /15; AWS allows /16 to /28 for a VPC"),
        ("10.0.0.0/29", "10.0.0.0/29 is a /29; AWS allows /16 to /28 for a VPC"),
        ("169.254.0.0/16", "link-local"),
        ("127.0.0.0/16", "not a unicast range"),
        ("224.0.0.0/16", "not a unicast range"),
    ],
)
def test_a_vpc_cidr_that_is_refused(value: object, message: str) -> None:
    found = [problem for problem in find_problems(spec(vpc_cidr=value)) if problem.key == "vpc_cidr"]
    assert len(found) == 1
    assert message in found[0].message


def test_the_rule_on_10_0_looks_at_every_block_of_the_vpc() -> None:
    blocks = {"one": "10.1.0.0/16", "two": "10.0.0.0/16"}
    tiers = {"one": {"prefix_length": 28, "offset": 0}}
    found = only(spec(vpc_cidr="10.5.0.0/16", vpc_secondary_cidrs=blocks, vpc_subnet_tiers=tiers))
    assert found.startswith("vpc_secondary_cidrs.two: AWS refuses 10.0.0.0/16")


def test_a_secondary_block_that_overlaps_the_primary_one() -> None:
    changed = spec(vpc_secondary_cidrs={"pods": "100.64.0.0/16", "more": "10.0.128.0/17"})
    assert only(changed) == "vpc_secondary_cidrs.more: 10.0.128.0/17 overlaps 10.0.0.0/16 (vpc_cidr)"


def test_a_tier_of_a_refused_block_is_not_reported_again() -> None:
    changed = spec(vpc_secondary_cidrs={"pods": "192.168.0.0/16"}, vpc_reserved_cidrs={})
    assert only(changed).startswith("vpc_secondary_cidrs.pods: AWS refuses")


@pytest.mark.parametrize(
    ("tier", "key", "message"),
    [
        ({"offset": 20}, ".prefix_length", "must be 16 to 28, the sizes AWS allows for a subnet, not None"),
        ({"prefix_length": 29, "offset": 20}, ".prefix_length", "not 29"),
        ({"prefix_length": 15, "offset": 0}, ".prefix_length", "not 15"),
        ({"prefix_length": True, "offset": 0}, ".prefix_length", "not True"),
        ({"prefix_length": 24}, "", "must have exactly one of offset and first_network"),
        (
            {"prefix_length": 24, "offset": 20, "first_network": "10.0.20.0"},
            "",
            "exactly one of offset and first_network",
        ),
        ({"prefix_length": 24, "offset": -1}, ".offset", "must be a whole number from 0 on, not -1"),
        ({"prefix_length": 24, "offset": "20"}, ".offset", "not '20'"),
        ({"prefix_length": 24, "first_network": "10.0.20.128"}, ".first_network", "write 10.0.20.0 or 10.0.21.0"),
        (
            {"prefix_length": 24, "first_network": "10.0.20.0/24"},
            ".first_network",
            "write the address alone",
        ),
        ({"prefix_length": 24, "first_network": "ten"}, ".first_network", "'ten' is not an IPv4 address"),
        ({"prefix_length": 24, "first_network": "10.9.0.0"}, ".first_network", "outside 10.0.0.0/16 (vpc_cidr)"),
        ({"prefix_length": 24, "offset": 0, "cidr": "pots"}, ".cidr", "'pots' is not a name in vpc_secondary_cidrs"),
        ({"prefix_length": 24, "offset": 20, "retired": "yes"}, ".retired", "must be true or false, not 'yes'"),
        ("10.0.20.0/24", "", "must be a mapping"),
    ],
)
def test_a_tier_with_a_wrong_value(tier: Any, key: str, message: str) -> None:
    changed = spec()
    changed["vpc_subnet_tiers"]["new"] = tier
    found = find_problems(changed)
    assert [problem.key for problem in found] == ["vpc_subnet_tiers.new" + key]
    assert message in found[0].message


def test_overlapping_tiers_are_told_the_first_gap_that_fits() -> None:
    assert only(with_tier("new", prefix_length=24, offset=3)) == (
        "vpc_subnet_tiers.new: 10.0.3.0 - 10.0.6.255 (4 slots of /24) overlaps what is kept for "
        "private (10.0.1.0 - 10.0.4.255); the first gap that fits is `offset: 5` (10.0.5.0 - 10.0.8.255)"
    )


def test_an_overlap_with_a_reserved_slot_only_is_an_overlap() -> None:
    assert "overlaps what is kept for private" in only(with_tier("new", prefix_length=24, offset=4))


def test_two_refused_tiers_are_not_sent_to_the_same_gap() -> None:
    changed = with_tier("one", prefix_length=24, offset=3)
    changed["vpc_subnet_tiers"]["two"] = {"prefix_length": 24, "offset": 12}
    first, second = messages(changed)
    assert "`offset: 5`" in first
    assert "`offset: 15`" in second


def test_a_tier_that_reaches_outside() -> None:
    assert only(with_tier("new", prefix_length=24, offset=254)) == (
        "vpc_subnet_tiers.new: 4 slots of /24 from block 254 to 257 reach outside 10.0.0.0/16 (vpc_cidr), "
        "which has /24 blocks 0 to 255; the first gap that fits is `offset: 5` (10.0.5.0 - 10.0.8.255)"
    )


def test_the_last_place_of_a_block_is_the_last() -> None:
    assert find_problems(with_tier("new", prefix_length=24, offset=252)) == []
    assert "reach outside 10.0.0.0/16" in only(with_tier("new", prefix_length=24, offset=253))


def test_no_room_says_what_would_fit() -> None:
    found = only(with_tier("new", prefix_length=18, offset=0))
    assert "no room: 4 aligned /18 need 65,536 addresses in one piece" in found
    assert (
        "the largest gap is 10.0.105.0 - 10.0.255.255 (38,656); `prefix_length: 19` would fit at `offset: 4`" in found
    )


def test_no_room_at_any_size_asks_for_another_block() -> None:
    found = only(with_tier("new", prefix_length=20, offset=0, cidr="pods"))
    assert "nothing is free; add a block to vpc_secondary_cidrs and name it with `cidr:`" in found


def test_a_tier_larger_than_any_block() -> None:
    found = only(with_tier("new", prefix_length=16, offset=0, cidr="pods"))
    assert "no block of a VPC holds more than 65,536: use a longer prefix_length" in found


def test_more_zones_than_slots() -> None:
    zones = [f"us-east-1{letter}" for letter in "abcde"]
    assert only(spec(vpc_availability_zones=zones)).startswith(
        "vpc_availability_zones: lists 5 zones, but every tier keeps 4"
    )


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        (["us-east-1a", "us-east-1a"], "us-east-1a is listed twice"),
        ([], "must be a list of at least one availability zone"),
        ([None], "must be a list of at least one availability zone"),
        ("us-east-1a", "must be a list of at least one availability zone"),
        (["us-east-1a", {"name": "b"}], "{'name': 'b'} is not the name of an availability zone"),
    ],
)
def test_wrong_zones(zones: object, message: str) -> None:
    assert message in only(spec(vpc_availability_zones=zones))


@pytest.mark.parametrize("slots", [0, -1, "4", True])
def test_wrong_number_of_slots(slots: object) -> None:
    assert only(spec(vpc_availability_zone_slots=slots)).startswith(
        "vpc_availability_zone_slots: must be a whole number"
    )


def test_reserved_ranges_may_not_be_touched() -> None:
    changed = spec(vpc_reserved_cidrs={"head-office": "10.0.64.0/18", "peer": "172.20.5.0/24"})
    assert messages(changed) == [
        "vpc_cidr: 10.0.0.0/16 overlaps 10.0.64.0/18 (vpc_reserved_cidrs.head-office)",
        "eks_service_cidr: 172.20.0.0/16 overlaps 172.20.5.0/24 (vpc_reserved_cidrs.peer)",
    ]


def test_a_reserved_range_must_be_a_network_itself() -> None:
    found = only(spec(vpc_reserved_cidrs={"peer": "192.168.1.1/16"}))
    assert found == "vpc_reserved_cidrs.peer: 192.168.1.1/16 has host bits set; write 192.168.0.0/16"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("172.16.0.0/11", "has host bits set; write 172.0.0.0/11"),
        ("10.0.0.0/8", "is a /8; EKS allows /12 to /24 for the service CIDR"),
        ("172.20.0.0/25", "is a /25; EKS allows /12 to /24 for the service CIDR"),
        ("100.66.0.0/16", "EKS wants the service CIDR in one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"),
        ("10.0.0.0/20", "10.0.0.0/20 overlaps 10.0.0.0/16 (vpc_cidr)"),
    ],
)
def test_a_service_cidr_that_is_refused(value: str, message: str) -> None:
    found = find_problems(spec(eks_service_cidr=value))
    assert {problem.key for problem in found} == {"eks_service_cidr"}
    assert any(message in problem.message for problem in found)


def test_every_problem_is_told_at_once() -> None:
    changed = with_tier("new", prefix_length=24, offset=3)
    changed |= {"vpc_availability_zones": ["a", "a"], "eks_service_cidr": "10.0.0.1/16"}
    with pytest.raises(CidrPlanError) as caught:
        plan_vpc(changed)
    keys = [problem.key for problem in caught.value.problems]
    assert sorted(keys) == ["eks_service_cidr", "vpc_availability_zones", "vpc_subnet_tiers.new"]
    assert str(caught.value).count("\n") == 2


def test_values_that_are_no_mappings() -> None:
    keys = ("vpc_secondary_cidrs", "vpc_subnet_tiers", "vpc_reserved_cidrs")
    found = find_problems(spec(**dict.fromkeys(keys, "x")))
    assert {problem.key for problem in found} == set(keys)
    assert all("must be a mapping" in problem.message for problem in found)
    assert only(spec(vpc_subnet_tiers={})).startswith("vpc_subnet_tiers: is missing or empty")


def test_regions_may_not_overlap() -> None:
    clash = dr() | {"vpc_cidr": "10.0.0.0/16"}
    found = [str(problem) for problem in find_estate_problems({"us-east-1": spec(), "us-west-2": clash})]
    assert found == ["us-west-2: vpc_cidr: 10.0.0.0/16 overlaps 10.0.0.0/16 (vpc_cidr of us-east-1)"]


def test_a_service_cidr_may_not_hide_another_region() -> None:
    first = spec(eks_service_cidr="10.1.0.0/16")
    found = [str(problem) for problem in find_estate_problems({"us-east-1": first, "us-west-2": dr()})]
    assert found == ["us-east-1: eks_service_cidr: 10.1.0.0/16 overlaps 10.1.0.0/16 (vpc_cidr of us-west-2)"]


def test_zones_of_another_region_are_noticed() -> None:
    copied = dr() | {"vpc_availability_zones": ["us-east-1a"]}
    with pytest.raises(CidrPlanError) as caught:
        plan_estate({"us-east-1": spec(), "us-west-2": copied})
    assert str(caught.value) == "us-west-2: vpc_availability_zones: us-east-1a is in us-east-1, not in us-west-2"


def test_zone_ids_and_hosts_that_are_no_regions_are_left_alone() -> None:
    by_id = dr() | {"vpc_availability_zones": ["usw2-az1", "usw2-az2"]}
    assert find_estate_problems({"sandbox": spec(), "us-west-2": by_id}) == []
