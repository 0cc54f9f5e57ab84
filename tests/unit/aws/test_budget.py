"""plugins/modules/budget.py against the embedded AWS."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws.budget import canonical_amount
from trading_platform.emulator.testing import EmulatorServer

main = load("budget").main
NAME = "production-trading-engine"
ACCOUNT = "123456789012"
OF: dict[str, Any] = {"AccountId": ACCOUNT, "BudgetName": NAME}
TAGS = {"Environment": "production"}
TOLD = [
    {"type": "ACTUAL", "threshold": 80},
    {"type": "ACTUAL", "threshold": 100},
    {"type": "FORECASTED", "threshold": 100},
]


def asked(**changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    own = {"name": NAME, "account_id": ACCOUNT, "amount": 4000, "notifications": TOLD, "tags": TAGS}
    return {**own, "emails": ["team@example.com"], **changed}


def make_topic(aws: EmulatorServer) -> str:
    """Make a topic that budgets may publish to."""
    sns = aws.client("sns")
    arn: str = sns.create_topic(Name="info")["TopicArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "budgets.amazonaws.com"}, "Action": "SNS:Publish"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))
    return arn


def told(aws: EmulatorServer) -> list[tuple[str, float]]:
    """Give when somebody is told, as AWS Budgets sees it."""
    found = aws.client("budgets").describe_notifications_for_budget(**OF)["Notifications"]
    return sorted((one["NotificationType"], one["Threshold"]) for one in found)


def test_check_create_and_again(aws: EmulatorServer) -> None:
    want = asked(topic_arns=[make_topic(aws)])
    predicted = run_module(main, want, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(main, want)
    assert writes(made) == ["budgets.CreateBudget"]
    budget = aws.client("budgets").describe_budget(**OF)["Budget"]
    assert (budget["TimeUnit"], budget["BudgetType"]) == ("MONTHLY", "COST")
    assert budget["BudgetLimit"] == {"Amount": "4000.0", "Unit": "USD"}
    assert told(aws) == [("ACTUAL", 80.0), ("ACTUAL", 100.0), ("FORECASTED", 100.0)]
    assert made["budget"]["notifications"][0]["topic_arns"] == want["topic_arns"]
    for check in (False, True):
        again = run_module(main, want, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 3 + len(TOLD))


def test_drift_is_seen_and_repaired(aws: EmulatorServer) -> None:
    made = run_module(main, asked())["budget"]
    budgets = aws.client("budgets")
    document = budgets.describe_budget(**OF)["Budget"]
    for key in ("CalculatedSpend", "LastUpdatedTime"):
        document.pop(key)
    limit = {"Amount": "9000", "Unit": "USD"}
    costs = {**document["CostTypes"], "IncludeTax": False}
    budgets.update_budget(AccountId=ACCOUNT, NewBudget={**document, "BudgetLimit": limit, "CostTypes": costs})
    first = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80}
    budgets.delete_notification(**OF, Notification=first)
    email = {"SubscriptionType": "EMAIL", "Address": "other@example.com"}
    budgets.create_notification(**OF, Notification={**first, "Threshold": 50}, Subscribers=[email])
    budgets.tag_resource(ResourceARN=made["arn"], ResourceTags=[{"Key": "Extra", "Value": "1"}])
    shown = run_module(main, asked(), check=True)
    assert (shown["actions"], writes(shown)) == (["update: amount, notifications, tags"], [])
    assert run_module(main, asked())["budget"] == made
    assert budgets.describe_budget(**OF)["Budget"]["CostTypes"]["IncludeTax"] is False  # not managed, and kept
    assert run_module(main, asked())["changed"] is False


def test_other_people_are_told(aws: EmulatorServer) -> None:
    run_module(main, asked())
    changed = run_module(main, asked(emails=["other@example.com"]))
    assert changed["actions"] == ["update: notifications"]
    assert {address for one in changed["budget"]["notifications"] for address in one["emails"]} == {"other@example.com"}


def test_costs_are_filtered(aws: EmulatorServer) -> None:
    filters = {"TagKeyValue": ["user:Project$trading-engine"]}
    run_module(main, asked(cost_filters=filters))
    assert aws.client("budgets").describe_budget(**OF)["Budget"]["CostFilters"] == filters
    assert run_module(main, asked(cost_filters=filters))["changed"] is False
    assert run_module(main, asked())["actions"] == ["update: cost_filters"]


@pytest.mark.parametrize(
    ("given", "text"), [(4000, "4000"), ("4000.0", "4000"), (12.5, "12.5"), ("100", "100"), (4e3, "4000")]
)
def test_amounts_have_one_form(given: Any, text: str) -> None:
    assert canonical_amount(given) == text


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"amount": 0}, "must be more than 0"),
        ({"emails": []}, "tells somebody"),
        ({"topic_arns": ["a", "b"]}, "one topic"),
        ({"notifications": [{"type": "ACTUAL", "threshold": n} for n in range(1, 12)]}, "at most 10"),
    ],
)
def test_arguments_that_cannot_be(aws: EmulatorServer, changed: dict[str, Any], message: str) -> None:
    refused = run_module(main, asked(**changed), check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    run_module(main, asked())
    gone = {"name": NAME, "account_id": aws.account_id, "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert [run_module(main, gone)["changed"] for _ in range(2)] == [True, False]


def test_an_api_error_names_the_budget(aws: EmulatorServer) -> None:
    assert f"budget {NAME}" in run_module(main, asked(), fail={"budgets.CreateBudget": "AccessDeniedException"})["msg"]
