"""Every figure of the design's section "RDS PostgreSQL", asked of the API; and the standby in the other region."""

import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
NAME = "production-trading-engine"
GROUP = f"{NAME}-postgres16"
rds = boto3.client("rds")
primary = region == "us-east-1"
key = boto3.client("kms").describe_key(KeyId=f"alias/{NAME}-rds")["KeyMetadata"]["Arn"]
instances = {one["DBInstanceIdentifier"]: one for one in rds.describe_db_instances()["DBInstances"]}
expected = {NAME, f"{NAME}-replica-1", f"{NAME}-replica-2"} if primary else {f"{NAME}-standby"}
assert set(instances) == expected, set(instances)

for instance in instances.values():
    assert instance["DBInstanceStatus"] == "available", instance
    assert instance["Engine"] == "postgres" and instance["EngineVersion"] == "16.14", instance
    assert instance["DBInstanceClass"] == "db.r6i.xlarge", instance
    assert (instance["StorageType"], instance["AllocatedStorage"], instance["MaxAllocatedStorage"]) == (
        "gp3",
        100,
        1000,
    )
    assert instance["Iops"] == 3000, instance
    assert instance["StorageEncrypted"] and instance["KmsKeyId"] == key, instance
    assert instance["PreferredMaintenanceWindow"] == "mon:04:00-mon:05:00", instance
    assert instance["MonitoringInterval"] == 60 and instance["MonitoringRoleArn"].endswith(":role/monitoring"), instance
    assert instance["PerformanceInsightsEnabled"] and instance["PerformanceInsightsKMSKeyId"] == key, instance
    assert instance["PerformanceInsightsRetentionPeriod"] == 7, instance
    assert sorted(instance["EnabledCloudwatchLogsExports"]) == ["postgresql", "upgrade"], instance
    assert instance["EngineLifecycleSupport"] == "open-source-rds-extended-support-disabled", instance
    assert instance["DeletionProtection"] and instance["CopyTagsToSnapshot"], instance
    assert instance["AutoMinorVersionUpgrade"] and instance["IAMDatabaseAuthenticationEnabled"], instance
    assert not instance["PubliclyAccessible"] and instance["Endpoint"]["Port"] == 5432, instance
    assert instance["DBSubnetGroup"]["DBSubnetGroupName"] == NAME, instance
    assert len(instance["DBSubnetGroup"]["Subnets"]) == 3, instance
    assert instance["DBParameterGroups"][0]["DBParameterGroupName"] == GROUP, instance
    tags = {tag["Key"]: tag["Value"] for tag in instance["TagList"]}
    assert tags["ManagedBy"] == "ansible" and tags["Compliance"] == "PCI-DSS", tags
    assert instance["PendingModifiedValues"] == {}, instance

# All of them: RDS does not say "user" of one that is set to its default, as rds.force_ssl is.
pages = rds.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=GROUP)
listed = {one["ParameterName"]: one for page in pages for one in page["Parameters"]}
configured = {
    "max_connections": "1000",
    "shared_buffers": "524288",
    "effective_cache_size": "1572864",
    "maintenance_work_mem": "2097152",
    "work_mem": "10240",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "rds.force_ssl": "1",
    "log_min_duration_statement": "1000",
    "log_connections": "1",
    "log_disconnections": "1",
    "shared_preload_libraries": "pg_stat_statements,pgaudit",
    "pgaudit.role": "rds_pgaudit",
}
parameters = {name: listed[name].get("ParameterValue") for name in configured}
assert parameters == configured, parameters
others = {name for name, one in listed.items() if one["Source"] == "user"} - set(configured)
assert not others, others

logs = boto3.client("logs")
for name in instances:
    for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/rds/instance/{name}/")["logGroups"]:
        assert group["retentionInDays"] == 90 and group["kmsKeyId"], group
    groups = logs.describe_log_groups(logGroupNamePrefix=f"/aws/rds/instance/{name}/")["logGroups"]
    assert len(groups) == 2, groups

if primary:
    writer = instances[NAME]
    assert writer["MultiAZ"] and writer["MasterUsername"] == "trading_admin", writer
    assert writer["DBName"] == "trading_engine", writer
    assert writer["BackupRetentionPeriod"] == 30 and writer["PreferredBackupWindow"] == "03:00-04:00", writer
    assert writer["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync", writer
    standby = f"arn:aws:rds:us-west-2:{account}:db:{NAME}-standby"
    replicas = sorted([f"{NAME}-replica-1", f"{NAME}-replica-2", standby])
    assert sorted(writer["ReadReplicaDBInstanceIdentifiers"]) == replicas, writer
    subscription = rds.describe_event_subscriptions(SubscriptionName=NAME)["EventSubscriptionsList"][0]
    assert subscription["SnsTopicArn"].endswith(":critical") and "failover" in subscription["EventCategoriesList"]
else:
    source = f"arn:aws:rds:us-east-1:{account}:db:{NAME}"
    standby = instances[f"{NAME}-standby"]
    assert standby["ReadReplicaSourceDBInstanceIdentifier"] == source, standby
    assert standby["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot", standby
    backups = rds.describe_db_instance_automated_backups(DBInstanceIdentifier=NAME)["DBInstanceAutomatedBackups"]
    replicated = [one for one in backups if one.get("DBInstanceArn") == source]
    assert [(one["BackupRetentionPeriod"], one["KmsKeyId"]) for one in replicated] == [(30, key)], backups
