"""plugins/modules/sqs_queue.py against the embedded AWS."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws import sqs_queue
from trading_platform.emulator.testing import EmulatorServer

main = load("sqs_queue").main
TAGS = {"Environment": "production"}


def arn(aws: EmulatorServer, name: str) -> str:
    """Give the ARN of a queue."""
    return f"arn:aws:sqs:us-east-1:{aws.account_id}:{name}"


def tls_only(queue_arn: str) -> dict[str, Any]:
    """Refuse plain HTTP."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": queue_arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


@pytest.fixture
def asked(aws: EmulatorServer) -> dict[str, Any]:
    """The arguments of a queue whose dead-letter queue exists."""
    sources = {"permission": "byQueue", "source_queue_arns": [arn(aws, "orders")]}
    run_module(main, {"name": "orders-dead", "redrive_allow_policy": sources})
    return {
        "name": "orders",
        "visibility_timeout": 120,
        "message_retention_period": 1209600,
        "receive_message_wait_time": 20,
        "kms_master_key_id": f"arn:aws:kms:us-east-1:{aws.account_id}:key/1",
        "policy": tls_only(arn(aws, "orders")),
        "redrive_policy": {"dead_letter_target_arn": arn(aws, "orders-dead"), "max_receive_count": 5},
        "tags": TAGS,
    }


def attributes(aws: EmulatorServer, name: str = "orders") -> dict[str, str]:
    """Give the attributes as SQS has them."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return dict(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])


def test_check_mode_on_an_empty_account_promises_stand_ins(aws: EmulatorServer) -> None:
    result = run_module(main, {"name": "orders", "kms_master_key_id": "key-planned"}, check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["sqs_queue"]["queue_arn"].endswith(":orders-planned")
    assert result["sqs_queue"]["queue_url"].endswith("/orders-planned")


def test_create_makes_the_queue_with_everything_in_one_call(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    result = run_module(main, asked)
    held = attributes(aws)
    assert writes(result) == ["sqs.CreateQueue"]
    assert (held["VisibilityTimeout"], held["ReceiveMessageWaitTimeSeconds"]) == ("120", "20")
    assert held["MessageRetentionPeriod"] == "1209600"
    assert (held["KmsMasterKeyId"], held["SqsManagedSseEnabled"]) == (asked["kms_master_key_id"], "false")
    assert json.loads(held["RedrivePolicy"]) == {"deadLetterTargetArn": arn(aws, "orders-dead"), "maxReceiveCount": 5}
    assert json.loads(held["Policy"])["Statement"][0]["Effect"] == "Deny"
    dead = json.loads(attributes(aws, "orders-dead")["RedriveAllowPolicy"])
    assert dead == {"redrivePermission": "byQueue", "sourceQueueArns": [arn(aws, "orders")]}
    assert aws.client("sqs").list_queue_tags(QueueUrl=result["sqs_queue"]["queue_url"])["Tags"] == TAGS


def test_the_same_again_changes_nothing_and_asks_three_times(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    for check in (False, True):
        again = run_module(main, asked, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 3)


DRIFTS: list[dict[str, str]] = [
    {"VisibilityTimeout": "1"},
    {"MessageRetentionPeriod": "60"},
    {"ReceiveMessageWaitTimeSeconds": "0"},
    {"DelaySeconds": "5"},
    {"MaximumMessageSize": "2048"},
    {"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"},
    {"KmsDataKeyReusePeriodSeconds": "60"},
    {"Policy": ""},
    {"RedrivePolicy": ""},
    {"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'},
]


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: next(iter(drift)))
def test_drift_is_repaired(aws: EmulatorServer, asked: dict[str, Any], drift: dict[str, str]) -> None:
    url = run_module(main, asked)["sqs_queue"]["queue_url"]
    before = attributes(aws)
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=drift)
    predicted = run_module(main, asked, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert writes(run_module(main, asked)) == ["sqs.SetQueueAttributes"]
    assert run_module(main, asked)["changed"] is False
    after = attributes(aws)
    after.pop("RedriveAllowPolicy", None)
    assert {**after, "LastModifiedTimestamp": ""} == {**before, "LastModifiedTimestamp": ""}


def test_a_policy_that_is_not_given_is_left_alone_and_an_empty_one_taken_away(
    aws: EmulatorServer, asked: dict[str, Any]
) -> None:
    run_module(main, asked)
    assert run_module(main, {**asked, "policy": None})["changed"] is False
    run_module(main, {**asked, "policy": {}})
    assert "Policy" not in attributes(aws)


def test_tags_are_repaired_and_kept_without_purge(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    url = run_module(main, asked)["sqs_queue"]["queue_url"]
    sqs = aws.client("sqs")
    sqs.untag_queue(QueueUrl=url, TagKeys=["Environment"])
    sqs.tag_queue(QueueUrl=url, Tags={"by": "hand"})
    run_module(main, {**asked, "purge_tags": False})
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {**TAGS, "by": "hand"}
    run_module(main, asked)
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == TAGS


def test_delete_is_predicted_made_and_then_quiet(aws: EmulatorServer, asked: dict[str, Any]) -> None:
    run_module(main, asked)
    gone = {"name": "orders", "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["sqs.DeleteQueue"]
    assert run_module(main, gone)["changed"] is False


def test_a_name_that_rests_is_waited_for(
    aws: EmulatorServer, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_module(main, asked)
    run_module(main, {"name": "orders", "state": "absent"})
    monkeypatch.setattr(sqs_queue, "SECONDS_A_NAME_RESTS", 1.0)
    result = run_module(main, asked)
    assert "You must wait 60 seconds" in result["msg"]
    assert writes(result).count("sqs.CreateQueue") >= 3


def test_a_fifo_queue_is_made_as_one(aws: EmulatorServer) -> None:
    run_module(main, {"name": "orders.fifo"})
    assert attributes(aws, "orders.fifo")["FifoQueue"] == "true"
    assert run_module(main, {"name": "orders.fifo"})["changed"] is False


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"visibility_timeout": 43201}, "not 0 to 43200"),
        ({"receive_message_wait_time": 21}, "not 0 to 20"),
        ({"message_retention_period": 59}, "not 60 to 1209600"),
        ({"name": "a" * 81}, "1 to 80 letters"),
        ({"name": "a.b"}, "1 to 80 letters"),
        ({"redrive_policy": {"dead_letter_target_arn": "x", "max_receive_count": 0}}, "not 1 to 1000"),
        ({"redrive_allow_policy": {"permission": "byQueue"}}, "go together"),
    ],
)
def test_what_sqs_would_refuse_is_refused_before_it_is_asked(
    aws: EmulatorServer, wrong: dict[str, Any], message: str
) -> None:
    refused = run_module(main, {"name": "orders", **wrong}, check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_an_api_error_names_the_queue(aws: EmulatorServer) -> None:
    result = run_module(main, {"name": "orders"}, fail={"sqs.GetQueueUrl": "AccessDenied"})
    assert "queue orders" in result["msg"]
