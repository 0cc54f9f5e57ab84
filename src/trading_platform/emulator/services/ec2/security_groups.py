"""Security groups and their rules: what moto loses."""

import itertools
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidSecurityGroupRuleIdNotFoundError
from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
from moto.ec2.responses.security_groups import SecurityGroups

from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.ec2 import security_group_refusals
from trading_platform.emulator.services.ec2.cidrs import canonical

extension = Extension("ec2")
security_group_refusals.declare(extension)

ALL_PROTOCOLS = "-1"


@extension.patches(SecurityGroupRule, "__init__")
def rule_with_a_canonical_block(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """API IpRange: "Describe calls will return the canonicalized form of the CIDR block"."""
    original(self, *args, **kwargs)
    if self.ip_range.get("CidrIp"):
        self.ip_range = {**self.ip_range, "CidrIp": canonical(self.ip_range["CidrIp"])}


@extension.patches(SecurityGroupRule, "__eq__")
def same_rule_whatever_its_description(_: Callable[..., Any], self: Any, other: Any) -> bool:
    """moto compares the description of a group reference too, so it can neither be updated nor be a duplicate."""
    return identity(self) == identity(other)


def identity(rule: Any) -> tuple[Any, ...]:
    """What makes two rules of one group and direction the same rule."""
    ports = None if rule.ip_protocol == ALL_PROTOCOLS else (rule.from_port, rule.to_port)
    peer = (rule.ip_range.get("CidrIp"), rule.ip_range.get("CidrIpv6"), rule.prefix_list_id)
    return (rule.ip_protocol, ports, *peer, rule.source_group.get("GroupId"))


@extension.patches(SecurityGroupRule, "description")
def description_of_a_group_reference(_: Callable[..., Any], self: Any) -> str | None:
    """API SecurityGroupRule has one Description, whatever the peer; moto has it for CIDR peers only."""
    text: str | None = self.ip_range.get("Description") or self.source_group.get("Description")
    return text


@extension.patches(SecurityGroups, "authorize_security_group_ingress")
def answer_with_every_new_ingress_rule(_: Callable[..., Any], self: Any) -> ActionResult:
    return _authorize(self, self.ec2_backend.authorize_security_group_ingress)


@extension.patches(SecurityGroups, "authorize_security_group_egress")
def answer_with_every_new_egress_rule(_: Callable[..., Any], self: Any) -> ActionResult:
    return _authorize(self, self.ec2_backend.authorize_security_group_egress)


def _authorize(self: Any, authorize: Callable[..., Any]) -> ActionResult:
    """moto answers with the rules of the last permission only."""
    self.error_on_dryrun()
    added = [rule for arguments in self._process_rules_from_querystring() for rule in authorize(**arguments)[0]]
    return ActionResult({"Return": True, "SecurityGroupRules": added})


@extension.patches(SecurityGroups, "update_security_group_rule_descriptions_ingress")
def describe_ingress_rules_by_id_too(original: Callable[..., Any], self: Any) -> Any:
    return _describe_by_id(self) or original(self)


@extension.patches(SecurityGroups, "update_security_group_rule_descriptions_egress")
def describe_egress_rules_by_id_too(original: Callable[..., Any], self: Any) -> Any:
    return _describe_by_id(self) or original(self)


def _describe_by_id(self: Any) -> ActionResult | None:
    """API UpdateSecurityGroupRuleDescriptions*: the SecurityGroupRuleDescriptions form, which moto ignores."""
    wanted = self._get_param("SecurityGroupRuleDescriptions", [])
    for one in wanted:
        _describe(_rule(self, self._get_param("GroupId"), one["SecurityGroupRuleId"]), one.get("Description", ""))
    return ActionResult({"Return": True}) if wanted else None


def _describe(rule: Any, text: str) -> None:
    holder = rule.source_group if rule.source_group else rule.ip_range
    holder["Description"] = text


def _rule(self: Any, group_id: str, rule_id: str) -> Any:
    group = self.ec2_backend.get_security_group_from_id(group_id)
    rules = itertools.chain(group.ingress_rules, group.egress_rules) if group else ()
    for rule in rules:
        if rule.id == rule_id:
            return rule
    raise InvalidSecurityGroupRuleIdNotFoundError(rule_id)


@extension.patches(SecurityGroupBackend, "modify_security_group_rules")
def modify_rules_of_every_kind(
    original: Callable[..., Any], self: Any, group_id: str, rules: dict[str, dict[str, Any]]
) -> None:
    """API ModifySecurityGroupRules: moto refuses a rule for all protocols and ignores IPv6, prefix list and group."""
    group = self.get_security_group_by_name_or_id(group_id)
    for rule_id, new in rules.items():
        rule = group.get_rule(rule_id) if group else None
        if rule is None or not _is_complete(new):
            original(self, group_id, {rule_id: new})  # raises the error that fits
            continue
        rule.ip_protocol = new["IpProtocol"]
        everything = rule.ip_protocol == ALL_PROTOCOLS
        rule.from_port = None if everything else new["FromPort"]
        rule.to_port = None if everything else new["ToPort"]
        _set_peer(self, rule, new)
        if new.get("Description") is not None:
            _describe(rule, new["Description"])


def _is_complete(new: dict[str, Any]) -> bool:
    peers = [new.get(name) for name in ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")]
    ports = new.get("IpProtocol") == ALL_PROTOCOLS or (new.get("FromPort") is not None and "ToPort" in new)
    return sum(peer is not None for peer in peers) == 1 and bool(new.get("IpProtocol")) and ports


def _set_peer(backend: Any, rule: Any, new: dict[str, Any]) -> None:
    rule.ip_range, rule.source_group, rule.prefix_list_id = {}, {}, None
    if new.get("CidrIpv4"):
        rule.ip_range = {"CidrIp": canonical(new["CidrIpv4"])}
    elif new.get("CidrIpv6"):
        rule.ip_range = {"CidrIpv6": new["CidrIpv6"]}
    elif new.get("PrefixListId"):
        rule.prefix_list_id = new["PrefixListId"]
    else:
        rule.source_group = {"GroupId": new["ReferencedGroupId"], "UserId": backend.account_id}
