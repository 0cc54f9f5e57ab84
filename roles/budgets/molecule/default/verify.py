"""A month has a budget, and the topic of warnings is told at 80 and 100 percent and when 100 are forecast."""

import sys

import boto3

account = sys.argv[1]
NAME = "production-trading-engine"
of = {"AccountId": account, "BudgetName": NAME}
budgets = boto3.client("budgets")
budget = budgets.describe_budget(**of)["Budget"]
assert (budget["TimeUnit"], budget["BudgetType"]) == ("MONTHLY", "COST"), budget
assert float(budget["BudgetLimit"]["Amount"]) == 4000, budget
told = set()
for notification in budgets.describe_notifications_for_budget(**of)["Notifications"]:
    told.add((notification["NotificationType"], notification["Threshold"]))
    asked = {key: value for key, value in notification.items() if key != "NotificationState"}
    (subscriber,) = budgets.describe_subscribers_for_notification(**of, Notification=asked)["Subscribers"]
    assert subscriber["SubscriptionType"] == "SNS" and subscriber["Address"].endswith(":warning"), subscriber
assert told == {("ACTUAL", 80.0), ("ACTUAL", 100.0), ("FORECASTED", 100.0)}, told
tags = budgets.list_tags_for_resource(ResourceARN=f"arn:aws:budgets::{account}:budget/{NAME}")["ResourceTags"]
assert {"Key": "CostCenter", "Value": "engineering"} in tags, tags
