"""RDS instances as RDS describes and refuses them."""

from typing import Any

import pytest
from emulator_asserts import refused
from rds_estate import GROUP, NAME, WEST, described, instance, key, role, subnet_group

from trading_platform.emulator import process
from trading_platform.emulator.testing import EmulatorServer

NO_IOPS = "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400."
WINDOWS = {"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "mon:04:00-mon:05:00"}


@pytest.fixture
def rds(emulator: EmulatorServer) -> Any:
    return emulator.client("rds")


def test_fields_that_rds_reports(emulator: EmulatorServer, rds: Any) -> None:
    arn = key(emulator)
    asked = instance(
        StorageEncrypted=True,
        KmsKeyId=arn.rpartition("/")[2],
        EnablePerformanceInsights=True,
        PerformanceInsightsKMSKeyId=arn,
        MonitoringInterval=60,
        MonitoringRoleArn=role(emulator, "monitoring.rds.amazonaws.com"),
        EngineLifecycleSupport="open-source-rds-extended-support-disabled",
        MaxAllocatedStorage=1000,
        EnableCloudwatchLogsExports=["postgresql", "upgrade"],
        Tags=[{"Key": "Team", "Value": "devops"}],
    )
    rds.create_db_instance(**asked)
    database = described(emulator)
    assert database["KmsKeyId"] == arn
    assert (database["PerformanceInsightsEnabled"], database["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    assert database["PerformanceInsightsKMSKeyId"] == arn
    assert database["EngineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert (database["Iops"], database["StorageThroughput"]) == (3000, 125)
    assert database["MaxAllocatedStorage"] == 1000
    assert database["CertificateDetails"] == {"CAIdentifier": "rds-ca-rsa2048-g1"}
    assert database["MonitoringInterval"] == 60
    assert database["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    assert database["TagList"] == [{"Key": "Team", "Value": "devops"}]
    assert database["DBParameterGroups"] == [
        {"DBParameterGroupName": "default.postgres16", "ParameterApplyStatus": "in-sync"}
    ]
    assert database["PendingModifiedValues"] == {}
    assert database["DBInstanceStatus"] == "available"
    assert database["Endpoint"]["Port"] == 5432


def test_defaults_of_extended_support_and_of_large_gp3(emulator: EmulatorServer, rds: Any) -> None:
    rds.create_db_instance(**instance(AllocatedStorage=400))
    database = described(emulator)
    assert database["EngineLifecycleSupport"] == "open-source-rds-extended-support"
    assert (database["Iops"], database["StorageThroughput"]) == (12000, 500)
    assert database["PerformanceInsightsEnabled"] is False


def test_every_instance_has_an_id_and_an_address_of_its_own(emulator: EmulatorServer, rds: Any) -> None:
    rds.create_db_instance(**instance())
    rds.create_db_instance(**instance(DBInstanceIdentifier="other"))
    one, other = described(emulator), described(emulator, "other")
    assert one["DbiResourceId"] != other["DbiResourceId"]
    assert one["Endpoint"]["Address"].split(".", 1)[1] != other["Endpoint"]["Address"].split(".", 1)[1]


def test_delay_keeps_it_creating_without_an_endpoint(emulator: EmulatorServer, rds: Any) -> None:
    process.post(emulator.endpoint, "/_emulator/delays", {"rds": 30.0})
    rds.create_db_instance(**instance())
    database = described(emulator)
    assert database["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in database
    with refused("InvalidDBInstanceState", "not currently in the available state"):
        rds.modify_db_instance(DBInstanceIdentifier=NAME, DeletionProtection=True)
    process.post(emulator.endpoint, "/_emulator/delays", {"rds": 0.0})
    assert described(emulator)["DBInstanceStatus"] == "available"
    rds.modify_db_instance(DBInstanceIdentifier=NAME, DeletionProtection=True)


@pytest.mark.parametrize(
    "window", ["mon:04:00-mon:05:00", "sun:04:00-sun:04:30", "mon:02:30-mon:03:00", "sun:23:45-mon:00:15"]
)
def test_windows_that_only_touch_are_taken(emulator: EmulatorServer, rds: Any, window: str) -> None:
    rds.create_db_instance(**instance(PreferredBackupWindow="03:00-04:00", PreferredMaintenanceWindow=window))
    assert described(emulator)["PreferredMaintenanceWindow"] == window


@pytest.mark.parametrize(
    "window", ["mon:03:30-mon:04:30", "thu:02:00-thu:03:01", "tue:03:10-tue:03:45", "fri:02:00-fri:05:00"]
)
def test_windows_that_overlap_are_refused(rds: Any, window: str) -> None:
    with refused("InvalidParameterValue", "The backup window and maintenance window must not overlap."):
        rds.create_db_instance(**instance(PreferredBackupWindow="03:00-04:00", PreferredMaintenanceWindow=window))


def test_windows_over_midnight_overlap_too(rds: Any) -> None:
    with refused("InvalidParameterValue", "must not overlap"):
        rds.create_db_instance(
            **instance(PreferredBackupWindow="23:30-00:30", PreferredMaintenanceWindow="sun:00:00-sun:01:00")
        )


def test_short_windows_are_refused(rds: Any) -> None:
    with refused("InvalidParameterValue", "at least 30 minutes"):
        rds.create_db_instance(**instance(PreferredBackupWindow="03:00-03:29"))
    with refused("InvalidParameterValue", "at least 30 minutes"):
        rds.create_db_instance(**instance(PreferredMaintenanceWindow="mon:04:00-mon:04:10"))


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"Iops": 3000}, "InvalidParameterCombination", NO_IOPS),
        ({"StorageThroughput": 125}, "InvalidParameterCombination", NO_IOPS),
        ({"Iops": 3000, "AllocatedStorage": 400}, "InvalidParameterCombination", "Invalid iops value"),
        (
            {"MaxAllocatedStorage": 109},
            "InvalidParameterCombination",
            "Invalid max storage size for engine name postgres",
        ),
        ({"AllocatedStorage": 10}, "InvalidParameterValue", "Invalid storage size"),
        (
            {"MasterUsername": "admin"},
            "InvalidParameterValue",
            "MasterUsername admin cannot be used as it is a reserved",
        ),
        ({"MasterUsername": "rdsadmin"}, "InvalidParameterValue", "reserved word used by the engine"),
        ({"MasterUsername": "pg_owner"}, "InvalidParameterValue", "reserved word used by the engine"),
        ({"MasterUsername": "1st"}, "InvalidParameterValue", "must begin with a letter"),
        ({"MasterUsername": None}, "InvalidParameterValue", "MasterUsername must be provided"),
        ({"MasterUserPassword": None}, "InvalidParameterValue", "MasterUserPassword must be provided"),
        ({"MasterUserPassword": "short"}, "InvalidParameterValue", "shorter than 8 characters"),
        ({"MasterUserPassword": "x" * 129}, "InvalidParameterValue", "longer than 128 characters"),
        ({"MasterUserPassword": "has/slash-in"}, "InvalidParameterValue", "Only printable ASCII characters besides"),
        ({"MasterUserPassword": "has a space in"}, "InvalidParameterValue", "Only printable ASCII characters besides"),
        (
            {"ManageMasterUserPassword": True},
            "InvalidParameterCombination",
            "when ManageMasterUserPassword is turned on",
        ),
        ({"EngineVersion": "16.1"}, "InvalidParameterCombination", "Cannot find version 16.1 for postgres"),
        ({"EngineVersion": "16.10"}, "InvalidParameterCombination", "Cannot find version 16.10 for postgres"),
        ({"DBName": "1db"}, "InvalidParameterValue", "DBName must begin with a letter"),
        ({"DBInstanceClass": "r6i.xlarge"}, "InvalidParameterValue", "Invalid DB Instance class: r6i.xlarge"),
        ({"BackupRetentionPeriod": 36}, "InvalidParameterValue", "Invalid backup retention period: 36"),
        (
            {"EnablePerformanceInsights": True, "PerformanceInsightsRetentionPeriod": 8},
            "InvalidParameterValue",
            "Invalid Performance Insights retention period",
        ),
        (
            {"EnableCloudwatchLogsExports": ["error"]},
            "InvalidParameterCombination",
            "You cannot use the log types 'error'",
        ),
        ({"EngineLifecycleSupport": "no"}, "InvalidParameterValue", "Invalid value for EngineLifecycleSupport"),
        ({"MonitoringInterval": 60}, "InvalidParameterCombination", "A MonitoringRoleARN value is required"),
        (
            {"MonitoringInterval": 60, "MonitoringRoleArn": "arn:aws:iam::123456789012:role/none"},
            "InvalidParameterValue",
            "IAM role ARN value is invalid",
        ),
        (
            {
                "StorageEncrypted": True,
                "KmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            },
            "KMSKeyNotAccessibleFault",
            "KMS key",
        ),
    ],
)
def test_what_create_refuses(rds: Any, changed: dict[str, Any], code: str, message: str) -> None:
    with refused(code, message):
        rds.create_db_instance(**instance(**changed))
    assert rds.describe_db_instances()["DBInstances"] == []


def test_a_role_that_the_monitoring_service_cannot_assume(emulator: EmulatorServer, rds: Any) -> None:
    with refused("InvalidParameterValue", "ENHANCED_MONITORING"):
        rds.create_db_instance(**instance(MonitoringInterval=60, MonitoringRoleArn=role(emulator, "ec2.amazonaws.com")))


def test_security_group_of_another_vpc(emulator: EmulatorServer, rds: Any) -> None:
    subnet_group(emulator)
    ec2 = emulator.client("ec2")
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group_id = ec2.create_security_group(GroupName="x", Description="x", VpcId=other)["GroupId"]
    with refused("InvalidParameterCombination", "The DB instance and EC2 security group are in different VPCs."):
        rds.create_db_instance(**instance(DBSubnetGroupName=NAME, VpcSecurityGroupIds=[group_id]))


def test_parameter_group_of_another_major_version(rds: Any) -> None:
    rds.create_db_parameter_group(DBParameterGroupName=GROUP, DBParameterGroupFamily="postgres15", Description="old")
    with refused("InvalidParameterCombination", "Please use a parameter group with DBParameterGroupFamily postgres16"):
        rds.create_db_instance(**instance(DBParameterGroupName=GROUP))


def test_the_name_of_an_instance_is_taken_once(rds: Any) -> None:
    rds.create_db_instance(**instance())
    with refused("DBInstanceAlreadyExists", "DB instance already exists"):
        rds.create_db_instance(**instance())


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"AllocatedStorage": 99}, "InvalidParameterCombination", "cannot be less than the current storage size"),
        ({"Iops": 3000}, "InvalidParameterCombination", NO_IOPS),
        ({"MaxAllocatedStorage": 105}, "InvalidParameterCombination", "Invalid max storage size"),
        ({"EngineVersion": "16.13"}, "InvalidParameterCombination", "Cannot upgrade postgres from 16.14 to 16.13"),
        ({"MasterUserPassword": "has@sign-in"}, "InvalidParameterValue", "Only printable ASCII"),
        ({"PreferredMaintenanceWindow": "mon:03:30-mon:04:30"}, "InvalidParameterValue", "must not overlap"),
        ({"MonitoringInterval": 60}, "InvalidParameterCombination", "A MonitoringRoleARN value is required"),
    ],
)
def test_what_modify_refuses(rds: Any, changed: dict[str, Any], code: str, message: str) -> None:
    rds.create_db_instance(**instance(**WINDOWS))
    with refused(code, message):
        rds.modify_db_instance(DBInstanceIdentifier=NAME, **changed)


def test_a_new_major_version_needs_the_flag(rds: Any) -> None:
    rds.create_db_instance(**instance())
    with refused("InvalidParameterCombination", "The AllowMajorVersionUpgrade flag must be present"):
        rds.modify_db_instance(DBInstanceIdentifier=NAME, EngineVersion="17")


def test_the_key_of_performance_insights_stays(emulator: EmulatorServer, rds: Any) -> None:
    rds.create_db_instance(**instance(EnablePerformanceInsights=True, PerformanceInsightsKMSKeyId=key(emulator)))
    with refused("InvalidParameterCombination", "You cannot change your Performance Insights KMS key."):
        rds.modify_db_instance(DBInstanceIdentifier=NAME, PerformanceInsightsKMSKeyId=key(emulator))


def test_changes_wait_for_the_maintenance_window_unless_asked_otherwise(emulator: EmulatorServer, rds: Any) -> None:
    rds.create_db_instance(**instance())
    rds.modify_db_instance(
        DBInstanceIdentifier=NAME, DBInstanceClass="db.r6i.2xlarge", MultiAZ=True, DeletionProtection=True
    )
    database = described(emulator)
    assert database["PendingModifiedValues"] == {"DBInstanceClass": "db.r6i.2xlarge", "MultiAZ": True}
    assert (database["DBInstanceClass"], database["MultiAZ"]) == ("db.r6i.xlarge", False)
    assert database["DeletionProtection"] is True
    rds.modify_db_instance(DBInstanceIdentifier=NAME, ApplyImmediately=True)
    database = described(emulator)
    assert database["PendingModifiedValues"] == {}
    assert (database["DBInstanceClass"], database["MultiAZ"]) == ("db.r6i.2xlarge", True)


def test_a_group_attached_later_waits_for_a_reboot(emulator: EmulatorServer, rds: Any) -> None:
    rds.create_db_instance(**instance())
    rds.create_db_parameter_group(DBParameterGroupName=GROUP, DBParameterGroupFamily="postgres16", Description="ours")
    rds.modify_db_instance(DBInstanceIdentifier=NAME, DBParameterGroupName=GROUP)
    group = {"DBParameterGroupName": GROUP, "ParameterApplyStatus": "pending-reboot"}
    assert described(emulator)["DBParameterGroups"] == [group]
    rds.reboot_db_instance(DBInstanceIdentifier=NAME)
    assert described(emulator)["DBParameterGroups"] == [{**group, "ParameterApplyStatus": "in-sync"}]


def test_log_exports_are_turned_on_and_off(emulator: EmulatorServer, rds: Any) -> None:
    rds.create_db_instance(**instance(EnableCloudwatchLogsExports=["postgresql"]))
    change = {"EnableLogTypes": ["postgresql", "upgrade"], "DisableLogTypes": []}
    rds.modify_db_instance(DBInstanceIdentifier=NAME, CloudwatchLogsExportConfiguration=change)
    assert described(emulator)["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    change = {"EnableLogTypes": [], "DisableLogTypes": ["postgresql"]}
    rds.modify_db_instance(DBInstanceIdentifier=NAME, CloudwatchLogsExportConfiguration=change)
    assert described(emulator)["EnabledCloudwatchLogsExports"] == ["upgrade"]


def test_deletion_protection_and_final_snapshots(rds: Any) -> None:
    rds.create_db_instance(**instance(DeletionProtection=True))
    with refused("InvalidParameterCombination", "Cannot delete protected DB Instance"):
        rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)
    rds.modify_db_instance(DBInstanceIdentifier=NAME, DeletionProtection=False)
    with refused("InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot"):
        rds.delete_db_instance(DBInstanceIdentifier=NAME)
    with refused(
        "InvalidParameterCombination", "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot"
    ):
        rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True, FinalDBSnapshotIdentifier="last")
    rds.delete_db_instance(DBInstanceIdentifier=NAME, FinalDBSnapshotIdentifier="last")
    assert [one["DBSnapshotIdentifier"] for one in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]] == [
        "last"
    ]


def test_subnet_groups(emulator: EmulatorServer, rds: Any) -> None:
    subnets = subnet_group(emulator)
    with refused("DBSubnetGroupDoesNotCoverEnoughAZs", "Add subnets to cover at least 2 AZs."):
        rds.create_db_subnet_group(DBSubnetGroupName="one", DBSubnetGroupDescription="one", SubnetIds=subnets[:1])
    with refused("DBSubnetGroupAlreadyExists", "already exists"):
        rds.create_db_subnet_group(DBSubnetGroupName=NAME, DBSubnetGroupDescription="x", SubnetIds=subnets)
    with refused("InvalidSubnet", "is invalid or does not exist"):
        rds.create_db_subnet_group(DBSubnetGroupName="x", DBSubnetGroupDescription="x", SubnetIds=["subnet-0"])
    rds.modify_db_subnet_group(DBSubnetGroupName=NAME, DBSubnetGroupDescription="changed", SubnetIds=subnets)
    assert rds.describe_db_subnet_groups()["DBSubnetGroups"][0]["DBSubnetGroupDescription"] == "changed"
    rds.create_db_instance(**instance(DBSubnetGroupName=NAME))
    with refused("InvalidDBSubnetGroupStateFault", "is still using it"):
        rds.delete_db_subnet_group(DBSubnetGroupName=NAME)


def test_versions_are_those_that_can_be_made(emulator: EmulatorServer, rds: Any) -> None:
    found = rds.describe_db_engine_versions(Engine="postgres", EngineVersion="16")["DBEngineVersions"]
    assert "16.14" in {one["EngineVersion"] for one in found}
    assert "16.1" not in {one["EngineVersion"] for one in found}
    assert {one["DBParameterGroupFamily"] for one in found} == {"postgres16"}
    assert {one["Status"] for one in found} == {"available"}
    for one in found:
        targets = {target["EngineVersion"]: target["AutoUpgrade"] for target in one["ValidUpgradeTarget"]}
        assert one["EngineVersion"] not in targets
        assert targets.get("16.14", True) is True and sum(targets.values()) <= 1
    assert emulator.client("rds", WEST).describe_db_engine_versions(Engine="mysql")["DBEngineVersions"] == []


def test_versions_are_listed_by_what_is_asked_for(rds: Any) -> None:
    def listed(**asked: Any) -> list[str]:
        return [one["EngineVersion"] for one in rds.describe_db_engine_versions(**asked)["DBEngineVersions"]]

    assert listed(EngineVersion="16.14") == ["16.14"]
    assert listed(EngineVersion="16.1") == []
    assert listed(DBParameterGroupFamily="postgres15") == []
    assert listed(Filters=[{"Name": "engine-version", "Values": ["16.13", "16.1"]}]) == ["16.13"]
    (ended,) = rds.describe_db_engine_versions(EngineVersion="16.1", IncludeAll=True)["DBEngineVersions"]
    assert (ended["Status"], ended["MajorEngineVersion"]) == ("deprecated", "16")
    assert "16.14" in {one["EngineVersion"] for one in ended["ValidUpgradeTarget"]}


def test_instances_are_as_many_as_the_quota_lets(emulator: EmulatorServer, rds: Any) -> None:
    emulator.set_quotas({"L-7B6409FD": 1})
    rds.create_db_instance(**instance())
    with refused("InstanceQuotaExceeded", "exceeding the allowed number of DB instances"):
        rds.create_db_instance(**instance(DBInstanceIdentifier="another"))
    with refused("InstanceQuotaExceeded", "exceeding the allowed number of DB instances"):
        rds.create_db_instance_read_replica(DBInstanceIdentifier="replica", SourceDBInstanceIdentifier=NAME)
