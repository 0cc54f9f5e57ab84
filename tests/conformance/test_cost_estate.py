"""The bill of materials against the estate: what the AWS API counts is what the estimate bills at its least."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from estate import NAME, PRIMARY, REGIONS, ROOT, Estate

from trading_platform.cluster_facts import read_outputs
from trading_platform.cost.estimate import estimate_of, places_of
from trading_platform.cost.facts import rounded_up
from trading_platform.cost.live import live
from trading_platform.cost.model import Estimate, Kind, Scenario
from trading_platform.cost.place import Place
from trading_platform.inventory import load_estate
from trading_platform.pricing import HOURS, load_catalogue

pytestmark = pytest.mark.slow
TODAY = datetime.now(UTC).date()
ONCE_FOR_ALL = "us-east-1"  # where WAF keeps the ACLs of CloudFront
ROLES = {f"{NAME}": "primary", f"{NAME}-standby": "standby replica"}
both = pytest.mark.parametrize("region", REGIONS)

type Count = Counter[str]
"""What a line is called ("resource: name") to how many there are, or GB of it."""


@cache
def places() -> list[Place]:
    """Production, as the inventory says it."""
    found = load_estate(ROOT / "inventories/production")
    return places_of(found.regions, found.groups)


@cache
def inventory() -> Estimate:
    """What it costs."""
    return estimate_of(places(), TODAY)


def billed(found: Estimate, region: str) -> dict[str, Decimal]:
    """What stands on the bill of a region because it exists, in things and GB; what there is none of is left out."""
    quantities = {
        f"{line.resource}: {line.name}": (line.quantities.low or Decimal(0)) / (HOURS if line.unit == "hour" else 1)
        for line in found.lines
        if line.region == region and line.kind is Kind.BASELINE
    }
    return {name: count for name, count in quantities.items() if count}


def network(estate: Estate, region: str) -> Count:
    """NAT gateways, every address of the account, an endpoint for each of its subnets."""
    gateways = estate.pages("ec2", region, "describe_nat_gateways", "NatGateways")
    endpoints = estate.pages("ec2", region, "describe_vpc_endpoints", "VpcEndpoints")
    return Counter(
        {
            "NAT gateways: gateway": sum(one["State"] == "available" for one in gateways),
            "NAT gateways: public IPv4 address": len(estate.pages("ec2", region, "describe_addresses", "Addresses")),
            "interface endpoints: endpoint in a zone": sum(
                len(one["SubnetIds"]) for one in endpoints if one["VpcEndpointType"] != "Gateway"
            ),
        }
    )


def clusters(estate: Estate, region: str) -> Count:
    """Control planes, the fewest nodes of each group, and their disks in GB."""
    eks, counted = estate.client("eks", region), Counter[str]()
    for cluster in estate.pages("eks", region, "list_clusters", "clusters"):
        found = eks.describe_cluster(name=cluster)["cluster"]
        counted[f"control plane: Kubernetes {found['version']}, standard support"] += 1
        for name in estate.pages("eks", region, "list_nodegroups", "nodegroups", clusterName=cluster):
            group = eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
            least, bought = group["scalingConfig"]["minSize"], group["capacityType"].lower().replace("_", " ")
            counted[f"node group {name}: {group['instanceTypes'][0]}, {bought}"] += least
            counted[f"node group {name}: disks, gp3"] += least * disk(estate, region, group["launchTemplate"])
    return counted


def disk(estate: Estate, region: str, template: dict[str, Any]) -> int:
    """GB of what nodes of a launch template get."""
    versions = estate.client("ec2", region).describe_launch_template_versions(
        LaunchTemplateId=template["id"], Versions=[template["version"]]
    )["LaunchTemplateVersions"]
    disks = [one["Ebs"] for version in versions for one in version["LaunchTemplateData"]["BlockDeviceMappings"]]
    assert {one["VolumeType"] for one in disks} == {"gp3"}
    return sum(one["VolumeSize"] for one in disks)


def databases(estate: Estate, region: str) -> Count:
    """Instances by class and machines, with GB of storage."""
    counted = Counter[str]()
    for one in estate.pages("rds", region, "describe_db_instances", "DBInstances"):
        identifier = one["DBInstanceIdentifier"]
        role, _, number = identifier.removeprefix(f"{NAME}-").partition("replica-")
        name = f"read replica {number}" if number and not role else ROLES.get(identifier, identifier)
        machines = "two machines (Multi-AZ)" if one["MultiAZ"] else "one machine"
        counted[f"PostgreSQL {name}: {one['DBInstanceClass']}, {machines}"] += 1
        counted[f"PostgreSQL {name}: {one['StorageType']} storage"] += one["AllocatedStorage"]
    return counted


def caches(estate: Estate, region: str) -> Count:
    """Nodes, of a replication group or alone."""
    nodes = estate.pages("elasticache", region, "describe_cache_clusters", "CacheClusters")
    return sum(
        (Counter({f"Redis: {one['CacheNodeType']}, {one['Engine']}": one["NumCacheNodes"]}) for one in nodes), Counter()
    )


def balancers(estate: Estate, region: str) -> Count:
    """Load balancers, and the addresses of those that the internet reaches: one in each zone."""
    found = estate.pages("elbv2", region, "describe_load_balancers", "LoadBalancers")
    counted = Counter(f"load balancer: {'ALB' if one['Type'] == 'application' else one['Type']}" for one in found)
    counted["load balancer: public IPv4 address"] = sum(
        len(one["AvailabilityZones"]) for one in found if one["Scheme"] == "internet-facing"
    )
    return counted


def firewalls(estate: Estate, region: str) -> Count:
    """Web ACLs of a region, in the one region those of CloudFront as well, and their rules."""
    wafv2, counted = estate.client("wafv2", region), Counter[str]()
    scopes = {"REGIONAL": "the load balancer"} | ({"CLOUDFRONT": "CloudFront"} if region == ONCE_FOR_ALL else {})
    for scope, what in scopes.items():
        for one in wafv2.list_web_acls(Scope=scope)["WebACLs"]:
            acl = wafv2.get_web_acl(Name=one["Name"], Scope=scope, Id=one["Id"])["WebACL"]
            counted[f"web ACL of {what}: web ACL"] += 1
            counted[f"web ACL of {what}: rule"] += len(acl["Rules"])
    return counted


def names(estate: Estate, region: str) -> Count:
    """Zones and health checks; there is one Route 53 for all regions, counted in the primary one."""
    if region != PRIMARY:
        return Counter()
    zones = estate.pages("route53", region, "list_hosted_zones", "HostedZones")
    checks = estate.pages("route53", region, "list_health_checks", "HealthChecks")
    return Counter({"DNS: hosted zone": len(zones), "DNS: health check": len(checks)})


def secrets(estate: Estate, region: str) -> Count:
    """Keys that are the customer's and not on their way out, and secrets with their replicas."""
    kms = estate.client("kms", region)
    keys = [
        kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"] for one in estate.pages("kms", region, "list_keys", "Keys")
    ]
    ours = [one for one in keys if one["KeyManager"] == "CUSTOMER" and one["KeyState"] != "PendingDeletion"]
    held = estate.pages("secretsmanager", region, "list_secrets", "SecretList")
    return Counter({"encryption keys: key": len(ours), "secrets: secret": len(held)})


def watched(estate: Estate, region: str) -> Count:
    """vCPUs of the databases whose sign-ins a detector looks at."""
    guardduty, counted = estate.client("guardduty", region), Counter[str]()
    for detector in guardduty.list_detectors()["DetectorIds"]:
        features = guardduty.get_detector(DetectorId=detector)["Features"]
        on = {one["Name"] for one in features if one["Status"] == "ENABLED"}
        assert on.isdisjoint({"RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING"}), "nodes are not counted here"
        if "RDS_LOGIN_EVENTS" in on:
            classes = [
                one["DBInstanceClass"] for one in estate.pages("rds", region, "describe_db_instances", "DBInstances")
            ]
            counted["GuardDuty: sign-ins to databases"] += sum(load_catalogue().rds_vcpus[one] for one in classes)
    return counted


def alarms(estate: Estate, region: str) -> Count:
    """Every metric that an alarm reckons with, and composite alarms."""
    pages = estate.client("cloudwatch", region).get_paginator("describe_alarms")
    counted = Counter[str]()
    for page in pages.paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
        counted["alarms: composite alarm"] += len(page.get("CompositeAlarms", []))
        for alarm in page.get("MetricAlarms", []):
            stats = [one for one in alarm.get("Metrics", []) if "MetricStat" in one]
            counted["alarms: metric with an alarm"] += len(stats) or 1
    return counted


COUNTS: tuple[Callable[[Estate, str], Count], ...] = (
    network,
    clusters,
    databases,
    caches,
    balancers,
    firewalls,
    names,
    secrets,
    watched,
    alarms,
)


@both
def test_what_exists_is_billed_and_what_is_billed_exists(estate: Estate, region: str) -> None:
    counted = sum((count(estate, region) for count in COUNTS), Counter())
    assert {name: Decimal(many) for name, many in counted.items() if many} == billed(inventory(), region)


@both
def test_nothing_is_counted_by_luck(estate: Estate, region: str) -> None:
    """A counter that finds nothing would agree with a bill that has nothing."""
    empty = {count.__name__ for count in COUNTS if not +count(estate, region)}
    # The standby has no Redis before it takes over, and Route 53 is counted once.
    assert empty == (set() if region == PRIMARY else {"caches", "names"})


@both
def test_nothing_else_that_is_billed_by_the_hour_exists(estate: Estate, region: str) -> None:
    """What the bill has no line for, as long as nobody makes any: instances and disks of no node group, and so on."""
    ec2 = estate.client("ec2", region)
    reservations = estate.pages("ec2", region, "describe_instances", "Reservations")
    instances = [one for reservation in reservations for one in reservation["Instances"]]
    tagged = [{tag["Key"] for tag in one.get("Tags", [])} for one in instances]
    assert [tags for tags in tagged if "eks:nodegroup-name" not in tags] == []
    assert [one for one in estate.pages("ec2", region, "describe_volumes", "Volumes") if not one["Attachments"]] == []
    assert ec2.describe_vpn_connections()["VpnConnections"] == []
    assert ec2.describe_transit_gateways()["TransitGateways"] == []
    assert estate.client("efs", region).describe_file_systems()["FileSystems"] == []


def test_the_dashboards_are_among_the_three_that_are_free(estate: Estate) -> None:
    boards = [estate.pages("cloudwatch", region, "list_dashboards", "DashboardEntries") for region in REGIONS]
    assert 1 <= sum(map(len, boards)) <= 3


def test_the_budget_is_the_estimate_rounded_up(estate: Estate) -> None:
    budgets = estate.client("budgets", PRIMARY).describe_budgets(AccountId=estate.account_id)["Budgets"]
    (limit,) = (Decimal(one["BudgetLimit"]["Amount"]) for one in budgets)
    typical = inventory().total(Scenario.TYPICAL).usd
    assert limit == rounded_up(typical, 100)
    assert 0 <= limit - typical < 100


def test_the_outputs_price_the_same_estate_as_the_inventory(estate: Estate) -> None:
    found = live(places(), read_outputs(estate.build_directory / "production/outputs.json"))
    assert found.differences == ()
    built = estimate_of(found.places, TODAY)
    assert {region: billed(built, region) for region in REGIONS} == {
        region: billed(inventory(), region) for region in REGIONS
    }
