"""plugins/modules/s3_account_public_access_block.py against the embedded AWS."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from harness import load, run_module, writes

from trading_platform.aws.s3_account_public_access_block import without_account_in_address
from trading_platform.emulator.testing import EmulatorServer

main = load("s3_account_public_access_block").main
ALL = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def client(aws: EmulatorServer) -> Any:
    """Give a client that reaches the emulator."""
    return without_account_in_address(boto3.client("s3control"))


def block(aws: EmulatorServer) -> dict[str, bool]:
    """Give the account's block as S3 sees it."""
    answer = client(aws).get_public_access_block(AccountId=aws.account_id)
    found: dict[str, bool] = answer["PublicAccessBlockConfiguration"]
    return found


def test_check_mode_on_an_empty_account_writes_nothing(aws: EmulatorServer) -> None:
    result = run_module(main, {"account_id": aws.account_id}, check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["diff"]["after"]["block_public_policy"] is True
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        block(aws)


def test_it_is_set_once(aws: EmulatorServer) -> None:
    result = run_module(main, {"account_id": aws.account_id})
    assert writes(result) == ["s3control.PutPublicAccessBlock"]
    assert block(aws) == ALL
    for check in (False, True):
        again = run_module(main, {"account_id": aws.account_id}, check=check)
        assert (again["changed"], again["api_calls"]) == (False, ["s3control.GetPublicAccessBlock"])


def test_drift_of_one_flag_is_shown_and_repaired(aws: EmulatorServer) -> None:
    run_module(main, {"account_id": aws.account_id})
    opened = {**ALL, "BlockPublicPolicy": False}
    client(aws).put_public_access_block(AccountId=aws.account_id, PublicAccessBlockConfiguration=opened)
    shown = run_module(main, {"account_id": aws.account_id}, check=True)
    assert (shown["actions"], writes(shown)) == (["update: block_public_policy"], [])
    run_module(main, {"account_id": aws.account_id})
    assert block(aws) == ALL


def test_a_flag_can_be_off(aws: EmulatorServer) -> None:
    run_module(main, {"account_id": aws.account_id, "restrict_public_buckets": False})
    assert block(aws) == {**ALL, "RestrictPublicBuckets": False}


def test_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    run_module(main, {"account_id": aws.account_id})
    gone = {"account_id": aws.account_id, "state": "absent"}
    predicted = run_module(main, gone, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert writes(run_module(main, gone)) == ["s3control.DeletePublicAccessBlock"]
    assert run_module(main, gone)["changed"] is False


def test_an_api_error_names_the_account(aws: EmulatorServer) -> None:
    fail = {"s3control.GetPublicAccessBlock": "AccessDenied"}
    result = run_module(main, {"account_id": aws.account_id}, fail=fail)
    assert f"S3 public access block of account {aws.account_id}" in result["msg"]
    assert result["error"]["code"] == "AccessDenied"


def test_a_host_name_keeps_the_account_in_front() -> None:
    sent: list[str] = []
    control = boto3.client(
        "s3control", region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x"
    )

    def record(request: Any, **_: Any) -> None:
        sent.append(request.url)
        raise InterruptedError

    without_account_in_address(control).meta.events.register("before-send.s3-control", record)
    with pytest.raises(InterruptedError):
        control.get_public_access_block(AccountId="123456789012")
    assert sent[0].startswith("https://123456789012.s3-control.us-east-1.amazonaws.com/")
