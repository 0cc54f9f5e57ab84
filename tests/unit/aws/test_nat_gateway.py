"""The module nat_gateway: one gateway, one address, whatever happened in between."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_gateway, make_subnet, make_vpc, named, tags_of

from trading_platform.aws.engine import converge
from trading_platform.aws.nat_gateway import NatGateway
from trading_platform.emulator.testing import EmulatorServer

main = load("nat_gateway").main
TAGS = {"Environment": "production"}
FULL = {"Name": "nat-a", "Environment": "production"}


@pytest.fixture
def ec2(aws: EmulatorServer) -> Any:
    return aws.client("ec2")


@pytest.fixture
def vpc_id(ec2: Any) -> str:
    vpc = make_vpc(ec2)
    make_gateway(ec2, vpc)
    return vpc


@pytest.fixture
def arguments(ec2: Any, vpc_id: str) -> dict[str, Any]:
    return {"name": "nat-a", "subnet_id": make_subnet(ec2, vpc_id, "10.0.101.0/24"), "tags": TAGS}


def alive(ec2: Any) -> list[dict[str, Any]]:
    chosen = [{"Name": "state", "Values": ["pending", "available"]}]
    return list(ec2.describe_nat_gateways(Filter=chosen)["NatGateways"])


def addresses(ec2: Any) -> list[dict[str, Any]]:
    return list(ec2.describe_addresses()["Addresses"])


def test_check_then_create_then_again(ec2: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and addresses(ec2) == []
    assert check["nat_gateway"]["nat_gateway_id"] == "nat-planned"
    assert check["nat_gateway"]["allocation_id"] == "eipalloc-planned"
    result = run_module(main, arguments)
    assert writes(result) == ["ec2.AllocateAddress", "ec2.CreateNatGateway"]
    assert result["diff"] == check["diff"]
    (gateway,), (address,) = alive(ec2), addresses(ec2)
    assert gateway["SubnetId"] == arguments["subnet_id"]
    assert gateway["NatGatewayAddresses"][0]["AllocationId"] == address["AllocationId"]
    assert tags_of(gateway) == FULL and tags_of(address) == FULL
    assert result["nat_gateway"]["public_ip"] == address["PublicIp"]
    again = run_module(main, {**arguments, "wait": True})
    assert not again["changed"] and again["nat_gateway"]["state"] == "available"
    assert again["api_calls"] == ["ec2.DescribeNatGateways", "ec2.DescribeAddresses"]


def test_drift_of_both_tags_is_shown_and_repaired(ec2: Any, arguments: dict[str, Any]) -> None:
    gateway = run_module(main, arguments)["nat_gateway"]
    ec2.create_tags(Resources=[gateway["nat_gateway_id"]], Tags=[{"Key": "Environment", "Value": "lost"}])
    ec2.delete_tags(Resources=[gateway["allocation_id"]], Tags=[{"Key": "Name"}])
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: address_tags, tags"] and writes(check) == []
    assert check["diff"]["before"]["address_tags"] == {"Environment": "production"}
    result = run_module(main, arguments)
    assert set(writes(result)) == {"ec2.CreateTags"}
    assert tags_of(alive(ec2)[0]) == FULL and tags_of(addresses(ec2)[0]) == FULL
    assert not run_module(main, arguments)["changed"]


def test_a_run_killed_between_address_and_gateway_leaves_one_address(ec2: Any, arguments: dict[str, Any]) -> None:
    killed = run_module(main, arguments, fail={"ec2.CreateNatGateway": "InternalError.Test"})
    assert killed["failed"] and len(addresses(ec2)) == 1
    result = run_module(main, arguments)
    assert writes(result) == ["ec2.CreateNatGateway"]
    assert len(addresses(ec2)) == 1
    assert result["nat_gateway"]["allocation_id"] == addresses(ec2)[0]["AllocationId"]


def test_an_address_in_use_by_something_else_is_not_taken(ec2: Any, vpc_id: str, arguments: dict[str, Any]) -> None:
    taken = ec2.allocate_address(Domain="vpc", TagSpecifications=named("nat-a", "elastic-ip"))["AllocationId"]
    interface = ec2.create_network_interface(SubnetId=arguments["subnet_id"])["NetworkInterface"]
    ec2.associate_address(AllocationId=taken, NetworkInterfaceId=interface["NetworkInterfaceId"])
    result = run_module(main, arguments)
    assert result["nat_gateway"]["allocation_id"] != taken


def test_a_free_address_gets_our_tags(ec2: Any, arguments: dict[str, Any]) -> None:
    free = ec2.allocate_address(Domain="vpc", TagSpecifications=named("nat-a", "elastic-ip", stray="1"))
    result = run_module(main, arguments)
    assert result["nat_gateway"]["allocation_id"] == free["AllocationId"]
    assert tags_of(addresses(ec2)[0]) == FULL


def test_another_subnet_of_the_vpc_is_refused_and_another_vpc_is_another_gateway(
    ec2: Any, vpc_id: str, arguments: dict[str, Any]
) -> None:
    run_module(main, arguments)
    moved = run_module(main, {**arguments, "subnet_id": make_subnet(ec2, vpc_id, "10.0.102.0/24")}, check=True)
    assert moved["failed"] and "subnet_id" in moved["msg"] and arguments["subnet_id"] in moved["msg"]
    other = make_vpc(ec2, "10.9.0.0/16")
    make_gateway(ec2, other)
    result = run_module(main, {**arguments, "subnet_id": make_subnet(ec2, other, "10.9.1.0/24")})
    assert result["changed"] and len(alive(ec2)) == 2


def test_two_of_the_name_are_not_guessed_between(ec2: Any, arguments: dict[str, Any]) -> None:
    for _ in range(2):
        allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.create_nat_gateway(
            SubnetId=arguments["subnet_id"], AllocationId=allocation, TagSpecifications=named("nat-a", "natgateway")
        )
    result = run_module(main, arguments)
    assert result["failed"] and "several" in result["msg"] and writes(result) == []


@pytest.fixture
def offline(ec2: Any) -> dict[str, Any]:
    """Arguments for a gateway in a VPC without internet gateway: AWS creates it, and then it fails."""
    return {"name": "nat-a", "subnet_id": make_subnet(ec2, make_vpc(ec2, "10.1.0.0/16"), "10.1.101.0/24"), "tags": TAGS}


def vpc_of(ec2: Any, subnet_id: str) -> str:
    return str(ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]["VpcId"])


def test_a_failed_gateway_is_replaced_with_the_same_address(ec2: Any, offline: dict[str, Any]) -> None:
    first = run_module(main, offline)["nat_gateway"]
    assert first["state"] == "failed" and "no Internet gateway" in first["failure"]
    make_gateway(ec2, vpc_of(ec2, offline["subnet_id"]))
    check = run_module(main, offline, check=True)
    assert check["actions"] == ["update: nat_gateway_id, state"] and writes(check) == []
    assert check["nat_gateway"]["nat_gateway_id"] == "nat-planned"
    assert check["diff"]["before"]["state"] == "failed"
    result = run_module(main, offline)
    assert writes(result) == ["ec2.DeleteNatGateway", "ec2.CreateNatGateway"]
    assert "has no Internet gateway attached" in str(result["warnings"])
    assert result["nat_gateway"]["nat_gateway_id"] != first["nat_gateway_id"]
    (gateway,), (address,) = alive(ec2), addresses(ec2)
    assert gateway["NatGatewayAddresses"][0]["AllocationId"] == address["AllocationId"]
    assert not run_module(main, offline)["changed"]


def test_a_failed_gateway_may_be_replaced_in_another_subnet(ec2: Any, offline: dict[str, Any]) -> None:
    run_module(main, offline)
    vpc_id = vpc_of(ec2, offline["subnet_id"])
    make_gateway(ec2, vpc_id)
    other = make_subnet(ec2, vpc_id, "10.1.102.0/24")
    result = run_module(main, {**offline, "subnet_id": other})
    assert result["nat_gateway"]["subnet_id"] == other and len(alive(ec2)) == len(addresses(ec2)) == 1


def test_waiting_ends_with_the_reason_of_a_failure(offline: dict[str, Any]) -> None:
    result = run_module(main, {**offline, "wait": True})
    assert result["failed"] and "has no Internet gateway attached" in result["msg"]


def test_a_failed_gateway_is_removed_with_its_address(ec2: Any, offline: dict[str, Any]) -> None:
    run_module(main, offline)
    result = run_module(main, {**offline, "state": "absent", "wait": True})
    assert result["changed"] and "warnings" not in result and addresses(ec2) == []
    states = [gateway["State"] for gateway in ec2.describe_nat_gateways()["NatGateways"]]
    assert states == ["deleted"]


def test_removal_releases_the_address(ec2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    absent = {**arguments, "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    result = run_module(main, absent)
    assert writes(result) == ["ec2.DeleteNatGateway", "ec2.ReleaseAddress"]
    assert alive(ec2) == [] and addresses(ec2) == []
    assert not run_module(main, absent)["changed"]


def test_removal_killed_in_the_middle_is_finished_by_the_next(ec2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    absent = {**arguments, "state": "absent", "wait": True}
    assert run_module(main, absent, fail={"ec2.ReleaseAddress": "InternalError.Test"})["failed"]
    for address in addresses(ec2):  # AWS frees the address of a deleted gateway
        if "AssociationId" in address:
            ec2.disassociate_address(AssociationId=address["AssociationId"])
    result = run_module(main, absent)
    assert result["changed"] and writes(result) == ["ec2.ReleaseAddress"]
    assert addresses(ec2) == [] and not run_module(main, absent)["changed"]


def test_the_subnet_of_a_dry_run_is_not_asked_about(aws: EmulatorServer) -> None:
    result = run_module(main, {"name": "nat-a", "subnet_id": "subnet-planned"}, check=True)
    assert result["changed"] and result["api_calls"] == []
    assert result["nat_gateway"]["subnet_id"] == "subnet-planned"


def test_errors_of_aws_are_told(ec2: Any, arguments: dict[str, Any]) -> None:
    result = run_module(main, arguments, fail={"ec2.AllocateAddress": "AddressLimitExceeded"})
    assert result["failed"] and result["error"]["code"] == "AddressLimitExceeded"


class Leaving:
    """An EC2 client with one gateway that is being deleted for two more answers and then frees its address."""

    def __init__(self) -> None:
        self.left = 3
        self.calls: list[str] = []
        self.tags = [{"Key": "Name", "Value": "nat-a"}]

    def describe_nat_gateways(self, **_: Any) -> dict[str, Any]:
        self.left -= 1
        gateway = {
            "NatGatewayId": "nat-1",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-1",
            "State": "deleting",
            "NatGatewayAddresses": [{"AllocationId": "eipalloc-1", "NetworkInterfaceId": "eni-1"}],
            "Tags": self.tags,
        }
        return {"NatGateways": [gateway] if self.left > 0 else []}

    def describe_addresses(self, **_: Any) -> dict[str, Any]:
        held = {"AllocationId": "eipalloc-1", "PublicIp": "203.0.113.7", "Tags": self.tags}
        association = {"AssociationId": "eipassoc-1", "NetworkInterfaceId": "eni-1"}
        return {"Addresses": [{**held, **association} if self.left > 0 else held]}

    def create_nat_gateway(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(f"create with {arguments['AllocationId']} at {self.left}")
        return {}

    def release_address(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(f"release {arguments['AllocationId']} at {self.left}")
        return {}


def scripted(client: Leaving, state: str) -> NatGateway:
    params = {"name": "nat-a", "subnet_id": "subnet-1", "tags": None, "purge_tags": True, "state": state}
    return NatGateway(client, {**params, "wait_timeout": 30}, lambda message: None)


def test_the_address_of_a_gateway_that_is_going_is_waited_for_and_used_again() -> None:
    client = Leaving()
    gateway = scripted(client, "present")
    assert converge(gateway, present=True, check_mode=True, wait=None).actions == ["create"]
    assert client.calls == []
    gateway.create(gateway.wanted(None))
    assert client.calls == ["create with eipalloc-1 at 0"]


def test_a_deletion_under_way_is_seen_to_its_end() -> None:
    client = Leaving()
    outcome = converge(scripted(client, "absent"), present=False, check_mode=False, wait=None)
    assert outcome.changed and client.calls == ["release eipalloc-1 at 0"]
