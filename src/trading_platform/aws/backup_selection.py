"""What a plan of AWS Backup backs up: resources that have all of some tags.

Conditions are met together, unlike ListOfTags, of which any one adds a resource. A selection cannot be changed, so it
is replaced (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws.ec2 import eventually, find_all, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import is_planned, planned_id

TAG = "aws:ResourceTag/"
# The role may be seconds old; AWS Backup has no error of its own for it.
NOT_YET = ("InvalidParameterValueException",)


class BackupSelection(BaseResource):
    """The selection of this name in one plan.

    Args:
        backup: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "backup selection"
    fixed = frozenset({"role_arn", "resources", "not_resources", "tags_equal", "list_of_tags", "other_conditions"})
    replaceable = True
    placeholders = {"id": planned_id("selection")}

    def __init__(self, backup: Any, params: dict[str, Any]) -> None:
        self.backup = backup
        self.params = params
        self.name: str = params["name"]
        self.plan_id: str = params["plan_id"]

    def find(self) -> State | None:
        """Read the selection."""
        if is_planned(self.plan_id):
            return None
        listed = find_all(self.backup.list_backup_selections, "BackupSelectionsList", BackupPlanId=self.plan_id)
        summary = next((one for one in listed if one["SelectionName"] == self.name), None)
        if summary is None:
            return None
        answer = self.backup.get_backup_selection(
            BackupPlanId=self.plan_id, SelectionId=summary["SelectionId"], aws_retry=True
        )
        selection = answer["BackupSelection"]
        conditions = {key: value for key, value in (selection.get("Conditions") or {}).items() if value}
        equal = conditions.pop("StringEquals", [])
        return {
            "id": answer["SelectionId"],
            "name": selection["SelectionName"],
            "plan_id": self.plan_id,
            "role_arn": selection["IamRoleArn"],
            "resources": sorted(selection.get("Resources") or []),
            "not_resources": sorted(selection.get("NotResources") or []),
            "tags_equal": {one["ConditionKey"].removeprefix(TAG): one["ConditionValue"] for one in equal},
            "list_of_tags": selection.get("ListOfTags") or [],
            "other_conditions": conditions,
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        asked = self.params
        return {
            "name": self.name,
            "plan_id": self.plan_id,
            "role_arn": asked["role_arn"],
            "resources": sorted(asked["resources"]),
            "not_resources": sorted(asked["not_resources"]),
            "tags_equal": {str(key): str(value) for key, value in asked["tags_equal"].items()},
            "list_of_tags": [],
            "other_conditions": {},
        }

    def create(self, wanted: State) -> None:
        """Make the selection."""
        selection: dict[str, Any] = {
            "SelectionName": self.name,
            "IamRoleArn": wanted["role_arn"],
            "Resources": wanted["resources"],
            "NotResources": wanted["not_resources"],
        }
        if wanted["tags_equal"]:
            pairs = sorted(wanted["tags_equal"].items())
            equal = [{"ConditionKey": TAG + key, "ConditionValue": value} for key, value in pairs]
            selection["Conditions"] = {"StringEquals": equal}
        given = {key: value for key, value in selection.items() if value}
        eventually(self.backup.create_backup_selection, *NOT_YET, BackupPlanId=self.plan_id, BackupSelection=given)

    def update(self, current: State, changes: State) -> None:
        """Never called: AWS has no such call, and every key is fixed."""

    def delete(self, current: State) -> None:
        """Select these resources no longer; what was backed up stays."""
        with ignoring("ResourceNotFoundException"):
            self.backup.delete_backup_selection(BackupPlanId=self.plan_id, SelectionId=current["id"], aws_retry=True)
