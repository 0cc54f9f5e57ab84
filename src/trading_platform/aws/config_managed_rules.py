"""Rules of AWS Config that AWS keeps: they say which resources are not as they should be."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags
from trading_platform.aws.ec2 import eventually, find_all, ignoring
from trading_platform.aws.engine import BaseItem, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id
from trading_platform.aws.several import twice

# The recorder may be seconds old, and a rule that is being evaluated or deleted cannot be written.
NOT_YET = ("NoAvailableConfigurationRecorderException", "ResourceInUseException")
NOT_FOUND = "NoSuchConfigRuleException"
NAMES = 25
"""Names that one call of DescribeConfigRules takes."""


class ConfigManagedRules:
    """The rules of these names in the client's region.

    Args:
        config: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters: rules, tags, purge_tags.
    """

    kind = "AWS Config rules"
    name = "of the region"

    def __init__(self, config: Any, params: dict[str, Any]) -> None:
        self.config = config
        self.items = {asked["name"]: ConfigManagedRule(config, params, asked) for asked in params["rules"]}

    def find(self) -> dict[str, State]:
        """Read those of the rules that exist, and their tags, which only a call for each rule tells."""
        found: dict[str, State] = {}
        for rule in self._described():
            listed = self.config.list_tags_for_resource(ResourceArn=rule["ConfigRuleArn"], aws_retry=True)
            found[rule["ConfigRuleName"]] = {**read_rule(rule), "tags": tags.from_list(listed.get("Tags"))}
        return found

    def _described(self) -> list[dict[str, Any]]:
        """Ask for the rules by name. Config refuses the whole call when one is missing: then look through all rules."""
        names = sorted(self.items)
        chunks = [names[start : start + NAMES] for start in range(0, len(names), NAMES)]
        describe = self.config.describe_config_rules
        try:
            return [rule for chunk in chunks for rule in find_all(describe, "ConfigRules", ConfigRuleNames=chunk)]
        except ClientError as problem:
            if error_code(problem) != NOT_FOUND:
                raise
        # A region may have hundreds of others, such as those of Security Hub, so this is not done first.
        return [rule for rule in find_all(describe, "ConfigRules") if rule["ConfigRuleName"] in self.items]


class ConfigManagedRule(BaseItem):
    """One of them.

    Args:
        config: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters: tags, purge_tags.
        asked: one of its ``rules``.
    """

    kind = "AWS Config rule"
    placeholders = {"arn": planned_id("config-rule")}

    def __init__(self, config: Any, params: dict[str, Any], asked: dict[str, Any]) -> None:
        self.config = config
        self.asked = asked
        self.name: str = asked["name"]
        self.asked_tags: tags.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; a frequency that was not asked for is AWS's own."""
        asked = self.asked
        return {
            "name": self.name,
            "owner": "AWS",
            "identifier": asked["identifier"],
            "description": asked["description"],
            # Config takes and gives every parameter as text.
            "parameters": {str(key): _text(value) for key, value in asked["parameters"].items()},
            "resource_types": sorted(asked["resource_types"]),
            "frequency": asked["frequency"] or (current or {}).get("frequency"),
            "tags": tags.wanted(current["tags"] if current else {}, self.asked_tags, self.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Make the rule with its tags."""
        self._put(wanted, Tags=tags.to_list(wanted["tags"]))

    def update(self, current: State, changes: State) -> None:
        """Write the whole rule where anything but the tags differs, then the tags."""
        if set(changes) - {"tags"}:
            self._put({**current, **changes})
        if "tags" in changes:
            write, remove = tags.difference(current["tags"], changes["tags"])
            if remove:
                self.config.untag_resource(ResourceArn=current["arn"], TagKeys=remove, aws_retry=True)
            if write:
                self.config.tag_resource(ResourceArn=current["arn"], Tags=tags.to_list(write), aws_retry=True)

    def _put(self, state: State, **more: Any) -> None:
        rule: dict[str, Any] = {
            "ConfigRuleName": self.name,
            "Description": state["description"],
            "Source": {"Owner": "AWS", "SourceIdentifier": state["identifier"]},
            "InputParameters": json.dumps(state["parameters"], sort_keys=True),
        }
        if state["resource_types"]:
            rule["Scope"] = {"ComplianceResourceTypes": state["resource_types"]}
        if state["frequency"]:
            rule["MaximumExecutionFrequency"] = state["frequency"]
        eventually(self.config.put_config_rule, *NOT_YET, ConfigRule=rule, **more)

    def delete(self, current: State) -> None:
        """Remove the rule with its results."""
        with ignoring(NOT_FOUND):
            eventually(self.config.delete_config_rule, "ResourceInUseException", ConfigRuleName=self.name)


def read_rule(rule: dict[str, Any]) -> State:
    """Give a rule of DescribeConfigRules under the names of the module's arguments, without its tags."""
    return {
        "arn": rule["ConfigRuleArn"],
        "name": rule["ConfigRuleName"],
        "owner": rule["Source"]["Owner"],
        "identifier": rule["Source"]["SourceIdentifier"],
        "description": rule.get("Description") or "",
        "parameters": json.loads(rule.get("InputParameters") or "{}"),
        "resource_types": sorted((rule.get("Scope") or {}).get("ComplianceResourceTypes") or []),
        "frequency": rule.get("MaximumExecutionFrequency"),
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def problems(params: dict[str, Any]) -> list[str]:
    """Say what is wrong with the rules asked for, before AWS Config is asked."""
    return [f"rules: {problem}" for problem in twice([asked["name"] for asked in params["rules"]])]
