"""The module route_table: routes changed in place, subnets moved, AWS's own routes left alone."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_gateway, make_subnet, make_vpc, named, tags_of

from trading_platform.aws.route_table import describe_route, find_problems, is_managed
from trading_platform.emulator.testing import EmulatorServer

main = load("route_table").main
DEFAULT = "0.0.0.0/0"


@pytest.fixture
def ec2(aws: EmulatorServer) -> Any:
    return aws.client("ec2")


@pytest.fixture
def arguments(ec2: Any) -> dict[str, Any]:
    vpc_id = make_vpc(ec2)
    subnets = [make_subnet(ec2, vpc_id, f"10.0.{number}.0/24") for number in (1, 2)]
    return {
        "vpc_id": vpc_id,
        "name": "public",
        "routes": [{"destination": DEFAULT, "gateway_id": make_gateway(ec2, vpc_id)}],
        "subnet_ids": subnets,
        "tags": {"Environment": "production"},
    }


def table(ec2: Any, table_id: str) -> dict[str, Any]:
    return dict(ec2.describe_route_tables(RouteTableIds=[table_id])["RouteTables"][0])


def routes(found: dict[str, Any]) -> dict[str, str | None]:
    """Give destination and target of the routes that are not local."""
    return {
        route["DestinationCidrBlock"]: route.get("GatewayId") or route.get("NatGatewayId")
        for route in found["Routes"]
        if route.get("GatewayId") != "local" and "DestinationCidrBlock" in route
    }


def subnets(found: dict[str, Any]) -> set[str]:
    return {one["SubnetId"] for one in found["Associations"] if "SubnetId" in one}


def make_peering(ec2: Any, vpc_id: str) -> str:
    other = make_vpc(ec2, "10.50.0.0/16")
    answer = ec2.create_vpc_peering_connection(VpcId=vpc_id, PeerVpcId=other)["VpcPeeringConnection"]
    return str(answer["VpcPeeringConnectionId"])


def test_check_then_create_then_again(ec2: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == []
    assert check["route_table"]["route_table_id"] == "rtb-planned"
    assert check["route_table"]["subnet_ids"] == sorted(arguments["subnet_ids"])
    result = run_module(main, arguments)
    assert result["diff"] == check["diff"]
    assert sorted(set(writes(result))) == ["ec2.AssociateRouteTable", "ec2.CreateRoute", "ec2.CreateRouteTable"]
    found = table(ec2, result["route_table"]["route_table_id"])
    assert routes(found) == {DEFAULT: arguments["routes"][0]["gateway_id"]}
    assert subnets(found) == set(arguments["subnet_ids"])
    assert tags_of(found) == {"Name": "public", "Environment": "production"}
    again = run_module(main, {**arguments, "subnet_ids": arguments["subnet_ids"][::-1]})
    assert not again["changed"] and again["api_calls"] == ["ec2.DescribeRouteTables"]


def test_a_route_made_by_hand_to_something_else_is_put_right_in_place(ec2: Any, arguments: dict[str, Any]) -> None:
    table_id = run_module(main, arguments)["route_table"]["route_table_id"]
    peering = make_peering(ec2, arguments["vpc_id"])
    ec2.replace_route(RouteTableId=table_id, DestinationCidrBlock=DEFAULT, VpcPeeringConnectionId=peering)
    ec2.create_route(RouteTableId=table_id, DestinationCidrBlock="10.50.0.0/16", VpcPeeringConnectionId=peering)
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: routes"] and writes(check) == []
    assert check["diff"]["before"]["routes"] == [
        {"destination": DEFAULT, "vpc_peering_connection_id": peering},
        {"destination": "10.50.0.0/16", "vpc_peering_connection_id": peering},
    ]
    result = run_module(main, arguments)
    assert writes(result) == ["ec2.ReplaceRoute", "ec2.DeleteRoute"]
    assert result["diff"] == check["diff"]
    assert routes(table(ec2, table_id)) == {DEFAULT: arguments["routes"][0]["gateway_id"]}


def test_without_purge_strangers_stay(ec2: Any, arguments: dict[str, Any]) -> None:
    table_id = run_module(main, arguments)["route_table"]["route_table_id"]
    peering = make_peering(ec2, arguments["vpc_id"])
    ec2.create_route(RouteTableId=table_id, DestinationCidrBlock="10.50.0.0/16", VpcPeeringConnectionId=peering)
    fewer = {**arguments, "subnet_ids": arguments["subnet_ids"][:1], "purge_subnets": False, "purge_routes": False}
    assert not run_module(main, fewer)["changed"]
    assert not run_module(main, {"vpc_id": arguments["vpc_id"], "name": "public"})["changed"]


def test_a_subnet_of_another_table_is_moved_and_one_not_listed_is_let_go(ec2: Any, arguments: dict[str, Any]) -> None:
    first, second = arguments["subnet_ids"]
    other = ec2.create_route_table(VpcId=arguments["vpc_id"])["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=other, SubnetId=second)
    table_id = run_module(main, {**arguments, "subnet_ids": [first]})["route_table"]["route_table_id"]
    check = run_module(main, {**arguments, "subnet_ids": [second]}, check=True)
    assert check["diff"]["before"]["subnet_ids"] == [first] and check["diff"]["after"]["subnet_ids"] == [second]
    result = run_module(main, {**arguments, "subnet_ids": [second]})
    assert writes(result) == ["ec2.ReplaceRouteTableAssociation", "ec2.DisassociateRouteTable"]
    assert subnets(table(ec2, table_id)) == {second} and subnets(table(ec2, other)) == set()


def test_the_route_of_a_gateway_endpoint_is_left_alone(ec2: Any, arguments: dict[str, Any]) -> None:
    table_id = run_module(main, arguments)["route_table"]["route_table_id"]
    ec2.create_vpc_endpoint(
        VpcId=arguments["vpc_id"], ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=[table_id]
    )
    assert any(route.get("DestinationPrefixListId") for route in table(ec2, table_id)["Routes"])
    assert not run_module(main, arguments)["changed"]


def test_a_run_killed_before_its_routes_is_finished_by_the_next(ec2: Any, arguments: dict[str, Any]) -> None:
    assert run_module(main, arguments, fail={"ec2.CreateRoute": "InternalError.Test"})["failed"]
    result = run_module(main, arguments)
    assert "ec2.CreateRouteTable" not in writes(result) and result["actions"] == ["update: routes, subnet_ids"]
    chosen = [{"Name": "tag:Name", "Values": ["public"]}]
    assert len(ec2.describe_route_tables(Filters=chosen)["RouteTables"]) == 1


def test_tags_are_repaired(ec2: Any, arguments: dict[str, Any]) -> None:
    table_id = run_module(main, arguments)["route_table"]["route_table_id"]
    ec2.create_tags(Resources=[table_id], Tags=[{"Key": "Environment", "Value": "lost"}, {"Key": "x", "Value": "y"}])
    result = run_module(main, arguments)
    assert result["actions"] == ["update: tags"]
    assert tags_of(table(ec2, table_id)) == {"Name": "public", "Environment": "production"}


def test_two_of_the_name_are_not_guessed_between(ec2: Any, arguments: dict[str, Any]) -> None:
    for _ in range(2):
        ec2.create_route_table(VpcId=arguments["vpc_id"], TagSpecifications=named("public", "route-table"))
    result = run_module(main, arguments)
    assert result["failed"] and "several" in result["msg"] and writes(result) == []


def test_removal(ec2: Any, arguments: dict[str, Any]) -> None:
    table_id = run_module(main, arguments)["route_table"]["route_table_id"]
    absent = {"vpc_id": arguments["vpc_id"], "name": "public", "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    result = run_module(main, absent)
    assert writes(result) == ["ec2.DisassociateRouteTable", "ec2.DisassociateRouteTable", "ec2.DeleteRouteTable"]
    chosen = [{"Name": "route-table-id", "Values": [table_id]}]
    assert ec2.describe_route_tables(Filters=chosen)["RouteTables"] == []
    assert not run_module(main, absent)["changed"]


def test_parents_of_a_dry_run_are_not_asked_about(ec2: Any, arguments: dict[str, Any]) -> None:
    planned = {
        "vpc_id": "vpc-planned",
        "name": "public",
        "routes": [{"destination": DEFAULT, "nat_gateway_id": "nat-planned"}],
        "subnet_ids": ["subnet-planned"],
    }
    result = run_module(main, planned, check=True)
    assert result["changed"] and result["api_calls"] == []
    assert result["route_table"]["routes"] == planned["routes"]
    run_module(main, arguments)
    new_nat = run_module(main, {**arguments, "routes": planned["routes"]}, check=True)
    assert new_nat["actions"] == ["update: routes"] and new_nat["diff"]["after"]["routes"] == planned["routes"]


def test_impossible_arguments_are_all_told_before_aws_is_asked(arguments: dict[str, Any]) -> None:
    bad = [
        {"destination": DEFAULT},
        {"destination": "10.1.0.1/16", "gateway_id": "igw-1", "nat_gateway_id": "nat-1"},
        {"destination": "10.1.0.0", "gateway_id": "igw-1"},
        {"destination": "nowhere", "gateway_id": "igw-1"},
        {"destination": DEFAULT, "gateway_id": "igw-1"},
    ]
    result = run_module(main, {**arguments, "routes": bad})
    assert result["failed"] and result["api_calls"] == []
    for expected in ("not none", "not gateway_id, nat_gateway_id", "did you mean 10.1.0.0/16", "has a route already"):
        assert expected in result["msg"]
    assert "'nowhere' is not a CIDR" in result["msg"] and "did you mean 10.1.0.0/32" in result["msg"]


def test_possible_arguments_have_no_problems() -> None:
    good = [
        {"destination": "2001:DB8::/32", "gateway_id": "igw-1"},
        {"destination": "pl-0123456789abcdef0", "transit_gateway_id": "tgw-1"},
    ]
    assert find_problems({"name": "a", "tags": None, "routes": good}) == []
    assert find_problems({"name": "a", "tags": {"Name": "a"}, "routes": None}) == []


@pytest.mark.parametrize(
    ("route", "managed"),
    [
        ({"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable"}, False),
        ({"DestinationCidrBlock": "10.8.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation"}, False),
        ({"DestinationCidrBlock": "10.8.0.0/16", "NetworkInterfaceId": "eni-1", "Origin": "Advertisement"}, False),
        ({"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "Origin": "CreateRoute"}, False),
        ({"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1", "Origin": "CreateRoute"}, True),
        ({"DestinationCidrBlock": DEFAULT, "GatewayId": "vpce-1", "Origin": "CreateRoute"}, True),
        ({"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1", "Origin": "CreateRoute"}, True),
    ],
)
def test_what_is_ours_among_the_routes(route: dict[str, str], managed: bool) -> None:
    assert is_managed(route) is managed


def test_a_black_hole_differs_from_the_route_that_was_asked_for() -> None:
    found = {"DestinationCidrBlock": DEFAULT, "NatGatewayId": "nat-1", "Origin": "CreateRoute", "State": "blackhole"}
    assert describe_route(found) == {"destination": DEFAULT, "nat_gateway_id": "nat-1", "state": "blackhole"}
    assert describe_route({**found, "State": "active"}) == {"destination": DEFAULT, "nat_gateway_id": "nat-1"}


def test_errors_of_aws_are_told(arguments: dict[str, Any]) -> None:
    result = run_module(main, arguments, fail={"ec2.CreateRouteTable": "RouteTableLimitExceeded"})
    assert result["failed"] and result["error"]["code"] == "RouteTableLimitExceeded"
