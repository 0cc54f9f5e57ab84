"""Automated backups of an instance of another region, replicated into this one.

Called in the destination region with the ARN of the source. Nothing of a replication can be changed, so a difference
ends it and begins another; what was replicated before stays until its days are over.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import rds, tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned

REPLICATED = frozenset({"active", "replicating", "pending"})
GONE = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault", "DBInstanceAutomatedBackupNotFound"})


@dataclass(frozen=True)
class BackupsReplicationArguments:
    """What is asked for. ``retention_days``: 1 to 35."""

    source_arn: str
    kms_key_id: str
    retention_days: int
    tags: tags.Tags | None
    purge_tags: bool


class RdsAutomatedBackupsReplication(BaseResource):
    """The replication into the client's region."""

    kind = "RDS backup replication"
    fixed = frozenset({"kms_key_id", "retention_days"})
    replaceable = True

    def __init__(self, client: Any, arguments: BackupsReplicationArguments) -> None:
        self.client = client
        self.arguments = arguments
        self.name = arguments.source_arn.rpartition(":")[2]
        self.placeholders = {"arn": rds.stand_in_arn(client, "auto-backup", self.name), "status": "pending"}

    def find(self) -> State | None:
        """Read the replication of this source; retained backups of an earlier one are none."""
        if rds.region_of(self.arguments.source_arn) == self.client.meta.region_name:
            raise RefusedError(f"{self.kind} {self.name}: {self.arguments.source_arn} is in this region itself")
        if is_planned(self.arguments.source_arn):
            return None
        pages = self.client.get_paginator("describe_db_instance_automated_backups").paginate(
            DBInstanceIdentifier=self.name
        )
        try:
            found = [backup for page in pages for backup in page["DBInstanceAutomatedBackups"]]
        except ClientError as error:
            if error_code(error) in GONE:
                return None
            raise
        for backup in found:
            if backup.get("DBInstanceArn") == self.arguments.source_arn and backup["Status"] in REPLICATED:
                return _state(backup)
        return None

    def wanted(self, current: State | None) -> State:
        """Give the replication as it should be."""
        asked = self.arguments
        held = current["tags"] if current else {}
        return {
            "source_arn": asked.source_arn,
            "kms_key_id": asked.kms_key_id,
            "retention_days": asked.retention_days,
            "tags": tags.wanted(held, asked.tags, asked.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Begin the replication; the source must be available and have backups."""
        self.client.start_db_instance_automated_backups_replication(
            SourceDBInstanceArn=wanted["source_arn"],
            KmsKeyId=wanted["kms_key_id"],
            BackupRetentionPeriod=wanted["retention_days"],
            Tags=tags.to_list(wanted["tags"]),
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """Tag; all else replaces it."""
        rds.update_tags(self.client, current["arn"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """End the replication."""
        try:
            self.client.stop_db_instance_automated_backups_replication(
                SourceDBInstanceArn=self.arguments.source_arn, aws_retry=True
            )
        except ClientError as error:
            if error_code(error) not in GONE:
                raise


def _state(backup: dict[str, Any]) -> State:
    return {
        "arn": backup["DBInstanceAutomatedBackupsArn"],
        "status": backup["Status"],
        "source_arn": backup["DBInstanceArn"],
        "kms_key_id": backup.get("KmsKeyId"),
        "retention_days": backup.get("BackupRetentionPeriod"),
        "tags": tags.from_list(backup.get("TagList")),
    }
