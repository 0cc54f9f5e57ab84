"""plugins/modules/config_*.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from audit import BUCKET, config_policy, make_role, put_policy
from trading_platform.emulator.testing import EmulatorServer

main = load("config_recording").main
rule_main = load("config_managed_rule").main
TAGS = {"Environment": "production"}
NAME = "production-trading-engine"


def asked(aws: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Make what the recording needs and give its arguments."""
    aws.client("s3").create_bucket(Bucket=BUCKET)
    put_policy(aws, config_policy(aws.account_id))
    role = make_role(aws, "config", "config.amazonaws.com")
    return {"name": NAME, "role_arn": role, "bucket": BUCKET, "global_resource_types": True, "tags": TAGS, **changed}


def rule(**changed: Any) -> dict[str, Any]:
    """Give the arguments of a rule."""
    parameters = {"MinimumPasswordLength": 14, "RequireSymbols": True}
    return {"name": "passwords", "identifier": "IAM_PASSWORD_POLICY", "parameters": parameters, "tags": TAGS, **changed}


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


def test_rule_check_create_and_again(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    predicted = run_module(rule_main, rule(), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(rule_main, rule())
    assert writes(made) == ["config.PutConfigRule"]
    (found,) = aws.client("config").describe_config_rules()["ConfigRules"]
    assert found["InputParameters"] == '{"MinimumPasswordLength": "14", "RequireSymbols": "true"}'
    for check in (False, True):
        again = run_module(rule_main, rule(), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 2)


def test_rule_drift_is_seen_and_repaired(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    made = run_module(rule_main, rule())["config_managed_rule"]
    config = aws.client("config")
    source = {"Owner": "AWS", "SourceIdentifier": "IAM_PASSWORD_POLICY"}
    config.put_config_rule(ConfigRule={"ConfigRuleName": "passwords", "Source": source, "Description": "drifted"})
    config.untag_resource(ResourceArn=made["arn"], TagKeys=["Environment"])
    config.tag_resource(ResourceArn=made["arn"], Tags=[{"Key": "Extra", "Value": "1"}])
    shown = run_module(rule_main, rule(), check=True)
    assert (shown["actions"], writes(shown)) == (["update: description, parameters, tags"], [])
    assert run_module(rule_main, rule())["config_managed_rule"] == made


def test_rule_before_the_recorder_exists(aws: EmulatorServer) -> None:
    assert run_module(rule_main, rule(), check=True)["changed"] is True


def test_rule_that_aws_does_not_have_is_told(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    failed = run_module(rule_main, rule(identifier="NONE"))
    assert "AWS Config rule passwords" in failed["msg"]
    assert failed["error"]["code"] == "InvalidParameterValueException"


def test_rule_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    run_module(rule_main, rule())
    gone = rule(state="absent")
    assert writes(run_module(rule_main, gone, check=True)) == []
    assert [run_module(rule_main, gone)["changed"] for _ in range(2)] == [True, False]
