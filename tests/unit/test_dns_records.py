"""Records of services and of the distribution."""

from __future__ import annotations

from typing import Any

import pytest

from trading_platform.dns_records import distribution_records, service_records

HOSTS = {"api": "api.example.com", "websocket": "ws.example.com", "assets": "assets.example.com"}
CHECKS = {"api": "check-a", "websocket": "check-w"}


def side(region: str) -> dict[str, Any]:
    hosts = {"api": f"api-{region}.example.com", "websocket": f"ws-{region}.example.com"}
    return {"region": region, "hosts": hosts, "dns_name": f"alb.{region}.elb.amazonaws.com", "zone_id": f"Z-{region}"}


def test_two_sides_make_a_pair_and_a_name_for_each_region() -> None:
    records = service_records(HOSTS, [side("us-east-1"), side("us-west-2")], CHECKS)
    pair = [one for one in records if one["name"] == "api.example.com"]
    assert [(one["failover"], one["set_identifier"], one.get("health_check_id")) for one in pair] == [
        ("PRIMARY", "us-east-1", "check-a"),
        ("SECONDARY", "us-west-2", None),
    ]
    assert [one["alias"]["zone_id"] for one in pair] == ["Z-us-east-1", "Z-us-west-2"]
    assert all(one["alias"]["evaluate_target_health"] for one in pair)
    alone = [one["name"] for one in records if "failover" not in one]
    assert alone == [
        "api-us-east-1.example.com",
        "ws-us-east-1.example.com",
        "api-us-west-2.example.com",
        "ws-us-west-2.example.com",
    ]


def test_one_side_makes_the_primary_record_only() -> None:
    records = service_records(HOSTS, [side("us-east-1")], CHECKS)
    assert {one["failover"] for one in records if "failover" in one} == {"PRIMARY"}


def test_no_pair_of_three() -> None:
    for sides in ([], [side("a"), side("b"), side("c")]):
        with pytest.raises(ValueError, match="one or two sides"):
            service_records(HOSTS, sides, CHECKS)


def test_a_distribution_has_both_families_and_no_health() -> None:
    records = distribution_records("assets.example.com", "d1.cloudfront.net")
    assert [one["type"] for one in records] == ["A", "AAAA"]
    assert {one["alias"]["evaluate_target_health"] for one in records} == {False}
    assert {one["alias"]["zone_id"] for one in records} == {"Z2FDTNDATAQYW2"}
    assert distribution_records("assets.example.com", "") == []
