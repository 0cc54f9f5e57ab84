"""Every purpose has an enabled, rotating, tagged key; what the standby region decrypts is a replica there."""

import json
import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
PURPOSES = ("ebs", "eks", "rds", "elasticache", "s3", "secrets", "logs", "messaging", "backup")
MULTI_REGION = ("rds", "s3", "secrets")
kms = boto3.client("kms")

aliases = {alias["AliasName"]: alias.get("TargetKeyId") for alias in kms.list_aliases()["Aliases"]}
policies = {}
for purpose in PURPOSES:
    alias = f"alias/production-trading-engine-{purpose}"
    assert alias in aliases, f"{alias} does not exist in {region}"
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]
    assert key["KeyState"] == "Enabled", key
    assert key["MultiRegion"] == (purpose in MULTI_REGION), key
    if purpose in MULTI_REGION:
        kind = "PRIMARY" if region == "us-east-1" else "REPLICA"
        assert key["MultiRegionConfiguration"]["MultiRegionKeyType"] == kind, key
        assert key["MultiRegionConfiguration"]["PrimaryKey"]["Region"] == "us-east-1", key
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"], purpose
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]}
    assert tags["ManagedBy"] == "ansible" and tags["Compliance"] == "PCI-DSS", tags
    policies[purpose] = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])

for policy in policies.values():
    root = [s for s in policy["Statement"] if s["Principal"] == {"AWS": f"arn:aws:iam::{account}:root"}]
    assert len(root) == 1 and root[0]["Action"] == "kms:*", policy
    assert not any(s["Principal"] == "*" for s in policy["Statement"]), policy
grants = [s for s in policies["ebs"]["Statement"] if s["Action"] == "kms:CreateGrant"]
assert grants and grants[0]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}, policies["ebs"]
services = {s["Principal"].get("Service") for s in policies["logs"]["Statement"]}
assert {f"logs.{region}.amazonaws.com", "cloudtrail.amazonaws.com"} <= services, services
assert len(policies["eks"]["Statement"]) == 1, policies["eks"]
