"""plugins/modules/kms_key.py against the embedded AWS."""

import json
import time
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("kms_key").main
ALIAS = "production/trading-engine/rds"
TAGS = {"Environment": "production", "ManagedBy": "ansible"}


def policy(account_id: str, *actions: str) -> dict[str, Any]:
    """Let the account administer the key, and a service use it."""
    root = {"AWS": f"arn:aws:iam::{account_id}:root"}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Administration", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                "Action": list(actions) or ["kms:Encrypt*", "kms:Decrypt*"],
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": True}},
            },
        ],
    }


def arguments(**changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    return {"alias": ALIAS, "description": "PostgreSQL", "tags": TAGS, **changed}


def key_behind_alias(aws: EmulatorServer, alias: str = ALIAS) -> dict[str, Any]:
    """Describe the key as KMS sees it."""
    return aws.client("kms").describe_key(KeyId=f"alias/{alias}")["KeyMetadata"]


def tags_of(aws: EmulatorServer, key_id: str) -> dict[str, str]:
    """Give a key's tags as KMS sees them."""
    return {tag["TagKey"]: tag["TagValue"] for tag in aws.client("kms").list_resource_tags(KeyId=key_id)["Tags"]}


def test_check_mode_on_an_empty_account_promises_a_stand_in(aws: EmulatorServer) -> None:
    result = run_module(main, arguments(multi_region=True), check=True)
    assert result["changed"] is True
    assert result["actions"] == ["create"]
    assert result["kms_key"]["key_arn"].endswith(":key/mrk-planned")
    assert result["kms_key"]["rotation_period_days"] == 365
    assert result["diff"]["before"] == {}
    assert result["diff"]["after"]["tags"] == {**TAGS, "Name": ALIAS}
    assert writes(result) == []
    assert aws.client("kms").list_keys()["Keys"] == []


def test_create_makes_the_key_with_everything_asked_for(aws: EmulatorServer) -> None:
    asked = policy(aws.account_id)
    result = run_module(main, arguments(policy=asked, multi_region=True, rotation_period_days=180))
    key = key_behind_alias(aws)
    assert result["changed"] is True
    assert result["kms_key"]["key_arn"] == key["Arn"]
    assert key["MultiRegion"] is True
    assert key["Description"] == "PostgreSQL"
    rotation = aws.client("kms").get_key_rotation_status(KeyId=key["KeyId"])
    assert (rotation["KeyRotationEnabled"], rotation["RotationPeriodInDays"]) == (True, 180)
    assert tags_of(aws, key["KeyId"]) == {**TAGS, "Name": ALIAS}
    assert (
        json.loads(aws.client("kms").get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])["Statement"][
            1
        ]["Sid"]
        == "Logs"
    )
    assert writes(result) == ["kms.CreateKey", "kms.CreateAlias", "kms.EnableKeyRotation"]


def test_the_same_again_changes_nothing_and_asks_four_times(aws: EmulatorServer) -> None:
    asked = arguments(policy=policy(aws.account_id))
    run_module(main, asked)
    for check in (False, True):
        again = run_module(main, asked, check=check)
        assert again["changed"] is False
        assert "diff" not in again
        assert len(again["api_calls"]) == 4


def test_a_policy_that_means_the_same_is_no_change(aws: EmulatorServer) -> None:
    run_module(main, arguments(policy=policy(aws.account_id)))
    same = policy(aws.account_id, "kms:Decrypt*", "kms:Encrypt*")
    same["Statement"].reverse()
    same["Statement"][1]["Principal"] = {"AWS": [aws.account_id]}
    same["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
    assert run_module(main, arguments(policy=same))["changed"] is False


def test_check_of_a_change_shows_it_and_writes_nothing(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    result = run_module(main, arguments(description="Backups", rotation_period_days=None), check=True)
    assert result["changed"] is True
    assert result["diff"]["before"]["description"] == "PostgreSQL"
    assert result["diff"]["after"]["description"] == "Backups"
    assert result["diff"]["before"]["rotation_period_days"] == 365
    assert result["diff"]["after"]["rotation_period_days"] is None
    assert writes(result) == []


def test_a_change_is_made_with_only_the_calls_it_needs(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    result = run_module(main, arguments(description="Backups", tags={"Team": "data"}))
    assert writes(result) == ["kms.UpdateKeyDescription", "kms.UntagResource", "kms.TagResource"]
    assert key_behind_alias(aws)["Description"] == "Backups"
    assert tags_of(aws, result["kms_key"]["key_id"]) == {"Team": "data", "Name": ALIAS}


def test_tags_are_kept_without_purge(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    result = run_module(main, arguments(tags={"Team": "data"}, purge_tags=False))
    assert tags_of(aws, result["kms_key"]["key_id"]) == {**TAGS, "Team": "data", "Name": ALIAS}


@pytest.mark.parametrize("drift", ["rotation off", "rotation period", "disabled", "description", "policy", "tags"])
def test_drift_is_repaired(aws: EmulatorServer, drift: str) -> None:
    asked = arguments(policy=policy(aws.account_id))
    kms = aws.client("kms")
    key_id = run_module(main, asked)["kms_key"]["key_id"]
    before = kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    if drift == "rotation off":
        kms.disable_key_rotation(KeyId=key_id)
    elif drift == "rotation period":
        kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=2560)
    elif drift == "disabled":
        kms.disable_key(KeyId=key_id)
    elif drift == "description":
        kms.update_key_description(KeyId=key_id, Description="edited by hand")
    elif drift == "policy":
        kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(policy(aws.account_id, "kms:*")))
    else:
        kms.untag_resource(KeyId=key_id, TagKeys=["Environment"])
    assert run_module(main, asked, check=True)["changed"] is True
    assert run_module(main, asked)["changed"] is True
    assert run_module(main, asked)["changed"] is False
    rotation = kms.get_key_rotation_status(KeyId=key_id)
    assert (rotation["KeyRotationEnabled"], rotation["RotationPeriodInDays"]) == (True, 365)
    assert key_behind_alias(aws)["KeyState"] == "Enabled"
    assert key_behind_alias(aws)["Description"] == "PostgreSQL"
    assert json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]) == json.loads(before)
    assert tags_of(aws, key_id) == {**TAGS, "Name": ALIAS}


def test_a_disabled_key_is_made_and_kept_so(aws: EmulatorServer) -> None:
    run_module(main, arguments(enabled=False))
    assert key_behind_alias(aws)["KeyState"] == "Disabled"
    assert run_module(main, arguments(enabled=False))["changed"] is False
    refused = run_module(main, arguments(enabled=False, rotation_period_days=90), check=True)
    assert "changes the rotation of enabled keys only" in refused["msg"]


def test_a_run_cut_off_before_the_alias_leaves_no_second_key(aws: EmulatorServer) -> None:
    cut_off = run_module(main, arguments(), fail={"kms.CreateAlias": "AccessDeniedException"})
    assert cut_off["failed"] is True
    orphan = aws.client("kms").list_keys()["Keys"][0]["KeyId"]
    predicted = run_module(main, arguments(), check=True)
    assert predicted["kms_key"]["key_id"] == orphan
    result = run_module(main, arguments())
    assert result["kms_key"]["key_id"] == orphan
    assert len(aws.client("kms").list_keys()["Keys"]) == 1
    assert key_behind_alias(aws)["KeyId"] == orphan
    assert run_module(main, arguments())["changed"] is False


def test_a_key_on_its_way_out_is_not_adopted_by_its_tag(aws: EmulatorServer) -> None:
    first = run_module(main, arguments())["kms_key"]["key_id"]
    run_module(main, arguments(state="absent"))
    second = run_module(main, arguments())["kms_key"]["key_id"]
    assert second != first
    assert key_behind_alias(aws)["KeyId"] == second


def test_delete_schedules_and_takes_the_alias_away(aws: EmulatorServer) -> None:
    key_id = run_module(main, arguments())["kms_key"]["key_id"]
    gone = arguments(state="absent", pending_window_days=7)
    predicted = run_module(main, gone, check=True)
    assert (predicted["changed"], predicted["actions"], writes(predicted)) == (True, ["delete"], [])
    result = run_module(main, gone)
    assert writes(result) == ["kms.ScheduleKeyDeletion", "kms.DeleteAlias"]
    assert result["kms_key"] == {}
    key = aws.client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"
    assert 6 <= (key["DeletionDate"].timestamp() - time.time()) / 86400 <= 7
    assert tags_of(aws, key_id)["Name"] == ALIAS
    assert run_module(main, gone)["changed"] is False


def test_delete_cut_off_before_the_alias_is_finished_by_the_next(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    run_module(main, arguments(state="absent"), fail={"kms.DeleteAlias": "AccessDeniedException"})
    result = run_module(main, arguments(state="absent"))
    assert writes(result) == ["kms.DeleteAlias"]
    assert ALIAS not in str(aws.client("kms").list_aliases()["Aliases"])


def test_a_key_scheduled_for_deletion_stops_the_run_or_is_saved(aws: EmulatorServer) -> None:
    key_id = run_module(main, arguments())["kms_key"]["key_id"]
    aws.client("kms").schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    for check in (True, False):
        refused = run_module(main, arguments(), check=check)
        assert refused["failed"] is True
        assert "scheduled for deletion on" in refused["msg"]
        assert "cancel_deletion: true" in refused["msg"]
        assert writes(refused) == []
    saved = run_module(main, arguments(cancel_deletion=True))
    assert writes(saved)[:2] == ["kms.CancelKeyDeletion", "kms.EnableKey"]
    assert key_behind_alias(aws)["KeyState"] == "Enabled"
    assert run_module(main, arguments())["changed"] is False


def test_multi_region_cannot_be_changed(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    refused = run_module(main, arguments(multi_region=True), check=True)
    assert "multi_region is False and was asked to be True" in refused["msg"]


def test_a_policy_that_names_a_role_not_visible_yet_is_tried_again(
    aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    result = run_module(main, arguments(), fail={"kms.CreateKey": "MalformedPolicyDocumentException"})
    assert result["failed"] is True
    assert len(pauses) == 15
    assert sum(pauses) < 110


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"alias": "alias/x"}, "not begin with 'alias/'"),
        ({"alias": "aws/rds"}, "not begin with 'alias/'"),
        ({"rotation_period_days": 30}, "not a whole number between 90 and 2560"),
        ({"pending_window_days": 3}, "not between 7 and 30"),
    ],
)
def test_what_kms_would_refuse_is_refused_before_it_is_asked(
    aws: EmulatorServer, wrong: dict[str, Any], message: str
) -> None:
    refused = run_module(main, arguments(**wrong), check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_an_api_error_names_the_key(aws: EmulatorServer) -> None:
    result = run_module(main, arguments(), fail={"kms.DescribeKey": "AccessDeniedException"})
    assert result["failed"] is True
    assert f"KMS key {ALIAS}" in result["msg"]
    assert result["error"]["code"] == "AccessDeniedException"
