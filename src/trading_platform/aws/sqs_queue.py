"""An SQS queue: how long messages live and hide, who may reach it, what encrypts it, where failed messages go."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id
from trading_platform.aws.policy import as_text, canonical

GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
DELETED_RECENTLY = ("AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently")
SECONDS_A_NAME_RESTS = 90.0
"""A minute after a deletion the name can be used again (API CreateQueue); half a minute more for the clocks."""

# Argument to attribute and its limits, in seconds and bytes: API CreateQueue.
NUMBERS = {
    "delay_seconds": ("DelaySeconds", 0, 900),
    "maximum_message_size": ("MaximumMessageSize", 1_024, 1_048_576),
    "message_retention_period": ("MessageRetentionPeriod", 60, 1_209_600),
    "receive_message_wait_time": ("ReceiveMessageWaitTimeSeconds", 0, 20),
    "visibility_timeout": ("VisibilityTimeout", 0, 43_200),
    "kms_data_key_reuse_period": ("KmsDataKeyReusePeriodSeconds", 60, 86_400),
}
MOST_RECEIVES = 1_000
LONGEST_NAME = 80


class SqsQueue(BaseResource):
    """Its name is its identity; one that ends in ``.fifo`` is a FIFO queue, for life."""

    kind = "queue"

    def __init__(self, sqs: Any, params: dict[str, Any]) -> None:
        self.sqs = sqs
        self.name: str = params["name"]
        self.params = params
        self.url: str | None = None
        planned, region = planned_id(self.name), sqs.meta.region_name
        self.placeholders = {
            "queue_url": f"https://sqs.{region}.amazonaws.com/{'0' * 12}/{planned}",
            "queue_arn": f"arn:aws:sqs:{region}:{'0' * 12}:{planned}",
        }

    def find(self) -> State | None:
        """Read attributes and tags."""
        try:
            self.url = self.sqs.get_queue_url(QueueName=self.name, aws_retry=True)["QueueUrl"]
            attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"], aws_retry=True)
            tags = self.sqs.list_queue_tags(QueueUrl=self.url, aws_retry=True).get("Tags", {})
        except ClientError as problem:
            if error_code(problem) in GONE:
                return None
            raise
        held = attributes["Attributes"]
        return {
            "name": self.name,
            "queue_url": self.url,
            "queue_arn": held["QueueArn"],
            **{key: int(held[name]) for key, (name, _, _) in NUMBERS.items() if name in held},
            **_encryption(held),
            "policy": canonical(held.get("Policy") or None),
            "redrive_policy": _redrive_policy(held.get("RedrivePolicy")),
            "redrive_allow_policy": _redrive_allow_policy(held.get("RedriveAllowPolicy")),
            "tags": {key: value for key, value in tags.items() if not key.startswith("aws:")},
        }

    def wanted(self, current: State | None) -> State:
        """Give every managed attribute; a queue without a key of ours is encrypted with SQS's own."""
        key = self.params["kms_master_key_id"] or ""
        result = {name: self.params[name] for name in NUMBERS if key or name != "kms_data_key_reuse_period"}
        tags = current["tags"] if current else {}
        return {
            **result,
            "kms_master_key_id": key,
            "sqs_managed_sse": not key,
            "policy": self._policy(current),
            "redrive_policy": self.params["redrive_policy"],
            "redrive_allow_policy": _sorted_sources(self.params["redrive_allow_policy"]),
            "tags": tagging.wanted(tags, self.params["tags"], self.params["purge_tags"]),
        }

    def _policy(self, current: State | None) -> dict[str, Any] | None:
        asked = self.params["policy"]
        if asked is None:
            return current["policy"] if current else None
        return canonical(asked) if asked else None

    def create(self, wanted: State) -> None:
        """Make the queue with everything, after the minute that a deleted name rests."""
        given = {key: value for key, value in wanted.items() if value is not None}
        attributes = {name: value for name, value in _attributes(given).items() if value != ""}
        if self.name.endswith(".fifo"):
            attributes["FifoQueue"] = "true"
        eventually(
            self.sqs.create_queue,
            *DELETED_RECENTLY,
            seconds=SECONDS_A_NAME_RESTS,
            QueueName=self.name,
            Attributes=attributes,
            tags=wanted["tags"],
        )

    def update(self, current: State, changes: State) -> None:
        """Write all attributes that differ at once, then the tags."""
        attributes = _attributes(changes)
        if attributes:
            self.sqs.set_queue_attributes(QueueUrl=current["queue_url"], Attributes=attributes, aws_retry=True)
        if "tags" in changes:
            write, remove = tagging.difference(current["tags"], changes["tags"])
            if remove:
                self.sqs.untag_queue(QueueUrl=current["queue_url"], TagKeys=remove, aws_retry=True)
            if write:
                self.sqs.tag_queue(QueueUrl=current["queue_url"], Tags=write, aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove the queue with every message in it."""
        with ignoring(*GONE):
            self.sqs.delete_queue(QueueUrl=current["queue_url"], aws_retry=True)


def _encryption(held: dict[str, str]) -> State:
    key = held.get("KmsMasterKeyId", "")
    return {"kms_master_key_id": key, "sqs_managed_sse": held.get("SqsManagedSseEnabled", "false") == "true"}


def _redrive_policy(text: str | None) -> dict[str, Any] | None:
    """AWS writes maxReceiveCount as a number or as text, as it was given."""
    policy = json.loads(text) if text else {}
    if not policy:
        return None
    return {
        "dead_letter_target_arn": policy["deadLetterTargetArn"],
        "max_receive_count": int(policy["maxReceiveCount"]),
    }


def _redrive_allow_policy(text: str | None) -> dict[str, Any] | None:
    """Give permission and sources; that all may is what AWS means by no policy."""
    policy = json.loads(text) if text else {}
    if policy.get("redrivePermission", "allowAll") == "allowAll":
        return None
    sources = policy.get("sourceQueueArns") or []
    return {"permission": policy["redrivePermission"], "source_queue_arns": sorted(sources)}


def _sorted_sources(asked: dict[str, Any] | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    return {"permission": asked["permission"], "source_queue_arns": sorted(asked["source_queue_arns"] or [])}


def _attributes(state: State) -> dict[str, str]:
    """Give the attributes as SQS takes them, all text; "" takes away."""
    result = {name: str(state[key]) for key, (name, _, _) in NUMBERS.items() if key in state}
    if "kms_master_key_id" in state or "sqs_managed_sse" in state:
        key = state.get("kms_master_key_id", "")
        result |= {"KmsMasterKeyId": key} if key else {"KmsMasterKeyId": "", "SqsManagedSseEnabled": "true"}
    if "policy" in state:
        result["Policy"] = as_text(state["policy"]) if state["policy"] else ""
    if "redrive_policy" in state:
        result["RedrivePolicy"] = _redrive_text(state["redrive_policy"])
    if "redrive_allow_policy" in state:
        result["RedriveAllowPolicy"] = _redrive_allow_text(state["redrive_allow_policy"])
    return result


def _redrive_text(policy: dict[str, Any] | None) -> str:
    if policy is None:
        return ""
    target, count = policy["dead_letter_target_arn"], policy["max_receive_count"]
    return as_text({"deadLetterTargetArn": target, "maxReceiveCount": count})


def _redrive_allow_text(policy: dict[str, Any] | None) -> str:
    if policy is None:
        return as_text({"redrivePermission": "allowAll"})
    sources = {"sourceQueueArns": policy["source_queue_arns"]} if policy["source_queue_arns"] else {}
    return as_text({"redrivePermission": policy["permission"], **sources})


def argument_problems(params: dict[str, Any]) -> list[str]:
    """Say what SQS would refuse, as far as the arguments alone tell."""
    if params["state"] == "absent":
        return []
    problems = [
        f"{key} is {params[key]}, not {least} to {most}"
        for key, (_, least, most) in NUMBERS.items()
        if not least <= params[key] <= most
    ]
    name = params["name"].removesuffix(".fifo")
    if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()) or len(params["name"]) > LONGEST_NAME:
        problems.append(f"name {params['name']!r} is none for a queue: 1 to 80 letters, digits, - and _")
    redrive, allow = params["redrive_policy"], params["redrive_allow_policy"]
    if redrive and not 1 <= redrive["max_receive_count"] <= MOST_RECEIVES:
        problems.append(f"max_receive_count is {redrive['max_receive_count']}, not 1 to {MOST_RECEIVES}")
    if allow and (allow["permission"] == "byQueue") != bool(allow["source_queue_arns"]):
        problems.append("redrive_allow_policy: source_queue_arns and the permission byQueue go together")
    return problems
