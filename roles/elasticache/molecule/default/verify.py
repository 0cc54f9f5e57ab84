"""Redis runs in the primary region as the design document says, and can take over in the other."""

import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
NAME = "production-trading-engine"
elasticache, kms, logs = (boto3.client(service) for service in ("elasticache", "kms", "logs"))

subnets = elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=NAME)["CacheSubnetGroups"][0]["Subnets"]
zones = sorted(one["SubnetAvailabilityZone"]["Name"] for one in subnets)
assert zones == [f"{region}{zone}" for zone in "abc"], subnets
values = elasticache.describe_cache_parameters(CacheParameterGroupName=f"{NAME}-redis7", Source="user")["Parameters"]
assert {one["ParameterName"]: one["ParameterValue"] for one in values} == {
    "maxmemory-policy": "allkeys-lru",
    "timeout": "300",
    "tcp-keepalive": "300",
}, values
key = kms.describe_key(KeyId=f"alias/{NAME}-logs")["KeyMetadata"]["Arn"]
for group in logs.describe_log_groups(logGroupNamePrefix="/aws/elasticache/")["logGroups"]:
    assert (group["retentionInDays"], group["kmsKeyId"]) == (90, key), group

groups = elasticache.describe_replication_groups()["ReplicationGroups"]
if region != "us-east-1":
    assert groups == [], groups
    sys.exit()

[group] = groups
assert group["ReplicationGroupId"] == NAME and group["Status"] == "available", group
assert group["CacheNodeType"] == "cache.r6g.large", group
assert len(group["MemberClusters"]) == 3, group
placed = {one["PreferredAvailabilityZone"] for one in group["NodeGroups"][0]["NodeGroupMembers"]}
assert len(placed) == 3, placed
assert (group["MultiAZ"], group["AutomaticFailover"]) == ("enabled", "enabled"), group
assert group["TransitEncryptionEnabled"] and group["TransitEncryptionMode"] == "required", group
assert group["AuthTokenEnabled"] and group["AtRestEncryptionEnabled"], group
assert group["KmsKeyId"] == kms.describe_key(KeyId=f"alias/{NAME}-elasticache")["KeyMetadata"]["Arn"], group
assert (group["SnapshotRetentionLimit"], group["SnapshotWindow"]) == (7, "03:00-04:00"), group
assert {one["LogType"]: one["LogFormat"] for one in group["LogDeliveryConfigurations"]} == {
    "slow-log": "json",
    "engine-log": "json",
}, group
node = elasticache.describe_cache_clusters(CacheClusterId=f"{NAME}-001")["CacheClusters"][0]
assert node["EngineVersion"].startswith("7.1"), node
assert node["CacheParameterGroup"]["CacheParameterGroupName"] == f"{NAME}-redis7", node
assert node["CacheSubnetGroupName"] == NAME and len(node["SecurityGroups"]) == 1, node
tags = {tag["Key"]: tag["Value"] for tag in elasticache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]}
assert tags["ManagedBy"] == "ansible" and tags["Compliance"] == "PCI-DSS", tags
