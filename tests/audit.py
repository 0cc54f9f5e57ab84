"""What the audit services need around them: a bucket, a key, a log group and a role."""

import json
from typing import Any

from trading_platform.emulator.testing import EmulatorServer

BUCKET = "audit"


def allow(service: str, action: Any, resource: str, **conditions: Any) -> dict[str, Any]:
    """Give a statement that lets a service do something."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return {**statement, "Condition": conditions} if conditions else statement


def bucket_policy(account: str, trail_arn: str, prefix: str = "") -> list[dict[str, Any]]:
    """Give what CloudTrail needs to be allowed in the bucket's policy."""
    source = {"aws:SourceArn": trail_arn}
    acl = {"s3:x-amz-acl": "bucket-owner-full-control", **source}
    path = f"arn:aws:s3:::{BUCKET}/{prefix}AWSLogs/{account}/*"
    return [
        allow("cloudtrail.amazonaws.com", "s3:GetBucketAcl", f"arn:aws:s3:::{BUCKET}", StringEquals=source),
        allow("cloudtrail.amazonaws.com", "s3:PutObject", path, StringEquals=acl),
    ]


def put_policy(aws: EmulatorServer, statements: list[dict[str, Any]], bucket: str = BUCKET) -> None:
    """Write the bucket's policy."""
    document = {"Version": "2012-10-17", "Statement": statements}
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def make_key(aws: EmulatorServer, *services: str, region: str = "us-east-1") -> str:
    """Make a key that services may use and give its ARN."""
    root = {**allow("", "kms:*", "*"), "Principal": {"AWS": f"arn:aws:iam::{aws.account_id}:root"}}
    document = {"Version": "2012-10-17", "Statement": [root, *(allow(one, "kms:*", "*") for one in services)]}
    arn: str = aws.client("kms", region).create_key(Policy=json.dumps(document))["KeyMetadata"]["Arn"]
    return arn


def make_role(aws: EmulatorServer, name: str, service: str) -> str:
    """Make a role that a service may take and give its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
    arn: str = role["Role"]["Arn"]
    return arn


def make_log_group(aws: EmulatorServer, name: str) -> str:
    """Make a log group and give its ARN, with the ``:*`` that CloudWatch Logs shows."""
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=name)
    arn: str = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["arn"]
    return arn


def config_policy(account: str, bucket: str = BUCKET) -> list[dict[str, Any]]:
    """Give what AWS Config needs to be allowed in the bucket's policy."""
    source = {"aws:SourceAccount": account}
    path = f"arn:aws:s3:::{bucket}/AWSLogs/{account}/Config/*"
    return [
        allow(
            "config.amazonaws.com", ["s3:GetBucketAcl", "s3:ListBucket"], f"arn:aws:s3:::{bucket}", StringEquals=source
        ),
        allow("config.amazonaws.com", "s3:PutObject", path, StringEquals=source),
    ]
