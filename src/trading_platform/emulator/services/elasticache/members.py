"""The nodes of a replication group: which there are, where they stand, and how DescribeCacheClusters shows them."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.elasticache.exceptions import CacheClusterNotFound
from moto.elasticache.responses import ElastiCacheResponse

from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elasticache.common import arn_of, page, pass_time
from trading_platform.emulator.services.elasticache.subnet_groups import zones_of_group

extension = Extension("elasticache")

SHORT_REGIONS = {"us-east-1": "use1", "us-west-2": "usw2"}


def zones_of(backend: Any, group: Any) -> list[str]:
    """The zones nodes are spread over: those asked for, else those of the subnet group, in order."""
    if group.asked_zones:
        return list(group.asked_zones)
    zones = zones_of_group(backend.cache_subnet_groups.get(group.cache_subnet_group_name))
    return zones or [f"{backend.region_name}a"]


def resize(backend: Any, group: Any, count: int) -> None:
    """Make it so many nodes: new ones take the next free numbers, and the youngest replicas go first."""
    members = list(group.member_clusters)
    free = (f"{group.replication_group_id}-{number:03}" for number in range(1, 1000))
    while len(members) < count:
        members.append(next(one for one in free if one not in members))
    group.member_clusters = members[:count]
    lay_out(backend, group)


def lay_out(backend: Any, group: Any) -> None:
    """Write the one node group with its endpoints: API NodeGroup, for cluster mode disabled."""
    zones = zones_of(backend, group)
    place = f"{SHORT_REGIONS.get(backend.region_name, 'use1')}.cache.amazonaws.com"
    domain = f"{group.replication_group_id}.{group.dns_label}.{place}"
    prefix = "master" if group.transit_encryption_enabled else f"{group.replication_group_id}.primary"
    members = [
        {
            "CacheClusterId": name,
            "CacheNodeId": "0001",
            "ReadEndpoint": {"Address": f"{name}.{domain}", "Port": group.port},
            "PreferredAvailabilityZone": zones[number % len(zones)],
            "CurrentRole": "primary" if number == 0 else "replica",
        }
        for number, name in enumerate(group.member_clusters)
    ]
    group.nodes = members
    group.node_groups = group.finished_node_groups = [
        {
            "NodeGroupId": "0001",
            "Status": "available",
            "PrimaryEndpoint": {"Address": f"{prefix}.{domain}", "Port": group.port},
            "ReaderEndpoint": {"Address": f"replica.{domain}", "Port": group.port},
            "NodeGroupMembers": members,
        }
    ]


def _described(backend: Any, group: Any, member: dict[str, Any]) -> dict[str, Any]:
    """API CacheCluster, for a node of a replication group."""
    topic = group.notification_topic_arn
    return {
        "CacheClusterId": member["CacheClusterId"],
        "ARN": arn_of(backend, "cluster", member["CacheClusterId"]),
        "CacheNodeType": group.cache_node_type,
        "Engine": group.engine,
        "EngineVersion": group.engine_version,
        "CacheClusterStatus": group.status,
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": member["PreferredAvailabilityZone"],
        "CacheClusterCreateTime": group.replication_group_create_time,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window,
        "PendingModifiedValues": dict(group.pending_values),
        "NotificationConfiguration": {"TopicArn": topic, "TopicStatus": group.topic_status} if topic else None,
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "CacheNodes": [{"CacheNodeId": "0001", "CacheNodeStatus": group.status, "Endpoint": member["ReadEndpoint"]}],
        "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade,
        "SecurityGroups": [{"SecurityGroupId": one, "Status": "active"} for one in group.security_group_ids or []],
        "ReplicationGroupId": group.replication_group_id,
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "AuthTokenEnabled": group.auth_token_enabled,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "ReplicationGroupLogDeliveryEnabled": bool(group.log_delivery_configurations),
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
        "TransitEncryptionMode": group.transit_encryption_mode,
    }


@extension.patches(ElastiCacheResponse, "describe_cache_clusters")
def nodes_of_replication_groups(original: Callable[..., Any], self: Any) -> ActionResult:
    """moto lists only clusters that were created alone."""
    backend = self.elasticache_backend
    pass_time(backend)
    asked = self._get_param("CacheClusterId")
    nodes = [
        _described(backend, group, member)
        for group in backend.replication_groups.values()
        for member in group.nodes
        if asked in (None, member["CacheClusterId"])
    ]
    if asked and not nodes and asked not in backend.cache_clusters:
        raise CacheClusterNotFound(asked)
    alone = [one for name, one in backend.cache_clusters.items() if asked in (None, name)]
    return page(self, "CacheClusters", [*nodes, *alone])
