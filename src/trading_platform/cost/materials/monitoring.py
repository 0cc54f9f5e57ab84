"""What the role cloudwatch makes and AWS bills as long as it exists: alarms by metric, and composite ones.

The one dashboard of each region is among the three that are free.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trading_platform.cost.model import Line
from trading_platform.cost.place import MaterialsError, Place

TIER = "monitoring"


@dataclass(frozen=True, slots=True)
class Alarms:
    """How many metrics have an alarm, and how many alarms are made of others."""

    metrics: int
    composites: int


def lines(place: Place) -> Iterator[Line]:
    """The alarms of a region."""
    planned = planned_alarms(place)
    metrics = place.existing("alarm_metrics", planned.metrics)
    composites = place.existing("composite_alarms", planned.composites)
    price = place.price("CloudWatch", "alarm_standard")
    yield place.owned(TIER, "CloudWatch", "alarms", "metric with an alarm", metrics, price)
    price = place.price("CloudWatch", "alarm_composite")
    yield place.owned(TIER, "CloudWatch", "alarms", "composite alarm", composites, price)


def planned_alarms(place: Place) -> Alarms:
    """What the inventory makes. An alarm that reckons with several metrics is billed for each."""
    things = _watched(place)
    metrics = composites = 0
    definitions: Mapping[str, Mapping[str, Any]] = place.value("cloudwatch_alarms")
    for name, alarm in definitions.items():
        if "any_of" in alarm:
            parts = [_count(one, _part(name, one, definitions), things) for one in alarm["any_of"]]
            composites += any(parts)
        else:
            metrics += _count(name, alarm, things) * len(alarm.get("metrics", ["one"]))
    return Alarms(metrics, composites)


def _part(name: str, part: str, definitions: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The alarm that a composite one names. Raises MaterialsError where there is none."""
    if part not in definitions:
        raise MaterialsError(f"cloudwatch_alarms.{name}.any_of: {part!r} is none of the alarms")
    return definitions[part]


def _count(name: str, alarm: Mapping[str, Any], things: Mapping[str, int]) -> int:
    target = str(alarm.get("target"))
    if target not in things:
        raise MaterialsError(f"cloudwatch_alarms.{name}.target: {target!r} is none of {', '.join(sorted(things))}")
    return things[target]


def _watched(place: Place) -> dict[str, int]:
    """How many of each thing that alarms watch the region has; playbooks/arguments/cloudwatch.yml names them."""
    services = place.flag("cloudwatch_services_run")
    queues = len(place.value("sqs_queues"))
    running = place.value("elasticache_state") == "running"
    return {
        "eks": 1,
        "namespaces": int(services),
        "rds": 1,
        # In the standby region the instance is itself a replica.
        "rds_replicas": int(place.number("rds_replica_count")) if place.primary else 1,
        "redis": 1 + int(place.number("elasticache_replicas")) if running else 0,
        "alb": 1,
        "target_groups": len(place.value("alb_target_groups")) if services else 0,
        "queues": queues,
        "dead_letter_queues": queues,
        "heartbeats": 1,
        "replications": len(place.value("s3_replicated_buckets")) if place.primary else 0,
        "health_checks": len(place.value("route53_regional_hosts")) if place.primary else 0,
        "logs": 1,
    }
