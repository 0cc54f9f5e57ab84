"""plugins/modules/cloudwatch_alarms.py, cloudwatch_dashboard.py and log_metric_filter.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

alarms = load("cloudwatch_alarms").main
dashboard = load("cloudwatch_dashboard").main
metric_filter = load("log_metric_filter").main

TOPIC = "arn:aws:sns:us-east-1:123456789012:warning"
CPU = {
    "name": "prod-cpu",
    "description": "Look at the top queries.",
    "namespace": "AWS/RDS",
    "metric": "CPUUtilization",
    "dimensions": {"DBInstanceIdentifier": "prod"},
    "statistic": "Average",
    "period": 300,
    "evaluation_periods": 3,
    "threshold": 80,
    "comparison": "GreaterThanThreshold",
    "alarm_actions": [TOPIC],
    "ok_actions": [TOPIC],
}
RATE = {
    "name": "prod-rate",
    "metrics": [
        {"id": "requests", "namespace": "A", "metric": "R", "statistic": "Sum", "period": 60, "dimensions": {"L": "1"}},
        {"id": "errors", "namespace": "A", "metric": "E", "statistic": "Sum", "period": 60, "dimensions": {"L": "1"}},
        {"id": "rate", "expression": "100 * errors / requests", "label": "Errors, %", "return_data": True},
    ],
    "evaluation_periods": 5,
    "datapoints_to_alarm": 3,
    "threshold": 5,
    "comparison": "GreaterThanThreshold",
    "treat_missing_data": "notBreaching",
}
DOWN = {"name": "prod-down", "rule": 'ALARM("prod-cpu") OR ALARM("prod-rate")', "alarm_actions": [TOPIC]}
TAGS = {"Environment": "production"}


def asked(*which: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    return {"prefix": "prod-", "alarms": list(which or (DOWN, CPU, RATE)), "tags": TAGS, **changed}


def test_check_create_and_again(aws: EmulatorServer) -> None:
    predicted = run_module(alarms, asked(), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(alarms, asked())
    assert writes(made) == ["cloudwatch.PutMetricAlarm", "cloudwatch.PutMetricAlarm", "cloudwatch.PutCompositeAlarm"]
    assert set(made["cloudwatch_alarms"]) == {"prod-cpu", "prod-rate", "prod-down"}
    for check in (False, True):
        again = run_module(alarms, asked(), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 2), again.get("diff")
    rate = aws.client("cloudwatch").describe_alarms(AlarmNames=["prod-rate"])["MetricAlarms"][0]
    assert [one["Id"] for one in rate["Metrics"] if one["ReturnData"]] == ["rate"]


def test_only_what_differs_is_written(aws: EmulatorServer) -> None:
    run_module(alarms, asked())
    result = run_module(alarms, asked(DOWN, {**CPU, "threshold": 90, "statistic": "p95"}, RATE))
    assert (result["actions"], writes(result)) == (["update: prod-cpu"], ["cloudwatch.PutMetricAlarm"])
    assert result["diff"]["before"]["prod-cpu"]["threshold"] == 80.0
    held = aws.client("cloudwatch").describe_alarms(AlarmNames=["prod-cpu"])["MetricAlarms"][0]
    assert (held["Threshold"], held["ExtendedStatistic"]) == (90.0, "p95")


def test_drift_is_repaired(aws: EmulatorServer) -> None:
    run_module(alarms, asked())
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.disable_alarm_actions(AlarmNames=["prod-rate"])
    arn = cloudwatch.describe_alarms(AlarmNames=["prod-cpu"])["MetricAlarms"][0]["AlarmArn"]
    cloudwatch.tag_resource(
        ResourceARN=arn, Tags=[{"Key": "Environment", "Value": "x"}, {"Key": "Extra", "Value": "1"}]
    )
    shown = run_module(alarms, asked(), check=True)
    assert (shown["actions"], writes(shown)) == (["update: prod-cpu, prod-rate"], [])
    repaired = writes(run_module(alarms, asked()))
    assert repaired == ["cloudwatch.UntagResource", "cloudwatch.TagResource", "cloudwatch.PutMetricAlarm"]
    assert run_module(alarms, asked())["changed"] is False


def test_an_alarm_not_asked_for_any_more_goes_and_others_stay(aws: EmulatorServer) -> None:
    run_module(alarms, asked())
    run_module(alarms, {"prefix": "other-", "alarms": [{**CPU, "name": "other-cpu"}]})
    result = run_module(alarms, asked({**CPU}, RATE))
    assert (result["actions"], writes(result)) == (["update: prod-down"], ["cloudwatch.DeleteAlarms"])
    assert run_module(alarms, asked({**CPU}, RATE))["changed"] is False
    gone = {"prefix": "prod-", "state": "absent"}
    assert writes(run_module(alarms, gone, check=True)) == []
    assert writes(run_module(alarms, gone)) == ["cloudwatch.DeleteAlarms"]
    assert run_module(alarms, gone)["changed"] is False
    assert [one["AlarmName"] for one in aws.client("cloudwatch").describe_alarms()["MetricAlarms"]] == ["other-cpu"]


def test_more_alarms_than_a_page(aws: EmulatorServer) -> None:
    many = asked(*({**CPU, "name": f"prod-{number}"} for number in range(103)))
    run_module(alarms, many)
    again = run_module(alarms, many)
    assert (again["changed"], again["api_calls"].count("cloudwatch.DescribeAlarms")) == (False, 2)


def test_a_run_cut_off_is_finished_by_the_next(aws: EmulatorServer) -> None:
    run_module(alarms, asked(), fail={"cloudwatch.PutCompositeAlarm": "AccessDenied"})
    assert writes(run_module(alarms, asked())) == ["cloudwatch.PutCompositeAlarm"]


@pytest.mark.parametrize(
    ("alarm", "message"),
    [
        ({**CPU, "name": "cpu"}, "does not begin with 'prod-'"),
        ({**CPU, "rule": "ALARM(x)"}, "exactly one of rule, metric and metrics"),
        ({**CPU, "period": None}, "period is missing"),
    ],
)
def test_what_cannot_be_is_refused_before_aws_is_asked(
    aws: EmulatorServer, alarm: dict[str, Any], message: str
) -> None:
    refused = run_module(alarms, asked(alarm))
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_what_aws_refuses_is_passed_on(aws: EmulatorServer) -> None:
    result = run_module(alarms, asked({**CPU, "period": 45}))
    assert "CloudWatch alarms prod-" in result["msg"]
    assert "Valid periods" in result["msg"]


def test_dashboard(aws: EmulatorServer) -> None:
    body = {"widgets": [{"type": "text", "width": 24, "height": 1, "properties": {"markdown": "# a"}}]}
    arguments = {"name": "prod", "body": body}
    assert writes(run_module(dashboard, arguments, check=True)) == []
    assert writes(run_module(dashboard, arguments)) == ["cloudwatch.PutDashboard"]
    assert run_module(dashboard, arguments)["changed"] is False
    other: dict[str, Any] = {"widgets": []}
    assert run_module(dashboard, {"name": "prod", "body": other}, check=True)["actions"] == ["update: body"]
    aws.client("cloudwatch").put_dashboard(DashboardName="prod", DashboardBody='{"widgets": []}')
    assert run_module(dashboard, arguments)["changed"] is True
    assert run_module(dashboard, {"name": "prod", "state": "absent"})["changed"] is True
    assert run_module(dashboard, {"name": "prod", "state": "absent"})["changed"] is False
    assert "is invalid" in run_module(dashboard, {"name": "prod", "body": {}})["msg"]


def test_metric_filter(aws: EmulatorServer) -> None:
    arguments = {"name": "errors", "log_group": "/a", "pattern": "ERROR", "namespace": "n", "metric": "m"}
    assert run_module(metric_filter, arguments, check=True)["actions"] == ["create"]
    assert "does not exist" in run_module(metric_filter, arguments)["msg"]
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/a")
    for wanted in (arguments, {**arguments, "pattern": '{ $.level = "error" }', "default_value": 0.0}):
        assert run_module(metric_filter, wanted, check=True)["changed"] is True
        assert writes(run_module(metric_filter, wanted)) == ["logs.PutMetricFilter"]
        assert run_module(metric_filter, wanted)["changed"] is False
    held = logs.describe_metric_filters(logGroupName="/a")["metricFilters"]
    assert [(one["filterPattern"], one["metricTransformations"][0]["defaultValue"]) for one in held] == [
        ('{ $.level = "error" }', 0.0)
    ]
    assert "Invalid metric filter pattern" in run_module(metric_filter, {**arguments, "pattern": "{ $.a"})["msg"]
    gone = {"name": "errors", "log_group": "/a", "state": "absent"}
    assert run_module(metric_filter, gone)["changed"] is True
    assert run_module(metric_filter, gone)["changed"] is False
