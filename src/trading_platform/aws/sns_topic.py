"""An SNS topic: who may publish, what encrypts it, and who hears it."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import find_all
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.policy import as_text, canonical
from trading_platform.aws.sns_subscriptions import PENDING, WITH_RAW_DELIVERY, Key, asked_for, describe

GONE = "NotFound"
ATTRIBUTES = {"display_name": "DisplayName", "kms_master_key_id": "KmsMasterKeyId"}


class SnsTopic(BaseResource):
    """Its name is its identity, and with account and Region its ARN, so that a dry run knows the ARN as well.

    - A subscription that waits for its confirmation counts as there: only its endpoint can confirm it.
    - One that waits and is not asked for cannot be removed; SNS forgets it after two days.
    """

    kind = "topic"

    def __init__(self, sns: Any, params: dict[str, Any], account_id: str, partition: str = "aws") -> None:
        self.sns = sns
        self.name: str = params["name"]
        self.params = params
        self.arn = f"arn:{partition}:sns:{sns.meta.region_name}:{account_id}:{self.name}"
        self.asked = asked_for(params["subscriptions"])
        self.arns: dict[Key, str] = {}
        self.placeholders = {"topic_arn": self.arn, "pending_subscriptions": []}

    def find(self) -> State | None:
        """Read attributes, tags and subscriptions."""
        try:
            held = self.sns.get_topic_attributes(TopicArn=self.arn, aws_retry=True)["Attributes"]
            tags = self.sns.list_tags_for_resource(ResourceArn=self.arn, aws_retry=True)["Tags"]
        except ClientError as problem:
            if error_code(problem) in (GONE, "ResourceNotFound"):
                return None
            raise
        listed = find_all(self.sns.list_subscriptions_by_topic, "Subscriptions", TopicArn=self.arn)
        self.arns = {(one["Protocol"], one["Endpoint"]): one["SubscriptionArn"] for one in listed}
        self.arns = {key: arn for key, arn in self.arns.items() if arn.startswith("arn:") or arn == PENDING}
        return {
            "name": self.name,
            "topic_arn": self.arn,
            **{key: held.get(name, "") for key, name in ATTRIBUTES.items()},
            "policy": canonical(held.get("Policy")),
            "subscriptions": describe(self._subscriptions()),
            "pending_subscriptions": describe({key: None for key in self.asked if self.arns.get(key) == PENDING}),
            "tags": tagging.from_list(tags),
        }

    def _subscriptions(self) -> dict[Key, bool | None]:
        """Those that count: confirmed ones, and those asked for that wait, whose raw delivery cannot be read yet."""
        return {
            key: self.asked[key] if arn == PENDING else self._raw_delivery(key, arn)
            for key, arn in self.arns.items()
            if arn != PENDING or key in self.asked
        }

    def _raw_delivery(self, key: Key, arn: str) -> bool | None:
        if key[0] not in WITH_RAW_DELIVERY:
            return None
        held = self.sns.get_subscription_attributes(SubscriptionArn=arn, aws_retry=True)["Attributes"]
        return str(held.get("RawMessageDelivery", "false")).lower() == "true"

    def wanted(self, current: State | None) -> State:
        """Give attributes, policy, subscriptions and tags."""
        tags = current["tags"] if current else {}
        result: State = {
            **{key: self.params[key] or "" for key in ATTRIBUTES},
            "subscriptions": describe(dict(self._wanted_subscriptions())),
            "tags": tagging.wanted(tags, self.params["tags"], self.params["purge_tags"]),
        }
        if self.params["policy"] is not None:
            result["policy"] = canonical(self.params["policy"])
        return result

    def _wanted_subscriptions(self) -> dict[Key, bool | None]:
        kept = {} if self.params["purge_subscriptions"] else self._subscriptions()
        return {**kept, **self.asked}

    def create(self, wanted: State) -> None:
        """Make the topic with its attributes and tags, then subscribe."""
        attributes = {name: wanted[key] for key, name in ATTRIBUTES.items() if wanted[key]}
        if wanted.get("policy"):
            attributes["Policy"] = as_text(wanted["policy"])
        self.sns.create_topic(
            Name=self.name, Attributes=attributes, Tags=tagging.to_list(wanted["tags"]), aws_retry=True
        )
        self._subscribe()

    def update(self, current: State, changes: State) -> None:
        """Write what differs; SNS takes one attribute a call."""
        for key, name in ATTRIBUTES.items():
            if key in changes:
                self._set(name, changes[key])
        if "policy" in changes:
            self._set("Policy", as_text(changes["policy"]))
        if "subscriptions" in changes:
            self._subscribe()
            self._unsubscribe()
        if "tags" in changes:
            write, remove = tagging.difference(current["tags"], changes["tags"])
            if remove:
                self.sns.untag_resource(ResourceArn=self.arn, TagKeys=remove, aws_retry=True)
            if write:
                self.sns.tag_resource(ResourceArn=self.arn, Tags=tagging.to_list(write), aws_retry=True)

    def _set(self, name: str, value: str) -> None:
        self.sns.set_topic_attributes(TopicArn=self.arn, AttributeName=name, AttributeValue=value, aws_retry=True)

    def _subscribe(self) -> None:
        for (protocol, endpoint), raw in sorted(self.asked.items()):
            arn = self.arns.get((protocol, endpoint))
            if arn is None:
                self.sns.subscribe(
                    TopicArn=self.arn,
                    Protocol=protocol,
                    Endpoint=endpoint,
                    Attributes={"RawMessageDelivery": "true"} if raw else {},
                    ReturnSubscriptionArn=True,
                    aws_retry=True,
                )
            elif arn != PENDING and self._raw_delivery((protocol, endpoint), arn) not in (None, raw):
                self.sns.set_subscription_attributes(
                    SubscriptionArn=arn,
                    AttributeName="RawMessageDelivery",
                    AttributeValue=str(raw).lower(),
                    aws_retry=True,
                )

    def _unsubscribe(self) -> None:
        if not self.params["purge_subscriptions"]:
            return
        for key, arn in sorted(self.arns.items()):
            if key not in self.asked and arn != PENDING:
                self.sns.unsubscribe(SubscriptionArn=arn, aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove the topic; its subscriptions go with it. Deleting what is gone is no error (API DeleteTopic)."""
        self.sns.delete_topic(TopicArn=self.arn, aws_retry=True)
