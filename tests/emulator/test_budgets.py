"""AWS Budgets: what the emulator keeps, and what it refuses as AWS does."""

import json
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

EMAIL = {"SubscriptionType": "EMAIL", "Address": "team@example.com"}
OF: dict[str, Any] = {"AccountId": "123456789012", "BudgetName": "monthly"}


@pytest.fixture
def budgets(emulator: EmulatorServer) -> Any:
    return emulator.client("budgets")


def notification(threshold: float = 80, kind: str = "ACTUAL") -> dict[str, Any]:
    return {"NotificationType": kind, "ComparisonOperator": "GREATER_THAN", "Threshold": threshold}


def budget(amount: str = "4000") -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    return {"BudgetName": "monthly", "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}


def make(budgets: Any, *told: dict[str, Any], subscribers: Any = (EMAIL,), **more: Any) -> None:
    whole = [{"Notification": one, "Subscribers": list(subscribers)} for one in told]
    budgets.create_budget(AccountId=OF["AccountId"], Budget=budget(), NotificationsWithSubscribers=whole, **more)


def test_amounts_filters_and_tags(budgets: Any) -> None:
    make(budgets, ResourceTags=[{"Key": "a", "Value": "1"}])
    held = budgets.describe_budget(**OF)["Budget"]
    assert (held["BudgetLimit"]["Amount"], held["CostFilters"]) == ("4000.0", {})
    arn = "arn:aws:budgets::123456789012:budget/monthly"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "b", "Value": "2"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["a"])
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [{"Key": "b", "Value": "2"}]
    budgets.delete_budget(**OF)
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == []


def test_an_update_replaces_the_budget_and_keeps_its_notifications(budgets: Any) -> None:
    make(budgets, notification())
    budgets.update_budget(AccountId=OF["AccountId"], NewBudget=budget("10.5"))
    assert budgets.describe_budget(**OF)["Budget"]["BudgetLimit"]["Amount"] == "10.5"
    assert len(budgets.describe_notifications_for_budget(**OF)["Notifications"]) == 1
    with refused("NotFoundException", "the budget doesn't exist"):
        budgets.update_budget(AccountId=OF["AccountId"], NewBudget={**budget(), "BudgetName": "none"})


def test_subscribers_of_a_notification(budgets: Any) -> None:
    make(budgets, notification(80), notification(100, "FORECASTED"))
    found = budgets.describe_subscribers_for_notification(**OF, Notification=notification(80))["Subscribers"]
    assert found == [EMAIL]
    (first, _) = budgets.describe_notifications_for_budget(**OF)["Notifications"]
    assert (first["ThresholdType"], first["NotificationState"]) == ("PERCENTAGE", "OK")
    budgets.delete_notification(**OF, Notification=notification(80))
    for call in (budgets.delete_notification, budgets.describe_subscribers_for_notification):
        with refused("NotFoundException", "the notification doesn't exist"):
            call(**OF, Notification=notification(80))


def test_notifications_stand_once_and_are_few(budgets: Any) -> None:
    with refused("DuplicateRecordException", "the notification already exists"):
        make(budgets, notification(), notification())
    make(budgets, notification())
    with refused("DuplicateRecordException", "the notification already exists"):
        budgets.create_notification(**OF, Notification=notification(), Subscribers=[EMAIL])
    for threshold in range(1, 10):
        budgets.create_notification(**OF, Notification=notification(threshold), Subscribers=[EMAIL])
    with refused("CreationLimitExceededException", "up to 10 notifications"):
        budgets.create_notification(**OF, Notification=notification(11), Subscribers=[EMAIL])


def test_subscribers_are_few(budgets: Any) -> None:
    many = [{**EMAIL, "Address": f"{n}@example.com"} for n in range(11)]
    with refused("CreationLimitExceededException", "10 email subscribers"):
        make(budgets, notification(), subscribers=many)


def test_topic_must_let_budgets_publish(emulator: EmulatorServer, budgets: Any) -> None:
    sns = emulator.client("sns")
    arn = sns.create_topic(Name="info")["TopicArn"]
    topic = {"SubscriptionType": "SNS", "Address": arn}
    for address in (arn, f"{arn}-none"):
        with refused("InvalidParameterException", "does not let budgets.amazonaws.com publish"):
            make(budgets, notification(), subscribers=[{**topic, "Address": address}])
    allow = {"Effect": "Allow", "Principal": {"Service": "budgets.amazonaws.com"}, "Action": "SNS:Publish"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))
    make(budgets, notification(), subscribers=[topic])


def test_amount_must_be_more_than_nothing(budgets: Any) -> None:
    with refused("InvalidParameterException", "greater than 0"):
        budgets.create_budget(AccountId=OF["AccountId"], Budget=budget("0"))
