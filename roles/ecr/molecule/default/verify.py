"""Three repositories with immutable tags in both regions, and a rule that fills those of the standby region."""

import json
import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
ecr = boto3.client("ecr")
NAMES = ["trading-engine/api", "trading-engine/websocket", "trading-engine/worker"]

held = ecr.describe_repositories()["repositories"]
assert sorted(one["repositoryName"] for one in held) == NAMES, held
for one in held:
    assert one["imageTagMutability"] == "IMMUTABLE", one
    assert one["imageScanningConfiguration"] == {"scanOnPush": True}, one
    text = ecr.get_lifecycle_policy(repositoryName=one["repositoryName"])["lifecyclePolicyText"]
    selections = {rule["selection"]["tagStatus"]: rule["selection"] for rule in json.loads(text)["rules"]}
    assert selections["untagged"]["countNumber"] == 7, selections
    assert selections["any"]["countType"] == "imageCountMoreThan", selections
    tags = {tag["Key"]: tag["Value"] for tag in ecr.list_tags_for_resource(resourceArn=one["repositoryArn"])["tags"]}
    assert tags["ManagedBy"] == "ansible", tags

rules = ecr.describe_registry()["replicationConfiguration"]["rules"]
if region == "us-east-1":
    assert [rule["destinations"] for rule in rules] == [[{"region": "us-west-2", "registryId": account}]], rules
    assert rules[0]["repositoryFilters"] == [{"filter": "trading-engine/", "filterType": "PREFIX_MATCH"}], rules
else:
    assert rules == [], rules
