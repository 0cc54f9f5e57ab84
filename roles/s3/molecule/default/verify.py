"""The buckets are private, encrypted, refuse plain HTTP, and forget after 90 days."""

import json
import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
suffix = "" if region == "us-east-1" else f"-{region}"
s3 = boto3.client("s3")
logs, flow_logs = f"production-trading-engine-logs{suffix}", f"production-trading-engine-flow-logs{suffix}"

for bucket in (logs, flow_logs):
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(block.values()) and len(block) == 4, block
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}], ownership
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", rule
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled", bucket
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert [r["Expiration"]["Days"] for r in rules if "Expiration" in r] == [90], rules
    assert any("AbortIncompleteMultipartUpload" in r for r in rules), rules
    statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    plain = [s for s in statements if s["Effect"] == "Deny"]
    assert [s["Condition"] for s in plain] == [{"Bool": {"aws:SecureTransport": "false"}}], statements
    for statement in statements:
        assert statement["Effect"] == "Deny" or account in json.dumps(statement["Condition"]), statement
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    assert tags["Project"] == "trading-engine", tags

target = s3.get_bucket_logging(Bucket=flow_logs)["LoggingEnabled"]
assert target["TargetBucket"] == logs, target
writers = {
    s["Principal"]["Service"]
    for s in json.loads(s3.get_bucket_policy(Bucket=flow_logs)["Policy"])["Statement"]
    if s["Effect"] == "Allow"
}
assert writers == {"delivery.logs.amazonaws.com"}, writers
