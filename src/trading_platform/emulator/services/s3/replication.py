"""Replication rules: what AWS refuses. S3 user guide, "Replication configuration file elements"."""

from collections.abc import Iterator
from typing import Any

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.s3.common import bucket_of, buckets, invalid_request

extension = Extension("s3")

SCHEMA = (
    "must be specified for this version of Cross Region Replication configuration schema. Please refer to S3 Developer "
    "Guide for more information."
)


def _rules(call: Call) -> Iterator[dict[str, Any]]:
    bucket = bucket_of(call)
    if bucket and bucket.is_versioned:  # moto has the refusal for a source without versioning
        yield from (call.params.get("ReplicationConfiguration") or {}).get("Rules") or []


@extension.refuses("PutBucketReplication")
def rule_with_a_filter_and_without_the_rest(call: Call) -> None:
    for rule in _rules(call):
        if "Filter" not in rule:
            continue
        for field in ("Priority", "DeleteMarkerReplication"):
            if rule.get(field) is None:
                raise invalid_request(f"{field} {SCHEMA}")


@extension.refuses("PutBucketReplication")
def delete_markers_by_tag(call: Call) -> None:
    """User guide: "If you specify a Filter with a Tag, DeleteMarkerReplication must be Disabled"."""
    for rule in _rules(call):
        chosen = rule.get("Filter") or {}
        by_tag = "Tag" in chosen or (chosen.get("And") or {}).get("Tags")
        if by_tag and (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled":
            raise invalid_request(
                "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 "
                "Developer Guide for more information."
            )


@extension.refuses("PutBucketReplication")
def same_priority_twice(call: Call) -> None:
    priorities = [rule["Priority"] for rule in _rules(call) if rule.get("Priority") is not None]
    if len(priorities) != len(set(priorities)):
        raise invalid_request(f"Found duplicate priority {max(priorities, key=priorities.count)}")


@extension.refuses("PutBucketReplication")
def encrypted_objects_without_a_key(call: Call) -> None:
    """The key itself is not checked: replication then fails object by object."""
    for rule in _rules(call):
        selected = (rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects") or {}
        key = (rule.get("Destination") or {}).get("EncryptionConfiguration") or {}
        if selected.get("Status") == "Enabled" and not key.get("ReplicaKmsKeyID"):
            raise invalid_request("ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.")


@extension.refuses("PutBucketReplication")
def destination_that_cannot_take_it(call: Call) -> None:
    """A bucket that does not exist, or keeps no versions (also for a moment after it was told to)."""
    for rule in _rules(call):
        name = str((rule.get("Destination") or {}).get("Bucket", "")).rpartition(":")[2]
        destination = buckets(call).get(name)
        if destination is None:
            raise invalid_request("Destination bucket must exist.")
        if not destination.is_versioned:
            raise invalid_request("Destination bucket must have versioning enabled.")
