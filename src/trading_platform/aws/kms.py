"""What a KMS key and a replica of one have in common: state, drift, deletion and its cancelling.

Sources: the KMS API reference (https://docs.aws.amazon.com/kms/latest/APIReference/) and its table of key states
(https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import policy, tags
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State
from trading_platform.aws.errors import error_code

Metadata = dict[str, Any]

ALIAS = re.compile(r"[a-zA-Z0-9/_-]{1,250}")
PENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})
UNSETTLED = frozenset({"Creating", "Updating"})
NEW_KEY_SECONDS = 60.0
"""How long KMS may need until every one of its calls knows a new key: it is eventually consistent."""

# For about a minute: KMS refuses a policy that names a role just made until it sees the role.
RETRIED: dict[str, Any] = {
    "retries": 16,
    "delay": 2,
    "max_delay": 8,
    "catch_extra_error_codes": [
        "MalformedPolicyDocumentException",
        "DependencyTimeoutException",
        "ThrottlingException",
    ],
}


@dataclass(frozen=True)
class KeyArguments:
    """What a key and a replica are both asked for. ``alias`` is without ``alias/``; ``policy`` None leaves it alone."""

    alias: str
    description: str
    policy: policy.Policy | None
    enabled: bool
    tags: tags.Tags | None
    purge_tags: bool
    pending_window_days: int
    cancel_deletion: bool
    present: bool

    @classmethod
    def of(cls, params: dict[str, Any]) -> KeyArguments:
        """Take them from a module's parameters."""
        return cls(
            alias=params["alias"],
            description=params["description"],
            policy=params["policy"],
            enabled=params["enabled"],
            tags=params["tags"],
            purge_tags=params["purge_tags"],
            pending_window_days=params["pending_window_days"],
            cancel_deletion=params["cancel_deletion"],
            present=params["state"] == "present",
        )


def check_arguments(params: dict[str, Any]) -> list[str]:
    """Give what KMS would refuse of a module's parameters, before it is asked."""
    problems = []
    if not ALIAS.fullmatch(params["alias"]) or params["alias"].startswith(("alias/", "aws/")):
        problems.append(
            f"alias: {params['alias']!r} must be 1 to 250 letters, digits, '/', '_' or '-', and not begin with "
            "'alias/' or 'aws/'"
        )
    if not 7 <= params["pending_window_days"] <= 30:
        problems.append(f"pending_window_days: {params['pending_window_days']} is not between 7 and 30")
    period = params.get("rotation_period_days")
    if period is not None and not (str(period).isdecimal() and 90 <= int(period) <= 2560):
        problems.append(f"rotation_period_days: {period!r} is not a whole number between 90 and 2560")
    other = (params["tags"] or {}).get("Name", params["alias"])
    if other != params["alias"]:
        problems.append(f"tags: Name is {other!r}, but the Name tag of a key is its alias")
    return problems


class BaseKey(BaseResource):
    """A key behind an alias. Subclasses say how it is found and how it is made."""

    kind = "KMS key"

    def __init__(self, kms: Any, arguments: KeyArguments) -> None:
        self.kms = kms
        self.arguments = arguments
        self.name = arguments.alias
        self.region: str = kms.meta.region_name
        self.partition: str = kms.meta.partition
        self.created: str | None = None

    def describe(self, key_id: str) -> Metadata | None:
        """Describe a key by id, ARN or ``alias/...``; None when there is none."""
        try:
            metadata: Metadata = self.kms.describe_key(KeyId=key_id, aws_retry=True)["KeyMetadata"]
        except ClientError as error:
            if error_code(error) == "NotFoundException":
                return None
            raise
        return metadata

    def state_of(self, metadata: Metadata, alias: str | None) -> State:
        """Read the rest of a key; ``alias`` is None when the alias does not lead to it."""
        key_id = metadata["KeyId"]
        return {
            "key_id": key_id,
            "key_arn": metadata["Arn"],
            "key_state": metadata["KeyState"],
            "multi_region": metadata.get("MultiRegion", False),
            "alias": alias,
            "description": metadata.get("Description", ""),
            "enabled": metadata["KeyState"] != "Disabled" and metadata["KeyState"] not in PENDING,
            "deletion_scheduled": metadata["KeyState"] in PENDING,
            "policy": self._policy(key_id),
            "tags": self.tags_of(key_id),
        }

    def _policy(self, key_id: str) -> policy.Policy | None:
        answer = self.kms.get_key_policy(KeyId=key_id, PolicyName="default", aws_retry=True)
        return policy.canonical(answer["Policy"], self.partition)

    def tags_of(self, key_id: str) -> tags.Tags:
        """Give a key's tags; one answer holds them all, as a key has 50 at most."""
        answer = self.kms.list_resource_tags(KeyId=key_id, aws_retry=True)
        return tags.from_list(answer["Tags"], "TagKey", "TagValue")

    def refuse_pending(self, metadata: Metadata) -> None:
        """Stop where the key is about to be deleted and nobody asked to cancel that."""
        if not self.arguments.present or self.arguments.cancel_deletion or metadata["KeyState"] not in PENDING:
            return
        date = metadata.get("DeletionDate")
        when = f"on {date:%Y-%m-%d}" if date else "as soon as its replicas are gone"
        raise RefusedError(
            f"{self.kind} {self.name} ({metadata['Arn']}) is scheduled for deletion {when}. To keep it, run again with "
            "cancel_deletion: true. To have a new key instead, wait until it is gone, or, if nothing encrypted with it "
            f"is needed any more, take its alias away: aws kms delete-alias --alias-name alias/{self.name} "
            f"--region {self.region}"
        )

    def wanted(self, current: State | None) -> State:
        """Give what keys and replicas share; the Name tag is the alias, by which a key without its alias is found."""
        asked = self.arguments
        present = current["tags"] if current else {}
        result: State = {
            "alias": asked.alias,
            "description": asked.description,
            "enabled": asked.enabled,
            "deletion_scheduled": False,
            "tags": {**tags.wanted(present, asked.tags, asked.purge_tags), "Name": asked.alias},
        }
        if asked.policy is not None:
            result["policy"] = policy.canonical(asked.policy, self.partition)
        return result

    def creation(self, wanted: State) -> dict[str, Any]:
        """Give the parameters that CreateKey and ReplicateKey share."""
        parameters = {
            "Description": wanted["description"],
            "Tags": tags.to_list(wanted["tags"], "TagKey", "TagValue"),
        }
        if self.arguments.policy is not None:
            parameters["Policy"] = policy.as_text(self.arguments.policy)
        return parameters

    def update(self, current: State, changes: State) -> None:
        """Change what differs, in the order that KMS takes it: a key must be enabled before most of it can change."""
        key_id = current["key_id"]
        if "deletion_scheduled" in changes:
            self.kms.cancel_key_deletion(KeyId=key_id, aws_retry=True)
        if changes.get("enabled"):
            self.kms.enable_key(KeyId=key_id, aws_retry=True)
        if "alias" in changes:
            self.kms.create_alias(AliasName=f"alias/{self.name}", TargetKeyId=key_id, aws_retry=True)
        if "description" in changes:
            self.kms.update_key_description(KeyId=key_id, Description=changes["description"], aws_retry=True)
        if "policy" in changes and self.arguments.policy is not None:
            text = policy.as_text(self.arguments.policy)  # as it was asked for, not in the form to compare
            self.kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=text, aws_retry=True)
        if "tags" in changes:
            self._update_tags(key_id, current["tags"], changes["tags"])
        self.update_rest(key_id, changes)
        if changes.get("enabled") is False:
            self.kms.disable_key(KeyId=key_id, aws_retry=True)

    def update_rest(self, key_id: str, changes: State) -> None:
        """Change what only this kind of key has, while the key is enabled."""

    def _update_tags(self, key_id: str, current: tags.Tags, target: tags.Tags) -> None:
        write, remove = tags.difference(current, target)
        if remove:
            self.kms.untag_resource(KeyId=key_id, TagKeys=remove, aws_retry=True)
        if write:
            self.kms.tag_resource(KeyId=key_id, Tags=tags.to_list(write, "TagKey", "TagValue"), aws_retry=True)

    def finish_creation(self, metadata: Metadata, wanted: State) -> None:
        """Give a key just made its alias and what else CreateKey could not take."""
        key_id = self.created = metadata["KeyId"]
        self._when_known(
            lambda: self.kms.create_alias(AliasName=f"alias/{self.name}", TargetKeyId=key_id, aws_retry=True)
        )
        self.update_rest(key_id, wanted)
        if not wanted["enabled"]:
            self.kms.disable_key(KeyId=key_id, aws_retry=True)

    def _when_known(self, call: Callable[[], Any]) -> None:
        def done() -> bool:
            try:
                call()
            except ClientError as error:
                if error_code(error) == "NotFoundException":
                    return False
                raise
            return True

        Deadline(NEW_KEY_SECONDS).wait_for(f"{self.kind} {self.name}, just made,", done)

    def delete(self, current: State) -> None:
        """Schedule the deletion, then take the alias away; cut off in between, the next run does what is left."""
        if not current["deletion_scheduled"]:
            self.kms.schedule_key_deletion(
                KeyId=current["key_id"], PendingWindowInDays=self.arguments.pending_window_days, aws_retry=True
            )
        if current["alias"] is None:
            return
        try:
            self.kms.delete_alias(AliasName=f"alias/{self.name}", aws_retry=True)
        except ClientError as error:
            if error_code(error) != "NotFoundException":
                raise
