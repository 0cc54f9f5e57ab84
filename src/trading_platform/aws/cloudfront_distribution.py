"""A CloudFront distribution before one bucket that is reached by origin access control.

Distributions have no names. The caller reference is kept for life, so it carries ours (``<name>/<time>``): a comment or
an alias that somebody changed does not hide the distribution. What is not managed here is sent again as it was read,
since an update replaces everything
(https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html).
"""

from __future__ import annotations

import time
from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.cloudfront import find_all
from trading_platform.aws.cloudfront_distribution_config import config_with, state_of
from trading_platform.aws.ec2 import eventually, ignoring, named_tags, text_tags
from trading_platform.aws.engine import BaseResource, Deadline, State
from trading_platform.aws.planned import planned_id

DEPLOYED = "Deployed"
MANAGED = (
    "comment",
    "enabled",
    "origin_domain_name",
    "origin_path",
    "origin_access_control_id",
    "default_root_object",
    "viewer_protocol_policy",
    "compress",
    "cache_policy_id",
    "response_headers_policy_id",
    "web_acl_arn",
    "price_class",
    "http_version",
    "ipv6",
    "certificate_arn",
)
# What was made or changed a moment ago may be unknown to CloudFront for a while.
NOT_YET = ("NoSuchResponseHeadersPolicy", "InvalidOriginAccessControl", "InvalidWebACLId")


class Distribution(BaseResource):
    """The distribution whose caller reference begins with this name.

    Args:
        cloudfront: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "CloudFront distribution"
    placeholders = {
        "id": planned_id("distribution"),
        "arn": f"arn:aws:cloudfront:::distribution/{planned_id('distribution')}",
        "domain_name": planned_id("distribution"),
        "status": DEPLOYED,
    }

    def __init__(self, cloudfront: Any, params: dict[str, Any]) -> None:
        self.cloudfront = cloudfront
        self.params = params
        self.name: str = params["name"]
        self.id: str | None = None
        self.etag = ""
        self.config: dict[str, Any] = {}

    def find(self) -> State | None:
        """Read the distribution and its tags; once found it is asked for by its id."""
        answer = self._by_id(self.id) if self.id else self._by_reference()
        if answer is None:
            return None
        found = answer["Distribution"]
        self.id, self.etag, self.config = found["Id"], answer["ETag"], found["DistributionConfig"]
        tagged = self.cloudfront.list_tags_for_resource(Resource=found["ARN"], aws_retry=True)
        return {
            "id": found["Id"],
            "arn": found["ARN"],
            "domain_name": found["DomainName"],
            "status": found["Status"],
            "name": self.name,
            **state_of(self.config),
            "tags": tags.from_list(tagged["Tags"].get("Items")),
        }

    def _by_id(self, distribution_id: str) -> dict[str, Any] | None:
        with ignoring("NoSuchDistribution"):
            answer: dict[str, Any] = self.cloudfront.get_distribution(Id=distribution_id, aws_retry=True)
            return answer
        return None

    def _by_reference(self) -> dict[str, Any] | None:
        """Look at the likeliest first: a list does not tell the references."""
        aliases = set(self.params["aliases"])
        listed = find_all(self.cloudfront.list_distributions, "DistributionList")
        for summary in sorted(listed, key=lambda one: not _is_like(one, self.params["comment"], aliases)):
            answer = self._by_id(summary["Id"])
            if answer and _name_of(answer["Distribution"]["DistributionConfig"]["CallerReference"]) == self.name:
                return answer
        return None

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; nothing but this origin and no behaviour for other paths."""
        asked = self.params
        now = current["tags"] if current else {}
        return {
            "name": self.name,
            **{key: asked[key] or None if key.endswith(("_arn", "_id")) else asked[key] for key in MANAGED},
            "aliases": sorted(asked["aliases"]),
            "allowed_methods": sorted(asked["allowed_methods"]),
            "minimum_protocol_version": asked["minimum_protocol_version"] if asked["certificate_arn"] else None,
            "error_responses": sorted(
                (
                    {key: one[key] for key in ("error_code", "response_code", "response_page_path", "min_ttl")}
                    for one in asked["error_responses"]
                ),
                key=lambda one: int(one["error_code"]),
            ),
            "origin_ids": [asked["origin_domain_name"]],
            "path_patterns": [],
            "tags": named_tags(now, text_tags(asked["tags"]), asked["purge_tags"], self.name),
        }

    def create(self, wanted: State) -> None:
        """Make the distribution with its tags."""
        base = {"CallerReference": f"{self.name}/{time.time_ns()}"}
        answer = eventually(
            self.cloudfront.create_distribution_with_tags,
            *NOT_YET,
            DistributionConfigWithTags={
                "DistributionConfig": config_with(base, wanted),
                "Tags": {"Items": tags.to_list(wanted["tags"])},
            },
        )
        self.id = answer["Distribution"]["Id"]

    def update(self, current: State, changes: State) -> None:
        """Write the whole configuration where anything but the tags differs, then the tags."""
        if set(changes) - {"tags"}:
            self._write(config_with(self.config, {**current, **changes}))
        if "tags" in changes:
            write, remove = tags.difference(current["tags"], changes["tags"])
            if remove:
                self.cloudfront.untag_resource(Resource=current["arn"], TagKeys={"Items": remove}, aws_retry=True)
            if write:
                self.cloudfront.tag_resource(
                    Resource=current["arn"], Tags={"Items": tags.to_list(write)}, aws_retry=True
                )

    def _write(self, config: dict[str, Any]) -> None:
        eventually(
            self.cloudfront.update_distribution, *NOT_YET, Id=self.id, IfMatch=self.etag, DistributionConfig=config
        )

    def delete(self, current: State) -> None:
        """Disable it, wait until every edge knows, and remove it."""
        if self.config["Enabled"]:
            self._write({**self.config, "Enabled": False})
        Deadline(float(self.params["wait_timeout"])).wait_for(
            f"the end of {self.kind} {self.name}", lambda: (self.find() or {"status": DEPLOYED})["status"] == DEPLOYED
        )
        with ignoring("NoSuchDistribution"):
            self.cloudfront.delete_distribution(Id=current["id"], IfMatch=self.etag, aws_retry=True)

    def settled(self, current: State | None) -> bool:
        """Say whether every edge has the configuration, which takes minutes."""
        return current is None or current["status"] == DEPLOYED


def _is_like(summary: dict[str, Any], comment: str, aliases: set[str]) -> bool:
    return summary.get("Comment") == comment or bool(aliases & set((summary.get("Aliases") or {}).get("Items") or []))


def _name_of(reference: str) -> str:
    return reference.rpartition("/")[0]


def problems(params: dict[str, Any]) -> list[str]:
    """Say what CloudFront would refuse of a module's parameters, before it is asked."""
    found = []
    if params["aliases"] and not params["certificate_arn"]:
        found.append("certificate_arn: aliases need a certificate of us-east-1 that names them")
    root = params["default_root_object"]
    if root.startswith("/"):
        found.append(f"default_root_object: {root!r} begins with a slash")
    for one in params["error_responses"]:
        if bool(one["response_code"]) != bool(one["response_page_path"]):
            found.append(
                f"error_responses: {one['error_code']} needs both response_code and response_page_path, or none"
            )
    return found
