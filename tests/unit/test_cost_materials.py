"""The bill of materials against arithmetic by hand: the repository's inventories, and the document's own estate."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform.cost.estimate import USAGE_KEYS, estimate, estimate_of, places_of
from trading_platform.cost.materials.usage import USED
from trading_platform.cost.model import Estimate, Kind, Line, Scenario
from trading_platform.cost.place import MaterialsError
from trading_platform.inventory import Estate, load_estate
from trading_platform.pricing import load_catalogue

TODAY = date(2026, 11, 27)
CENT = Decimal("0.01")


@cache
def estate(environment: str = "production") -> Estate:
    """An inventory of the repository."""
    return load_estate(f"inventories/{environment}")


def priced(changes: Mapping[str, Any] | None = None, region: str = "us-east-1", today: date = TODAY) -> Estimate:
    """Production, with some variables of a region changed."""
    found = estate()
    regions = {name: {**held, **(changes or {})} if name == region else held for name, held in found.regions.items()}
    return estimate(regions, found.groups, today)


def cents(line: Line, scenario: Scenario = Scenario.LOW) -> Decimal | None:
    """What a line costs, rounded as on a bill."""
    usd = line.monthly(scenario)
    return None if usd is None else usd.quantize(CENT, ROUND_HALF_UP)


def baseline(found: Estimate, region: str) -> dict[str, str]:
    """Resource and name of what is there in any case, to USD a month."""
    return {
        f"{line.resource}: {line.name}": str(cents(line))
        for line in found.lines
        if line.region == region and line.kind is Kind.BASELINE and cents(line) != 0
    }


def test_the_primary_region_at_its_least_is_what_comes_out_by_hand() -> None:
    # A month has 730 hours.
    assert baseline(priced(), "us-east-1") == {
        "NAT gateways: gateway": "98.55",  # 3 x 730 x 0.045
        "NAT gateways: public IPv4 address": "10.95",  # 3 x 730 x 0.005
        "interface endpoints: endpoint in a zone": "219.00",  # 10 x 3 x 730 x 0.01
        "control plane: Kubernetes 1.35, standard support": "73.00",  # 730 x 0.10
        "node group general: t3.xlarge, on demand": "364.42",  # 3 x 730 x 0.1664
        "node group general: disks, gp3": "24.00",  # 3 x 100 x 0.08
        "node group compute: c6i.2xlarge, spot": "243.24",  # 2 x 730 x 0.1666
        "node group compute: disks, gp3": "16.00",
        "node group memory: r6i.xlarge, on demand": "551.88",  # 3 x 730 x 0.252
        "node group memory: disks, gp3": "24.00",
        "PostgreSQL primary: db.r6i.xlarge, two machines (Multi-AZ)": "730.00",  # 730 x 1.00
        "PostgreSQL primary: gp3 storage": "23.00",  # 100 x 0.23
        "PostgreSQL read replica 1: db.r6i.xlarge, one machine": "365.00",  # 730 x 0.50
        "PostgreSQL read replica 1: gp3 storage": "11.50",  # 100 x 0.115
        "PostgreSQL read replica 2: db.r6i.xlarge, one machine": "365.00",
        "PostgreSQL read replica 2: gp3 storage": "11.50",
        "Redis: cache.r6g.large, redis": "451.14",  # 3 x 730 x 0.206
        "load balancer: ALB": "16.43",  # 730 x 0.0225
        "load balancer: public IPv4 address": "10.95",
        "web ACL of the load balancer: web ACL": "5.00",
        "web ACL of the load balancer: rule": "8.00",  # rate and country by two addresses each, 4 groups of AWS
        "web ACL of CloudFront: web ACL": "5.00",
        "web ACL of CloudFront: rule": "6.00",
        "DNS: hosted zone": "0.50",
        "DNS: health check": "1.00",  # 2 x 0.50
        "encryption keys: key": "9.00",
        "secrets: secret": "4.00",  # 10 x 0.40
        "GuardDuty: sign-ins to databases": "12.00",  # 3 instances x 4 vCPUs x 1.00
        "alarms: metric with an alarm": "4.90",
        "alarms: composite alarm": "0.50",
    }


def test_the_standby_region_has_one_database_no_redis_and_the_least_nodes() -> None:
    found = baseline(priced(), "us-west-2")
    assert {name: usd for name, usd in found.items() if "node group" in name or "PostgreSQL" in name} == {
        "node group general: t3.xlarge, on demand": "364.42",  # 3 x 730 x 0.1664
        "node group general: disks, gp3": "24.00",
        "PostgreSQL standby replica: db.r6i.xlarge, one machine": "365.00",
        "PostgreSQL standby replica: gp3 storage": "11.50",
    }
    assert not [name for name in found if "Redis" in name or "CloudFront" in name or "DNS" in name]


def test_the_estate_of_the_document_costs_what_comes_out_by_hand() -> None:
    """Its own figures: one node of group memory, no interface endpoints, a key for each kind of data, its four secrets.

    Web ACLs, health checks and alarms, of which it gives no numbers, are left out, and so is GuardDuty.
    """
    groups = dict(estate().regions["us-east-1"]["eks_node_groups"])
    changes = {
        "eks_node_groups": {**groups, "memory": {**groups["memory"], "min_size": 1}},
        "guardduty_features": {"RDS_LOGIN_EVENTS": False},
        "vpc_interface_endpoints": [],
        "kms_keys": {purpose: {} for purpose in ("ebs", "eks", "rds", "elasticache", "s3", "secrets")},
        "secrets_manager_secrets": {purpose: {} for purpose in ("database", "api_keys", "jwt", "encryption")},
    }
    fixed = [
        line
        for line in priced(changes).lines
        if line.region == "us-east-1" and line.kind is Kind.BASELINE
        if line.service != "WAF" and line.tier != "monitoring" and line.name != "health check"
    ]
    assert sum(filter(None, map(cents, fixed)), Decimal(0)) == Decimal("3014.74")


def test_what_the_autoscaler_adds_is_usage() -> None:
    nodes = {
        line.name: [line.quantities.of(scenario) for scenario in Scenario]
        for line in priced().lines
        if line.region == "us-east-1" and line.resource == "node group general" and line.service == "EC2"
    }
    # 3 from the start; 4 typically; 10 at most.
    assert nodes == {
        "t3.xlarge, on demand": [2190, 2190, 2190],
        "t3.xlarge, on demand above the minimum": [0, 730, 5110],
    }


def test_hours_without_spot_capacity_are_bought_on_demand() -> None:
    hours = {
        line.name: line.quantities.high
        for line in priced().lines
        if line.region == "us-east-1" and line.resource == "node group compute" and line.service == "EC2"
    }
    assert sum(filter(None, hours.values())) == 20 * 730
    on_demand = sum(filter(None, (amount for name, amount in hours.items() if "on demand" in name)))
    assert on_demand == Decimal("0.2") * 20 * 730


def test_extended_support_is_a_surcharge_from_the_day_on_which_it_begins() -> None:
    before, after = (
        next(line for line in priced(today=day).lines if line.service == "EKS")
        for day in (date(2027, 3, 26), date(2027, 3, 27))
    )
    assert (cents(before), cents(after)) == (Decimal("73.00"), Decimal("438.00"))
    assert before.note == "extended support from 2027-03-27: 365.00 USD a month of it"
    assert after.note == "extended support since 2027-03-27: 365.00 USD a month of it"


def test_extended_support_of_postgresql_is_by_vcpu_and_doubles_in_its_third_year() -> None:
    def surcharges(today: date) -> list[Decimal | None]:
        return [cents(line) for line in priced(today=today).lines if line.name.startswith("extended support of 16")]

    # 4 vCPUs x 730 x 0.10 for each machine: two of the primary, one of each replica and of the standby.
    assert surcharges(date(2029, 2, 27)) == []
    assert surcharges(date(2029, 3, 1)) == [Decimal(584), Decimal(292), Decimal(292), Decimal(292)]
    assert surcharges(date(2031, 3, 1)) == [Decimal(1168), Decimal(584), Decimal(584), Decimal(584)]


def test_extended_support_of_redis_is_a_share_of_the_node_and_doubles_in_its_third_year() -> None:
    def surcharges(today: date) -> list[Decimal | None]:
        found = priced({"elasticache_engine_version": "6.2"}, today=today)
        return [cents(line) for line in found.lines if line.name == "extended support of redis 6.2 since 2027-01-31"]

    # 0.8 and 1.6 of the nodes' 451.14.
    assert surcharges(date(2027, 1, 30)) == []
    assert surcharges(date(2027, 1, 31)) == [Decimal("360.91")]
    assert surcharges(date(2029, 1, 31)) == [Decimal("721.82")]


def test_guardduty_is_billed_for_the_features_that_are_on() -> None:
    def watched(features: dict[str, bool], scenario: Scenario = Scenario.TYPICAL) -> dict[str, str]:
        found = priced({"guardduty_features": features}).lines
        ours = [line for line in found if line.service == "GuardDuty" and line.region == "us-east-1"]
        return {line.name: str(cents(line, scenario)) for line in ours}

    always = {"CloudTrail events": "8.00", "flow and DNS logs": "50.00"}
    every = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS")
    assert watched(dict.fromkeys(every, False)) == always
    # What is not named is turned on by AWS, but for what needs an agent.
    assert watched({}) == always | {
        "sign-ins to databases": "12.00",
        "EKS audit log events": "32.00",  # 20 x 1.60
        "reads and writes in S3": "16.00",  # 20 x 0.80
        "volumes looked through for malware": "0.00",
        "traffic of functions": "0.01",
    }
    agents = watched({**dict.fromkeys(every, False), "RUNTIME_MONITORING": True}, Scenario.HIGH)
    assert {name: usd for name, usd in agents.items() if "nodes" in name} == {
        "nodes of general": "18.00",  # 3 x 4 vCPUs x 1.50
        "nodes of general above the minimum": "42.00",  # 7 x 4
        "nodes of compute": "24.00",  # 2 x 8
        "nodes of compute above the minimum": "216.00",  # 18 x 8
        "nodes of memory": "18.00",  # 3 x 4
        "nodes of memory above the minimum": "12.00",  # 2 x 4
    }


def test_a_price_that_nobody_knows_is_unknown_and_not_nothing() -> None:
    group = {"instance_types": ["t9.huge"], "capacity_type": "on_demand", "min_size": 1, "max_size": 1}
    usage = {**estate().regions["us-east-1"]["cost_usage"], "primary": {"nodes": {"odd": 1}}}
    found = priced({"eks_node_groups": {"odd": group}, "cost_usage": usage})
    (node,) = [line for line in found.lines if line.name == "t9.huge, on demand"]
    assert node.monthly(Scenario.LOW) is None
    # What the usage file leaves out is as unknown as a price.
    assert {"ingested", "to the internet"} <= {line.name for line in found.unknown(Scenario.TYPICAL)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"eks_version": None}, "us-east-1: eks_version: is missing, and what it costs cannot be told without it"),
        (
            {"eks_version": "{{ ours }}"},
            "us-east-1: eks_version: is a template ({{ ours }}); playbooks/estimate_cost.yml reads it",
        ),
        ({"eks_node_disk_gb": "many"}, "us-east-1: eks_node_disk_gb: 'many' is not a number of 0 or more"),
        ({"cost_usage": None}, "us-east-1: cost_usage: is missing; it says how much of everything is used"),
        ({"cost_usage": {"dr": {}}}, "cost_usage.primary: is missing; it says how much us-east-1 uses"),
        (
            {"cost_usage": {"primary": {"nodes": {}, "net_gb": 1}}},
            "cost_usage.primary.net_gb: is billed nowhere; did you mean nat_gb?",
        ),
        (
            {"cost_usage": {"primary": {"nodes": {"general": 11, "compute": 2, "memory": 3}}}},
            "cost_usage.primary.nodes.general: 11 is outside of the group, which has 3 to 10 nodes",
        ),
        (
            {"cost_usage": {"primary": {"nodes": {"general": 3, "compute": 2, "memory": 3}, "nat_gb": [1, 2]}}},
            "cost_usage.primary.nat_gb: [1, 2] is neither a number nor [low, typical, high], each 0 or more",
        ),
    ],
)
def test_what_cannot_be_reckoned_with_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(MaterialsError) as refusal:
        priced(changes)
    assert str(refusal.value) == message


def test_everything_that_is_used_stands_in_the_files_of_both_environments() -> None:
    once = {used.key for used in USED if used.once}
    for environment in ("production", "staging"):
        for usage in estate(environment).regions["us-east-1"]["cost_usage"].values():
            assert USAGE_KEYS - set(usage) <= once, environment


def test_every_usage_line_has_the_unit_of_its_price() -> None:
    catalogue = load_catalogue()
    units = {
        used.key: (used.unit, price.unit)
        for used in USED
        if (price := catalogue.service(used.place or "us-east-1", used.service, used.item))
    }
    assert len(units) == len(USED)
    for key, (ours, theirs) in units.items():
        figure = next((word for word in theirs.replace(",", "").split() if word.isdigit()), "")
        assert figure in ours.replace(",", ""), key


@given(st.integers(0, 10), st.integers(0, 20), st.integers(0, 5))
def test_more_of_anything_never_costs_less(replicas: int, endpoints: int, keys: int) -> None:
    def cost(more: int) -> Decimal:
        changes = {
            "rds_replica_count": replicas + more,
            "vpc_interface_endpoints": ["one"] * (endpoints + more),
            "kms_keys": {str(number): {} for number in range(keys + more)},
        }
        return priced(changes).total(Scenario.TYPICAL).usd

    assert cost(0) < cost(1)


def test_the_sum_of_the_leaves_is_the_total_however_they_are_grouped() -> None:
    found = priced()
    for scenario in Scenario:
        leaves = sum(filter(None, (line.monthly(scenario) for line in found.lines)), Decimal(0))
        for group in (
            lambda line: line.region,
            lambda line: line.service,
            lambda line: line.tier,
            lambda line: line.kind,
        ):
            assert sum(each.usd for each in found.by(group, scenario).values()) == leaves == found.total(scenario).usd


def test_an_environment_without_regions_is_refused() -> None:
    with pytest.raises(MaterialsError, match="no region"):
        places_of({}, {})


def test_a_region_of_no_group_is_refused() -> None:
    with pytest.raises(MaterialsError, match="is in none of the groups primary and dr"):
        estimate_of(places_of(estate().regions, {}), TODAY)
