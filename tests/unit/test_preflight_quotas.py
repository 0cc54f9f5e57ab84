"""Whether the account has room: need, use and quota compared, and versions that RDS offers."""

from typing import Any

import pytest

from trading_platform.preflight.account import Answers, find_account_problems
from trading_platform.preflight.offers import nearest, offer_problem
from trading_platform.preflight.quotas import (
    ADDRESSES,
    DATABASES,
    INTERFACE_ENDPOINTS,
    NAT_GATEWAYS,
    ON_DEMAND_VCPUS,
    SERVICES,
    SPOT_VCPUS,
    VPCS,
    Need,
    find_quota_problems,
    needs,
    standard,
)

VALUES: dict[str, Any] = {
    "vpc_availability_zones": ["us-east-1a", None, "us-east-1c"],
    "vpc_nat_gateway_mode": "per_az",
    "vpc_interface_endpoints": ["sts", "kms"],
    "rds_engine_version": "16.14",
    "rds_replica_count": 2,
    "eks_node_groups": {
        "general": {"instance_types": ["t3.xlarge"], "capacity_type": "on_demand", "min_size": 3, "max_size": 10},
        "compute": {
            "instance_types": ["c6i.2xlarge", "c6i.4xlarge"],
            "capacity_type": "spot",
            "min_size": 2,
            "max_size": 20,
        },
        "memory": {"instance_types": ["r6i.xlarge"], "capacity_type": "on_demand", "min_size": 1, "max_size": 5},
        "graphics": {"instance_types": ["g5.xlarge"], "capacity_type": "on_demand", "min_size": 1, "max_size": 9},
    },
}
NAMES = {code: f"Quota {code}" for code in SERVICES}


def answer(values: dict[str, float], **in_use: dict[str, dict[str, int]]) -> dict[str, Any]:
    """What the module tells: large quotas but for those given, and what is in use."""
    told = {code: {"name": NAMES[code], "value": values.get(code, 1000.0)} for code in SERVICES}
    return {"quotas": told, "in_use": {code.replace("_", "-"): usage for code, usage in in_use.items()}}


def used(ours: int, others: int, place: str = "") -> dict[str, dict[str, int]]:
    return {place: {"ours": ours, "others": others}}


def test_what_an_inventory_needs() -> None:
    assert needs(VALUES) == {
        VPCS: {"": Need(1, 1)},
        ADDRESSES: {"": Need(2, 2)},
        NAT_GATEWAYS: {"us-east-1a": Need(1, 1), "us-east-1c": Need(1, 1)},
        INTERFACE_ENDPOINTS: {"": Need(2, 2)},
        DATABASES: {"": Need(3, 3)},
        # 4 vCPUs a node: (3 + 1) and (10 + 5) nodes.
        ON_DEMAND_VCPUS: {"": Need(16, 60)},
        # The largest type of the group has 16 vCPUs.
        SPOT_VCPUS: {"": Need(32, 320)},
    }
    single = needs({**VALUES, "vpc_nat_gateway_mode": "single"})
    assert (single[ADDRESSES], list(single[NAT_GATEWAYS])) == ({"": Need(1, 1)}, ["us-east-1a"])


@pytest.mark.parametrize(
    ("instance_type", "counts"),
    [
        ("t3.xlarge", True),
        ("im4gn.large", True),
        ("z1d.large", True),
        ("r6idn.xlarge", True),
        ("g5.xlarge", False),
        ("inf2.xlarge", False),
        ("hpc7a.12xlarge", False),
        ("mac1.metal", False),
        ("x2iedn.xlarge", False),
        ("u-6tb1.metal", False),
        ("p4d.24xlarge", False),
    ],
)
def test_instances_that_share_the_quotas_of_vcpus(instance_type: str, counts: bool) -> None:
    assert standard(instance_type) is counts


def test_enough_is_no_problem() -> None:
    exact = {ADDRESSES: 5.0, ON_DEMAND_VCPUS: 60.0, SPOT_VCPUS: 320.0, VPCS: 1.0, DATABASES: 3.0, NAT_GATEWAYS: 1.0}
    assert find_quota_problems("us-east-1", needs(VALUES), answer(exact, **{ADDRESSES: used(0, 3)})) == []


def test_what_is_ours_already_counts_once() -> None:
    """The second run, with everything in use that the first one made."""
    exact = {ADDRESSES: 3.0, ON_DEMAND_VCPUS: 60.0, DATABASES: 4.0}
    in_use = {ADDRESSES: used(2, 1), ON_DEMAND_VCPUS: used(24, 0), DATABASES: used(3, 1)}
    assert find_quota_problems("us-east-1", needs(VALUES), answer(exact, **in_use)) == []


def test_a_quota_that_stops_the_run_says_what_to_do() -> None:
    (problem,) = find_quota_problems("us-west-2", needs(VALUES), answer({ADDRESSES: 5.0}, **{ADDRESSES: used(0, 4)}))
    assert problem.severity == "error"
    assert str(problem) == (
        "us-west-2: L-0263D0A3: Quota L-0263D0A3: 5 allowed, 4 in use by others, needed here: 2; "
        "aws service-quotas request-service-quota-increase --region us-west-2 --service-code ec2 "
        "--quota-code L-0263D0A3 --desired-value 6"
    )


def test_more_of_ours_than_is_needed_takes_room_as_well() -> None:
    """Three addresses of a run that was cut off, of which two will be used."""
    left = answer({ADDRESSES: 4.0}, **{ADDRESSES: used(3, 2)})
    (problem,) = find_quota_problems("us-east-1", needs(VALUES), left)
    assert problem.message.endswith("--desired-value 5")


def test_a_zone_is_named() -> None:
    full = answer({NAT_GATEWAYS: 5.0}, **{NAT_GATEWAYS: used(0, 5, "us-east-1c")})
    (problem,) = find_quota_problems("us-east-1", needs(VALUES), full)
    assert problem.message.startswith("Quota L-FE5A380F in us-east-1c: 5 allowed, 5 in use by others, needed here: 1; ")


@pytest.mark.parametrize(
    ("value", "others", "severity"),
    [(60, 0, None), (59, 0, "warning"), (16, 0, "warning"), (15, 0, "error"), (60, 1, "warning"), (60, 45, "error")],
)
def test_full_scale_is_warned_of_and_the_least_nodes_refused(value: int, others: int, severity: str | None) -> None:
    told = answer({ON_DEMAND_VCPUS: float(value)}, **{ON_DEMAND_VCPUS: used(0, others)})
    problems = find_quota_problems("us-east-1", needs(VALUES), told)
    assert [problem.severity for problem in problems] == ([severity] if severity else [])
    for problem in problems:
        assert "needed here: 16 when built, 60 at full scale; aws service-quotas " in problem.message
        assert problem.message.endswith(f"--desired-value {60 + others}")


def test_a_quota_that_aws_tells_nothing_of_is_passed_over() -> None:
    assert find_quota_problems("us-east-1", needs(VALUES), {"quotas": {}, "in_use": {}}) == []


def test_problems_of_all_regions_come_at_once() -> None:
    none_offered = {"db_engine_versions": [{"engine_version": "16.13"}]}
    tight = answer({VPCS: 5.0}, **{VPCS: used(0, 5)})
    regions = [
        Answers("us-east-1", VALUES, none_offered, tight),
        Answers("us-west-2", VALUES, {"db_engine_versions": [{"engine_version": "16.14"}]}, tight),
    ]
    assert [(one.file, one.key) for one in find_account_problems(regions, "inventories/production")] == [
        ("inventories/production", "rds_engine_version"),
        ("us-east-1", VPCS),
        ("us-west-2", VPCS),
    ]


def test_what_did_not_answer_is_a_warning_and_what_was_not_asked_none() -> None:
    denied = {"msg": "quotas:\n An error occurred (AccessDeniedException)", "failed": False}
    problems = find_account_problems([Answers("us-east-1", VALUES, denied, denied)], "inventories/production")
    assert [str(one) for one in problems] == [
        "inventories/production: rds_engine_version: could not ask AWS in us-east-1 for the versions of RDS (quotas: "
        "An error occurred (AccessDeniedException)); they were not checked",
        "us-east-1: quotas: could not ask AWS in us-east-1 for the quotas of the account (quotas: An error occurred "
        "(AccessDeniedException)); they were not checked",
    ]
    assert {one.severity for one in problems} == {"warning"}
    assert find_account_problems([Answers("us-east-1", VALUES)], "inventories/production") == []


@pytest.mark.parametrize(
    ("wanted", "offered", "near"),
    [
        ("16.12", ["16.9", "16.14", "16.13"], ["16.9", "16.13"]),
        ("16.1", ["16.14", "16.9"], ["16.9"]),
        ("16.20", ["16.14", "16.9"], ["16.14"]),
        ("16.1", [], []),
    ],
)
def test_nearest_versions_are_compared_as_numbers(wanted: str, offered: list[str], near: list[str]) -> None:
    assert nearest(wanted, offered) == near


def test_a_version_that_is_not_offered_is_told_with_the_nearest() -> None:
    assert offer_problem("16.14", ["16.14"], "us-west-2") == ""
    refused = offer_problem("16.12", ["16.11", "16.13", "16.14"], "us-west-2")
    assert refused.startswith("RDS offers no PostgreSQL 16.12 in us-west-2; nearest: 16.11 and 16.13; `aws rds ")
    assert offer_problem("16.12", [], "us-west-2").startswith("RDS offers no PostgreSQL 16 in us-west-2; `aws rds ")
