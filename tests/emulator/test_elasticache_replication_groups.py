"""Replication groups: their states and nodes, and each rule that ElastiCache enforces."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

TOKEN, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def cache(emulator: EmulatorServer) -> Any:
    return emulator.client("elasticache")


@pytest.fixture
def asked(emulator: EmulatorServer, cache: Any) -> dict[str, Any]:
    """Arguments of CreateReplicationGroup, on subnets and groups that exist."""
    ec2 = emulator.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for name, zones in (("three", "abc"), ("one", "a")):
        subnets = [
            ec2.create_subnet(
                VpcId=vpc_id, CidrBlock=f"10.0.{number + 10 * len(zones)}.0/24", AvailabilityZone=f"us-east-1{zone}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate(zones)
        ]
        cache.create_cache_subnet_group(CacheSubnetGroupName=name, CacheSubnetGroupDescription="d", SubnetIds=subnets)
    for family in ("redis7", "valkey8"):
        cache.create_cache_parameter_group(
            CacheParameterGroupName=f"my-{family}", CacheParameterGroupFamily=family, Description="d"
        )
    return {
        "ReplicationGroupId": "redis",
        "ReplicationGroupDescription": "d",
        "Engine": "redis",
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.r6g.large",
        "NumCacheClusters": 3,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "AuthToken": TOKEN,
        "CacheSubnetGroupName": "three",
        "CacheParameterGroupName": "my-redis7",
        "SnapshotWindow": "03:00-04:00",
        "PreferredMaintenanceWindow": "sun:04:30-sun:05:30",
    }


@pytest.fixture
def group(cache: Any, asked: dict[str, Any]) -> str:
    cache.create_replication_group(**asked)
    return "redis"


def modify(cache: Any, **changes: Any) -> dict[str, Any]:
    changes = {"ApplyImmediately": True, **changes}
    return dict(cache.modify_replication_group(ReplicationGroupId="redis", **changes)["ReplicationGroup"])


def described(cache: Any) -> dict[str, Any]:
    return dict(cache.describe_replication_groups(ReplicationGroupId="redis")["ReplicationGroups"][0])


def test_a_group_has_as_many_nodes_as_asked_for_one_in_each_zone(cache: Any, group: str) -> None:
    held = described(cache)
    assert held["MemberClusters"] == ["redis-001", "redis-002", "redis-003"]
    zones = [one["PreferredAvailabilityZone"] for one in held["NodeGroups"][0]["NodeGroupMembers"]]
    assert zones == ["us-east-1a", "us-east-1b", "us-east-1c"]
    nodes = cache.describe_cache_clusters()["CacheClusters"]
    assert [one["ReplicationGroupId"] for one in nodes] == ["redis"] * 3
    assert {one["EngineVersion"] for one in nodes} == {"7.1.0"}
    with refused("CacheClusterNotFound", "redis-004"):
        cache.describe_cache_clusters(CacheClusterId="redis-004")


def test_what_is_not_asked_for_gets_its_default(cache: Any, asked: dict[str, Any]) -> None:
    for name in ("SnapshotWindow", "PreferredMaintenanceWindow", "CacheParameterGroupName", "EngineVersion"):
        del asked[name]
    cache.create_replication_group(**asked)
    node = cache.describe_cache_clusters(CacheClusterId="redis-001")["CacheClusters"][0]
    assert node["CacheParameterGroup"]["CacheParameterGroupName"] == "default.redis7"
    assert node["AutoMinorVersionUpgrade"] is True
    assert described(cache)["TransitEncryptionMode"] == "required"


def test_operations_take_their_time(emulator: EmulatorServer, cache: Any, asked: dict[str, Any]) -> None:
    emulator.delay(elasticache=60)
    cache.create_replication_group(**asked)
    held = described(cache)
    assert (held["Status"], held["NodeGroups"]) == ("creating", [{"NodeGroupId": "0001", "Status": "creating"}])
    with refused("InvalidReplicationGroupState", "Cluster not in available state to perform tagging operations."):
        cache.list_tags_for_resource(ResourceName=held["ARN"])
    for call in (
        lambda: modify(cache, SnapshotRetentionLimit=1),
        lambda: cache.increase_replica_count(ReplicationGroupId="redis", NewReplicaCount=4, ApplyImmediately=True),
        lambda: cache.delete_replication_group(ReplicationGroupId="redis"),
    ):
        with refused("InvalidReplicationGroupState", "has status creating"):
            call()
    emulator.delay(elasticache=0)
    assert described(cache)["Status"] == "available"
    assert modify(cache, SnapshotRetentionLimit=1)["Status"] == "modifying"
    assert described(cache)["Status"] == "available"
    cache.delete_replication_group(ReplicationGroupId="redis")
    with refused("ReplicationGroupNotFoundFault", "redis not found"):
        described(cache)
    assert cache.describe_cache_clusters()["CacheClusters"] == []


def test_a_failover_makes_another_node_the_primary_behind_the_same_name(cache: Any, group: str) -> None:
    before = described(cache)["NodeGroups"][0]
    cache.test_failover(ReplicationGroupId="redis", NodeGroupId="0001")
    after = described(cache)["NodeGroups"][0]
    assert after["PrimaryEndpoint"] == before["PrimaryEndpoint"]
    assert after["NodeGroupMembers"][0]["CacheClusterId"] == "redis-002"


def test_a_snapshot_outlives_its_group_and_fills_another(cache: Any, asked: dict[str, Any], group: str) -> None:
    cache.delete_replication_group(ReplicationGroupId="redis", FinalSnapshotIdentifier="last")
    cache.copy_snapshot(SourceSnapshotName="last", TargetSnapshotName="copy")
    names = [one["SnapshotName"] for one in cache.describe_snapshots()["Snapshots"]]
    assert sorted(names) == ["copy", "last"]
    cache.create_replication_group(**asked, SnapshotName="copy")
    with refused("SnapshotAlreadyExistsFault", "last"):
        cache.delete_replication_group(ReplicationGroupId="redis", FinalSnapshotIdentifier="last")


REFUSED_AT_CREATION: list[tuple[dict[str, Any], str, str]] = [
    ({"ReplicationGroupId": "a" * 41}, "InvalidParameterValue", "no more than 40 characters"),
    ({"ReplicationGroupId": "a--b"}, "InvalidParameterValue", "not a valid identifier"),
    ({"ReplicationGroupId": "a-"}, "InvalidParameterValue", "not a valid identifier"),
    ({"ReplicationGroupId": "1a"}, "InvalidParameterValue", "not a valid identifier"),
    ({"Engine": "memcached"}, "InvalidParameterValue", "Engine must be one of: redis, valkey"),
    ({"EngineVersion": "7.1.0"}, "InvalidParameterValue", "not allowed for '7.1.0', please use '7.1'"),
    ({"EngineVersion": "7.4"}, "InvalidParameterCombination", "Cannot find version 7.4 for redis"),
    ({"CacheNodeType": "r6g.large"}, "InvalidParameterValue", "Invalid Cache Node Type"),
    ({"NumCacheClusters": 7}, "InvalidParameterValue", "between 1 and 6"),
    ({"NumNodeGroups": 1}, "InvalidParameterCombination", "NumCacheClusters cannot be specified together"),
    ({"NumCacheClusters": 1}, "InvalidParameterCombination", "must be at least 2 cache clusters"),
    ({"AutomaticFailoverEnabled": False}, "InvalidParameterCombination", "Must specify automatic failover enabled"),
    ({"CacheSubnetGroupName": "one"}, "InvalidParameterCombination", "at least two Availability Zones"),
    ({"SnapshotWindow": "03:00-03:59"}, "InvalidParameterValue", "Snapshot window must be at least 60 minutes"),
    ({"SnapshotWindow": "3-4"}, "InvalidParameterValue", "Invalid window"),
    ({"PreferredMaintenanceWindow": "sun:04:30-sun:05:00"}, "InvalidParameterValue", "at least 60 minutes"),
    (
        {"PreferredMaintenanceWindow": "sun:02:30-sun:03:30"},
        "InvalidParameterCombination",
        "The snapshot window and maintenance window must not overlap.",
    ),
    (
        {"SnapshotWindow": "23:30-00:30", "PreferredMaintenanceWindow": "mon:00:00-mon:01:00"},
        "InvalidParameterCombination",
        "must not overlap",
    ),
    ({"CacheSubnetGroupName": "none"}, "CacheSubnetGroupNotFoundFault", "none not found"),
    ({"CacheParameterGroupName": "none"}, "CacheParameterGroupNotFound", "CacheParameterGroup not found: none"),
    (
        {"CacheParameterGroupName": "my-valkey8"},
        "InvalidParameterCombination",
        "Expected a parameter group of family redis7 but found one of family valkey8",
    ),
    ({"SecurityGroupIds": ["sg-0"]}, "InvalidParameterValue", "Invalid security group id(s)"),
    ({"KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/none"}, "InvalidParameterValue", "KMS key does not exist"),
    (
        {"NotificationTopicArn": "arn:aws:sns:us-west-2:123456789012:t"},
        "InvalidParameterValue",
        "does not belong to this account and Region",
    ),
    ({"SnapshotRetentionLimit": 36}, "InvalidParameterValue", "between 0 and 35"),
    ({"AuthToken": "short"}, "InvalidParameterValue", "Invalid AuthToken provided."),
    ({"AuthToken": "a" * 129}, "InvalidParameterValue", "Invalid AuthToken provided."),
    ({"AuthToken": "a" * 31 + "/"}, "InvalidParameterValue", "Invalid AuthToken provided."),
    ({"TransitEncryptionEnabled": False}, "InvalidParameterCombination", "requires encryption in transit"),
    ({"SnapshotName": "none"}, "SnapshotNotFoundFault", "none"),
    ({"SnapshotArns": ["arn:aws:s3:::b/a,b.rdb"]}, "InvalidParameterValue", "Invalid S3 ARN"),
    (
        {"LogDeliveryConfigurations": [{"LogType": "slow-log", "LogFormat": "xml"}]},
        "InvalidParameterValue",
        "LogFormat must be one of: text, json",
    ),
    (
        {"LogDeliveryConfigurations": [{"LogType": "slow-log", "DestinationType": "s3"}]},
        "InvalidParameterValue",
        "DestinationType must be one of",
    ),
    (
        {"LogDeliveryConfigurations": [{"LogType": "slow-log", "DestinationType": "cloudwatch-logs"}]},
        "InvalidParameterCombination",
        "DestinationDetails must be specified",
    ),
]


@pytest.mark.parametrize(("change", "code", "message"), REFUSED_AT_CREATION)
def test_creation_is_refused(
    cache: Any, asked: dict[str, Any], change: dict[str, Any], code: str, message: str
) -> None:
    with refused(code, message):
        cache.create_replication_group(**{**asked, **change})
    assert cache.describe_replication_groups()["ReplicationGroups"] == []


def test_encryption_in_transit_needs_a_subnet_group(cache: Any, asked: dict[str, Any]) -> None:
    del asked["CacheSubnetGroupName"]
    with refused("InvalidParameterCombination", "specify a CacheSubnetGroupName"):
        cache.create_replication_group(**asked)


def test_a_key_needs_encryption_at_rest(emulator: EmulatorServer, cache: Any, asked: dict[str, Any]) -> None:
    key = emulator.client("kms").create_key()["KeyMetadata"]
    with refused("InvalidParameterCombination", "AtRestEncryptionEnabled is true"):
        cache.create_replication_group(**{**asked, "KmsKeyId": key["Arn"], "AtRestEncryptionEnabled": False})
    emulator.client("kms").disable_key(KeyId=key["KeyId"])
    with refused("InvalidParameterValue", "is disabled"):
        cache.create_replication_group(**asked, KmsKeyId=key["Arn"])


def test_a_name_is_taken_once(cache: Any, asked: dict[str, Any], group: str) -> None:
    with refused("ReplicationGroupAlreadyExists", "REDIS already exists"):
        cache.create_replication_group(**{**asked, "ReplicationGroupId": "REDIS"})


REFUSED_LATER: list[tuple[dict[str, Any], str, str]] = [
    ({"EngineVersion": "7.0"}, "InvalidParameterCombination", "Cannot downgrade engine version from 7.1.0 to 7.0"),
    ({"AutomaticFailoverEnabled": False}, "InvalidParameterCombination", "automatic failover enabled when MultiAZ"),
    ({"SnapshotWindow": "04:45-05:45"}, "InvalidParameterCombination", "must not overlap"),
    ({"CacheParameterGroupName": "my-valkey8"}, "InvalidParameterCombination", "Expected a parameter group"),
    ({"Engine": "valkey", "EngineVersion": "8.0"}, "InvalidParameterCombination", "of family valkey8"),
    ({"TransitEncryptionEnabled": False}, "InvalidParameterCombination", "to preferred before turning"),
    ({"AuthToken": OTHER}, "InvalidParameterCombination", "must be specified together"),
    ({"AuthTokenUpdateStrategy": "ROTATE"}, "InvalidParameterCombination", "must be specified together"),
    ({"AuthToken": OTHER, "AuthTokenUpdateStrategy": "SET"}, "InvalidParameterCombination", "only after ROTATE"),
    ({"AuthToken": "a@" * 16, "AuthTokenUpdateStrategy": "ROTATE"}, "InvalidParameterValue", "Invalid AuthToken"),
    ({"AuthTokenUpdateStrategy": "DELETE"}, "InvalidParameterValue", "delete is not supported currently"),
    (
        {"AuthToken": OTHER, "AuthTokenUpdateStrategy": "ROTATE", "ApplyImmediately": False},
        "InvalidParameterCombination",
        "ApplyImmediately must be true",
    ),
]


@pytest.mark.parametrize(("change", "code", "message"), REFUSED_LATER)
def test_a_change_is_refused(cache: Any, group: str, change: dict[str, Any], code: str, message: str) -> None:
    before = described(cache)
    with refused(code, message):
        modify(cache, **change)
    assert described(cache) == before


def test_a_token_is_rotated_before_it_is_set(cache: Any, group: str) -> None:
    modify(cache, AuthToken=OTHER, AuthTokenUpdateStrategy="ROTATE")
    described(cache)
    modify(cache, AuthToken=OTHER, AuthTokenUpdateStrategy="SET")
    described(cache)
    with refused("InvalidParameterCombination", "only after ROTATE"):
        modify(cache, AuthToken=TOKEN, AuthTokenUpdateStrategy="SET")


def test_encryption_in_transit_comes_in_two_steps(cache: Any, asked: dict[str, Any]) -> None:
    del asked["AuthToken"]
    cache.create_replication_group(**{**asked, "TransitEncryptionEnabled": False})
    with refused("InvalidParameterCombination", "set TransitEncryptionMode to preferred first"):
        modify(cache, TransitEncryptionEnabled=True, TransitEncryptionMode="required")
    with refused("InvalidParameterCombination", "must be preferred"):
        modify(cache, TransitEncryptionEnabled=True)
    modify(cache, TransitEncryptionEnabled=True, TransitEncryptionMode="preferred")
    assert described(cache)["TransitEncryptionMode"] == "preferred"
    modify(cache, TransitEncryptionMode="required")
    assert described(cache)["TransitEncryptionMode"] == "required"


def test_valkey_does_not_become_redis_again(cache: Any, group: str) -> None:
    modify(cache, Engine="valkey", EngineVersion="8.0", CacheParameterGroupName="my-valkey8")
    described(cache)
    with refused("InvalidParameterCombination", "Cannot modify engine from valkey to redis"):
        modify(cache, Engine="redis", EngineVersion="7.1", CacheParameterGroupName="my-redis7")


@pytest.mark.parametrize(
    ("call", "count", "code", "message"),
    [
        ("increase", 2, "NoOperationFault", "has 2 replicas"),
        ("increase", 1, "NoOperationFault", "has 2 replicas"),
        ("decrease", 3, "NoOperationFault", "has 2 replicas"),
        ("increase", 6, "InvalidParameterValue", "between 0 and 5"),
        ("decrease", 0, "InvalidParameterCombination", "at least 2 cache clusters"),
    ],
)
def test_replicas_that_cannot_be_are_refused(
    cache: Any, group: str, call: str, count: int, code: str, message: str
) -> None:
    method = getattr(cache, f"{call}_replica_count")
    with refused(code, message):
        method(ReplicationGroupId=group, NewReplicaCount=count, ApplyImmediately=True)
    with refused("InvalidParameterCombination", "ApplyImmediately=False is not currently supported"):
        method(ReplicationGroupId=group, NewReplicaCount=1 if call == "decrease" else 3, ApplyImmediately=False)


def test_what_a_group_stands_on_stays(cache: Any, group: str) -> None:
    with refused("InvalidCacheParameterGroupState", "my-redis7"):
        cache.delete_cache_parameter_group(CacheParameterGroupName="my-redis7")
    with refused("CacheSubnetGroupInUse", "three is currently in use"):
        cache.delete_cache_subnet_group(CacheSubnetGroupName="three")


def test_a_log_without_its_group_is_in_error(cache: Any, group: str) -> None:
    details = {"CloudWatchLogsDetails": {"LogGroup": "missing"}}
    delivery = {"LogType": "slow-log", "DestinationType": "cloudwatch-logs", "LogFormat": "json"}
    held = modify(cache, LogDeliveryConfigurations=[{**delivery, "DestinationDetails": details}])
    assert [one["Status"] for one in held["LogDeliveryConfigurations"]] == ["error"]
