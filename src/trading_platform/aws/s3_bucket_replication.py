"""Replication of a bucket: ours and S3's spelling, and the one form in which they are compared.

Rules are written in the current schema, with a filter, which makes Priority and DeleteMarkerReplication mandatory
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html).
"""

from __future__ import annotations

from typing import Any

Replication = dict[str, Any]
Rule = dict[str, Any]

_KNOWN = frozenset(
    {
        "ID",
        "Priority",
        "Prefix",
        "Filter",
        "Status",
        "SourceSelectionCriteria",
        "Destination",
        "DeleteMarkerReplication",
    }
)


def normal(replication: Replication | None) -> Replication | None:
    """Give the module's replication in the form to compare: rules by id, with nothing that is not set."""
    if replication is None:
        return None
    rules = [_compact({**rule, "enabled": True}) for rule in replication["rules"]]
    return {"role_arn": replication["role_arn"], "rules": _sorted(rules)}


def _compact(rule: Rule) -> Rule:
    kept = {key: value for key, value in rule.items() if value is not None}
    return {**kept, "prefix": rule.get("prefix") or ""}


def _sorted(rules: list[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: str(rule["id"]))


def from_aws(configuration: dict[str, Any] | None) -> Replication | None:
    """Give S3's configuration in the same form. What no argument of ours can say stands under ``other``."""
    if configuration is None:
        return None
    rules = [_compact(_read(rule)) for rule in configuration["Rules"]]
    return {"role_arn": configuration["Role"], "rules": _sorted(rules)}


def _read(rule: Rule) -> Rule:
    asked = rule.get("Filter", {})
    parts = asked.get("And", asked)
    destination = rule["Destination"]
    encrypted = rule.get("SourceSelectionCriteria", {}).get("SseKmsEncryptedObjects", {})
    return {
        "id": rule.get("ID", ""),
        "priority": rule.get("Priority", 0),
        "prefix": parts.get("Prefix", rule.get("Prefix", "")),
        "enabled": rule["Status"] == "Enabled",
        "destination_bucket_arn": destination["Bucket"],
        "storage_class": destination.get("StorageClass"),
        "replica_kms_key_arn": destination.get("EncryptionConfiguration", {}).get("ReplicaKmsKeyID"),
        "delete_marker_replication": rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled",
        "sse_kms_encrypted_objects": encrypted.get("Status") == "Enabled",
        "metrics": destination.get("Metrics", {}).get("Status") == "Enabled",
        "other": _other(rule, parts) or None,
    }


def _other(rule: Rule, parts: Rule) -> Rule:
    found = {key: str(value) for key, value in rule.items() if key not in _KNOWN}
    found |= {key: str(parts[key]) for key in ("Tag", "Tags") if parts.get(key)}
    known = {"Bucket", "StorageClass", "EncryptionConfiguration", "Metrics"}
    found |= {key: str(value) for key, value in rule["Destination"].items() if key not in known}
    modifications = rule.get("SourceSelectionCriteria", {}).get("ReplicaModifications")
    if modifications:
        found["ReplicaModifications"] = str(modifications)
    return found


def to_aws(replication: Replication) -> dict[str, Any]:
    """Give a replication of :func:`normal` as S3 takes it."""
    return {"Role": replication["role_arn"], "Rules": [_write(rule) for rule in replication["rules"]]}


def _write(rule: Rule) -> Rule:
    destination: Rule = {"Bucket": rule["destination_bucket_arn"]}
    if "storage_class" in rule:
        destination["StorageClass"] = rule["storage_class"]
    if "replica_kms_key_arn" in rule:
        destination["EncryptionConfiguration"] = {"ReplicaKmsKeyID": rule["replica_kms_key_arn"]}
    if rule["metrics"]:
        destination["Metrics"] = {"Status": "Enabled"}
    result: Rule = {
        "ID": rule["id"],
        "Priority": rule["priority"],
        "Filter": {"Prefix": rule["prefix"]},
        "Status": "Enabled",
        "DeleteMarkerReplication": {"Status": _status(rule["delete_marker_replication"])},
        "Destination": destination,
    }
    if rule["sse_kms_encrypted_objects"]:
        result["SourceSelectionCriteria"] = {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    return result


def _status(is_on: bool) -> str:
    return "Enabled" if is_on else "Disabled"


def problems(replication: Replication | None, versioning: bool) -> list[str]:
    """Give what S3 would refuse, or take and then not do."""
    if replication is None:
        return []
    found = [] if versioning else ["replication needs versioning"]
    for rule in replication["rules"]:
        if rule["sse_kms_encrypted_objects"] and not rule.get("replica_kms_key_arn"):
            found.append(f"replication rule {rule['id']}: sse_kms_encrypted_objects needs replica_kms_key_arn")
    priorities = [rule["priority"] for rule in replication["rules"]]
    if len(set(priorities)) != len(priorities):
        found.append("replication rules need priorities of their own")
    return found
