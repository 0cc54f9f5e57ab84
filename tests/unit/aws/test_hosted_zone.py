"""The module hosted_zone: one public zone of a name."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("hosted_zone").main
ZONE = {"name": "trading.example.com", "tags": {"Environment": "production"}}
FULL = {"Environment": "production", "Name": "trading.example.com"}


@pytest.fixture
def route53(aws: EmulatorServer) -> Any:
    return aws.client("route53")


def zones(route53: Any) -> list[str]:
    return [zone["Name"] for zone in route53.list_hosted_zones()["HostedZones"]]


def tags(route53: Any, zone_id: str) -> dict[str, str]:
    answer = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone_id)
    return {tag["Key"]: tag["Value"] for tag in answer["ResourceTagSet"]["Tags"]}


def test_check_then_create_then_again(route53: Any) -> None:
    check = run_module(main, ZONE, check=True)
    assert check["changed"] and writes(check) == [] and zones(route53) == []
    assert check["hosted_zone"]["zone_id"] == "zone-planned" and check["hosted_zone"]["name_servers"] == []
    result = run_module(main, ZONE)
    assert writes(result) == ["route53.CreateHostedZone", "route53.ChangeTagsForResource"]
    assert result["diff"] == check["diff"]
    made = result["hosted_zone"]
    held = route53.get_hosted_zone(Id=made["zone_id"])
    assert held["HostedZone"]["Name"] == "trading.example.com." and not held["HostedZone"]["Config"]["PrivateZone"]
    assert made["name_servers"] == sorted(held["DelegationSet"]["NameServers"])
    assert tags(route53, made["zone_id"]) == FULL
    again = run_module(main, ZONE)
    assert not again["changed"] and len(again["api_calls"]) == 3 and again["hosted_zone"] == made


def test_what_a_killed_run_left_is_tagged_and_drift_is_repaired(route53: Any) -> None:
    run_module(main, ZONE, fail={"route53.ChangeTagsForResource": "InternalError.Test"})
    result = run_module(main, {**ZONE, "comment": "of the platform"})
    assert result["actions"] == ["update: comment, tags"] and zones(route53) == ["trading.example.com."]
    zone_id = result["hosted_zone"]["zone_id"]
    assert tags(route53, zone_id) == FULL
    assert route53.get_hosted_zone(Id=zone_id)["HostedZone"]["Config"]["Comment"] == "of the platform"


def test_another_zone_is_not_ours(route53: Any) -> None:
    route53.create_hosted_zone(Name="b.trading.example.com", CallerReference="1")
    private = {"PrivateZone": True}
    vpc = {"VPCRegion": "us-east-1", "VPCId": "vpc-1"}
    route53.create_hosted_zone(Name="trading.example.com", CallerReference="2", HostedZoneConfig=private, VPC=vpc)
    assert run_module(main, ZONE)["changed"]


def test_two_of_the_name_are_not_guessed_between(route53: Any) -> None:
    for reference in "12":
        route53.create_hosted_zone(Name="trading.example.com", CallerReference=reference)
    result = run_module(main, ZONE)
    assert result["failed"] and "several" in result["msg"] and writes(result) == []


def test_more_tags_than_a_call_takes(route53: Any) -> None:
    many = {f"Tag{number}": "x" for number in range(15)}
    zone_id = run_module(main, {**ZONE, "tags": many})["hosted_zone"]["zone_id"]
    assert len(tags(route53, zone_id)) == 16
    run_module(main, ZONE)
    assert tags(route53, zone_id) == FULL


def test_removal_with_and_without_its_records(route53: Any) -> None:
    zone_id = run_module(main, ZONE)["hosted_zone"]["zone_id"]
    values = {"TTL": 60, "ResourceRecords": [{"Value": "203.0.113.7"}]}
    record = {"Name": "api.trading.example.com", "Type": "A", **values}
    changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
    absent = {"name": "trading.example.com", "state": "absent"}
    kept = run_module(main, absent)
    assert kept["failed"] and kept["error"]["code"] == "HostedZoneNotEmpty"
    check = run_module(main, {**absent, "delete_records": True}, check=True)
    assert check["changed"] and writes(check) == []
    assert run_module(main, {**absent, "delete_records": True})["changed"] and zones(route53) == []
    assert not run_module(main, absent)["changed"]


def test_another_name_tag_is_refused(aws: EmulatorServer) -> None:
    result = run_module(main, {**ZONE, "tags": {"Name": "other"}})
    assert result["failed"] and "'other'" in result["msg"]
