"""Automated backups replicated into another region.

Kept by the destination's backend: ``StartDBInstanceAutomatedBackupsReplication`` is called there, with the ARN of the
source. RDS user guide, "Replicating automated backups to another AWS Region".
"""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.rds.responses import RDSResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of
from trading_platform.emulator.services.rds.common import (
    by_identifier,
    combination,
    refuse_unless_available,
    state,
    value,
)

extension = Extension("rds")

REPLICATIONS = "automated-backups-replications"
MOST_REPLICATIONS = 20
DEFAULT_DAYS = 7


def replications(backend: Any) -> dict[str, dict[str, Any]]:
    """Replicated backups of a region by the ARN of their source."""
    return state_of(backend, REPLICATIONS)


@extension.refuses("StartDBInstanceAutomatedBackupsReplication")
def backups_that_cannot_be_replicated(call: Call) -> None:
    arn = call.params.get("SourceDBInstanceArn") or ""
    if not arn.startswith("arn:") or arn.split(":")[3] == call.region:
        raise combination("The source DB instance must be in another AWS Region than the replicated backups.")
    source = by_identifier(call, arn)
    if source is None:
        raise AwsError("DBInstanceNotFound", f"DBInstance {arn} not found.")
    refuse_unless_available(source)
    if not source.backup_retention_period:
        raise AwsError("InvalidDBInstanceState", "Automated backups are not enabled for this database instance.")
    if source.storage_encrypted and not call.params.get("KmsKeyId"):
        raise combination("KmsKeyId is required to replicate the automated backups of an encrypted DB instance.")
    _refuse_one_more(call, arn)


def _refuse_one_more(call: Call, arn: str) -> None:
    held, days = replications(state(call)), call.params.get("BackupRetentionPeriod")
    if days is not None and not 1 <= days <= 35:
        raise value(f"Invalid backup retention period: {days}. Must be between 1 and 35.")
    if arn in held:
        raise AwsError(
            "InvalidDBInstanceAutomatedBackupState",
            f"Automated backups of {arn} are already replicated to this region.",
        )
    if len(held) >= MOST_REPLICATIONS:
        raise AwsError(
            "DBInstanceAutomatedBackupQuotaExceeded",
            f"The maximum number of replicated automated backups ({MOST_REPLICATIONS}) has been reached.",
        )


@extension.adds(RDSResponse)
def start_db_instance_automated_backups_replication(self: Any) -> ActionResult:
    arn, backend = self.params["SourceDBInstanceArn"], self.backend
    source = backend.find_db_from_id(arn)
    key = self.params.get("KmsKeyId")
    token = mock_random.get_random_string(length=26, lower_case=True, include_digits=True)
    backup_arn = f"arn:aws:rds:{backend.region_name}:{backend.account_id}:auto-backup:ab-{token}"
    replications(backend)[arn] = {
        "DBInstanceArn": arn,
        "DBInstanceAutomatedBackupsArn": backup_arn,
        "DBInstanceIdentifier": source.db_instance_identifier,
        "DbiResourceId": source.dbi_resource_id,
        "Region": source.region,
        "Status": "replicating",
        "BackupRetentionPeriod": self.params.get("BackupRetentionPeriod") or DEFAULT_DAYS,
        "KmsKeyId": backend._validate_kms_key(key) if key else None,
        "Encrypted": source.storage_encrypted,
        "Engine": source.engine,
        "EngineVersion": source.engine_version,
        "AllocatedStorage": source.allocated_storage,
        "TagList": [{"Key": one["Key"], "Value": one["Value"]} for one in self.params.get("Tags") or []],
    }
    held = [one for one in vars(source).get("backup_replications", []) if one != backup_arn]
    source.backup_replications = [*held, backup_arn]
    return ActionResult({"DBInstanceAutomatedBackup": replications(backend)[arn]})


@extension.adds(RDSResponse)
def stop_db_instance_automated_backups_replication(self: Any) -> ActionResult:
    arn = self.params["SourceDBInstanceArn"]
    held = replications(self.backend).pop(arn, None)
    if held is None:
        raise AwsError("DBInstanceNotFound", f"Automated backups of {arn} are not replicated to this region.")
    return ActionResult({"DBInstanceAutomatedBackup": {**held, "Status": "retained"}})


@extension.patches(RDSResponse, "describe_db_instance_automated_backups")
def backups_of_this_and_of_other_regions(original: Callable[..., Any], self: Any) -> ActionResult:
    own = list(original(self).result["DBInstanceAutomatedBackups"])
    name = self.params.get("DBInstanceIdentifier")
    arn = self.params.get("DBInstanceAutomatedBackupsArn")
    found = [one for one in replications(self.backend).values() if name in (None, one["DBInstanceIdentifier"])]
    if arn:
        own, found = [], [one for one in found if one["DBInstanceAutomatedBackupsArn"] == arn]
    return ActionResult({"DBInstanceAutomatedBackups": [*own, *found]})


def _tags_of_backup(backend: Any, arn: str) -> list[dict[str, str]] | None:
    for held in replications(backend).values():
        if held["DBInstanceAutomatedBackupsArn"] == arn:
            tags: list[dict[str, str]] = held["TagList"]
            return tags
    return None


@extension.patches(RDSResponse, "add_tags_to_resource")
def tags_of_replicated_backups(original: Callable[..., Any], self: Any) -> Any:
    """moto knows no ARN of this kind."""
    held = _tags_of_backup(self.backend, self.params.get("ResourceName", ""))
    if held is None:
        return original(self)
    added = {one["Key"]: one["Value"] for one in self.params.get("Tags") or []}
    held[:] = [one for one in held if one["Key"] not in added]
    held += [{"Key": key, "Value": text} for key, text in added.items()]
    return ActionResult({})


@extension.patches(RDSResponse, "remove_tags_from_resource")
def fewer_tags_of_replicated_backups(original: Callable[..., Any], self: Any) -> Any:
    held = _tags_of_backup(self.backend, self.params.get("ResourceName", ""))
    if held is None:
        return original(self)
    held[:] = [one for one in held if one["Key"] not in self.params.get("TagKeys", [])]
    return ActionResult({})
