"""plugins/modules/dhcp_options.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_vpc, tags_of

from trading_platform.emulator.testing import EmulatorServer

main = load("dhcp_options").main
NAME = "trading-engine-production"
TAGS = {"Environment": "production"}


@pytest.fixture
def vpc_id(aws: EmulatorServer) -> str:
    """Make a VPC."""
    return make_vpc(aws.client("ec2"))


def arguments(vpc_id: str, **changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    return {
        "vpc_id": vpc_id,
        "name": NAME,
        "domain_name": "ec2.internal",
        "domain_name_servers": ["AmazonProvidedDNS"],
        "ntp_servers": ["169.254.169.123", "10.0.0.5"],
        "tags": TAGS,
        **changed,
    }


def sets(aws: EmulatorServer) -> dict[str, dict[str, Any]]:
    """Give the sets of our name as EC2 sees them, by id."""
    found = aws.client("ec2").describe_dhcp_options()["DhcpOptions"]
    return {item["DhcpOptionsId"]: item for item in found if tags_of(item).get("Name") == NAME}


def values(item: dict[str, Any]) -> dict[str, list[str]]:
    """Give the options of a set."""
    return {entry["Key"]: [value["Value"] for value in entry["Values"]] for entry in item["DhcpConfigurations"]}


def used_by(aws: EmulatorServer, vpc_id: str) -> str:
    """Give the set that a VPC uses."""
    return str(aws.client("ec2").describe_vpcs(VpcIds=[vpc_id])["Vpcs"][0]["DhcpOptionsId"])


def test_check_mode_before_the_vpc_exists_asks_aws_nothing(aws: EmulatorServer) -> None:
    result = run_module(main, arguments("vpc-planned"), check=True)
    assert (result["changed"], result["api_calls"]) == (True, [])
    assert result["dhcp_options"]["dhcp_options_id"] == "dopt-planned"


def test_create_makes_the_set_and_lets_the_vpc_use_it(aws: EmulatorServer, vpc_id: str) -> None:
    predicted = run_module(main, arguments(vpc_id), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    result = run_module(main, arguments(vpc_id))
    assert writes(result) == ["ec2.CreateDhcpOptions", "ec2.AssociateDhcpOptions"]
    made = sets(aws)[used_by(aws, vpc_id)]
    assert values(made) == {
        "domain-name": ["ec2.internal"],
        "domain-name-servers": ["AmazonProvidedDNS"],
        "ntp-servers": ["169.254.169.123", "10.0.0.5"],
    }
    assert tags_of(made) == {**TAGS, "Name": NAME}


def test_the_same_again_changes_nothing_and_asks_twice(aws: EmulatorServer, vpc_id: str) -> None:
    run_module(main, arguments(vpc_id))
    for check in (False, True):
        again = run_module(main, arguments(vpc_id, ntp_servers=["10.0.0.5", "169.254.169.123"]), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 2)


def test_other_options_are_another_set_and_the_old_one_goes(aws: EmulatorServer, vpc_id: str) -> None:
    first = run_module(main, arguments(vpc_id))["dhcp_options"]["dhcp_options_id"]
    changed = arguments(vpc_id, ntp_servers=["169.254.169.123"])
    shown = run_module(main, changed, check=True)
    assert (shown["actions"], writes(shown)) == (["update: ntp_servers"], [])
    result = run_module(main, changed)
    assert writes(result) == ["ec2.CreateDhcpOptions", "ec2.AssociateDhcpOptions", "ec2.DeleteDhcpOptions"]
    assert used_by(aws, vpc_id) == result["dhcp_options"]["dhcp_options_id"] != first
    assert list(sets(aws)) == [result["dhcp_options"]["dhcp_options_id"]]
    assert run_module(main, changed)["changed"] is False


def test_tags_are_changed_in_place(aws: EmulatorServer, vpc_id: str) -> None:
    first = run_module(main, arguments(vpc_id))["dhcp_options"]["dhcp_options_id"]
    result = run_module(main, arguments(vpc_id, tags={"Team": "network"}))
    assert writes(result) == ["ec2.DeleteTags", "ec2.CreateTags"]
    assert tags_of(sets(aws)[first]) == {"Team": "network", "Name": NAME}


@pytest.mark.parametrize("drift", ["association", "tags", "name"])
def test_drift_is_repaired(aws: EmulatorServer, vpc_id: str, drift: str) -> None:
    made = run_module(main, arguments(vpc_id))["dhcp_options"]
    ec2 = aws.client("ec2")
    if drift == "association":
        ec2.associate_dhcp_options(DhcpOptionsId="default", VpcId=vpc_id)
    else:
        key = "Name" if drift == "name" else "Environment"
        ec2.delete_tags(Resources=[made["dhcp_options_id"]], Tags=[{"Key": key}])
    shown = run_module(main, arguments(vpc_id), check=True)
    assert (shown["changed"], writes(shown)) == (True, [])
    assert run_module(main, arguments(vpc_id))["dhcp_options"] == made
    assert used_by(aws, vpc_id) == made["dhcp_options_id"]
    assert run_module(main, arguments(vpc_id))["changed"] is False


@pytest.mark.parametrize("call", ["ec2.AssociateDhcpOptions", "ec2.DeleteDhcpOptions"])
def test_a_run_cut_off_in_a_change_leaves_one_set_in_the_end(aws: EmulatorServer, vpc_id: str, call: str) -> None:
    run_module(main, arguments(vpc_id))
    changed = arguments(vpc_id, ntp_servers=["169.254.169.123"])
    run_module(main, changed, fail={call: "UnauthorizedOperation"})
    assert len(sets(aws)) == 2
    result = run_module(main, changed)
    assert "ec2.CreateDhcpOptions" not in result["api_calls"]
    assert list(sets(aws)) == [used_by(aws, vpc_id)]
    assert values(sets(aws)[used_by(aws, vpc_id)])["ntp-servers"] == ["169.254.169.123"]
    assert run_module(main, changed)["changed"] is False


def test_a_run_cut_off_before_the_first_association_makes_no_second_set(aws: EmulatorServer, vpc_id: str) -> None:
    run_module(main, arguments(vpc_id), fail={"ec2.AssociateDhcpOptions": "UnauthorizedOperation"})
    result = run_module(main, arguments(vpc_id))
    assert writes(result) == ["ec2.AssociateDhcpOptions"]
    assert list(sets(aws)) == [used_by(aws, vpc_id)]


def test_delete_check_delete_and_delete_again(aws: EmulatorServer, vpc_id: str) -> None:
    run_module(main, arguments(vpc_id))
    gone = {"vpc_id": vpc_id, "name": NAME, "state": "absent"}
    predicted = run_module(main, gone, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    result = run_module(main, gone)
    assert writes(result) == ["ec2.AssociateDhcpOptions", "ec2.DeleteDhcpOptions"]
    assert sets(aws) == {}
    assert used_by(aws, vpc_id) == "default"
    assert run_module(main, gone)["changed"] is False


def test_delete_after_the_vpc_is_gone_removes_the_set(aws: EmulatorServer, vpc_id: str) -> None:
    run_module(main, arguments(vpc_id))
    aws.client("ec2").delete_vpc(VpcId=vpc_id)
    result = run_module(main, {"vpc_id": vpc_id, "name": NAME, "state": "absent"})
    assert writes(result) == ["ec2.DeleteDhcpOptions"]
    assert sets(aws) == {}


def test_a_set_without_options_is_refused_before_aws_is_asked(aws: EmulatorServer) -> None:
    refused = run_module(main, {"vpc_id": "vpc-1", "name": NAME})
    assert refused["failed"] is True
    assert refused["api_calls"] == []


def test_an_api_error_names_the_options(aws: EmulatorServer) -> None:
    result = run_module(main, arguments("vpc-0123456789abcdef0"))
    assert f"DHCP options {NAME}" in result["msg"]
    assert result["error"]["code"] == "InvalidVpcID.NotFound"
