"""SQS and SNS: what the emulator keeps, and what it refuses as AWS does."""

import json
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

DELETED_RECENTLY = "AWS.SimpleQueueService.QueueDeletedRecently"
TOKEN = "0" * 64


@pytest.fixture
def sqs(emulator: EmulatorServer) -> Any:
    return emulator.client("sqs")


@pytest.fixture
def sns(emulator: EmulatorServer) -> Any:
    return emulator.client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    arn: str = sns.create_topic(Name="t")["TopicArn"]
    return arn


def queue(sqs: Any, name: str = "q", **attributes: str) -> str:
    url: str = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def held(sqs: Any, url: str) -> dict[str, str]:
    return dict(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"])


def test_an_attribute_that_is_set_leaves_the_others(sqs: Any) -> None:
    policy = json.dumps({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]})
    allow = json.dumps({"redrivePermission": "denyAll"})
    url = queue(sqs, Policy=policy, RedriveAllowPolicy=allow, KmsMasterKeyId="alias/aws/sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    attributes = held(sqs, url)
    assert json.loads(attributes["Policy"]) == json.loads(policy)
    assert attributes["RedriveAllowPolicy"] == allow
    assert (attributes["KmsMasterKeyId"], attributes["SqsManagedSseEnabled"]) == ("alias/aws/sqs", "false")


def test_a_queue_has_one_kind_of_encryption(sqs: Any) -> None:
    url = queue(sqs)
    assert held(sqs, url)["SqsManagedSseEnabled"] == "true"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "alias/aws/sqs"})
    assert held(sqs, url)["SqsManagedSseEnabled"] == "false"
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"})
    assert "KmsMasterKeyId" not in held(sqs, url)
    with refused("InvalidAttributeValue", "one type of server-side encryption"):
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "k", "SqsManagedSseEnabled": "true"})


def test_a_name_rests_for_a_minute(sqs: Any) -> None:
    sqs.delete_queue(QueueUrl=queue(sqs))
    with refused(DELETED_RECENTLY, "You must wait 60 seconds after deleting a queue"):
        queue(sqs)
    queue(sqs, "other")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DelaySeconds", "901"),
        ("MaximumMessageSize", "1023"),
        ("MaximumMessageSize", "1048577"),
        ("MessageRetentionPeriod", "59"),
        ("MessageRetentionPeriod", "1209601"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
        ("VisibilityTimeout", "43201"),
        ("VisibilityTimeout", "-1"),
        ("KmsDataKeyReusePeriodSeconds", "59"),
        ("Policy", "{"),
        ("FifoQueue", "false"),
    ],
)
def test_values_out_of_range_are_refused(sqs: Any, name: str, value: str) -> None:
    with refused("InvalidAttributeValue", f"Invalid value for the parameter {name}."):
        queue(sqs, **{name: value})
    url = queue(sqs)
    if name != "FifoQueue":
        with refused("InvalidAttributeValue", name):
            sqs.set_queue_attributes(QueueUrl=url, Attributes={name: value})


def test_attributes_that_there_are_not_are_refused(sqs: Any) -> None:
    with refused("InvalidAttributeName", "Unknown Attribute Colour."):
        queue(sqs, Colour="red")
    with refused("InvalidAttributeName", "Unknown Attribute FifoQueue."):
        sqs.set_queue_attributes(QueueUrl=queue(sqs), Attributes={"FifoQueue": "true"})


@pytest.mark.parametrize(
    ("target", "count", "reason"),
    [
        ("arn:aws:sqs:us-east-1:123456789012:none", "5", "Dead letter target does not exist."),
        ("arn:aws:sqs:us-west-2:123456789012:dead", "5", "same account and in the same Region"),
        ("arn:aws:sqs:us-east-1:123456789012:dead", "0", "Invalid value for maxReceiveCount: 0"),
        ("arn:aws:sqs:us-east-1:123456789012:dead", "1001", "valid values are from 1 to 1000 both inclusive"),
        ("arn:aws:sqs:us-east-1:123456789012:dead.fifo", "5", "must be same type of queue"),
        ("arn:aws:sqs:us-east-1:123456789012:closed", "5", "does not allow this source queue"),
        ("arn:aws:sqs:us-east-1:123456789012:others", "5", "does not allow this source queue"),
    ],
)
def test_dead_letter_queues_that_cannot_be_are_refused(sqs: Any, target: str, count: str, reason: str) -> None:
    queue(sqs, "dead")
    queue(sqs, "dead.fifo", FifoQueue="true")
    queue(sqs, "closed", RedriveAllowPolicy='{"redrivePermission":"denyAll"}')
    other = '{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:123456789012:x"]}'
    queue(sqs, "others", RedriveAllowPolicy=other)
    policy = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": count})
    with refused("InvalidParameterValue", reason):
        queue(sqs, RedrivePolicy=policy)
    with refused("InvalidParameterValue", reason):
        sqs.set_queue_attributes(QueueUrl=queue(sqs), Attributes={"RedrivePolicy": policy})


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ({"redrivePermission": "some"}, "must be allowAll, denyAll, or byQueue"),
        ({"redrivePermission": "byQueue"}, "byQueue with sourceQueueArns"),
        ({"redrivePermission": "denyAll", "sourceQueueArns": ["a"]}, "byQueue with sourceQueueArns"),
        ({"redrivePermission": "byQueue", "sourceQueueArns": ["a"] * 11}, "Only 10 source queues"),
    ],
)
def test_redrive_allow_policies_that_are_none_are_refused(sqs: Any, policy: dict[str, Any], reason: str) -> None:
    with refused("InvalidParameterValue", reason):
        queue(sqs, RedriveAllowPolicy=json.dumps(policy))


def subscribe(sns: Any, topic: str, protocol: str, endpoint: str, **more: Any) -> str:
    arn: str = sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, **more)["SubscriptionArn"]
    return arn


def test_a_subscription_waits_for_its_confirmation(sns: Any, topic: str) -> None:
    assert subscribe(sns, topic, "email", "a@example.com") == "pending confirmation"
    known = subscribe(sns, topic, "https", "https://example.com/x", ReturnSubscriptionArn=True)
    assert known.startswith(topic)
    assert subscribe(sns, topic, "sqs", "arn:aws:sqs:us-east-1:123456789012:q").startswith(topic)
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [one["SubscriptionArn"] == "PendingConfirmation" for one in listed] == [True, True, False]
    counts = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (counts["SubscriptionsPending"], counts["SubscriptionsConfirmed"]) == ("2", "1")
    assert sns.get_subscription_attributes(SubscriptionArn=known)["Attributes"]["PendingConfirmation"] == "true"
    sns.confirm_subscription(TopicArn=topic, Token=TOKEN)
    assert sns.confirm_subscription(TopicArn=topic, Token=TOKEN)["SubscriptionArn"] == known
    listed = sns.list_subscriptions()["Subscriptions"]
    assert "PendingConfirmation" not in [one["SubscriptionArn"] for one in listed]
    with refused("InvalidParameter", "Token"):
        sns.confirm_subscription(TopicArn=topic, Token=TOKEN)


@pytest.mark.parametrize(
    ("protocol", "endpoint", "message"),
    [
        ("pigeon", "x", "Amazon SNS does not support this protocol string: pigeon"),
        ("https", "http://example.com", "Endpoint must match the specified protocol"),
        ("http", "https://example.com", "Endpoint must match the specified protocol"),
        ("email", "nobody", "Email address"),
        ("sqs", "q", "SQS endpoint ARN"),
        ("lambda", "arn:aws:sqs:us-east-1:123456789012:q", "Lambda endpoint ARN"),
        ("firehose", "x", "Firehose endpoint ARN"),
    ],
)
def test_endpoints_that_do_not_fit_are_refused(
    sns: Any, topic: str, protocol: str, endpoint: str, message: str
) -> None:
    with refused("InvalidParameter", message):
        subscribe(sns, topic, protocol, endpoint)


def test_other_wrong_subscriptions_are_refused(sns: Any, topic: str) -> None:
    with refused("NotFound", "Topic does not exist"):
        subscribe(sns, topic + "x", "email", "a@example.com")
    with refused("NotFound", "Topic does not exist"):
        sns.list_subscriptions_by_topic(TopicArn=topic + "x")
    with refused("InvalidParameter", "RawMessageDelivery"):
        subscribe(sns, topic, "email", "a@example.com", Attributes={"RawMessageDelivery": "true"})
    with refused("InvalidParameter", "SubscriptionArn Reason"):
        sns.unsubscribe(SubscriptionArn="PendingConfirmation")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ({"Action": "sqs:SendMessage"}, "Policy statement action out of service scope!"),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:role/none"}}, "PrincipalNotFound"),
        ({"Resource": "*"}, "Resource must be the topic"),
    ],
)
def test_policies_out_of_scope_are_refused(sns: Any, topic: str, statement: dict[str, Any], message: str) -> None:
    base = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": topic}
    good, bad = ({"Version": "2012-10-17", "Statement": [one]} for one in (base, {**base, **statement}))
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(good))
    with refused("InvalidParameter", message):
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(bad))
    with refused("InvalidParameter", "Policy Error: null"):
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue="{")
