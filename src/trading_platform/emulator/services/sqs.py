"""SQS: every attribute kept, ranges of attributes, dead-letter queues that exist, and names that rest for a minute."""

import json
import time
from collections.abc import Callable
from typing import Any

from moto.sqs.models import Queue, SQSBackend, sqs_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of

extension = Extension("sqs")
EXTENSIONS = (extension,)

# API CreateQueue, Attributes: seconds, and bytes for the size.
RANGES = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1_024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
OTHERS = {
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsMasterKeyId",
    "Policy",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
}
MOST_RECEIVES = 1000
MOST_SOURCE_QUEUES = 10
SECONDS_A_NAME_RESTS = 60.0

Queue.BASE_ATTRIBUTES.append("RedriveAllowPolicy")


@extension.patches(Queue, "__init__")
def queue_without_a_redrive_allow_policy(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    self.redrive_allow_policy = None
    original(self, *args, **kwargs)
    _settle_encryption(self, kwargs)


@extension.patches(Queue, "_set_attributes")
def keep_the_policy_that_is_not_named(
    original: Callable[..., Any], self: Any, attributes: dict[str, Any], now: float | None = None
) -> None:
    """moto forgets the policy when another attribute is set."""
    held = getattr(self, "_policy_json", None) if "Policy" not in attributes else None
    original(self, attributes, now)
    if held:
        self._policy_json = held
    if attributes.get("RedriveAllowPolicy") == "":
        self.redrive_allow_policy = None
    _settle_encryption(self, attributes)


def _settle_encryption(queue: Any, attributes: dict[str, Any]) -> None:
    """One kind of encryption at a time: "Only one server-side encryption option is supported per queue"."""
    if attributes.get("KmsMasterKeyId"):
        queue.sqs_managed_sse_enabled = False
    elif str(attributes.get("SqsManagedSseEnabled", "")).lower() == "true":
        queue.kms_master_key_id = None


@extension.patches(Queue, "attributes")
def leave_out_what_is_not_set(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    """AWS returns no empty policies."""
    held = original(self)
    return {name: value for name, value in held.items() if value not in (None, "")}


@extension.patches(SQSBackend, "delete_queue")
def remember_the_name(original: Callable[..., Any], self: Any, queue_name: str) -> None:
    original(self, queue_name)
    state_of(self, "deleted-queues")[queue_name] = time.monotonic()


@extension.refuses("CreateQueue")
def name_of_a_queue_deleted_a_minute_ago(call: Call) -> None:
    """API CreateQueue: QueueDeletedRecently."""
    backend = sqs_backends[call.account_id][call.region]
    deleted = state_of(backend, "deleted-queues").get(call.params["QueueName"])
    if deleted is not None and time.monotonic() - deleted < SECONDS_A_NAME_RESTS:
        raise AwsError(
            "QueueDeletedRecently",
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
        )


@extension.refuses("CreateQueue", "SetQueueAttributes")
def attributes_that_there_are_not(call: Call) -> None:
    for name in call.params.get("Attributes") or {}:
        if name not in RANGES and name not in OTHERS:
            raise AwsError("InvalidAttributeName", f"Unknown Attribute {name}.")


@extension.refuses("CreateQueue", "SetQueueAttributes")
def numbers_out_of_range(call: Call) -> None:
    for name, value in (call.params.get("Attributes") or {}).items():
        if name in RANGES and not _between(str(value), *RANGES[name]):
            raise AwsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.")


def _between(text: str, least: int, most: int) -> bool:
    return text.isdigit() and least <= int(text) <= most


@extension.refuses("CreateQueue", "SetQueueAttributes")
def two_kinds_of_encryption(call: Call) -> None:
    attributes = call.params.get("Attributes") or {}
    if attributes.get("KmsMasterKeyId") and str(attributes.get("SqsManagedSseEnabled", "")).lower() == "true":
        raise AwsError("InvalidAttributeValue", "You can use one type of server-side encryption (SSE) at one time.")


@extension.refuses("CreateQueue", "SetQueueAttributes")
def queue_turned_into_another_type(call: Call) -> None:
    attributes = call.params.get("Attributes") or {}
    if call.action == "SetQueueAttributes" and "FifoQueue" in attributes:
        raise AwsError("InvalidAttributeName", "Unknown Attribute FifoQueue.")
    if call.action == "CreateQueue" and "FifoQueue" in attributes and attributes["FifoQueue"] != "true":
        raise AwsError("InvalidAttributeValue", "Invalid value for the parameter FifoQueue.")


@extension.refuses("CreateQueue", "SetQueueAttributes")
def policies_that_are_no_json(call: Call) -> None:
    for name in ("Policy", "RedrivePolicy", "RedriveAllowPolicy"):
        value = (call.params.get("Attributes") or {}).get(name)
        if value and not isinstance(_parsed(value), dict):
            raise AwsError("InvalidAttributeValue", f"Invalid value for the parameter {name}.")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@extension.refuses("CreateQueue", "SetQueueAttributes")
def dead_letter_queue_that_cannot_be(call: Call) -> None:
    """Developer guide, "Using dead-letter queues": same account and Region, same type, 1 to 1000 receives."""
    text = (call.params.get("Attributes") or {}).get("RedrivePolicy")
    policy = _parsed(text) if text else None
    if not isinstance(policy, dict):
        return
    reason = _wrong_with(call, policy)
    if reason:
        raise AwsError(
            "InvalidParameterValue", f"Value {text} for parameter RedrivePolicy is invalid. Reason: {reason}"
        )


def _wrong_with(call: Call, policy: dict[str, Any]) -> str | None:
    if set(policy) != {"deadLetterTargetArn", "maxReceiveCount"}:
        return "Redrive policy needs deadLetterTargetArn and maxReceiveCount."
    count, arn = str(policy["maxReceiveCount"]), str(policy["deadLetterTargetArn"])
    if not _between(count, 1, MOST_RECEIVES):
        return f"Invalid value for maxReceiveCount: {count}, valid values are from 1 to {MOST_RECEIVES} both inclusive."
    prefix, _, name = arn.rpartition(":")
    if prefix != f"arn:aws:sqs:{call.region}:{call.account_id}":
        return "Dead letter target must be owned by the same account and in the same Region."
    queue = sqs_backends[call.account_id][call.region].queues.get(name)
    if queue is None:
        return "Dead letter target does not exist."
    if queue.fifo_queue != _source_name(call).endswith(".fifo"):
        return "Dead-letter queue must be same type of queue as the source."
    return _not_allowed(queue, f"{prefix}:{_source_name(call)}")


def _source_name(call: Call) -> str:
    return str(call.params.get("QueueName") or call.params["QueueUrl"].rpartition("/")[2])


def _not_allowed(queue: Any, source_arn: str) -> str | None:
    allowed = _parsed(queue.redrive_allow_policy or "{}") or {}
    permission = allowed.get("redrivePermission", "allowAll")
    if permission == "allowAll" or (permission == "byQueue" and source_arn in allowed.get("sourceQueueArns", [])):
        return None
    return "Dead letter target does not allow this source queue."


@extension.refuses("CreateQueue", "SetQueueAttributes")
def redrive_allow_policy_that_is_none(call: Call) -> None:
    text = (call.params.get("Attributes") or {}).get("RedriveAllowPolicy")
    policy = _parsed(text) if text else None
    if not isinstance(policy, dict):
        return
    permission, sources = policy.get("redrivePermission"), policy.get("sourceQueueArns") or []
    reason = None
    if permission not in ("allowAll", "denyAll", "byQueue") or (permission == "byQueue") != bool(sources):
        reason = "redrivePermission must be allowAll, denyAll, or byQueue with sourceQueueArns."
    elif len(sources) > MOST_SOURCE_QUEUES:
        reason = f"Only {MOST_SOURCE_QUEUES} source queues can be listed."
    if reason:
        message = f"Value {text} for parameter RedriveAllowPolicy is invalid. Reason: {reason}"
        raise AwsError("InvalidParameterValue", message)
