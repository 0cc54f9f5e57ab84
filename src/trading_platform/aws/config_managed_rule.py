"""A rule of AWS Config that AWS keeps: it says which resources are not as they should be."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags
from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id

# The recorder may be seconds old, and a rule that is being evaluated or deleted cannot be written.
NOT_YET = ("NoAvailableConfigurationRecorderException", "ResourceInUseException")


class ConfigManagedRule(BaseResource):
    """The rule of this name.

    Args:
        config: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "AWS Config rule"
    placeholders = {"arn": planned_id("config-rule")}

    def __init__(self, config: Any, params: dict[str, Any]) -> None:
        self.config = config
        self.params = params
        self.name: str = params["name"]

    def find(self) -> State | None:
        """Read the rule and its tags."""
        try:
            rules = self.config.describe_config_rules(ConfigRuleNames=[self.name], aws_retry=True)["ConfigRules"]
        except ClientError as error:
            if error_code(error) == "NoSuchConfigRuleException":
                return None
            raise
        if not rules:
            return None
        rule = rules[0]
        listed = self.config.list_tags_for_resource(ResourceArn=rule["ConfigRuleArn"], aws_retry=True)
        return {
            "arn": rule["ConfigRuleArn"],
            "name": rule["ConfigRuleName"],
            "owner": rule["Source"]["Owner"],
            "identifier": rule["Source"]["SourceIdentifier"],
            "description": rule.get("Description") or "",
            "parameters": json.loads(rule.get("InputParameters") or "{}"),
            "resource_types": sorted((rule.get("Scope") or {}).get("ComplianceResourceTypes") or []),
            "frequency": rule.get("MaximumExecutionFrequency"),
            "tags": tags.from_list(listed.get("Tags")),
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; a frequency that was not asked for is AWS's own."""
        asked = self.params
        return {
            "name": self.name,
            "owner": "AWS",
            "identifier": asked["identifier"],
            "description": asked["description"],
            # Config takes and gives every parameter as text.
            "parameters": {str(key): _text(value) for key, value in asked["parameters"].items()},
            "resource_types": sorted(asked["resource_types"]),
            "frequency": asked["frequency"] or (current or {}).get("frequency"),
            "tags": tags.wanted(current["tags"] if current else {}, asked["tags"], asked["purge_tags"]),
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
        with ignoring("NoSuchConfigRuleException"):
            eventually(self.config.delete_config_rule, "ResourceInUseException", ConfigRuleName=self.name)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
