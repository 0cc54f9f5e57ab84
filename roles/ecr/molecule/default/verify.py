"""Three repositories with immutable tags, a rule that fills those of the standby region, and upstream registries."""

import json
import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
ecr = boto3.client("ecr")
UPSTREAMS = {"docker-hub": "registry-1.docker.io", "quay": "quay.io", "kubernetes": "registry.k8s.io"}
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

upstream = {one["ecrRepositoryPrefix"]: one for one in ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"]}
assert {prefix: one["upstreamRegistryUrl"] for prefix, one in upstream.items()} == UPSTREAMS, upstream
name = "ecr-pullthroughcache/production-trading-engine-docker-hub"
credential = boto3.client("secretsmanager").describe_secret(SecretId=name)["ARN"]
assert f":{region}:" in credential, credential
assert {one.get("credentialArn") for one in upstream.values()} == {credential, None}, upstream
assert upstream["docker-hub"]["credentialArn"] == credential, upstream
