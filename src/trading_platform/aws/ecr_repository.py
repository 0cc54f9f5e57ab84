"""An ECR repository: what happens to tags that exist, to images that are pushed, and to old ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id
from trading_platform.aws.policy import as_text, canonical

GONE = "RepositoryNotFoundException"
NO_POLICY = ("RepositoryPolicyNotFoundException", "LifecyclePolicyNotFoundException")


class EcrRepository(BaseResource):
    """Its name is its identity. Its encryption is chosen once and for ever.

    A repository that replication made in another Region has none of the settings of its source: it is found by its
    name like any other and brought to what is asked for.
    """

    kind = "repository"
    fixed = frozenset({"encryption_type", "kms_key_arn"})

    def __init__(self, ecr: Any, params: dict[str, Any]) -> None:
        self.ecr = ecr
        self.name: str = params["name"]
        self.params = params
        planned, region = planned_id(self.name), ecr.meta.region_name
        self.placeholders = {
            "repository_arn": f"arn:aws:ecr:{region}:{'0' * 12}:repository/{planned}",
            "repository_uri": f"{'0' * 12}.dkr.ecr.{region}.amazonaws.com/{planned}",
        }

    def find(self) -> State | None:
        """Read the repository, its policies and its tags."""
        try:
            answer = self.ecr.describe_repositories(repositoryNames=[self.name], aws_retry=True)
        except ClientError as problem:
            if error_code(problem) == GONE:
                return None
            raise
        held = answer["repositories"][0]
        encryption = held.get("encryptionConfiguration") or {}
        tags = self.ecr.list_tags_for_resource(resourceArn=held["repositoryArn"], aws_retry=True)["tags"]
        lifecycle = self._text(self.ecr.get_lifecycle_policy, "lifecyclePolicyText")
        return {
            "name": held["repositoryName"],
            "repository_arn": held["repositoryArn"],
            "repository_uri": held["repositoryUri"],
            "image_tag_mutability": held["imageTagMutability"].lower(),
            "scan_on_push": (held.get("imageScanningConfiguration") or {}).get("scanOnPush", False),
            "encryption_type": encryption.get("encryptionType", "AES256"),
            "kms_key_arn": encryption.get("kmsKey"),
            "lifecycle_policy": canonical_lifecycle(json.loads(lifecycle)) if lifecycle else None,
            "policy": canonical(self._text(self.ecr.get_repository_policy, "policyText")),
            "tags": tagging.from_list(tags),
        }

    def _text(self, read: Callable[..., dict[str, Any]], key: str) -> str | None:
        try:
            return str(read(repositoryName=self.name, aws_retry=True)[key])
        except ClientError as problem:
            if error_code(problem) in (*NO_POLICY, GONE):
                return None
            raise

    def wanted(self, current: State | None) -> State:
        """Give every setting; a policy that is not given is left alone, an empty one is taken away."""
        key = self.params["kms_key_arn"]
        lifecycle, policy = self.params["lifecycle_policy"], self.params["policy"]
        result: State = {
            "image_tag_mutability": self.params["image_tag_mutability"],
            "scan_on_push": self.params["scan_on_push"],
            "encryption_type": "KMS" if key else "AES256",
            "kms_key_arn": key,
            "tags": tagging.wanted(current["tags"] if current else {}, self.params["tags"], self.params["purge_tags"]),
        }
        if lifecycle is not None:
            result["lifecycle_policy"] = canonical_lifecycle(lifecycle) if lifecycle else None
        if policy is not None:
            result["policy"] = canonical(policy) if policy else None
        return result

    def create(self, wanted: State) -> None:
        """Make the repository with its tags, then its policies."""
        encryption = {"encryptionType": wanted["encryption_type"]}
        self.ecr.create_repository(
            repositoryName=self.name,
            imageTagMutability=wanted["image_tag_mutability"].upper(),
            imageScanningConfiguration={"scanOnPush": wanted["scan_on_push"]},
            encryptionConfiguration={**encryption, **({"kmsKey": wanted["kms_key_arn"]} if self._has_key() else {})},
            tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )
        self._write_policies({key: wanted[key] for key in ("lifecycle_policy", "policy") if wanted.get(key)})

    def _has_key(self) -> bool:
        return bool(self.params["kms_key_arn"])

    def update(self, current: State, changes: State) -> None:
        """Write what differs."""
        if "image_tag_mutability" in changes:
            self.ecr.put_image_tag_mutability(
                repositoryName=self.name, imageTagMutability=changes["image_tag_mutability"].upper(), aws_retry=True
            )
        if "scan_on_push" in changes:
            self.ecr.put_image_scanning_configuration(
                repositoryName=self.name,
                imageScanningConfiguration={"scanOnPush": changes["scan_on_push"]},
                aws_retry=True,
            )
        self._write_policies(changes)
        if "tags" in changes:
            write, remove = tagging.difference(current["tags"], changes["tags"])
            arn = current["repository_arn"]
            if remove:
                self.ecr.untag_resource(resourceArn=arn, tagKeys=remove, aws_retry=True)
            if write:
                self.ecr.tag_resource(resourceArn=arn, tags=tagging.to_list(write), aws_retry=True)

    def _write_policies(self, changes: State) -> None:
        if changes.get("lifecycle_policy"):
            text = as_text(changes["lifecycle_policy"])
            self.ecr.put_lifecycle_policy(repositoryName=self.name, lifecyclePolicyText=text, aws_retry=True)
        elif "lifecycle_policy" in changes:
            self.ecr.delete_lifecycle_policy(repositoryName=self.name, aws_retry=True)
        if changes.get("policy"):
            text = as_text(changes["policy"])
            self.ecr.set_repository_policy(repositoryName=self.name, policyText=text, aws_retry=True)
        elif "policy" in changes:
            self.ecr.delete_repository_policy(repositoryName=self.name, aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove the repository; with images in it only where ``force`` says so."""
        with ignoring(GONE):
            self.ecr.delete_repository(repositoryName=self.name, force=self.params["force"], aws_retry=True)


def canonical_lifecycle(policy: dict[str, Any]) -> dict[str, Any]:
    """Give a lifecycle policy with its rules in order of priority and its tags sorted."""
    return {"rules": sorted((_rule(rule) for rule in policy.get("rules", [])), key=lambda rule: rule["rulePriority"])}


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    selection = {key: sorted(value) if isinstance(value, list) else value for key, value in rule["selection"].items()}
    return {**rule, "rulePriority": int(rule["rulePriority"]), "selection": selection}
