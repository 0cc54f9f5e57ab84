"""From names to rules: what the network roles hand to the modules for security groups, network ACLs and subnets.

Pure functions on plain dicts. Rules have the shape of the modules' arguments (plugins/modules/security_group.py and
network_acl.py).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trading_platform.aws.planned import planned_id

Rule = dict[str, Any]

EPHEMERAL = (1024, 65535)
"""Ports that clients answer on, wide enough for Linux, Windows and load balancers.

https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
"""


class RuleError(ValueError):
    """A rule that names something that does not exist, or says too much or too little."""


def subnet_ids_by_tier(results: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Turn the loop results of ec2_vpc_subnet into ``{tier: {availability zone: subnet id}}``.

    Each result has ``item`` (an entry of the plan's ``subnets``) and ``subnet``; a dry run on an empty account has no
    subnet and gets a stand-in id.
    """
    tiers: dict[str, dict[str, str]] = {}
    for result in results:
        item = result["item"]
        subnet = result.get("subnet") or {}
        tiers.setdefault(item["tier"], {})[item["availability_zone"]] = subnet.get("id", planned_id("subnet"))
    return tiers


def subnet_cidrs_by_tier(subnets: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Turn the subnets of an address plan into ``{tier: [CIDR, ...]}``, in the plan's order."""
    tiers: dict[str, list[str]] = {}
    for subnet in subnets:
        tiers.setdefault(subnet["tier"], []).append(subnet["cidr"])
    return tiers


def tiers_by_route(tiers: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Group the tiers in use by where their default route leads: ``internet``, ``nat`` or ``local`` (nowhere)."""
    routes: dict[str, list[str]] = {"internet": [], "nat": [], "local": []}
    for name, tier in tiers.items():
        if not tier.get("retired", False):
            routes[tier["route"]].append(name)
    return routes


def database_acl(clients: Sequence[str], own: Sequence[str], ports: Sequence[int]) -> dict[str, list[Rule]]:
    """Give the network ACL of the database tier as ``{"ingress": [...], "egress": [...]}``.

    Args:
        clients: CIDRs that may open connections.
        own: CIDRs of the tier itself; the nodes of one store replicate among themselves.
        ports: what the clients may open. A network ACL is stateless, so their ephemeral ports are opened for answers.
    """
    inward = [(client, port, port) for client in clients for port in ports]
    answers = [(client, *EPHEMERAL) for client in clients]
    inside = [
        {"rule_number": 500 + number, "protocol": "all", "action": "allow", "cidr": cidr}
        for number, cidr in enumerate(own)
    ]
    return {"ingress": _tcp_entries(inward) + inside, "egress": _tcp_entries(answers) + inside}


def _tcp_entries(ranges: Iterable[tuple[str, int, int]]) -> list[Rule]:
    return [
        {
            "rule_number": 100 + n,
            "protocol": "tcp",
            "action": "allow",
            "cidr": cidr,
            "from_port": first,
            "to_port": last,
        }
        for n, (cidr, first, last) in enumerate(ranges)
    ]


def security_group_rules(
    rules: Iterable[Mapping[str, Any]], group_ids: Mapping[str, str], cidrs: Mapping[str, Sequence[str]]
) -> list[Rule]:
    """Turn rules that name their peers into the rules of the module ``security_group``.

    Args:
        rules: each with ``peer`` (``self``, a group of ``group_ids``, a name of ``cidrs``, or a CIDR), ``description``,
            and ``port`` or ``ports`` (a number, or a range such as ``1025-65535``); neither means all traffic.
            ``protocol`` is ``tcp`` unless given.
        group_ids: name to group id.
        cidrs: name to CIDRs, for example ``{"vpc": ["10.0.0.0/16"]}``; a rule is made for each.

    Raises:
        RuleError: the peer is none of these, or the port is no port.
    """
    return [
        {**peer, **ports, "description": rule["description"]}
        for rule in rules
        for peer in _peers(str(rule["peer"]), group_ids, cidrs)
        for ports in _port_ranges(rule)
    ]


def _peers(peer: str, group_ids: Mapping[str, str], cidrs: Mapping[str, Sequence[str]]) -> list[Rule]:
    if peer == "self":
        return [{"self": True}]
    if peer in group_ids:
        return [{"group_id": group_ids[peer]}]
    if peer in cidrs:
        return [{"cidr": cidr} for cidr in cidrs[peer]]
    try:
        network = ipaddress.ip_network(peer)
    except ValueError:
        known = ", ".join(sorted({"self", *group_ids, *cidrs}))
        raise RuleError(f"peer {peer!r} is neither a CIDR nor one of: {known}") from None
    return [{"cidr_ipv6" if network.version == 6 else "cidr": str(network)}]


def _port_ranges(rule: Mapping[str, Any]) -> list[Rule]:
    ports = rule.get("ports", [rule["port"]] if "port" in rule else [])
    if not ports:
        return [{"protocol": "all"}]
    return [{"protocol": rule.get("protocol", "tcp"), **_port_range(port)} for port in ports]


def _port_range(port: Any) -> Rule:
    first, _, last = str(port).partition("-")
    if not (first.isdecimal() and (last.isdecimal() or not last)):
        raise RuleError(f"{port!r} is neither a port nor a range such as 1025-65535")
    low, high = int(first), int(last or first)
    if not 0 <= low <= high <= 65535:
        raise RuleError(f"{port!r} does not lie in 0-65535 in rising order")
    return {"from_port": low, "to_port": high}
