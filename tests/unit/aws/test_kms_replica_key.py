"""plugins/modules/kms_replica_key.py against the embedded AWS."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws import engine
from trading_platform.aws.kms_replica_key import KmsReplicaKey
from trading_platform.emulator.testing import EmulatorServer

main = load("kms_replica_key").main
kms_key = load("kms_key").main
ALIAS = "production/trading-engine/rds"
HERE = "us-west-2"
TAGS = {"Environment": "production"}


def primary(aws: EmulatorServer, alias: str = ALIAS) -> str:
    """Make a primary in us-east-1 and give its ARN."""
    arn: str = run_module(kms_key, {"alias": alias, "multi_region": True})["kms_key"]["key_arn"]
    return arn


def arguments(arn: str, **changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    return {"alias": ALIAS, "primary_key_arn": arn, "description": "copy", "tags": TAGS, "region": HERE, **changed}


def policy(account_id: str, action: str = "kms:*") -> dict[str, Any]:
    """Let the account administer the key."""
    root = {"AWS": f"arn:aws:iam::{account_id}:root"}
    statements = [{"Sid": "Administration", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}]
    if action != "kms:*":
        statements.append({**statements[0], "Sid": "More", "Action": action})
    return {"Version": "2012-10-17", "Statement": statements}


def key_behind_alias(aws: EmulatorServer) -> dict[str, Any]:
    """Describe the replica as KMS sees it."""
    key: dict[str, Any] = aws.client("kms", HERE).describe_key(KeyId=f"alias/{ALIAS}")["KeyMetadata"]
    return key


def tags_of(aws: EmulatorServer, key_id: str) -> dict[str, str]:
    """Give the replica's tags as KMS sees them."""
    answer = aws.client("kms", HERE).list_resource_tags(KeyId=key_id)
    return {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]}


def test_check_mode_before_the_primary_exists_asks_aws_nothing(aws: EmulatorServer) -> None:
    planned = run_module(kms_key, {"alias": ALIAS, "multi_region": True}, check=True)["kms_key"]["key_arn"]
    result = run_module(main, arguments(planned), check=True)
    assert result["changed"] is True
    assert result["api_calls"] == []
    assert result["kms_replica_key"]["key_arn"].startswith(f"arn:aws:kms:{HERE}:")
    assert result["kms_replica_key"]["key_arn"].endswith(":key/mrk-planned")


def test_a_stand_in_is_refused_outside_check_mode(aws: EmulatorServer) -> None:
    refused = run_module(main, arguments("arn:aws:kms:us-east-1:000000000000:key/mrk-planned"))
    assert "id of a dry run" in refused["msg"]


def test_check_mode_foretells_the_arn(aws: EmulatorServer) -> None:
    arn = primary(aws)
    predicted = run_module(main, arguments(arn), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert run_module(main, arguments(arn))["kms_replica_key"]["key_arn"] == predicted["kms_replica_key"]["key_arn"]


def test_create_makes_the_replica_with_everything_asked_for(aws: EmulatorServer) -> None:
    arn = primary(aws)
    asked = policy(aws.account_id, "kms:Decrypt")
    result = run_module(main, arguments(arn, policy=asked))
    key = key_behind_alias(aws)
    assert result["changed"] is True
    assert writes(result) == ["kms.ReplicateKey", "kms.CreateAlias"]
    assert key["Arn"] == arn.replace("us-east-1", HERE) == result["kms_replica_key"]["key_arn"]
    assert key["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    assert result["kms_replica_key"]["primary_key_arn"] == arn
    assert key["Description"] == "copy"
    assert tags_of(aws, key["KeyId"]) == {**TAGS, "Name": ALIAS}
    text = aws.client("kms", HERE).get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    assert [statement["Sid"] for statement in json.loads(text)["Statement"]] == ["Administration", "More"]


def test_the_same_again_changes_nothing_and_asks_three_times(aws: EmulatorServer) -> None:
    arn = primary(aws)
    run_module(main, arguments(arn))
    for check in (False, True):
        again = run_module(main, arguments(arn), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 3)


def test_it_waits_until_kms_has_made_the_key(aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = primary(aws)
    seen: list[str] = []

    def state_of(key: KmsReplicaKey, metadata: dict[str, Any], alias: str | None) -> dict[str, Any]:
        seen.append("Creating" if len(seen) < 3 else metadata["KeyState"])
        return original(key, {**metadata, "KeyState": seen[-1]}, alias)

    original = KmsReplicaKey.state_of
    monkeypatch.setattr(KmsReplicaKey, "state_of", state_of)
    monkeypatch.setattr(engine.time, "sleep", lambda seconds: None)
    result = run_module(main, arguments(arn))
    assert seen[:3] == ["Creating"] * 3
    assert result["kms_replica_key"]["key_state"] == "Enabled"


def test_check_of_a_change_then_the_change(aws: EmulatorServer) -> None:
    arn = primary(aws)
    run_module(main, arguments(arn))
    shown = run_module(main, arguments(arn, description="other", tags={}), check=True)
    assert (shown["actions"], writes(shown)) == (["update: description, tags"], [])
    result = run_module(main, arguments(arn, description="other", tags={}))
    assert writes(result) == ["kms.UpdateKeyDescription", "kms.UntagResource"]
    assert key_behind_alias(aws)["Description"] == "other"


@pytest.mark.parametrize("drift", ["disabled", "policy", "tags"])
def test_drift_is_repaired(aws: EmulatorServer, drift: str) -> None:
    asked = arguments(primary(aws), policy=policy(aws.account_id))
    kms = aws.client("kms", HERE)
    made = run_module(main, asked)["kms_replica_key"]
    if drift == "disabled":
        kms.disable_key(KeyId=made["key_id"])
    elif drift == "policy":
        edited = json.dumps(policy(aws.account_id, "kms:Encrypt"))
        kms.put_key_policy(KeyId=made["key_id"], PolicyName="default", Policy=edited)
    else:
        kms.tag_resource(KeyId=made["key_id"], Tags=[{"TagKey": "Environment", "TagValue": "staging"}])
    assert run_module(main, asked, check=True)["changed"] is True
    assert run_module(main, asked)["kms_replica_key"] == made
    assert run_module(main, asked)["changed"] is False


def test_a_run_cut_off_before_the_alias_is_finished_by_the_next(aws: EmulatorServer) -> None:
    arn = primary(aws)
    run_module(main, arguments(arn), fail={"kms.CreateAlias": "AccessDeniedException"})
    result = run_module(main, arguments(arn))
    assert writes(result) == ["kms.CreateAlias"]
    assert key_behind_alias(aws)["KeyId"] == result["kms_replica_key"]["key_id"]
    assert run_module(main, arguments(arn))["changed"] is False


def test_an_alias_of_another_key_is_refused(aws: EmulatorServer) -> None:
    arn = primary(aws)
    run_module(kms_key, {"alias": ALIAS, "region": HERE})
    for check in (True, False):
        refused = run_module(main, arguments(arn), check=check)
        assert "which is no replica of" in refused["msg"]
        assert writes(refused) == []


def test_kms_key_refuses_to_manage_a_replica(aws: EmulatorServer) -> None:
    run_module(main, arguments(primary(aws)))
    refused = run_module(kms_key, {"alias": ALIAS, "multi_region": True, "region": HERE})
    assert "leads to a replica of" in refused["msg"]


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("arn:aws:kms:us-west-2:123456789012:key/mrk-1", "lives in another region"),
        ("arn:aws:kms:us-east-1:123456789012:key/1234", "is not the ARN of a multi-Region key"),
        ("mrk-1", "is not the ARN of a multi-Region key"),
    ],
)
def test_a_primary_that_cannot_be_one_is_refused(aws: EmulatorServer, arn: str, message: str) -> None:
    refused = run_module(main, arguments(arn), check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    arn = primary(aws)
    key_id = run_module(main, arguments(arn))["kms_replica_key"]["key_id"]
    gone = arguments(arn, state="absent", pending_window_days=7)
    predicted = run_module(main, gone, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert writes(run_module(main, gone)) == ["kms.ScheduleKeyDeletion", "kms.DeleteAlias"]
    assert aws.client("kms", HERE).describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert run_module(main, gone)["changed"] is False


def test_a_replica_scheduled_for_deletion_stops_the_run_or_is_saved(aws: EmulatorServer) -> None:
    arn = primary(aws)
    run_module(main, arguments(arn))
    run_module(main, arguments(arn, state="absent"))
    refused = run_module(main, arguments(arn))
    assert "scheduled for deletion" in refused["msg"]
    saved = run_module(main, arguments(arn, cancel_deletion=True))
    assert writes(saved) == ["kms.CancelKeyDeletion", "kms.EnableKey", "kms.CreateAlias"]
    assert run_module(main, arguments(arn))["changed"] is False


def test_an_api_error_names_the_key(aws: EmulatorServer) -> None:
    result = run_module(main, arguments(primary(aws)), fail={"kms.ReplicateKey": "AccessDeniedException"})
    assert f"KMS replica key {ALIAS}" in result["msg"]
    assert result["error"]["code"] == "AccessDeniedException"


def test_an_existing_replica_is_managed_without_word_of_its_primary(aws: EmulatorServer) -> None:
    """As after the loss of the primary's region."""
    assert run_module(main, arguments(primary(aws)))["changed"] is True
    alone = arguments("")
    again = run_module(main, alone)
    assert (again["changed"], writes(again)) == (False, [])
    assert run_module(main, {**alone, "description": "changed"})["changed"] is True
    assert key_behind_alias(aws)["Description"] == "changed"


def test_without_a_replica_the_primary_must_be_named(aws: EmulatorServer) -> None:
    result = run_module(main, arguments(""), check=True)
    assert result["failed"] is True
    assert "primary_key_arn must say which key to replicate" in result["msg"]
