"""What the AWS Backup resources share: reading lists to their end, and tags."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.engine import State


def tags_of(backup: Any, arn: str) -> tagging.Tags:
    """Give the tags of a vault or a plan."""
    found: tagging.Tags = {}
    answer = backup.list_tags(ResourceArn=arn, aws_retry=True)
    while True:
        found.update(answer.get("Tags") or {})
        if not answer.get("NextToken"):
            return {key: value for key, value in found.items() if not key.startswith("aws:")}
        answer = backup.list_tags(ResourceArn=arn, NextToken=answer["NextToken"], aws_retry=True)


def update_tags(backup: Any, current: State, target: tagging.Tags) -> None:
    """Bring the tags of what has ``arn`` and ``tags`` to ``target``."""
    write, remove = tagging.difference(current["tags"], target)
    if remove:
        backup.untag_resource(ResourceArn=current["arn"], TagKeyList=remove, aws_retry=True)
    if write:
        backup.tag_resource(ResourceArn=current["arn"], Tags=write, aws_retry=True)
