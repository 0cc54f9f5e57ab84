"""From what ElastiCache describes to the state of a replication group, with what is pending counted as done."""

from __future__ import annotations

from typing import Any

from trading_platform.aws.engine import State

LOG_TYPES = ("engine-log", "slow-log")
ON_ITS_WAY = ("active", "enabling", "modifying")


def state_of(group: dict[str, Any], member: dict[str, Any]) -> State:
    """Give the state, without tags.

    Args:
        group: a ReplicationGroup of DescribeReplicationGroups.
        member: one of its nodes of DescribeCacheClusters; {} while there is none. All nodes have the same settings.
    """
    pending = member.get("PendingModifiedValues") or {}
    topic = member.get("NotificationConfiguration") or {}
    return {
        "replication_group_id": group["ReplicationGroupId"],
        "arn": group["ARN"],
        "status": group["Status"],
        "member_clusters": sorted(group.get("MemberClusters", [])),
        **endpoints_of(group),
        "description": group.get("Description", ""),
        "engine": pending.get("Engine") or group.get("Engine") or member.get("Engine"),
        "engine_version": pending.get("EngineVersion") or member.get("EngineVersion"),
        "node_type": pending.get("CacheNodeType") or group.get("CacheNodeType"),
        "num_cache_clusters": len(group.get("MemberClusters", [])),
        "automatic_failover": _automatic_failover(group),
        "multi_az": group.get("MultiAZ") == "enabled",
        "transit_encryption_mode": _transit_encryption_mode(group),
        "at_rest_encryption": bool(group.get("AtRestEncryptionEnabled")),
        "kms_key_arn": group.get("KmsKeyId"),
        "subnet_group_name": member.get("CacheSubnetGroupName"),
        "parameter_group_name": (member.get("CacheParameterGroup") or {}).get("CacheParameterGroupName"),
        "security_group_ids": sorted(one["SecurityGroupId"] for one in member.get("SecurityGroups") or []),
        "port": _port(group),
        "snapshot_retention_days": group.get("SnapshotRetentionLimit", 0),
        "snapshot_window": group.get("SnapshotWindow"),
        "maintenance_window": member.get("PreferredMaintenanceWindow"),
        "log_delivery": _log_delivery(group),
        "auto_minor_version_upgrade": group.get("AutoMinorVersionUpgrade", member.get("AutoMinorVersionUpgrade")),
        "notification_topic_arn": topic.get("TopicArn", "") if topic.get("TopicStatus") == "active" else "",
        "auth_token_enabled": bool(group.get("AuthTokenEnabled")),
    }


def _node_group(group: dict[str, Any]) -> dict[str, Any]:
    groups: list[dict[str, Any]] = group.get("NodeGroups") or [{}]
    return groups[0]


def endpoints_of(group: dict[str, Any]) -> State:
    """Give the addresses clients use; "" while the group is being created."""
    node_group = _node_group(group)
    return {
        "primary_endpoint": (node_group.get("PrimaryEndpoint") or {}).get("Address", ""),
        "reader_endpoint": (node_group.get("ReaderEndpoint") or {}).get("Address", ""),
    }


def _port(group: dict[str, Any]) -> int | None:
    port = (_node_group(group).get("PrimaryEndpoint") or {}).get("Port")
    return int(port) if port else None


def _automatic_failover(group: dict[str, Any]) -> bool:
    pending = (group.get("PendingModifiedValues") or {}).get("AutomaticFailoverStatus")
    return (pending or group.get("AutomaticFailover")) in ("enabled", "enabling")


def _transit_encryption_mode(group: dict[str, Any]) -> str:
    """Engines before 7 have encryption in transit without a mode: they require it."""
    pending = group.get("PendingModifiedValues") or {}
    if not pending.get("TransitEncryptionEnabled", group.get("TransitEncryptionEnabled")):
        return "disabled"
    return str(pending.get("TransitEncryptionMode") or group.get("TransitEncryptionMode") or "required")


def _log_delivery(group: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Give log type to destination and format; one in error is no delivery, so that it is asked for again."""
    listed = [one for one in group.get("LogDeliveryConfigurations") or [] if one.get("Status") in ON_ITS_WAY]
    pending = (group.get("PendingModifiedValues") or {}).get("LogDeliveryConfigurations") or []
    return {one["LogType"]: _delivery(one) for one in sorted([*listed, *pending], key=lambda one: str(one["LogType"]))}


def _delivery(one: dict[str, Any]) -> dict[str, str]:
    details = one.get("DestinationDetails") or {}
    log_group = (details.get("CloudWatchLogsDetails") or {}).get("LogGroup")
    stream = (details.get("KinesisFirehoseDetails") or {}).get("DeliveryStream")
    return {"log_group": log_group or f"firehose {stream}", "format": one.get("LogFormat", "")}
