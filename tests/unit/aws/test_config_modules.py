"""plugins/modules/config_*.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from audit import BUCKET, config_policy, make_role, put_policy
from trading_platform.emulator.testing import EmulatorServer

main = load("config_recording").main
rules_main = load("config_managed_rules").main
TAGS = {"Environment": "production"}
NAME = "production-trading-engine"


def asked(aws: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Make what the recording needs and give its arguments."""
    aws.client("s3").create_bucket(Bucket=BUCKET)
    put_policy(aws, config_policy(aws.account_id))
    role = make_role(aws, "config", "config.amazonaws.com")
    return {"name": NAME, "role_arn": role, "bucket": BUCKET, "global_resource_types": True, "tags": TAGS, **changed}


PARAMETERS = {"MinimumPasswordLength": 14, "RequireSymbols": True}
PASSWORDS = {"name": "passwords", "identifier": "IAM_PASSWORD_POLICY", "parameters": PARAMETERS}
VOLUMES = {"name": "volumes", "identifier": "ENCRYPTED_VOLUMES"}


def rules(*which: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Give the arguments of rules."""
    return {"rules": list(which or (PASSWORDS, VOLUMES)), "tags": TAGS, **changed}


def held(aws: EmulatorServer) -> dict[str, dict[str, Any]]:
    """Give the rules that the API has, by name."""
    pages = aws.client("config").get_paginator("describe_config_rules").paginate()
    return {rule["ConfigRuleName"]: rule for page in pages for rule in page["ConfigRules"]}


def test_recording_check_create_and_again(aws: EmulatorServer) -> None:
    want = asked(aws)
    predicted = run_module(main, want, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(main, want)
    assert writes(made) == [
        "config.PutConfigurationRecorder",
        "config.PutDeliveryChannel",
        "config.StartConfigurationRecorder",
    ]
    config = aws.client("config")
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["name"] == NAME
    assert recorder["recordingGroup"]["allSupported"] and recorder["recordingGroup"]["includeGlobalResourceTypes"]
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"] is True
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["configSnapshotDeliveryProperties"]["deliveryFrequency"] == "TwentyFour_Hours"
    for check in (False, True):
        again = run_module(main, want, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 4)


def test_recording_of_somebody_else_is_adopted_with_its_names(aws: EmulatorServer) -> None:
    want = asked(aws)
    config = aws.client("config")
    only = {"allSupported": False, "resourceTypes": ["AWS::EC2::Volume"]}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "default", "roleARN": want["role_arn"], "recordingGroup": only}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "theirs", "s3BucketName": BUCKET})
    shown = run_module(main, want, check=True)
    assert shown["actions"] == ["update: global_resource_types, recording, snapshot_frequency, strategy, tags"]
    adopted = run_module(main, want)["config_recording"]
    assert (adopted["name"], adopted["channel_name"], adopted["recording"]) == ("default", "theirs", True)
    assert run_module(main, want)["changed"] is False


def test_recording_drift_is_seen_and_repaired(aws: EmulatorServer) -> None:
    want = asked(aws)
    made = run_module(main, want)["config_recording"]
    config = aws.client("config")
    config.stop_configuration_recorder(ConfigurationRecorderName=NAME)
    config.delete_delivery_channel(DeliveryChannelName=NAME)
    config.untag_resource(ResourceArn=made["arn"], TagKeys=["Environment"])
    config.tag_resource(ResourceArn=made["arn"], Tags=[{"Key": "Extra", "Value": "1"}])
    shown = run_module(main, want, check=True)
    assert shown["actions"] == ["update: bucket, channel_name, recording, snapshot_frequency, tags"]
    assert run_module(main, want)["config_recording"] == made
    assert run_module(main, want)["changed"] is False


@pytest.mark.parametrize("call", ["config.PutDeliveryChannel", "config.StartConfigurationRecorder"])
def test_recording_of_a_run_that_was_cut_off_is_finished(aws: EmulatorServer, call: str) -> None:
    want = asked(aws)
    run_module(main, want, fail={call: "AccessDeniedException"})
    assert run_module(main, want)["config_recording"]["recording"] is True
    assert run_module(main, want)["changed"] is False


def test_recording_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    want = asked(aws)
    run_module(main, want)
    gone = {**want, "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert run_module(main, gone)["changed"] is True
    config = aws.client("config")
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    assert config.describe_delivery_channels()["DeliveryChannels"] == []
    assert run_module(main, gone)["changed"] is False


def test_recording_api_error_is_told(aws: EmulatorServer) -> None:
    failed = run_module(main, asked(aws), fail={"config.PutConfigurationRecorder": "AccessDeniedException"})
    assert "AWS Config recording" in failed["msg"]


def test_rules_check_create_and_again(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    predicted = run_module(rules_main, rules(), check=True)
    assert (predicted["changed"], writes(predicted), held(aws)) == (True, [], {})
    assert predicted["actions"] == ["create passwords", "create volumes"]
    assert (predicted["diff"]["before"], list(predicted["diff"]["after"])) == ({}, ["passwords", "volumes"])
    made = run_module(rules_main, rules())
    assert writes(made) == ["config.PutConfigRule"] * 2
    assert (made["diff"], made["actions"]) == (predicted["diff"], predicted["actions"])
    found = held(aws)
    assert found["passwords"]["InputParameters"] == '{"MinimumPasswordLength": "14", "RequireSymbols": "true"}'
    assert found["volumes"]["Source"] == {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"}
    config = aws.client("config")
    for rule in found.values():
        listed = config.list_tags_for_resource(ResourceArn=rule["ConfigRuleArn"])["Tags"]
        assert listed == [{"Key": "Environment", "Value": "production"}]
    for check in (False, True):
        again = run_module(rules_main, rules(), check=check)
        assert (again["changed"], again["actions"]) == (False, [])
        assert again["api_calls"] == ["config.DescribeConfigRules", *["config.ListTagsForResource"] * 2]
        assert again["config_managed_rules"]["volumes"]["arn"] == found["volumes"]["ConfigRuleArn"]


def test_drift_of_one_rule_is_seen_and_repaired(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    made = run_module(rules_main, rules())["config_managed_rules"]
    config = aws.client("config")
    source = {"Owner": "AWS", "SourceIdentifier": "IAM_PASSWORD_POLICY"}
    config.put_config_rule(ConfigRule={"ConfigRuleName": "passwords", "Source": source, "Description": "drifted"})
    config.untag_resource(ResourceArn=made["passwords"]["arn"], TagKeys=["Environment"])
    config.tag_resource(ResourceArn=made["passwords"]["arn"], Tags=[{"Key": "Extra", "Value": "1"}])
    shown = run_module(rules_main, rules(), check=True)
    assert (shown["actions"], writes(shown)) == (["update passwords: description, parameters, tags"], [])
    repaired = run_module(rules_main, rules())
    assert repaired["diff"] == shown["diff"]
    assert list(repaired["diff"]["before"]) == ["passwords"]
    assert repaired["diff"]["before"]["passwords"]["description"] == "drifted"
    assert repaired["config_managed_rules"] == made
    assert "Description" not in held(aws)["passwords"] or held(aws)["passwords"]["Description"] == ""
    assert run_module(rules_main, rules())["changed"] is False


def test_rules_of_others_stay_and_a_missing_one_is_made(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    config = aws.client("config")
    theirs = {"Owner": "AWS", "SourceIdentifier": "RDS_STORAGE_ENCRYPTED"}
    config.put_config_rule(ConfigRule={"ConfigRuleName": "theirs", "Source": theirs})
    run_module(rules_main, rules())
    config.delete_config_rule(ConfigRuleName="volumes")
    result = run_module(rules_main, rules())
    assert (result["actions"], writes(result)) == (["create volumes"], ["config.PutConfigRule"])
    # The tags of theirs are not asked for: of one rule before, of two after.
    assert result["api_calls"].count("config.ListTagsForResource") == 3
    assert list(result["config_managed_rules"]) == ["passwords", "volumes"]
    run_module(rules_main, rules(state="absent"))
    assert list(held(aws)) == ["theirs"]


def test_more_rules_than_one_call_takes_names(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    many = rules(*({**VOLUMES, "name": f"volumes-{number}"} for number in range(26)))
    made = run_module(rules_main, many)
    assert len(held(aws)) == len(made["config_managed_rules"]) == 26
    again = run_module(rules_main, many)
    assert (again["changed"], again["api_calls"].count("config.DescribeConfigRules")) == (False, 2)


def test_rules_before_the_recorder_exists(aws: EmulatorServer) -> None:
    assert run_module(rules_main, rules(), check=True)["changed"] is True


def test_a_rule_that_aws_does_not_have_is_told(aws: EmulatorServer) -> None:
    """With what was done before it."""
    run_module(main, asked(aws))
    failed = run_module(rules_main, rules(VOLUMES, {**PASSWORDS, "identifier": "NONE"}))
    assert "AWS Config rule passwords" in failed["msg"]
    assert failed["error"]["code"] == "InvalidParameterValueException"
    assert (failed["changed"], failed["actions"]) == (True, ["create volumes"])
    assert list(held(aws)) == ["volumes"]
    assert run_module(rules_main, rules())["actions"] == ["create passwords"]


def test_rules_that_cannot_be_read_are_told(aws: EmulatorServer) -> None:
    failed = run_module(rules_main, rules(), fail={"config.DescribeConfigRules": "AccessDeniedException"})
    assert "AWS Config rules of the region" in failed["msg"]


def test_a_rule_that_stands_twice_is_refused_before_aws_is_asked(aws: EmulatorServer) -> None:
    refused = run_module(rules_main, rules(VOLUMES, PASSWORDS, {**PASSWORDS, "parameters": {}}))
    assert (refused["msg"], refused["api_calls"]) == ("rules: passwords stands twice", [])


def test_rules_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    run_module(rules_main, rules())
    gone = rules(state="absent")
    shown = run_module(rules_main, gone, check=True)
    assert (shown["changed"], writes(shown), len(held(aws))) == (True, [], 2)
    result = run_module(rules_main, gone)
    assert (result["actions"], result["diff"]) == (["delete passwords", "delete volumes"], shown["diff"])
    assert result["config_managed_rules"] == held(aws) == {}
    assert run_module(rules_main, gone)["changed"] is False
