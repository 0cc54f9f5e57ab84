"""Figures of the stores: RDS PostgreSQL and ElastiCache Redis."""

from typing import Any

from estate import NAME, PRIMARY, Estate, reader, short


def _instances(estate: Estate, region: str) -> list[Any]:
    return estate.pages("rds", region, "describe_db_instances", "DBInstances")


@reader
def databases(estate: Estate, region: str) -> dict[str, dict[str, Any]]:
    """Instance to its figures; the writer of the primary region is ``writer``."""
    found = {}
    for one in _instances(estate, region):
        name = "writer" if one["DBInstanceIdentifier"] == NAME else short(one["DBInstanceIdentifier"])
        found[name] = {
            "class": one["DBInstanceClass"],
            "engine": [one["Engine"], one["EngineVersion"]],
            "storage_gb": [one["AllocatedStorage"], one["MaxAllocatedStorage"]],
            "iops": [one["Iops"], one["StorageType"]],
            "encrypted_with": estate.purpose(region, one["KmsKeyId"]) if one["StorageEncrypted"] else "none",
            "multi_az": one["MultiAZ"],
            "zones": sorted(zone["SubnetAvailabilityZone"]["Name"] for zone in one["DBSubnetGroup"]["Subnets"]),
            "backup_days": one["BackupRetentionPeriod"],
            "backup_window": one["PreferredBackupWindow"],
            "maintenance_window": one["PreferredMaintenanceWindow"],
            "monitoring_seconds": one["MonitoringInterval"],
            "performance_insights": one["PerformanceInsightsEnabled"],
            "log_exports": sorted(one["EnabledCloudwatchLogsExports"]),
            "minor_upgrades": one["AutoMinorVersionUpgrade"],
            "source": one.get("ReadReplicaSourceDBInstanceIdentifier", "").rpartition(":")[2],
            "restorable": "LatestRestorableTime" in one,
            "public": one["PubliclyAccessible"],
        }
    return found


@reader
def database_parameters(estate: Estate, region: str) -> dict[str, str]:
    """What we set in the parameter group that the region's instances use."""
    (group,) = {one["DBParameterGroups"][0]["DBParameterGroupName"] for one in _instances(estate, region)}
    found = estate.pages("rds", region, "describe_db_parameters", "Parameters", DBParameterGroupName=group)
    # RDS does not say "user" of what is set to its default, as rds.force_ssl of PostgreSQL 16 is.
    ours = [one for one in found if one["Source"] == "user" or one["ParameterName"] == "rds.force_ssl"]
    return {one["ParameterName"]: one["ParameterValue"] for one in ours}


@reader
def replicated_backups(estate: Estate, region: str) -> list[list[Any]]:
    """``[source region, days, key]`` of automated backups that come from another region."""
    found = estate.pages("rds", region, "describe_db_instance_automated_backups", "DBInstanceAutomatedBackups")
    sources = [(one.get("DBInstanceArn", "").split(":"), one) for one in found]
    return [
        [arn[3], one["BackupRetentionPeriod"], estate.purpose(region, one["KmsKeyId"])]
        for arn, one in sources
        if len(arn) > 3 and arn[3] != region
    ]


@reader
def cache(estate: Estate, region: str) -> dict[str, Any]:
    """The replication group's figures; ``{}`` where there is none."""
    groups = estate.pages("elasticache", region, "describe_replication_groups", "ReplicationGroups")
    if not groups:
        return {}
    (group,) = groups
    client = estate.client("elasticache", region)
    (node,) = client.describe_cache_clusters(CacheClusterId=group["MemberClusters"][0])["CacheClusters"]
    members = group["NodeGroups"][0]["NodeGroupMembers"]
    return {
        "node_type": group["CacheNodeType"],
        "engine": [node["Engine"], ".".join(node["EngineVersion"].split(".")[:2])],
        "roles": sorted(one["CurrentRole"] for one in members),
        "zones": sorted(one["PreferredAvailabilityZone"] for one in members),
        "at_rest": estate.purpose(region, group["KmsKeyId"]) if group["AtRestEncryptionEnabled"] else "none",
        "in_transit": group["TransitEncryptionMode"] if group["TransitEncryptionEnabled"] else "none",
        "token": group["AuthTokenEnabled"],
        "multi_az": group["MultiAZ"],
        "failover": group["AutomaticFailover"],
        "backup_days": group["SnapshotRetentionLimit"],
        "backup_window": group["SnapshotWindow"],
        "maintenance_window": node["PreferredMaintenanceWindow"],
        "log_types": sorted(one["LogType"] for one in group["LogDeliveryConfigurations"]),
        "parameters": node["CacheParameterGroup"]["CacheParameterGroupName"],
    }


@reader
def cache_parameters(estate: Estate, region: str) -> dict[str, str]:
    """What we set in the parameter group that the nodes use; in the standby region, the one that they would use."""
    group = estate.read("cache", PRIMARY)["parameters"]
    found = estate.pages(
        "elasticache",
        region,
        "describe_cache_parameters",
        "Parameters",
        CacheParameterGroupName=group,
        Source="user",
    )
    return {one["ParameterName"]: one["ParameterValue"] for one in found}


@reader
def cache_zones(estate: Estate, region: str) -> list[str]:
    """Zones of the subnet group, which stands in both regions."""
    groups = estate.client("elasticache", region).describe_cache_subnet_groups(CacheSubnetGroupName=NAME)
    return sorted(one["SubnetAvailabilityZone"]["Name"] for one in groups["CacheSubnetGroups"][0]["Subnets"])


@reader
def read_replicas(estate: Estate, region: str) -> list[str]:
    """Instances that replicate the writer in its own region."""
    return sorted(name for name, one in estate.read("databases", region).items() if one["source"] == NAME)
