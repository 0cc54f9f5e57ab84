"""The module launch_template: other contents make another version, the same contents none."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws.launch_template import normal
from trading_platform.emulator.testing import EmulatorServer

main = load("launch_template").main
KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
TAGS = {"Environment": "production"}
ARGUMENTS: dict[str, Any] = {
    "name": "trading-general",
    "volume_size_gb": 100,
    "kms_key_arn": KEY,
    "security_group_ids": ["sg-2", "sg-1"],
    "user_data": "MIME-Version: 1.0\n",
    "instance_tags": {"Name": "node", "CostCenter": 4711},
    "tags": TAGS,
}
NAME = {"LaunchTemplateName": "trading-general"}


@pytest.fixture
def ec2(aws: EmulatorServer) -> Any:
    return aws.client("ec2")


def template(ec2: Any) -> dict[str, Any]:
    (found,) = ec2.describe_launch_templates(LaunchTemplateNames=["trading-general"])["LaunchTemplates"]
    return dict(found)


def newest(ec2: Any) -> dict[str, Any]:
    (found,) = ec2.describe_launch_template_versions(**NAME, Versions=["$Latest"])["LaunchTemplateVersions"]
    return dict(found["LaunchTemplateData"])


def test_check_then_create_then_again(ec2: Any) -> None:
    check = run_module(main, ARGUMENTS, check=True)
    assert check["changed"] and writes(check) == [] and ec2.describe_launch_templates()["LaunchTemplates"] == []
    assert check["launch_template"]["launch_template_id"] == "lt-planned" and check["launch_template"]["version"] == 1
    result = run_module(main, ARGUMENTS)
    assert writes(result) == ["ec2.CreateLaunchTemplate"] and result["diff"] == check["diff"]
    data = newest(ec2)
    (disk,) = data["BlockDeviceMappings"]
    assert disk["DeviceName"] == "/dev/xvda"
    assert disk["Ebs"] == {
        "DeleteOnTermination": True,
        "Encrypted": True,
        "KmsKeyId": KEY,
        "VolumeSize": 100,
        "VolumeType": "gp3",
    }
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 2
    assert sorted(data["SecurityGroupIds"]) == ["sg-1", "sg-2"]
    assert b64decode(data["UserData"]).decode() == "MIME-Version: 1.0\n"
    tagged = {one["ResourceType"]: one["Tags"] for one in data["TagSpecifications"]}
    assert sorted(tagged) == ["instance", "network-interface", "volume"]
    assert {"Key": "CostCenter", "Value": "4711"} in tagged["volume"]
    assert {tag["Key"]: tag["Value"] for tag in template(ec2)["Tags"]} == {"Name": "trading-general", **TAGS}
    again = run_module(main, ARGUMENTS)
    assert not again["changed"]
    assert again["api_calls"] == ["ec2.DescribeLaunchTemplates", "ec2.DescribeLaunchTemplateVersions"]


def test_parents_of_a_dry_run(ec2: Any) -> None:
    planned = {**ARGUMENTS, "security_group_ids": ["sg-planned"], "kms_key_arn": "arn-planned"}
    assert run_module(main, planned, check=True)["changed"]
    assert run_module(main, planned)["failed"]


def test_other_contents_make_the_next_version(ec2: Any) -> None:
    run_module(main, ARGUMENTS)
    larger = {**ARGUMENTS, "volume_size_gb": 200}
    check = run_module(main, larger, check=True)
    assert check["actions"] == ["update: data, default_version, version"] and writes(check) == []
    assert check["launch_template"]["version"] == 2
    result = run_module(main, larger)
    assert writes(result) == ["ec2.CreateLaunchTemplateVersion", "ec2.ModifyLaunchTemplate"]
    assert result["launch_template"]["version"] == 2 and template(ec2)["DefaultVersionNumber"] == 2
    assert not run_module(main, larger)["changed"]


def test_nothing_of_the_version_before_is_inherited(ec2: Any) -> None:
    run_module(main, ARGUMENTS)
    run_module(main, {**ARGUMENTS, "user_data": None})
    assert "UserData" not in newest(ec2)


def test_a_version_made_by_hand_is_followed_by_ours(ec2: Any) -> None:
    run_module(main, ARGUMENTS)
    ec2.create_launch_template_version(**NAME, SourceVersion="1", LaunchTemplateData={"KeyName": "backdoor"})
    result = run_module(main, ARGUMENTS)
    assert result["launch_template"]["version"] == 3 and "KeyName" not in newest(ec2)
    assert template(ec2)["DefaultVersionNumber"] == 3


def test_a_run_killed_before_the_default_is_completed(ec2: Any) -> None:
    run_module(main, ARGUMENTS)
    larger = {**ARGUMENTS, "volume_size_gb": 200}
    assert run_module(main, larger, fail={"ec2.ModifyLaunchTemplate": "InternalError"})["failed"]
    result = run_module(main, larger)
    assert writes(result) == ["ec2.ModifyLaunchTemplate"] and template(ec2)["LatestVersionNumber"] == 2


def test_tags_are_repaired(ec2: Any) -> None:
    made = run_module(main, ARGUMENTS)["launch_template"]
    ec2.create_tags(Resources=[made["launch_template_id"]], Tags=[{"Key": "Environment", "Value": "lost"}])
    result = run_module(main, ARGUMENTS)
    assert result["actions"] == ["update: tags"] and writes(result) == ["ec2.CreateTags"]


def test_the_order_aws_answers_in_does_not_matter() -> None:
    one = {"ResourceType": "volume", "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]}
    other = {"ResourceType": "volume", "Tags": one["Tags"][::-1]}
    options = {"HttpTokens": "required"}
    left = {
        "TagSpecifications": [one],
        "SecurityGroupIds": ["b", "a"],
        "MetadataOptions": {**options, "State": "applied"},
    }
    right = {"TagSpecifications": [other], "SecurityGroupIds": ["a", "b"], "MetadataOptions": options, "KeyName": ""}
    assert normal(left) == normal(right)


def test_delete_and_delete_again(ec2: Any) -> None:
    run_module(main, ARGUMENTS)
    gone = {"name": "trading-general", "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["ec2.DeleteLaunchTemplate"]
    assert not run_module(main, gone)["changed"] and ec2.describe_launch_templates()["LaunchTemplates"] == []


def test_an_error_of_the_api_is_reported(ec2: Any) -> None:
    result = run_module(main, ARGUMENTS, fail={"ec2.DescribeLaunchTemplates": "UnauthorizedOperation"})
    assert result["failed"] and "launch template trading-general" in result["msg"]
