"""A cache subnet group: which subnets the nodes of a group may stand in."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import ignoring
from trading_platform.aws.elasticache import tags_of, update_tags
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id

GONE = "CacheSubnetGroupNotFoundFault"


class ElastiCacheSubnetGroup(BaseResource):
    """Its name is its identity. All subnets are of one VPC; one with nodes in it cannot be taken out."""

    kind = "cache subnet group"

    def __init__(self, elasticache: Any, params: dict[str, Any]) -> None:
        self.elasticache = elasticache
        self.name: str = params["name"].lower()
        self.description: str = params["description"] or self.name
        self.subnet_ids = sorted(set(params["subnet_ids"] or []))
        self.tags: tagging.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]
        self.placeholders = {
            "arn": f"arn:aws:elasticache:{elasticache.meta.region_name}:{'0' * 12}:subnetgroup:{planned_id(self.name)}",
            "vpc_id": planned_id("vpc"),
        }

    def find(self) -> State | None:
        """Read the group and its tags."""
        try:
            answer = self.elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=self.name, aws_retry=True)
        except ClientError as problem:
            if error_code(problem) == GONE:
                return None
            raise
        group = answer["CacheSubnetGroups"][0]
        return {
            "name": group["CacheSubnetGroupName"],
            "arn": group["ARN"],
            "vpc_id": group["VpcId"],
            "description": group["CacheSubnetGroupDescription"],
            "subnet_ids": sorted(one["SubnetIdentifier"] for one in group["Subnets"]),
            "tags": tags_of(self.elasticache, group["ARN"]),
        }

    def wanted(self, current: State | None) -> State:
        """Give description, subnets and tags."""
        return {
            "description": self.description,
            "subnet_ids": self.subnet_ids,
            "tags": tagging.wanted(current["tags"] if current else {}, self.tags, self.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Make the group with its tags."""
        self.elasticache.create_cache_subnet_group(
            CacheSubnetGroupName=self.name,
            CacheSubnetGroupDescription=wanted["description"],
            SubnetIds=wanted["subnet_ids"],
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """Repair tags; write description and subnets together."""
        if "tags" in changes:
            update_tags(self.elasticache, current["arn"], current["tags"], changes["tags"])
        if {"description", "subnet_ids"} & set(changes):
            self.elasticache.modify_cache_subnet_group(
                CacheSubnetGroupName=self.name,
                CacheSubnetGroupDescription=self.description,
                SubnetIds=self.subnet_ids,
                aws_retry=True,
            )

    def delete(self, current: State) -> None:
        """Remove the group; AWS refuses while a cluster stands in it."""
        with ignoring(GONE):
            self.elasticache.delete_cache_subnet_group(CacheSubnetGroupName=self.name, aws_retry=True)
