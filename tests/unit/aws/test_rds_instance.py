"""plugins/modules/rds_instance.py: an instance that is no replica, against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes
from rds_world import NAME, PASSWORD, TAGS, described, world

from trading_platform.emulator import process
from trading_platform.emulator.testing import EmulatorServer

main = load("rds_instance").main


def set_delay(aws: EmulatorServer, kind: str, seconds: float) -> None:
    process.post(aws.endpoint, "/_emulator/delays", {kind: seconds})


def test_check_mode_on_an_empty_account(aws: EmulatorServer) -> None:
    arguments = {
        "identifier": NAME,
        "engine": "postgres",
        "kms_key_id": "arn:aws:kms:us-east-1:000000000000:key/key-planned",
        "vpc_security_group_ids": ["sg-planned"],
        "master_secret_id": "arn:aws:secretsmanager:us-east-1:000000000000:secret:orders-planned",
        "monitoring_role_arn": "arn:aws:iam::000000000000:role/monitoring-planned",
    }
    result = run_module(main, arguments, check=True)
    assert (result["changed"], result["actions"]) == (True, ["create"])
    assert result["rds_instance"]["arn"].endswith(":db:orders-planned")
    assert result["rds_instance"]["endpoint"] is None
    assert writes(result) == []
    assert "secretsmanager.GetSecretValue" not in result["api_calls"]


def test_create_makes_it_as_the_design_has_it(aws: EmulatorServer) -> None:
    arguments = world(aws)
    result = run_module(main, arguments)
    assert writes(result) == ["rds.CreateDBInstance"]
    database = described(aws)
    assert (database["EngineVersion"], database["DBInstanceClass"], database["MultiAZ"]) == (
        "16.14",
        "db.r6i.xlarge",
        True,
    )
    assert (database["StorageType"], database["AllocatedStorage"], database["MaxAllocatedStorage"]) == (
        "gp3",
        100,
        1000,
    )
    assert database["Iops"] == 3000
    assert (database["StorageEncrypted"], database["KmsKeyId"]) == (True, arguments["kms_key_id"])
    assert (database["MasterUsername"], database["DBName"]) == ("trading_admin", "trading_engine")
    assert database["BackupRetentionPeriod"] == 30
    assert database["PreferredBackupWindow"] == "03:00-04:00"
    assert database["PreferredMaintenanceWindow"] == "mon:04:00-mon:05:00"
    assert database["EngineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert database["IAMDatabaseAuthenticationEnabled"] is True
    assert database["PubliclyAccessible"] is False
    assert database["DeletionProtection"] is True
    assert {one["Key"]: one["Value"] for one in database["TagList"]} == TAGS
    assert result["rds_instance"]["endpoint"] == database["Endpoint"]["Address"]
    assert result["rds_instance"]["endpoint_port"] == 5432
    assert PASSWORD not in str(result)


@pytest.mark.parametrize("check", [False, True])
def test_the_same_again_is_quiet_and_asks_once(aws: EmulatorServer, check: bool) -> None:
    arguments = world(aws)
    run_module(main, arguments)
    again = run_module(main, {**arguments, "log_exports": ["postgresql", "upgrade"]}, check=check)
    assert again["changed"] is False
    assert again["api_calls"] == ["rds.DescribeDBInstances"]


def test_a_password_is_never_sent_again(aws: EmulatorServer) -> None:
    """Not even when the secret has got another one: that is what a rotation does."""
    arguments = world(aws)
    run_module(main, arguments)
    aws.client("secretsmanager").put_secret_value(SecretId=arguments["master_secret_id"], SecretString="{}")
    result = run_module(main, {**arguments, "backup_retention_days": 20, "apply_immediately": True})
    assert writes(result) == ["rds.ModifyDBInstance"]
    assert "secretsmanager.GetSecretValue" not in result["api_calls"]


def test_check_of_a_change_shows_it_and_writes_nothing(aws: EmulatorServer) -> None:
    arguments = world(aws)
    run_module(main, arguments)
    result = run_module(main, {**arguments, "instance_class": "db.r6i.2xlarge"}, check=True)
    assert result["actions"] == ["update: instance_class"]
    assert result["diff"]["before"]["instance_class"] == "db.r6i.xlarge"
    assert result["diff"]["after"]["instance_class"] == "db.r6i.2xlarge"
    assert writes(result) == []


def test_drift_is_repaired_with_one_call(aws: EmulatorServer) -> None:
    arguments = {**world(aws), "apply_immediately": True}
    run_module(main, arguments)
    rds = aws.client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="other", DBParameterGroupFamily="postgres16", Description="x")
    rds.modify_db_instance(
        DBInstanceIdentifier=NAME,
        ApplyImmediately=True,
        DBInstanceClass="db.t3.medium",
        MultiAZ=False,
        BackupRetentionPeriod=1,
        PreferredMaintenanceWindow="tue:05:00-tue:05:30",
        DeletionProtection=False,
        CopyTagsToSnapshot=False,
        AutoMinorVersionUpgrade=False,
        PubliclyAccessible=True,
        EnableIAMDatabaseAuthentication=False,
        MonitoringInterval=0,
        EnablePerformanceInsights=False,
        EngineLifecycleSupport="open-source-rds-extended-support",
        MaxAllocatedStorage=500,
        DBParameterGroupName="other",
        CloudwatchLogsExportConfiguration={"DisableLogTypes": ["upgrade"]},
    )
    rds.add_tags_to_resource(ResourceName=described(aws)["DBInstanceArn"], Tags=[{"Key": "stray", "Value": "1"}])
    result = run_module(main, arguments)
    assert writes(result) == ["rds.ModifyDBInstance", "rds.RemoveTagsFromResource"]
    assert result["rds_instance"]["reboot_pending"] is True
    assert result["rds_instance"]["pending"] == {}
    assert run_module(main, arguments)["changed"] is False
    assert described(aws)["DBInstanceClass"] == "db.r6i.xlarge"


def test_a_change_that_waits_for_its_window_is_asked_for_once(aws: EmulatorServer) -> None:
    arguments = world(aws)
    run_module(main, arguments)
    changed = {**arguments, "instance_class": "db.r6i.2xlarge"}
    first = run_module(main, changed)
    assert first["rds_instance"]["pending"] == {"DBInstanceClass": "db.r6i.2xlarge"}
    assert described(aws)["DBInstanceClass"] == "db.r6i.xlarge"
    assert run_module(main, changed)["changed"] is False


def test_storage_that_has_grown_stays(aws: EmulatorServer) -> None:
    arguments = world(aws)
    run_module(main, arguments)
    aws.client("rds").modify_db_instance(DBInstanceIdentifier=NAME, AllocatedStorage=450, ApplyImmediately=True)
    result = run_module(main, arguments)
    assert result["changed"] is False
    assert result["rds_instance"]["allocated_storage"] == 450
    assert result["rds_instance"]["iops"] == 12000


def test_storage_is_raised_and_a_limit_that_is_too_low_is_explained(aws: EmulatorServer) -> None:
    arguments = {**world(aws), "apply_immediately": True}
    run_module(main, arguments)
    assert run_module(main, {**arguments, "allocated_storage": 200})["changed"] is True
    assert described(aws)["AllocatedStorage"] == 200
    failed = run_module(main, {**arguments, "max_allocated_storage": 210})
    assert "less than 110 %" in failed["msg"]


@pytest.mark.parametrize("check", [False, True])
def test_storage_that_has_grown_close_to_its_limit_is_told(aws: EmulatorServer, check: bool) -> None:
    """The limit stays as it is and is not sent, so that there is nothing that RDS could refuse."""
    arguments = {**world(aws), "apply_immediately": True}
    run_module(main, arguments)
    rds = aws.client("rds")
    rds.modify_db_instance(DBInstanceIdentifier=NAME, AllocatedStorage=900, ApplyImmediately=True)
    quiet = run_module(main, arguments, check=check)
    assert (quiet["changed"], quiet.get("warnings", [])) == (False, [])
    rds.modify_db_instance(DBInstanceIdentifier=NAME, AllocatedStorage=910, ApplyImmediately=True)
    told = run_module(main, arguments, check=check)
    assert told["changed"] is False
    (warning,) = told["warnings"]
    assert "orders: its storage of 910 GiB is close to max_allocated_storage 1000" in str(warning)
    assert "raise it to 1001 GiB at least (rds_max_allocated_storage)" in str(warning)
    tagged = run_module(main, {**arguments, "tags": {"Team": "data"}}, check=check)
    assert (tagged["actions"], len(tagged["warnings"])) == (["update: tags"], 1)


def test_a_limit_that_is_changed_is_110_percent_of_the_storage(aws: EmulatorServer) -> None:
    arguments = {**world(aws), "apply_immediately": True}
    run_module(main, arguments)
    aws.client("rds").modify_db_instance(DBInstanceIdentifier=NAME, AllocatedStorage=910, ApplyImmediately=True)
    failed = run_module(main, {**arguments, "max_allocated_storage": 999})
    assert "grown to 910 GiB, and max_allocated_storage 999 is less than 110 %" in failed["msg"]
    raised = run_module(main, {**arguments, "max_allocated_storage": 1001})
    assert (raised["actions"], raised.get("warnings", [])) == (["update: max_allocated_storage"], [])


def test_a_minor_upgrade_is_made_and_a_newer_minor_stays(aws: EmulatorServer) -> None:
    arguments = {**world(aws), "apply_immediately": True}
    run_module(main, {**arguments, "engine_version": "16.13"})
    result = run_module(main, arguments)
    assert result["actions"] == ["update: engine_version"]
    assert described(aws)["EngineVersion"] == "16.14"
    assert run_module(main, {**arguments, "engine_version": "16.12"})["changed"] is False


def test_major_versions(aws: EmulatorServer) -> None:
    arguments = world(aws)
    run_module(main, arguments)
    failed = run_module(main, {**arguments, "engine_version": "17"})
    assert "is a major upgrade" in failed["msg"]
    back = run_module(main, {**arguments, "engine_version": "15.10"})
    assert "there is no way back" in back["msg"]
    allowed = {**arguments, "engine_version": "17", "allow_major_version_upgrade": True, "apply_immediately": True}
    planned = run_module(main, allowed, check=True)
    assert planned["diff"]["after"]["engine_version"] == "17"
    assert run_module(main, allowed)["changed"] is True


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"database_name": "other"}, "database_name is 'trading_engine' and was asked to be 'other'"),
        ({"subnet_group_name": "other"}, "AWS cannot change this"),
        ({"kms_key_id": "arn:aws:kms:us-east-1:123456789012:key/1"}, "AWS cannot change this"),
        ({"performance_insights_kms_key_id": "arn:aws:kms:us-east-1:123456789012:key/1"}, "Performance Insights uses"),
    ],
)
def test_what_cannot_change_is_refused(aws: EmulatorServer, changed: dict[str, Any], message: str) -> None:
    arguments = world(aws)
    run_module(main, arguments)
    failed = run_module(main, {**arguments, **changed})
    assert failed["failed"] is True
    assert message in failed["msg"]
    assert writes(failed) == []


def test_asking_without_waiting_and_waiting_later(aws: EmulatorServer) -> None:
    arguments = world(aws)
    set_delay(aws, "rds", 1.2)
    asked = run_module(main, {**arguments, "wait": False})
    assert asked["rds_instance"]["status"] == "creating"
    assert asked["rds_instance"]["endpoint"] is None
    again = run_module(main, {**arguments, "wait": False, "backup_retention_days": 20})
    assert again["changed"] is False, "an instance that is being made takes no changes: later"
    waited = run_module(main, {**arguments, "backup_retention_days": 20})
    assert waited["rds_instance"]["status"] == "available"
    assert waited["rds_instance"]["endpoint"]
    assert described(aws)["BackupRetentionPeriod"] == 20


def test_waiting_too_long_is_an_error_that_a_second_run_resolves(aws: EmulatorServer) -> None:
    arguments = world(aws)
    set_delay(aws, "rds", 60.0)
    failed = run_module(main, {**arguments, "wait_timeout": 1})
    assert "was not ready within 1 s; run again to go on waiting" in failed["msg"]
    set_delay(aws, "rds", 0.0)
    assert run_module(main, arguments)["changed"] is False


@pytest.mark.parametrize("content", ["no json", "[]", '{"username": "x"}'])
def test_a_secret_without_credentials_is_named_and_not_shown(aws: EmulatorServer, content: str) -> None:
    arguments = world(aws)
    aws.client("secretsmanager").put_secret_value(SecretId=arguments["master_secret_id"], SecretString=content)
    failed = run_module(main, arguments)
    assert failed["msg"] == f"secret {arguments['master_secret_id']} is no JSON object with username and password"


def test_deletion_needs_the_protection_off_and_a_snapshot(aws: EmulatorServer) -> None:
    arguments = world(aws)
    run_module(main, arguments)
    absent = {"identifier": NAME, "state": "absent", "wait_timeout": 5}
    assert "protected from deletion" in run_module(main, absent)["msg"]
    absent["deletion_protection"] = False
    assert "give final_snapshot_identifier" in run_module(main, absent)["msg"]
    absent["final_snapshot_identifier"] = "orders-final"
    planned = run_module(main, absent, check=True)
    assert (planned["changed"], writes(planned)) == (True, [])
    assert run_module(main, absent)["changed"] is True
    assert run_module(main, absent)["changed"] is False
    snapshots = aws.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert [one["DBSnapshotIdentifier"] for one in snapshots] == ["orders-final"]


def test_an_error_of_the_api_is_told(aws: EmulatorServer) -> None:
    failed = run_module(main, {**world(aws), "instance_class": "r6i.xlarge"})
    assert "Invalid DB Instance class: r6i.xlarge" in failed["msg"]
    assert PASSWORD not in str(failed)
