"""What a replication group stands on, made with boto3 for the tests that need it."""

from typing import Any

from trading_platform.emulator.testing import EmulatorServer

NAME = "production-trading-engine"
TOKEN = "AnAuthTokenOf32CharactersForTests"
LOG_GROUPS = {"slow-log": f"/aws/elasticache/{NAME}/slow-log", "engine-log": f"/aws/elasticache/{NAME}/engine-log"}


def network(aws: EmulatorServer, region: str = "us-east-1") -> tuple[list[str], str]:
    """Make three subnets in three zones and a security group."""
    ec2 = aws.client("ec2", region)
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{region}{zone}")
        for number, zone in ((11, "a"), (12, "b"), (13, "c"))
    ]
    group = ec2.create_security_group(GroupName="redis", Description="Redis", VpcId=vpc_id)
    return [one["Subnet"]["SubnetId"] for one in subnets], group["GroupId"]


def ground(aws: EmulatorServer) -> dict[str, Any]:
    """Make subnet group, parameter group, key and log groups; give the module's arguments for a group on them."""
    subnet_ids, security_group_id = network(aws)
    elasticache = aws.client("elasticache")
    elasticache.create_cache_subnet_group(
        CacheSubnetGroupName=NAME, CacheSubnetGroupDescription="Redis", SubnetIds=subnet_ids
    )
    for name in (NAME, f"{NAME}-other"):
        elasticache.create_cache_parameter_group(
            CacheParameterGroupName=name, CacheParameterGroupFamily="redis7", Description="Redis"
        )
    for log_group in LOG_GROUPS.values():
        aws.client("logs").create_log_group(logGroupName=log_group)
    return {
        "name": NAME,
        "node_type": "cache.r6g.large",
        "num_cache_clusters": 3,
        "automatic_failover": True,
        "multi_az": True,
        "kms_key_arn": aws.client("kms").create_key()["KeyMetadata"]["Arn"],
        "auth_token": TOKEN,
        "subnet_group_name": NAME,
        "parameter_group_name": NAME,
        "security_group_ids": [security_group_id],
        "snapshot_retention_days": 7,
        "snapshot_window": "03:00-04:00",
        "maintenance_window": "sun:04:30-sun:05:30",
        "log_delivery": LOG_GROUPS,
        "tags": {"Environment": "production"},
    }


def described(aws: EmulatorServer) -> dict[str, Any]:
    """Describe the group as ElastiCache sees it."""
    groups = aws.client("elasticache").describe_replication_groups(ReplicationGroupId=NAME)["ReplicationGroups"]
    return dict(groups[0])


def node(aws: EmulatorServer) -> dict[str, Any]:
    """Describe the first node."""
    nodes = aws.client("elasticache").describe_cache_clusters(CacheClusterId=f"{NAME}-001")["CacheClusters"]
    return dict(nodes[0])


def tags(aws: EmulatorServer) -> dict[str, str]:
    """Give the tags of the group."""
    listed = aws.client("elasticache").list_tags_for_resource(ResourceName=described(aws)["ARN"])["TagList"]
    return {one["Key"]: one["Value"] for one in listed}
