"""What the calls that create and modify a replication group are given."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.elasticache import window_problems
from trading_platform.aws.elasticache_auth_token import TAG, token_problems
from trading_platform.aws.elasticache_replication_group_read import LOG_TYPES
from trading_platform.aws.engine import State

# Key of the state to parameter, where both create and modify write the value as it is.
PLAIN = {
    "node_type": "CacheNodeType",
    "engine": "Engine",
    "engine_version": "EngineVersion",
    "automatic_failover": "AutomaticFailoverEnabled",
    "multi_az": "MultiAZEnabled",
    "description": "ReplicationGroupDescription",
    "parameter_group_name": "CacheParameterGroupName",
    "security_group_ids": "SecurityGroupIds",
    "snapshot_retention_days": "SnapshotRetentionLimit",
    "snapshot_window": "SnapshotWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
}
# Replaces nodes or fails over: waits for the maintenance window where the caller says so.
DISRUPTIVE = frozenset({"node_type", "engine", "engine_version"})
LONGEST_NAME, MOST_NODES = 40, 6


def creation(wanted: State, params: dict[str, Any], fingerprint: str | None) -> dict[str, Any]:
    """Give the parameters of CreateReplicationGroup."""
    request: dict[str, Any] = {PLAIN[key]: wanted[key] for key in PLAIN if wanted[key] is not None}
    request |= {
        "NumCacheClusters": wanted["num_cache_clusters"],
        "CacheSubnetGroupName": wanted["subnet_group_name"],
        "Port": wanted["port"],
        "AtRestEncryptionEnabled": wanted["at_rest_encryption"],
        "TransitEncryptionEnabled": wanted["transit_encryption_mode"] != "disabled",
        "Tags": tagging.to_list({**wanted["tags"], **({TAG: fingerprint} if fingerprint else {})}),
    }
    if wanted["transit_encryption_mode"] != "disabled":
        request["TransitEncryptionMode"] = wanted["transit_encryption_mode"]
    optional = {
        "KmsKeyId": wanted["kms_key_arn"],
        "NotificationTopicArn": wanted["notification_topic_arn"],
        "AuthToken": params["auth_token"],
        "SnapshotName": params["snapshot_name"],
        "SnapshotArns": params["snapshot_arns"],
        "LogDeliveryConfigurations": log_delivery_changes({}, wanted["log_delivery"]),
    }
    return request | {name: value for name, value in optional.items() if value}


def modification(current: State, changes: State) -> dict[str, Any]:
    """Give the parameters of ModifyReplicationGroup that make these changes; {} when it makes none of them."""
    request: dict[str, Any] = {PLAIN[key]: changes[key] for key in PLAIN if key in changes}
    if "transit_encryption_mode" in changes:
        request["TransitEncryptionMode"] = changes["transit_encryption_mode"]
        if current["transit_encryption_mode"] == "disabled":
            request["TransitEncryptionEnabled"] = True
    if "notification_topic_arn" in changes:
        topic = changes["notification_topic_arn"]
        request["NotificationTopicStatus"] = "active" if topic else "inactive"
        request |= {"NotificationTopicArn": topic} if topic else {}
    if "log_delivery" in changes:
        request["LogDeliveryConfigurations"] = log_delivery_changes(current["log_delivery"], changes["log_delivery"])
    return request


def log_delivery_changes(current: dict[str, Any], target: dict[str, Any]) -> list[dict[str, Any]]:
    """Give LogDeliveryConfigurations: what to send where, and what to stop."""
    stopped = [{"LogType": log_type, "Enabled": False} for log_type in sorted(set(current) - set(target))]
    return stopped + [
        {
            "LogType": log_type,
            "DestinationType": "cloudwatch-logs",
            "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": one["log_group"]}},
            "LogFormat": one["format"],
            "Enabled": True,
        }
        for log_type, one in sorted(target.items())
        if current.get(log_type) != one
    ]


def argument_problems(params: dict[str, Any]) -> list[str]:
    """Say what ElastiCache would refuse, as far as the arguments alone tell."""
    if params["state"] == "absent":
        return []
    return [
        *_name_problems(params["name"]),
        *_node_problems(params),
        *window_problems(params["snapshot_window"], params["maintenance_window"]),
        *_encryption_problems(params),
        *[f"log_delivery: {one} is not one of {', '.join(LOG_TYPES)}" for one in _unknown_logs(params)],
    ]


def _unknown_logs(params: dict[str, Any]) -> list[str]:
    return sorted(set(params["log_delivery"] or {}) - set(LOG_TYPES))


def _name_problems(name: str) -> list[str]:
    shape = name.replace("-", "").isalnum() and name.isascii() and name[:1].isalpha()
    if len(name) <= LONGEST_NAME and shape and "--" not in name and not name.endswith("-"):
        return []
    return [
        f"name {name!r} is none for a replication group: 1 to {LONGEST_NAME} letters, digits and single hyphens, "
        "beginning with a letter and not ending with a hyphen"
    ]


def _node_problems(params: dict[str, Any]) -> list[str]:
    problems = []
    count = params["num_cache_clusters"]
    if not 1 <= count <= MOST_NODES:
        problems.append(f"num_cache_clusters is {count}, not 1 to {MOST_NODES}")
    if params["automatic_failover"] and count < 2:
        problems.append("automatic_failover needs num_cache_clusters of 2 or more")
    if params["multi_az"] and not params["automatic_failover"]:
        problems.append("multi_az needs automatic_failover")
    if params["engine_version"].count(".") != 1:
        problems.append(f"engine_version {params['engine_version']!r} is not major.minor; AWS chooses the patch")
    return problems


def _encryption_problems(params: dict[str, Any]) -> list[str]:
    problems = token_problems(params["auth_token"]) if params["auth_token"] else []
    if params["auth_token"] and params["transit_encryption_mode"] == "disabled":
        problems.append("auth_token needs encryption in transit")
    if params["auth_token_update_strategy"] and not params["auth_token"]:
        problems.append("auth_token_update_strategy needs auth_token")
    if params["kms_key_arn"] and not params["at_rest_encryption"]:
        problems.append("kms_key_arn needs at_rest_encryption")
    if params["snapshot_name"] and params["snapshot_arns"]:
        problems.append("snapshot_name and snapshot_arns cannot be given together")
    return problems
