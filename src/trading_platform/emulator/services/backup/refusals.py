"""What AWS Backup refuses. Texts that AWS does not publish are written in its form."""

import re
from collections.abc import Iterator
from typing import Any

from moto.backup.models import backup_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.backup.selections import selections_of
from trading_platform.emulator.services.backup.settings import KINDS

extension = Extension("backup")

VAULT = re.compile(r"[a-zA-Z0-9\-_]{2,50}")
VAULT_ARN = re.compile(r"arn:aws:backup:[a-z0-9-]+:\d{12}:backup-vault:[a-zA-Z0-9\-_]{2,50}")
SCHEDULE = re.compile(r"cron\((\S+ ){5}\S+\)|rate\(\d+ (hour|hours|day|days)\)")
SERVICE = "backup.amazonaws.com"
SERVICE_ROLE = "/aws-service-role/backup.amazonaws.com/"
SHORTEST_WINDOW = 60  # minutes
COLD_DAYS = 90
CONTINUOUS_DAYS = (1, 35)


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message, 400)


def backend_of(call: Call) -> Any:
    """moto's AWS Backup of the call's account and region."""
    return backup_backends[call.account_id][call.region]


@extension.refuses("CreateBackupVault")
def vault_with_another_name(call: Call) -> None:
    """API CreateBackupVault, BackupVaultName: 2 to 50 letters, digits, hyphens and underscores."""
    name = str(call.params["BackupVaultName"])
    if not VAULT.fullmatch(name):
        raise invalid(f"Invalid backup vault name {name}. It must match the pattern ^[a-zA-Z0-9\\-\\_]{{2,50}}$")


@extension.refuses("CreateBackupVault")
def vault_with_a_key_that_is_not_here(call: Call) -> None:
    arn = call.params.get("EncryptionKeyArn")
    if arn and str(arn).rpartition("/")[2] not in kms_backends[call.account_id][call.region].keys:
        raise invalid(f"The KMS key {arn} does not exist, or is not in the Region {call.region}.")


def _rules(call: Call) -> Iterator[dict[str, Any]]:
    yield from call.params["BackupPlan"]["Rules"]


@extension.refuses("CreateBackupPlan", "UpdateBackupPlan")
def rule_whose_vault_is_not_there(call: Call) -> None:
    for rule in _rules(call):
        name = rule["TargetBackupVaultName"]
        if name not in backend_of(call).vaults:
            raise invalid(f"Backup vault {name} does not exist.")
        for copy in rule.get("CopyActions") or []:
            if not VAULT_ARN.fullmatch(copy["DestinationBackupVaultArn"]):
                raise invalid(f"Invalid backup vault ARN {copy['DestinationBackupVaultArn']}.")


@extension.refuses("CreateBackupPlan", "UpdateBackupPlan")
def rule_with_windows_that_are_too_short(call: Call) -> None:
    """API BackupRuleInput, StartWindowMinutes: "at least 60 minutes"; it must be done after it has begun."""
    for rule in _rules(call):
        start, done = rule.get("StartWindowMinutes", 480), rule.get("CompletionWindowMinutes", 10080)
        if start < SHORTEST_WINDOW:
            raise invalid(f"Start window must be at least {SHORTEST_WINDOW} minutes.")
        if done <= start:
            raise invalid("Completion window must be longer than the start window.")


@extension.refuses("CreateBackupPlan", "UpdateBackupPlan")
def rule_with_another_schedule(call: Call) -> None:
    for rule in _rules(call):
        schedule = rule.get("ScheduleExpression")
        if schedule and not SCHEDULE.fullmatch(schedule):
            raise invalid(f"Invalid schedule expression: {schedule}")


@extension.refuses("CreateBackupPlan", "UpdateBackupPlan")
def rule_with_a_lifecycle_that_cannot_be(call: Call) -> None:
    """API Lifecycle: 90 days or more in cold storage; continuous backups are kept 1 to 35 days, never cold."""
    for rule in _rules(call):
        held = [rule.get("Lifecycle"), *(copy.get("Lifecycle") for copy in rule.get("CopyActions") or [])]
        for one in held:
            cold, delete = (one or {}).get("MoveToColdStorageAfterDays"), (one or {}).get("DeleteAfterDays")
            if cold is not None and delete is not None and delete < cold + COLD_DAYS:
                raise invalid(
                    f"DeleteAfterDays must be at least {COLD_DAYS} days greater than MoveToColdStorageAfterDays."
                )
        if rule.get("EnableContinuousBackup"):
            days = (rule.get("Lifecycle") or {}).get("DeleteAfterDays", 0)
            if not CONTINUOUS_DAYS[0] <= days <= CONTINUOUS_DAYS[1]:
                raise invalid("The retention of a continuous backup must be between 1 and 35 days.")


@extension.refuses("DeleteBackupPlan")
def plan_that_selects_something(call: Call) -> None:
    if selections_of(backend_of(call), call.params["BackupPlanId"]):
        message = "Related backup plan selections must be deleted prior to backup plan deletion"
        raise AwsError("InvalidRequestException", message, 400)


@extension.refuses("CreateBackupSelection")
def selection_of_a_role_that_backup_cannot_take(call: Call) -> None:
    refuse_role(call, call.params["BackupSelection"]["IamRoleArn"])


def refuse_role(call: Call, arn: str) -> None:
    """A role that is not there, or that does not trust AWS Backup."""
    held = next((one for one in iam_backends[call.account_id]["aws"].roles.values() if one.arn == arn), None)
    if held is None or (SERVICE_ROLE not in arn and SERVICE not in str(held.assume_role_policy_document)):
        raise invalid(f"Role {arn} cannot be assumed by AWS Backup.")


@extension.refuses("CreateBackupSelection")
def selection_that_stands_twice_or_selects_nothing(call: Call) -> None:
    """API CreateBackupSelection: AlreadyExistsException; "You must specify Resources, ListOfTags or Conditions"."""
    asked = call.params["BackupSelection"]
    for one in selections_of(backend_of(call), call.params["BackupPlanId"]).values():
        if one["selection"]["SelectionName"] == asked["SelectionName"]:
            raise AwsError("AlreadyExistsException", "Backup selection with the same name already exists", 400)
    if not any(asked.get(key) for key in ("Resources", "ListOfTags", "Conditions")):
        raise invalid("You must specify Resources, ListOfTags or Conditions.")


@extension.refuses("UpdateRegionSettings")
def kinds_that_there_are_not(call: Call) -> None:
    for kind in call.params.get("ResourceTypeOptInPreference") or {}:
        if kind not in KINDS:
            raise invalid(f"Invalid resource type: {kind}")
