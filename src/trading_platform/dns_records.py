"""The records with which names lead to load balancers and to the distribution.

A *side* is one region: ``{"region": "us-east-1", "hosts": {service: name of the service in this region alone},
"dns_name": ..., "zone_id": ...}``, the last two being those of its load balancer. The first side is the primary one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

type Side = Mapping[str, Any]
type Record = dict[str, Any]

ROLES = ("PRIMARY", "SECONDARY")
# Of every distribution: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
CLOUDFRONT_ZONE_ID = "Z2FDTNDATAQYW2"


def service_records(
    hosts: Mapping[str, str], sides: Sequence[Side], health_check_ids: Mapping[str, str]
) -> list[Record]:
    """Give, for every service of the sides, its name in each region and its failover records.

    Both records of a pair evaluate the health of their load balancer, as Route 53 asks of failover aliases
    (https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html, Failover): a standby region
    with no healthy target then never gets traffic. The primary one depends on its health check as well, which is what
    an operator switches.

    Args:
        hosts: service to public name.
        sides: one or two sides, the primary first. Without the second there is no SECONDARY record.
        health_check_ids: service to the health check of the primary side.

    Raises:
        ValueError: there are no sides or more than two.
    """
    if not 1 <= len(sides) <= len(ROLES):
        raise ValueError(f"a failover pair has one or two sides, not {len(sides)}")
    records = []
    for role, side in zip(ROLES, sides, strict=False):
        target = {"dns_name": side["dns_name"], "zone_id": side["zone_id"], "evaluate_target_health": True}
        for service, regional_name in side["hosts"].items():
            # Its answer is the only one there is: evaluating health would change nothing.
            alone = {**target, "evaluate_target_health": False}
            records.append({"name": regional_name, "type": "A", "alias": alone})
            record = {
                "name": hosts[service],
                "type": "A",
                "set_identifier": side["region"],
                "failover": role,
                "alias": target,
            }
            if role == "PRIMARY":
                record["health_check_id"] = health_check_ids[service]
            records.append(record)
    return records


def distribution_records(name: str, distribution_domain_name: str) -> list[Record]:
    """Give the records of a CloudFront distribution, for IPv4 and IPv6; none without a distribution."""
    if not distribution_domain_name:
        return []
    # Route 53 refuses to evaluate the health of a distribution.
    alias = {"dns_name": distribution_domain_name, "zone_id": CLOUDFRONT_ZONE_ID, "evaluate_target_health": False}
    return [{"name": name, "type": kind, "alias": alias} for kind in ("A", "AAAA")]
