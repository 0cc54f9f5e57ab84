"""A plan of AWS Backup: when backups are made, how long they are kept, and where copies go.

Continuous backups are never asked for: for RDS they would take over the database's own backup retention
(https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.backup import tags_of, update_tags
from trading_platform.aws.ec2 import find_all, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import planned_id

COLD_DAYS = 90  # API Lifecycle: "must be 90 days greater than" the days until cold storage


class BackupPlan(BaseResource):
    """The plan of this name.

    Args:
        backup: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "backup plan"
    placeholders = {"id": planned_id("plan"), "arn": planned_id("plan")}

    def __init__(self, backup: Any, params: dict[str, Any]) -> None:
        self.backup = backup
        self.params = params
        self.name: str = params["name"]
        self.advanced: list[Any] = []

    def find(self) -> State | None:
        """Read the plan and its tags."""
        plans = find_all(self.backup.list_backup_plans, "BackupPlansList")
        summary = next((one for one in plans if one["BackupPlanName"] == self.name), None)
        if summary is None:
            return None
        answer = self.backup.get_backup_plan(BackupPlanId=summary["BackupPlanId"], aws_retry=True)
        plan = answer["BackupPlan"]
        self.advanced = plan.get("AdvancedBackupSettings") or []
        return {
            "id": answer["BackupPlanId"],
            "arn": answer["BackupPlanArn"],
            "name": plan["BackupPlanName"],
            "rules": _sorted(_rule_state(one) for one in plan["Rules"]),
            "tags": tags_of(self.backup, answer["BackupPlanArn"]),
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        asked = self.params
        target = tags.wanted(current["tags"] if current else {}, asked["tags"], asked["purge_tags"])
        return {
            "name": self.name,
            "rules": _sorted(_rule_wanted(one, target) for one in asked["rules"]),
            "tags": target,
        }

    def create(self, wanted: State) -> None:
        """Make the plan with its tags."""
        self.backup.create_backup_plan(BackupPlan=self._document(wanted), BackupPlanTags=wanted["tags"], aws_retry=True)

    def update(self, current: State, changes: State) -> None:
        """Write a new version of the plan where its rules differ, then the tags."""
        if "rules" in changes:
            document = self._document({**current, **changes})
            self.backup.update_backup_plan(BackupPlanId=current["id"], BackupPlan=document, aws_retry=True)
        if "tags" in changes:
            update_tags(self.backup, current, changes["tags"])

    def _document(self, state: State) -> dict[str, Any]:
        document = {"BackupPlanName": self.name, "Rules": [_rule_to_aws(one) for one in state["rules"]]}
        return {**document, "AdvancedBackupSettings": self.advanced} if self.advanced else document

    def delete(self, current: State) -> None:
        """Remove the plan with what it selects; what it has backed up stays."""
        with ignoring("ResourceNotFoundException"):
            selections = find_all(
                self.backup.list_backup_selections, "BackupSelectionsList", BackupPlanId=current["id"]
            )
            for one in selections:
                self.backup.delete_backup_selection(
                    BackupPlanId=current["id"], SelectionId=one["SelectionId"], aws_retry=True
                )
            self.backup.delete_backup_plan(BackupPlanId=current["id"], aws_retry=True)


def _rule_state(rule: dict[str, Any]) -> State:
    lifecycle = rule.get("Lifecycle") or {}
    copies = [
        {
            "vault_arn": one["DestinationBackupVaultArn"],
            "delete_after_days": (one.get("Lifecycle") or {}).get("DeleteAfterDays"),
        }
        for one in rule.get("CopyActions") or []
    ]
    return {
        "name": rule["RuleName"],
        "vault": rule["TargetBackupVaultName"],
        "schedule": rule.get("ScheduleExpression"),
        "timezone": rule.get("ScheduleExpressionTimezone", "Etc/UTC"),
        "start_window_minutes": rule.get("StartWindowMinutes"),
        "completion_window_minutes": rule.get("CompletionWindowMinutes"),
        "delete_after_days": lifecycle.get("DeleteAfterDays"),
        "cold_storage_after_days": lifecycle.get("MoveToColdStorageAfterDays"),
        "continuous": rule.get("EnableContinuousBackup", False),
        "copies": sorted(copies, key=lambda one: str(one["vault_arn"])),
        "recovery_point_tags": rule.get("RecoveryPointTags") or {},
    }


def _rule_wanted(asked: State, target: tags.Tags) -> State:
    copies = [{key: one[key] for key in ("vault_arn", "delete_after_days")} for one in asked["copies"]]
    return {
        **{key: asked[key] for key in ("name", "vault", "schedule", "start_window_minutes")},
        **{key: asked[key] for key in ("completion_window_minutes", "delete_after_days", "cold_storage_after_days")},
        "timezone": "Etc/UTC",
        "continuous": False,
        "copies": sorted(copies, key=lambda one: str(one["vault_arn"])),
        "recovery_point_tags": target,
    }


def _rule_to_aws(state: State) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "RuleName": state["name"],
        "TargetBackupVaultName": state["vault"],
        "ScheduleExpression": state["schedule"],
        "ScheduleExpressionTimezone": state["timezone"],
        "StartWindowMinutes": state["start_window_minutes"],
        "CompletionWindowMinutes": state["completion_window_minutes"],
        "EnableContinuousBackup": state["continuous"],
        "Lifecycle": _lifecycle(state["delete_after_days"], state["cold_storage_after_days"]),
        "CopyActions": [
            {"DestinationBackupVaultArn": one["vault_arn"], "Lifecycle": _lifecycle(one["delete_after_days"], None)}
            for one in state["copies"]
        ],
    }
    return {**rule, "RecoveryPointTags": state["recovery_point_tags"]} if state["recovery_point_tags"] else rule


def _lifecycle(delete: int | None, cold: int | None) -> dict[str, int]:
    given = {"DeleteAfterDays": delete, "MoveToColdStorageAfterDays": cold}
    return {key: value for key, value in given.items() if value is not None}


def _sorted(rules: Any) -> list[State]:
    return sorted(rules, key=lambda one: str(one["name"]))


def problems(params: dict[str, Any]) -> list[str]:
    """Say what AWS Backup would refuse of a module's parameters, before it is asked."""
    if params["state"] == "absent":
        return []
    found = [] if params["rules"] else ["rules: a plan has at least one"]
    for rule in params["rules"]:
        where = f"rules: {rule['name']}"
        if rule["start_window_minutes"] < 60:
            found.append(f"{where}: start_window_minutes is {rule['start_window_minutes']} and must be 60 or more")
        if rule["completion_window_minutes"] <= rule["start_window_minutes"]:
            found.append(f"{where}: completion_window_minutes must be more than start_window_minutes")
        cold, delete = rule["cold_storage_after_days"], rule["delete_after_days"]
        if cold is not None and delete < cold + COLD_DAYS:
            found.append(f"{where}: delete_after_days must be {COLD_DAYS} days or more after cold storage")
    return found
