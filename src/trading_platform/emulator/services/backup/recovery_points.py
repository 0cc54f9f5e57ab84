"""Recovery points, which moto does not have: backups that are asked for, and vaults that cannot go while they hold any.

Of a volume, AWS Backup makes a snapshot of EC2 and names the recovery point after it; of other resources it keeps the
data itself (developer guide, "Feature availability by resource", full AWS Backup management). Jobs are done at once.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.backup.models import Vault
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time
from moto.ec2.models import ec2_backends

from trading_platform.emulator import delays
from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of
from trading_platform.emulator.services.backup.refusals import backend_of, invalid, refuse_role

extension = Extension("backup")

KIND = "recovery_point"
VOLUME = ":volume/"
KINDS = {"ec2": "EBS", "elasticfilesystem": "EFS", "rds": "RDS", "dynamodb": "DynamoDB", "s3": "S3"}

type Points = dict[str, dict[str, Any]]


def points_of(vault: Any) -> Points:
    """Recovery points of a vault by ARN, as DescribeRecoveryPoint answers, without those that are gone."""
    held: Points = state_of(vault, "recovery-points")
    for arn in [arn for arn, one in held.items() if "deleted" in one and delays.ready(KIND, one["deleted"])]:
        del held[arn]
    return held


@extension.patches(Vault, "to_list_dict")
def number_of_recovery_points(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    return {**original(self), "NumberOfRecoveryPoints": len(points_of(self))}


def _vault(response: Any) -> Any:
    name = unquote(response.path).split("/")[2]
    vault = response.backup_backend.vaults.get(name)
    if vault is None:
        raise AwsError("ResourceNotFoundException", f"Backup vault {name} not found.", 400)
    return vault


def _point(response: Any) -> dict[str, Any]:
    arn = unquote(response.path).partition("/recovery-points/")[2].rstrip("/")
    held = points_of(_vault(response))
    if arn not in held:
        raise AwsError("ResourceNotFoundException", f"Recovery point {arn} not found.", 400)
    return held[arn]


def _shown(point: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in point.items() if key != "deleted"}


@extension.adds(BackupResponse)
def start_backup_job(self: Any) -> str:
    asked = json.loads(self.body)
    vault, now, job = self.backup_backend.vaults[asked["BackupVaultName"]], unix_time(), str(uuid.uuid4())
    service, volume = asked["ResourceArn"].split(":")[2], asked["ResourceArn"].partition(VOLUME)[2]
    arn = f"arn:aws:backup:{self.region}:{self.current_account}:recovery-point:{uuid.uuid4()}"
    if volume:
        snapshot = ec2_backends[self.current_account][self.region].create_snapshot(
            volume, f"This snapshot is created by the AWS Backup service. {job}"
        )
        arn = f"arn:aws:ec2:{self.region}::snapshot/{snapshot.id}"
    points_of(vault)[arn] = {
        "RecoveryPointArn": arn,
        "BackupVaultName": vault.backup_vault_name,
        "BackupVaultArn": vault.backup_vault_arn,
        "ResourceArn": asked["ResourceArn"],
        "ResourceType": KINDS.get(service, service),
        "IamRoleArn": asked["IamRoleArn"],
        "Status": "COMPLETED",
        "CreationDate": now,
        "CompletionDate": now,
        "EncryptionKeyArn": vault.encryption_key_arn,
        "IsEncrypted": True,
        "IsParent": False,
        "Lifecycle": asked.get("Lifecycle") or {},
        "VaultType": "BACKUP_VAULT",
    }
    self.backup_backend.tag_resource(arn, asked.get("RecoveryPointTags") or {})
    return json.dumps({"BackupJobId": job, "RecoveryPointArn": arn, "CreationDate": now, "IsParent": False})


@extension.adds(BackupResponse)
def list_recovery_points_by_backup_vault(self: Any) -> str:
    return json.dumps({"RecoveryPoints": [_shown(one) for one in points_of(_vault(self)).values()]})


@extension.adds(BackupResponse)
def describe_recovery_point(self: Any) -> str:
    return json.dumps(_shown(_point(self)))


@extension.adds(BackupResponse)
def delete_recovery_point(self: Any) -> str:
    """It is DELETING first; of a volume, the snapshot goes with it."""
    point = _point(self)
    point |= {"Status": "DELETING", "deleted": delays.now()}
    snapshot = point["RecoveryPointArn"].partition(":snapshot/")[2]
    if snapshot:
        ec2_backends[self.current_account][self.region].delete_snapshot(snapshot)
    return "{}"


@extension.refuses("StartBackupJob")
def backup_of_nothing_into_nothing(call: Call) -> None:
    vault, resource = str(call.params["BackupVaultName"]), str(call.params["ResourceArn"])
    if vault not in backend_of(call).vaults:
        raise AwsError("ResourceNotFoundException", f"Backup vault {vault} not found.", 400)
    if not resource.startswith("arn:aws:"):
        raise invalid(f"Invalid resource ARN {resource}.")
    volume = resource.partition(VOLUME)[2]
    if volume and volume not in ec2_backends[call.account_id][call.region].volumes:
        raise AwsError("ResourceNotFoundException", f"Resource {resource} not found.", 400)
    refuse_role(call, str(call.params["IamRoleArn"]))


@extension.refuses("DeleteRecoveryPoint")
def recovery_point_that_a_lock_holds(call: Call) -> None:
    """Developer guide, "AWS Backup Vault Lock": no recovery point is deleted before its least retention is over."""
    vault = backend_of(call).vaults.get(call.params["BackupVaultName"])
    point = points_of(vault).get(str(call.params["RecoveryPointArn"])) if vault else None
    if vault and point and vault.locked and vault.min_retention_days:
        until = point["CreationDate"] + vault.min_retention_days * 86400
        if unix_time() < until:
            message = "Recovery point cannot be deleted: the backup vault is locked (AWS Backup Vault Lock)."
            raise AwsError("InvalidRequestException", message, 400)


@extension.refuses("DeleteBackupVault")
def vault_that_holds_recovery_points(call: Call) -> None:
    """The text is AWS's: gruntwork-io/cloud-nuke#730."""
    vault = backend_of(call).vaults.get(call.params["BackupVaultName"])
    if vault and points_of(vault):
        message = "Backup vault cannot be deleted because it contains recovery points."
        raise AwsError("InvalidRequestException", message, 400)
