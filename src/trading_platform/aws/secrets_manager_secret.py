"""A secret whose value is a JSON object: some keys generated once, some managed, none ever shown.

- Keys to ``generate`` get a random value when the secret has none. What is there is never replaced: it may have been
  rotated, or put there by a person.
- ``fields`` are no secrets (host, port, user name) and are kept as asked for; to change one, the whole value is read
  and written back with the generated keys as they are.
- A secret with no ``fields`` is not read at all once it has a value.

A secret that waits for its deletion is restored. Replicas have a key of their own region.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform import secret_values
from trading_platform.aws import policy, tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code

NOT_FOUND = "ResourceNotFoundException"
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
DEFAULT_KEY = "alias/aws/secretsmanager"
_PARAMETERS = {"description": "Description", "kms_key_id": "KmsKeyId"}


@dataclass(frozen=True)
class SecretArguments:
    """What is asked for; what is None is left alone.

    ``generate``: key to kind and length; ``replicas``: region to the ARN of its key, or to ``DEFAULT_KEY``.
    """

    name: str
    description: str | None
    kms_key_id: str | None
    fields: dict[str, Any]
    generate: dict[str, dict[str, Any]]
    replicas: dict[str, str] | None
    policy: policy.Policy | None
    recovery_window_days: int
    tags: tags.Tags | None
    purge_tags: bool
    present: bool


class SecretsManagerSecret(BaseResource):
    """A secret of the client's region, which is its primary region."""

    kind = "secret"

    def __init__(self, client: Any, arguments: SecretArguments) -> None:
        self.client = client
        self.arguments = arguments
        self.name = arguments.name
        region, partition = client.meta.region_name, client.meta.partition
        arn = f"arn:{partition}:secretsmanager:{region}:{'0' * 12}:secret:{self.name}-planned"
        self.placeholders = {"arn": arn}

    def find(self) -> State | None:
        """Read the secret; the value only where fields of it are managed."""
        try:
            described = self.client.describe_secret(SecretId=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error) == NOT_FOUND:
                return None
            raise
        if described.get("PrimaryRegion") not in (None, self.client.meta.region_name):
            raise RefusedError(
                f"{self.kind} {self.name} is a replica of the one in {described['PrimaryRegion']}, and changed there"
            )
        if not self.arguments.present and described.get("DeletedDate") and self.arguments.recovery_window_days:
            return None  # as absent as it can be before its days are over
        return self._state(described)

    def _state(self, described: dict[str, Any]) -> State:
        has_value = any(CURRENT in labels for labels in (described.get("VersionIdsToStages") or {}).values())
        deleted = bool(described.get("DeletedDate"))
        state: State = {
            "arn": described["ARN"],
            "description": described.get("Description", ""),
            "kms_key_id": _key(described),
            "deletion_scheduled": deleted,
            "replicas": {one["Region"]: _key(one) for one in described.get("ReplicationStatus") or []},
            "replication": {one["Region"]: _status(one) for one in described.get("ReplicationStatus") or []},
            "rotation_in_progress": _rotating(described.get("VersionIdsToStages") or {}),
            "tags": tags.from_list(described.get("Tags")),
        }
        content = self._content() if has_value and self.arguments.fields and not deleted else None
        state |= self._value_state(has_value, content)
        if self.arguments.policy is not None and self.arguments.present and not deleted:
            state["policy"] = self._policy()
        return state

    def _value_state(self, has_value: bool, content: dict[str, Any] | None) -> State:
        """Say of the value which keys it has; of the fields, what they hold."""
        asked = self.arguments
        if content is None:
            return {"generated": sorted(asked.generate) if has_value else [], "fields": {}}
        return {
            "generated": sorted(name for name in asked.generate if content.get(name)),
            "fields": {name: content[name] for name in asked.fields if name in content},
        }

    def _content(self) -> dict[str, Any]:
        answer = self.client.get_secret_value(SecretId=self.name, aws_retry=True)
        try:
            content = json.loads(answer.get("SecretString") or "")
        except ValueError:
            content = None  # the parser's message would quote the value
        if not isinstance(content, dict):
            raise RefusedError(f"{self.kind} {self.name}: its value is no JSON object, so its fields cannot be managed")
        return content

    def _policy(self) -> policy.Policy | None:
        answer = self.client.get_resource_policy(SecretId=self.name, aws_retry=True)
        text = answer.get("ResourcePolicy")
        return policy.canonical(text, self.client.meta.partition) if text else None

    def wanted(self, current: State | None) -> State:
        """Give the secret as it should be, without a value in it."""
        asked = self.arguments
        held_tags = current["tags"] if current else {}
        result: State = {
            "description": asked.description
            if asked.description is not None
            else (current or {}).get("description", ""),
            "kms_key_id": asked.kms_key_id or (current or {}).get("kms_key_id", DEFAULT_KEY),
            "deletion_scheduled": False,
            "generated": sorted(asked.generate),
            "fields": dict(asked.fields),
            "tags": tags.wanted(held_tags, asked.tags, asked.purge_tags),
        }
        if current is not None and (current["deletion_scheduled"] or not asked.fields):
            # Nothing can be read before it is restored; and where no field is managed nothing is read.
            result["fields"] = current["fields"]
        if asked.replicas is not None:
            result["replicas"] = dict(asked.replicas)
        if asked.policy is not None and not (current and current["deletion_scheduled"]):
            result["policy"] = policy.canonical(asked.policy, self.client.meta.partition)
        return result

    def create(self, wanted: State) -> None:
        """Make the secret with its value, its tags and its replicas; then its policy."""
        asked = self.arguments
        request: dict[str, Any] = {"Name": self.name, "Description": wanted["description"]}
        if wanted["kms_key_id"] != DEFAULT_KEY:
            request["KmsKeyId"] = wanted["kms_key_id"]
        content = {**asked.fields, **secret_values.generate(asked.generate)}
        if content:
            request["SecretString"] = json.dumps(content)
        if asked.replicas:
            request["AddReplicaRegions"] = _regions(asked.replicas)
        self.client.create_secret(**request, Tags=tags.to_list(wanted["tags"]), aws_retry=True)
        if asked.policy is not None:
            self._put_policy()

    def update(self, current: State, changes: State) -> None:
        """Change what differs; a secret that waits for its deletion is restored first, then read again."""
        if "deletion_scheduled" in changes:
            self.client.restore_secret(SecretId=self.name, aws_retry=True)
            current = self.find() or current
            target = self.wanted(current)
            changes = {key: value for key, value in target.items() if current.get(key) != value}
        request = {_PARAMETERS[key]: changes[key] for key in _PARAMETERS if key in changes}
        if request:
            self.client.update_secret(SecretId=self.name, **request, aws_retry=True)
        if changes.keys() & {"generated", "fields"}:
            self._put_value(current)
        if "policy" in changes:
            self._put_policy()
        if "replicas" in changes:
            self._replicate(current["replicas"], changes["replicas"])
        if "tags" in changes:
            self._update_tags(current["tags"], changes["tags"])

    def _put_value(self, current: State) -> None:
        """Write the value with what it lacks; what it holds under a generated key stays."""
        if current["rotation_in_progress"]:
            raise RefusedError(
                f"{self.kind} {self.name}: a rotation is under way (a version is labelled {PENDING}). A value written "
                "now would be lost when it ends; run again after it. If it failed, its log says why."
            )
        asked = self.arguments
        held = self._content() if self._has_value() else {}
        missing = {name: one for name, one in asked.generate.items() if not held.get(name)}
        content = {**held, **asked.fields, **secret_values.generate(missing)}
        self.client.put_secret_value(SecretId=self.name, SecretString=json.dumps(content), aws_retry=True)

    def _has_value(self) -> bool:
        described = self.client.describe_secret(SecretId=self.name, aws_retry=True)
        return any(CURRENT in labels for labels in (described.get("VersionIdsToStages") or {}).values())

    def _put_policy(self) -> None:
        text = policy.as_text(self.arguments.policy or {})
        self.client.put_resource_policy(SecretId=self.name, ResourcePolicy=text, BlockPublicPolicy=True, aws_retry=True)

    def _replicate(self, current: dict[str, str], target: dict[str, str]) -> None:
        """A replica's key cannot be changed, so one with another key is removed and made anew."""
        gone = sorted(region for region, key in current.items() if target.get(region) != key)
        new = {region: key for region, key in target.items() if current.get(region) != key}
        if gone:
            self.client.remove_regions_from_replication(SecretId=self.name, RemoveReplicaRegions=gone, aws_retry=True)
        if new:
            self.client.replicate_secret_to_regions(SecretId=self.name, AddReplicaRegions=_regions(new), aws_retry=True)

    def _update_tags(self, current: tags.Tags, target: tags.Tags) -> None:
        write, remove = tags.difference(current, target)
        if remove:
            self.client.untag_resource(SecretId=self.name, TagKeys=remove, aws_retry=True)
        if write:
            self.client.tag_resource(SecretId=self.name, Tags=tags.to_list(write), aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove the replicas, then schedule the deletion; with a window of no days it is gone at once."""
        if current["replicas"]:
            self.client.remove_regions_from_replication(
                SecretId=self.name, RemoveReplicaRegions=sorted(current["replicas"]), aws_retry=True
            )
        days = self.arguments.recovery_window_days
        window = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        self.client.delete_secret(SecretId=self.name, **window, aws_retry=True)

    def settled(self, current: State | None) -> bool:
        """Say whether the replicas hold the value; raise when one of them failed."""
        if current is None or self.arguments.replicas is None:
            return True
        for region, status in current["replication"].items():
            if status.startswith("Failed"):
                raise RefusedError(f"{self.kind} {self.name}: its replica in {region} failed: {status}")
        return all(status == "InSync" for status in current["replication"].values())


def _status(replica: dict[str, Any]) -> str:
    status = str(replica.get("Status"))
    return f"{status}: {replica.get('StatusMessage', '')}" if status == "Failed" else status


def _rotating(versions: dict[str, list[str]]) -> bool:
    return any(PENDING in labels and CURRENT not in labels for labels in versions.values())


def _key(described: dict[str, Any]) -> str:
    """Give the key of a secret or of a replica; AWS leaves its own one out, or names it by its alias."""
    key = str(described.get("KmsKeyId") or DEFAULT_KEY)
    return DEFAULT_KEY if key.endswith(f":{DEFAULT_KEY}") else key


def _regions(replicas: dict[str, str]) -> list[dict[str, str]]:
    keys = {region: {} if key == DEFAULT_KEY else {"KmsKeyId": key} for region, key in replicas.items()}
    return [{"Region": region, **keys[region]} for region in sorted(replicas)]


def describe_all(client: Any, names: list[str]) -> dict[str, dict[str, Any]]:
    """Describe secrets of the client's region by name; those that do not exist or are being deleted are missing.

    Returns ``{name: {"arn": ..., "kms_key_id": ..., "primary_region": ... or None}}``.
    """
    found = {}
    for name in names:
        try:
            described = client.describe_secret(SecretId=name, aws_retry=True)
        except ClientError as error:
            if error_code(error) == NOT_FOUND:
                continue
            raise
        if not described.get("DeletedDate"):
            found[name] = {
                "arn": described["ARN"],
                "kms_key_id": _key(described),
                "primary_region": described.get("PrimaryRegion"),
            }
    return found
