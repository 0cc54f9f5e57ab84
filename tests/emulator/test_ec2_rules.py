"""Security groups and network ACLs: what the emulator keeps, and what it refuses as AWS does."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

SET = "less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"


@pytest.fixture
def ec2(emulator: EmulatorServer) -> Any:
    return emulator.client("ec2")


@pytest.fixture
def vpc(ec2: Any) -> str:
    created: str = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return created


@pytest.fixture
def group(ec2: Any, vpc: str) -> str:
    return make_group(ec2, vpc, "one")


def make_group(ec2: Any, vpc: str, name: str, description: str = "a group") -> str:
    created: str = ec2.create_security_group(GroupName=name, Description=description, VpcId=vpc)["GroupId"]
    return created


def tcp(port: int, **peers: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peers}


def cidr(block: str, description: str | None = None) -> dict[str, Any]:
    return {"CidrIp": block, **({"Description": description} if description else {})}


def allow(ec2: Any, group: str, *permissions: dict[str, Any]) -> list[dict[str, Any]]:
    answer = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))
    rules: list[dict[str, Any]] = answer["SecurityGroupRules"]
    return rules


def ingress(ec2: Any, group: str) -> list[dict[str, Any]]:
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return [rule for rule in rules if not rule["IsEgress"]]


def test_answer_holds_every_new_rule_with_its_description(ec2: Any, vpc: str, group: str) -> None:
    other = make_group(ec2, vpc, "two")
    added = allow(
        ec2,
        group,
        tcp(443, UserIdGroupPairs=[{"GroupId": other, "Description": "from two"}]),
        tcp(80, IpRanges=[cidr("10.0.0.0/8", "inside")]),
    )
    assert [rule["Description"] for rule in added] == ["from two", "inside"]
    assert added[0]["ReferencedGroupInfo"]["GroupId"] == other
    assert [rule["Description"] for rule in ingress(ec2, group)] == ["from two", "inside"]


def test_rule_block_is_kept_in_canonical_form(ec2: Any, group: str) -> None:
    assert allow(ec2, group, tcp(443, IpRanges=[cidr("10.0.3.4/16")]))[0]["CidrIpv4"] == "10.0.0.0/16"
    with refused("InvalidPermission.Duplicate", "already exists"):
        allow(ec2, group, tcp(443, IpRanges=[cidr("10.0.9.9/16")]))


def test_descriptions_are_updated_by_peer_and_by_rule_id(ec2: Any, vpc: str, group: str) -> None:
    other = make_group(ec2, vpc, "two")
    pair = {"GroupId": other, "Description": "old"}
    rule = allow(ec2, group, tcp(443, UserIdGroupPairs=[pair]))[0]
    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=group, IpPermissions=[tcp(443, UserIdGroupPairs=[{**pair, "Description": "by peer"}])]
    )
    assert ingress(ec2, group)[0]["Description"] == "by peer"
    ec2.update_security_group_rule_descriptions_ingress(
        GroupId=group,
        SecurityGroupRuleDescriptions=[{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "Description": "by id"}],
    )
    assert ingress(ec2, group)[0]["Description"] == "by id"


@pytest.mark.parametrize(
    ("new", "shown"),
    [
        ({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIpv4": "10.2.0.9/16"}, {"CidrIpv4": "10.2.0.0/16"}),
        ({"IpProtocol": "-1", "CidrIpv4": "10.2.0.0/16"}, {"IpProtocol": "-1", "FromPort": -1}),
        ({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIpv6": "2001:db8::/32"}, {"CidrIpv6": "2001:db8::/32"}),
    ],
)
def test_rules_are_modified(ec2: Any, group: str, new: dict[str, Any], shown: dict[str, Any]) -> None:
    rule = allow(ec2, group, tcp(443, IpRanges=[cidr("10.1.0.0/16")]))[0]["SecurityGroupRuleId"]
    change = {"SecurityGroupRuleId": rule, "SecurityGroupRule": {**new, "Description": "new"}}
    ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=[change])
    held = ingress(ec2, group)
    assert len(held) == 1
    assert shown.items() <= held[0].items()
    assert (held[0]["Description"], held[0]["SecurityGroupRuleId"]) == ("new", rule)


def test_rule_that_exists_already(ec2: Any, vpc: str, group: str) -> None:
    other = make_group(ec2, vpc, "two")
    allow(
        ec2,
        group,
        tcp(80, IpRanges=[cidr("10.0.0.0/8")]),
        {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other}]},
    )
    text = 'the specified rule "peer: 10.0.0.0/8, TCP, from port: 80, to port: 80, ALLOW" already exists'
    with refused("InvalidPermission.Duplicate", text):
        allow(ec2, group, tcp(80, IpRanges=[cidr("10.0.0.0/8", "another description")]))
    with refused("InvalidPermission.Duplicate", f'the specified rule "peer: {other}, ALL, ALLOW" already exists'):
        allow(ec2, group, {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": other}]})
    with refused("InvalidPermission.Duplicate", 'the specified rule "peer: 0.0.0.0/0, ALL, ALLOW" already exists'):
        ec2.authorize_security_group_egress(
            GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [cidr("0.0.0.0/0")]}]
        )


def test_rule_that_does_not_exist(ec2: Any, group: str) -> None:
    with refused("InvalidPermission.NotFound", "The specified rule does not exist in this security group"):
        ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[tcp(9, IpRanges=[cidr("10.0.0.0/8")])])


def test_reference_to_a_group_that_does_not_exist(ec2: Any, group: str) -> None:
    with refused("InvalidGroup.NotFound", "The security group 'sg-0123456789abcdef0' does not exist"):
        allow(ec2, group, tcp(1, UserIdGroupPairs=[{"GroupId": "sg-0123456789abcdef0"}]))


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_sixty_first_rule_of_a_direction(ec2: Any, group: str, direction: str) -> None:
    authorize = getattr(ec2, f"authorize_security_group_{direction}")
    ranges = [cidr(f"10.0.{number}.0/24") for number in range(60 if direction == "ingress" else 59)]
    authorize(GroupId=group, IpPermissions=[tcp(443, IpRanges=ranges)])
    text = "The maximum number of rules per security group has been reached."
    with refused("RulesPerSecurityGroupLimitExceeded", text):
        authorize(GroupId=group, IpPermissions=[tcp(444, IpRanges=[cidr("10.0.0.0/24")])])


def test_prefix_list_of_cloudfront_counts_as_55_rules(ec2: Any, group: str) -> None:
    lists = ec2.describe_managed_prefix_lists(
        Filters=[{"Name": "prefix-list-name", "Values": ["com.amazonaws.global.cloudfront.origin-facing"]}]
    )
    permission = tcp(443, PrefixListIds=[{"PrefixListId": lists["PrefixLists"][0]["PrefixListId"]}])
    allow(ec2, group, permission, tcp(80, IpRanges=[cidr(f"10.0.{number}.0/24") for number in range(5)]))
    with refused("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules"):
        allow(ec2, group, tcp(81, IpRanges=[cidr("10.0.0.0/24")]))


@pytest.mark.parametrize("text", ["the operator's", "from <alb>", "x" * 256])
def test_description_beyond_the_character_set(ec2: Any, vpc: str, group: str, text: str) -> None:
    if len(text) < 256:  # botocore itself knows no limit for either
        with refused(
            "InvalidParameterValue", f"Invalid security group description. Valid descriptions are strings {SET}"
        ):
            make_group(ec2, vpc, "two", text)
    with refused("InvalidParameterValue", f"Invalid rule description. Valid descriptions are strings {SET}"):
        allow(ec2, group, tcp(443, IpRanges=[cidr("10.0.0.0/8", text)]))


def test_group_description_beyond_ascii(ec2: Any, vpc: str) -> None:
    with refused("InvalidParameterValue", "for parameter GroupDescription is invalid. Character sets beyond ASCII"):
        make_group(ec2, vpc, "two", "nodes \N{EM DASH} all")


def test_group_names(ec2: Any, vpc: str, group: str) -> None:
    with refused("InvalidGroup.Duplicate", f"The security group 'one' already exists for VPC '{vpc}'"):
        make_group(ec2, vpc, "one")
    with refused("InvalidParameterValue", "Group names may not be in the format sg-*"):
        make_group(ec2, vpc, "sg-nodes")


def test_deleting_the_default_group(ec2: Any, vpc: str) -> None:
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    default = groups[0]["GroupId"]
    with refused("CannotDelete", f'the specified group: "{default}" name: "default" cannot be deleted by a user'):
        ec2.delete_security_group(GroupId=default)


def test_deleting_a_group_that_another_references(ec2: Any, vpc: str, group: str) -> None:
    other = make_group(ec2, vpc, "two")
    pair = tcp(443, UserIdGroupPairs=[{"GroupId": other}])
    allow(ec2, group, pair)
    with refused("DependencyViolation", f"resource {other} has a dependent object"):
        ec2.delete_security_group(GroupId=other)
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[pair])
    ec2.delete_security_group(GroupId=other)


def test_deleting_a_group_that_refers_to_itself(ec2: Any, group: str) -> None:
    allow(ec2, group, tcp(443, UserIdGroupPairs=[{"GroupId": group}]))
    ec2.delete_security_group(GroupId=group)


def test_deleting_a_group_that_an_interface_uses(ec2: Any, vpc: str, group: str) -> None:
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    eni = ec2.create_network_interface(SubnetId=subnet, Groups=[group])["NetworkInterface"]["NetworkInterfaceId"]
    with refused("DependencyViolation", f"resource {group} has a dependent object"):
        ec2.delete_security_group(GroupId=group)
    ec2.delete_network_interface(NetworkInterfaceId=eni)
    ec2.delete_security_group(GroupId=group)


@pytest.fixture
def acl(ec2: Any, vpc: str) -> str:
    created: str = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    return created


def entry(acl: str, number: int, **more: Any) -> dict[str, Any]:
    rule = {"NetworkAclId": acl, "RuleNumber": number, "Protocol": "6", "RuleAction": "allow", "Egress": False}
    return {**rule, "CidrBlock": "10.0.0.0/16", "PortRange": {"From": 5432, "To": 5432}, **more}


def entries(ec2: Any, acl: str) -> list[dict[str, Any]]:
    held: list[dict[str, Any]] = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
    return held


def test_acl_ends_with_the_rule_that_denies_the_rest(ec2: Any, acl: str) -> None:
    assert [(one["RuleNumber"], one["RuleAction"]) for one in entries(ec2, acl)] == [(32767, "deny")] * 2


def test_acl_entry_is_kept_whole(ec2: Any, acl: str) -> None:
    ec2.create_network_acl_entry(**entry(acl, 100, CidrBlock="10.0.3.4/16"))
    icmp = {"Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": -1}}
    rule = {name: value for name, value in entry(acl, 110).items() if name != "PortRange"}
    ec2.create_network_acl_entry(**{**rule, **icmp})
    held = {one["RuleNumber"]: one for one in entries(ec2, acl)}
    assert held[100]["CidrBlock"] == "10.0.0.0/16"
    assert held[100]["PortRange"] == {"From": 5432, "To": 5432}
    assert held[110]["IcmpTypeCode"] == {"Type": 8, "Code": -1}


def test_acl_entry_refusals(ec2: Any, acl: str) -> None:
    ec2.create_network_acl_entry(**entry(acl, 100))
    with refused("NetworkAclEntryAlreadyExists", "The network acl entry identified by 100 already exists."):
        ec2.create_network_acl_entry(**entry(acl, 100))
    with refused("InvalidNetworkAclEntry.NotFound", "The network acl entry identified by 7 does not exist"):
        ec2.replace_network_acl_entry(**entry(acl, 7))
    with refused("InvalidNetworkAclEntry.NotFound", "The network acl entry identified by 7 does not exist"):
        ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=7, Egress=False)
    with refused("InvalidParameterValue", "Value (32767) for parameter ruleNumber is invalid."):
        ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=32767, Egress=False)


def test_twenty_first_acl_entry(ec2: Any, acl: str) -> None:
    for number in range(1, 21):
        ec2.create_network_acl_entry(**entry(acl, number))
    with refused("NetworkAclEntryLimitExceeded", "The maximum number of network acl entries has been reached."):
        ec2.create_network_acl_entry(**entry(acl, 21))
    ec2.create_network_acl_entry(**entry(acl, 21, Egress=True))


def test_deleting_an_acl(ec2: Any, vpc: str, acl: str) -> None:
    held = ec2.describe_network_acls(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
    )
    default = held["NetworkAcls"][0]["NetworkAclId"]
    with refused("InvalidParameterValue", f"Default network acl {default} cannot be deleted."):
        ec2.delete_network_acl(NetworkAclId=default)
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")
    association = ec2.describe_network_acls(NetworkAclIds=[default])["NetworkAcls"][0]["Associations"][0]
    ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)
    with refused("DependencyViolation", "has dependencies and cannot be deleted."):
        ec2.delete_network_acl(NetworkAclId=acl)
