"""A managed policy of the account. Its identity is its name, which is unique whatever its path."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import iam, policy
from trading_platform.aws import tags as tagging
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import planned_id

VERSIONS = 5
"""Versions a policy may have: IAM and STS quotas."""


class IamManagedPolicy(BaseResource):
    """A policy, as the arguments of the module iam_managed_policy describe it; clients as of ``IamRole``."""

    kind = "IAM policy"
    # IAM has no call that changes either.
    fixed = frozenset({"path", "description"})

    def __init__(self, reads: Any, writes: Any, params: dict[str, Any]) -> None:
        self.reads = reads
        self.writes = writes
        self.name: str = params["name"]
        self.asked_tags: tagging.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]
        self.asked = {
            "path": params["path"],
            "description": params["description"],
            "policy": policy.canonical(params["policy"]),
        }
        self.placeholders = {
            "policy_arn": planned_id(f"arn:aws:iam::{'0' * 12}:policy{params['path']}{self.name}"),
            "default_version_id": "v1",
        }

    def find(self) -> State | None:
        """Find the policy by name among the account's own, then read it and its default version."""
        listed = iam.pages(self.reads.list_policies, "Policies", Scope="Local")
        arn = next((one["Arn"] for one in listed if one["PolicyName"].lower() == self.name.lower()), None)
        answer = iam.or_none(self.reads.get_policy, PolicyArn=arn) if arn else None
        if answer is None:
            return None
        found = answer["Policy"]
        version = self.reads.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"], aws_retry=True)
        return {
            "policy_arn": found["Arn"],
            "default_version_id": found["DefaultVersionId"],
            "path": found["Path"],
            "description": found.get("Description", ""),
            "policy": policy.canonical(version["PolicyVersion"]["Document"]),
            "tags": tagging.from_list(found.get("Tags")),
        }

    def wanted(self, current: State | None) -> State:
        """Everything asked for."""
        held = current["tags"] if current else {}
        return {**self.asked, "tags": tagging.wanted(held, self.asked_tags, self.purge_tags)}

    def create(self, wanted: State) -> None:
        """Make it with its tags."""
        self.writes.create_policy(
            PolicyName=self.name,
            Path=wanted["path"],
            PolicyDocument=policy.as_text(wanted["policy"]),
            Description=wanted["description"],
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """Make a new version the default; the oldest other one makes room for it."""
        arn = current["policy_arn"]
        if "policy" in changes:
            others = self._other_versions(arn)
            if len(others) >= VERSIONS - 1:
                iam.or_none(self.reads.delete_policy_version, PolicyArn=arn, VersionId=others[0])
            self.writes.create_policy_version(
                PolicyArn=arn, PolicyDocument=policy.as_text(changes["policy"]), SetAsDefault=True, aws_retry=True
            )
        if "tags" in changes:
            iam.update_tags(
                self.writes.tag_policy, self.writes.untag_policy, current["tags"], changes["tags"], PolicyArn=arn
            )

    def _other_versions(self, arn: str) -> list[str]:
        """Give the versions that are not the default, the oldest first."""
        versions = iam.pages(self.reads.list_policy_versions, "Versions", PolicyArn=arn)
        others = [one["VersionId"] for one in versions if not one["IsDefaultVersion"]]
        return sorted(others, key=lambda version: int(version.removeprefix("v")))

    def delete(self, current: State) -> None:
        """Delete its versions, then itself. IAM refuses while something uses it."""
        arn = current["policy_arn"]
        for version in self._other_versions(arn):
            iam.or_none(self.reads.delete_policy_version, PolicyArn=arn, VersionId=version)
        iam.or_none(self.reads.delete_policy, PolicyArn=arn)
