"""Tags of an Auto Scaling group that somebody else makes: EKS does not hand a node group's tags on to it."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import is_planned


class AutoscalingGroupTags(BaseResource):
    """The tags asked for, and no others that begin with ``prefix``; the rest belong to whoever made the group."""

    kind = "tags of Auto Scaling group"

    def __init__(self, autoscaling: Any, params: dict[str, Any]) -> None:
        self.autoscaling = autoscaling
        self.name: str = params["name"]
        self.prefix: str = params["prefix"]
        self.tags: tagging.Tags = {str(key): str(value) for key, value in params["group_tags"].items()}

    def find(self) -> State | None:
        """Read the tags that are ours to manage."""
        if is_planned(self.name):
            return None
        chosen = [{"Name": "auto-scaling-group", "Values": [self.name]}]
        page = self.autoscaling.describe_tags(Filters=chosen, aws_retry=True)
        found = list(page["Tags"])
        while page.get("NextToken"):
            page = self.autoscaling.describe_tags(Filters=chosen, NextToken=page["NextToken"], aws_retry=True)
            found += page["Tags"]
        held = {tag["Key"]: tag["Value"] for tag in found}
        return {"tags": {key: value for key, value in held.items() if key in self.tags or key.startswith(self.prefix)}}

    def wanted(self, current: State | None) -> State:
        """Give the tags."""
        return {"tags": self.tags}

    def create(self, wanted: State) -> None:
        """Write the tags."""
        self.update({"tags": {}}, wanted)

    def update(self, current: State, changes: State) -> None:
        """Write what differs, remove what is not wanted."""
        write, remove = tagging.difference(current["tags"], changes["tags"])
        if remove:
            self.autoscaling.delete_tags(Tags=[self._tag(key, {}) for key in remove], aws_retry=True)
        if write:
            tags = [self._tag(key, {"Value": write[key], "PropagateAtLaunch": False}) for key in sorted(write)]
            self.autoscaling.create_or_update_tags(Tags=tags, aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove the tags."""
        self.update(current, {"tags": {}})

    def _tag(self, key: str, rest: dict[str, Any]) -> dict[str, Any]:
        return {"ResourceId": self.name, "ResourceType": "auto-scaling-group", "Key": key, **rest}
