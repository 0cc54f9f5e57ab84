"""plugins/modules/secrets_manager_secret.py against the embedded AWS."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("secrets_manager_secret").main
info = load("secrets_manager_secret_info").main
NAME = "production-trading-engine/database"
TAGS = {"Environment": "production", "ManagedBy": "ansible"}
WEST = "us-west-2"
TLS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "RefuseRequestsWithoutTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}


def key(aws: EmulatorServer, region: str = "us-east-1") -> str:
    return str(aws.client("kms", region).create_key()["KeyMetadata"]["Arn"])


def arguments(**changed: Any) -> dict[str, Any]:
    return {
        "name": NAME,
        "description": "Master user of the database",
        "fields": {"username": "trading_admin", "engine": "postgres", "port": 5432},
        "generate": {"password": {"kind": "alphanumeric", "length": 40}},
        "policy": TLS,
        "tags": TAGS,
        **changed,
    }


def value(aws: EmulatorServer, region: str = "us-east-1", name: str = NAME) -> dict[str, Any]:
    text = aws.client("secretsmanager", region).get_secret_value(SecretId=name)["SecretString"]
    content: dict[str, Any] = json.loads(text)
    return content


def put(aws: EmulatorServer, content: dict[str, Any]) -> None:
    aws.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString=json.dumps(content))


def test_check_mode_on_an_empty_account_makes_and_shows_nothing(aws: EmulatorServer) -> None:
    replicas = {WEST: "arn:aws:kms:us-west-2:000000000000:key/mrk-planned"}
    result = run_module(main, arguments(replicas=replicas, kms_key_id="arn:aws:kms:x:1:key/mrk-planned"), check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["secrets_manager_secret"]["arn"].endswith(f"secret:{NAME}-planned")
    assert result["diff"]["after"]["generated"] == ["password"]
    assert "password" not in result["secrets_manager_secret"]["fields"]


def test_create_generates_the_value_and_tells_nobody(aws: EmulatorServer) -> None:
    own, west = key(aws), key(aws, WEST)
    result = run_module(main, arguments(kms_key_id=own, replicas={WEST: west}))
    assert writes(result) == ["secretsmanager.CreateSecret", "secretsmanager.PutResourcePolicy"]
    held = value(aws)
    assert {name: held[name] for name in ("username", "engine", "port")} == arguments()["fields"]
    assert len(held["password"]) == 40
    assert held["password"].isalnum()
    assert held["password"] not in json.dumps(result)
    described = aws.client("secretsmanager").describe_secret(SecretId=NAME)
    assert described["KmsKeyId"] == own
    assert [(one["Region"], one["KmsKeyId"], one["Status"]) for one in described["ReplicationStatus"]] == [
        (WEST, west, "InSync")
    ]
    assert {one["Key"]: one["Value"] for one in described["Tags"]} == TAGS
    assert value(aws, WEST) == held
    assert aws.client("secretsmanager", WEST).describe_secret(SecretId=NAME)["KmsKeyId"] == west


@pytest.mark.parametrize("check", [False, True])
def test_the_same_again_is_quiet_and_the_value_stays(aws: EmulatorServer, check: bool) -> None:
    run_module(main, arguments())
    held = value(aws)
    again = run_module(main, arguments(), check=check)
    assert again["changed"] is False
    assert held["password"] not in json.dumps(again)
    assert value(aws) == held


def test_a_secret_without_fields_is_not_read(aws: EmulatorServer) -> None:
    asked = arguments(fields={}, generate={"api_key": {"kind": "placeholder", "length": 16}})
    run_module(main, asked)
    assert value(aws)["api_key"].startswith("placeholder-")
    put(aws, {"api_key": "set-by-a-person"})
    again = run_module(main, asked)
    assert again["changed"] is False
    assert "secretsmanager.GetSecretValue" not in again["api_calls"]
    assert value(aws) == {"api_key": "set-by-a-person"}


def test_a_rotated_value_is_not_undone(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    rotated = {**value(aws), "password": "rotated-meanwhile"}
    put(aws, rotated)
    assert run_module(main, arguments())["changed"] is False
    result = run_module(main, {"name": NAME, "fields": {"host": "db.example"}})
    assert writes(result) == ["secretsmanager.PutSecretValue"]
    assert value(aws) == {**rotated, "host": "db.example"}
    assert "rotated-meanwhile" not in json.dumps(result)


def test_the_second_entry_point_leaves_all_else_alone(aws: EmulatorServer) -> None:
    run_module(main, arguments(kms_key_id=key(aws), replicas={WEST: key(aws, WEST)}))
    before = aws.client("secretsmanager").describe_secret(SecretId=NAME)
    assert run_module(main, {"name": NAME, "fields": {"host": "db.example"}})["changed"] is True
    assert run_module(main, {"name": NAME, "fields": {"host": "db.example"}})["changed"] is False
    after = aws.client("secretsmanager").describe_secret(SecretId=NAME)
    for field in ("Description", "KmsKeyId", "Tags", "ReplicationStatus"):
        assert after[field] == before[field]
    assert value(aws, WEST)["host"] == "db.example"
    assert run_module(main, arguments())["changed"] is False, "the first entry point does not know of the host"


def test_check_of_a_change_shows_the_field_and_no_secret(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    changed = arguments(fields={**arguments()["fields"], "port": 5433}, description="Database")
    result = run_module(main, changed, check=True)
    assert result["actions"] == ["update: description, fields"]
    assert result["diff"]["before"]["fields"]["port"] == 5432
    assert result["diff"]["after"]["fields"]["port"] == 5433
    assert value(aws)["password"] not in json.dumps(result)
    assert writes(result) == []


def test_drift_is_repaired(aws: EmulatorServer) -> None:
    own, west = key(aws), key(aws, WEST)
    asked = arguments(kms_key_id=own, replicas={WEST: west})
    run_module(main, asked)
    held = value(aws)
    client = aws.client("secretsmanager")
    client.update_secret(SecretId=NAME, Description="changed by hand", KmsKeyId=key(aws))
    client.remove_regions_from_replication(SecretId=NAME, RemoveReplicaRegions=[WEST])
    client.delete_resource_policy(SecretId=NAME)
    client.untag_resource(SecretId=NAME, TagKeys=["Environment"])
    client.tag_resource(SecretId=NAME, Tags=[{"Key": "stray", "Value": "1"}])
    put(aws, {**held, "username": "somebody", "host": "db.example"})
    result = run_module(main, asked)
    assert result["actions"] == ["update: description, fields, kms_key_id, policy, replicas, tags"]
    assert value(aws) == {**held, "host": "db.example"}
    assert run_module(main, asked)["changed"] is False


def test_a_generated_key_that_got_lost_is_generated_anew(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    put(aws, arguments()["fields"])
    assert run_module(main, arguments())["actions"] == ["update: generated"]
    assert len(value(aws)["password"]) == 40


def test_a_replica_with_another_key_is_made_anew(aws: EmulatorServer) -> None:
    run_module(main, arguments(replicas={WEST: key(aws, WEST)}))
    result = run_module(main, arguments(replicas={WEST: key(aws, WEST)}))
    assert writes(result) == ["secretsmanager.RemoveRegionsFromReplication", "secretsmanager.ReplicateSecretToRegions"]


def test_a_replica_that_fails_is_an_error(aws: EmulatorServer) -> None:
    failed = run_module(main, arguments(replicas={WEST: key(aws)}))
    assert f"its replica in {WEST} failed: Failed: Replication failed: The KMS key is not accessible" in failed["msg"]


def test_no_value_is_written_while_a_rotation_is_under_way(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    pending = {"SecretId": NAME, "ClientRequestToken": "1" * 32, "VersionStages": ["AWSPENDING"]}
    aws.client("secretsmanager").put_secret_value(SecretString="{}", **pending)
    failed = run_module(main, arguments(fields={**arguments()["fields"], "host": "x"}))
    assert "a rotation is under way" in failed["msg"]
    assert run_module(main, arguments())["changed"] is False


def test_a_value_that_is_no_json_is_named_and_not_shown(aws: EmulatorServer) -> None:
    aws.client("secretsmanager").create_secret(Name=NAME, SecretString="hunter2")
    failed = run_module(main, arguments())
    assert "its value is no JSON object" in failed["msg"]
    assert "hunter2" not in json.dumps(failed)


def test_deletion_and_restoration(aws: EmulatorServer) -> None:
    asked = arguments(replicas={WEST: key(aws, WEST)})
    run_module(main, asked)
    held = value(aws)
    absent = {"name": NAME, "state": "absent", "recovery_window_days": 30, "wait_timeout": 5}
    assert writes(run_module(main, absent, check=True)) == []
    gone = run_module(main, absent)
    assert writes(gone) == ["secretsmanager.RemoveRegionsFromReplication", "secretsmanager.DeleteSecret"]
    assert run_module(main, absent)["changed"] is False
    planned = run_module(main, asked, check=True)
    assert (planned["changed"], writes(planned)) == (True, [])
    back = run_module(main, asked)
    assert writes(back) == ["secretsmanager.RestoreSecret", "secretsmanager.ReplicateSecretToRegions"]
    assert value(aws) == held
    assert run_module(main, asked)["changed"] is False


def test_killed_before_the_policy_was_put(aws: EmulatorServer) -> None:
    run_module(main, arguments(), fail={"secretsmanager.PutResourcePolicy": "ForTheTest"})
    held = value(aws)
    assert writes(run_module(main, arguments())) == ["secretsmanager.PutResourcePolicy"]
    assert value(aws) == held


def test_a_public_policy_is_refused(aws: EmulatorServer) -> None:
    public = {"Version": "2012-10-17", "Statement": [{**TLS["Statement"][0], "Effect": "Allow", "Condition": {}}]}
    assert "broad access" in run_module(main, arguments(policy=public))["msg"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"generate": {"password": {"kind": "dice", "length": 40}}}, "no kind 'dice'"),
        ({"generate": {"password": {"kind": "hex"}}}, "needs kind and length"),
        ({"generate": {"password": {"kind": "hex", "length": 7}}}, "no number from 8 on"),
        ({"generate": {"username": {"kind": "hex", "length": 8}}}, "fields and generate both have username"),
    ],
)
def test_arguments_that_cannot_be(aws: EmulatorServer, changed: dict[str, Any], message: str) -> None:
    assert message in run_module(main, arguments(**changed))["msg"]


def test_info_finds_replicas_and_reads_no_value(aws: EmulatorServer) -> None:
    run_module(main, arguments(replicas={WEST: key(aws, WEST)}))
    result = run_module(info, {"names": [NAME, "nobody"], "region": WEST})
    assert list(result["secrets"]) == [NAME]
    assert result["secrets"][NAME]["primary_region"] == "us-east-1"
    assert result["secrets"][NAME]["arn"].startswith("arn:aws:secretsmanager:us-west-2:")
    assert set(result["api_calls"]) == {"secretsmanager.DescribeSecret"}
    failed = run_module(main, arguments(region=WEST))
    assert "is a replica of the one in us-east-1" in failed["msg"]


def test_the_key_of_secrets_manager_can_be_asked_for(aws: EmulatorServer) -> None:
    """By its alias, which AWS leaves out of its answers."""
    own = "alias/aws/secretsmanager"
    asked = arguments(kms_key_id=own, replicas={WEST: own})
    made = run_module(main, asked)["secrets_manager_secret"]
    assert (made["kms_key_id"], made["replicas"]) == (own, {WEST: own})
    for region in ("us-east-1", WEST):
        assert "KmsKeyId" not in aws.client("secretsmanager", region).describe_secret(SecretId=NAME)
    again = run_module(main, asked)
    assert (again["changed"], writes(again)) == (False, [])
    other = {"kms_key_id": key(aws), "replicas": {WEST: key(aws, WEST)}}
    assert run_module(main, arguments(**other))["actions"] == ["update: kms_key_id, replicas"]
    assert run_module(main, asked)["actions"] == ["update: kms_key_id, replicas"]
    assert run_module(main, asked)["changed"] is False
