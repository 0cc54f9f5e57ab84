"""Reading a bucket: whose it is, where it is, and its configuration in the names of the module's arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import s3_bucket_lifecycle, s3_bucket_replication, tags
from trading_platform.aws.engine import RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.policy import canonical

FLAGS = {
    "block_public_acls": "BlockPublicAcls",
    "ignore_public_acls": "IgnorePublicAcls",
    "block_public_policy": "BlockPublicPolicy",
    "restrict_public_buckets": "RestrictPublicBuckets",
}
# The variables that make up the names of our buckets.
ADVICE = (
    "Bucket names are global: set s3_bucket_name_suffix in the inventory (group_vars/all/s3.yml) to get another name."
)


@dataclass(frozen=True)
class Kept:
    """What is not ours to manage, and would be lost if it were not written back with what is."""

    blocked_encryption_types: dict[str, Any] | None = None
    aws_tags: list[dict[str, str]] = field(default_factory=list)


def region_of(s3: Any, bucket: str) -> str | None:
    """Give the region of our bucket of that name, None when nobody has one.

    Raises:
        RefusedError: it cannot be read; it belongs to somebody else, as far as can be told.
    """
    try:
        answer = s3.head_bucket(Bucket=bucket, aws_retry=True)
    except ClientError as error:
        code = error_code(error)
        if code in ("404", "NoSuchBucket"):
            return None
        if code in ("403", "AccessDenied"):
            raise RefusedError(
                f"S3 bucket {bucket} exists, and these credentials may not see it: it belongs to another AWS account, "
                f"or they lack s3:ListBucket. {ADVICE}"
            ) from error
        elsewhere = _headers(error.response).get("x-amz-bucket-region")
        if code in ("301", "PermanentRedirect", "400") and elsewhere:
            return str(elsewhere)
        raise
    # The header is the only source in answers of older endpoints.
    region = answer.get("BucketRegion") or _headers(answer).get("x-amz-bucket-region")
    return str(region or s3.meta.region_name)


def _headers(response: Any) -> dict[str, str]:
    return dict(response.get("ResponseMetadata", {}).get("HTTPHeaders", {}))


def read(s3: Any, bucket: str) -> tuple[State, Kept]:
    """Read everything we manage of a bucket of ours, and what must survive our writing.

    S3 has an error code of its own for each configuration that is not there.
    """
    encryption = _get(s3.get_bucket_encryption, bucket, "ServerSideEncryptionConfigurationNotFoundError")
    rule = encryption["ServerSideEncryptionConfiguration"]["Rules"][0] if encryption else {}
    all_tags = (_get(s3.get_bucket_tagging, bucket, "NoSuchTagSet") or {}).get("TagSet", [])
    state = {
        "versioning": s3.get_bucket_versioning(Bucket=bucket, aws_retry=True).get("Status") == "Enabled",
        "encryption": _encryption(rule),
        "public_access_block": _public_access_block(s3, bucket),
        "object_ownership": _ownership(s3, bucket),
        "policy": _policy(s3, bucket),
        "lifecycle_rules": _lifecycle(s3, bucket),
        "logging": _logging(s3, bucket),
        "replication": _replication(s3, bucket),
        "tags": tags.from_list(all_tags),
    }
    aws_tags = [tag for tag in all_tags if tag["Key"].startswith("aws:")]
    return state, Kept(rule.get("BlockedEncryptionTypes"), aws_tags)


def _get(call: Callable[..., dict[str, Any]], bucket: str, absent: str) -> dict[str, Any] | None:
    try:
        return call(Bucket=bucket, aws_retry=True)
    except ClientError as error:
        if error_code(error) == absent:
            return None
        raise


def _policy(s3: Any, bucket: str) -> State | None:
    answer = _get(s3.get_bucket_policy, bucket, "NoSuchBucketPolicy")
    return canonical(answer["Policy"], s3.meta.partition) if answer else None


def _encryption(rule: dict[str, Any]) -> State | None:
    default = rule.get("ApplyServerSideEncryptionByDefault")
    if not default:
        return None
    return encryption(default["SSEAlgorithm"], default.get("KMSMasterKeyID"), bool(rule.get("BucketKeyEnabled")))


def encryption(algorithm: str, kms_key_arn: str | None, bucket_key: bool) -> State:
    """Give default encryption in the form to compare: a bucket key means nothing without KMS."""
    with_kms = algorithm.startswith("aws:kms")
    return {
        "algorithm": algorithm,
        "kms_key_arn": kms_key_arn if with_kms else None,
        "bucket_key": bucket_key and with_kms,
    }


def _public_access_block(s3: Any, bucket: str) -> dict[str, bool] | None:
    answer = _get(s3.get_public_access_block, bucket, "NoSuchPublicAccessBlockConfiguration")
    return flags_from_aws(answer["PublicAccessBlockConfiguration"]) if answer else None


def flags_from_aws(configuration: dict[str, bool]) -> dict[str, bool]:
    """Give a public access block in our names; what is not said is off."""
    return {ours: bool(configuration.get(theirs)) for ours, theirs in FLAGS.items()}


def flags_to_aws(flags: dict[str, bool]) -> dict[str, bool]:
    """Give a public access block in S3's names."""
    return {theirs: flags[ours] for ours, theirs in FLAGS.items()}


def _ownership(s3: Any, bucket: str) -> str | None:
    answer = _get(s3.get_bucket_ownership_controls, bucket, "OwnershipControlsNotFoundError")
    return str(answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"]) if answer else None


def _lifecycle(s3: Any, bucket: str) -> list[State]:
    answer = _get(s3.get_bucket_lifecycle_configuration, bucket, "NoSuchLifecycleConfiguration")
    return s3_bucket_lifecycle.from_aws((answer or {}).get("Rules"))


def _logging(s3: Any, bucket: str) -> State | None:
    enabled = s3.get_bucket_logging(Bucket=bucket, aws_retry=True).get("LoggingEnabled")
    if not enabled:
        return None
    return {"target_bucket": enabled["TargetBucket"], "target_prefix": enabled.get("TargetPrefix", "")}


def _replication(s3: Any, bucket: str) -> State | None:
    answer = _get(s3.get_bucket_replication, bucket, "ReplicationConfigurationNotFoundError")
    return s3_bucket_replication.from_aws((answer or {}).get("ReplicationConfiguration"))
