"""Whether an account has room for what an inventory asks for: Service Quotas, against need and use, by region.

What is ours already is part of the need and not of the use, so that a second run finds what the first one found.
Some quotas would stop a run in the middle and are errors. Those of instances stop it only where the least nodes do not
fit; where full scale does not, the autoscaler stops some day, which is a warning.

Quota codes: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html,
https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html,
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trading_platform.node_limits import load_limits
from trading_platform.preflight.problem import Problem

ADDRESSES = "L-0263D0A3"
VPCS = "L-F678F1CE"
NAT_GATEWAYS = "L-FE5A380F"  # in each availability zone
INTERFACE_ENDPOINTS = "L-29B6F2EB"  # in each VPC
DATABASES = "L-7B6409FD"
ON_DEMAND_VCPUS = "L-1216C47A"
SPOT_VCPUS = "L-34B43A08"
SERVICES = {
    ADDRESSES: "ec2",
    VPCS: "vpc",
    NAT_GATEWAYS: "vpc",
    INTERFACE_ENDPOINTS: "vpc",
    DATABASES: "rds",
    ON_DEMAND_VCPUS: "ec2",
    SPOT_VCPUS: "ec2",
}
"""Quota code to the service that Service Quotas files it under."""

STANDARD_FAMILIES = ("a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z")
"""Instance families that share the quotas of vCPUs; all others have quotas of their own."""


@dataclass(frozen=True, slots=True)
class Need:
    """What the estate takes of a quota: when it is built, and at full scale."""

    at_once: int
    at_most: int


type Needs = dict[str, dict[str, Need]]
"""Quota code to place (an availability zone, or "" for the region) to need."""


def needs(values: Mapping[str, Any]) -> Needs:
    """What the variables of a region ask for. They must be valid: preflight has checked them before."""
    zones = [zone for zone in values["vpc_availability_zones"] if zone]
    gateways = zones if values["vpc_nat_gateway_mode"] == "per_az" else zones[:1]
    endpoints = len(values.get("vpc_interface_endpoints") or [])
    instances = 1 + int(values["rds_replica_count"])
    groups = [group for group in values["eks_node_groups"].values() if standard(group["instance_types"][0])]
    return {
        VPCS: {"": Need(1, 1)},
        ADDRESSES: {"": Need(len(gateways), len(gateways))},
        NAT_GATEWAYS: {zone: Need(1, 1) for zone in gateways},
        INTERFACE_ENDPOINTS: {"": Need(endpoints, endpoints)},
        DATABASES: {"": Need(instances, instances)},
        ON_DEMAND_VCPUS: {"": _vcpus(groups, "on_demand")},
        SPOT_VCPUS: {"": _vcpus(groups, "spot")},
    }


def standard(instance_type: str) -> bool:
    """Whether a type counts for the quotas of standard instances, as c6i and im4gn do; g5 and hpc7a do not."""
    match = re.match(r"[a-z]+(?=\d)", instance_type)
    return match is not None and match[0] in STANDARD_FAMILIES


def vcpus(instance_type: str) -> int:
    """vCPUs of an instance type; 0 where they are not known."""
    limits = load_limits().get(instance_type)
    return (limits.vcpu or 0) if limits else 0


def _vcpus(groups: list[Mapping[str, Any]], capacity_type: str) -> Need:
    """Of several types that a group may take, the largest counts."""
    sized = [
        (max(vcpus(one) for one in group["instance_types"]), int(group["min_size"]), int(group["max_size"]))
        for group in groups
        if group["capacity_type"] == capacity_type
    ]
    return Need(sum(cpus * least for cpus, least, _ in sized), sum(cpus * most for cpus, _, most in sized))


def find_quota_problems(region: str, wanted: Needs, answer: Mapping[str, Any]) -> list[Problem]:
    """What does not fit.

    answer: ``{"quotas": {code: {"name", "value"}}, "in_use": {code: {place: {"ours", "others"}}}}``, as module
    quota_usage_info gives it. A quota that AWS tells nothing of is passed over.
    """
    return [
        problem
        for code, places in wanted.items()
        if code in answer["quotas"]
        for place, need in places.items()
        for problem in _compare(region, code, place, need, answer)
    ]


def _compare(region: str, code: str, place: str, need: Need, answer: Mapping[str, Any]) -> Iterator[Problem]:
    quota, used = answer["quotas"][code], answer["in_use"].get(code, {}).get(place, {"ours": 0, "others": 0})
    value, others = int(quota["value"]), int(used["others"])
    # More of ours than is needed, as a run that was cut off may leave, takes its room too.
    at_once, at_most = (others + max(each, int(used["ours"])) for each in (need.at_once, need.at_most))
    if at_most <= value:
        return
    more = f" when built, {need.at_most} at full scale" if need.at_most > need.at_once else ""
    where = f" in {place}" if place else ""
    request = (
        f"aws service-quotas request-service-quota-increase --region {region} --service-code {SERVICES[code]} "
        f"--quota-code {code} --desired-value {at_most}"
    )
    told = f"{quota['name']}{where}: {value} allowed, {others} in use by others, needed here: {need.at_once}{more}"
    yield Problem("error" if at_once > value else "warning", region, code, f"{told}; {request}")
