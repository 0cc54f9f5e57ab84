"""A security group of a VPC, rule by rule."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import (
    changes_between,
    eventually,
    filters,
    find_all,
    ignoring,
    read_new,
    text_tags,
)
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.planned import is_planned, planned_id
from trading_platform.aws.security_group_rules import (
    Rule,
    asked_rules,
    compare_rules,
    describe_rules,
    permission,
)

GONE = "InvalidGroup.NotFound"
DEFAULT = "default"
# What CreateSecurityGroup and the VPC itself put in without being asked
# (https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html).
ALLOW_ALL: Rule = {"protocol": "all", "cidr": "0.0.0.0/0"}
ALLOW_SELF: Rule = {"protocol": "all", "self": True}


class SecurityGroup(BaseResource):
    """Its identity is the GroupName, unique inside a VPC. The group ``default`` is AWS's: adopted, never deleted."""

    kind = "security group"
    fixed = frozenset({"description"})

    def __init__(self, ec2: Any, params: dict[str, Any]) -> None:
        self.ec2 = ec2
        self.vpc_id: str = params["vpc_id"]
        self.name: str = params["name"]
        self.description: str | None = None if self.name == DEFAULT else params["description"]
        self.rules: dict[str, list[dict[str, Any]] | None] = {
            "ingress": params["ingress"],
            "egress": params["egress"],
        }
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.placeholders = {
            "group_id": planned_id("sg"),
            "vpc_id": self.vpc_id,
            "description": self.description or self.name,
            "ingress": [],
            "egress": [ALLOW_ALL],
        }

    def find(self) -> State | None:
        """Read the group and its rules in one call. The default group of a VPC to come is known beforehand."""
        if is_planned(self.vpc_id):
            return self._planned_default() if self.name == DEFAULT else None
        chosen = filters(vpc_id=self.vpc_id, group_name=self.name)
        groups = find_all(self.ec2.describe_security_groups, "SecurityGroups", Filters=chosen)
        group = next((one for one in groups if one["GroupName"] == self.name), None)  # the filter knows wildcards
        if group is None:
            return None
        return {
            "group_id": group["GroupId"],
            "group_name": group["GroupName"],
            "vpc_id": group["VpcId"],
            "description": group["Description"],
            "ingress": describe_rules(group.get("IpPermissions", []), group),
            "egress": describe_rules(group.get("IpPermissionsEgress", []), group),
            "tags": tagging.from_list(group.get("Tags")),
        }

    def wanted(self, current: State | None) -> State:
        """Give description and rules where they are managed, and tags. A Name tag of its own wins over the name."""
        wanted: State = {"group_name": self.name}
        if self.description is not None:
            wanted["description"] = self.description
        group_id = current["group_id"] if current else ""
        for direction, rules in self.rules.items():
            if rules is not None:
                wanted[direction] = asked_rules(rules, group_id)
        tags = current["tags"] if current else {}
        wanted["tags"] = {"Name": self.name, **tagging.wanted(tags, self.asked_tags, self.purge_tags)}
        return wanted

    def create(self, wanted: State) -> None:
        """Create it with its tags; then its rules, and away with AWS's allow-all where egress is managed."""
        if self.name == DEFAULT:
            raise RefusedError(f"security group default: {self.vpc_id} has none, and only AWS can make it")
        self.ec2.create_security_group(
            GroupName=self.name,
            Description=self.description or self.name,
            VpcId=self.vpc_id,
            TagSpecifications=tagging.specification("security-group", wanted["tags"]),
            aws_retry=True,
        )
        current = read_new(self)
        self.update(current, changes_between(current, self.wanted(current)))

    def update(self, current: State, changes: State) -> None:
        """Change what differs. New rules of both directions come before old ones go: no flow that stays is cut."""
        group_id = current["group_id"]
        plans = {
            direction: compare_rules(current[direction], changes[direction])
            for direction in ("ingress", "egress")
            if direction in changes
        }
        for direction, plan in plans.items():
            self._call("update_security_group_rule_descriptions", direction, group_id, plan.describe)
            self._call("authorize_security_group", direction, group_id, plan.authorize)
        for direction, plan in plans.items():
            self._call("revoke_security_group", direction, group_id, plan.revoke)
        if "tags" in changes:
            tagging.update_ec2(self.ec2, group_id, current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Delete it. While interfaces or rules of other groups refer to it, AWS refuses (DependencyViolation)."""
        with ignoring(GONE):
            self.ec2.delete_security_group(GroupId=current["group_id"], aws_retry=True)

    def _call(self, verb: str, direction: str, group_id: str, rules: list[Rule]) -> None:
        if rules:
            call = getattr(self.ec2, f"{verb}_{direction}")
            eventually(call, GONE, GroupId=group_id, IpPermissions=[permission(rule, group_id) for rule in rules])

    def _planned_default(self) -> State:
        return {
            "group_id": planned_id("sg"),
            "group_name": DEFAULT,
            "vpc_id": self.vpc_id,
            "description": "default VPC security group",
            "ingress": [ALLOW_SELF],
            "egress": [ALLOW_ALL],
            "tags": {},
        }
