"""A pull through cache rule of ECR: which upstream registry stands behind a prefix of repository names."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code

GONE = "PullThroughCacheRuleNotFoundException"
NO_REPOSITORY = "RepositoryNotFoundException"
NO_SECRET = "SecretNotFoundException"  # noqa: S105  (the name of an error)
SECRET_SECONDS = 30.0
"""How long ECR may not know a secret that was just made, or just replicated."""


class EcrPullThroughCache(BaseResource):
    """Its prefix is its identity. AWS can only exchange its credential: all else makes it anew, which costs nothing.

    The images that were pulled stay where they are when the rule goes; ``remove_repositories`` takes them with it.
    """

    kind = "pull through cache rule"
    replaceable = True

    def __init__(self, ecr: Any, params: dict[str, Any]) -> None:
        self.ecr = ecr
        self.name: str = params["prefix"].removesuffix("/")
        self.params = params
        self.placeholders = {"prefix": self.name}
        # A credential that is not wanted any more cannot be taken away, only exchanged.
        self.fixed = frozenset({"upstream_registry_url", *([] if params["credential_arn"] else ["credential_arn"])})
        self.with_repositories: bool = params["state"] == "absent" and params["remove_repositories"]

    def find(self) -> State | None:
        """Read the rule, and what it left behind where that is to go too."""
        rule = self._rule()
        if not self.with_repositories:
            return rule
        repositories = self._repositories()
        return {**(rule or {}), "repositories": repositories} if rule or repositories else None

    def _rule(self) -> State | None:
        try:
            answer = self.ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[self.name], aws_retry=True)
        except ClientError as problem:
            if error_code(problem) == GONE:
                return None
            raise
        held = answer["pullThroughCacheRules"][0]
        return {
            "prefix": held["ecrRepositoryPrefix"],
            "upstream_registry_url": held["upstreamRegistryUrl"],
            "credential_arn": held.get("credentialArn"),
        }

    def _repositories(self) -> list[str]:
        found: list[str] = []
        page = self.ecr.describe_repositories(aws_retry=True)
        while True:
            found += [one["repositoryName"] for one in page["repositories"]]
            if not page.get("nextToken"):
                return sorted(name for name in found if name.startswith(f"{self.name}/"))
            page = self.ecr.describe_repositories(nextToken=page["nextToken"], aws_retry=True)

    def wanted(self, current: State | None) -> State:
        """Give the upstream and who logs in there."""
        return {
            "upstream_registry_url": self.params["upstream_registry_url"],
            "credential_arn": self.params["credential_arn"],
        }

    def create(self, wanted: State) -> None:
        """Make the rule. The upstream is not asked anything before the first pull."""
        credential = wanted["credential_arn"]
        eventually(
            self.ecr.create_pull_through_cache_rule,
            NO_SECRET,
            seconds=SECRET_SECONDS,
            ecrRepositoryPrefix=self.name,
            upstreamRegistryUrl=wanted["upstream_registry_url"],
            **({"credentialArn": credential} if credential else {}),
        )

    def update(self, current: State, changes: State) -> None:
        """Exchange the credential."""
        eventually(
            self.ecr.update_pull_through_cache_rule,
            NO_SECRET,
            seconds=SECRET_SECONDS,
            ecrRepositoryPrefix=self.name,
            credentialArn=changes["credential_arn"],
        )

    def delete(self, current: State) -> None:
        """Remove the rule first, or the next pull would make the repositories again."""
        with ignoring(GONE):
            self.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix=self.name, aws_retry=True)
        for name in current.get("repositories", []):
            with ignoring(NO_REPOSITORY):
                self.ecr.delete_repository(repositoryName=name, force=True, aws_retry=True)
