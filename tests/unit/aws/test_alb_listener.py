"""The module alb_listener: one listener of a port, with its rules."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes

from elbv2_estate import Estate
from trading_platform.aws.alb_actions import api_actions, normal_action, read_action, read_conditions
from trading_platform.emulator.testing import EmulatorServer

main = load("alb_listener").main
TLS13 = "ELBSecurityPolicy-TLS13-1-3-2021-06"
NOT_FOUND = {"type": "fixed-response", "status_code": "404"}
REDIRECT = {"type": "redirect", "protocol": "HTTPS", "port": "443"}


@pytest.fixture
def estate(aws: EmulatorServer) -> Estate:
    return Estate(aws)


@pytest.fixture
def http(estate: Estate) -> dict[str, Any]:
    arn = estate.balancer()["LoadBalancerArn"]
    common = {"name": "production-http", "load_balancer_arn": arn, "tags": {"Team": "devops"}}
    return {**common, "port": 80, "protocol": "HTTP", "default_action": REDIRECT}


@pytest.fixture
def https(estate: Estate, http: dict[str, Any]) -> dict[str, Any]:
    return {
        **http,
        "name": "production-https",
        "port": 443,
        "protocol": "HTTPS",
        "certificate_arn": estate.certificate(),
        "ssl_policy": TLS13,
        "default_action": NOT_FOUND,
        "rules": [
            rule(10, estate.target_group(), "api.example.com", "api-us-east-1.example.com"),
            rule(20, estate.target_group("te-websocket"), "ws.example.com"),
        ],
    }


def rule(priority: int, group_arn: str, *hosts: str) -> dict[str, Any]:
    forward = {"type": "forward", "target_group_arn": group_arn}
    return {"priority": priority, "hosts": list(hosts), "action": forward}


def rules_of(estate: Estate, arn: str) -> dict[str, dict[str, Any]]:
    found = estate.elbv2.describe_rules(ListenerArn=arn)["Rules"]
    return {one["Priority"]: one for one in found if not one["IsDefault"]}


def listeners(estate: Estate, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    found = estate.elbv2.describe_listeners(LoadBalancerArn=arguments["load_balancer_arn"])["Listeners"]
    return [one for one in found if one["Port"] == arguments["port"]]


def tags(estate: Estate, arn: str) -> dict[str, str]:
    answer = estate.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def test_http_leads_to_https(estate: Estate, http: dict[str, Any]) -> None:
    check = run_module(main, http, check=True)
    assert check["changed"] and writes(check) == [] and listeners(estate, http) == []
    assert check["alb_listener"]["listener_arn"].endswith("-planned")
    result = run_module(main, http)
    assert writes(result) == ["elbv2.CreateListener"] and result["diff"] == check["diff"]
    (held,) = listeners(estate, http)
    redirect = held["DefaultActions"][0]["RedirectConfig"]
    assert (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == ("HTTPS", "443", "HTTP_301")
    again = run_module(main, http)
    assert not again["changed"] and len(again["api_calls"]) == 3


def test_https_leads_to_the_group_of_the_host(estate: Estate, https: dict[str, Any]) -> None:
    check = run_module(main, https, check=True)
    assert check["changed"] and writes(check) == []
    result = run_module(main, https)
    assert writes(result) == ["elbv2.CreateListener", "elbv2.CreateRule", "elbv2.CreateRule"]
    assert result["diff"] == check["diff"]
    (held,) = listeners(estate, https)
    assert held["SslPolicy"] == TLS13 and held["Certificates"] == [{"CertificateArn": https["certificate_arn"]}]
    assert held["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "404"
    rules = rules_of(estate, held["ListenerArn"])
    hosts = rules["10"]["Conditions"][0]["HostHeaderConfig"]["Values"]
    assert sorted(hosts) == ["api-us-east-1.example.com", "api.example.com"]
    assert tags(estate, held["ListenerArn"]) == {"Team": "devops", "Name": "production-https"}
    assert tags(estate, rules["20"]["RuleArn"]) == {"Team": "devops", "Name": "production-https-20"}
    assert not run_module(main, https)["changed"]
    assert not run_module(main, {**https, "rules": https["rules"][::-1]})["changed"]


def test_drift_is_repaired_in_place(estate: Estate, https: dict[str, Any]) -> None:
    arn = run_module(main, https)["alb_listener"]["listener_arn"]
    before = rules_of(estate, arn)
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
    path = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/x"]}}]
    header = {"HttpHeaderName": "X", "Values": ["y"]}
    estate.elbv2.modify_listener(ListenerArn=arn, SslPolicy="ELBSecurityPolicy-2016-08", DefaultActions=fixed)
    estate.elbv2.modify_rule(RuleArn=before["10"]["RuleArn"], Conditions=path, Actions=fixed)
    estate.elbv2.delete_rule(RuleArn=before["20"]["RuleArn"])
    stray = [{"Field": "http-header", "HttpHeaderConfig": header}]
    estate.elbv2.create_rule(ListenerArn=arn, Priority=30, Conditions=stray, Actions=fixed)
    check = run_module(main, https, check=True)
    assert check["actions"] == ["update: default_action, rules, ssl_policy"] and writes(check) == []
    assert check["diff"]["before"]["rules"]["30"]["other_conditions"]
    result = run_module(main, https)
    assert writes(result) == ["elbv2.ModifyListener", "elbv2.ModifyRule", "elbv2.CreateRule", "elbv2.DeleteRule"]
    after = rules_of(estate, arn)
    assert sorted(after) == ["10", "20"] and after["10"]["RuleArn"] == before["10"]["RuleArn"]
    assert not run_module(main, https)["changed"]


def test_rules_of_others_stay_without_purge(estate: Estate, https: dict[str, Any]) -> None:
    arn = run_module(main, https)["alb_listener"]["listener_arn"]
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
    conditions = [{"Field": "host-header", "HostHeaderConfig": {"Values": ["z.example.com"]}}]
    estate.elbv2.create_rule(ListenerArn=arn, Priority=30, Conditions=conditions, Actions=fixed)
    assert not run_module(main, {**https, "purge_rules": False})["changed"]
    assert run_module(main, https)["changed"] and sorted(rules_of(estate, arn)) == ["10", "20"]


def test_tags_of_rules_are_repaired(estate: Estate, https: dict[str, Any]) -> None:
    arn = run_module(main, https)["alb_listener"]["listener_arn"]
    rule_arn = rules_of(estate, arn)["10"]["RuleArn"]
    estate.elbv2.add_tags(ResourceArns=[rule_arn], Tags=[{"Key": "stray", "Value": "1"}])
    result = run_module(main, https)
    assert writes(result) == ["elbv2.RemoveTags"] and "stray" not in tags(estate, rule_arn)


def test_what_a_killed_run_left_is_finished(estate: Estate, https: dict[str, Any]) -> None:
    run_module(main, https, fail={"elbv2.CreateRule": "InternalError.Test"})
    result = run_module(main, https)
    assert writes(result) == ["elbv2.CreateRule", "elbv2.CreateRule"] and len(listeners(estate, https)) == 1


def test_a_certificate_that_is_not_issued_is_told(estate: Estate, https: dict[str, Any]) -> None:
    result = run_module(main, {**https, "certificate_arn": estate.certificate(issued=False)})
    assert result["failed"] and result["error"]["code"] == "UnsupportedCertificate"


def test_removal(estate: Estate, https: dict[str, Any]) -> None:
    run_module(main, https)
    absent = {key: https[key] for key in ("name", "load_balancer_arn", "port")} | {"state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    assert run_module(main, absent)["changed"] and listeners(estate, https) == []
    assert not run_module(main, absent)["changed"]
    estate.elbv2.delete_load_balancer(LoadBalancerArn=https["load_balancer_arn"])
    assert not run_module(main, absent)["changed"]


def test_planned_parents_are_not_asked_about(aws: EmulatorServer) -> None:
    arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/production/alb-planned"
    planned = {"name": "x", "load_balancer_arn": arn, "port": 443, "ssl_policy": TLS13}
    rules = [rule(10, "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/te/tg-planned", "a.b.c")]
    more = {"certificate_arn": "arn:aws:acm:us-east-1:000000000000:certificate/acm-planned", "rules": rules}
    result = run_module(main, {**planned, **more, "default_action": NOT_FOUND}, check=True)
    assert result["changed"] and result["api_calls"] == []
    assert result["alb_listener"]["listener_arn"].endswith("-planned")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"protocol": "HTTPS"}, "belong to the protocol HTTPS"),
        ({"ssl_policy": TLS13}, "belong to the protocol HTTPS"),
        ({"rules": [rule(1, "x", "a.b"), rule(1, "y", "b.c")]}, "priority 1 is there twice"),
        ({"rules": [rule(1, "x")]}, "needs hosts or paths"),
        ({"rules": [rule(1, "x", *"abcdef")]}, "more than the five values"),
        ({"default_action": {"type": "forward"}}, "forward needs target_group_arn"),
    ],
)
def test_arguments_that_make_no_sense(http: dict[str, Any], change: dict[str, Any], message: str) -> None:
    result = run_module(main, {**http, **change})
    assert result["failed"] and message in result["msg"] and result["api_calls"] == []


def test_actions_are_compared_in_the_form_that_aws_fills_in() -> None:
    redirect = normal_action(REDIRECT)
    assert read_action(api_actions(redirect)) == redirect
    partial = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    assert read_action([partial]) == redirect
    config = {"TargetGroups": [{"TargetGroupArn": "a", "Weight": 1}], "TargetGroupStickinessConfig": {"Enabled": False}}
    assert read_action([{"Type": "forward", "ForwardConfig": config}]) == {"type": "forward", "target_group_arn": "a"}
    two = {"TargetGroups": [{"TargetGroupArn": "a"}, {"TargetGroupArn": "b"}]}
    assert read_action([{"Type": "forward", "ForwardConfig": two}])["type"] == "other"


def test_conditions_are_read_in_both_spellings() -> None:
    assert read_conditions([{"Field": "host-header", "Values": ["b", "a"]}])["hosts"] == ["a", "b"]
    both = {"Field": "path-pattern", "Values": ["/a"], "PathPatternConfig": {"Values": ["/a"]}}
    assert read_conditions([both])["paths"] == ["/a"]
