"""The module alb: subnets, groups, attributes and tags of a load balancer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_gateway, make_subnet, make_vpc

from trading_platform.emulator.testing import EmulatorServer

main = load("alb").main


@pytest.fixture
def elbv2(aws: EmulatorServer) -> Any:
    return aws.client("elbv2")


@pytest.fixture
def ec2(aws: EmulatorServer) -> Any:
    return aws.client("ec2")


@pytest.fixture
def vpc_id(ec2: Any) -> str:
    vpc = make_vpc(ec2)
    make_gateway(ec2, vpc)
    return vpc


def make_group(ec2: Any, vpc_id: str, name: str) -> str:
    return str(ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc_id)["GroupId"])


@pytest.fixture
def arguments(aws: EmulatorServer, ec2: Any, vpc_id: str) -> dict[str, Any]:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="logs")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::logs/alb/AWSLogs/{aws.account_id}/*",
    }
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return {
        "name": "production",
        "subnet_ids": [make_subnet(ec2, vpc_id, f"10.0.{n}.0/24", f"us-east-1{zone}") for n, zone in enumerate("ab")],
        "security_group_ids": [make_group(ec2, vpc_id, "alb")],
        "access_logs_bucket": "logs",
        "access_logs_prefix": "alb",
        "idle_timeout": 300,
        "tags": {"Team": "devops"},
    }


def held(elbv2: Any) -> dict[str, Any]:
    balancer: dict[str, Any] = elbv2.describe_load_balancers()["LoadBalancers"][0]
    return balancer


def attributes(elbv2: Any) -> dict[str, str]:
    arn = held(elbv2)["LoadBalancerArn"]
    found = elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {one["Key"]: one["Value"] for one in found}


def tags(elbv2: Any) -> dict[str, str]:
    answer = elbv2.describe_tags(ResourceArns=[held(elbv2)["LoadBalancerArn"]])["TagDescriptions"][0]
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def test_check_then_create_then_again(elbv2: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and elbv2.describe_load_balancers()["LoadBalancers"] == []
    assert check["alb"]["load_balancer_arn"].endswith("-planned") and check["alb"]["dns_name"] == "alb-planned"
    result = run_module(main, arguments)
    assert writes(result) == ["elbv2.CreateLoadBalancer", "elbv2.ModifyLoadBalancerAttributes"]
    assert result["diff"] == check["diff"]
    made, balancer = result["alb"], held(elbv2)
    assert balancer["Scheme"] == "internet-facing" and balancer["SecurityGroups"] == arguments["security_group_ids"]
    assert made["hosted_zone_id"] == "Z35SXDOTRQ7X7K" and made["dns_name"] == balancer["DNSName"]
    assert made["arn_suffix"].startswith("app/production/")
    found = attributes(elbv2)
    assert found["deletion_protection.enabled"] == "true" and found["idle_timeout.timeout_seconds"] == "300"
    assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert (found["access_logs.s3.bucket"], found["access_logs.s3.prefix"]) == ("logs", "alb")
    assert tags(elbv2) == {"Team": "devops", "Name": "production"}
    again = run_module(main, {**arguments, "wait": True})
    assert not again["changed"] and again["alb"]["load_balancer_state"] == "active" and len(again["api_calls"]) == 3


def test_drift_is_repaired(elbv2: Any, ec2: Any, vpc_id: str, arguments: dict[str, Any]) -> None:
    arn = run_module(main, arguments)["alb"]["load_balancer_arn"]
    third = make_subnet(ec2, vpc_id, "10.0.9.0/24", "us-east-1c")
    elbv2.set_subnets(LoadBalancerArn=arn, Subnets=[arguments["subnet_ids"][0], third])
    elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[make_group(ec2, vpc_id, "other")])
    changed = [{"Key": "access_logs.s3.enabled", "Value": "false"}, {"Key": "routing.http2.enabled", "Value": "false"}]
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=changed)
    elbv2.add_tags(ResourceArns=[arn], Tags=[{"Key": "stray", "Value": "1"}])
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: access_logs_enabled, http2, security_group_ids, subnet_ids, tags"]
    assert writes(check) == [] and check["diff"]["before"]["http2"] is False
    assert run_module(main, arguments)["changed"] and not run_module(main, arguments)["changed"]
    assert attributes(elbv2)["access_logs.s3.enabled"] == "true" and "stray" not in tags(elbv2)
    zones = {zone["SubnetId"] for zone in held(elbv2)["AvailabilityZones"]}
    assert zones == set(arguments["subnet_ids"])


def test_logs_can_be_turned_off(elbv2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    run_module(main, {**arguments, "access_logs_bucket": None})
    assert attributes(elbv2)["access_logs.s3.enabled"] == "false"
    assert not run_module(main, {**arguments, "access_logs_bucket": None})["changed"]


def test_what_a_killed_run_left_is_finished(elbv2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments, fail={"elbv2.ModifyLoadBalancerAttributes": "InternalError.Test"})
    result = run_module(main, arguments)
    assert result["changed"] and len(elbv2.describe_load_balancers()["LoadBalancers"]) == 1
    assert attributes(elbv2)["idle_timeout.timeout_seconds"] == "300"


def test_a_bucket_that_does_not_take_the_logs_is_told(aws: EmulatorServer, arguments: dict[str, Any]) -> None:
    result = run_module(main, {**arguments, "access_logs_bucket": "other"})
    assert result["failed"] and "Access Denied for bucket: other" in result["msg"]


def test_another_scheme_is_refused(arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    result = run_module(main, {**arguments, "scheme": "internal"}, check=True)
    assert result["failed"] and "scheme is 'internet-facing'" in result["msg"]


def test_removal_honours_the_protection(elbv2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    absent = {"name": "production", "state": "absent"}
    kept = run_module(main, absent)
    assert kept["failed"] and kept["error"]["code"] == "OperationNotPermitted"
    check = run_module(main, {**absent, "deletion_protection": False}, check=True)
    assert check["changed"] and writes(check) == []
    assert run_module(main, {**absent, "deletion_protection": False, "wait": True})["changed"]
    assert elbv2.describe_load_balancers()["LoadBalancers"] == []
    assert not run_module(main, absent)["changed"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subnet_ids": ["subnet-1"]}, "two availability zones"),
        ({"security_group_ids": []}, "default group"),
        ({"access_logs_prefix": "AWSLogs"}, "AWSLogs"),
    ],
)
def test_arguments_that_make_no_sense(arguments: dict[str, Any], change: dict[str, Any], message: str) -> None:
    result = run_module(main, {**arguments, **change})
    assert result["failed"] and message in result["msg"] and result["api_calls"] == []


def test_planned_parents_are_not_asked_about(aws: EmulatorServer) -> None:
    planned = {"name": "production", "subnet_ids": ["subnet-planned"], "security_group_ids": ["sg-planned"]}
    result = run_module(main, planned, check=True)
    assert result["changed"] and writes(result) == []
