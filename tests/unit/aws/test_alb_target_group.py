"""The module alb_target_group: everything about a target group but its targets."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_vpc

from trading_platform.emulator.testing import EmulatorServer

main = load("alb_target_group").main


@pytest.fixture
def elbv2(aws: EmulatorServer) -> Any:
    return aws.client("elbv2")


@pytest.fixture
def arguments(aws: EmulatorServer) -> dict[str, Any]:
    return {
        "name": "te-websocket",
        "protocol": "HTTPS",
        "port": 8080,
        "vpc_id": make_vpc(aws.client("ec2")),
        "health_check": {"interval": 10, "healthy_threshold": 2, "unhealthy_threshold": 3},
        "deregistration_delay": 60,
        "algorithm": "least_outstanding_requests",
        "stickiness_duration": 3600,
        "tags": {"Team": "devops"},
    }


def held(elbv2: Any) -> dict[str, Any]:
    group: dict[str, Any] = elbv2.describe_target_groups()["TargetGroups"][0]
    return group


def attributes(elbv2: Any) -> dict[str, str]:
    arn = held(elbv2)["TargetGroupArn"]
    found = elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    return {one["Key"]: one["Value"] for one in found}


def test_check_then_create_then_again(elbv2: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and elbv2.describe_target_groups()["TargetGroups"] == []
    assert check["alb_target_group"]["target_group_arn"].endswith("-planned")
    result = run_module(main, arguments)
    assert writes(result) == ["elbv2.CreateTargetGroup", "elbv2.ModifyTargetGroupAttributes"]
    assert result["diff"] == check["diff"]
    group = held(elbv2)
    assert (group["Protocol"], group["Port"], group["TargetType"]) == ("HTTPS", 8080, "ip")
    assert (group["HealthCheckProtocol"], group["HealthCheckPath"]) == ("HTTPS", "/health")
    assert (group["HealthCheckIntervalSeconds"], group["UnhealthyThresholdCount"]) == (10, 3)
    found = attributes(elbv2)
    assert (found["stickiness.enabled"], found["stickiness.type"]) == ("true", "lb_cookie")
    assert found["stickiness.lb_cookie.duration_seconds"] == "3600"
    assert found["deregistration_delay.timeout_seconds"] == "60"
    assert result["alb_target_group"]["arn_suffix"].startswith("targetgroup/te-websocket/")
    again = run_module(main, arguments)
    assert not again["changed"] and len(again["api_calls"]) == 3


def test_drift_is_repaired_and_targets_stay(elbv2: Any, arguments: dict[str, Any]) -> None:
    arn = run_module(main, arguments)["alb_target_group"]["target_group_arn"]
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.1.5", "Port": 8080}])
    elbv2.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/other", Matcher={"HttpCode": "200-299"})
    off = [{"Key": "stickiness.enabled", "Value": "false"}]
    elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=off)
    elbv2.add_tags(ResourceArns=[arn], Tags=[{"Key": "stray", "Value": "1"}])
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: health_check, stickiness_enabled, tags"] and writes(check) == []
    result = run_module(main, arguments)
    assert not {"elbv2.DeregisterTargets", "elbv2.RegisterTargets"} & set(result["api_calls"])
    assert held(elbv2)["HealthCheckPath"] == "/health" and held(elbv2)["Matcher"] == {"HttpCode": "200"}
    assert attributes(elbv2)["stickiness.enabled"] == "true"
    targets = elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    assert [one["Target"]["Id"] for one in targets] == ["10.0.1.5"]
    assert not run_module(main, arguments)["changed"]


def test_what_cannot_be_changed_is_refused(elbv2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    result = run_module(main, {**arguments, "port": 9090, "protocol": "HTTP"}, check=True)
    assert result["failed"] and "port is 8080" in result["msg"] and "protocol is 'HTTPS'" in result["msg"]


def test_what_a_killed_run_left_is_finished(elbv2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments, fail={"elbv2.ModifyTargetGroupAttributes": "InternalError.Test"})
    assert run_module(main, arguments)["changed"] and attributes(elbv2)["deregistration_delay.timeout_seconds"] == "60"


def test_slow_start_and_no_stickiness(elbv2: Any, arguments: dict[str, Any]) -> None:
    plain = {**arguments, "slow_start": 30, "algorithm": "round_robin", "stickiness_duration": None}
    run_module(main, plain)
    assert attributes(elbv2)["slow_start.duration_seconds"] == "30"
    assert attributes(elbv2)["stickiness.enabled"] == "false"
    assert not run_module(main, plain)["changed"]


def test_removal(elbv2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    absent = {"name": "te-websocket", "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    assert run_module(main, absent)["changed"] and elbv2.describe_target_groups()["TargetGroups"] == []
    assert not run_module(main, absent)["changed"]


def test_planned_parents_are_not_asked_about(arguments: dict[str, Any]) -> None:
    result = run_module(main, {**arguments, "vpc_id": "vpc-planned"}, check=True)
    assert result["changed"] and result["api_calls"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"health_check": {"interval": 5, "timeout": 5}}, "timeout must be shorter"),
        ({"slow_start": 30}, "belongs to the algorithm round_robin"),
        ({"slow_start": 10, "algorithm": "round_robin"}, "30 to 900"),
    ],
)
def test_arguments_that_make_no_sense(arguments: dict[str, Any], change: dict[str, Any], message: str) -> None:
    result = run_module(main, {**arguments, **change})
    assert result["failed"] and message in result["msg"] and result["api_calls"] == []


def test_errors_of_aws_are_told(arguments: dict[str, Any]) -> None:
    result = run_module(main, {**arguments, "name": "production-trading-engine-websocket"})
    assert result["failed"] and "cannot be longer than '32' characters" in result["msg"]


def test_what_is_missing_is_told(aws: EmulatorServer) -> None:
    result = run_module(main, {"name": "te-api"})
    assert result["failed"] and "protocol: is missing; port: is missing; vpc_id: is missing" in result["msg"]
