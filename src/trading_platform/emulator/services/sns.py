"""SNS: subscriptions that wait for their confirmation, endpoints that fit their protocol, policies in scope."""

import json
import re
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.sns.models import SNSBackend, sns_backends
from moto.sns.responses import SNSResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, invalid_principals, statements

extension = Extension("sns")
EXTENSIONS = (extension,)

# These endpoints must confirm that they want the messages; the others belong to the account.
CONFIRMED_BY_HAND = ("email", "email-json", "http", "https")
PROTOCOLS = {
    "application": r"arn:aws:sns:.*:endpoint/.*",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "email-json": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "firehose": r"arn:aws:firehose:[^:]*:\d{12}:deliverystream/.+",
    "http": r"http://[^/\s]+.*",
    "https": r"https://[^/\s]+.*",
    "lambda": r"arn:aws:lambda:[^:]*:\d{12}:function:.+",
    "sms": r".+",
    "sqs": r"arn:aws:sqs:[^:]*:\d{12}:.+",
}
WRONG_ENDPOINT = {
    "email": "Email address",
    "email-json": "Email address",
    "http": "Endpoint must match the specified protocol",
    "https": "Endpoint must match the specified protocol",
    "sqs": "SQS endpoint ARN",
    "lambda": "Lambda endpoint ARN",
    "firehose": "Firehose endpoint ARN",
    "application": "Application endpoint arn",
}
RAW_DELIVERY = ("http", "https", "sqs", "firehose")
# AWS mails or posts a token of about 230 characters; here every token of this shape is the right one.
TOKEN = re.compile(r"[0-9a-f]{32,}")


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameter", f"Invalid parameter: {message}")


def topic_not_found() -> AwsError:
    return AwsError("NotFound", "Topic does not exist", 404)


def _topic(call: Call) -> Any | None:
    arn = call.params.get("TopicArn", "")
    return sns_backends[call.account_id][call.region].topics.get(arn)


@extension.patches(SNSBackend, "subscribe")
def subscription_that_waits(
    original: Callable[..., Any], self: Any, topic_arn: str, endpoint: str, protocol: str
) -> Any:
    """moto takes every subscription for confirmed, although it keeps the flag."""
    known = self._find_subscription(topic_arn, endpoint, protocol)
    subscription = original(self, topic_arn, endpoint, protocol)
    if known is None:
        subscription.confirmed = protocol not in CONFIRMED_BY_HAND
        subscription.attributes["PendingConfirmation"] = not subscription.confirmed
        subscription.attributes["ConfirmationWasAuthenticated"] = subscription.confirmed
    return subscription


@extension.patches(SNSResponse, "subscribe")
def pending_unless_the_arn_is_asked_for(original: Callable[..., Any], self: Any) -> Any:
    """API Subscribe, ReturnSubscriptionArn: without it an unconfirmed subscription is "pending confirmation"."""
    result = original(self)
    subscription = self.backend.subscriptions[result.result["SubscriptionArn"]]
    asked = str(self._get_param("ReturnSubscriptionArn")).lower() == "true"
    return result if subscription.confirmed or asked else ActionResult({"SubscriptionArn": "pending confirmation"})


@extension.patches(SNSResponse, "list_subscriptions")
def subscriptions_as_aws_lists_them(original: Callable[..., Any], self: Any) -> Any:
    return _with_pending_arns(original(self))


@extension.patches(SNSResponse, "list_subscriptions_by_topic")
def subscriptions_of_a_topic_as_aws_lists_them(original: Callable[..., Any], self: Any) -> Any:
    return _with_pending_arns(original(self))


def _with_pending_arns(result: Any) -> ActionResult:
    """An unconfirmed subscription is listed with ``PendingConfirmation`` in the place of its ARN."""
    listed = [
        {
            "SubscriptionArn": one.arn if one.confirmed else "PendingConfirmation",
            "Owner": one.owner,
            "Protocol": one.protocol,
            "Endpoint": one.endpoint,
            "TopicArn": one.topic_arn,
        }
        for one in result.result["Subscriptions"]
    ]
    return ActionResult({**result.result, "Subscriptions": listed})


@extension.patches(SNSResponse, "confirm_subscription")
def confirm_the_oldest_that_waits(original: Callable[..., Any], self: Any) -> ActionResult:
    """A token is good for one subscription, and only its endpoint knows it: here it is the topic's oldest."""
    arn = self._get_param("TopicArn")
    for subscription in self.backend.subscriptions.values():
        if subscription.topic_arn == arn and not subscription.confirmed:
            subscription.confirmed = True
            subscription.attributes["PendingConfirmation"] = False
            return ActionResult({"SubscriptionArn": subscription.arn})
    raise invalid("Token")


@extension.patches(SNSResponse, "get_topic_attributes")
def counts_of_subscriptions(original: Callable[..., Any], self: Any) -> ActionResult:
    """moto answers 0 for all of them."""
    result = original(self)
    arn = self._get_param("TopicArn")
    held = [one.confirmed for one in self.backend.subscriptions.values() if one.topic_arn == arn]
    counts = {"SubscriptionsConfirmed": sum(held), "SubscriptionsPending": len(held) - sum(held)}
    attributes = {**result.result["Attributes"], **{name: str(count) for name, count in counts.items()}}
    return ActionResult({"Attributes": attributes})


@extension.refuses("ConfirmSubscription")
def token_that_is_none(call: Call) -> None:
    if _topic(call) is None:
        raise topic_not_found()
    if not TOKEN.fullmatch(call.params.get("Token", "")):
        raise invalid("Token")


@extension.refuses("Subscribe", "ListSubscriptionsByTopic")
def topic_that_does_not_exist(call: Call) -> None:
    if _topic(call) is None:
        raise topic_not_found()


@extension.refuses("Subscribe")
def protocol_that_there_is_not(call: Call) -> None:
    protocol = call.params.get("Protocol")
    if protocol not in PROTOCOLS:
        raise invalid(f"Amazon SNS does not support this protocol string: {protocol}")


@extension.refuses("Subscribe")
def endpoint_that_does_not_fit(call: Call) -> None:
    protocol, endpoint = call.params["Protocol"], call.params.get("Endpoint") or ""
    if not re.fullmatch(PROTOCOLS[protocol], endpoint):
        raise invalid(WRONG_ENDPOINT.get(protocol, "Endpoint"))


@extension.refuses("Subscribe")
def raw_delivery_where_there_is_none(call: Call) -> None:
    raw = (call.params.get("Attributes") or {}).get("RawMessageDelivery")
    if str(raw).lower() == "true" and call.params["Protocol"] not in RAW_DELIVERY:
        raise invalid("Attributes Reason: RawMessageDelivery: Not supported for this protocol")


@extension.refuses("Unsubscribe")
def subscription_that_waits_cannot_leave(call: Call) -> None:
    """It has no ARN to name it by; AWS forgets it after two days."""
    arn = call.params.get("SubscriptionArn", "")
    if not arn.startswith("arn:"):
        raise invalid(f"SubscriptionArn Reason: An ARN must have at least 6 elements, not {len(arn.split(':'))}")


@extension.refuses("CreateTopic", "SetTopicAttributes")
def policy_out_of_scope(call: Call) -> None:
    """A topic policy speaks of SNS actions on this topic, to principals that exist."""
    text = _policy_of(call)
    if not text:
        return
    try:
        json.loads(text)
    except ValueError:
        raise invalid("Policy Error: null") from None
    actions = [str(one) for held in statements(text) for one in as_list(held.get("Action"))]
    if any(not one.lower().startswith("sns:") and one != "*" for one in actions):
        raise invalid("Policy statement action out of service scope!")
    if invalid_principals(text, call.account_id):
        raise invalid("Policy Error: PrincipalNotFound")
    arn = call.params.get("TopicArn") or f"arn:aws:sns:{call.region}:{call.account_id}:{call.params.get('Name')}"
    resources = {str(one) for held in statements(text) for one in as_list(held.get("Resource"))}
    if resources - {arn}:
        raise invalid("Policy Error: Resource must be the topic")


def _policy_of(call: Call) -> str | None:
    if call.action == "CreateTopic":
        return (call.params.get("Attributes") or {}).get("Policy")
    return call.params.get("AttributeValue") if call.params.get("AttributeName") == "Policy" else None
