"""The module route53_health_check: one check of a name, made anew beside the old one when it must be."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("route53_health_check").main
CHECK = {"name": "production-api", "type": "TCP", "fqdn": "api-us-east-1.example.com", "tags": {"Team": "devops"}}


@pytest.fixture
def route53(aws: EmulatorServer) -> Any:
    return aws.client("route53")


def checks(route53: Any) -> dict[str, dict[str, Any]]:
    return {one["Id"]: one["HealthCheckConfig"] for one in route53.list_health_checks()["HealthChecks"]}


def tags(route53: Any, check_id: str) -> dict[str, str]:
    answer = route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check_id)
    return {tag["Key"]: tag["Value"] for tag in answer["ResourceTagSet"]["Tags"]}


def test_check_then_create_then_again(route53: Any) -> None:
    check = run_module(main, CHECK, check=True)
    assert check["changed"] and writes(check) == [] and checks(route53) == {}
    assert check["route53_health_check"]["health_check_id"] == "healthcheck-planned"
    result = run_module(main, CHECK)
    assert writes(result) == ["route53.CreateHealthCheck", "route53.ChangeTagsForResource"]
    assert result["diff"] == check["diff"]
    made = result["route53_health_check"]
    config = checks(route53)[made["health_check_id"]]
    assert (config["Type"], config["Port"], config["RequestInterval"], config["FailureThreshold"]) == (
        "TCP",
        443,
        30,
        3,
    )
    assert sorted(config["Regions"]) == ["eu-west-1", "us-east-1", "us-west-2"]
    assert tags(route53, made["health_check_id"]) == {"Team": "devops", "Name": "production-api"}
    again = run_module(main, CHECK)
    assert not again["changed"] and again["route53_health_check"] == made
    assert again["api_calls"] == ["route53.ListHealthChecks", "route53.ListTagsForResource"]


def test_https_sends_the_name_and_asks_for_the_path(route53: Any) -> None:
    https = {**CHECK, "type": "HTTPS", "resource_path": "/health", "request_interval": 10, "measure_latency": True}
    made = run_module(main, https)["route53_health_check"]["health_check_id"]
    config = checks(route53)[made]
    assert config["EnableSNI"] and config["ResourcePath"] == "/health" and config["MeasureLatency"]
    assert not run_module(main, https)["changed"]


def test_drift_is_repaired_with_the_version_that_was_read(route53: Any) -> None:
    made = run_module(main, CHECK)["route53_health_check"]["health_check_id"]
    route53.update_health_check(HealthCheckId=made, FailureThreshold=9, FullyQualifiedDomainName="example.org")
    check = run_module(main, CHECK, check=True)
    assert check["actions"] == ["update: failure_threshold, fqdn"] and writes(check) == []
    assert check["diff"]["before"]["failure_threshold"] == 9
    result = run_module(main, CHECK)
    assert writes(result) == ["route53.UpdateHealthCheck"] and result["route53_health_check"]["version"] == 3
    assert checks(route53)[made]["FailureThreshold"] == 3


def test_the_switches_of_an_operator_stay_unless_asked_for(route53: Any) -> None:
    made = run_module(main, CHECK)["route53_health_check"]["health_check_id"]
    route53.update_health_check(HealthCheckId=made, Disabled=True, Inverted=True)
    assert not run_module(main, CHECK)["changed"]
    back = run_module(main, {**CHECK, "disabled": False, "inverted": False})
    assert back["actions"] == ["update: disabled, inverted"]
    assert not checks(route53)[made]["Disabled"] and not checks(route53)[made]["Inverted"]


def test_what_cannot_be_changed_is_made_anew_beside_the_old_one(route53: Any) -> None:
    old = run_module(main, CHECK)["route53_health_check"]["health_check_id"]
    faster = {**CHECK, "request_interval": 10}
    check = run_module(main, faster, check=True)
    assert check["route53_health_check"]["superseded_ids"] == [old] and writes(check) == []
    result = run_module(main, faster)["route53_health_check"]
    assert result["superseded_ids"] == [old] and set(checks(route53)) == {old, result["health_check_id"]}
    assert not run_module(main, faster)["changed"]
    dry = run_module(main, {**faster, "remove_superseded": True}, check=True)
    assert dry["actions"] == ["update: superseded_ids"] and writes(dry) == []
    cleaned = run_module(main, {**faster, "remove_superseded": True})
    assert cleaned["route53_health_check"]["superseded_ids"] == []
    assert set(checks(route53)) == {result["health_check_id"]}


def test_what_a_killed_run_left_is_found_and_tagged(route53: Any) -> None:
    run_module(main, CHECK, fail={"route53.ChangeTagsForResource": "InternalError.Test"})
    result = run_module(main, CHECK)
    assert writes(result) == ["route53.ChangeTagsForResource"] and len(checks(route53)) == 1


def test_a_check_whose_name_only_begins_alike_is_another(route53: Any) -> None:
    run_module(main, {**CHECK, "name": "production-api-2"})
    assert run_module(main, CHECK)["changed"] and len(checks(route53)) == 2


def test_removal_takes_the_superseded_ones_too(route53: Any) -> None:
    run_module(main, CHECK)
    run_module(main, {**CHECK, "request_interval": 10})
    absent = {"name": "production-api", "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    assert run_module(main, absent)["changed"] and checks(route53) == {}
    assert not run_module(main, absent)["changed"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "x" * 45}, "longer than 44"),
        ({"fqdn": ""}, "fqdn"),
        ({"type": "HTTPS_STR_MATCH"}, "search_string"),
        ({"search_string": "ok"}, "search_string"),
        ({"resource_path": "/health"}, "asks for no path"),
        ({"regions": ["us-east-1"]}, "three or more"),
    ],
)
def test_arguments_that_make_no_sense(aws: EmulatorServer, change: dict[str, Any], message: str) -> None:
    result = run_module(main, {**CHECK, **change})
    assert result["failed"] and message in result["msg"] and result["api_calls"] == []


def test_errors_of_aws_are_told(aws: EmulatorServer) -> None:
    result = run_module(main, CHECK, fail={"route53.CreateHealthCheck": "TooManyHealthChecks"})
    assert result["failed"] and result["error"]["code"] == "TooManyHealthChecks"
