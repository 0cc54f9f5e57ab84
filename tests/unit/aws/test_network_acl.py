"""The module network_acl: numbered entries changed in place, subnets moved and given back."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_subnet, make_vpc, named, tags_of

from trading_platform.emulator.testing import EmulatorServer

main = load("network_acl").main
POSTGRES = {
    "rule_number": 100,
    "protocol": "tcp",
    "action": "allow",
    "cidr": "10.0.0.0/22",
    "from_port": 5432,
    "to_port": 5432,
}
ANSWERS = {**POSTGRES, "from_port": 1024, "to_port": 65535}
PING = {"rule_number": 50, "protocol": "icmp", "action": "deny", "cidr": "10.0.0.0/16"}
REST = {"rule_number": 200, "protocol": "all", "action": "deny", "cidr": "10.0.0.0/16"}


@pytest.fixture
def ec2(aws: EmulatorServer) -> Any:
    return aws.client("ec2")


@pytest.fixture
def arguments(ec2: Any) -> dict[str, Any]:
    vpc_id = make_vpc(ec2)
    return {
        "vpc_id": vpc_id,
        "name": "database",
        "subnet_ids": [make_subnet(ec2, vpc_id, f"10.0.{number}.0/24") for number in (11, 12)],
        "ingress": [POSTGRES, PING],
        "egress": [ANSWERS],
        "tags": {"Environment": "production"},
    }


def acl(ec2: Any, acl_id: str) -> dict[str, Any]:
    return dict(ec2.describe_network_acls(NetworkAclIds=[acl_id])["NetworkAcls"][0])


def entries(found: dict[str, Any], egress: bool) -> dict[int, tuple[Any, ...]]:
    """Give the entries below AWS's own by number: protocol, action, block, ports."""
    return {
        entry["RuleNumber"]: (entry["Protocol"], entry["RuleAction"], entry["CidrBlock"], entry.get("PortRange"))
        for entry in found["Entries"]
        if entry["Egress"] is egress and entry["RuleNumber"] < 32767
    }


def subnets(found: dict[str, Any]) -> set[str]:
    return {one["SubnetId"] for one in found["Associations"]}


def default_acl(ec2: Any, vpc_id: str) -> dict[str, Any]:
    chosen = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "default", "Values": ["true"]}]
    return dict(ec2.describe_network_acls(Filters=chosen)["NetworkAcls"][0])


def test_check_then_create_then_again(ec2: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == []
    assert check["network_acl"]["network_acl_id"] == "acl-planned"
    assert check["network_acl"]["ingress"] == [{**PING, "from_port": -1, "to_port": -1}, POSTGRES]
    result = run_module(main, arguments)
    assert result["diff"] == check["diff"]
    assert (
        writes(result)
        == ["ec2.CreateNetworkAcl", *["ec2.CreateNetworkAclEntry"] * 3] + ["ec2.ReplaceNetworkAclAssociation"] * 2
    )
    found = acl(ec2, result["network_acl"]["network_acl_id"])
    assert entries(found, egress=False) == {
        50: ("1", "deny", "10.0.0.0/16", None),
        100: ("6", "allow", "10.0.0.0/22", {"From": 5432, "To": 5432}),
    }
    assert entries(found, egress=True) == {100: ("6", "allow", "10.0.0.0/22", {"From": 1024, "To": 65535})}
    assert subnets(found) == set(arguments["subnet_ids"])
    assert tags_of(found) == {"Name": "database", "Environment": "production"}
    again = run_module(main, {**arguments, "ingress": [PING, POSTGRES]})
    assert not again["changed"] and again["api_calls"] == ["ec2.DescribeNetworkAcls"]


def test_entries_are_changed_in_place_and_drift_is_repaired(ec2: Any, arguments: dict[str, Any]) -> None:
    acl_id = run_module(main, arguments)["network_acl"]["network_acl_id"]
    ec2.replace_network_acl_entry(
        NetworkAclId=acl_id, RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0"
    )
    ec2.create_network_acl_entry(
        NetworkAclId=acl_id, RuleNumber=7, Protocol="50", RuleAction="allow", Egress=True, CidrBlock="0.0.0.0/0"
    )
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: egress, ingress"] and writes(check) == []
    everything = {"rule_number": 100, "protocol": "all", "action": "allow", "cidr": "0.0.0.0/0"}
    assert everything in check["diff"]["before"]["ingress"]
    result = run_module(main, arguments)
    assert writes(result) == ["ec2.ReplaceNetworkAclEntry", "ec2.DeleteNetworkAclEntry"]
    assert result["diff"] == check["diff"]
    found = acl(ec2, acl_id)
    assert entries(found, egress=False)[100] == ("6", "allow", "10.0.0.0/22", {"From": 5432, "To": 5432})
    assert list(entries(found, egress=True)) == [100]


def test_new_entries_come_before_old_ones_go(arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    result = run_module(main, {**arguments, "ingress": [REST, {**POSTGRES, "rule_number": 110}]})
    assert writes(result) == ["ec2.CreateNetworkAclEntry"] * 2 + ["ec2.DeleteNetworkAclEntry"] * 2


def test_entries_and_subnets_that_are_not_given_are_not_touched(arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    assert not run_module(main, {"vpc_id": arguments["vpc_id"], "name": "database"})["changed"]
    emptied = run_module(main, {**arguments, "egress": []})
    assert emptied["network_acl"]["egress"] == [] and len(emptied["network_acl"]["ingress"]) == 2


def test_subnets_move_in_and_go_back_to_the_default_acl(ec2: Any, arguments: dict[str, Any]) -> None:
    first, second = arguments["subnet_ids"]
    acl_id = run_module(main, {**arguments, "subnet_ids": [first]})["network_acl"]["network_acl_id"]
    check = run_module(main, {**arguments, "subnet_ids": [second]}, check=True)
    assert check["diff"]["before"]["subnet_ids"] == [first] and check["diff"]["after"]["subnet_ids"] == [second]
    result = run_module(main, {**arguments, "subnet_ids": [second]})
    assert writes(result) == ["ec2.ReplaceNetworkAclAssociation"] * 2
    assert subnets(acl(ec2, acl_id)) == {second} and subnets(default_acl(ec2, arguments["vpc_id"])) == {first}


def test_a_subnet_of_another_vpc_is_refused(ec2: Any, arguments: dict[str, Any]) -> None:
    stranger = make_subnet(ec2, make_vpc(ec2, "10.9.0.0/16"), "10.9.1.0/24")
    result = run_module(main, {**arguments, "subnet_ids": [stranger]})
    assert result["failed"] and f"{stranger} is not a subnet of" in result["msg"]


def test_tags_are_repaired(ec2: Any, arguments: dict[str, Any]) -> None:
    acl_id = run_module(main, arguments)["network_acl"]["network_acl_id"]
    ec2.delete_tags(Resources=[acl_id], Tags=[{"Key": "Environment"}])
    result = run_module(main, arguments)
    assert result["actions"] == ["update: tags"] and writes(result) == ["ec2.CreateTags"]
    assert tags_of(acl(ec2, acl_id)) == {"Name": "database", "Environment": "production"}


def test_a_run_killed_before_its_entries_is_finished_by_the_next(ec2: Any, arguments: dict[str, Any]) -> None:
    assert run_module(main, arguments, fail={"ec2.CreateNetworkAclEntry": "InternalError.Test"})["failed"]
    result = run_module(main, arguments)
    assert "ec2.CreateNetworkAcl" not in writes(result) and len(result["network_acl"]["ingress"]) == 2
    chosen = [{"Name": "tag:Name", "Values": ["database"]}]
    assert len(ec2.describe_network_acls(Filters=chosen)["NetworkAcls"]) == 1


def test_two_of_the_name_and_the_default_acl_are_refused(ec2: Any, arguments: dict[str, Any]) -> None:
    tags = [{"Key": "Name", "Value": "database"}]
    ec2.create_tags(Resources=[default_acl(ec2, arguments["vpc_id"])["NetworkAclId"]], Tags=tags)
    default = run_module(main, arguments)
    assert default["failed"] and "default one" in default["msg"] and writes(default) == []
    ec2.create_network_acl(VpcId=arguments["vpc_id"], TagSpecifications=named("database", "network-acl"))
    twice = run_module(main, arguments)
    assert twice["failed"] and "several" in twice["msg"] and writes(twice) == []


def test_removal_gives_the_subnets_back(ec2: Any, arguments: dict[str, Any]) -> None:
    acl_id = run_module(main, arguments)["network_acl"]["network_acl_id"]
    absent = {"vpc_id": arguments["vpc_id"], "name": "database", "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    result = run_module(main, absent)
    assert writes(result) == ["ec2.ReplaceNetworkAclAssociation"] * 2 + ["ec2.DeleteNetworkAcl"]
    assert subnets(default_acl(ec2, arguments["vpc_id"])) == set(arguments["subnet_ids"])
    assert acl_id not in [one["NetworkAclId"] for one in ec2.describe_network_acls()["NetworkAcls"]]
    assert not run_module(main, absent)["changed"]


def test_parents_of_a_dry_run_are_not_asked_about(ec2: Any, arguments: dict[str, Any]) -> None:
    planned = {**arguments, "vpc_id": "vpc-planned", "subnet_ids": ["subnet-planned"]}
    result = run_module(main, planned, check=True)
    assert result["changed"] and result["api_calls"] == []
    assert result["network_acl"]["egress"] == [ANSWERS]


def test_impossible_entries_are_all_told_before_aws_is_asked(arguments: dict[str, Any]) -> None:
    bad = [
        POSTGRES,
        {**POSTGRES, "cidr": "10.0.0.1/22"},
        {**POSTGRES, "rule_number": 32767},
        {**POSTGRES, "rule_number": 3, "to_port": 70000},
        {**REST, "rule_number": 4, "from_port": 1, "to_port": 2},
        {**PING, "rule_number": 5, "cidr": "::/0"},
        {"rule_number": 6, "protocol": "udp", "action": "deny", "cidr": "0.0.0.0/0"},
    ]
    result = run_module(main, {**arguments, "ingress": bad})
    assert result["failed"] and result["api_calls"] == []
    for expected in (
        "ingress[1]: rule_number 100 stands twice",
        "ingress[1]: 10.0.0.1/22 is not a network",
        "ingress[2]: rule_number 32767 is not in 1..32766",
        "ingress[3]: ports 5432-70000",
        "ingress[4]: protocol all has no ports",
        "ingress[5]: icmp does not exist on IPv6",
        "ingress[6]: udp needs from_port and to_port",
    ):
        assert expected in result["msg"]


def test_errors_of_aws_are_told(arguments: dict[str, Any]) -> None:
    result = run_module(main, arguments, fail={"ec2.CreateNetworkAcl": "NetworkAclLimitExceeded"})
    assert result["failed"] and result["error"]["code"] == "NetworkAclLimitExceeded"
