"""Rules of security groups: AWS's permissions and the module's rules, compared as sets.

A rule is a dict with ``protocol`` (tcp, udp, icmp, all; what AWS has beyond these by its own name or number),
``from_port`` and ``to_port`` (for ICMP type and code, -1 for all; absent for ``all``), one of ``cidr``, ``cidr_ipv6``,
``group_id``, ``prefix_list_id`` or ``self``, and ``description`` where there is one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from trading_platform.aws.ec2 import canonical_network, network_problems
from trading_platform.aws.planned import is_planned

PEERS = ("cidr", "cidr_ipv6", "group_id", "prefix_list_id", "self")
PROTOCOLS = {"-1": "all", "1": "icmp", "6": "tcp", "17": "udp"}
DESCRIPTION_LIMIT = 255

Rule = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What leads from the rules that are to those that should be."""

    authorize: list[Rule]
    revoke: list[Rule]
    describe: list[Rule]


def describe_rules(permissions: list[dict[str, Any]], group: dict[str, Any]) -> list[Rule]:
    """Give the rules of a group, sorted, from the permissions of DescribeSecurityGroups, one for each peer."""
    rules: list[Rule] = []
    for one in permissions:
        base = _ports(PROTOCOLS.get(one["IpProtocol"], one["IpProtocol"]), one.get("FromPort"), one.get("ToPort"))
        for peer, description in _peers(one, group):
            rules.append({**base, **peer, **({"description": description} if description else {})})
    return sorted(rules, key=sort_key)


def _peers(one: dict[str, Any], group: dict[str, Any]) -> list[tuple[Rule, str | None]]:
    ranges: list[tuple[Rule, str | None]] = [
        ({"cidr": canonical_network(item["CidrIp"])}, item.get("Description")) for item in one.get("IpRanges", [])
    ]
    for item in one.get("Ipv6Ranges", []):
        ranges.append(({"cidr_ipv6": canonical_network(item["CidrIpv6"])}, item.get("Description")))
    for item in one.get("PrefixListIds", []):
        ranges.append(({"prefix_list_id": item["PrefixListId"]}, item.get("Description")))
    for item in one.get("UserIdGroupPairs", []):
        ranges.append((_group_peer(item, group), item.get("Description")))
    return ranges


def _group_peer(pair: dict[str, Any], group: dict[str, Any]) -> Rule:
    if pair["GroupId"] == group["GroupId"]:
        return {"self": True}
    foreign = pair.get("UserId") not in (None, "", group.get("OwnerId"))
    return {"group_id": f"{pair['UserId']}/{pair['GroupId']}" if foreign else pair["GroupId"]}


def asked_rules(rules: list[dict[str, Any]], own_group_id: str) -> list[Rule]:
    """Give rules as the module was asked for them, sorted, in the form of :func:`describe_rules`.

    A rule for ``self`` and the same for the own id are one; rules with stand-in ids may look the same and are not.
    """
    asked = [_asked_rule(rule, own_group_id) for rule in rules]
    real = {identity(rule): rule for rule in asked if not is_planned(rule)}
    return sorted([*real.values(), *(rule for rule in asked if is_planned(rule))], key=sort_key)


def _asked_rule(rule: dict[str, Any], own_group_id: str) -> Rule:
    asked = _ports(rule["protocol"], rule.get("from_port"), rule.get("to_port"))
    peer = next(key for key in PEERS if rule.get(key))
    value = rule[peer]
    if peer == "group_id" and value == own_group_id:
        peer, value = "self", True
    asked[peer] = canonical_network(value) if peer in ("cidr", "cidr_ipv6") else value
    if rule.get("description"):
        asked["description"] = rule["description"]
    return asked


def _ports(protocol: str, low: int | None, high: int | None) -> Rule:
    if protocol == "all":
        return {"protocol": "all"}
    if protocol == "icmp":
        return {"protocol": "icmp", "from_port": -1 if low is None else low, "to_port": -1 if high is None else high}
    known = {"from_port": low, "to_port": high}
    return {"protocol": protocol, **{key: value for key, value in known.items() if value is not None}}


def identity(rule: Rule) -> str:
    """Give what makes a rule that rule for AWS: everything but its description."""
    return json.dumps({key: value for key, value in rule.items() if key != "description"}, sort_keys=True)


def sort_key(rule: Rule) -> tuple[str, int, int, str]:
    """Order rules for comparison and for the eye: protocol, ports, peer."""
    return (str(rule["protocol"]), rule.get("from_port", -1), rule.get("to_port", -1), identity(rule))


def compare_rules(current: list[Rule], target: list[Rule]) -> Plan:
    """Say which rules to authorise, to revoke, and to give another description in place."""
    now = {identity(rule): rule for rule in current}
    then = {identity(rule): rule for rule in target}
    return Plan(
        authorize=[rule for key, rule in then.items() if key not in now],
        revoke=[rule for key, rule in now.items() if key not in then],
        describe=[rule for key, rule in then.items() if key in now and now[key] != rule],
    )


def permission(rule: Rule, own_group_id: str) -> dict[str, Any]:
    """Give a rule as an IpPermission. An update removes a description that is left out."""
    one: dict[str, Any] = {"IpProtocol": "-1" if rule["protocol"] == "all" else rule["protocol"]}
    if "from_port" in rule:
        one |= {"FromPort": rule["from_port"], "ToPort": rule["to_port"]}
    described = {"Description": rule["description"]} if "description" in rule else {}
    if "cidr" in rule:
        one["IpRanges"] = [{"CidrIp": rule["cidr"], **described}]
    elif "cidr_ipv6" in rule:
        one["Ipv6Ranges"] = [{"CidrIpv6": rule["cidr_ipv6"], **described}]
    elif "prefix_list_id" in rule:
        one["PrefixListIds"] = [{"PrefixListId": rule["prefix_list_id"], **described}]
    else:
        owner, _, group_id = str(rule.get("group_id", own_group_id)).rpartition("/")
        one["UserIdGroupPairs"] = [{**({"UserId": owner} if owner else {}), "GroupId": group_id, **described}]
    return one


def find_problems(params: dict[str, Any]) -> list[str]:
    """Say what no security group can be: bad names, ports or CIDRs, not exactly one peer, a rule twice."""
    problems: list[str] = []
    name = params["name"]
    if name.startswith("sg-") or not 1 <= len(name) <= 255:
        problems.append(f"name: {name!r} must have 1 to 255 characters and not begin with sg-")
    if name == "default" and params["state"] == "absent":
        problems.append("name: the default security group of a VPC cannot be deleted; empty its rules instead")
    for direction in ("ingress", "egress"):
        seen: set[str] = set()
        for position, rule in enumerate(params[direction] or []):
            where = f"{direction}[{position}]"
            found = _rule_problems(where, rule)
            problems += found
            if found:
                continue
            key = identity(_asked_rule(rule, ""))
            if key in seen and not is_planned(rule):
                problems.append(f"{where}: the same rule stands twice")
            seen.add(key)
    return problems


def _rule_problems(where: str, rule: dict[str, Any]) -> list[str]:
    peers = [key for key in PEERS if rule.get(key)]
    problems = _port_problems(where, rule)
    if len(peers) != 1:
        given = ", ".join(peers) or "none"
        problems.append(f"{where}: exactly one of {', '.join(PEERS)} is needed, not {given}")
    for key, colon in (("cidr", False), ("cidr_ipv6", True)):
        if rule.get(key):
            wrong = network_problems(where, rule[key])
            other = "cidr" if colon else "cidr_ipv6"
            problems += wrong or ([] if (":" in rule[key]) == colon else [f"{where}: {rule[key]} belongs into {other}"])
    if len(rule.get("description") or "") > DESCRIPTION_LIMIT:
        problems.append(f"{where}: the description is longer than {DESCRIPTION_LIMIT} characters")
    return problems


def _port_problems(where: str, rule: dict[str, Any]) -> list[str]:
    low, high = rule.get("from_port"), rule.get("to_port")
    if rule["protocol"] == "all":
        return [] if low is None and high is None else [f"{where}: protocol all has no ports"]
    if rule["protocol"] == "icmp":
        return []
    if low is None or high is None:
        return [f"{where}: {rule['protocol']} needs from_port and to_port"]
    return [] if 0 <= low <= high <= 65535 else [f"{where}: ports {low}-{high} are not a range inside 0-65535"]
