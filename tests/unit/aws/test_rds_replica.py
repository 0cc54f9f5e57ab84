"""plugins/modules/rds_instance.py: read replicas, in the region of their source and in another."""

from typing import Any

import pytest
from harness import load, run_module, writes
from rds_world import NAME, described, kms_key, network, parameter_group, replica, world

from trading_platform.emulator import process
from trading_platform.emulator.testing import EmulatorServer

main = load("rds_instance").main
REPLICA = "orders-replica-1"
STANDBY = "orders-standby"
WEST = "us-west-2"


@pytest.fixture
def primary(aws: EmulatorServer) -> dict[str, Any]:
    arguments = world(aws)
    run_module(main, arguments)
    return arguments


def standby(aws: EmulatorServer, primary: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Arguments of the replica in the other region."""
    key = kms_key(aws, WEST)
    return replica(
        primary,
        identifier=STANDBY,
        source_identifier=described(aws)["DBInstanceArn"],
        region=WEST,
        kms_key_id=key,
        performance_insights_kms_key_id=key,
        parameter_group_name=parameter_group(aws, WEST),
        **network(aws, WEST),
        **changed,
    )


def test_replica_of_the_same_region(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    result = run_module(main, replica(primary))
    assert writes(result) == ["rds.CreateDBInstanceReadReplica"]
    database = described(aws, REPLICA)
    assert database["ReadReplicaSourceDBInstanceIdentifier"] == NAME
    assert database["KmsKeyId"] == primary["kms_key_id"]
    assert database["DBParameterGroups"][0]["DBParameterGroupName"] == NAME
    assert database["DBSubnetGroup"]["DBSubnetGroupName"] == NAME, "its source's, as RDS takes no other"
    assert database["MonitoringInterval"] == 60
    assert described(aws)["ReadReplicaDBInstanceIdentifiers"] == [REPLICA]
    assert run_module(main, replica(primary))["changed"] is False
    assert run_module(main, primary)["changed"] is False


def test_source_of_the_same_region_by_its_arn(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    arguments = replica(primary, source_identifier=described(aws)["DBInstanceArn"])
    assert writes(run_module(main, arguments)) == ["rds.CreateDBInstanceReadReplica"]
    assert described(aws, REPLICA)["ReadReplicaSourceDBInstanceIdentifier"] == NAME
    assert run_module(main, arguments)["changed"] is False
    assert run_module(main, replica(primary))["changed"] is False


@pytest.mark.parametrize("check", [False, True])
def test_another_subnet_group_than_the_sources_is_refused(
    aws: EmulatorServer, primary: dict[str, Any], check: bool
) -> None:
    failed = run_module(main, replica(primary, subnet_group_name="other"), check=check)
    assert "orders-replica-1: it gets the subnet group of its source orders, 'orders', and 'other' was" in failed["msg"]
    assert writes(failed) == []
    run_module(main, replica(primary))
    assert "AWS cannot change this" in run_module(main, replica(primary, subnet_group_name="other"), check=check)["msg"]


def test_check_mode_before_the_source_exists(aws: EmulatorServer) -> None:
    planned = run_module(main, replica(world(aws)), check=True)
    assert (planned["changed"], writes(planned)) == (True, [])


def test_replica_in_another_region_gets_its_group_once_it_can(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    arguments = standby(aws, primary)
    result = run_module(main, arguments)
    assert writes(result) == ["rds.CreateDBInstanceReadReplica", "rds.ModifyDBInstance"]
    database = described(aws, STANDBY, WEST)
    assert database["ReadReplicaSourceDBInstanceIdentifier"] == described(aws)["DBInstanceArn"]
    assert database["KmsKeyId"] == arguments["kms_key_id"]
    assert database["DBParameterGroups"] == [{"DBParameterGroupName": NAME, "ParameterApplyStatus": "pending-reboot"}]
    assert result["rds_instance"]["reboot_pending"] is True
    assert run_module(main, arguments)["changed"] is False
    assert run_module(main, primary)["changed"] is False


def test_replica_asked_for_without_waiting_is_finished_by_the_second_call(
    aws: EmulatorServer, primary: dict[str, Any]
) -> None:
    arguments = standby(aws, primary)
    process.post(aws.endpoint, "/_emulator/delays", {"rds_replica": 1.0})
    asked = run_module(main, {**arguments, "wait": False})
    assert writes(asked) == ["rds.CreateDBInstanceReadReplica"]
    assert asked["rds_instance"]["status"] == "creating"
    assert run_module(main, {**arguments, "wait": False})["changed"] is False
    finished = run_module(main, arguments)
    assert writes(finished) == ["rds.ModifyDBInstance"]
    assert finished["rds_instance"]["status"] == "available"
    assert run_module(main, arguments)["changed"] is False


def test_killed_before_the_group_was_attached(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    arguments = standby(aws, primary)
    failed = run_module(main, arguments, fail={"rds.ModifyDBInstance": "ThrottledForTheTest"})
    assert failed["failed"] is True
    again = run_module(main, arguments)
    assert writes(again) == ["rds.ModifyDBInstance"]
    assert len(aws.client("rds", WEST).describe_db_instances()["DBInstances"]) == 1


def test_check_mode_before_and_after(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    planned = run_module(main, replica(primary), check=True)
    assert (planned["changed"], writes(planned)) == (True, [])
    run_module(main, replica(primary))
    assert run_module(main, replica(primary), check=True)["changed"] is False


def test_promoted_replica_is_not_touched(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    arguments = standby(aws, primary)
    run_module(main, arguments)
    aws.client("rds", WEST).promote_read_replica(DBInstanceIdentifier=STANDBY)
    failed = run_module(main, arguments)
    assert "it was promoted" in failed["msg"]
    assert writes(failed) == []
    own = {name: value for name, value in arguments.items() if name != "source_identifier"}
    kept = run_module(main, {**own, "multi_az": True, "backup_retention_days": 30, "apply_immediately": True})
    assert kept["actions"] == ["update: backup_retention_days, multi_az"]


def test_drift_of_a_replica_is_repaired(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    arguments = {**replica(primary), "apply_immediately": True}
    run_module(main, arguments)
    aws.client("rds").modify_db_instance(
        DBInstanceIdentifier=REPLICA, DBInstanceClass="db.t3.medium", DeletionProtection=False, ApplyImmediately=True
    )
    assert run_module(main, arguments)["actions"] == ["update: deletion_protection, instance_class"]
    assert described(aws, REPLICA)["DBInstanceClass"] == "db.r6i.xlarge"


def test_replica_is_deleted_without_a_snapshot(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    run_module(main, replica(primary))
    absent = {"identifier": REPLICA, "state": "absent", "deletion_protection": False, "wait_timeout": 5}
    result = run_module(main, absent)
    assert writes(result) == ["rds.ModifyDBInstance", "rds.DeleteDBInstance"]
    assert described(aws)["ReadReplicaDBInstanceIdentifiers"] == []
    assert run_module(main, absent)["changed"] is False


def test_source_that_does_not_exist(aws: EmulatorServer, primary: dict[str, Any]) -> None:
    failed = run_module(main, replica(primary, source_identifier="nobody"))
    assert "nobody not found" in failed["msg"]
