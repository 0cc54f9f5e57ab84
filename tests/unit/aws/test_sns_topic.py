"""plugins/modules/sns_topic.py against the embedded AWS."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws.sns_subscriptions import shown
from trading_platform.emulator.testing import EmulatorServer

main = load("sns_topic").main
PAGER = "https://events.pagerduty.com/integration/0123456789abcdef/enqueue"
TOKEN = "0" * 64


def arn(aws: EmulatorServer) -> str:
    """Give the ARN of the topic."""
    return f"arn:aws:sns:us-east-1:{aws.account_id}:critical"


def asked(aws: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": arn(aws),
                "Condition": {"StringEquals": {"aws:SourceAccount": aws.account_id}},
            }
        ],
    }
    return {
        "name": "critical",
        "display_name": "Trading",
        "kms_master_key_id": f"arn:aws:kms:us-east-1:{aws.account_id}:key/1",
        "policy": policy,
        "subscriptions": [{"protocol": "https", "endpoint": PAGER}, {"protocol": "email", "endpoint": "a@example.com"}],
        "tags": {"Environment": "production"},
        **changed,
    }


def subscriptions(aws: EmulatorServer) -> dict[str, str]:
    """Give endpoint to ARN of the topic's subscriptions."""
    listed = aws.client("sns").list_subscriptions_by_topic(TopicArn=arn(aws))["Subscriptions"]
    return {one["Endpoint"]: one["SubscriptionArn"] for one in listed}


def confirm_all(aws: EmulatorServer) -> None:
    """Do what the endpoints would."""
    for _ in [one for one in subscriptions(aws).values() if one == "PendingConfirmation"]:
        aws.client("sns").confirm_subscription(TopicArn=arn(aws), Token=TOKEN)


def test_check_mode_on_an_empty_account_knows_the_arn(aws: EmulatorServer) -> None:
    result = run_module(main, asked(aws), check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["sns_topic"]["topic_arn"] == arn(aws)


def test_create_makes_topic_and_subscriptions_without_telling_the_secret(aws: EmulatorServer) -> None:
    result = run_module(main, asked(aws))
    assert writes(result) == ["sns.CreateTopic", "sns.Subscribe", "sns.Subscribe"]
    held = aws.client("sns").get_topic_attributes(TopicArn=arn(aws))["Attributes"]
    assert held["KmsMasterKeyId"] == asked(aws)["kms_master_key_id"]
    assert json.loads(held["Policy"])["Statement"][0]["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
    assert subscriptions(aws) == {PAGER: "PendingConfirmation", "a@example.com": "PendingConfirmation"}
    assert len(result["sns_topic"]["pending_subscriptions"]) == 2
    assert "0123456789abcdef" not in json.dumps(result)
    assert "events.pagerduty.com" in json.dumps(result)


def test_waiting_for_confirmation_is_no_drift_and_neither_is_having_it(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    for check in (False, True):
        again = run_module(main, asked(aws), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 4)
    confirm_all(aws)
    again = run_module(main, asked(aws))
    assert (again["changed"], again["sns_topic"]["pending_subscriptions"]) == (False, [])


@pytest.mark.parametrize(
    ("name", "value"), [("DisplayName", "x"), ("KmsMasterKeyId", "alias/aws/sns"), ("Policy", None), ("Tags", None)]
)
def test_drift_of_attributes_is_repaired(aws: EmulatorServer, name: str, value: str | None) -> None:
    run_module(main, asked(aws))
    sns = aws.client("sns")
    before = sns.get_topic_attributes(TopicArn=arn(aws))["Attributes"]
    if name == "Tags":
        sns.untag_resource(ResourceArn=arn(aws), TagKeys=["Environment"])
    else:
        other = json.dumps({"Version": "2012-10-17", "Statement": []})
        sns.set_topic_attributes(TopicArn=arn(aws), AttributeName=name, AttributeValue=value or other)
    assert writes(run_module(main, asked(aws), check=True)) == []
    assert run_module(main, asked(aws))["changed"] is True
    assert run_module(main, asked(aws))["changed"] is False
    assert sns.get_topic_attributes(TopicArn=arn(aws))["Attributes"] == before
    assert sns.list_tags_for_resource(ResourceArn=arn(aws))["Tags"] == [{"Key": "Environment", "Value": "production"}]


def test_drift_of_subscriptions_is_repaired(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    confirm_all(aws)
    sns = aws.client("sns")
    sns.unsubscribe(SubscriptionArn=subscriptions(aws)["a@example.com"])
    pager = subscriptions(aws)[PAGER]
    sns.set_subscription_attributes(SubscriptionArn=pager, AttributeName="RawMessageDelivery", AttributeValue="true")
    sns.subscribe(TopicArn=arn(aws), Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{aws.account_id}:spy")
    assert run_module(main, asked(aws), check=True)["changed"] is True
    repaired = run_module(main, asked(aws))
    assert sorted(writes(repaired)) == ["sns.SetSubscriptionAttributes", "sns.Subscribe", "sns.Unsubscribe"]
    assert sorted(subscriptions(aws)) == ["a@example.com", PAGER]
    assert run_module(main, asked(aws))["changed"] is False


def test_subscriptions_of_others_stay_without_purge(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    aws.client("sns").subscribe(TopicArn=arn(aws), Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q")
    assert run_module(main, asked(aws, purge_subscriptions=False))["changed"] is False
    assert run_module(main, asked(aws))["changed"] is True


def test_one_that_waits_and_is_not_asked_for_is_left_to_expire(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    assert run_module(main, asked(aws, subscriptions=[]))["changed"] is False
    confirm_all(aws)
    assert run_module(main, asked(aws, subscriptions=[]))["changed"] is True
    assert subscriptions(aws) == {}


def test_delete_is_predicted_made_and_then_quiet(aws: EmulatorServer) -> None:
    run_module(main, asked(aws))
    gone = {"name": "critical", "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["sns.DeleteTopic"]
    assert run_module(main, gone)["changed"] is False


@pytest.mark.parametrize(
    ("subscription", "message"),
    [
        ({"protocol": "https", "endpoint": "http://a/secret"}, "endpoint of another kind"),
        ({"protocol": "email", "endpoint": "nobody"}, "endpoint of another kind"),
        ({"protocol": "email", "endpoint": "a@b.c", "raw_message_delivery": True}, "has no raw_message_delivery"),
    ],
)
def test_what_sns_would_refuse_is_refused_before_it_is_asked(
    aws: EmulatorServer, subscription: dict[str, Any], message: str
) -> None:
    refused = run_module(main, asked(aws, subscriptions=[subscription]), check=True)
    assert message in refused["msg"]
    assert "secret" not in refused["msg"]
    assert refused["api_calls"] == []


def test_addresses_of_integrations_are_told_apart_but_not_told() -> None:
    one, other = shown("https", PAGER), shown("https", PAGER + "x")
    assert one != other
    assert one.startswith("https://events.pagerduty.com/#")
    assert "0123456789abcdef" not in one
    assert shown("email", "a@example.com") == "a@example.com"


def test_an_api_error_names_the_topic(aws: EmulatorServer) -> None:
    result = run_module(main, asked(aws), fail={"sns.GetTopicAttributes": "AuthorizationError"})
    assert "topic critical" in result["msg"]
