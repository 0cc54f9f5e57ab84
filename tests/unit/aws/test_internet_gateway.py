"""The module internet_gateway: one gateway for each VPC, orphans adopted, nothing asked about what does not exist."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_gateway, make_vpc, named, tags_of

from trading_platform.emulator.testing import EmulatorServer

main = load("internet_gateway").main
TAGS = {"Environment": "production"}


def gateways(ec2: Any) -> list[dict[str, Any]]:
    return list(ec2.describe_internet_gateways()["InternetGateways"])


@pytest.fixture
def ec2(aws: EmulatorServer) -> Any:
    return aws.client("ec2")


@pytest.fixture
def arguments(ec2: Any) -> dict[str, Any]:
    return {"vpc_id": make_vpc(ec2), "name": "edge", "tags": TAGS}


def test_check_mode_says_what_a_run_does_and_does_nothing(ec2: Any, arguments: dict[str, Any]) -> None:
    before = len(gateways(ec2))
    result = run_module(main, arguments, check=True)
    assert result["changed"] and result["actions"] == ["create"]
    assert result["internet_gateway"] == {
        "internet_gateway_id": "igw-planned",
        "vpc_id": arguments["vpc_id"],
        "tags": {"Environment": "production", "Name": "edge"},
    }
    assert result["diff"]["before"] == {} and result["diff"]["after"]["vpc_id"] == arguments["vpc_id"]
    assert writes(result) == [] and len(gateways(ec2)) == before


def test_created_attached_tagged_and_left_alone(ec2: Any, arguments: dict[str, Any]) -> None:
    result = run_module(main, arguments)
    assert writes(result) == ["ec2.CreateInternetGateway", "ec2.AttachInternetGateway"]
    (gateway,) = [one for one in gateways(ec2) if tags_of(one).get("Name") == "edge"]
    assert gateway["Attachments"][0]["VpcId"] == arguments["vpc_id"]
    assert tags_of(gateway) == {"Name": "edge", "Environment": "production"}
    assert result["internet_gateway"]["internet_gateway_id"] == gateway["InternetGatewayId"]
    again = run_module(main, arguments)
    assert not again["changed"] and "diff" not in again
    assert again["api_calls"] == ["ec2.DescribeInternetGateways"]
    assert again["internet_gateway"] == result["internet_gateway"]


def test_tags_are_shown_by_check_then_repaired(ec2: Any, arguments: dict[str, Any]) -> None:
    gateway_id = run_module(main, arguments)["internet_gateway"]["internet_gateway_id"]
    ec2.delete_tags(Resources=[gateway_id], Tags=[{"Key": "Environment"}, {"Key": "Name"}])
    ec2.create_tags(Resources=[gateway_id], Tags=[{"Key": "stray", "Value": "1"}])
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: tags"] and writes(check) == []
    assert check["diff"]["before"]["tags"] == {"stray": "1"}
    assert check["diff"]["after"]["tags"] == {"Name": "edge", "Environment": "production"}
    result = run_module(main, arguments)
    assert result["diff"] == check["diff"] and result["internet_gateway"] == check["internet_gateway"]
    (gateway,) = ec2.describe_internet_gateways(InternetGatewayIds=[gateway_id])["InternetGateways"]
    assert tags_of(gateway) == {"Name": "edge", "Environment": "production"}


def test_without_purge_and_without_tags_strangers_stay(ec2: Any, arguments: dict[str, Any]) -> None:
    gateway_id = run_module(main, arguments)["internet_gateway"]["internet_gateway_id"]
    ec2.create_tags(Resources=[gateway_id], Tags=[{"Key": "stray", "Value": "1"}])
    assert not run_module(main, {**arguments, "purge_tags": False})["changed"]
    assert not run_module(main, {"vpc_id": arguments["vpc_id"], "name": "edge"})["changed"]


def test_an_orphan_of_a_killed_run_is_attached(ec2: Any, arguments: dict[str, Any]) -> None:
    killed = run_module(main, arguments, fail={"ec2.AttachInternetGateway": "InternalError.Test"})
    assert killed["failed"]
    result = run_module(main, arguments)
    assert writes(result) == ["ec2.AttachInternetGateway"]
    assert len([one for one in gateways(ec2) if tags_of(one).get("Name") == "edge"]) == 1


def test_a_namesake_of_another_vpc_is_left_alone(ec2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, {**arguments, "vpc_id": make_vpc(ec2, "10.9.0.0/16")})
    result = run_module(main, arguments)
    assert "ec2.CreateInternetGateway" in writes(result)
    assert result["internet_gateway"]["vpc_id"] == arguments["vpc_id"]


def test_what_is_attached_already_is_kept_and_named(ec2: Any, arguments: dict[str, Any]) -> None:
    gateway_id = make_gateway(ec2, arguments["vpc_id"])
    result = run_module(main, arguments)
    assert result["internet_gateway"]["internet_gateway_id"] == gateway_id
    assert writes(result) == ["ec2.CreateTags"]


def test_removal(ec2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    absent = {**arguments, "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and check["internet_gateway"] == {} and writes(check) == []
    result = run_module(main, absent)
    assert writes(result) == ["ec2.DetachInternetGateway", "ec2.DeleteInternetGateway"]
    assert result["diff"]["after"] == {} and result["diff"]["before"]["tags"]["Name"] == "edge"
    assert [one for one in gateways(ec2) if tags_of(one).get("Name") == "edge"] == []
    assert not run_module(main, absent)["changed"]


def test_removal_of_what_is_gone_in_the_meantime(ec2: Any, arguments: dict[str, Any]) -> None:
    ec2.create_internet_gateway(TagSpecifications=named("edge", "internet-gateway"))
    gone = {"ec2.DeleteInternetGateway": "InvalidInternetGatewayID.NotFound"}
    assert run_module(main, {**arguments, "state": "absent"}, fail=gone)["changed"]


def test_the_vpc_of_a_dry_run_is_not_asked_about(aws: EmulatorServer) -> None:
    planned = {"vpc_id": "vpc-planned", "name": "edge"}
    result = run_module(main, planned, check=True)
    assert result["internet_gateway"]["vpc_id"] == "vpc-planned" and result["actions"] == ["create"]
    assert not run_module(main, {**planned, "state": "absent"}, check=True)["changed"]
    refused = run_module(main, planned)
    assert refused["failed"] and "dry run" in refused["msg"]


def test_errors_of_aws_and_of_the_arguments_are_told(ec2: Any, arguments: dict[str, Any]) -> None:
    denied = run_module(main, arguments, fail={"ec2.DescribeInternetGateways": "UnauthorizedOperation"})
    assert denied["failed"] and denied["error"]["code"] == "UnauthorizedOperation"
    contradiction = run_module(main, {**arguments, "tags": {"Name": "other"}})
    assert contradiction["failed"] and "'other'" in contradiction["msg"] and contradiction["api_calls"] == []
