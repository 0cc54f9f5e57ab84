"""Events of RDS (failover, low storage, failures) sent to an SNS topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import rds, tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code

NOT_FOUND = "SubscriptionNotFound"


@dataclass(frozen=True)
class EventSubscriptionArguments:
    """What is asked for: all sources of ``source_type`` in the region, and of their events these categories."""

    name: str
    sns_topic_arn: str
    source_type: str
    event_categories: list[str]
    tags: tags.Tags | None
    purge_tags: bool


class RdsEventSubscription(BaseResource):
    """A subscription of the client's region."""

    kind = "RDS event subscription"

    def __init__(self, client: Any, arguments: EventSubscriptionArguments) -> None:
        self.client = client
        self.arguments = arguments
        self.name = arguments.name
        self.placeholders = {"arn": rds.stand_in_arn(client, "es", self.name)}

    def find(self) -> State | None:
        """Read the subscription and its tags."""
        try:
            answer = self.client.describe_event_subscriptions(SubscriptionName=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error) == NOT_FOUND:
                return None
            raise
        found = answer["EventSubscriptionsList"][0]
        if found.get("SourceIdsList"):
            raise RefusedError(
                f"{self.kind} {self.name} is limited to {', '.join(found['SourceIdsList'])}; remove it to have all"
            )
        arn = found.get("EventSubscriptionArn") or self._arn(found)
        return {
            "arn": arn,
            "sns_topic_arn": found["SnsTopicArn"],
            "source_type": found.get("SourceType"),
            "event_categories": sorted(found.get("EventCategoriesList") or []),
            "enabled": found.get("Enabled", True),
            "tags": rds.tags_of(self.client, arn),
        }

    def _arn(self, found: dict[str, Any]) -> str:
        """Give the ARN that an answer leaves out: account and region are those of its topic."""
        account = found["SnsTopicArn"].split(":")[4]
        return f"arn:{self.client.meta.partition}:rds:{self.client.meta.region_name}:{account}:es:{self.name}"

    def wanted(self, current: State | None) -> State:
        """Give the subscription as it should be."""
        asked = self.arguments
        held = current["tags"] if current else {}
        return {
            "sns_topic_arn": asked.sns_topic_arn,
            "source_type": asked.source_type,
            "event_categories": sorted(asked.event_categories),
            "enabled": True,
            "tags": tags.wanted(held, asked.tags, asked.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Subscribe."""
        self.client.create_event_subscription(
            SubscriptionName=self.name, **_request(wanted), Tags=tags.to_list(wanted["tags"]), aws_retry=True
        )

    def update(self, current: State, changes: State) -> None:
        """Change what differs."""
        if changes.keys() - {"tags"}:
            self.client.modify_event_subscription(
                SubscriptionName=self.name, **_request({**current, **changes}), aws_retry=True
            )
        if "tags" in changes:
            rds.update_tags(self.client, current["arn"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Unsubscribe."""
        try:
            self.client.delete_event_subscription(SubscriptionName=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error) != NOT_FOUND:
                raise


def _request(wanted: State) -> dict[str, Any]:
    return {
        "SnsTopicArn": wanted["sns_topic_arn"],
        "SourceType": wanted["source_type"],
        "EventCategories": wanted["event_categories"],
        "Enabled": wanted["enabled"],
    }
