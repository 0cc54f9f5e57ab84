"""AWS Config: what the emulator keeps, and what it refuses as AWS does."""

from typing import Any

import pytest
from emulator_asserts import refused

from audit import BUCKET, config_policy, make_role, put_policy
from trading_platform.emulator.testing import EmulatorServer

RULE = {"ConfigRuleName": "volumes", "Source": {"Owner": "AWS", "SourceIdentifier": "ENCRYPTED_VOLUMES"}}


@pytest.fixture
def config(emulator: EmulatorServer) -> Any:
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    put_policy(emulator, config_policy(emulator.account_id))
    return emulator.client("config")


def put_recorder(emulator: EmulatorServer, name: str = "default", **more: Any) -> None:
    arn = f"arn:aws:iam::{emulator.account_id}:role/config"
    roles = [role["Arn"] for role in emulator.client("iam").list_roles()["Roles"]]
    if arn not in roles:
        make_role(emulator, "config", "config.amazonaws.com")
    recorder = {"name": name, "roleARN": arn, "recordingGroup": {"allSupported": True}}
    emulator.client("config").put_configuration_recorder(ConfigurationRecorder=recorder, **more)


def test_recorder_has_arn_mode_and_tags(emulator: EmulatorServer, config: Any) -> None:
    put_recorder(emulator, Tags=[{"Key": "a", "Value": "1"}])
    recorder = config.describe_configuration_recorders()["ConfigurationRecorders"][0]
    assert recorder["recordingMode"]["recordingFrequency"] == "CONTINUOUS"
    assert config.list_tags_for_resource(ResourceArn=recorder["arn"])["Tags"] == [{"Key": "a", "Value": "1"}]
    config.tag_resource(ResourceArn=recorder["arn"], Tags=[{"Key": "b", "Value": "2"}])
    put_recorder(emulator)  # written again, it keeps both
    again = config.describe_configuration_recorders()["ConfigurationRecorders"][0]
    assert again["arn"] == recorder["arn"]
    assert len(config.list_tags_for_resource(ResourceArn=again["arn"])["Tags"]) == 2


def test_one_recorder_and_one_channel_a_region(emulator: EmulatorServer, config: Any) -> None:
    with refused("NoAvailableConfigurationRecorderException", "Configuration recorder is not available"):
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": BUCKET})
    put_recorder(emulator)
    with refused("MaxNumberOfConfigurationRecordersExceededException", "maximum number of configuration recorders"):
        put_recorder(emulator, "other")
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": BUCKET})
    with refused("MaxNumberOfDeliveryChannelsExceededException", "maximum number of delivery channels"):
        config.put_delivery_channel(DeliveryChannel={"name": "other", "s3BucketName": BUCKET})


def test_a_recorder_starts_with_a_channel(emulator: EmulatorServer, config: Any) -> None:
    put_recorder(emulator)
    with refused("NoAvailableDeliveryChannelException", "Delivery channel is not available"):
        config.start_configuration_recorder(ConfigurationRecorderName="default")


def test_role_must_trust_config(emulator: EmulatorServer, config: Any) -> None:
    other = make_role(emulator, "other", "ec2.amazonaws.com")
    for arn in (other, f"{other}-none"):
        with refused("InvalidRoleException", "cannot assume the role"):
            config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": arn})


def test_service_linked_role_will_do(emulator: EmulatorServer, config: Any) -> None:
    iam = emulator.client("iam")
    role = iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]["Arn"]
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})


@pytest.mark.parametrize("wrong", ["other account", "no acl", "no bucket", "prefix"])
def test_bucket_must_let_config_write(emulator: EmulatorServer, config: Any, wrong: str) -> None:
    put_recorder(emulator)
    channel = {"name": "default", "s3BucketName": BUCKET}
    if wrong == "other account":
        put_policy(emulator, config_policy("999999999999"))
    elif wrong == "no acl":
        put_policy(emulator, config_policy(emulator.account_id)[1:])
    elif wrong == "no bucket":
        channel["s3BucketName"] = "none"
    else:
        channel["s3KeyPrefix"] = "config"
    with refused("InsufficientDeliveryPolicyException", "Insufficient delivery policy to s3 bucket"):
        config.put_delivery_channel(DeliveryChannel=channel)


def test_rules_need_a_recorder_and_keep_their_tags(emulator: EmulatorServer, config: Any) -> None:
    with refused("NoAvailableConfigurationRecorderException", "not available to put config rule"):
        config.put_config_rule(ConfigRule=RULE)
    put_recorder(emulator)
    with refused("NoSuchConfigRuleException", "volumes"):
        config.describe_config_rules(ConfigRuleNames=["volumes"])
    config.put_config_rule(ConfigRule=RULE, Tags=[{"Key": "a", "Value": "1"}])
    config.put_config_rule(ConfigRule={**RULE, "Description": "again"})
    (rule,) = config.describe_config_rules(ConfigRuleNames=["volumes"])["ConfigRules"]
    assert (rule["Description"], rule["EvaluationModes"]) == ("again", [{"Mode": "DETECTIVE"}])
    assert config.list_tags_for_resource(ResourceArn=rule["ConfigRuleArn"])["Tags"] == [{"Key": "a", "Value": "1"}]


def test_unknown_rules_and_parameters(emulator: EmulatorServer, config: Any) -> None:
    put_recorder(emulator)
    with refused("InvalidParameterValueException", "sourceIdentifier NONE is invalid"):
        config.put_config_rule(ConfigRule={**RULE, "Source": {"Owner": "AWS", "SourceIdentifier": "NONE"}})
    with refused("InvalidParameterValueException", "Unknown parameters"):
        config.put_config_rule(ConfigRule={**RULE, "InputParameters": '{"none": "1"}'})
