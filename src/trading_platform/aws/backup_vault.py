"""A vault of AWS Backup: where recovery points are kept, with which key, and for how long they cannot be deleted.

The key cannot be changed. A lock without a grace time (governance) can be taken away by who may; one with it becomes
unchangeable for everybody, the root user too, and is not made here
(https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html).
"""

from __future__ import annotations

import re
from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.backup import tags_of, update_tags
from trading_platform.aws.ec2 import find_all, ignoring
from trading_platform.aws.engine import BaseResource, State

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

    def delete(self, current: State) -> None:
        """Remove the vault, which must be empty."""
        with ignoring("ResourceNotFoundException"):
            self.backup.delete_backup_vault(BackupVaultName=self.name, aws_retry=True)


def problems(params: dict[str, Any]) -> list[str]:
    """Say what AWS Backup would refuse of a module's parameters, before it is asked."""
    found = []
    if not NAME.fullmatch(params["name"]):
        found.append(f"name: {params['name']!r} must be 2 to 50 letters, digits, - and _")
    least, most = params["min_retention_days"], params["max_retention_days"]
    if least and most and least > most:
        found.append(f"min_retention_days: {least} is more than max_retention_days, {most}")
    return found
