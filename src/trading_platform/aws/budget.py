"""A monthly budget of costs, and who is told when it is used up.

An update replaces the budget, so cost types and other settings are sent again as they were read. A notification has no
id: its kind, threshold and comparison are what it is
(https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Notification.html).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags
from trading_platform.aws.ec2 import find_all, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code

MOST_EMAILS = 10
MOST_NOTIFICATIONS = 10
READ_ONLY = ("CalculatedSpend", "LastUpdatedTime", "HealthStatus")


class Budget(BaseResource):
    """The budget of this name.

    Args:
        budgets: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "budget"

    def __init__(self, budgets: Any, params: dict[str, Any]) -> None:
        self.budgets = budgets
        self.params = params
        self.name: str = params["name"]
        self.account: str = params["account_id"]
        self.of = {"AccountId": self.account, "BudgetName": self.name}
        self.arn = f"arn:{budgets.meta.partition}:budgets::{self.account}:budget/{self.name}"
        self.document: dict[str, Any] = {}

    def find(self) -> State | None:
        """Read the budget, its notifications with their subscribers, and its tags."""
        try:
            self.document = self.budgets.describe_budget(**self.of, aws_retry=True)["Budget"]
        except ClientError as error:
            if error_code(error) == "NotFoundException":
                return None
            raise
        found = find_all(self.budgets.describe_notifications_for_budget, "Notifications", **self.of)
        tagged = self.budgets.list_tags_for_resource(ResourceARN=self.arn, aws_retry=True)
        limit = self.document.get("BudgetLimit") or {}
        return {
            "arn": self.arn,
            "name": self.name,
            "amount": canonical_amount(limit.get("Amount", "0")),
            "currency": limit.get("Unit"),
            "time_unit": self.document["TimeUnit"],
            "type": self.document["BudgetType"],
            "cost_filters": {
                key: sorted(value) for key, value in (self.document.get("CostFilters") or {}).items() if value
            },
            "notifications": _sorted(self._notification(one) for one in found),
            "tags": tags.from_list(tagged.get("ResourceTags")),
        }

    def _notification(self, notification: dict[str, Any]) -> State:
        asked = {key: notification[key] for key in _KEYS if key in notification}
        subscribers = find_all(
            self.budgets.describe_subscribers_for_notification, "Subscribers", **self.of, Notification=asked
        )
        return {
            "type": notification["NotificationType"],
            "threshold": float(notification["Threshold"]),
            "unit": notification.get("ThresholdType", "PERCENTAGE"),
            "comparison": notification["ComparisonOperator"],
            "emails": sorted(one["Address"] for one in subscribers if one["SubscriptionType"] == "EMAIL"),
            "topic_arns": sorted(one["Address"] for one in subscribers if one["SubscriptionType"] == "SNS"),
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; every notification tells the same people."""
        asked = self.params
        return {
            "name": self.name,
            "amount": canonical_amount(asked["amount"]),
            "currency": "USD",
            "time_unit": "MONTHLY",
            "type": "COST",
            "cost_filters": {key: sorted(value) for key, value in asked["cost_filters"].items()},
            "notifications": _sorted(
                {
                    "type": one["type"],
                    "threshold": float(one["threshold"]),
                    "unit": "PERCENTAGE",
                    "comparison": "GREATER_THAN",
                    "emails": sorted(asked["emails"]),
                    "topic_arns": sorted(asked["topic_arns"]),
                }
                for one in asked["notifications"]
            ),
            "tags": tags.wanted(current["tags"] if current else {}, asked["tags"], asked["purge_tags"]),
        }

    def create(self, wanted: State) -> None:
        """Make the budget with its notifications and tags."""
        self.budgets.create_budget(
            AccountId=self.account,
            Budget=self._document(wanted),
            NotificationsWithSubscribers=[
                {"Notification": _to_aws(one), "Subscribers": _subscribers(one)} for one in wanted["notifications"]
            ],
            ResourceTags=tags.to_list(wanted["tags"]),
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """Change what differs."""
        if set(changes) - {"notifications", "tags"}:
            self.budgets.update_budget(
                AccountId=self.account, NewBudget=self._document({**current, **changes}), aws_retry=True
            )
        if "notifications" in changes:
            self._notify(current["notifications"], changes["notifications"])
        if "tags" in changes:
            write, remove = tags.difference(current["tags"], changes["tags"])
            if remove:
                self.budgets.untag_resource(ResourceARN=self.arn, ResourceTagKeys=remove, aws_retry=True)
            if write:
                self.budgets.tag_resource(ResourceARN=self.arn, ResourceTags=tags.to_list(write), aws_retry=True)

    def _document(self, state: State) -> dict[str, Any]:
        kept = {key: value for key, value in self.document.items() if key not in (*READ_ONLY, "PlannedBudgetLimits")}
        return {
            **kept,
            "BudgetName": self.name,
            "BudgetLimit": {"Amount": state["amount"], "Unit": state["currency"]},
            "TimeUnit": state["time_unit"],
            "BudgetType": state["type"],
            "CostFilters": state["cost_filters"],
        }

    def _notify(self, current: list[State], target: list[State]) -> None:
        for one in current:
            if one not in target:
                with ignoring("NotFoundException"):
                    self.budgets.delete_notification(**self.of, Notification=_to_aws(one), aws_retry=True)
        for one in target:
            if one not in current:
                self.budgets.create_notification(
                    **self.of, Notification=_to_aws(one), Subscribers=_subscribers(one), aws_retry=True
                )

    def delete(self, current: State) -> None:
        """Remove the budget with its notifications."""
        with ignoring("NotFoundException"):
            self.budgets.delete_budget(**self.of, aws_retry=True)


_KEYS = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")


def canonical_amount(amount: Any) -> str:
    """Give an amount without zeros that say nothing: AWS answers ``4000.0`` to ``4000``."""
    text = f"{Decimal(str(amount)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _to_aws(one: State) -> dict[str, Any]:
    values = (one["type"], one["comparison"], one["threshold"], one["unit"])
    return dict(zip(_KEYS, values, strict=True))


def _subscribers(one: State) -> list[dict[str, str]]:
    emails = [{"SubscriptionType": "EMAIL", "Address": address} for address in one["emails"]]
    return emails + [{"SubscriptionType": "SNS", "Address": arn} for arn in one["topic_arns"]]


def _sorted(notifications: Any) -> list[State]:
    return sorted(notifications, key=lambda one: (str(one["type"]), float(one["threshold"])))


def problems(params: dict[str, Any]) -> list[str]:
    """Say what AWS Budgets would refuse of a module's parameters, before it is asked."""
    if params["state"] == "absent":
        return []
    found = []
    if Decimal(str(params["amount"])) <= 0:
        found.append(f"amount: {params['amount']} must be more than 0")
    if params["notifications"] and not (params["emails"] or params["topic_arns"]):
        found.append("emails, topic_arns: a notification tells somebody")
    if len(params["emails"]) > MOST_EMAILS or len(params["topic_arns"]) > 1:
        found.append(f"emails, topic_arns: a notification has at most {MOST_EMAILS} addresses and one topic")
    if len(params["notifications"]) > MOST_NOTIFICATIONS:
        found.append(f"notifications: a budget has at most {MOST_NOTIFICATIONS}")
    return found
