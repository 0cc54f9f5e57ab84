"""CloudWatch: what the emulator keeps, and what it refuses as AWS does."""

import json
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

ALARM = {
    "AlarmName": "a",
    "Namespace": "n",
    "MetricName": "m",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
STAT = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
MATH = {key: ALARM[key] for key in ("AlarmName", "EvaluationPeriods", "Threshold", "ComparisonOperator")}


@pytest.fixture
def cloudwatch(emulator: EmulatorServer) -> Any:
    return emulator.client("cloudwatch")


def test_composite_alarms_come_only_when_asked_for(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    cloudwatch.put_composite_alarm(AlarmName="b", AlarmRule='ALARM("a")', AlarmDescription="d")
    assert cloudwatch.describe_alarms()["CompositeAlarms"] == []
    (composite,) = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (composite["AlarmRule"], composite["AlarmDescription"]) == ('ALARM("a")', "d")
    assert cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"] == "INSUFFICIENT_DATA"


def test_pages_and_prefixes(cloudwatch: Any) -> None:
    for name in ("x-1", "x-2", "x-3", "y"):
        cloudwatch.put_metric_alarm(**{**ALARM, "AlarmName": name})
    first = cloudwatch.describe_alarms(AlarmNamePrefix="x-", MaxRecords=2)
    rest = cloudwatch.describe_alarms(AlarmNamePrefix="x-", MaxRecords=2, NextToken=first["NextToken"])
    assert [one["AlarmName"] for page in (first, rest) for one in page["MetricAlarms"]] == ["x-1", "x-2", "x-3"]
    assert "NextToken" not in rest


def test_a_change_keeps_state_and_tags(cloudwatch: Any) -> None:
    cloudwatch.put_metric_alarm(**ALARM, Tags=[{"Key": "k", "Value": "1"}])
    cloudwatch.set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="test")
    cloudwatch.put_metric_alarm(**{**ALARM, "Threshold": 2.0}, Tags=[{"Key": "k", "Value": "2"}])
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert (alarm["StateValue"], alarm["Threshold"]) == ("ALARM", 2.0)
    assert cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"] == [{"Key": "k", "Value": "1"}]


def test_metric_math_comes_back_as_it_was_put(cloudwatch: Any) -> None:
    queries = [
        {"Id": "m", "MetricStat": STAT, "ReturnData": False},
        {"Id": "e", "Expression": "m * 2", "ReturnData": True},
    ]
    cloudwatch.put_metric_alarm(**MATH, Metrics=queries)
    found = cloudwatch.describe_alarms()["MetricAlarms"][0]["Metrics"]
    assert [(one["Id"], one["ReturnData"], one.get("Expression")) for one in found] == [
        ("m", False, None),
        ("e", True, "m * 2"),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AlarmActions": [f"arn:aws:sns:us-east-1:123456789012:{n}" for n in range(6)]}, "less than or equal to 5"),
        ({"OKActions": ["arn:aws:sns:us-west-2:123456789012:t"]}, "Invalid region us-west-2 specified"),
        ({"AlarmActions": ["t"]}, "Invalid arn syntax: t"),
        ({"Period": 45}, "Valid periods are 10, 20, 30, or any multiple of 60"),
        ({"Period": 300, "EvaluationPeriods": 289}, "across more than a day"),
        ({"Period": 3600, "EvaluationPeriods": 169}, "across more than a week"),
        ({"DatapointsToAlarm": 4}, "DatapointsToAlarm must be less"),
        ({"TreatMissingData": "bad"}, "Option bad is not supported"),
        ({"Metrics": [{"Id": "m", "MetricStat": STAT}]}, "must not be specified when Metrics is specified"),
    ],
)
def test_alarms_that_are_refused(cloudwatch: Any, change: dict[str, Any], message: str) -> None:
    with refused("ValidationError", message):
        cloudwatch.put_metric_alarm(**{**ALARM, **change})
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_two_statistics(cloudwatch: Any) -> None:
    with refused("InvalidParameterCombination", "either Statistic or ExtendedStatistic"):
        cloudwatch.put_metric_alarm(**ALARM, ExtendedStatistic="p95")


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ([{"Id": "M", "MetricStat": STAT}], "must begin with a lower-case letter"),
        ([{"Id": "m", "MetricStat": STAT}, {"Id": "m", "Expression": "m", "ReturnData": False}], "must be unique"),
        ([{"Id": "m", "MetricStat": STAT}, {"Id": "e", "Expression": "m"}], "Exactly one element"),
        ([{"Id": "e"}], "Exactly one of Expression and MetricStat"),
    ],
)
def test_math_that_is_refused(cloudwatch: Any, queries: list[dict[str, Any]], message: str) -> None:
    with refused("ValidationError", message):
        cloudwatch.put_metric_alarm(**MATH, Metrics=queries)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("ALARM(none)", "alarm none does not exist"),
        ("ALARM(c)", "cannot refer to the alarm itself"),
        ("ALARM(a", "unsupported syntax"),
        ("a is bad", "unsupported syntax"),
    ],
)
def test_rules_that_are_refused(cloudwatch: Any, rule: str, message: str) -> None:
    cloudwatch.put_metric_alarm(**ALARM)
    with refused("ValidationError", message):
        cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule=rule)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "must be a valid JSON object"),
        ({}, "required property 'widgets'"),
        ({"widgets": [{"type": "pie", "properties": {}}]}, "allowed values"),
        ({"widgets": [{"type": "text"}]}, "required property 'properties'"),
        ({"widgets": [{"type": "text", "x": 20, "width": 6, "properties": {"markdown": ""}}]}, "<= 24"),
        ({"widgets": [{"type": "metric", "properties": {"metrics": []}}]}, "required property 'region'"),
        ({"widgets": [{"type": "metric", "properties": {"region": "us-east-1"}}]}, "required property 'metrics'"),
    ],
)
def test_dashboards_that_are_refused(cloudwatch: Any, body: Any, message: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    with refused("InvalidParameterInput", message):
        cloudwatch.put_dashboard(DashboardName="d", DashboardBody=text)


def test_dashboard_names(cloudwatch: Any) -> None:
    with refused("InvalidParameterValue", "DashboardName"):
        cloudwatch.put_dashboard(DashboardName="a b", DashboardBody='{"widgets": []}')
    with refused("ResourceNotFound", "Dashboard d does not exist"):
        cloudwatch.delete_dashboards(DashboardNames=["d"])


def test_metric_filters(emulator: EmulatorServer) -> None:
    logs = emulator.client("logs")
    how = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    put = {"filterName": "f", "logGroupName": "g", "filterPattern": "ERROR", "metricTransformations": [how]}
    with refused("ResourceNotFoundException", "does not exist"):
        logs.put_metric_filter(**put)
    logs.create_log_group(logGroupName="g")
    logs.put_metric_filter(**put)
    logs.put_metric_filter(**{**put, "filterPattern": "WARN"})
    assert [one["filterPattern"] for one in logs.describe_metric_filters()["metricFilters"]] == ["WARN"]
    for pattern in ("{ $.a = 1", '"a', "["):
        with refused("InvalidParameterException", "Invalid metric filter pattern"):
            logs.put_metric_filter(**{**put, "filterPattern": pattern})
    both = {**how, "defaultValue": 0.0, "dimensions": {"d": "$.d"}}
    with refused("InvalidParameterException", "mutually exclusive"):
        logs.put_metric_filter(**{**put, "metricTransformations": [both]})
    logs.delete_log_group(logGroupName="g")
    assert logs.describe_metric_filters()["metricFilters"] == []
