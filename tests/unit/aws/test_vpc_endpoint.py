"""The module vpc_endpoint: gateway and interface endpoints, every attribute changed in place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_subnet, make_vpc, tags_of

from trading_platform.aws.vpc_endpoint import VpcEndpoint, describe_state
from trading_platform.emulator.testing import EmulatorServer

module = load("vpc_endpoint")
main = module.main
S3 = "com.amazonaws.us-east-1.s3"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"},
    ],
}


@pytest.fixture
def ec2(aws: EmulatorServer) -> Any:
    return aws.client("ec2")


@pytest.fixture
def vpc_id(ec2: Any) -> str:
    vpc = make_vpc(ec2)
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    return vpc


def make_table(ec2: Any, vpc_id: str) -> str:
    return str(ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"])


@pytest.fixture
def gateway(ec2: Any, vpc_id: str) -> dict[str, Any]:
    return {
        "vpc_id": vpc_id,
        "name": "s3",
        "service": S3,
        "type": "gateway",
        "route_table_ids": [make_table(ec2, vpc_id) for _ in range(2)],
        "tags": {"Environment": "production"},
    }


@pytest.fixture
def interface(ec2: Any, vpc_id: str) -> dict[str, Any]:
    zones = {"us-east-1a": "10.0.1.0/24", "us-east-1b": "10.0.2.0/24"}
    group = ec2.create_security_group(GroupName="endpoints", Description="endpoints", VpcId=vpc_id)["GroupId"]
    return {
        "vpc_id": vpc_id,
        "name": "ecr-api",
        "service": "com.amazonaws.us-east-1.ecr.api",
        "type": "interface",
        "subnet_ids": [make_subnet(ec2, vpc_id, cidr, zone) for zone, cidr in zones.items()],
        "security_group_ids": [group],
        "private_dns_enabled": True,
        "tags": {"Environment": "production"},
    }


def endpoints(ec2: Any) -> list[dict[str, Any]]:
    return list(ec2.describe_vpc_endpoints()["VpcEndpoints"])


def test_gateway_check_then_create_then_again(ec2: Any, gateway: dict[str, Any]) -> None:
    check = run_module(main, gateway, check=True)
    assert check["changed"] and writes(check) == [] and endpoints(ec2) == []
    assert check["vpc_endpoint"]["vpc_endpoint_id"] == "vpce-planned"
    result = run_module(main, gateway)
    assert writes(result) == ["ec2.CreateVpcEndpoint"] and result["diff"] == check["diff"]
    (endpoint,) = endpoints(ec2)
    assert endpoint["VpcEndpointType"] == "Gateway" and endpoint["ServiceName"] == S3
    assert set(endpoint["RouteTableIds"]) == set(gateway["route_table_ids"])
    assert tags_of(endpoint) == {"Name": "s3", "Environment": "production"}
    assert "subnet_ids" not in result["vpc_endpoint"]
    again = run_module(main, {**gateway, "route_table_ids": gateway["route_table_ids"][::-1], "wait": True})
    assert not again["changed"] and again["api_calls"] == ["ec2.DescribeVpcEndpoints"]


def test_interface_create_then_again(ec2: Any, interface: dict[str, Any]) -> None:
    check = run_module(main, interface, check=True)
    result = run_module(main, interface)
    assert result["diff"] == check["diff"]
    (endpoint,) = endpoints(ec2)
    assert endpoint["PrivateDnsEnabled"] is True
    assert set(endpoint["SubnetIds"]) == set(interface["subnet_ids"])
    assert [one["GroupId"] for one in endpoint["Groups"]] == interface["security_group_ids"]
    assert result["vpc_endpoint"]["dns_names"] and "route_table_ids" not in result["vpc_endpoint"]
    assert not run_module(main, interface)["changed"]


def test_route_tables_are_added_and_removed(ec2: Any, vpc_id: str, gateway: dict[str, Any]) -> None:
    endpoint_id = run_module(main, gateway)["vpc_endpoint"]["vpc_endpoint_id"]
    stray = make_table(ec2, vpc_id)
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint_id, AddRouteTableIds=[stray], RemoveRouteTableIds=gateway["route_table_ids"][:1]
    )
    check = run_module(main, gateway, check=True)
    assert check["actions"] == ["update: route_table_ids"] and writes(check) == []
    assert stray in check["diff"]["before"]["route_table_ids"]
    result = run_module(main, gateway)
    assert writes(result) == ["ec2.ModifyVpcEndpoint"] and result["diff"] == check["diff"]
    assert set(endpoints(ec2)[0]["RouteTableIds"]) == set(gateway["route_table_ids"])
    assert not run_module(main, {**gateway, "route_table_ids": None})["changed"]


def test_everything_of_an_interface_is_changed_in_one_call(ec2: Any, vpc_id: str, interface: dict[str, Any]) -> None:
    run_module(main, interface)
    group = ec2.create_security_group(GroupName="narrow", Description="narrow", VpcId=vpc_id)["GroupId"]
    changed = {
        **interface,
        "subnet_ids": interface["subnet_ids"][:1],
        "security_group_ids": [group],
        "private_dns_enabled": False,
    }
    check = run_module(main, changed, check=True)
    assert check["actions"] == ["update: private_dns_enabled, security_group_ids, subnet_ids"]
    result = run_module(main, changed)
    assert writes(result) == ["ec2.ModifyVpcEndpoint"] and result["diff"] == check["diff"]
    (endpoint,) = endpoints(ec2)
    assert endpoint["SubnetIds"] == changed["subnet_ids"] and endpoint["PrivateDnsEnabled"] is False
    assert [one["GroupId"] for one in endpoint["Groups"]] == [group]
    assert not run_module(main, changed)["changed"]


def test_policies_are_compared_by_meaning_and_repaired(ec2: Any, gateway: dict[str, Any]) -> None:
    endpoint_id = run_module(main, {**gateway, "policy": POLICY})["vpc_endpoint"]["vpc_endpoint_id"]
    shuffled = {"Statement": {**POLICY["Statement"][0], "Action": ["s3:PutObject", "s3:GetObject"]}}
    assert not run_module(main, {**gateway, "policy": json.dumps({**shuffled, "Version": "2012-10-17"})})["changed"]
    assert not run_module(main, gateway)["changed"]
    open_policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
    ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, PolicyDocument=json.dumps(open_policy))
    result = run_module(main, {**gateway, "policy": POLICY})
    assert result["actions"] == ["update: policy"]
    document = json.loads(endpoints(ec2)[0]["PolicyDocument"])
    assert document["Statement"][0]["Action"] == ["s3:GetObject", "s3:PutObject"]


def test_tags_are_repaired(ec2: Any, gateway: dict[str, Any]) -> None:
    endpoint_id = run_module(main, gateway)["vpc_endpoint"]["vpc_endpoint_id"]
    ec2.create_tags(Resources=[endpoint_id], Tags=[{"Key": "Name", "Value": "other"}, {"Key": "stray", "Value": "1"}])
    result = run_module(main, gateway)
    assert result["actions"] == ["update: tags"]
    assert tags_of(endpoints(ec2)[0]) == {"Name": "s3", "Environment": "production"}


def test_one_of_several_is_told_by_its_name(ec2: Any, vpc_id: str, gateway: dict[str, Any]) -> None:
    ours = run_module(main, gateway)["vpc_endpoint"]["vpc_endpoint_id"]
    ec2.create_vpc_endpoint(VpcId=vpc_id, ServiceName=S3, RouteTableIds=[make_table(ec2, vpc_id)])
    again = run_module(main, gateway)
    assert not again["changed"] and again["vpc_endpoint"]["vpc_endpoint_id"] == ours
    unknown = run_module(main, {**gateway, "name": "neither"})
    assert unknown["failed"] and "several" in unknown["msg"]


def test_removal(ec2: Any, gateway: dict[str, Any]) -> None:
    run_module(main, gateway)
    absent = {**gateway, "state": "absent", "wait": True}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == [] and len(endpoints(ec2)) == 1
    result = run_module(main, absent)
    assert writes(result) == ["ec2.DeleteVpcEndpoints"] and endpoints(ec2) == []
    assert not run_module(main, absent)["changed"]


def test_parents_of_a_dry_run_are_not_asked_about(aws: EmulatorServer) -> None:
    planned = {
        "vpc_id": "vpc-planned",
        "name": "logs",
        "service": "com.amazonaws.us-east-1.logs",
        "type": "interface",
        "subnet_ids": ["subnet-planned"],
        "security_group_ids": ["sg-planned"],
    }
    result = run_module(main, planned, check=True)
    assert result["changed"] and result["api_calls"] == []
    assert result["vpc_endpoint"]["security_group_ids"] == ["sg-planned"]
    assert result["vpc_endpoint"]["private_dns_enabled"] is True


def test_impossible_arguments_are_all_told_before_aws_is_asked(gateway: dict[str, Any]) -> None:
    bad = {**gateway, "service": "s3", "subnet_ids": ["subnet-1"], "private_dns_enabled": True, "policy": "[]"}
    result = run_module(main, bad)
    assert result["failed"] and result["api_calls"] == []
    for expected in ("subnet_ids: only", "private_dns_enabled: only", "no full name", "policy: "):
        assert expected in result["msg"]
    empty = run_module(main, {**gateway, "type": "interface", "route_table_ids": None, "security_group_ids": []})
    assert empty["failed"] and "security_group_ids" in empty["msg"]


def test_errors_of_aws_are_told(gateway: dict[str, Any], interface: dict[str, Any]) -> None:
    result = run_module(main, gateway, fail={"ec2.CreateVpcEndpoint": "VpcEndpointLimitExceeded"})
    assert result["failed"] and result["error"]["code"] == "VpcEndpointLimitExceeded"


class Scripted:
    """An EC2 client that answers DescribeVpcEndpoints from a list and records its other calls."""

    def __init__(self, *answers: list[dict[str, Any]], refused: dict[str, Any] | None = None) -> None:
        self.answers = list(answers)
        self.refused = refused
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def describe_vpc_endpoints(self, **_: Any) -> dict[str, Any]:
        return {"VpcEndpoints": self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]}

    def modify_vpc_endpoint(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(("modify", arguments))
        return {}

    def delete_vpc_endpoints(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append(("delete", arguments))
        return {"Unsuccessful": [{"ResourceId": "vpce-1", "Error": self.refused}] if self.refused else []}


def described(state: str) -> dict[str, Any]:
    return {
        "VpcEndpointId": "vpce-1",
        "VpcId": "vpc-1",
        "ServiceName": S3,
        "VpcEndpointType": "Gateway",
        "State": state,
        "RouteTableIds": ["rtb-1"],
    }


def scripted(client: Scripted, state: str = "present") -> VpcEndpoint:
    params = dict.fromkeys(module.ARGUMENT_SPEC)
    params |= {"vpc_id": "vpc-1", "name": "s3", "service": S3, "type": "gateway", "route_table_ids": ["rtb-2"]}
    return VpcEndpoint(client, {**params, "state": state, "purge_tags": True, "wait_timeout": 5})


def test_a_pending_endpoint_is_modified_only_when_it_is_made() -> None:
    client = Scripted([described("pending")], [described("Available")])
    current = describe_state(described("pending"))
    scripted(client).update(current, {"route_table_ids": ["rtb-2"]})
    assert client.answers == [[described("Available")]]
    assert client.calls[0][1]["AddRouteTableIds"] == ["rtb-2"] and client.calls[0][1]["RemoveRouteTableIds"] == [
        "rtb-1"
    ]


def test_an_endpoint_on_its_way_out_is_not_ours_any_more_but_is_waited_for() -> None:
    client = Scripted([described("deleting")])
    endpoint = scripted(client, state="absent")
    assert endpoint.find() is None
    endpoint.delete({"vpc_endpoint_id": "vpce-1"})
    assert endpoint.find() is not None and not endpoint.settled(endpoint.find())
    client.answers = [[]]
    assert endpoint.settled(endpoint.find())


def test_what_the_deletion_refused_is_told_unless_it_is_gone() -> None:
    from trading_platform.aws.engine import RefusedError

    scripted(Scripted([], refused={"Code": "InvalidVpcEndpointId.NotFound"})).delete({"vpc_endpoint_id": "vpce-1"})
    refused = {"Code": "OperationNotPermitted", "Message": "managed by a service"}
    with pytest.raises(RefusedError, match="managed by a service"):
        scripted(Scripted([], refused=refused)).delete({"vpc_endpoint_id": "vpce-1"})
