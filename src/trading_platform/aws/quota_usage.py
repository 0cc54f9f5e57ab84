"""What an account allows in a region, and how much of it is in use: by us, and by others.

Ours is what carries our tags, and instances of our cluster's node groups, which EKS tags with its name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import filters, find_all
from trading_platform.aws.errors import error_code
from trading_platform.preflight import quotas

CLUSTER_TAG = "eks:cluster-name"
# A NAT gateway counts while it is pending, available or deleting:
# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-gateways
COUNTED_GATEWAYS = ["pending", "available", "deleting"]
COUNTED_INSTANCES = ["pending", "running"]

type Usage = dict[str, dict[str, int]]
"""Place (an availability zone, or "" for the region) to ``{"ours": n, "others": n}``."""


def allowed(client: Any) -> dict[str, dict[str, Any]]:
    """Quota code to ``{"name", "value"}``, as applied to the account; what the region does not have is left out."""
    found = {}
    for code, service in quotas.SERVICES.items():
        quota = _quota(client, service, code)
        if quota is not None:
            found[code] = {"name": quota["QuotaName"], "value": quota["Value"]}
    return found


def _quota(client: Any, service: str, code: str) -> Any:
    """The applied value; AWS tells none of some quotas that were never changed, and the default then."""
    for get in (client.get_service_quota, client.get_aws_default_service_quota):
        try:
            return get(ServiceCode=service, QuotaCode=code, aws_retry=True)["Quota"]
        except ClientError as error:
            if error_code(error) != "NoSuchResourceException":
                raise
    return None


def in_use(ec2: Any, rds: Any, tags: Mapping[str, str], cluster: str) -> dict[str, Usage]:
    """Quota code to usage."""

    def ours(tag_list: list[dict[str, str]] | None) -> bool:
        held = tagging.from_list(tag_list)
        return held.get(CLUSTER_TAG) == cluster or all(held.get(key) == value for key, value in tags.items())

    vpcs = find_all(ec2.describe_vpcs, "Vpcs")
    own_vpcs = [one["VpcId"] for one in vpcs if ours(one.get("Tags"))]
    return {
        quotas.VPCS: _count(("", ours(one.get("Tags")), 1) for one in vpcs),
        quotas.ADDRESSES: _count(
            ("", ours(one.get("Tags")), 1) for one in ec2.describe_addresses(aws_retry=True)["Addresses"]
        ),
        quotas.NAT_GATEWAYS: _gateways(ec2, ours),
        quotas.INTERFACE_ENDPOINTS: _endpoints(ec2, own_vpcs, ours),
        quotas.DATABASES: _count(("", ours(one.get("TagList")), 1) for one in _instances_of(rds)),
        **_vcpus(ec2, ours),
    }


def _count(found: Iterable[tuple[str, bool, int]]) -> Usage:
    """Add up (place, whether it is ours, how many)."""
    usage: Usage = {}
    for place, is_ours, number in found:
        held = usage.setdefault(place, {"ours": 0, "others": 0})
        held["ours" if is_ours else "others"] += number
    return usage


def _gateways(ec2: Any, ours: Callable[[Any], bool]) -> Usage:
    """NAT gateways by the availability zone of their subnet."""
    gateways = find_all(ec2.describe_nat_gateways, "NatGateways", Filter=filters(state=COUNTED_GATEWAYS))
    if not gateways:
        return {}
    zones = {one["SubnetId"]: str(one["AvailabilityZone"]) for one in find_all(ec2.describe_subnets, "Subnets")}
    return _count((zones.get(one.get("SubnetId", ""), ""), ours(one.get("Tags")), 1) for one in gateways)


def _endpoints(ec2: Any, vpcs: list[str], ours: Callable[[Any], bool]) -> Usage:
    """Interface endpoints of our VPC, in which somebody else may have made some (GuardDuty does)."""
    if not vpcs:
        return {}
    asked = filters(vpc_id=vpcs, vpc_endpoint_type="Interface")
    found = find_all(ec2.describe_vpc_endpoints, "VpcEndpoints", Filters=asked)
    return _count(("", ours(one.get("Tags")), 1) for one in found)


def _instances_of(rds: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = rds.describe_db_instances(aws_retry=True)
    found += page["DBInstances"]
    while page.get("Marker"):
        page = rds.describe_db_instances(Marker=page["Marker"], aws_retry=True)
        found += page["DBInstances"]
    return found


def _vcpus(ec2: Any, ours: Callable[[Any], bool]) -> dict[str, Usage]:
    """vCPUs of running standard instances, on demand and spot."""
    counted: dict[str, Counter[str]] = {quotas.ON_DEMAND_VCPUS: Counter(), quotas.SPOT_VCPUS: Counter()}
    asked = filters(instance_state_name=COUNTED_INSTANCES)
    for reservation in find_all(ec2.describe_instances, "Reservations", Filters=asked):
        for one in reservation["Instances"]:
            if quotas.standard(one["InstanceType"]):
                code = quotas.SPOT_VCPUS if one.get("InstanceLifecycle") == "spot" else quotas.ON_DEMAND_VCPUS
                counted[code]["ours" if ours(one.get("Tags")) else "others"] += _vcpus_of(one)
    return {code: {"": {"ours": held["ours"], "others": held["others"]}} for code, held in counted.items()}


def _vcpus_of(instance: Mapping[str, Any]) -> int:
    """Those of the type, which is what counts; for a type that is not known, those it says it has."""
    cpu = instance.get("CpuOptions") or {}
    return quotas.vcpus(instance["InstanceType"]) or int(cpu.get("CoreCount", 1)) * int(cpu.get("ThreadsPerCore", 1))
