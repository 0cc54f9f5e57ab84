"""An S3 bucket with its whole configuration as one resource: one read, one diff, and calls only for what differs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import s3_bucket_lifecycle, s3_bucket_replication, tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.policy import Policy, as_text, canonical
from trading_platform.aws.s3_bucket_contents import PurgeError, is_empty, purge
from trading_platform.aws.s3_bucket_read import ADVICE, Kept, encryption, flags_to_aws, read, region_of

# OperationAborted: another change of the bucket is under way. NoSuchBucket: S3 does not yet know everywhere a bucket
# just made. MalformedPolicy: S3 does not yet see a role just made that the policy names.
RETRIED: dict[str, Any] = {
    "retries": 10,
    "delay": 1,
    "max_delay": 15,
    "catch_extra_error_codes": ["OperationAborted", "NoSuchBucket", "MalformedPolicy", "SlowDown"],
}
DEFAULT_REGION = "us-east-1"
"""The region that CreateBucket takes without a LocationConstraint, and refuses with one."""
REPLICATION_SECONDS = 60.0
"""How long to try while S3 says that the destination has no versioning, or is not there: so it is for moments after."""
REPLICATION_PAUSE = 5.0
PURGES = 3
"""How often to empty a bucket that is still being written to."""


@dataclass(frozen=True)
class BucketArguments:
    """What a bucket is asked to be, in the shapes of the module's arguments. None means: not configured."""

    name: str
    versioning: bool
    encryption: State
    policy: Policy | None
    public_access_block: dict[str, bool]
    object_ownership: str
    lifecycle_rules: list[State] | None
    logging: State | None
    replication: State | None
    tags: tags.Tags | None
    purge_tags: bool
    purge: bool
    keep: list[str]
    present: bool

    @classmethod
    def of(cls, params: dict[str, Any]) -> BucketArguments:
        """Take them from the module's parameters."""
        names = [name for name in cls.__dataclass_fields__ if name != "present"]
        return cls(**{name: params[name] for name in names}, present=params["state"] == "present")


class S3Bucket(BaseResource):
    """A bucket in the region of the client; its name is its identity, in all accounts and regions."""

    kind = "S3 bucket"

    def __init__(self, s3: Any, arguments: BucketArguments) -> None:
        self.s3 = s3
        self.arguments = arguments
        self.name = arguments.name
        self.region: str = s3.meta.region_name
        self.fixed_facts = {
            "name": self.name,
            "arn": f"arn:{s3.meta.partition}:s3:::{self.name}",
            "region": self.region,
        }
        self.placeholders = self.fixed_facts
        self.kept = Kept()

    def find(self) -> State | None:
        """Read the bucket; refuse one that is elsewhere or somebody else's, and to remove one that holds anything."""
        region = region_of(self.s3, self.name)
        if region is None:
            return None
        if region != self.region:
            raise RefusedError(f"{self.kind} {self.name} is in {region}, not in {self.region}. {ADVICE}")
        if not self.arguments.present and not self.arguments.purge and not is_empty(self.s3, self.name):
            raise RefusedError(
                f"{self.kind} {self.name} is not empty: remove what it holds, or set purge: true to delete every "
                "object and every version in it"
            )
        return self._read()

    def _read(self) -> State:
        state, self.kept = read(self.s3, self.name)
        return {**self.fixed_facts, **state}

    def wanted(self, current: State | None) -> State:
        """Give the managed keys in the form to compare."""
        asked = self.arguments
        found = s3_bucket_lifecycle.problems(asked.lifecycle_rules)
        found += s3_bucket_replication.problems(asked.replication, asked.versioning)
        if found:
            raise RefusedError(f"{self.kind} {self.name}: {'; '.join(found)}")
        managed = {
            "versioning": asked.versioning,
            "encryption": encryption(**asked.encryption),
            "policy": canonical(asked.policy, self.s3.meta.partition),
            "public_access_block": dict(asked.public_access_block),
            "object_ownership": asked.object_ownership,
            "lifecycle_rules": s3_bucket_lifecycle.normal(asked.lifecycle_rules),
            "logging": _logging(asked.logging),
            "replication": s3_bucket_replication.normal(asked.replication),
            "tags": tags.wanted(current["tags"] if current else {}, asked.tags, asked.purge_tags),
        }
        if current is None:
            return managed
        return {key: value for key, value in managed.items() if key not in asked.keep}

    def create(self, wanted: State) -> None:
        """Make the bucket with its tags and ownership, then whatever AWS did not set that way by itself."""
        configuration: State = {}
        if self.region != DEFAULT_REGION:
            configuration["LocationConstraint"] = self.region
        if wanted["tags"]:
            configuration["Tags"] = tags.to_list(wanted["tags"])
        parameters: State = {"Bucket": self.name, "ObjectOwnership": wanted["object_ownership"]}
        if configuration:
            parameters["CreateBucketConfiguration"] = configuration
        try:
            self.s3.create_bucket(**parameters, aws_retry=True)
        except ClientError as error:
            if error_code(error) == "BucketAlreadyExists":
                raise RefusedError(f"{self.kind} {self.name} belongs to another AWS account. {ADVICE}") from error
            if error_code(error) != "BucketAlreadyOwnedByYou":
                raise
            # Also the answer to a request that was sent again because the first answer got lost.
            region = region_of(self.s3, self.name)
            if region != self.region:
                where = region or "another region"
                raise RefusedError(f"{self.kind} {self.name} is ours already, in {where}. {ADVICE}") from error
        made = self._read()
        self.update(made, {key: value for key, value in wanted.items() if made[key] != value})

    def update(self, current: State, changes: State) -> None:
        """Write what differs, in the order that S3 takes it.

        Ownership and public access before a policy, versioning before replication; but replication must go before
        versioning is suspended.
        """
        order: dict[str, Callable[[Any], None]] = {
            "object_ownership": self._put_ownership,
            "public_access_block": self._put_public_access_block,
            "versioning": self._put_versioning,
            "encryption": self._put_encryption,
            "tags": self._put_tags,
            "policy": self._put_policy,
            "lifecycle_rules": self._put_lifecycle,
            "logging": self._put_logging,
            "replication": self._put_replication,
        }
        if "replication" in changes and changes["replication"] is None:
            self.s3.delete_bucket_replication(Bucket=self.name, aws_retry=True)
            changes = {key: value for key, value in changes.items() if key != "replication"}
        for key, put in order.items():
            if key in changes:
                put(changes[key])

    def _put_ownership(self, wanted: str) -> None:
        controls = {"Rules": [{"ObjectOwnership": wanted}]}
        self.s3.put_bucket_ownership_controls(Bucket=self.name, OwnershipControls=controls, aws_retry=True)

    def _put_public_access_block(self, wanted: dict[str, bool]) -> None:
        self.s3.put_public_access_block(
            Bucket=self.name, PublicAccessBlockConfiguration=flags_to_aws(wanted), aws_retry=True
        )

    def _put_versioning(self, wanted: bool) -> None:
        status = {"Status": "Enabled" if wanted else "Suspended"}
        self.s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration=status, aws_retry=True)

    def _put_encryption(self, wanted: State) -> None:
        default = {"SSEAlgorithm": wanted["algorithm"]}
        if wanted["kms_key_arn"]:
            default["KMSMasterKeyID"] = wanted["kms_key_arn"]
        rule: State = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": wanted["bucket_key"]}
        # One call sets both: leaving this out would allow again what the account's defaults block (SSE-C).
        if self.kept.blocked_encryption_types:
            rule["BlockedEncryptionTypes"] = self.kept.blocked_encryption_types
        self.s3.put_bucket_encryption(
            Bucket=self.name, ServerSideEncryptionConfiguration={"Rules": [rule]}, aws_retry=True
        )

    def _put_tags(self, wanted: tags.Tags) -> None:
        # The call replaces the whole set, and AWS's own tags are part of it.
        tag_set = self.kept.aws_tags + tags.to_list(wanted)
        if tag_set:
            self.s3.put_bucket_tagging(Bucket=self.name, Tagging={"TagSet": tag_set}, aws_retry=True)
        else:
            self.s3.delete_bucket_tagging(Bucket=self.name, aws_retry=True)

    def _put_policy(self, wanted: Policy | None) -> None:
        if self.arguments.policy is None:
            self.s3.delete_bucket_policy(Bucket=self.name, aws_retry=True)
            return
        text = as_text(self.arguments.policy)  # as it was asked for, not in the form to compare
        self.s3.put_bucket_policy(Bucket=self.name, Policy=text, aws_retry=True)

    def _put_lifecycle(self, wanted: list[State]) -> None:
        if not wanted:
            self.s3.delete_bucket_lifecycle(Bucket=self.name, aws_retry=True)
            return
        rules = {"Rules": s3_bucket_lifecycle.to_aws(wanted)}
        self.s3.put_bucket_lifecycle_configuration(Bucket=self.name, LifecycleConfiguration=rules, aws_retry=True)

    def _put_logging(self, wanted: State | None) -> None:
        status: State = {}
        if wanted:
            status = {
                "LoggingEnabled": {"TargetBucket": wanted["target_bucket"], "TargetPrefix": wanted["target_prefix"]}
            }
        self.s3.put_bucket_logging(Bucket=self.name, BucketLoggingStatus=status, aws_retry=True)

    def _put_replication(self, wanted: State) -> None:
        configuration = s3_bucket_replication.to_aws(wanted)
        give_up = time.monotonic() + REPLICATION_SECONDS
        while True:
            try:
                self.s3.put_bucket_replication(Bucket=self.name, ReplicationConfiguration=configuration, aws_retry=True)
                return
            except ClientError as error:
                if "Destination bucket must" not in str(error) or time.monotonic() > give_up:
                    raise
            time.sleep(REPLICATION_PAUSE)

    def delete(self, current: State) -> None:
        """Remove the bucket, with all it holds when asked to; find() refused before if it holds anything otherwise."""
        for attempt in range(1, PURGES + 1):
            try:
                if self.arguments.purge:
                    purge(self.s3, self.name)
                self.s3.delete_bucket(Bucket=self.name, aws_retry=True)
            except PurgeError as problem:
                raise RefusedError(str(problem)) from problem
            except ClientError as error:
                if error_code(error) == "NoSuchBucket":
                    return
                if error_code(error) != "BucketNotEmpty" or not self.arguments.purge or attempt == PURGES:
                    raise
            else:
                return


def _logging(asked: State | None) -> State | None:
    if asked is None:
        return None
    return {"target_bucket": asked["target_bucket"], "target_prefix": asked.get("target_prefix") or ""}
