"""The module route53_records: some records, one change."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws.route53 import canonical_name
from trading_platform.aws.route53_records import Route53Records
from trading_platform.emulator.testing import EmulatorServer

main = load("route53_records").main
CAA = {"name": "Trading.example.com.", "type": "CAA", "ttl": 3600, "values": ['0 issue "amazon.com"']}
API = {"name": "api.trading.example.com", "type": "A"}
PLAIN = {**API, "ttl": 60, "values": ["203.0.113.8", "203.0.113.7"]}


@pytest.fixture
def route53(aws: EmulatorServer) -> Any:
    return aws.client("route53")


@pytest.fixture
def zone_id(route53: Any) -> str:
    zone = route53.create_hosted_zone(Name="trading.example.com", CallerReference="1")["HostedZone"]
    return str(zone["Id"]).rpartition("/")[2]


@pytest.fixture
def check_id(route53: Any) -> str:
    config = {"Type": "TCP", "FullyQualifiedDomainName": "example.com", "Port": 443}
    return str(route53.create_health_check(CallerReference="a", HealthCheckConfig=config)["HealthCheck"]["Id"])


def held(route53: Any, zone_id: str) -> dict[str, dict[str, Any]]:
    sets = route53.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    ours = [one for one in sets if one["Type"] not in ("NS", "SOA")]
    return {" ".join([one["Name"], one["Type"], one.get("SetIdentifier", "")]).strip(): one for one in ours}


def change(route53: Any, zone_id: str, action: str, record: dict[str, Any]) -> None:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)


def failover(role: str, identifier: str, **more: Any) -> dict[str, Any]:
    return {**PLAIN, "failover": role, "set_identifier": identifier, **more}


def test_check_then_create_then_again(route53: Any, zone_id: str) -> None:
    arguments = {"zone_id": zone_id, "records": [CAA, PLAIN]}
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and held(route53, zone_id) == {}
    result = run_module(main, {**arguments, "wait": True})
    assert writes(result) == ["route53.ChangeResourceRecordSets"] and "route53.GetChange" in result["api_calls"]
    assert result["diff"] == check["diff"]
    assert sorted(held(route53, zone_id)) == ["api.trading.example.com. A", "trading.example.com. CAA"]
    again = run_module(main, arguments)
    assert not again["changed"] and again["api_calls"] == ["route53.ListResourceRecordSets"]
    turned = {**PLAIN, "values": PLAIN["values"][::-1]}
    assert not run_module(main, {**arguments, "records": [CAA, turned]})["changed"]


def test_only_what_differs_is_written_and_others_are_left_alone(route53: Any, zone_id: str) -> None:
    arguments = {"zone_id": zone_id, "records": [CAA, PLAIN]}
    run_module(main, arguments)
    drift = {"Name": "api.trading.example.com", "Type": "A", "TTL": 5, "ResourceRecords": [{"Value": "203.0.113.9"}]}
    change(route53, zone_id, "UPSERT", drift)
    change(route53, zone_id, "CREATE", {**drift, "Name": "other.trading.example.com"})
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: records"] and writes(check) == []
    assert check["diff"]["before"]["records"]["api.trading.example.com A"]["ttl"] == 5
    assert run_module(main, arguments)["changed"]
    now = held(route53, zone_id)
    assert now["api.trading.example.com. A"]["TTL"] == 60 and now["other.trading.example.com. A"]["TTL"] == 5


def test_a_failover_pair_grows_from_its_primary(route53: Any, zone_id: str, check_id: str) -> None:
    primary = failover("PRIMARY", "us-east-1", health_check_id=check_id)
    run_module(main, {"zone_id": zone_id, "records": [primary]})
    both = [primary, failover("SECONDARY", "us-west-2")]
    assert run_module(main, {"zone_id": zone_id, "records": both})["changed"]
    alone = run_module(main, {"zone_id": zone_id, "records": [primary]})
    assert not alone["changed"] and len(held(route53, zone_id)) == 2


def test_a_plain_record_and_another_primary_make_way(route53: Any, zone_id: str, check_id: str) -> None:
    run_module(main, {"zone_id": zone_id, "records": [PLAIN]})
    primary = failover("PRIMARY", "us-east-1", health_check_id=check_id)
    result = run_module(main, {"zone_id": zone_id, "records": [primary]})
    assert result["diff"]["before"]["records"].keys() == {"api.trading.example.com A"}
    renamed = {**primary, "set_identifier": "virginia"}
    run_module(main, {"zone_id": zone_id, "records": [renamed]})
    assert sorted(held(route53, zone_id)) == ["api.trading.example.com. A virginia"]
    run_module(main, {"zone_id": zone_id, "records": [PLAIN]})
    assert sorted(held(route53, zone_id)) == ["api.trading.example.com. A"]


def test_an_alias_and_its_drift(route53: Any, zone_id: str) -> None:
    alias = {"dns_name": "b.trading.example.com", "zone_id": zone_id, "evaluate_target_health": True}
    target = {**PLAIN, "name": "b.trading.example.com"}
    arguments = {"zone_id": zone_id, "records": [{**API, "alias": alias}]}
    run_module(main, {"zone_id": zone_id, "records": [target]})
    run_module(main, arguments)
    assert not run_module(main, arguments)["changed"]
    drift = {"HostedZoneId": zone_id, "DNSName": "b.trading.example.com", "EvaluateTargetHealth": False}
    change(route53, zone_id, "UPSERT", {"Name": API["name"], "Type": "A", "AliasTarget": drift})
    assert run_module(main, arguments)["changed"]
    now = held(route53, zone_id)["api.trading.example.com. A"]
    assert now["AliasTarget"]["EvaluateTargetHealth"] is True


def test_removal_takes_only_the_records_asked_for(route53: Any, zone_id: str) -> None:
    run_module(main, {"zone_id": zone_id, "records": [CAA, PLAIN]})
    absent = {"zone_id": zone_id, "records": [{**PLAIN, "values": ["203.0.113.99"]}], "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    assert run_module(main, absent)["changed"]
    assert sorted(held(route53, zone_id)) == ["trading.example.com. CAA"]
    assert not run_module(main, absent)["changed"]


def test_the_zone_of_a_dry_run_is_not_asked_about(aws: EmulatorServer) -> None:
    planned = {**API, "alias": {"dns_name": "alb-planned", "zone_id": "zone-planned"}}
    result = run_module(main, {"zone_id": "zone-planned", "records": [CAA, planned]}, check=True)
    assert result["changed"] and result["api_calls"] == []


def test_no_records_need_no_call(aws: EmulatorServer, zone_id: str) -> None:
    result = run_module(main, {"zone_id": zone_id, "records": []})
    assert not result["changed"] and result["api_calls"] == []


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([CAA, {**CAA, "name": "trading.example.com"}], "is there twice"),
        ([API], "needs either alias, or ttl and values"),
        ([{**PLAIN, "alias": {"dns_name": "x", "zone_id": "y"}}], "needs either alias, or ttl and values"),
        ([{**PLAIN, "failover": "PRIMARY"}], "needs a set_identifier"),
    ],
)
def test_records_that_make_no_sense(aws: EmulatorServer, records: list[dict[str, Any]], message: str) -> None:
    result = run_module(main, {"zone_id": "Z1", "records": records})
    assert result["failed"] and message in result["msg"] and result["api_calls"] == []


def test_errors_of_aws_are_told(route53: Any, zone_id: str) -> None:
    result = run_module(main, {"zone_id": zone_id, "records": [{**PLAIN, "name": "api.example.org"}]})
    assert result["failed"] and result["error"]["code"] == "InvalidChangeBatch"
    assert "not permitted in zone" in result["msg"]


class Pages:
    """A Route 53 client whose zone has two pages, and whose change is in sync at the second question."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status = ["INSYNC", "PENDING"]

    def list_resource_record_sets(self, aws_retry: bool, **arguments: Any) -> dict[str, Any]:
        self.asked.append(arguments)
        if "StartRecordName" in arguments:
            record = {"Name": "\\052.trading.example.com.", "Type": "A", "TTL": 60}
            return {"ResourceRecordSets": [{**record, "ResourceRecords": [{"Value": "1"}]}], "IsTruncated": False}
        following = {"NextRecordName": "b.", "NextRecordType": "A", "NextRecordIdentifier": "x"}
        return {"ResourceRecordSets": [], "IsTruncated": True, **following}

    def change_resource_record_sets(self, **_: Any) -> dict[str, Any]:
        return {"ChangeInfo": {"Id": "/change/C1"}}

    def get_change(self, **_: Any) -> dict[str, Any]:
        return {"ChangeInfo": {"Status": self.status.pop()}}


def test_all_pages_are_read_and_a_wildcard_is_recognised() -> None:
    client = Pages()
    record = {"name": "*.trading.example.com", "type": "A", "ttl": 60, "values": ["1"]}
    records = Route53Records(client, {"zone_id": "Z1", "records": [record]})
    assert records.find() == records.wanted(None)
    assert client.asked[1]["StartRecordIdentifier"] == "x"


def test_waiting_is_for_the_change_to_be_in_sync() -> None:
    client = Pages()
    record = {"name": "a.trading.example.com", "type": "A", "ttl": 60, "values": ["1"]}
    records = Route53Records(client, {"zone_id": "Z1", "records": [record]})
    records.find()
    records.create(records.wanted(None))
    assert [records.settled(None), records.settled(None)] == [False, True]


def test_names_have_one_spelling() -> None:
    assert canonical_name("\\052.Example.COM.") == "*.example.com"
