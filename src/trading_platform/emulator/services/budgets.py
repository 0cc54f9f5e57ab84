"""AWS Budgets: updates, subscribers and tags, which moto does not have, and what AWS Budgets refuses."""

import json
from collections.abc import Callable
from typing import Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget, Notification, budgets_backends
from moto.budgets.responses import BudgetsResponse
from moto.core.utils import unix_time
from moto.sns.models import sns_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of

extension = Extension("budgets")
EXTENSIONS = (extension,)

SERVICE = "budgets.amazonaws.com"
MOST_NOTIFICATIONS = 10
MOST_EMAILS = 10
MOST_TOPICS = 1
WHAT_IT_IS = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")


def _identity(details: dict[str, Any]) -> tuple[Any, ...]:
    whole = {"ThresholdType": "PERCENTAGE", **details}
    return tuple(float(whole[key]) if key == "Threshold" else whole[key] for key in WHAT_IT_IS)


def _tags(backend: Any, arn: str) -> dict[str, str]:
    held: dict[str, str] = state_of(backend, "tags").setdefault(arn, {})
    return held


def _budget(response: Any) -> Any:
    name = response._get_param("BudgetName")
    held = response.backend.budgets[response._get_param("AccountId")].get(name)
    if held is None:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return held


def _notification(response: Any) -> Any:
    asked = response._get_param("Notification")
    for held in _budget(response).notifications:
        if _identity(held.details) == _identity(asked):
            return held
    raise NotFoundException("Unable to get subscribers - the notification doesn't exist.")


@extension.patches(Notification, "__init__")
def notification_with_its_defaults(
    original: Callable[..., Any], self: Any, details: dict[str, Any], subscribers: Any
) -> None:
    """API Notification: a threshold is in percent unless told otherwise; the state is told as well."""
    threshold = float(details["Threshold"])
    own = {"ThresholdType": "PERCENTAGE", "NotificationState": "OK"}
    original(self, {**own, **details, "Threshold": threshold}, list(subscribers))


@extension.patches(Budget, "delete_notification")
def delete_the_one_that_is_meant(_: Callable[..., Any], self: Any, details: dict[str, Any]) -> None:
    """moto compares all members; what a notification is are four of them."""
    held = [one for one in self.notifications if _identity(one.details) != _identity(details)]
    if len(held) == len(self.notifications):
        raise NotFoundException("Unable to delete notification - the notification doesn't exist.")
    self.notifications = held


@extension.patches(Budget, "to_dict")
def amounts_as_aws_writes_them(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    """AWS answers ``4000.0`` to ``4000``, and with an empty dict of filters."""
    held = original(self)
    if "BudgetLimit" in held:
        held["BudgetLimit"] = {**held["BudgetLimit"], "Amount": str(float(held["BudgetLimit"]["Amount"]))}
    return {"CostFilters": {}, **held}


@extension.patches(BudgetsResponse, "create_budget")
def create_with_tags(original: Callable[..., Any], self: Any) -> Any:
    answer = original(self)
    account, name = self._get_param("AccountId"), self._get_param("Budget")["BudgetName"]
    given = {tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags") or []}
    _tags(self.backend, f"arn:aws:budgets::{account}:budget/{name}").update(given)
    return answer


@extension.patches(BudgetsResponse, "delete_budget")
def delete_with_tags(original: Callable[..., Any], self: Any) -> Any:
    answer = original(self)
    account, name = self._get_param("AccountId"), self._get_param("BudgetName")
    state_of(self.backend, "tags").pop(f"arn:aws:budgets::{account}:budget/{name}", None)
    return answer


@extension.adds(BudgetsResponse)
def update_budget(self: Any) -> str:
    """API UpdateBudget: everything but the name is replaced; notifications stay."""
    account, asked = self._get_param("AccountId"), self._get_param("NewBudget")
    held = self.backend.budgets[account].get(asked["BudgetName"])
    if held is None:
        message = f"Unable to update budget: {asked['BudgetName']} - the budget doesn't exist."
        raise NotFoundException(message)
    kept = {"TimePeriod": held.budget["TimePeriod"]}
    held.budget = {**kept, **asked, "LastUpdatedTime": unix_time()}
    return "{}"


@extension.adds(BudgetsResponse)
def describe_subscribers_for_notification(self: Any) -> str:
    return json.dumps({"Subscribers": _notification(self).subscribers})


@extension.adds(BudgetsResponse)
def list_tags_for_resource(self: Any) -> str:
    held = _tags(self.backend, self._get_param("ResourceARN"))
    return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in sorted(held.items())]})


@extension.adds(BudgetsResponse)
def tag_resource(self: Any) -> str:
    given = {tag["Key"]: tag["Value"] for tag in self._get_param("ResourceTags")}
    _tags(self.backend, self._get_param("ResourceARN")).update(given)
    return "{}"


@extension.adds(BudgetsResponse)
def untag_resource(self: Any) -> str:
    for key in self._get_param("ResourceTagKeys"):
        _tags(self.backend, self._get_param("ResourceARN")).pop(key, None)
    return "{}"


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message, 400)


def _asked(call: Call) -> list[dict[str, Any]]:
    """Notifications with their subscribers of a call that makes some."""
    return list(
        call.params.get("NotificationsWithSubscribers") or ([call.params] if "Notification" in call.params else [])
    )


@extension.refuses("CreateBudget", "UpdateBudget")
def amount_that_is_none(call: Call) -> None:
    limit = (call.params.get("Budget") or call.params.get("NewBudget") or {}).get("BudgetLimit")
    if limit and float(limit["Amount"]) <= 0:
        raise invalid("Unable to create/update budget - the budget limit must be greater than 0.")


@extension.refuses("CreateBudget", "CreateNotification")
def subscribers_that_cannot_be(call: Call) -> None:
    """User guide, "Quotas": 10 addresses and one topic for a notification, and at least one of them."""
    for one in _asked(call):
        kinds = [subscriber["SubscriptionType"] for subscriber in one["Subscribers"]]
        if not kinds:
            raise invalid("A notification must have at least one subscriber.")
        if kinds.count("EMAIL") > MOST_EMAILS or kinds.count("SNS") > MOST_TOPICS:
            message = "A notification can have up to 10 email subscribers and 1 SNS subscriber."
            raise AwsError("CreationLimitExceededException", message, 400)


@extension.refuses("CreateBudget", "CreateNotification")
def topic_that_budgets_cannot_publish_to(call: Call) -> None:
    """User guide, "Creating an Amazon SNS topic for budget notifications": the topic's policy must let Budgets in."""
    for one in _asked(call):
        for subscriber in one["Subscribers"]:
            if subscriber["SubscriptionType"] != "SNS":
                continue
            arn = subscriber["Address"]
            topic = sns_backends[call.account_id][arn.split(":")[3]].topics.get(arn)
            if topic is None or SERVICE not in str(topic.policy):
                raise invalid(f"Unable to create notification - the SNS topic {arn} does not let {SERVICE} publish.")


@extension.refuses("CreateBudget", "CreateNotification")
def notifications_that_stand_twice(call: Call) -> None:
    held: list[tuple[Any, ...]] = []
    if call.action == "CreateNotification":
        backend = budgets_backends[call.account_id]["aws"]
        budget = backend.budgets[call.params["AccountId"]].get(call.params["BudgetName"])
        held = [_identity(one.details) for one in budget.notifications] if budget else []
    for one in _asked(call):
        identity = _identity(one["Notification"])
        if identity in held:
            message = "Error creating notification - the notification already exists."
            raise AwsError("DuplicateRecordException", message, 400)
        held.append(identity)
    if len(held) > MOST_NOTIFICATIONS:
        message = f"A budget can have up to {MOST_NOTIFICATIONS} notifications."
        raise AwsError("CreationLimitExceededException", message, 400)
