"""Tags, as AWS lists them and as we compare them.

AWS has two spellings, ``[{"Key": k, "Value": v}]`` (EC2, IAM, S3, RDS) and ``[{"TagKey": k, "TagValue": v}]`` (KMS);
everything here works on plain dicts. Keys that begin with ``aws:`` belong to AWS: they can be neither set nor removed
(https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html), so they are never compared.
"""

from __future__ import annotations

from typing import Any

Tags = dict[str, str]


def from_list(tags: list[dict[str, str]] | None, key: str = "Key", value: str = "Value") -> Tags:
    """Turn AWS's list into a dict, without the keys that AWS itself owns."""
    return {tag[key]: tag[value] for tag in tags or [] if not tag[key].startswith("aws:")}


def to_list(tags: Tags, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Turn a dict into AWS's list, sorted, so that requests are the same from run to run."""
    return [{key: name, value: tags[name]} for name in sorted(tags)]


def specification(resource_type: str, tags: Tags) -> list[dict[str, Any]]:
    """Give EC2's TagSpecifications: tags at creation, so that no untagged resource survives a killed run."""
    return [{"ResourceType": resource_type, "Tags": to_list(tags)}] if tags else []


def wanted(current: Tags, asked: Tags | None, purge: bool) -> Tags:
    """Tags as they should be: those asked for, and with ``purge`` off also those that are there already.

    Values are made text: YAML gives ``CostCenter: 4711`` as a number, which AWS neither takes nor gives back.
    """
    if asked is None:
        return dict(current)
    text = {str(key): str(value) for key, value in asked.items()}
    return text if purge else {**current, **text}


def difference(current: Tags, target: Tags) -> tuple[Tags, list[str]]:
    """Give the tags to write and the keys to remove that lead from ``current`` to ``target``."""
    write = {key: value for key, value in target.items() if current.get(key) != value}
    return write, sorted(set(current) - set(target))


def update_ec2(ec2: Any, resource_id: str, current: Tags, target: Tags) -> None:
    """Bring the tags of one EC2 resource from ``current`` to ``target``."""
    write, remove = difference(current, target)
    if remove:
        ec2.delete_tags(Resources=[resource_id], Tags=[{"Key": key} for key in remove], aws_retry=True)
    if write:
        ec2.create_tags(Resources=[resource_id], Tags=to_list(write), aws_retry=True)
