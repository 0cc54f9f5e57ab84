"""A symmetric KMS key behind an alias: policy, rotation, tags, deletion.

The alias is its identity. A run that was cut off between CreateKey and CreateAlias leaves a key that has the tag
``Name=<alias>`` and no alias: it is found by that tag and adopted.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.engine import RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.kms import PENDING, BaseKey, KeyArguments, Metadata
from trading_platform.aws.planned import planned_id

# A key whose policy leaves us out, or that was deleted since it was listed, is none of ours.
UNREADABLE = frozenset({"AccessDeniedException", "NotFoundException"})


class KmsKey(BaseKey):
    """A key in the region of the client.

    Args:
        kms: a KMS client of amazon.aws's ``AnsibleAWSModule.client`` (every call takes ``aws_retry``).
        arguments: what keys and replicas share.
        multi_region: whether it can have replicas; fixed for life.
        rotation_period_days: 90 to 2560, None for no rotation.
    """

    fixed = frozenset({"multi_region"})

    def __init__(self, kms: Any, arguments: KeyArguments, multi_region: bool, rotation_period_days: int | None) -> None:
        super().__init__(kms, arguments)
        self.multi_region = multi_region
        self.rotation_period_days = rotation_period_days
        key_id = planned_id("mrk" if multi_region else "key")
        self.placeholders = {
            "key_id": key_id,
            "key_arn": f"arn:{self.partition}:kms:{self.region}:{'0' * 12}:key/{key_id}",
            "key_state": "Enabled" if arguments.enabled else "Disabled",
        }

    def find(self) -> State | None:
        """Read the key behind the alias, else the orphan that has our Name tag."""
        alias: str | None = self.name
        if self.created:
            metadata = self.describe(self.created)
        else:
            metadata = self.describe(f"alias/{self.name}")
            if metadata is None:
                metadata, alias = self._orphan(), None
        if metadata is None:
            return None
        self.refuse_pending(metadata)
        self._refuse_replica(metadata)
        return {**self.state_of(metadata, alias), "rotation_period_days": self._rotation(metadata["KeyId"])}

    def _orphan(self) -> Metadata | None:
        """Find our key by its tag: of all listed, the oldest that lives and is no replica."""
        found = []
        for page in self.kms.get_paginator("list_keys").paginate():
            for key in page["Keys"]:
                if self._is_ours(key["KeyId"]):
                    metadata = self.describe(key["KeyId"])
                    if metadata and _is_adoptable(metadata):
                        found.append(metadata)
        return min(found, key=lambda key: (key["CreationDate"], key["KeyId"]), default=None)

    def _is_ours(self, key_id: str) -> bool:
        try:
            return self.tags_of(key_id).get("Name") == self.name
        except ClientError as error:
            if error_code(error) in UNREADABLE:
                return False
            raise

    def _refuse_replica(self, metadata: Metadata) -> None:
        if not _is_replica(metadata):
            return
        primary = metadata["MultiRegionConfiguration"]["PrimaryKey"]
        raise RefusedError(
            f"{self.kind} {self.name}: its alias leads to a replica of {primary['Arn']}. A replica is managed with "
            "kms_replica_key; if the primary was moved on purpose, move it back first: aws kms update-primary-region "
            f"--key-id {metadata['KeyId']} --primary-region {self.region} --region {primary['Region']}"
        )

    def _rotation(self, key_id: str) -> int | None:
        status = self.kms.get_key_rotation_status(KeyId=key_id, aws_retry=True)
        return int(status.get("RotationPeriodInDays", 365)) if status["KeyRotationEnabled"] else None

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; refuse to change the rotation of a key that is and stays disabled."""
        result = {
            **super().wanted(current),
            "multi_region": self.multi_region,
            "rotation_period_days": self.rotation_period_days,
        }
        stays_disabled = current is not None and not current["enabled"] and not result["enabled"]
        if stays_disabled and current and current["rotation_period_days"] != self.rotation_period_days:
            raise RefusedError(
                f"{self.kind} {self.name} is disabled, and KMS changes the rotation of enabled keys only: enable it, "
                f"or leave rotation_period_days at {current['rotation_period_days']}"
            )
        return result

    def create(self, wanted: State) -> None:
        """Make the key with its policy and tags, then its alias at once, then turn on rotation."""
        answer = self.kms.create_key(MultiRegion=self.multi_region, **self.creation(wanted), aws_retry=True)
        self.finish_creation(answer["KeyMetadata"], wanted)

    def update_rest(self, key_id: str, changes: State) -> None:
        """Bring rotation to what was asked."""
        if "rotation_period_days" not in changes:
            return
        if changes["rotation_period_days"] is None:
            self.kms.disable_key_rotation(KeyId=key_id, aws_retry=True)
            return
        self.kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=changes["rotation_period_days"], aws_retry=True)


def _is_replica(metadata: Metadata) -> bool:
    return bool(metadata.get("MultiRegionConfiguration", {}).get("MultiRegionKeyType") == "REPLICA")


def _is_adoptable(metadata: Metadata) -> bool:
    is_customers = metadata.get("KeyManager", "CUSTOMER") == "CUSTOMER"
    return is_customers and metadata["KeyState"] not in PENDING and not _is_replica(metadata)
