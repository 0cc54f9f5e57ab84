"""plugins/modules/elasticache_replication_group.py against the embedded AWS."""

import json
from typing import Any

import pytest
from cache import LOG_GROUPS, NAME, TOKEN, described, ground, node, tags
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("elasticache_replication_group").main
pytestmark = pytest.mark.slow
OTHER = "AnotherAuthTokenOf34CharactersHere"
KEY = "elasticache_replication_group"


@pytest.fixture
def asked(aws: EmulatorServer) -> dict[str, Any]:
    """The arguments of a whole group, on subnets, key and parameter group that exist."""
    return ground(aws)


def test_check_mode_on_an_empty_account_promises_stand_ins(aws: EmulatorServer) -> None:
    planned = {
        "name": NAME,
        "node_type": "cache.r6g.large",
        "num_cache_clusters": 3,
        "kms_key_arn": "arn:aws:kms:us-east-1:000000000000:key/key-planned",
        "subnet_group_name": NAME,
        "security_group_ids": ["sg-planned"],
    }
    result = run_module(main, planned, check=True)
    assert (result["changed"], result["actions"], writes(result)) == (True, ["create"], [])
    assert result[KEY]["arn"].endswith(f"{NAME}-planned")
    assert result[KEY]["primary_endpoint"].endswith("-planned")
    assert result[KEY]["member_clusters"] == [f"{NAME}-001", f"{NAME}-002", f"{NAME}-003"]


def test_create_asks_for_everything_at_once(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    result = run_module(main, asked)
    group, first = described(aws), node(aws)
    assert writes(result) == ["elasticache.CreateReplicationGroup"]
    assert group["MemberClusters"] == [f"{NAME}-001", f"{NAME}-002", f"{NAME}-003"]
    zones = {one["PreferredAvailabilityZone"] for one in group["NodeGroups"][0]["NodeGroupMembers"]}
    assert zones == {"us-east-1a", "us-east-1b", "us-east-1c"}
    assert (group["MultiAZ"], group["AutomaticFailover"]) == ("enabled", "enabled")
    assert (group["TransitEncryptionEnabled"], group["TransitEncryptionMode"]) == (True, "required")
    assert (group["AtRestEncryptionEnabled"], group["KmsKeyId"]) == (True, asked["kms_key_arn"])
    assert (group["SnapshotRetentionLimit"], group["SnapshotWindow"]) == (7, "03:00-04:00")
    assert group["AuthTokenEnabled"] is True
    assert first["EngineVersion"] == "7.1.0"
    assert first["PreferredMaintenanceWindow"] == "sun:04:30-sun:05:30"
    assert first["CacheParameterGroup"]["CacheParameterGroupName"] == NAME
    assert [one["SecurityGroupId"] for one in first["SecurityGroups"]] == asked["security_group_ids"]
    delivered = {one["LogType"]: one for one in group["LogDeliveryConfigurations"]}
    assert delivered["slow-log"]["LogFormat"] == "json"
    details = delivered["slow-log"]["DestinationDetails"]["CloudWatchLogsDetails"]
    assert details == {"LogGroup": LOG_GROUPS["slow-log"]}
    assert tags(aws)["Environment"] == "production"
    assert TOKEN not in json.dumps(result)


def test_the_same_again_changes_nothing_and_asks_three_times(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    for check in (False, True):
        again = run_module(main, asked, check=check)
        assert again["changed"] is False
        assert len(again["api_calls"]) == 3
    assert again[KEY]["primary_endpoint"].startswith("master.")
    assert "AuthTokenFingerprint" not in again[KEY]["tags"]


def test_a_group_that_is_being_created_is_left_to_it(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    aws.delay(elasticache=1.5)
    first = run_module(main, asked)
    assert (first[KEY]["status"], first[KEY]["primary_endpoint"]) == ("creating", "")
    again = run_module(main, asked)
    assert (again["changed"], again[KEY]["status"], again[KEY]["tags"]) == (False, "creating", None)
    waited = run_module(main, {**asked, "wait": True, "wait_timeout": 30})
    assert (waited["changed"], waited[KEY]["status"]) == (False, "available")
    assert waited[KEY]["primary_endpoint"].startswith("master.")


def test_not_ready_in_time_is_said(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    aws.delay(elasticache=60)
    result = run_module(main, {**asked, "wait": True, "wait_timeout": 1})
    assert "was not ready within 1 s; run again to go on waiting" in result["msg"]


CHANGES: list[tuple[dict[str, Any], list[str]]] = [
    ({"node_type": "cache.r6g.xlarge"}, ["ModifyReplicationGroup"]),
    ({"num_cache_clusters": 4}, ["IncreaseReplicaCount"]),
    ({"num_cache_clusters": 2}, ["DecreaseReplicaCount"]),
    ({"parameter_group_name": f"{NAME}-other"}, ["ModifyReplicationGroup"]),
    ({"snapshot_window": "05:30-06:30", "snapshot_retention_days": 14}, ["ModifyReplicationGroup"]),
    ({"maintenance_window": "sat:05:00-sat:07:00"}, ["ModifyReplicationGroup"]),
    ({"log_delivery": {"slow-log": LOG_GROUPS["slow-log"]}}, ["ModifyReplicationGroup"]),
    ({"description": "Order books"}, ["ModifyReplicationGroup"]),
    ({"auto_minor_version_upgrade": False}, ["ModifyReplicationGroup"]),
    ({"multi_az": False, "automatic_failover": False}, ["ModifyReplicationGroup"]),
    ({"tags": {"Team": "data"}}, ["RemoveTagsFromResource", "AddTagsToResource"]),
    (
        {"num_cache_clusters": 5, "snapshot_retention_days": 1, "tags": {"Environment": "production", "a": "b"}},
        ["AddTagsToResource", "IncreaseReplicaCount", "ModifyReplicationGroup"],
    ),
]


@pytest.mark.parametrize(("change", "calls"), CHANGES)
def test_a_change_is_predicted_made_and_then_quiet(
    aws: EmulatorServer, asked: dict[str, Any], change: dict[str, Any], calls: list[str]
) -> None:
    run_module(main, asked)
    changed = {**asked, **change}
    predicted = run_module(main, changed, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert predicted["diff"]["before"] != predicted["diff"]["after"]
    made = run_module(main, changed)
    assert writes(made) == [f"elasticache.{call}" for call in calls]
    assert run_module(main, changed)["changed"] is False


def test_replicas_go_and_come(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    run_module(main, {**asked, "num_cache_clusters": 2})
    assert described(aws)["MemberClusters"] == [f"{NAME}-001", f"{NAME}-002"]
    run_module(main, {**asked, "num_cache_clusters": 1, "multi_az": False, "automatic_failover": False})
    assert described(aws)["MemberClusters"] == [f"{NAME}-001"]
    run_module(main, asked)
    assert len(described(aws)["MemberClusters"]) == 3
    assert described(aws)["MultiAZ"] == "enabled"


def test_a_disruptive_change_can_wait_for_the_maintenance_window(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    later = {**asked, "node_type": "cache.r6g.xlarge", "snapshot_retention_days": 5, "apply_immediately": False}
    result = run_module(main, later)
    assert writes(result) == ["elasticache.ModifyReplicationGroup"] * 2
    assert described(aws)["CacheNodeType"] == "cache.r6g.large"
    assert described(aws)["SnapshotRetentionLimit"] == 5
    assert node(aws)["PendingModifiedValues"]["CacheNodeType"] == "cache.r6g.xlarge"
    assert run_module(main, later)["changed"] is False


def test_an_upgrade_takes_its_parameter_group_along(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    aws.client("elasticache").create_cache_parameter_group(
        CacheParameterGroupName="valkey", CacheParameterGroupFamily="valkey8", Description="Valkey"
    )
    upgrade = {**asked, "engine": "valkey", "engine_version": "8.0", "parameter_group_name": "valkey"}
    assert writes(run_module(main, upgrade)) == ["elasticache.ModifyReplicationGroup"]
    assert (node(aws)["Engine"], node(aws)["EngineVersion"]) == ("valkey", "8.0.1")
    assert run_module(main, upgrade)["changed"] is False
    back = run_module(main, asked, check=True)
    assert "which AWS does not turn back into Redis" in back["msg"]


DRIFTS: list[dict[str, Any]] = [
    {"SnapshotRetentionLimit": 1},
    {"SnapshotWindow": "10:00-11:00"},
    {"PreferredMaintenanceWindow": "mon:10:00-mon:11:00"},
    {"CacheNodeType": "cache.r6g.xlarge"},
    {"CacheParameterGroupName": f"{NAME}-other"},
    {"AutoMinorVersionUpgrade": False},
    {"MultiAZEnabled": False},
    {"TransitEncryptionMode": "preferred"},
    {"ReplicationGroupDescription": "edited by hand"},
    {"LogDeliveryConfigurations": [{"LogType": "slow-log", "Enabled": False}]},
    {"NotificationTopicArn": "arn:aws:sns:us-east-1:123456789012:somewhere"},
]


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: next(iter(drift)))
def test_drift_is_repaired(aws: EmulatorServer, asked: dict[str, Any], drift: dict[str, Any]) -> None:
    run_module(main, asked)
    before = (described(aws), node(aws))
    values = {
        key: value.format(account=aws.account_id) if "arn:" in str(value) else value for key, value in drift.items()
    }
    aws.client("elasticache").modify_replication_group(ReplicationGroupId=NAME, ApplyImmediately=True, **values)
    assert run_module(main, asked, check=True)["changed"] is True
    assert run_module(main, asked)["changed"] is True
    after = (described(aws), node(aws))
    after[1].pop("NotificationConfiguration", None)
    assert after == before


def test_a_log_that_is_not_delivered_is_asked_for_again(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    logs = aws.client("logs")
    logs.delete_log_group(logGroupName=LOG_GROUPS["slow-log"])
    broken = [{"LogType": "slow-log", "DestinationType": "cloudwatch-logs", "LogFormat": "json"}]
    broken[0]["DestinationDetails"] = {"CloudWatchLogsDetails": {"LogGroup": LOG_GROUPS["slow-log"]}}  # type: ignore[assignment]
    aws.client("elasticache").modify_replication_group(ReplicationGroupId=NAME, LogDeliveryConfigurations=broken)
    logs.create_log_group(logGroupName=LOG_GROUPS["slow-log"])
    assert run_module(main, asked)["actions"] == ["update: log_delivery"]
    assert run_module(main, asked)["changed"] is False


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kms_key_arn": "arn:aws:kms:us-east-1:1:key/2"}, "kms_key_arn is"),
        ({"at_rest_encryption": False, "kms_key_arn": None}, "at_rest_encryption is True and was asked to be False"),
        ({"subnet_group_name": "other"}, "subnet_group_name is"),
        ({"port": 6380}, "port is 6379 and was asked to be 6380"),
        ({"engine_version": "7.0"}, "ElastiCache never goes back"),
        ({"engine_version": "6.2"}, "Put 7.1 in the inventory"),
        ({"transit_encryption_mode": "disabled", "auth_token": None}, "is not turned off here"),
    ],
)
def test_what_cannot_change_is_refused(
    aws: EmulatorServer, asked: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    run_module(main, asked)
    for check in (True, False):
        refused = run_module(main, {**asked, **change}, check=check)
        assert message in refused["msg"]
        assert writes(refused) == []


def test_encryption_in_transit_comes_in_two_steps(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    plain = {**asked, "transit_encryption_mode": "disabled", "auth_token": None}
    run_module(main, plain)
    refused = run_module(main, {**asked, "auth_token": None}, check=True)
    assert "set transit_encryption_mode to preferred" in refused["msg"]
    run_module(main, {**plain, "transit_encryption_mode": "preferred"})
    assert described(aws)["TransitEncryptionMode"] == "preferred"
    run_module(main, {**plain, "transit_encryption_mode": "required"})
    assert described(aws)["TransitEncryptionMode"] == "required"


def test_another_token_changes_nothing_unless_a_strategy_is_given(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    result = run_module(main, {**asked, "auth_token": OTHER})
    assert result["changed"] is False
    assert any("another AUTH token than the one given" in json.dumps(one) for one in result["warnings"])
    assert OTHER not in json.dumps(result)


def test_a_token_is_rotated_and_then_set(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    old = run_module(main, asked)[KEY]["auth_token_fingerprint"]
    new = {**asked, "auth_token": OTHER}
    early = run_module(main, {**new, "auth_token_update_strategy": "set"}, check=True)
    assert "SET would lock out every client" in early["msg"]
    rotate = {**new, "auth_token_update_strategy": "rotate"}
    assert run_module(main, rotate, check=True)["changed"] is True
    rotated = run_module(main, rotate)
    assert writes(rotated) == ["elasticache.ModifyReplicationGroup", "elasticache.AddTagsToResource"]
    assert rotated[KEY]["auth_token_fingerprint"].endswith(f"+{old}")
    assert run_module(main, rotate)["changed"] is False
    done = run_module(main, {**new, "auth_token_update_strategy": "set"})
    assert done[KEY]["auth_token_fingerprint"] == rotated[KEY]["auth_token_fingerprint"].split("+")[0]
    assert run_module(main, {**new, "auth_token_update_strategy": "set"})["changed"] is False
    quiet = run_module(main, new)
    assert (quiet["changed"], quiet.get("warnings", [])) == (False, [])
    for result in (rotated, done, quiet):
        assert OTHER not in json.dumps(result)


def test_a_group_can_be_filled_from_a_snapshot(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    gone = run_module(main, {"name": NAME, "state": "absent", "final_snapshot_name": "last", "wait": True})
    assert writes(gone) == ["elasticache.DeleteReplicationGroup"]
    assert run_module(main, {**asked, "snapshot_name": "last"})["changed"] is True
    assert run_module(main, {**asked, "snapshot_name": "last"})["changed"] is False


def test_delete_is_predicted_made_and_then_quiet(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    gone = {"name": NAME, "state": "absent", "wait": True}
    predicted = run_module(main, gone, check=True)
    assert (predicted["actions"], writes(predicted)) == (["delete"], [])
    assert run_module(main, gone)["changed"] is True
    assert aws.client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
    assert run_module(main, gone)["changed"] is False


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "a" * 41}, "1 to 40 letters"),
        ({"name": "a--b"}, "single hyphens"),
        ({"num_cache_clusters": 7}, "not 1 to 6"),
        ({"num_cache_clusters": 1}, "automatic_failover needs num_cache_clusters"),
        ({"automatic_failover": False}, "multi_az needs automatic_failover"),
        ({"engine_version": "7.1.0"}, "is not major.minor"),
        ({"snapshot_window": "03:00-03:30"}, "shorter than 60 minutes"),
        ({"maintenance_window": "sun:03:30-sun:04:30"}, "overlap"),
        ({"maintenance_window": "Sunday"}, "is not ddd:HH:MM"),
        ({"auth_token": "short"}, "has 5 characters"),
        ({"auth_token": "x" * 31 + "@"}, "has characters that ElastiCache does not take"),
        ({"transit_encryption_mode": "disabled"}, "auth_token needs encryption in transit"),
        ({"log_delivery": {"audit-log": "x"}}, "audit-log is not one of"),
        ({"snapshot_name": "a", "snapshot_arns": ["arn:aws:s3:::b/c"]}, "cannot be given together"),
    ],
)
def test_what_elasticache_would_refuse_is_refused_before_it_is_asked(
    aws: EmulatorServer, wrong: dict[str, Any], message: str
) -> None:
    asked = {
        "name": NAME,
        "node_type": "cache.r6g.large",
        "subnet_group_name": NAME,
        "num_cache_clusters": 3,
        "automatic_failover": True,
        "multi_az": True,
        "auth_token": TOKEN,
        "snapshot_window": "03:00-04:00",
    }
    refused = run_module(main, {**asked, **wrong}, check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_an_api_error_names_the_group(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    result = run_module(main, asked, fail={"elasticache.DescribeReplicationGroups": "AccessDenied"})
    assert f"replication group {NAME}" in result["msg"]
