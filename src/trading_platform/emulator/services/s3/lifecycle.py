"""Lifecycle rules: what AWS refuses. S3 user guide, "Transitioning objects using Amazon S3 Lifecycle"."""

from collections.abc import Iterator
from typing import Any

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.s3.common import invalid_argument, invalid_request

extension = Extension("s3")

INFREQUENT_ACCESS = ("STANDARD_IA", "ONEZONE_IA")
LATER_CLASSES = ("GLACIER", "GLACIER_IR", "DEEP_ARCHIVE")
DAYS_IN_A_CLASS = 30
MOST_RULES = 1000
ACTIONS = (
    "AbortIncompleteMultipartUpload",
    "Expiration",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "Transitions",
)


def rules_of(call: Call) -> Iterator[dict[str, Any]]:
    yield from (call.params.get("LifecycleConfiguration") or {}).get("Rules") or []


def _filter_text(rule: dict[str, Any]) -> str:
    """The filter as S3's errors write it: ``(prefix=logs/)``."""
    chosen = rule.get("Filter") or {}
    prefix = (chosen.get("And") or chosen).get("Prefix", rule.get("Prefix")) or ""
    return f"(prefix={prefix})"


def _days(rule: dict[str, Any], storage_class: str) -> int | None:
    for transition in rule.get("Transitions") or []:
        if transition.get("StorageClass") == storage_class and transition.get("Days") is not None:
            return int(transition["Days"])
    return None


@extension.refuses("PutBucketLifecycleConfiguration")
def rule_without_an_action_or_more_than_there_may_be(call: Call) -> None:
    rules = list(rules_of(call))
    if len(rules) > MOST_RULES:
        raise invalid_request("The number of lifecycle rules must not exceed the allowed limit of 1000 rules")
    ids = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(ids) != len(set(ids)):
        raise invalid_argument("Rule ID must be unique. Found same ID for more than one rule")
    for rule in rules:
        if not any(rule.get(action) for action in ACTIONS):
            raise invalid_request("At least one action needs to be specified in a rule")


@extension.refuses("PutBucketLifecycleConfiguration")
def infrequent_access_before_30_days(call: Call) -> None:
    for rule in rules_of(call):
        for storage_class in INFREQUENT_ACCESS:
            days = _days(rule, storage_class)
            if days is not None and days < DAYS_IN_A_CLASS:
                raise invalid_argument(
                    "'Days' in Transition action must be greater than or equal to 30 for storageClass "
                    f"'{storage_class}'"
                )


@extension.refuses("PutBucketLifecycleConfiguration")
def noncurrent_infrequent_access_before_30_days(call: Call) -> None:
    for rule in rules_of(call):
        for transition in rule.get("NoncurrentVersionTransitions") or []:
            days, storage_class = transition.get("NoncurrentDays"), transition.get("StorageClass")
            if storage_class in INFREQUENT_ACCESS and days is not None and int(days) < DAYS_IN_A_CLASS:
                raise invalid_argument(
                    "'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or equal to 30 for "
                    f"storageClass '{storage_class}'"
                )


@extension.refuses("PutBucketLifecycleConfiguration")
def next_class_before_30_days_in_infrequent_access(call: Call) -> None:
    """S3 user guide: objects stay at least 30 days in an IA class in one rule. The text is not published."""
    for rule in rules_of(call):
        for first in INFREQUENT_ACCESS:
            for later in LATER_CLASSES:
                before, after = _days(rule, first), _days(rule, later)
                if before is not None and after is not None and after < before + DAYS_IN_A_CLASS:
                    raise invalid_argument(
                        f"'Days' in the Transition action for StorageClass '{later}' for filter "
                        f"'{_filter_text(rule)}' must be 30 days more than 'Days' for StorageClass '{first}'"
                    )


@extension.refuses("PutBucketLifecycleConfiguration")
def expiration_before_the_last_transition(call: Call) -> None:
    for rule in rules_of(call):
        days = (rule.get("Expiration") or {}).get("Days")
        moved = [int(one["Days"]) for one in rule.get("Transitions") or [] if one.get("Days") is not None]
        if days is not None and moved and int(days) <= max(moved):
            raise invalid_argument(
                f"'Days' in the Expiration action for filter '{_filter_text(rule)}' must be greater than 'Days' in "
                "the Transition action"
            )


@extension.refuses("PutBucketLifecycleConfiguration")
def same_class_twice(call: Call) -> None:
    for rule in rules_of(call):
        classes = [one.get("StorageClass") for one in rule.get("Transitions") or []]
        if len(classes) != len(set(classes)):
            raise invalid_request("'StorageClass' must be different for 'Transition' actions in same 'Rule'")
