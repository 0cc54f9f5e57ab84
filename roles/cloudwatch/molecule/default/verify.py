"""Log groups have a key and an end, metrics come of logs, every alarm tells somebody, and the dashboard has graphs."""

import json
import os
import sys
from typing import Any

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
name = "production-trading-engine"
logs, cloudwatch = boto3.client("logs"), boto3.client("cloudwatch")

groups = {one["logGroupName"]: one for one in logs.describe_log_groups()["logGroups"]}
insights = f"/aws/containerinsights/{name}"
for group in (f"{insights}/application", f"{insights}/performance"):
    assert groups[group]["retentionInDays"] == 90, group
    assert groups[group]["kmsKeyId"].startswith(f"arn:aws:kms:{region}:{account}:key/"), group

filters = {one["filterName"]: one for one in logs.describe_metric_filters()["metricFilters"]}
assert set(filters) == {"api-errors", "websocket-errors", "worker-errors", "slow-queries"}, filters
assert filters["slow-queries"]["logGroupName"].startswith(f"/aws/rds/instance/{name}"), filters
assert filters["api-errors"]["logGroupName"] == f"{insights}/application", filters
transformation = filters["api-errors"]["metricTransformations"][0]
assert (transformation["metricNamespace"], transformation["metricName"]) == (name, "ApiErrors"), transformation

found = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100)
alarms: dict[str, dict[str, Any]] = {
    one["AlarmName"].removeprefix(f"{name}-"): one for one in found["MetricAlarms"] + found["CompositeAlarms"]
}


def severity(alarm: str) -> str:
    """Say whom an alarm tells, when it goes off and when it is over."""
    (action,) = alarms[alarm]["AlarmActions"]
    assert alarms[alarm]["OKActions"] == [action], alarm
    assert action.startswith(f"arn:aws:sns:{region}:{account}:{name}-"), action
    return str(action.rpartition("-")[2])


silent = {alarm for alarm, one in alarms.items() if not one.get("AlarmActions")}
parts = {"alb-healthy-hosts-api"} | ({"health-check-api"} if region == "us-east-1" else set())
assert silent == parts, silent
for part in parts:
    assert f'ALARM("{name}-{part}")' in alarms["service-down"]["AlarmRule"], alarms["service-down"]
critical = {alarm for alarm in alarms.keys() - silent if severity(alarm) == "critical"}
assert critical == {"service-down", "alb-error-rate", "rds-storage-primary", "heartbeat"}, critical
assert {alarm.split("-")[0] for alarm in alarms} >= {"node", "eks", "rds", "redis", "alb", "sqs", "api"}, alarms.keys()

assert alarms["rds-connections-primary"]["Threshold"] == 800.0, alarms["rds-connections-primary"]
assert alarms["redis-memory-002"]["Threshold"] == 75.0, alarms["redis-memory-002"]
assert alarms["alb-latency"]["ExtendedStatistic"] == "p95", alarms["alb-latency"]
heartbeat = alarms["heartbeat"]
assert heartbeat["Dimensions"] == [{"Name": "TopicName", "Value": f"{name}-heartbeat"}], heartbeat
assert (heartbeat["ComparisonOperator"], heartbeat["Threshold"]) == ("LessThanThreshold", 1.0), heartbeat
assert heartbeat["TreatMissingData"] == "breaching", heartbeat
(result,) = (one for one in alarms["alb-error-rate"]["Metrics"] if one["ReturnData"])
assert "/ requests" in result["Expression"], result
tags = cloudwatch.list_tags_for_resource(ResourceARN=alarms["node-cpu"]["AlarmArn"])["Tags"]
assert {"Key": "Project", "Value": "trading-engine"} in tags, tags
for alarm, one in alarms.items():
    assert one["AlarmDescription"], alarm

widgets = json.loads(cloudwatch.get_dashboard(DashboardName=f"{name}-{region}")["DashboardBody"])["widgets"]
titles = [one["properties"]["markdown"] for one in widgets if one["type"] == "text"][1:]
assert titles == ["## Nodes", "## EKS", "## RDS", "## Redis", "## ALB"], titles
assert all(one["properties"]["region"] == region for one in widgets if one["type"] == "metric"), widgets
