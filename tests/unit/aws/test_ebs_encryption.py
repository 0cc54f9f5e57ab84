"""plugins/modules/ebs_encryption.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("ebs_encryption").main


@pytest.fixture
def key_arn(aws: EmulatorServer) -> str:
    """Make a KMS key."""
    return str(aws.client("kms").create_key()["KeyMetadata"]["Arn"])


def setting(aws: EmulatorServer) -> tuple[bool, str]:
    """Give the setting as EC2 sees it."""
    ec2 = aws.client("ec2")
    enabled = ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    return enabled, ec2.get_ebs_default_kms_key_id()["KmsKeyId"]


def test_check_mode_with_a_key_that_is_still_to_come(aws: EmulatorServer) -> None:
    arn = "arn:aws:kms:us-east-1:000000000000:key/key-planned"
    result = run_module(main, {"kms_key_arn": arn}, check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["ebs_encryption"] == {"enabled": True, "kms_key_arn": arn}
    assert setting(aws)[0] is False


def test_it_is_turned_on_with_a_key_once(aws: EmulatorServer, key_arn: str) -> None:
    result = run_module(main, {"kms_key_arn": key_arn})
    assert writes(result) == ["ec2.EnableEbsEncryptionByDefault", "ec2.ModifyEbsDefaultKmsKeyId"]
    assert setting(aws) == (True, key_arn)
    for check in (False, True):
        again = run_module(main, {"kms_key_arn": key_arn}, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 2)


def test_without_a_key_it_is_aws_own(aws: EmulatorServer, key_arn: str) -> None:
    assert writes(run_module(main, {})) == ["ec2.EnableEbsEncryptionByDefault"]
    assert run_module(main, {})["changed"] is False
    run_module(main, {"kms_key_arn": key_arn})
    shown = run_module(main, {}, check=True)
    assert shown["diff"]["before"]["kms_key_arn"] == key_arn
    assert shown["diff"]["after"]["kms_key_arn"] is None
    assert writes(run_module(main, {})) == ["ec2.ResetEbsDefaultKmsKeyId"]
    assert setting(aws)[1].endswith("alias/aws/ebs")
    assert run_module(main, {})["changed"] is False


@pytest.mark.parametrize("drift", ["off", "key"])
def test_drift_is_shown_and_repaired(aws: EmulatorServer, key_arn: str, drift: str) -> None:
    run_module(main, {"kms_key_arn": key_arn})
    if drift == "off":
        aws.client("ec2").disable_ebs_encryption_by_default()
    else:
        aws.client("ec2").reset_ebs_default_kms_key_id()
    shown = run_module(main, {"kms_key_arn": key_arn}, check=True)
    assert (shown["changed"], writes(shown)) == (True, [])
    assert len(writes(run_module(main, {"kms_key_arn": key_arn}))) == 1
    assert setting(aws) == (True, key_arn)


def test_delete_check_delete_and_delete_again(aws: EmulatorServer, key_arn: str) -> None:
    run_module(main, {"kms_key_arn": key_arn})
    predicted = run_module(main, {"state": "absent"}, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    result = run_module(main, {"state": "absent"})
    assert writes(result) == ["ec2.ResetEbsDefaultKmsKeyId", "ec2.DisableEbsEncryptionByDefault"]
    assert setting(aws)[0] is False
    assert run_module(main, {"state": "absent"})["changed"] is False


def test_an_alias_is_refused_before_aws_is_asked(aws: EmulatorServer) -> None:
    refused: dict[str, Any] = run_module(main, {"kms_key_arn": "alias/ebs"})
    assert "is not the ARN of a key" in refused["msg"]
    assert refused["api_calls"] == []


def test_an_api_error_names_the_region(aws: EmulatorServer) -> None:
    result = run_module(main, {}, fail={"ec2.GetEbsEncryptionByDefault": "UnauthorizedOperation"})
    assert "EBS encryption by default us-east-1" in result["msg"]
    assert result["error"]["code"] == "UnauthorizedOperation"
