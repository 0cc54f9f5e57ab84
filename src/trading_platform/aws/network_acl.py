"""A network ACL: its numbered entries and the subnets that it guards."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import (
    canonical_network,
    changes_between,
    eventually,
    filters,
    find_all,
    ignoring,
    name_problems,
    named_tags,
    network_problems,
    read_new,
    sorted_ids,
    text_tags,
)
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.planned import is_planned, planned_id

GONE = "InvalidNetworkAclID.NotFound"
# AWS's own last entry, shown as ``*``: 32767 for IPv4, 32768 for IPv6. Ours end at 32766 (CreateNetworkAclEntry).
FIRST_DEFAULT_ENTRY = 32767
NUMBERS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17"}
NAMES = {number: name for name, number in NUMBERS.items()}

Entry = dict[str, Any]


def describe_entry(entry: dict[str, Any]) -> Entry:
    """Give an entry as AWS describes it in the names of the module; for ICMP the ports are type and code."""
    protocol = NAMES.get(entry["Protocol"], entry["Protocol"])
    found: Entry = {
        "rule_number": int(entry["RuleNumber"]),
        "protocol": protocol,
        "action": entry["RuleAction"],
        "cidr": canonical_network(entry.get("CidrBlock") or entry["Ipv6CidrBlock"]),
    }
    if protocol in ("tcp", "udp"):
        ports = entry.get("PortRange", {})
        found |= {"from_port": ports.get("From", 0), "to_port": ports.get("To", 65535)}
    if protocol == "icmp":
        icmp = entry.get("IcmpTypeCode", {})
        found |= {"from_port": icmp.get("Type", -1), "to_port": icmp.get("Code", -1)}
    return found


def asked_entry(entry: dict[str, Any]) -> Entry:
    """Give an entry as the module was asked for it, complete: no ports for all protocols, -1 for all ICMP types."""
    kept = {key: entry[key] for key in ("rule_number", "protocol", "action")}
    kept["cidr"] = canonical_network(entry["cidr"])
    if entry["protocol"] == "all":
        return kept
    missing = -1 if entry["protocol"] == "icmp" else None
    ports = {key: missing if entry.get(key) is None else entry[key] for key in ("from_port", "to_port")}
    return {**kept, **ports}


def entry_arguments(entry: Entry) -> dict[str, Any]:
    """Give an entry as CreateNetworkAclEntry and ReplaceNetworkAclEntry want it."""
    arguments: dict[str, Any] = {
        "RuleNumber": entry["rule_number"],
        "Protocol": NUMBERS.get(entry["protocol"], entry["protocol"]),
        "RuleAction": entry["action"],
        "Ipv6CidrBlock" if ":" in entry["cidr"] else "CidrBlock": entry["cidr"],
    }
    if entry["protocol"] in ("tcp", "udp"):
        arguments["PortRange"] = {"From": entry["from_port"], "To": entry["to_port"]}
    if entry["protocol"] == "icmp":
        arguments["IcmpTypeCode"] = {"Type": entry["from_port"], "Code": entry["to_port"]}
    return arguments


def sorted_entries(entries: list[dict[str, Any]] | None) -> list[Entry] | None:
    """Give asked entries in the order AWS evaluates them; None stays None (not managed)."""
    return None if entries is None else sorted(map(asked_entry, entries), key=lambda one: int(one["rule_number"]))


def _entry_problems(where: str, entry: dict[str, Any]) -> list[str]:
    problems = network_problems(where, entry["cidr"])
    if not 1 <= entry["rule_number"] < FIRST_DEFAULT_ENTRY:
        problems.append(f"{where}: rule_number {entry['rule_number']} is not in 1..32766")
    low, high = entry.get("from_port"), entry.get("to_port")
    if entry["protocol"] == "all" and (low is not None or high is not None):
        problems.append(f"{where}: protocol all has no ports")
    if entry["protocol"] in ("tcp", "udp"):
        if low is None or high is None:
            problems.append(f"{where}: {entry['protocol']} needs from_port and to_port")
        elif not 0 <= low <= high <= 65535:
            problems.append(f"{where}: ports {low}-{high} are not a range inside 0-65535")
    if entry["protocol"] == "icmp" and ":" in entry["cidr"]:
        problems.append(f"{where}: icmp does not exist on IPv6")
    return problems


def find_problems(params: dict[str, Any]) -> list[str]:
    """Say what no network ACL can be: bad CIDRs or ports, a rule number twice in one direction."""
    problems = name_problems(params)
    for direction in ("ingress", "egress"):
        seen: set[int] = set()
        for position, entry in enumerate(params[direction] or []):
            where = f"{direction}[{position}]"
            problems += _entry_problems(where, entry)
            if entry["rule_number"] in seen:
                problems.append(f"{where}: rule_number {entry['rule_number']} stands twice")
            seen.add(entry["rule_number"])
    return problems


class NetworkAcl(BaseResource):
    """Its identity is the Name tag inside its VPC.

    Every subnet has exactly one network ACL: what leaves ours goes back to the VPC's default one.
    """

    kind = "network ACL"

    def __init__(self, ec2: Any, params: dict[str, Any]) -> None:
        self.ec2 = ec2
        self.vpc_id: str = params["vpc_id"]
        self.name: str = params["name"]
        self.ingress = sorted_entries(params["ingress"])
        self.egress = sorted_entries(params["egress"])
        self.subnet_ids = sorted_ids(params["subnet_ids"])
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.associations: dict[str, str] = {}
        self.default_id = ""
        self.placeholders = {"network_acl_id": planned_id("acl"), "ingress": [], "egress": [], "subnet_ids": []}

    def find(self) -> State | None:
        """Read the ACL, the default one and which ACL every subnet of the VPC has: one call gives all."""
        if is_planned(self.vpc_id):
            return None
        acls = find_all(self.ec2.describe_network_acls, "NetworkAcls", Filters=filters(vpc_id=self.vpc_id))
        self.default_id = next((acl["NetworkAclId"] for acl in acls if acl["IsDefault"]), "")
        self.associations = {
            association["SubnetId"]: association["NetworkAclAssociationId"]
            for acl in acls
            for association in acl.get("Associations", [])
        }
        mine = [acl for acl in acls if tagging.from_list(acl.get("Tags")).get("Name") == self.name]
        if len(mine) > 1:
            ids = ", ".join(sorted(acl["NetworkAclId"] for acl in mine))
            raise RefusedError(f"network ACL {self.name}: {self.vpc_id} has several with this Name tag: {ids}")
        if mine and mine[0]["IsDefault"]:
            raise RefusedError(f"network ACL {self.name}: {self.default_id} is the VPC's default one; rename it first")
        return self._state(mine[0]) if mine else None

    def wanted(self, current: State | None) -> State:
        """Give the entries and subnets that were asked for, and tags."""
        wanted: State = {"vpc_id": self.vpc_id}
        for key, asked in (("ingress", self.ingress), ("egress", self.egress), ("subnet_ids", self.subnet_ids)):
            if asked is not None:
                wanted[key] = asked
        tags = current["tags"] if current else {}
        wanted["tags"] = named_tags(tags, self.asked_tags, self.purge_tags, self.name)
        return wanted

    def create(self, wanted: State) -> None:
        """Create it with its tags, then its entries, then move the subnets to it."""
        specification = tagging.specification("network-acl", wanted["tags"])
        self.ec2.create_network_acl(VpcId=self.vpc_id, TagSpecifications=specification, aws_retry=True)
        current = read_new(self)
        self.update(current, changes_between(current, wanted))

    def update(self, current: State, changes: State) -> None:
        """Change what differs; entries before subnets, so that no subnet is behind an empty ACL."""
        acl_id = current["network_acl_id"]
        for direction in ("ingress", "egress"):
            if direction in changes:
                self._update_entries(acl_id, direction == "egress", current[direction], changes[direction])
        if "subnet_ids" in changes:
            target = set(changes["subnet_ids"])
            self._move(sorted(target - set(current["subnet_ids"])), acl_id)
            self._move(sorted(set(current["subnet_ids"]) - target), self.default_id)
        if "tags" in changes:
            tagging.update_ec2(self.ec2, acl_id, current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Give its subnets back to the VPC's default ACL and delete it."""
        self._move(current["subnet_ids"], self.default_id)
        with ignoring(GONE):
            self.ec2.delete_network_acl(NetworkAclId=current["network_acl_id"], aws_retry=True)

    def _state(self, acl: dict[str, Any]) -> State:
        ours = [one for one in acl.get("Entries", []) if int(one["RuleNumber"]) < FIRST_DEFAULT_ENTRY]
        ours.sort(key=lambda entry: int(entry["RuleNumber"]))
        return {
            "network_acl_id": acl["NetworkAclId"],
            "vpc_id": acl["VpcId"],
            "ingress": [describe_entry(entry) for entry in ours if not entry["Egress"]],
            "egress": [describe_entry(entry) for entry in ours if entry["Egress"]],
            "subnet_ids": sorted(one["SubnetId"] for one in acl.get("Associations", [])),
            "tags": tagging.from_list(acl.get("Tags")),
        }

    def _update_entries(self, acl_id: str, egress: bool, current: list[Entry], target: list[Entry]) -> None:
        now = {entry["rule_number"]: entry for entry in current}
        for entry in target:
            if now.get(entry["rule_number"]) == entry:
                continue
            known = entry["rule_number"] in now
            call = self.ec2.replace_network_acl_entry if known else self.ec2.create_network_acl_entry
            eventually(call, GONE, NetworkAclId=acl_id, Egress=egress, **entry_arguments(entry))
        for number in sorted(now.keys() - {entry["rule_number"] for entry in target}):
            with ignoring("InvalidNetworkAclEntry.NotFound"):
                self.ec2.delete_network_acl_entry(NetworkAclId=acl_id, RuleNumber=number, Egress=egress, aws_retry=True)

    def _move(self, subnet_ids: list[str], acl_id: str) -> None:
        for subnet_id in subnet_ids:
            association = self.associations.get(subnet_id)
            if association is None:
                raise RefusedError(f"network ACL {self.name}: {subnet_id} is not a subnet of {self.vpc_id}")
            self.ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=acl_id, aws_retry=True)
