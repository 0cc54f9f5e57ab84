"""A PostgreSQL instance of RDS, or a read replica of one in the same or in another region.

Three things make it more than its description:

- The master password is read from a Secrets Manager secret when the instance is created, and at no other time: a
  password sent later would undo a rotation.
- RDS changes things by itself: autoscaling enlarges the storage, automatic upgrades raise the minor version, changes
  wait for the maintenance window. None of this is drift (``rds_instance_state``).
- A replica cannot be given everything when it is created (no parameter group, no windows, no backups). What is left is
  changed as soon as it is available.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import rds, tags
from trading_platform.aws import rds_instance_state as states
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned
from trading_platform.aws.rds_instance_request import creation, modification, replica_creation

NOT_FOUND = "DBInstanceNotFound"

USABLE = frozenset({"available", "storage-optimization", "storage-config-upgrade"})
BROKEN = frozenset(
    {
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "restore-error",
        "storage-full",
        "terminated",
    }
)
"""States that waiting does not end: RDS user guide, "Viewing Amazon RDS DB instance status"."""
UNCHANGEABLE = BROKEN | {"deleting"}


@dataclass(frozen=True)
class InstanceArguments:
    """What is asked for.

    ``settings``: the managed keys of ``rds_instance_state.KEYS`` and their values, without those left alone.
    ``source_identifier``: None for an instance that is no replica, else the source's name, or ARN in another region.
    ``master_secret_id``: secret with the JSON keys username and password; only needed to create an instance.
    """

    identifier: str
    settings: State
    source_identifier: str | None
    master_secret_id: str | None
    allow_major_version_upgrade: bool
    apply_immediately: bool
    final_snapshot_identifier: str | None
    skip_final_snapshot: bool
    tags: tags.Tags | None
    purge_tags: bool
    wait_timeout: float | None
    """Seconds to wait; None not to wait."""


class RdsInstance(BaseResource):
    """An instance in the client's region.

    Args:
        client: an RDS client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        secrets_manager: gives a Secrets Manager client of the same region; called only to create an instance.
        arguments: what is asked for.
        warn: told once when the storage is about to reach its limit.
    """

    kind = "RDS instance"
    fixed = states.FIXED

    def __init__(
        self,
        client: Any,
        secrets_manager: Callable[[], Any],
        arguments: InstanceArguments,
        warn: Callable[[str], None],
    ) -> None:
        self.client = client
        self.secrets_manager = secrets_manager
        self.arguments = arguments
        self.warn = warn
        self.warned = False
        self.name = arguments.identifier.lower()
        self.waits_first = arguments.wait_timeout is not None
        self.placeholders = {
            "arn": rds.stand_in_arn(client, "db", self.name),
            "status": "creating",
            "endpoint": None,
            "endpoint_port": arguments.settings.get("port"),
            "pending": {},
            "reboot_pending": False,
        }

    def find(self) -> State | None:
        """Read the instance; where waiting is asked for, once it can be compared and changed."""
        current = self._read()
        if self.waits_first and current is not None and current["status"] not in USABLE | UNCHANGEABLE:
            self._wait_until_usable()
            current = self._read()
        self.waits_first = False
        return current

    def _read(self, name: str | None = None) -> State | None:
        """Read this instance, or the one of another name."""
        try:
            answer = self.client.describe_db_instances(DBInstanceIdentifier=name or self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error).startswith(NOT_FOUND):
                return None
            raise
        return states.of(answer["DBInstances"][0])

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; what RDS changed by itself stays as it is."""
        asked = self.arguments
        if current is not None and current["status"] == "deleting":
            raise RefusedError(f"{self.kind} {self.name} is being deleted; run again when it is gone")
        settings = dict(asked.settings)
        if asked.source_identifier is not None:
            region = self.client.meta.region_name
            settings["source_identifier"] = states.source_as_told(asked.source_identifier, region)
        held_tags = current["tags"] if current else {}
        settings["tags"] = tags.wanted(held_tags, asked.tags, asked.purge_tags)
        settings = states.normalised(settings)
        if current is None:
            self._refuse_other_subnets(settings)
            return settings
        self._refuse_promoted(current)
        problem = states.refused_change(current, settings, asked.allow_major_version_upgrade)
        if problem:
            raise RefusedError(f"{self.kind} {self.name}: {problem}")
        self._warn_of_limit(current, settings)
        settings = states.reconciled(current, settings)
        waits = current["status"] not in USABLE and asked.wait_timeout is None
        return states.postponed(current, settings) if waits else settings

    def _refuse_promoted(self, current: State) -> None:
        source = self.arguments.source_identifier
        if source is not None and current["source_identifier"] is None:
            raise RefusedError(
                f"{self.kind} {self.name} is no replica of {source} any more: it was promoted. Leave its source out to "
                "manage it as an instance of its own; to have a replica again, remove it on purpose first."
            )

    def _refuse_other_subnets(self, settings: State) -> None:
        """Refuse to make a replica that could never be as asked for; of a source to come nothing is known yet."""
        source, group = settings.get("source_identifier"), settings.get("subnet_group_name")
        if source is None or ":" in source or group is None:
            return
        held = self._read(source)
        if held is not None and held["subnet_group_name"] != group:
            raise RefusedError(
                f"{self.kind} {self.name}: it gets the subnet group of its source {source}, "
                f"{held['subnet_group_name']!r}, and {group!r} was asked for. Ask for that one, or leave it out."
            )

    def _warn_of_limit(self, current: State, settings: State) -> None:
        """Warn once: this is asked for the diff as well."""
        problem = states.close_to_limit(current, settings)
        if problem and not self.warned:
            self.warned = True
            self.warn(f"{self.kind} {self.name}: {problem}")

    def create(self, wanted: State) -> None:
        """Make the instance or the replica; where waiting is asked for, also what a replica can only be given later."""
        if self.arguments.source_identifier is None:
            username, password = self._master_credentials()
            request = creation(self.name, wanted, username, password)
            self.client.create_db_instance(**request, aws_retry=True)
            return
        self.client.create_db_instance_read_replica(**replica_creation(self.name, wanted), aws_retry=True)
        if self.arguments.wait_timeout is not None:
            self._finish_replica()

    def _finish_replica(self) -> None:
        self._wait_until_usable()
        current = self._read()
        if current is None:
            raise RefusedError(f"{self.kind} {self.name} was deleted meanwhile")
        target = self.wanted(current)
        changes = {key: value for key, value in target.items() if current.get(key) != value}
        if changes:
            self.update(current, changes)

    def _wait_until_usable(self) -> None:
        """Wait until the instance can be changed."""
        Deadline(self.arguments.wait_timeout or 0.0).wait_for(
            f"{self.kind} {self.name}", lambda: self.settled(self._read())
        )

    def _master_credentials(self) -> tuple[str, str]:
        secret_id = self.arguments.master_secret_id
        if not secret_id or is_planned(secret_id):
            raise RefusedError(f"{self.kind} {self.name}: master_secret_id is needed to create it")
        answer = self.secrets_manager().get_secret_value(SecretId=secret_id, aws_retry=True)
        try:
            content = json.loads(answer["SecretString"])
            return str(content["username"]), str(content["password"])
        except (KeyError, TypeError, ValueError):
            # Neither the secret nor the parser's message, which may quote it, is shown.
            raise RefusedError(f"secret {secret_id} is no JSON object with username and password") from None

    def update(self, current: State, changes: State) -> None:
        """Change what differs."""
        request = modification(current, changes)
        if request:
            self.client.modify_db_instance(
                DBInstanceIdentifier=self.name,
                ApplyImmediately=self.arguments.apply_immediately,
                **({"AllowMajorVersionUpgrade": True} if self._is_major_upgrade(current, changes) else {}),
                **request,
                aws_retry=True,
            )
        if "tags" in changes:
            rds.update_tags(self.client, current["arn"], current["tags"], changes["tags"])

    def _is_major_upgrade(self, current: State, changes: State) -> bool:
        version = changes.get("engine_version")
        return version is not None and states.major(version) != states.major(current["engine_version"])

    def delete(self, current: State) -> None:
        """Delete it; protection is taken off only where ``deletion_protection: false`` is asked for."""
        if current["status"] == "deleting":
            return
        asked = self.arguments
        if current["deletion_protection"]:
            if asked.settings.get("deletion_protection", True):
                raise RefusedError(
                    f"{self.kind} {self.name} is protected from deletion; ask for deletion_protection: false as well"
                )
            self.client.modify_db_instance(
                DBInstanceIdentifier=self.name, DeletionProtection=False, ApplyImmediately=True, aws_retry=True
            )
        try:
            self.client.delete_db_instance(DBInstanceIdentifier=self.name, **self._ending(current), aws_retry=True)
        except ClientError as error:
            if not error_code(error).startswith(NOT_FOUND):
                raise

    def _ending(self, current: State) -> State:
        """A replica takes no final snapshot; of an instance that is none there must be one, or a decision not to."""
        if current["source_identifier"] is not None or self.arguments.skip_final_snapshot:
            return {"SkipFinalSnapshot": True}
        if not self.arguments.final_snapshot_identifier:
            raise RefusedError(
                f"{self.kind} {self.name}: give final_snapshot_identifier, or skip_final_snapshot: true to have none"
            )
        return {"FinalDBSnapshotIdentifier": self.arguments.final_snapshot_identifier}

    def settled(self, current: State | None) -> bool:
        """Say whether it can be used; raise when it never will without help."""
        if current is None:
            return True
        if current["status"] in BROKEN:
            raise RefusedError(f"{self.kind} {self.name} ended in the state {current['status']}")
        return current["status"] in USABLE
