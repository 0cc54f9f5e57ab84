"""Multi-Region keys: replicas with properties of their own, and the shared ones kept in step.

KMS developer guide, "Shared properties of multi-Region keys": key id, material, usage and rotation are shared;
policy, grants, aliases, tags, description and state are each key's own.
"""

import json
from collections.abc import Callable
from copy import copy
from typing import Any

from moto.core.utils import unix_time
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse

from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.kms.common import primary_of

extension = Extension("kms")


def members(key: Any) -> list[Any]:
    """Primary and replicas of a multi-Region key that exist now, the primary first."""
    primary = primary_of(key)
    regions = [primary.region, *(one["Region"] for one in primary.multi_region_configuration["ReplicaKeys"])]
    found = [kms_backends[key.account_id][region].keys.get(key.id) for region in regions]
    return [one for one in found if one is not None]


def _reference(key: Any) -> dict[str, str]:
    return {"Arn": key.arn, "Region": key.region}


def relate(primary: Any, replicas: list[Any]) -> None:
    """Write the configuration of every member anew: moto shares one dictionary, and a read of a replica changes it."""
    for key in (primary, *replicas):
        key.multi_region_configuration = {
            "MultiRegionKeyType": "PRIMARY" if key is primary else "REPLICA",
            "PrimaryKey": _reference(primary),
            "ReplicaKeys": [_reference(one) for one in replicas],
        }


@extension.patches(KmsResponse, "replicate_key")
def replica_with_properties_of_its_own(_: Callable[..., Any], self: Any) -> str:
    """API ReplicateKey: Policy, Description and Tags are the replica's; moto copies the primary's, aliases included."""
    key_id = self._get_param("KeyId")
    self._validate_key_id(key_id)
    primary = self.kms_backend.keys[self.kms_backend.get_key_id(key_id)]
    replica = copy(primary)
    replica.region = self._get_param("ReplicaRegion")
    replica.arn = primary.arn.replace(f":{primary.region}:", f":{replica.region}:")
    replica.aliases, replica.grants = {}, {}
    replica.creation_date = unix_time()
    replica.description = self._get_param("Description") or ""
    replica.policy = self._get_param("Policy") or replica.generate_default_policy()
    backend = kms_backends[self.current_account][replica.region]
    backend.keys[replica.id] = replica
    relate(primary, [*members(primary)[1:], replica])
    tags = self._get_param("Tags") or []
    if tags:
        backend.tagger.tag_resource(replica.id, tags)
    metadata = replica.to_dict()["KeyMetadata"]
    return json.dumps({"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy, "ReplicaTags": tags})


@extension.patches(KmsBackend, "describe_key")
def describe_without_changing(_: Callable[..., Any], self: Any, key_id: str) -> Any:
    return self.keys[self.any_id_to_key_id(key_id)]


@extension.adds(KmsResponse)
def update_primary_region(self: Any) -> str:
    """API UpdatePrimaryRegion: a replica and the primary change places."""
    key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
    all_keys = members(key)
    new = next(one for one in all_keys if one.region == self._get_param("PrimaryRegion"))
    relate(new, [one for one in all_keys if one is not new])
    return json.dumps(None)


@extension.patches(KmsResponse, "schedule_key_deletion")
def primary_waits_for_its_replicas(original: Callable[..., Any], self: Any) -> str:
    """KMS developer guide, "Deleting multi-Region keys": a primary with replicas is ``PendingReplicaDeletion``.

    The answer also has the key's ARN, state and waiting period (API ScheduleKeyDeletion).
    """
    answer = json.loads(original(self))
    key = self.kms_backend.keys[self.kms_backend.get_key_id(self._get_param("KeyId"))]
    days = self._get_param("PendingWindowInDays") or 30
    if key.multi_region and primary_of(key) is key and len(members(key)) > 1:
        key.key_state = "PendingReplicaDeletion"
        answer.pop("DeletionDate")
    return json.dumps({**answer, "KeyId": key.arn, "KeyState": key.key_state, "PendingWindowInDays": days})


@extension.patches(Key, "to_dict")
def describe_completely(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    """API KeyMetadata: what of moto's answer is not of the key's kind is left out, as AWS does."""
    described: dict[str, Any] = original(self)
    metadata = described["KeyMetadata"]
    for name in ("EncryptionAlgorithms", "SigningAlgorithms"):
        if not metadata[name]:
            del metadata[name]
    metadata["MultiRegion"] = bool(metadata["MultiRegion"])
    return described
