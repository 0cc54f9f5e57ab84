"""Security groups and their rules: what AWS refuses."""

import re
from collections.abc import Iterator
from typing import Any

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.ec2.cidrs import canonical
from trading_platform.emulator.services.ec2.common import dependency_violation, state

AUTHORIZE = ("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
DESCRIBE = ("UpdateSecurityGroupRuleDescriptionsIngress", "UpdateSecurityGroupRuleDescriptionsEgress")
CHARACTERS = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
# The rules of the CloudFront list count as many (VPC user guide, "AWS-managed prefix list weight").
CLOUDFRONT_LIST, CLOUDFRONT_WEIGHT = "com.amazonaws.global.cloudfront.origin-facing", 55
RULES_PER_GROUP = 60  # for each direction
PROTOCOL_NAMES = {"-1": "ALL", "6": "TCP", "17": "UDP", "1": "ICMP", "58": "ICMPv6"}


def declare(extension: Extension) -> None:
    """Declare this file's checks on the security groups' extension."""
    extension.refuses("CreateSecurityGroup")(group_description_beyond_the_character_set)
    extension.refuses("CreateSecurityGroup")(group_named_like_an_id)
    extension.refuses("CreateSecurityGroup")(second_group_of_the_name_in_a_vpc)
    extension.refuses(*AUTHORIZE, *DESCRIBE)(rule_description_beyond_the_character_set)
    extension.refuses(*AUTHORIZE)(rule_that_exists_already)
    extension.refuses(*AUTHORIZE)(more_rules_than_the_quota)
    extension.refuses("DeleteSecurityGroup")(deleting_the_default_group)
    extension.refuses("DeleteSecurityGroup")(deleting_a_group_in_use)


def _group(call: Call) -> Any | None:
    return state(call).get_security_group_from_id(call.params.get("GroupId"))


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


def group_description_beyond_the_character_set(call: Call) -> None:
    text = call.params.get("Description", "")
    if not text.isascii():
        raise _invalid(
            f"Value ({text}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported."
        )
    if not DESCRIPTION.fullmatch(text):
        raise _invalid(
            "Invalid security group description. Valid descriptions are strings less than 256 characters from the "
            f"following set:  {CHARACTERS}"
        )


def group_named_like_an_id(call: Call) -> None:
    name = call.params.get("GroupName", "")
    if name.startswith("sg-"):
        raise _invalid(f"Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*")


def second_group_of_the_name_in_a_vpc(call: Call) -> None:
    vpc_id, name = call.params.get("VpcId"), call.params.get("GroupName")
    if vpc_id and any(group.name == name for group in state(call).groups.get(vpc_id, {}).values()):
        raise AwsError("InvalidGroup.Duplicate", f"The security group '{name}' already exists for VPC '{vpc_id}'")


def _peers(call: Call) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """(permission, kind of peer, peer) for every rule of the request."""
    kinds = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("UserIdGroupPairs", "GroupId"))
    for permission in call.params.get("IpPermissions") or []:
        for field, kind in (*kinds, ("PrefixListIds", "PrefixListId")):
            for peer in permission.get(field) or []:
                yield permission, kind, peer


def rule_description_beyond_the_character_set(call: Call) -> None:
    texts = [peer.get("Description") for _, _, peer in _peers(call)]
    texts += [one.get("Description") for one in call.params.get("SecurityGroupRuleDescriptions") or []]
    if any(text and not DESCRIPTION.fullmatch(text) for text in texts):
        raise _invalid(
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following "
            f"set:  {CHARACTERS}"
        )


def _rules(call: Call, group: Any) -> list[Any]:
    rules: list[Any] = group.egress_rules if (call.action or "").endswith("Egress") else group.ingress_rules
    return rules


def rule_that_exists_already(call: Call) -> None:
    group = _group(call)
    held = {_text_of(rule) for rule in _rules(call, group)} if group else set()
    for permission, kind, peer in _peers(call):
        text = _text(permission, canonical(peer.get(kind)))
        if text in held:
            raise AwsError("InvalidPermission.Duplicate", f'the specified rule "{text}" already exists')
        held.add(text)


def _text(permission: dict[str, Any], peer: object) -> str:
    protocol = str(permission.get("IpProtocol", "-1"))
    name = PROTOCOL_NAMES.get(protocol, protocol.upper())
    if name == "ALL":
        return f"peer: {peer}, ALL, ALLOW"
    return f"peer: {peer}, {name}, from port: {permission.get('FromPort')}, to port: {permission.get('ToPort')}, ALLOW"


def _text_of(rule: Any) -> str:
    peer = (
        rule.ip_range.get("CidrIp")
        or rule.ip_range.get("CidrIpv6")
        or rule.source_group.get("GroupId")
        or rule.prefix_list_id
    )
    return _text({"IpProtocol": rule.ip_protocol, "FromPort": rule.from_port, "ToPort": rule.to_port}, peer)


def more_rules_than_the_quota(call: Call) -> None:
    """60 rules each way; a prefix list counts by its weight. VPC user guide, "Amazon VPC quotas"."""
    group = _group(call)
    if group is None:
        return
    lists = [rule.prefix_list_id for rule in _rules(call, group)]
    lists += [peer.get(kind) if kind == "PrefixListId" else None for _, kind, peer in _peers(call)]
    if sum(_weight(call, one) if one else 1 for one in lists) > RULES_PER_GROUP:
        raise AwsError(
            "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached."
        )


def _weight(call: Call, prefix_list_id: str) -> int:
    prefix_list = state(call).managed_prefix_lists.get(prefix_list_id)
    if prefix_list and prefix_list.prefix_list_name == CLOUDFRONT_LIST:
        return CLOUDFRONT_WEIGHT
    return int(getattr(prefix_list, "max_entries", None) or 1)


def deleting_the_default_group(call: Call) -> None:
    group = _group(call)
    if group and group.is_default:
        raise AwsError("CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user')


def deleting_a_group_in_use(call: Call) -> None:
    """API DeleteSecurityGroup: in use by an interface, or referenced by another group of the VPC."""
    group = _group(call)
    if group is None:
        return
    backend = state(call)
    others = [one for held in backend.groups.values() for one in held.values() if one.id != group.id]
    referenced = any(
        rule.source_group.get("GroupId") == group.id
        for other in others
        for rule in [*other.ingress_rules, *other.egress_rules]
    )
    in_use = any(group.id in [held.id for held in eni.group_set] for eni in backend.enis.values())
    if referenced or in_use:
        raise dependency_violation(f"resource {group.id} has a dependent object")
