"""The module security_group: exactly the rules asked for, changed without cutting what stays."""

from __future__ import annotations

from typing import Any

import pytest
from harness import load, run_module, writes
from network import make_vpc, tags_of

from trading_platform.emulator.testing import EmulatorServer

main = load("security_group").main
HTTPS = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "0.0.0.0/0", "description": "HTTPS"}
HTTP = {"protocol": "tcp", "from_port": 80, "to_port": 80, "cidr": "0.0.0.0/0", "description": "Redirect"}


@pytest.fixture
def ec2(aws: EmulatorServer) -> Any:
    return aws.client("ec2")


@pytest.fixture
def vpc_id(ec2: Any) -> str:
    return make_vpc(ec2)


@pytest.fixture
def arguments(vpc_id: str) -> dict[str, Any]:
    return {
        "vpc_id": vpc_id,
        "name": "alb",
        "description": "Load balancer",
        "ingress": [HTTPS, HTTP],
        "egress": [],
        "tags": {"Environment": "production"},
    }


def group(ec2: Any, group_id: str) -> dict[str, Any]:
    return dict(ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0])


def rules(permissions: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """Flatten permissions: protocol, ports, peer, description."""
    flat = set()
    for one in permissions:
        peers = [(item.get("CidrIp"), item) for item in one.get("IpRanges", [])]
        peers += [(item.get("CidrIpv6"), item) for item in one.get("Ipv6Ranges", [])]
        peers += [(item.get("GroupId"), item) for item in one.get("UserIdGroupPairs", [])]
        peers += [(item.get("PrefixListId"), item) for item in one.get("PrefixListIds", [])]
        base = (one["IpProtocol"], one.get("FromPort"), one.get("ToPort"))
        flat |= {(*base, peer, item.get("Description")) for peer, item in peers}
    return flat


def make_group(ec2: Any, vpc_id: str, name: str) -> str:
    return str(ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc_id)["GroupId"])


def test_check_then_create_then_again(ec2: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == []
    assert check["security_group"]["group_id"] == "sg-planned"
    assert check["security_group"]["ingress"] == [HTTP, HTTPS] and check["security_group"]["egress"] == []
    result = run_module(main, arguments)
    assert result["diff"] == check["diff"]
    assert writes(result) == [
        "ec2.CreateSecurityGroup",
        "ec2.AuthorizeSecurityGroupIngress",
        "ec2.RevokeSecurityGroupEgress",
    ]
    found = group(ec2, result["security_group"]["group_id"])
    assert rules(found["IpPermissions"]) == {
        ("tcp", 443, 443, "0.0.0.0/0", "HTTPS"),
        ("tcp", 80, 80, "0.0.0.0/0", "Redirect"),
    }
    assert found["IpPermissionsEgress"] == []
    assert tags_of(found) == {"Name": "alb", "Environment": "production"}
    again = run_module(main, {**arguments, "ingress": [HTTP, HTTPS]})
    assert not again["changed"] and again["api_calls"] == ["ec2.DescribeSecurityGroups"]


def test_rules_that_are_not_given_are_not_touched(ec2: Any, arguments: dict[str, Any]) -> None:
    bare = {key: arguments[key] for key in ("vpc_id", "name", "description", "tags")}
    check = run_module(main, bare, check=True)
    assert check["security_group"]["egress"] == [{"protocol": "all", "cidr": "0.0.0.0/0"}]
    result = run_module(main, bare)
    assert writes(result) == ["ec2.CreateSecurityGroup"]
    assert result["security_group"]["egress"] == check["security_group"]["egress"]
    group_id = result["security_group"]["group_id"]
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[permission])
    assert not run_module(main, bare)["changed"]
    run_module(main, {**bare, "egress": []})
    found = group(ec2, group_id)
    assert found["IpPermissionsEgress"] == [] and len(found["IpPermissions"]) == 1


def test_every_kind_of_peer_and_protocol_survives_a_round_trip(
    ec2: Any, vpc_id: str, arguments: dict[str, Any]
) -> None:
    other = make_group(ec2, vpc_id, "other")
    prefix_list = ec2.describe_managed_prefix_lists()["PrefixLists"][0]["PrefixListId"]
    wanted = [
        {"protocol": "all", "self": True, "description": "Each other"},
        {"protocol": "tcp", "from_port": 1024, "to_port": 65535, "group_id": other, "description": "From the other"},
        {"protocol": "udp", "from_port": 53, "to_port": 53, "cidr_ipv6": "2001:DB8::/32"},
        {"protocol": "icmp", "cidr": "10.0.0.0/8"},
        {"protocol": "icmp", "from_port": 8, "to_port": 0, "cidr": "192.168.0.0/16"},
        {"protocol": "tcp", "from_port": 443, "to_port": 443, "prefix_list_id": prefix_list},
    ]
    result = run_module(main, {**arguments, "ingress": wanted, "egress": wanted})
    group_id = result["security_group"]["group_id"]
    expected = {
        ("-1", None, None, group_id, "Each other"),
        ("tcp", 1024, 65535, other, "From the other"),
        ("udp", 53, 53, "2001:db8::/32", None),
        ("icmp", -1, -1, "10.0.0.0/8", None),
        ("icmp", 8, 0, "192.168.0.0/16", None),
        ("tcp", 443, 443, prefix_list, None),
    }
    found = group(ec2, group_id)
    assert rules(found["IpPermissions"]) == expected and rules(found["IpPermissionsEgress"]) == expected
    own_id = [{**rule, "group_id": group_id, "self": False} if "self" in rule else rule for rule in wanted]
    again = run_module(main, {**arguments, "ingress": own_id[::-1], "egress": [*own_id, wanted[0]]})
    assert not again["changed"], again.get("diff")


def test_new_rules_come_before_old_ones_go(ec2: Any, arguments: dict[str, Any]) -> None:
    group_id = run_module(main, arguments)["security_group"]["group_id"]
    narrow = {**HTTPS, "cidr": "10.0.0.0/8"}
    changed = {**arguments, "ingress": [HTTP, narrow], "egress": [{**HTTPS, "description": None}]}
    check = run_module(main, changed, check=True)
    assert check["actions"] == ["update: egress, ingress"] and writes(check) == []
    result = run_module(main, changed)
    assert writes(result) == [
        "ec2.AuthorizeSecurityGroupIngress",
        "ec2.AuthorizeSecurityGroupEgress",
        "ec2.RevokeSecurityGroupIngress",
    ]
    assert result["diff"] == check["diff"]
    found = group(ec2, group_id)
    assert rules(found["IpPermissions"]) == {
        ("tcp", 443, 443, "10.0.0.0/8", "HTTPS"),
        ("tcp", 80, 80, "0.0.0.0/0", "Redirect"),
    }
    assert rules(found["IpPermissionsEgress"]) == {("tcp", 443, 443, "0.0.0.0/0", None)}


def test_rules_made_by_hand_are_shown_by_check_and_revoked(ec2: Any, vpc_id: str, arguments: dict[str, Any]) -> None:
    group_id = run_module(main, arguments)["security_group"]["group_id"]
    other = make_group(ec2, vpc_id, "other")
    by_hand = [
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "x"}]},
        {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other, "Description": "all of it"}]},
        {"IpProtocol": "50", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
    ]
    ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=by_hand)
    removed = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=[removed])
    check = run_module(main, arguments, check=True)
    before = check["diff"]["before"]["ingress"]
    assert {"protocol": "all", "group_id": other, "description": "all of it"} in before and len(before) == 4
    result = run_module(main, arguments)
    assert writes(result) == ["ec2.AuthorizeSecurityGroupIngress", "ec2.RevokeSecurityGroupIngress"]
    assert len(rules(group(ec2, group_id)["IpPermissions"])) == 2
    assert not run_module(main, arguments)["changed"]


def test_descriptions_are_changed_in_place(ec2: Any, vpc_id: str, arguments: dict[str, Any]) -> None:
    from_group = {"protocol": "all", "group_id": make_group(ec2, vpc_id, "other"), "description": "old"}
    group_id = run_module(main, {**arguments, "ingress": [HTTPS, from_group]})["security_group"]["group_id"]
    texts = [{**HTTPS, "description": "TLS"}, {**from_group, "description": "new"}]
    result = run_module(main, {**arguments, "ingress": texts})
    assert writes(result) == ["ec2.UpdateSecurityGroupRuleDescriptionsIngress"]
    assert {rule[-1] for rule in rules(group(ec2, group_id)["IpPermissions"])} == {"TLS", "new"}


def test_another_description_of_the_group_is_refused(ec2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    result = run_module(main, {**arguments, "description": "Something else"})
    assert result["failed"] and "cannot change" in result["msg"] and "'Load balancer'" in result["msg"]
    assert not run_module(main, {**arguments, "description": None})["changed"]


def test_names_are_exact(ec2: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    wild = run_module(main, {**arguments, "name": "al*", "state": "absent"})
    assert not wild["changed"]


def test_tags_are_repaired_and_an_own_name_tag_wins(ec2: Any, arguments: dict[str, Any]) -> None:
    group_id = run_module(main, arguments)["security_group"]["group_id"]
    ec2.delete_tags(Resources=[group_id], Tags=[{"Key": "Name"}, {"Key": "Environment"}])
    result = run_module(main, {**arguments, "tags": {"Name": "pretty"}})
    assert result["actions"] == ["update: tags"] and tags_of(group(ec2, group_id)) == {"Name": "pretty"}
    assert not run_module(main, {**arguments, "tags": None})["changed"]


def test_a_run_killed_before_its_rules_is_finished_by_the_next(ec2: Any, arguments: dict[str, Any]) -> None:
    assert run_module(main, arguments, fail={"ec2.AuthorizeSecurityGroupIngress": "InternalError.Test"})["failed"]
    result = run_module(main, arguments)
    assert "ec2.CreateSecurityGroup" not in writes(result)
    assert result["security_group"]["egress"] == [] and len(result["security_group"]["ingress"]) == 2


def test_the_default_group_is_adopted_and_emptied(ec2: Any, vpc_id: str) -> None:
    arguments = {"vpc_id": vpc_id, "name": "default", "ingress": [], "egress": []}
    check = run_module(main, arguments, check=True)
    assert check["actions"][0].startswith("update: egress") and writes(check) == []
    result = run_module(main, arguments)
    assert "ec2.CreateSecurityGroup" not in writes(result)
    found = group(ec2, result["security_group"]["group_id"])
    assert found["GroupName"] == "default" and found["IpPermissions"] == found["IpPermissionsEgress"] == []
    assert not run_module(main, arguments)["changed"]
    absent = run_module(main, {**arguments, "state": "absent"})
    assert absent["failed"] and "cannot be deleted" in absent["msg"] and absent["api_calls"] == []


def test_the_default_group_of_a_vpc_to_come_is_predicted(aws: EmulatorServer) -> None:
    arguments = {"vpc_id": "vpc-planned", "name": "default", "ingress": [], "egress": []}
    result = run_module(main, arguments, check=True)
    assert result["api_calls"] == [] and result["actions"] == ["update: egress, ingress, tags"]
    assert result["diff"]["before"]["egress"] == [{"protocol": "all", "cidr": "0.0.0.0/0"}]
    assert result["security_group"]["group_id"] == "sg-planned"


def test_removal(ec2: Any, vpc_id: str, arguments: dict[str, Any]) -> None:
    group_id = run_module(main, arguments)["security_group"]["group_id"]
    absent = {"vpc_id": vpc_id, "name": "alb", "state": "absent"}
    check = run_module(main, absent, check=True)
    assert check["changed"] and writes(check) == []
    result = run_module(main, absent)
    assert writes(result) == ["ec2.DeleteSecurityGroup"]
    chosen = [{"Name": "group-id", "Values": [group_id]}]
    assert ec2.describe_security_groups(Filters=chosen)["SecurityGroups"] == []
    assert not run_module(main, absent)["changed"]


def test_removal_of_a_group_in_use_says_what_aws_says(arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    result = run_module(main, {**arguments, "state": "absent"}, fail={"ec2.DeleteSecurityGroup": "DependencyViolation"})
    assert result["failed"] and result["error"]["code"] == "DependencyViolation"


def test_groups_of_a_dry_run_are_not_asked_about(arguments: dict[str, Any]) -> None:
    same_port = {"protocol": "tcp", "from_port": 443, "to_port": 443, "group_id": "sg-planned"}
    planned = {**arguments, "vpc_id": "vpc-planned", "ingress": [same_port, same_port]}
    result = run_module(main, planned, check=True)
    assert result["changed"] and result["api_calls"] == []
    assert result["security_group"]["ingress"] == [same_port, same_port]  # two groups that have no id yet
    run_module(main, arguments)
    new_peer = run_module(main, {**arguments, "ingress": [HTTP, HTTPS, same_port]}, check=True)
    assert new_peer["actions"] == ["update: ingress"] and writes(new_peer) == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"protocol": "tcp", "from_port": 80, "to_port": 80}, "exactly one of"),
        ({"protocol": "all", "cidr": "10.0.0.0/8", "self": True}, "not cidr, self"),
        ({"protocol": "tcp", "cidr": "10.0.0.0/8"}, "needs from_port and to_port"),
        ({"protocol": "udp", "from_port": 90, "to_port": 80, "cidr": "10.0.0.0/8"}, "ports 90-80"),
        ({"protocol": "all", "from_port": 80, "to_port": 80, "cidr": "10.0.0.0/8"}, "has no ports"),
        ({"protocol": "all", "cidr": "10.0.0.1/8"}, "did you mean 10.0.0.0/8"),
        ({"protocol": "all", "cidr": "::/0"}, "belongs into cidr_ipv6"),
        ({"protocol": "all", "cidr_ipv6": "0.0.0.0/0"}, "belongs into cidr"),
        ({"protocol": "all", "cidr": "10.0.0.0/8", "description": "x" * 256}, "longer than 255"),
    ],
)
def test_impossible_rules_are_told_before_aws_is_asked(
    arguments: dict[str, Any], rule: dict[str, Any], message: str
) -> None:
    result = run_module(main, {**arguments, "egress": [rule]})
    assert result["failed"] and message in result["msg"] and "egress[0]" in result["msg"]
    assert result["api_calls"] == []


def test_the_same_rule_twice_is_told(arguments: dict[str, Any]) -> None:
    result = run_module(main, {**arguments, "ingress": [HTTPS, {**HTTPS, "description": "again"}]})
    assert result["failed"] and "ingress[1]: the same rule stands twice" in result["msg"]
    assert "begin with sg-" in run_module(main, {**arguments, "name": "sg-1"})["msg"]


def test_errors_of_aws_are_told(arguments: dict[str, Any]) -> None:
    result = run_module(main, arguments, fail={"ec2.CreateSecurityGroup": "SecurityGroupLimitExceeded"})
    assert result["failed"] and result["error"]["code"] == "SecurityGroupLimitExceeded"
