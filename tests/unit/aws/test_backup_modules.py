"""plugins/modules/backup_*.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from audit import make_role
from trading_platform.emulator.testing import EmulatorServer

vault_main = load("backup_vault").main
plan_main = load("backup_plan").main
selection_main = load("backup_selection").main
settings_main = load("backup_region_settings").main
NAME = "production-trading-engine"
TAGS = {"Environment": "production"}
WEST = f"arn:aws:backup:us-west-2:123456789012:backup-vault:{NAME}"


def vault(aws: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Give the arguments of the vault, with a key."""
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    return {"name": NAME, "kms_key_arn": key, "tags": TAGS, **changed}


def plan(**changed: Any) -> dict[str, Any]:
    """Give the arguments of the plan."""
    rule = {"name": "daily", "vault": NAME, "schedule": "cron(0 5 ? * * *)", "delete_after_days": 30}
    copies = [{"vault_arn": WEST, "delete_after_days": 30}]
    return {"name": NAME, "rules": [{**rule, "copies": copies, **changed}], "tags": TAGS}


def selection(aws: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Make vault, plan and role, and give the arguments of the selection."""
    run_module(vault_main, vault(aws))
    made = run_module(plan_main, plan())["backup_plan"]
    role = make_role(aws, "backup", "backup.amazonaws.com")
    volumes = ["arn:aws:ec2:*:*:volume/*"]
    equal = {"Project": "trading-engine", "Environment": "production"}
    own = {"name": "volumes", "plan_id": made["id"], "role_arn": role, "resources": volumes, "tags_equal": equal}
    return {**own, **changed}


def test_vault_check_create_again_drift_and_delete(aws: EmulatorServer) -> None:
    want = vault(aws, min_retention_days=7, max_retention_days=35)
    predicted = run_module(vault_main, want, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(vault_main, want)
    assert writes(made) == ["backup.CreateBackupVault", "backup.PutBackupVaultLockConfiguration"]
    backup = aws.client("backup")
    (found,) = backup.list_backup_vaults()["BackupVaultList"]
    assert (found["Locked"], found["MinRetentionDays"], "LockDate" in found) == (True, 7, False)
    again = run_module(vault_main, want)
    assert (again["changed"], len(again["api_calls"])) == (False, 2)
    backup.delete_backup_vault_lock_configuration(BackupVaultName=NAME)
    backup.tag_resource(ResourceArn=made["backup_vault"]["arn"], Tags={"Extra": "1"})
    shown = run_module(vault_main, want, check=True)
    assert shown["actions"] == ["update: max_retention_days, min_retention_days, tags"]
    assert run_module(vault_main, want)["backup_vault"] == made["backup_vault"]
    unlocked = {**want, "min_retention_days": None, "max_retention_days": None}
    assert writes(run_module(vault_main, unlocked)) == ["backup.DeleteBackupVaultLockConfiguration"]
    gone = {"name": NAME, "state": "absent"}
    assert [run_module(vault_main, gone)["changed"] for _ in range(2)] == [True, False]


def fill(aws: EmulatorServer) -> str:
    """Put a recovery point into the vault and give its ARN."""
    role = make_role(aws, "backup", "backup.amazonaws.com")
    resource = f"arn:aws:elasticfilesystem:us-east-1:{aws.account_id}:file-system/fs-1"
    job = aws.client("backup").start_backup_job(BackupVaultName=NAME, ResourceArn=resource, IamRoleArn=role)
    point: str = job["RecoveryPointArn"]
    return point


def test_vault_that_holds_anything_is_kept_refused_or_emptied(aws: EmulatorServer) -> None:
    run_module(vault_main, vault(aws, min_retention_days=7))
    fill(aws)
    absent = {"name": NAME, "state": "absent"}
    for check in (True, False):
        refused = run_module(vault_main, absent, check=check)
        assert "holds 1 recovery points, and AWS removes only an empty vault" in refused["msg"]
        kept = run_module(vault_main, {**absent, "when_not_empty": "keep"}, check=check)
        assert (kept["changed"], kept["backup_vault"]["recovery_points"], writes(kept)) == (False, 1, [])
    purge = {**absent, "when_not_empty": "purge"}
    shown = run_module(vault_main, purge, check=True)
    assert (shown["changed"], shown["actions"], writes(shown)) == (True, ["delete"], [])
    assert writes(run_module(vault_main, purge)) == [
        "backup.DeleteBackupVaultLockConfiguration",
        "backup.DeleteRecoveryPoint",
        "backup.DeleteBackupVault",
    ]
    assert aws.client("backup").list_backup_vaults()["BackupVaultList"] == []
    assert run_module(vault_main, purge)["changed"] is False


def test_vault_that_is_empty_is_not_kept(aws: EmulatorServer) -> None:
    run_module(vault_main, vault(aws))
    removed = run_module(vault_main, {"name": NAME, "state": "absent", "when_not_empty": "keep"})
    assert (removed["changed"], removed["backup_vault"]) == (True, {})


def test_vault_waits_for_the_end_of_its_recovery_points(aws: EmulatorServer) -> None:
    run_module(vault_main, vault(aws))
    fill(aws)
    purge = {"name": NAME, "state": "absent", "when_not_empty": "purge"}
    aws.delay(recovery_point=600.0)
    late = run_module(vault_main, {**purge, "wait_timeout": 1})
    assert "the deletion of the recovery points in backup vault" in late["msg"]
    assert "run again" in late["msg"]
    aws.delay(recovery_point=0.0)
    assert writes(run_module(vault_main, purge)) == ["backup.DeleteBackupVault"]


def test_vault_keeps_its_key(aws: EmulatorServer) -> None:
    run_module(vault_main, vault(aws))
    assert "AWS cannot change" in run_module(vault_main, vault(aws))["msg"]
    assert run_module(vault_main, {"name": NAME, "tags": TAGS})["changed"] is False


def test_vault_arguments_that_cannot_be(aws: EmulatorServer) -> None:
    for changed, message in (
        ({"name": "a b"}, "2 to 50 letters"),
        ({"min_retention_days": 9, "max_retention_days": 8}, "more than max_retention_days"),
    ):
        assert message in run_module(vault_main, {"name": NAME, **changed})["msg"]


def test_plan_check_create_again_drift_and_delete(aws: EmulatorServer) -> None:
    run_module(vault_main, vault(aws))
    predicted = run_module(plan_main, plan(), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(plan_main, plan())["backup_plan"]
    backup = aws.client("backup")
    (rule,) = backup.get_backup_plan(BackupPlanId=made["id"])["BackupPlan"]["Rules"]
    assert rule["EnableContinuousBackup"] is False
    assert rule["CopyActions"] == [{"DestinationBackupVaultArn": WEST, "Lifecycle": {"DeleteAfterDays": 30}}]
    assert rule["RecoveryPointTags"] == TAGS
    for check in (False, True):
        again = run_module(plan_main, plan(), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 3)
    other = {"RuleName": "weekly", "TargetBackupVaultName": NAME, "EnableContinuousBackup": False}
    backup.update_backup_plan(BackupPlanId=made["id"], BackupPlan={"BackupPlanName": NAME, "Rules": [other]})
    backup.tag_resource(ResourceArn=made["arn"], Tags={"Extra": "1"})
    shown = run_module(plan_main, plan(), check=True)
    assert (shown["actions"], writes(shown)) == (["update: rules, tags"], [])
    assert run_module(plan_main, plan())["backup_plan"] == made
    gone = {"name": NAME, "state": "absent"}
    assert [run_module(plan_main, gone)["changed"] for _ in range(2)] == [True, False]


def test_plan_goes_with_its_selections(aws: EmulatorServer) -> None:
    run_module(selection_main, selection(aws))
    deleted = run_module(plan_main, {"name": NAME, "state": "absent"})
    assert writes(deleted) == ["backup.DeleteBackupSelection", "backup.DeleteBackupPlan"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"start_window_minutes": 59}, "must be 60 or more"),
        ({"completion_window_minutes": 60}, "must be more than start_window_minutes"),
        ({"cold_storage_after_days": 30, "delete_after_days": 100}, "90 days or more after cold storage"),
    ],
)
def test_plan_rules_that_cannot_be(aws: EmulatorServer, changed: dict[str, Any], message: str) -> None:
    refused = run_module(plan_main, plan(**changed), check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_selection_check_create_again_replace_and_delete(aws: EmulatorServer) -> None:
    want = selection(aws)
    assert writes(run_module(selection_main, want, check=True)) == []
    made = run_module(selection_main, want)["backup_selection"]
    backup = aws.client("backup")
    of = {"BackupPlanId": want["plan_id"]}
    held = backup.get_backup_selection(**of, SelectionId=made["id"])["BackupSelection"]
    assert held["Conditions"]["StringEquals"] == [
        {"ConditionKey": "aws:ResourceTag/Environment", "ConditionValue": "production"},
        {"ConditionKey": "aws:ResourceTag/Project", "ConditionValue": "trading-engine"},
    ]
    assert "ListOfTags" not in held
    for check in (False, True):
        again = run_module(selection_main, want, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 2)
    more = {**want, "resources": ["arn:aws:elasticfilesystem:*:*:file-system/*", *want["resources"]]}
    shown = run_module(selection_main, more, check=True)
    assert (shown["actions"], writes(shown)) == (["replace: resources"], [])
    replaced = run_module(selection_main, more)
    assert writes(replaced) == ["backup.DeleteBackupSelection", "backup.CreateBackupSelection"]
    assert len(backup.list_backup_selections(**of)["BackupSelectionsList"]) == 1
    gone = {**want, "state": "absent"}
    assert [run_module(selection_main, gone)["changed"] for _ in range(2)] == [True, False]


def test_selection_by_any_tag_is_drift(aws: EmulatorServer) -> None:
    want = selection(aws)
    any_tag = [{"ConditionType": "STRINGEQUALS", "ConditionKey": "Project", "ConditionValue": "trading-engine"}]
    asked = {"SelectionName": "volumes", "IamRoleArn": want["role_arn"], "ListOfTags": any_tag}
    aws.client("backup").create_backup_selection(BackupPlanId=want["plan_id"], BackupSelection=asked)
    result = run_module(selection_main, want)
    assert result["actions"] == ["replace: list_of_tags, resources, tags_equal"]
    assert run_module(selection_main, want)["changed"] is False


def test_selection_of_a_plan_that_is_planned_asks_aws_nothing(aws: EmulatorServer) -> None:
    want = {"name": "volumes", "plan_id": "plan-planned", "role_arn": "arn:aws:iam::1:role/a"}
    result = run_module(selection_main, want, check=True)
    assert (result["changed"], result["api_calls"]) == (True, [])


def test_settings_of_the_kinds_that_are_named(aws: EmulatorServer) -> None:
    want = {"opt_in": {"EBS": True, "EFS": True}}
    shown = run_module(settings_main, want, check=True)
    assert (shown["actions"], writes(shown)) == (["update: opt_in"], [])
    assert writes(run_module(settings_main, want)) == ["backup.UpdateRegionSettings"]
    held = aws.client("backup").describe_region_settings()["ResourceTypeOptInPreference"]
    assert (held["EFS"], held["RDS"]) == (True, True)
    again = run_module(settings_main, want)
    assert (again["changed"], len(again["api_calls"])) == (False, 1)


@pytest.mark.parametrize(
    ("main", "call"),
    [
        (vault_main, "backup.CreateBackupVault"),
        (plan_main, "backup.CreateBackupPlan"),
        (settings_main, "backup.UpdateRegionSettings"),
    ],
)
def test_an_api_error_is_told(aws: EmulatorServer, main: Any, call: str) -> None:
    arguments = {vault_main: {"name": NAME}, plan_main: plan(), settings_main: {"opt_in": {"EFS": True}}}
    failed = run_module(main, arguments[main], fail={call: "AccessDeniedException"})
    assert failed["error"]["code"] == "AccessDeniedException"
