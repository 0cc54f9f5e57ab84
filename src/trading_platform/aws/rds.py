"""What the RDS resources share: tags by ARN, and telling what does not exist."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags


def tags_of(rds: Any, arn: str) -> tags.Tags:
    """Read the tags of an RDS resource; one answer holds them all, as there are 50 at most."""
    return tags.from_list(rds.list_tags_for_resource(ResourceName=arn, aws_retry=True)["TagList"])


def update_tags(rds: Any, arn: str, current: tags.Tags, target: tags.Tags) -> None:
    """Bring the tags of an RDS resource from ``current`` to ``target``."""
    write, remove = tags.difference(current, target)
    if remove:
        rds.remove_tags_from_resource(ResourceName=arn, TagKeys=remove, aws_retry=True)
    if write:
        rds.add_tags_to_resource(ResourceName=arn, Tags=tags.to_list(write), aws_retry=True)


def stand_in_arn(client: Any, kind: str, name: str) -> str:
    """Give the ARN that a dry run returns: the account is unknown, and the name ends in ``-planned``."""
    return f"arn:{client.meta.partition}:rds:{client.meta.region_name}:{'0' * 12}:{kind}:{name}-planned"


def region_of(arn: str) -> str:
    """Give the region that an ARN names."""
    return arn.split(":")[3]
