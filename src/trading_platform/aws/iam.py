"""What our IAM modules share: who reads, who writes, and paging.

IAM is eventually consistent (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency):
a role or policy that was just made may not exist for the next call. So writes are retried on NoSuchEntity, and reads,
for which NoSuchEntity is an answer, are not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.errors import error_code

READS: dict[str, Any] = {"retries": 10}
# Half a minute in all; MalformedPolicyDocument is also what a trust policy gets that names a role made just before.
WRITES: dict[str, Any] = {
    "retries": 6,
    "delay": 2,
    "max_delay": 8,
    "catch_extra_error_codes": ["NoSuchEntity", "ConcurrentModification", "MalformedPolicyDocument"],
}
NOT_FOUND = "NoSuchEntity"


def or_none(call: Callable[..., Any], **request: Any) -> Any:
    """Make the call; None where IAM says NoSuchEntity."""
    try:
        return call(**request, aws_retry=True)
    except ClientError as error:
        if error_code(error) == NOT_FOUND:
            return None
        raise


def pages(call: Callable[..., Any], key: str, **request: Any) -> list[Any]:
    """Give what a list call has under ``key`` on all its pages."""
    found: list[Any] = []
    while True:
        answer = call(**request, aws_retry=True)
        found += answer[key]
        if not answer.get("IsTruncated"):
            return found
        request["Marker"] = answer["Marker"]


def update_tags(
    tag: Callable[..., Any], untag: Callable[..., Any], current: tagging.Tags, target: tagging.Tags, **identity: str
) -> None:
    """Bring the tags of what ``identity`` names from ``current`` to ``target``."""
    write, remove = tagging.difference(current, target)
    if remove:
        untag(**identity, TagKeys=remove, aws_retry=True)
    if write:
        tag(**identity, Tags=tagging.to_list(write), aws_retry=True)
