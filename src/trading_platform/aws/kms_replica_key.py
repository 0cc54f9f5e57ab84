"""A replica of a multi-Region KMS key in this region: what was encrypted there can be decrypted here.

A replica has the key id of its primary (``mrk-...``), so a replica without its alias is found by that id, and no
search is needed. Key policy, description, tags and aliases are its own; rotation comes from the primary
(https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html).
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.engine import RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.kms import PENDING, UNSETTLED, BaseKey, KeyArguments, Metadata
from trading_platform.aws.planned import is_planned


class KmsReplicaKey(BaseKey):
    """A replica in the region of ``kms``.

    Args:
        kms: a client of the replica's region.
        primary_kms: a client of the primary's region, where ReplicateKey is called.
        arguments: what keys and replicas share.
        primary_key_arn: the primary, of another region; a stand-in in check mode.
    """

    kind = "KMS replica key"

    def __init__(self, kms: Any, primary_kms: Any, arguments: KeyArguments, primary_key_arn: str) -> None:
        super().__init__(kms, arguments)
        self.primary_kms = primary_kms
        self.primary_key_arn = primary_key_arn
        self.key_id = key_id_of(primary_key_arn)
        # A replica's ARN is known before it exists: its primary's, with its own region.
        self.placeholders = {
            "key_id": self.key_id,
            "key_arn": primary_key_arn.replace(f":{region_of(primary_key_arn)}:", f":{self.region}:", 1),
            "key_state": "Enabled" if arguments.enabled else "Disabled",
            "multi_region": True,
            "primary_key_arn": primary_key_arn,
        }

    def find(self) -> State | None:
        """Read the key behind the alias, else the replica that has no alias yet."""
        if region_of(self.primary_key_arn) == self.region:
            raise RefusedError(f"{self.kind} {self.name}: a replica lives in another region than its primary")
        if is_planned(self.primary_key_arn):
            return None
        metadata, alias = self._behind_alias(), self.name
        if metadata is None:
            return self._without_alias()
        if metadata["KeyId"] != self.key_id:
            raise RefusedError(
                f"{self.kind} {self.name}: alias/{self.name} in {self.region} leads to {metadata['Arn']}, which is no "
                f"replica of {self.primary_key_arn}. Take the alias away from it, or ask for another alias."
            )
        return self._state(metadata, alias)

    def _behind_alias(self) -> Metadata | None:
        return self.describe(self.created or f"alias/{self.name}")

    def _without_alias(self) -> State | None:
        metadata = self.describe(self.key_id)
        if metadata is None:
            return None
        if not self.arguments.present and metadata["KeyState"] in PENDING:
            return None  # no alias, deletion scheduled: as absent as a key can be
        return self._state(metadata, None)

    def _state(self, metadata: Metadata, alias: str | None) -> State:
        self.refuse_pending(metadata)
        primary = metadata.get("MultiRegionConfiguration", {}).get("PrimaryKey", {})
        return {**self.state_of(metadata, alias), "primary_key_arn": primary.get("Arn")}

    def create(self, wanted: State) -> None:
        """Replicate the primary into this region, then set the alias: a key may have one while it is being made."""
        answer = self.primary_kms.replicate_key(
            KeyId=self.primary_key_arn, ReplicaRegion=self.region, **self.creation(wanted), aws_retry=True
        )
        self.finish_creation(answer["ReplicaKeyMetadata"], wanted)

    def settled(self, current: State | None) -> bool:
        """Say whether KMS has made the key; it takes seconds, in which it cannot be used."""
        return current is None or current["key_state"] not in UNSETTLED


def key_id_of(key_arn: str) -> str:
    """Give the key id of a multi-Region key's ARN.

    Raises:
        RefusedError: the ARN is none, or the key has no ``mrk-`` id and so can have no replica.
    """
    key_id = key_arn.rpartition(":key/")[2]
    if not key_arn.startswith("arn:") or not key_id.startswith("mrk-"):
        raise RefusedError(f"primary_key_arn: {key_arn!r} is not the ARN of a multi-Region key (arn:...:key/mrk-...)")
    return key_id


def primary_of(kms: Any, alias: str) -> str:
    """Ask an existing replica for the ARN of its primary.

    Raises:
        RefusedError: no replica has this alias, so only the caller can say what to replicate.
    """
    try:
        metadata = kms.describe_key(KeyId=f"alias/{alias}", aws_retry=True)["KeyMetadata"]
        arn: str = metadata["MultiRegionConfiguration"]["PrimaryKey"]["Arn"]
    except ClientError as error:
        if error_code(error) != "NotFoundException":
            raise
    except KeyError:
        pass
    else:
        return arn
    raise RefusedError(
        f"KMS replica key {alias}: no replica is behind alias/{alias} yet, so primary_key_arn must say which key to "
        "replicate. Run with the primary's region too (without --limit)."
    )


def region_of(key_arn: str) -> str:
    """Give the region that a key's ARN names."""
    return key_arn.split(":")[3]
