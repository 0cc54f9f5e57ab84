"""Lifecycle rules of a bucket: ours and S3's spelling, and the one form in which they are compared.

S3 gives rules back in its own order and shape: a filter of one thing is spelled differently than a filter of two, and
old rules have a prefix instead of a filter (https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html).
"""

from __future__ import annotations

from typing import Any

Rule = dict[str, Any]

_KNOWN = frozenset(
    {
        "ID",
        "Prefix",
        "Filter",
        "Status",
        "Expiration",
        "Transitions",
        "NoncurrentVersionTransitions",
        "NoncurrentVersionExpiration",
        "AbortIncompleteMultipartUpload",
    }
)
_SIZES = {"ObjectSizeGreaterThan": "object_size_greater_than", "ObjectSizeLessThan": "object_size_less_than"}


def normal(rules: list[Rule] | None) -> list[Rule]:
    """Give the module's rules in the form to compare: by id, with nothing that is not set.

    Args:
        rules: as the module takes them; days are whole days, sizes are bytes.
    """
    return sorted((_compact(rule) for rule in rules or []), key=lambda rule: str(rule["id"]))


def _compact(rule: Rule) -> Rule:
    kept = {key: value for key, value in rule.items() if value not in (None, [], False)}
    for key in ("transitions", "noncurrent_version_transitions"):
        if key in kept:
            kept[key] = sorted(kept[key], key=lambda step: (step["days"], step["storage_class"]))
    return {**kept, "id": rule["id"], "prefix": rule.get("prefix") or "", "enabled": bool(rule.get("enabled", True))}


def problems(rules: list[Rule] | None) -> list[str]:
    """Give what S3 would refuse of the module's rules, or take and then not do."""
    ids = [rule["id"] for rule in rules or []]
    found = [f"lifecycle rule {name} stands twice" for name in sorted({name for name in ids if ids.count(name) > 1})]
    for rule in normal(rules):
        actions = rule.keys() - {"id", "prefix", "enabled", *_SIZES.values()}
        if not actions:
            found.append(f"lifecycle rule {rule['id']} does nothing")
        if {"expiration_days", "expired_object_delete_marker"} <= actions:
            found.append(
                f"lifecycle rule {rule['id']}: expired_object_delete_marker beside expiration_days needs a rule of "
                "its own"
            )
    return found


def from_aws(rules: list[Rule] | None) -> list[Rule]:
    """Give S3's rules in the same form. What no argument of ours can say stands under ``other``, and so differs."""
    return normal([_read(rule) for rule in rules or []])


def _read(rule: Rule) -> Rule:
    asked = rule.get("Filter", {})
    parts = asked.get("And", asked)
    expiration = rule.get("Expiration", {})
    noncurrent = rule.get("NoncurrentVersionExpiration", {})
    return {
        "id": rule.get("ID", ""),
        "prefix": parts.get("Prefix", rule.get("Prefix", "")),
        "enabled": rule["Status"] == "Enabled",
        **{ours: parts.get(theirs) for theirs, ours in _SIZES.items()},
        "expiration_days": expiration.get("Days"),
        "expired_object_delete_marker": expiration.get("ExpiredObjectDeleteMarker", False),
        "transitions": _steps(rule.get("Transitions"), "Days"),
        "noncurrent_version_transitions": _steps(rule.get("NoncurrentVersionTransitions"), "NoncurrentDays"),
        "noncurrent_version_expiration_days": noncurrent.get("NoncurrentDays"),
        "abort_incomplete_multipart_upload_days": rule.get("AbortIncompleteMultipartUpload", {}).get(
            "DaysAfterInitiation"
        ),
        "other": _other(rule, parts, expiration, noncurrent) or None,
    }


def _steps(transitions: list[Rule] | None, days: str) -> list[Rule]:
    return [{"days": step.get(days, 0), "storage_class": step["StorageClass"]} for step in transitions or []]


def _other(rule: Rule, parts: Rule, expiration: Rule, noncurrent: Rule) -> Rule:
    found = {key: str(value) for key, value in rule.items() if key not in _KNOWN}
    found |= {key: str(parts[key]) for key in ("Tag", "Tags") if parts.get(key)}
    if "Date" in expiration:
        found["Date"] = str(expiration["Date"])
    if noncurrent.get("NewerNoncurrentVersions"):
        found["NewerNoncurrentVersions"] = str(noncurrent["NewerNoncurrentVersions"])
    return found


def to_aws(rules: list[Rule]) -> list[Rule]:
    """Give rules of :func:`normal` as S3 takes them."""
    return [_write(rule) for rule in rules]


def _write(rule: Rule) -> Rule:
    result: Rule = {
        "ID": rule["id"],
        "Status": "Enabled" if rule["enabled"] else "Disabled",
        "Filter": _filter(rule),
    }
    if "expiration_days" in rule:
        result["Expiration"] = {"Days": rule["expiration_days"]}
    elif rule.get("expired_object_delete_marker"):
        result["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    if "transitions" in rule:
        result["Transitions"] = [_step(step, "Days") for step in rule["transitions"]]
    if "noncurrent_version_transitions" in rule:
        steps = rule["noncurrent_version_transitions"]
        result["NoncurrentVersionTransitions"] = [_step(step, "NoncurrentDays") for step in steps]
    if "noncurrent_version_expiration_days" in rule:
        result["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["noncurrent_version_expiration_days"]}
    if "abort_incomplete_multipart_upload_days" in rule:
        days = rule["abort_incomplete_multipart_upload_days"]
        result["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    return result


def _step(step: Rule, days: str) -> Rule:
    return {days: step["days"], "StorageClass": step["storage_class"]}


def _filter(rule: Rule) -> Rule:
    parts: Rule = {"Prefix": rule["prefix"]} if rule["prefix"] else {}
    parts |= {theirs: rule[ours] for theirs, ours in _SIZES.items() if ours in rule}
    if not parts:
        return {"Prefix": ""}
    return parts if len(parts) == 1 else {"And": parts}
