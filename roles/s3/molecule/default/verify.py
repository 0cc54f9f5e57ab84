"""The buckets are private, encrypted, refuse plain HTTP, and forget and copy what the document says."""

import json
import os
import sys
from typing import Any

import boto3

from trading_platform.aws.s3_account_public_access_block import without_account_in_address

account, region = sys.argv[1], os.environ["AWS_REGION"]
suffix = "" if region == "us-east-1" else f"-{region}"
s3 = boto3.client("s3")


def bucket(purpose: str) -> str:
    """Give the name of a bucket of this region."""
    return f"production-trading-engine-{purpose}{suffix}"


def allowed(name: str) -> list[dict[str, Any]]:
    """Give the statements of a bucket's policy that allow something."""
    statements = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    return [one for one in statements if one["Effect"] == "Allow"]


def services(name: str) -> set[str]:
    """Give the services that a bucket's policy lets in."""
    return {one["Principal"]["Service"] for one in allowed(name)}


def lifecycle(name: str) -> dict[str, dict[str, Any]]:
    """Give the rules by id."""
    return {one["ID"]: one for one in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]}


def check_privacy(name: str) -> None:
    """Assert what holds for every bucket."""
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert all(block.values()) and len(block) == 4, block
    ownership = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}], ownership
    statements = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    denials = [(one["Condition"], one["Principal"], one["Action"]) for one in statements if one["Effect"] == "Deny"]
    assert denials == [({"Bool": {"aws:SecureTransport": "false"}}, "*", "s3:*")], statements
    for statement in allowed(name):
        assert account in json.dumps([statement.get("Condition"), statement["Resource"]]), statement
    assert "AbortIncompleteMultipartUpload" in lifecycle(name)["remove-incomplete-uploads"], name
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]}
    assert tags["Project"] == "trading-engine", tags
    target = s3.get_bucket_logging(Bucket=name).get("LoggingEnabled", {}).get("TargetBucket")
    assert target == (None if name == bucket("logs") else bucket("logs")), (name, target)


def check_configuration(name: str, days: int, versioned: bool, algorithm: str) -> dict[str, Any]:
    """Assert what differs from bucket to bucket, and give the rule by which objects go."""
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm, rule
    assert (s3.get_bucket_versioning(Bucket=name).get("Status") == "Enabled") is versioned, name
    rules = lifecycle(name)
    assert ("remove-expired-delete-markers" in rules) is versioned, rules
    age = rules["delete-old-objects"]
    assert age.get("Expiration", {}).get("Days", 0) == days, age
    return age


names = {one["Name"] for one in s3.list_buckets()["Buckets"]}
ours = {bucket(one) for one in ("backups", "logs", "flow-logs", *(("assets", "audit") if not suffix else ()))}
assert ours <= names, names
for one in sorted(ours):
    check_privacy(one)

check_configuration(bucket("logs"), 90, False, "AES256")
check_configuration(bucket("flow-logs"), 90, False, "AES256")
assert services(bucket("flow-logs")) == {"delivery.logs.amazonaws.com"}
delivered = next(one for one in allowed(bucket("flow-logs")) if one["Action"] == "s3:PutObject")
assert delivered["Resource"] == f"arn:aws:s3:::{bucket('flow-logs')}/AWSLogs/aws-account-id={account}/*", delivered
assert services(bucket("logs")) == {"logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"}
elb = next(one for one in allowed(bucket("logs")) if "AWS" in one["Principal"])
delivers = {"us-east-1": "127311923021", "us-west-2": "797873946194"}[region]
assert elb["Principal"]["AWS"] == f"arn:aws:iam::{delivers}:root", elb
assert elb["Resource"] == f"arn:aws:s3:::{bucket('logs')}/alb/AWSLogs/{account}/*", elb

backups = check_configuration(bucket("backups"), 365, True, "aws:kms")
steps = sorted((one["Days"], one["StorageClass"]) for one in backups["Transitions"])
assert steps == [(30, "STANDARD_IA"), (90, "GLACIER")], backups
assert backups["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30, backups
encryption = s3.get_bucket_encryption(Bucket=bucket("backups"))["ServerSideEncryptionConfiguration"]["Rules"][0]
key = encryption["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"]
assert encryption["BucketKeyEnabled"] and key.startswith(f"arn:aws:kms:{region}:{account}:key/mrk-"), encryption

if not suffix:
    replication = s3.get_bucket_replication(Bucket=bucket("backups"))["ReplicationConfiguration"]
    (rule,) = replication["Rules"]
    destination = rule["Destination"]
    assert replication["Role"] == f"arn:aws:iam::{account}:role/molecule-replication", replication
    assert destination["Bucket"] == f"arn:aws:s3:::{bucket('backups')}-us-west-2", rule
    replica = boto3.client("kms", region_name="us-west-2").describe_key(KeyId="alias/production-trading-engine-s3")
    assert destination["EncryptionConfiguration"]["ReplicaKmsKeyID"] == replica["KeyMetadata"]["Arn"], rule
    assert rule["SourceSelectionCriteria"]["SseKmsEncryptedObjects"]["Status"] == "Enabled", rule
    assert destination["Metrics"]["Status"] == "Enabled", rule

    check_configuration(bucket("assets"), 0, True, "AES256")
    (reader,) = allowed(bucket("assets"))
    assert (reader["Principal"], reader["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject"), reader
    source = reader["Condition"]["StringEquals"]["AWS:SourceArn"]
    assert source == f"arn:aws:cloudfront::{account}:distribution/EDFDVBD6EXAMPLE", reader

    check_configuration(bucket("audit"), 365, True, "AES256")
    assert services(bucket("audit")) == {"cloudtrail.amazonaws.com", "config.amazonaws.com"}
    trail = f"arn:aws:cloudtrail:us-east-1:{account}:trail/production-trading-engine"
    for one in allowed(bucket("audit")):
        equals = one["Condition"]["StringEquals"]
        assert equals["aws:SourceAccount"] == account, one
        assert equals.get("aws:SourceArn") == (trail if "cloudtrail" in one["Principal"]["Service"] else None), one
    control = without_account_in_address(boto3.client("s3control"))
    block = control.get_public_access_block(AccountId=account)["PublicAccessBlockConfiguration"]
    assert all(block.values()) and len(block) == 4, block
    s3.put_object(Bucket=bucket("backups"), Key="molecule/probe", Body=b"-")
    s3.delete_object(Bucket=bucket("backups"), Key="molecule/probe")
