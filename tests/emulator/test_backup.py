"""AWS Backup: what the emulator keeps, and what it refuses as AWS does."""

from typing import Any

import pytest
from emulator_asserts import refused

from audit import make_role
from trading_platform.emulator.testing import EmulatorServer

INVALID = "InvalidParameterValueException"


@pytest.fixture
def backup(emulator: EmulatorServer) -> Any:
    client = emulator.client("backup")
    client.create_backup_vault(BackupVaultName="vault")
    return client


def plan(**changed: Any) -> dict[str, Any]:
    rule = {
        "RuleName": "daily",
        "TargetBackupVaultName": "vault",
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "StartWindowMinutes": 60,
        "CompletionWindowMinutes": 480,
        "Lifecycle": {"DeleteAfterDays": 30},
    }
    return {"BackupPlanName": "plan", "Rules": [{**rule, **changed}]}


def make_plan(backup: Any) -> str:
    made: str = backup.create_backup_plan(BackupPlan=plan())["BackupPlanId"]
    return made


def selection(role: str, **changed: Any) -> dict[str, Any]:
    return {"SelectionName": "volumes", "IamRoleArn": role, "Resources": ["arn:aws:ec2:*:*:volume/*"], **changed}


def test_plan_has_new_versions_under_one_id(backup: Any) -> None:
    made = make_plan(backup)
    before = backup.get_backup_plan(BackupPlanId=made)
    backup.update_backup_plan(BackupPlanId=made, BackupPlan=plan(Lifecycle={"DeleteAfterDays": 7}))
    after = backup.get_backup_plan(BackupPlanId=made)
    assert after["VersionId"] != before["VersionId"]
    assert after["BackupPlan"]["Rules"][0]["Lifecycle"] == {"DeleteAfterDays": 7}
    assert after["BackupPlan"]["Rules"][0]["ScheduleExpressionTimezone"] == "Etc/UTC"


def test_name_of_a_deleted_plan_is_free(backup: Any) -> None:
    first = make_plan(backup)
    with refused("AlreadyExistsException", "already exists"):
        make_plan(backup)
    backup.delete_backup_plan(BackupPlanId=first)
    second = make_plan(backup)
    assert [one["BackupPlanId"] for one in backup.list_backup_plans()["BackupPlansList"]] == [second]


def test_selections_of_a_plan(emulator: EmulatorServer, backup: Any) -> None:
    role, made = make_role(emulator, "backup", "backup.amazonaws.com"), make_plan(backup)
    equal = {"StringEquals": [{"ConditionKey": "aws:ResourceTag/Project", "ConditionValue": "a"}]}
    asked = selection(role, Conditions=equal)
    key = backup.create_backup_selection(BackupPlanId=made, BackupSelection=asked)["SelectionId"]
    held = backup.get_backup_selection(BackupPlanId=made, SelectionId=key)["BackupSelection"]
    assert (held["Resources"], held["Conditions"]) == (asked["Resources"], equal)
    listed = backup.list_backup_selections(BackupPlanId=made)["BackupSelectionsList"]
    assert [(one["SelectionId"], one["SelectionName"]) for one in listed] == [(key, "volumes")]
    with refused("AlreadyExistsException", "same name already exists"):
        backup.create_backup_selection(BackupPlanId=made, BackupSelection=asked)
    with refused("InvalidRequestException", "Related backup plan selections must be deleted"):
        backup.delete_backup_plan(BackupPlanId=made)
    backup.delete_backup_selection(BackupPlanId=made, SelectionId=key)
    with refused("ResourceNotFoundException", "Cannot find"):
        backup.get_backup_selection(BackupPlanId=made, SelectionId=key)
    with refused("ResourceNotFoundException", "Failed reading Backup plan"):
        backup.list_backup_selections(BackupPlanId="none")
    backup.delete_backup_plan(BackupPlanId=made)


def test_selections_that_cannot_be(emulator: EmulatorServer, backup: Any) -> None:
    role, made = make_role(emulator, "backup", "backup.amazonaws.com"), make_plan(backup)
    for wrong in (make_role(emulator, "other", "ec2.amazonaws.com"), f"{role}-none"):
        with refused(INVALID, "cannot be assumed by AWS Backup"):
            backup.create_backup_selection(BackupPlanId=made, BackupSelection=selection(wrong))
    with refused(INVALID, "You must specify Resources"):
        backup.create_backup_selection(BackupPlanId=made, BackupSelection=selection(role, Resources=[]))


def test_kinds_are_opted_in_by_region(emulator: EmulatorServer, backup: Any) -> None:
    backup.update_region_settings(ResourceTypeOptInPreference={"EFS": True})
    held = backup.describe_region_settings()["ResourceTypeOptInPreference"]
    assert (held["EFS"], held["EBS"], held["S3"]) == (True, True, False)
    west = emulator.client("backup", "us-west-2").describe_region_settings()
    assert west["ResourceTypeOptInPreference"]["EFS"] is False
    with refused(INVALID, "Invalid resource type: Floppy"):
        backup.update_region_settings(ResourceTypeOptInPreference={"Floppy": True})


def test_vaults(emulator: EmulatorServer, backup: Any) -> None:
    with refused("AccessDeniedException", "Insufficient privileges"):
        backup.describe_backup_vault(BackupVaultName="none")
    with refused(INVALID, "Invalid backup vault name"):
        backup.create_backup_vault(BackupVaultName="a" * 51)
    there = emulator.client("kms", "us-west-2").create_key()["KeyMetadata"]["Arn"]
    with refused(INVALID, "does not exist, or is not in the Region us-east-1"):
        backup.create_backup_vault(BackupVaultName="other", EncryptionKeyArn=there)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"TargetBackupVaultName": "none"}, "Backup vault none does not exist"),
        ({"CopyActions": [{"DestinationBackupVaultArn": "vault"}]}, "Invalid backup vault ARN"),
        ({"StartWindowMinutes": 30}, "at least 60 minutes"),
        ({"CompletionWindowMinutes": 60}, "longer than the start window"),
        ({"ScheduleExpression": "daily"}, "Invalid schedule expression"),
        ({"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 90}}, "at least 90 days greater"),
        ({"EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 36}}, "between 1 and 35 days"),
    ],
)
def test_rules_that_cannot_be(backup: Any, changed: dict[str, Any], message: str) -> None:
    with refused(INVALID, message):
        backup.create_backup_plan(BackupPlan=plan(**changed))
    made = make_plan(backup)
    with refused(INVALID, message):
        backup.update_backup_plan(BackupPlanId=made, BackupPlan=plan(**changed))


def back_up(emulator: EmulatorServer, backup: Any) -> str:
    """Make a volume and a recovery point of it, and give its ARN."""
    role = make_role(emulator, "backup", "backup.amazonaws.com")
    volume = emulator.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    resource = f"arn:aws:ec2:us-east-1:{emulator.account_id}:volume/{volume}"
    job = backup.start_backup_job(BackupVaultName="vault", ResourceArn=resource, IamRoleArn=role)
    arn: str = job["RecoveryPointArn"]
    return arn


def snapshots(emulator: EmulatorServer, arn: str) -> int:
    """Number of snapshots that a recovery point is of."""
    ids = [{"Name": "snapshot-id", "Values": [arn.rpartition("/")[2]]}]
    return len(emulator.client("ec2").describe_snapshots(Filters=ids)["Snapshots"])


def test_vault_stays_while_it_holds_recovery_points(emulator: EmulatorServer, backup: Any) -> None:
    arn = back_up(emulator, backup)
    assert snapshots(emulator, arn) == 1
    (point,) = backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    assert (point["RecoveryPointArn"], point["Status"], point["ResourceType"]) == (arn, "COMPLETED", "EBS")
    described = backup.describe_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)
    assert described["ResourceArn"] == point["ResourceArn"]
    assert backup.list_backup_vaults()["BackupVaultList"][0]["NumberOfRecoveryPoints"] == 1
    with refused("InvalidRequestException", "cannot be deleted because it contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="vault")
    backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)
    assert snapshots(emulator, arn) == 0
    assert backup.list_backup_vaults()["BackupVaultList"][0]["NumberOfRecoveryPoints"] == 0
    with refused("ResourceNotFoundException", "not found"):
        backup.describe_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)
    backup.delete_backup_vault(BackupVaultName="vault")


def test_recovery_point_is_being_deleted_for_a_while(emulator: EmulatorServer, backup: Any) -> None:
    arn = back_up(emulator, backup)
    emulator.delay(recovery_point=600.0)
    backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)
    point = backup.describe_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)
    assert point["Status"] == "DELETING"
    with refused("InvalidRequestException", "contains recovery points"):
        backup.delete_backup_vault(BackupVaultName="vault")


def test_lock_holds_recovery_points(emulator: EmulatorServer, backup: Any) -> None:
    arn = back_up(emulator, backup)
    backup.put_backup_vault_lock_configuration(BackupVaultName="vault", MinRetentionDays=7)
    with refused("InvalidRequestException", "the backup vault is locked"):
        backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)
    backup.delete_backup_vault_lock_configuration(BackupVaultName="vault")
    backup.delete_recovery_point(BackupVaultName="vault", RecoveryPointArn=arn)


def test_backups_that_cannot_be(emulator: EmulatorServer, backup: Any) -> None:
    asked = {
        "BackupVaultName": "vault",
        "ResourceArn": f"arn:aws:elasticfilesystem:us-east-1:{emulator.account_id}:file-system/fs-1",
        "IamRoleArn": make_role(emulator, "backup", "backup.amazonaws.com"),
    }
    point = backup.start_backup_job(**asked)["RecoveryPointArn"]
    assert point.startswith(f"arn:aws:backup:us-east-1:{emulator.account_id}:recovery-point:")
    volume = f"arn:aws:ec2:us-east-1:{emulator.account_id}:volume/vol-1"
    for changed, code, message in (
        ({"BackupVaultName": "none"}, "ResourceNotFoundException", "Backup vault none not found"),
        ({"ResourceArn": volume}, "ResourceNotFoundException", f"Resource {volume} not found"),
        ({"ResourceArn": "vol-1"}, INVALID, "Invalid resource ARN"),
        ({"IamRoleArn": make_role(emulator, "other", "ec2.amazonaws.com")}, INVALID, "cannot be assumed"),
    ):
        with refused(code, message):
            backup.start_backup_job(**{**asked, **changed})
