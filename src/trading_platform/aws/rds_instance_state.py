"""RDS instances as states of the engine: reading them, and telling drift from what RDS changes by itself."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import rds, tags
from trading_platform.aws.engine import State

# Our key to the field of API DBInstance that holds it.
FIELDS = {
    "engine": "Engine",
    "engine_version": "EngineVersion",
    "instance_class": "DBInstanceClass",
    "storage_type": "StorageType",
    "allocated_storage": "AllocatedStorage",
    "max_allocated_storage": "MaxAllocatedStorage",
    "kms_key_id": "KmsKeyId",
    "master_username": "MasterUsername",
    "database_name": "DBName",
    "multi_az": "MultiAZ",
    "backup_retention_days": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "deletion_protection": "DeletionProtection",
    "publicly_accessible": "PubliclyAccessible",
    "iam_authentication": "IAMDatabaseAuthenticationEnabled",
    "monitoring_interval": "MonitoringInterval",
    "monitoring_role_arn": "MonitoringRoleArn",
    "performance_insights": "PerformanceInsightsEnabled",
    "performance_insights_retention_days": "PerformanceInsightsRetentionPeriod",
    "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
    "engine_lifecycle_support": "EngineLifecycleSupport",
    "ca_certificate_identifier": "CACertificateIdentifier",
}
# Our key to the field of API PendingModifiedValues: a change that waits for its window has been made already.
PENDING = {
    "allocated_storage": "AllocatedStorage",
    "backup_retention_days": "BackupRetentionPeriod",
    "ca_certificate_identifier": "CACertificateIdentifier",
    "engine_version": "EngineVersion",
    "iam_authentication": "IAMDatabaseAuthenticationEnabled",
    "instance_class": "DBInstanceClass",
    "multi_az": "MultiAZ",
    "port": "Port",
    "storage_type": "StorageType",
}
# What AWS cannot change on an existing instance, or only by moving it.
FIXED = frozenset(
    {
        "engine",
        "kms_key_id",
        "master_username",
        "database_name",
        "source_identifier",
        "subnet_group_name",
    }
)
UNORDERED = frozenset({"log_exports", "vpc_security_group_ids"})
# Readable in every state, and changed without the instance's help.
ALWAYS_CHANGEABLE = frozenset({"tags"})


def of(described: dict[str, Any]) -> State:
    """Give the state of an instance as DescribeDBInstances answers it."""
    pending = described.get("PendingModifiedValues") or {}
    state: State = {key: described.get(field) for key, field in FIELDS.items()}
    endpoint = described.get("Endpoint") or {}
    group = (described.get("DBParameterGroups") or [{}])[0]
    state |= {
        "arn": described["DBInstanceArn"],
        "identifier": described["DBInstanceIdentifier"],
        "status": described["DBInstanceStatus"],
        "endpoint": endpoint.get("Address"),
        "endpoint_port": endpoint.get("Port"),
        "iops": described.get("Iops"),
        "resource_id": described.get("DbiResourceId"),
        "replica_identifiers": sorted(described.get("ReadReplicaDBInstanceIdentifiers") or []),
        "source_identifier": described.get("ReadReplicaSourceDBInstanceIdentifier"),
        "port": endpoint.get("Port") or described.get("DbInstancePort"),
        "subnet_group_name": (described.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "vpc_security_group_ids": sorted(one["VpcSecurityGroupId"] for one in described.get("VpcSecurityGroups") or []),
        "parameter_group_name": group.get("DBParameterGroupName"),
        "reboot_pending": group.get("ParameterApplyStatus") == "pending-reboot",
        "log_exports": _log_exports(described, pending),
        "pending": {key: value for key, value in pending.items() if key != "MasterUserPassword"},
        "tags": tags.from_list(described.get("TagList")),
    }
    return {**state, **{key: pending[field] for key, field in PENDING.items() if pending.get(field) is not None}}


def _log_exports(described: dict[str, Any], pending: dict[str, Any]) -> list[str]:
    change = pending.get("PendingCloudwatchLogsExports") or {}
    held = set(described.get("EnabledCloudwatchLogsExports") or [])
    held |= set(change.get("LogTypesToEnable") or [])
    return sorted(held - set(change.get("LogTypesToDisable") or []))


def source_as_told(identifier: str, region: str) -> str:
    """Give a replica's source as RDS tells it: by its ARN only where it is in another region."""
    if ":" in identifier and rds.region_of(identifier) == region:
        return identifier.rpartition(":")[2]
    return identifier


def normalised(settings: State) -> State:
    """Write settings as RDS answers them: sorted lists, lower-case names."""
    result: State = {key: sorted(value) if key in UNORDERED else value for key, value in settings.items()}
    for key in ("subnet_group_name", "parameter_group_name", "maintenance_window"):
        if result.get(key) is not None:
            result[key] = result[key].lower()
    if result.get("performance_insights") is False:
        result.pop("performance_insights_retention_days", None)
        result.pop("performance_insights_kms_key_id", None)
    if result.get("monitoring_interval") == 0:
        result.pop("monitoring_role_arn", None)
    return result


def reconciled(current: State, settings: State) -> State:
    """Keep what RDS changed by itself: storage that has grown, a newer minor version of the same major."""
    result = dict(settings)
    grown = current.get("allocated_storage") or 0
    if result.get("allocated_storage") is not None and grown > result["allocated_storage"]:
        result["allocated_storage"] = grown
    asked, held = result.get("engine_version"), current.get("engine_version")
    if asked and held and major(asked) == major(held) and numbers(held) > numbers(asked):
        result["engine_version"] = held
    return result


def postponed(current: State, settings: State) -> State:
    """Leave for later what an instance that is busy does not take."""
    later = settings.keys() - ALWAYS_CHANGEABLE - FIXED
    return {key: current.get(key) if key in later else value for key, value in settings.items()}


def refused_change(current: State, settings: State, allow_major: bool) -> str | None:
    """Say why a change is not made; None when it can be."""
    asked, held = settings.get("engine_version"), current.get("engine_version")
    if asked and held and major(asked) < major(held):
        return f"it runs version {held}, and there is no way back to {asked}"
    if asked and held and major(asked) > major(held) and not allow_major:
        return (
            f"from version {held} to {asked} is a major upgrade: it needs a tested copy, a parameter group of the new "
            "family and downtime. Ask for allow_major_version_upgrade: true when that is prepared"
        )
    limit, size = settings.get("max_allocated_storage"), current.get("allocated_storage")
    # One that stays as it is is not sent: growth up to the limit itself is what the limit is for.
    changed = limit != current.get("max_allocated_storage")
    if changed and limit and size and limit * 10 < size * 11:
        return (
            f"its storage has grown to {size} GiB, and max_allocated_storage {limit} is less than 110 % of that, which "
            "RDS refuses; raise it"
        )
    key = "performance_insights_kms_key_id"
    if current.get("performance_insights") and settings.get(key) not in (None, current.get(key)):
        return f"Performance Insights uses the key {current[key]}, and RDS cannot change it to {settings[key]}"
    return None


def close_to_limit(current: State, settings: State) -> str | None:
    """Say that the storage has grown to over 90 % of the limit that it has and keeps; None when there is room."""
    limit, size = settings.get("max_allocated_storage"), current.get("allocated_storage")
    if not limit or not size or limit != current.get("max_allocated_storage") or size * 10 <= limit * 9:
        return None
    least = -(-size * 11 // 10)
    return (
        f"its storage of {size} GiB is close to max_allocated_storage {limit}, where RDS stops enlarging it; raise it "
        f"to {least} GiB at least (rds_max_allocated_storage), or find out what grew"
    )


def major(version: str) -> int:
    """Give the major version: 16 of ``16.14``."""
    return numbers(version)[0]


def numbers(version: str) -> tuple[int, ...]:
    """Give a version to compare: (16, 14)."""
    return tuple(int(part) for part in version.split("."))
