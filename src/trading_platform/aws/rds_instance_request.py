"""The parameters of CreateDBInstance, CreateDBInstanceReadReplica and ModifyDBInstance from the engine's states."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.engine import State

Request = dict[str, Any]

# Our key to the parameter that CreateDBInstance and CreateDBInstanceReadReplica share.
BOTH = {
    "instance_class": "DBInstanceClass",
    "storage_type": "StorageType",
    "max_allocated_storage": "MaxAllocatedStorage",
    "kms_key_id": "KmsKeyId",
    "port": "Port",
    "multi_az": "MultiAZ",
    "subnet_group_name": "DBSubnetGroupName",
    "vpc_security_group_ids": "VpcSecurityGroupIds",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "deletion_protection": "DeletionProtection",
    "publicly_accessible": "PubliclyAccessible",
    "iam_authentication": "EnableIAMDatabaseAuthentication",
    "monitoring_interval": "MonitoringInterval",
    "monitoring_role_arn": "MonitoringRoleArn",
    "performance_insights": "EnablePerformanceInsights",
    "performance_insights_retention_days": "PerformanceInsightsRetentionPeriod",
    "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
    "log_exports": "EnableCloudwatchLogsExports",
    "ca_certificate_identifier": "CACertificateIdentifier",
}
# What CreateDBInstance takes besides. No IOPS and no throughput: below 400 GiB of gp3 RDS refuses any value, and from
# there on the baseline comes with the size.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html#gp3-storage
ORIGINAL = {
    **BOTH,
    "engine": "Engine",
    "engine_version": "EngineVersion",
    "allocated_storage": "AllocatedStorage",
    "database_name": "DBName",
    "parameter_group_name": "DBParameterGroupName",
    "backup_retention_days": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "engine_lifecycle_support": "EngineLifecycleSupport",
}
MODIFIED = {
    "engine_version": "EngineVersion",
    "instance_class": "DBInstanceClass",
    "storage_type": "StorageType",
    "allocated_storage": "AllocatedStorage",
    "max_allocated_storage": "MaxAllocatedStorage",
    "port": "DBPortNumber",
    "multi_az": "MultiAZ",
    "vpc_security_group_ids": "VpcSecurityGroupIds",
    "parameter_group_name": "DBParameterGroupName",
    "backup_retention_days": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "copy_tags_to_snapshot": "CopyTagsToSnapshot",
    "auto_minor_version_upgrade": "AutoMinorVersionUpgrade",
    "deletion_protection": "DeletionProtection",
    "publicly_accessible": "PubliclyAccessible",
    "iam_authentication": "EnableIAMDatabaseAuthentication",
    "monitoring_interval": "MonitoringInterval",
    "monitoring_role_arn": "MonitoringRoleArn",
    "performance_insights": "EnablePerformanceInsights",
    "performance_insights_retention_days": "PerformanceInsightsRetentionPeriod",
    "performance_insights_kms_key_id": "PerformanceInsightsKMSKeyId",
    "engine_lifecycle_support": "EngineLifecycleSupport",
    "ca_certificate_identifier": "CACertificateIdentifier",
}
# Parameters that RDS takes only together.
TOGETHER = (
    ("monitoring_interval", "monitoring_role_arn"),
    ("performance_insights", "performance_insights_retention_days", "performance_insights_kms_key_id"),
)


def creation(identifier: str, wanted: State, username: str, password: str) -> Request:
    """Give the parameters of CreateDBInstance."""
    return {
        "DBInstanceIdentifier": identifier,
        **_named(wanted, ORIGINAL),
        "MasterUsername": username,
        "MasterUserPassword": password,
        "StorageEncrypted": True,
        "Tags": tags.to_list(wanted["tags"]),
    }


def replica_creation(identifier: str, wanted: State) -> Request:
    """Give the parameters of CreateDBInstanceReadReplica: no password, no parameter group, no windows, no backups.

    A replica in the region of its source is in that one's subnet group, which RDS refuses to be told
    (DBSubnetGroupNotAllowedFault).
    """
    beside = ":" not in wanted["source_identifier"]
    return {
        "DBInstanceIdentifier": identifier,
        "SourceDBInstanceIdentifier": wanted["source_identifier"],
        **_named({**wanted, "subnet_group_name": None} if beside else wanted, BOTH),
        "Tags": tags.to_list(wanted["tags"]),
    }


def modification(current: State, changes: State) -> Request:
    """Give the parameters of ModifyDBInstance; {} when only tags differ. Never a password."""
    settings = dict(changes)
    for group in TOGETHER:
        if changes.keys() & set(group):
            settings |= {key: current[key] for key in group if key not in changes and current.get(key)}
    request = _named(settings, MODIFIED)
    if "log_exports" in changes:
        held, target = set(current["log_exports"]), set(changes["log_exports"])
        request["CloudwatchLogsExportConfiguration"] = {
            "EnableLogTypes": sorted(target - held),
            "DisableLogTypes": sorted(held - target),
        }
    return request


def _named(settings: State, parameters: dict[str, str]) -> Request:
    return {name: settings[key] for key, name in parameters.items() if settings.get(key) is not None}
