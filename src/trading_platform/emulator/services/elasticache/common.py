"""What the ElastiCache files share: the region's state, the passing of time, and how AWS says no."""

import re
from typing import Any

from moto.core.responses import ActionResult
from moto.elasticache.models import elasticache_backends

from trading_platform.emulator import delays
from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import state_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_WEEK = 7 * 24 * 60
# The text: cloud-platform-environments#5719.
TOO_FEW_FOR_FAILOVER = (
    "When using automatic failover, there must be at least 2 cache clusters in the replication group."
)
FAMILIES = {("redis", 6): "redis6.x", ("redis", 7): "redis7", ("valkey", 7): "valkey7", ("valkey", 8): "valkey8"}
# DescribeCacheEngineVersions, November 2026: what is offered, and the full version that it stands for.
VERSIONS = {
    "redis": {"6.2": "6.2.6", "7.0": "7.0.7", "7.1": "7.1.0"},
    "valkey": {"7.2": "7.2.6", "8.0": "8.0.1", "8.1": "8.1.0", "8.2": "8.2.0"},
}


def state(call: Call) -> Any:
    """moto's ElastiCache backend of the call's account and region, with everything that time has finished."""
    backend = elasticache_backends[call.account_id][call.region]
    pass_time(backend)
    return backend


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


def conflict(message: str) -> AwsError:
    return AwsError("InvalidParameterCombination", message)


def group_not_found(group_id: str) -> AwsError:
    return AwsError("ReplicationGroupNotFoundFault", f"ReplicationGroup {group_id} not found.", 404)


def subnet_group_not_found(name: str) -> AwsError:
    return AwsError("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} not found.", 400)


def snapshot_not_found(name: str) -> AwsError:
    return AwsError("SnapshotNotFoundFault", f"Snapshot {name} not found.", 404)


def snapshot_exists(name: str) -> AwsError:
    return AwsError("SnapshotAlreadyExistsFault", f"Snapshot {name} already exists.")


def page(response: Any, key: str, items: list[Any]) -> ActionResult:
    """One page of a list, by MaxRecords and Marker; moto's own paging knows only lists of objects."""
    start, most = int(response._get_param("Marker") or 0), response._get_int_param("MaxRecords") or 100
    end = start + most
    return ActionResult({key: items[start:end], "Marker": str(end) if end < len(items) else None})


def begin(group: Any, status: str) -> None:
    """Let an operation on a group begin; it ends when the delay of ``elasticache`` has passed."""
    group.status = status
    group.busy_since = delays.now()
    if status == "creating":  # it has no addresses yet
        group.node_groups = [{"NodeGroupId": "0001", "Status": "creating"}]


def pass_time(backend: Any) -> None:
    """End the operations whose time has come."""
    for group_id, group in list(backend.replication_groups.items()):
        since = getattr(group, "busy_since", None)
        if since is None or not delays.ready("elasticache", since):
            continue
        group.busy_since = None
        if group.status == "deleting":
            del backend.replication_groups[group_id]
            backend.tagging_service.delete_all_tags_for_resource(group.arn)
        else:
            group.status = "available"
            group.node_groups = group.finished_node_groups


def parameter_groups(backend: Any) -> dict[str, dict[str, Any]]:
    """The parameter groups that were created: name to {"group": ..., "values": ...}."""
    held: dict[str, dict[str, Any]] = state_of(backend, "parameter-groups")
    return held


def arn_of(backend: Any, kind: str, name: str) -> str:
    return f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:{kind}:{name}"


def family_of(engine: str, version: str) -> str:
    return FAMILIES.get((engine, int(version.split(".")[0])), f"{engine}{version.split('.')[0]}")


def minute_of_day(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def daily_range(window: str) -> tuple[int, int]:
    """``03:00-04:00`` as (start in minutes, length in minutes). Raises ValueError for what is no window."""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", window)
    if match is None:
        raise ValueError(window)
    start, end = (minute_of_day(part) for part in window.split("-"))
    return start, (end - start) % (24 * 60)


def weekly_range(window: str) -> tuple[int, int]:
    """``sun:04:30-sun:05:30`` as (start in minutes of the week, length). Raises ValueError for what is no window."""
    match = re.fullmatch(r"(\w{3}):(\d\d:\d\d)-(\w{3}):(\d\d:\d\d)", window.lower())
    if match is None or match[1] not in DAYS or match[3] not in DAYS:
        raise ValueError(window)
    daily_range(f"{match[2]}-{match[4]}")
    start = DAYS.index(match[1]) * 24 * 60 + minute_of_day(match[2])
    end = DAYS.index(match[3]) * 24 * 60 + minute_of_day(match[4])
    return start, (end - start) % MINUTES_A_WEEK
