"""A vault of AWS Backup: where recovery points are kept, with which key, and for how long they cannot be deleted.

AWS removes only an empty vault, so recovery points are kept with it or deleted first. The key cannot be changed. A lock
without a grace time (governance) can be taken away by who may; one with it becomes unchangeable for everybody, the root
user too, and is not made here (https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html).
"""

from __future__ import annotations

import re
from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.backup import tags_of, update_tags
from trading_platform.aws.ec2 import find_all, ignoring
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State

NAME = re.compile(r"[a-zA-Z0-9_-]{2,50}")


class BackupVault(BaseResource):
    """The vault of this name.

    Args:
        backup: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "backup vault"
    fixed = frozenset({"kms_key_arn"})

    def __init__(self, backup: Any, params: dict[str, Any]) -> None:
        self.backup = backup
        self.params = params
        self.name: str = params["name"]
        meta = backup.meta
        self.placeholders = {
            "arn": f"arn:{meta.partition}:backup:{meta.region_name}::backup-vault:{self.name}-planned",
            "recovery_points": 0,
        }

    def find(self) -> State | None:
        """Read the vault from the list: to describe one that does not exist is denied, not answered."""
        vaults = find_all(self.backup.list_backup_vaults, "BackupVaultList")
        vault = next((one for one in vaults if one["BackupVaultName"] == self.name), None)
        if vault is None:
            return None
        locked = vault.get("Locked", False)
        return {
            "arn": vault["BackupVaultArn"],
            "recovery_points": vault.get("NumberOfRecoveryPoints", 0),
            "name": vault["BackupVaultName"],
            "kms_key_arn": vault.get("EncryptionKeyArn"),
            "min_retention_days": vault.get("MinRetentionDays") if locked else None,
            "max_retention_days": vault.get("MaxRetentionDays") if locked else None,
            "tags": tags_of(self.backup, vault["BackupVaultArn"]),
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; a key that was not asked for is AWS's own, or stays."""
        asked = self.params
        return {
            "name": self.name,
            "kms_key_arn": asked["kms_key_arn"] or (current or {}).get("kms_key_arn"),
            "min_retention_days": asked["min_retention_days"],
            "max_retention_days": asked["max_retention_days"],
            "tags": tags.wanted(current["tags"] if current else {}, asked["tags"], asked["purge_tags"]),
        }

    def create(self, wanted: State) -> None:
        """Make the vault with its key and tags, then its lock."""
        key = {"EncryptionKeyArn": wanted["kms_key_arn"]} if wanted["kms_key_arn"] else {}
        with ignoring("AlreadyExistsException"):
            self.backup.create_backup_vault(
                BackupVaultName=self.name, BackupVaultTags=wanted["tags"], **key, aws_retry=True
            )
        if wanted["min_retention_days"] or wanted["max_retention_days"]:
            self._lock(wanted)

    def update(self, current: State, changes: State) -> None:
        """Change lock and tags."""
        if {"min_retention_days", "max_retention_days"} & set(changes):
            self._lock({**current, **changes})
        if "tags" in changes:
            update_tags(self.backup, current, changes["tags"])

    def _lock(self, state: State) -> None:
        names = {"MinRetentionDays": "min_retention_days", "MaxRetentionDays": "max_retention_days"}
        given = {name: state[key] for name, key in names.items() if state[key]}
        if given:
            self.backup.put_backup_vault_lock_configuration(BackupVaultName=self.name, **given, aws_retry=True)
        else:
            self.backup.delete_backup_vault_lock_configuration(BackupVaultName=self.name, aws_retry=True)

    def stays(self, current: State) -> bool:
        """Say whether the vault stays for what is in it; refuse where nobody said what is to come of that."""
        count = len(self._recovery_points())
        if count == 0 or self.params["when_not_empty"] == "purge":
            return False
        if self.params["when_not_empty"] == "keep":
            return True
        raise RefusedError(
            f"backup vault {self.name} holds {count} recovery points, and AWS removes only an empty vault: set "
            "when_not_empty to keep, or to purge to delete them"
        )

    def delete(self, current: State) -> None:
        """Remove the vault, after what is in it and the lock on that."""
        with ignoring("ResourceNotFoundException"):
            if self._recovery_points():
                self._purge(current)
            self.backup.delete_backup_vault(BackupVaultName=self.name, aws_retry=True)

    def _recovery_points(self) -> list[dict[str, Any]]:
        """Read the list itself: the number that a vault has of them comes late."""
        listing = self.backup.list_recovery_points_by_backup_vault
        return find_all(listing, "RecoveryPoints", BackupVaultName=self.name)

    def _purge(self, current: State) -> None:
        if current["min_retention_days"] or current["max_retention_days"]:
            self.backup.delete_backup_vault_lock_configuration(BackupVaultName=self.name, aws_retry=True)
        for point in self._recovery_points():
            if point["Status"] == "DELETING":
                continue
            with ignoring("ResourceNotFoundException"):
                self.backup.delete_recovery_point(
                    BackupVaultName=self.name, RecoveryPointArn=point["RecoveryPointArn"], aws_retry=True
                )
        deadline = Deadline(float(self.params["wait_timeout"]))
        deadline.wait_for(f"the deletion of the recovery points in {self.kind} {self.name}", self._is_empty)

    def _is_empty(self) -> bool:
        """Say whether nothing is left; a point that AWS could not delete becomes EXPIRED (API DeleteRecoveryPoint)."""
        left = self._recovery_points()
        expired = sorted(one["RecoveryPointArn"] for one in left if one["Status"] == "EXPIRED")
        if expired:
            raise RefusedError(
                f"{self.kind} {self.name}: AWS Backup could not delete {', '.join(expired)}: neither the role that "
                "made them nor its service-linked role may. Once the caller has iam:CreateServiceLinkedRole, run again"
            )
        return not left


def problems(params: dict[str, Any]) -> list[str]:
    """Say what AWS Backup would refuse of a module's parameters, before it is asked."""
    found = []
    if not NAME.fullmatch(params["name"]):
        found.append(f"name: {params['name']!r} must be 2 to 50 letters, digits, - and _")
    least, most = params["min_retention_days"], params["max_retention_days"]
    if least and most and least > most:
        found.append(f"min_retention_days: {least} is more than max_retention_days, {most}")
    return found
