"""Figures of buckets and of what is served from them."""

from typing import Any

from botocore.exceptions import ClientError
from estate import Estate, document, reader, short


def _versioning(s3: Any, bucket: str) -> str:
    return str(s3.get_bucket_versioning(Bucket=bucket).get("Status", "Disabled"))


def _lifecycle(s3: Any, bucket: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]:
        found |= {one["StorageClass"]: one["Days"] for one in rule.get("Transitions", [])}
        if days := rule.get("Expiration", {}).get("Days"):
            found["delete"] = days
    return found


def _replication(s3: Any, bucket: str) -> list[str]:
    """Regions of the buckets that this one is copied to."""
    try:
        rules = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ReplicationConfigurationNotFoundError", error
        return []
    targets = [one["Destination"]["Bucket"].rpartition(":")[2] for one in rules if one["Status"] == "Enabled"]
    return sorted(_region(s3, target) for target in targets)


def _region(s3: Any, bucket: str) -> str:
    return s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1"


def _encryption(s3: Any, bucket: str) -> tuple[str, str | None]:
    """Algorithm and key."""
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    return default["SSEAlgorithm"], default.get("KMSMasterKeyID")


@reader
def buckets(estate: Estate, region: str) -> dict[str, dict[str, Any]]:
    """Name of each bucket to ``{versioning, algorithm, key, lifecycle, replicated_to, private, tls_only}``."""
    s3 = estate.client("s3", region)
    found = {}
    for name in sorted(one["Name"] for one in s3.list_buckets()["Buckets"]):
        if _region(s3, name) != region:
            continue
        algorithm, key = _encryption(s3, name)
        block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        policy = document(s3.get_bucket_policy(Bucket=name)["Policy"])
        found[name] = {
            "versioning": _versioning(s3, name),
            "algorithm": algorithm,
            "key": estate.purpose(region, key),
            "lifecycle": _lifecycle(s3, name),
            "replicated_to": _replication(s3, name),
            "private": len(block) == 4 and all(block.values()),
            "tls_only": any(
                one["Effect"] == "Deny" and one.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
                for one in policy
            ),
        }
    return found


@reader
def bucket_encryption(estate: Estate, region: str) -> list[str]:
    """The ways in which buckets of a region are encrypted: each one is, by KMS or by S3."""
    found = estate.read("buckets", region).values()
    return sorted({one["algorithm"] + ("" if one["key"] == "none" else f" {one['key']}") for one in found})


@reader
def cdn(estate: Estate, region: str) -> dict[str, Any]:
    """The distribution: ``{status, origin, cache_control, https, web_acl}``."""
    cloudfront = estate.client("cloudfront", region)
    (summary,) = cloudfront.list_distributions()["DistributionList"]["Items"]
    distribution = cloudfront.get_distribution(Id=summary["Id"])["Distribution"]
    config = distribution["DistributionConfig"]
    behavior = config["DefaultCacheBehavior"]
    policy = cloudfront.get_response_headers_policy(Id=behavior["ResponseHeadersPolicyId"])["ResponseHeadersPolicy"]
    headers = policy["ResponseHeadersPolicyConfig"]["CustomHeadersConfig"]["Items"]
    return {
        "enabled": config["Enabled"],
        "status": distribution["Status"],
        "origins": [one["DomainName"] for one in config["Origins"]["Items"]],
        "cache_control": [one["Value"] for one in headers if one["Header"] == "Cache-Control"],
        "https": behavior["ViewerProtocolPolicy"],
        "web_acl": config["WebACLId"].split("/")[-2] if config["WebACLId"] else "none",
    }


@reader
def log_days(estate: Estate, region: str) -> dict[str, int]:
    """Bucket that AWS services write logs to, to the days after which they are deleted; 0 is never."""
    s3 = estate.client("s3", region)
    found = {}
    for name, one in estate.read("buckets", region).items():
        statements = document(s3.get_bucket_policy(Bucket=name)["Policy"])
        if any(held["Effect"] == "Allow" and "s3:PutObject" in held["Action"] for held in statements):
            found[short(name)] = one["lifecycle"].get("delete", 0)
    return found


@reader
def bucket_names(estate: Estate, region: str) -> list[str]:
    """Names of a region's buckets."""
    return sorted(short(name) for name in estate.read("buckets", region))
