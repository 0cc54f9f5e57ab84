"""Replication groups: all their nodes and attributes kept, every kind of change, and states that take time."""

import random
import string
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.elasticache.models import ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse
from moto.logs.models import logs_backends

from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elasticache.common import VERSIONS, begin, family_of, pass_time
from trading_platform.emulator.services.elasticache.members import lay_out, resize
from trading_platform.emulator.services.elasticache.snapshots import take

extension = Extension("elasticache")

# What ModifyReplicationGroup writes as it is: parameter to attribute of moto's object.
PLAIN = {
    "ReplicationGroupDescription": "description",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SnapshotWindow": "snapshot_window",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "SecurityGroupIds": "security_group_ids",
    "NotificationTopicArn": "notification_topic_arn",
    "NotificationTopicStatus": "topic_status",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
}
SWITCHES = {"AutomaticFailoverEnabled": "automatic_failover", "MultiAZEnabled": "multi_az"}
# What waits for the maintenance window unless ApplyImmediately is given.
DEFERRABLE = {"CacheNodeType": "cache_node_type", "EngineVersion": "engine_version", "Engine": "engine"}


@extension.patches(ElastiCacheBackend, "create_replication_group")
def group_with_its_nodes(original: Callable[..., Any], self: Any, **arguments: Any) -> Any:
    """moto ignores NumCacheClusters and forgets what only DescribeCacheClusters would show."""
    arguments["replication_group_id"] = arguments["replication_group_id"].lower()
    count = arguments["num_cache_clusters"] or (arguments["replicas_per_node_group"] or 0) + 1
    group = original(self, **arguments)
    version = arguments["engine_version"] or max(VERSIONS[group.engine])
    group.engine_version = VERSIONS[group.engine].get(version, version)
    group.cache_parameter_group_name = (
        arguments["cache_parameter_group_name"] or f"default.{family_of(group.engine, version)}"
    )
    group.snapshot_window = arguments["snapshot_window"] or "07:00-08:00"
    group.preferred_maintenance_window = arguments["preferred_maintenance_window"] or "tue:09:30-tue:10:30"
    minor = arguments["auto_minor_version_upgrade"]
    group.auto_minor_version_upgrade = True if minor is None else str(minor).lower() == "true"
    if group.transit_encryption_enabled and not group.transit_encryption_mode:
        group.transit_encryption_mode = "required"
    group.topic_status = "active" if group.notification_topic_arn else None
    group.auth_tokens = [arguments["auth_token"]] if arguments["auth_token"] else []
    group.pending_values = {}
    group.asked_zones = arguments["preferred_cache_cluster_azs"] or []
    group.dns_label = "".join(random.choices(string.ascii_lowercase + string.digits, k=6))  # noqa: S311  (a name)
    group.log_delivery_configurations = _deliveries(self, {}, arguments["log_delivery_configurations"] or [])
    group.member_clusters = []
    resize(self, group, count)
    _mark_snapshotting_node(group)
    begin(group, "creating")
    return group


@extension.patches(ElastiCacheResponse, "modify_replication_group")
def change_everything(original: Callable[..., Any], self: Any) -> ActionResult:
    """moto knows six of the parameters of ModifyReplicationGroup."""
    params = self._get_params()
    backend = self.elasticache_backend
    group = backend.replication_groups[params["ReplicationGroupId"].lower()]
    for parameter, attribute in PLAIN.items():
        if params.get(parameter) is not None:
            setattr(group, attribute, _typed(params[parameter]))
    for parameter, attribute in SWITCHES.items():
        if params.get(parameter) is not None:
            setattr(group, attribute, "enabled" if _typed(params[parameter]) else "disabled")
    if params.get("NotificationTopicArn") and not params.get("NotificationTopicStatus"):
        group.topic_status = "active"
    _change_or_defer(group, params)
    _change_token(group, params)
    if params.get("LogDeliveryConfigurations"):
        held = {one["LogType"]: one for one in group.log_delivery_configurations}
        group.log_delivery_configurations = _deliveries(backend, held, params["LogDeliveryConfigurations"])
    group.snapshot_retention_limit = int(group.snapshot_retention_limit)
    _mark_snapshotting_node(group)
    lay_out(backend, group)
    begin(group, "modifying")
    return ActionResult({"ReplicationGroup": group})


def _typed(value: Any) -> Any:
    """The query protocol writes booleans as text."""
    return value == "true" if value in ("true", "false") else value


def _change_or_defer(group: Any, params: dict[str, Any]) -> None:
    immediately = _typed(params.get("ApplyImmediately", False))
    if immediately:  # "... and any pending modifications": API ModifyReplicationGroup
        params = {**group.pending_values, **params}
        group.pending_values = {}
    for parameter, attribute in DEFERRABLE.items():
        value = params.get(parameter)
        if value is None:
            continue
        if parameter == "EngineVersion":
            engine = params.get("Engine") or group.engine
            value = VERSIONS[engine].get(value, value)
        if immediately:
            setattr(group, attribute, value)
        elif value != getattr(group, attribute):
            group.pending_values[parameter] = value


def _change_token(group: Any, params: dict[str, Any]) -> None:
    """ROTATE keeps the last token beside the new one, SET only the new: user guide, "Authenticating with AUTH"."""
    token = params.get("AuthToken")
    if not token:
        return
    if params.get("AuthTokenUpdateStrategy", "ROTATE") == "SET":
        group.auth_tokens = [token]
    else:
        group.auth_tokens = [*[one for one in group.auth_tokens if one != token][-1:], token]
    group.auth_token_enabled = True
    group.auth_token_last_modified_date = utcnow()


def _deliveries(backend: Any, held: dict[str, Any], asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """API LogDeliveryConfiguration: one per log type; one whose log group is missing does not work."""
    result = dict(held)
    for one in asked:
        if _typed(one.get("Enabled", True)) is False:
            result.pop(one["LogType"], None)
            continue
        kept = {
            key: one[key] for key in ("LogType", "DestinationType", "DestinationDetails", "LogFormat") if key in one
        }
        result[one["LogType"]] = {**kept, **_delivery_status(backend, one)}
    return [result[log_type] for log_type in sorted(result)]


def _delivery_status(backend: Any, delivery: dict[str, Any]) -> dict[str, str]:
    details = (delivery.get("DestinationDetails") or {}).get("CloudWatchLogsDetails") or {}
    groups = logs_backends[backend.account_id][backend.region_name].groups
    if delivery.get("DestinationType") == "cloudwatch-logs" and details.get("LogGroup") not in groups:
        return {"Status": "error", "Message": "The log group of the destination does not exist."}
    return {"Status": "active"}


def _mark_snapshotting_node(group: Any) -> None:
    """Snapshots are taken from a replica where there is one."""
    with_snapshots = int(group.snapshot_retention_limit) > 0
    group.snapshotting_cluster_id = group.member_clusters[-1] if with_snapshots else None


@extension.adds(ElastiCacheResponse)
def increase_replica_count(self: Any) -> ActionResult:
    return _resized(self)


@extension.adds(ElastiCacheResponse)
def decrease_replica_count(self: Any) -> ActionResult:
    return _resized(self)


def _resized(response: Any) -> ActionResult:
    backend = response.elasticache_backend
    group = backend.replication_groups[response._get_param("ReplicationGroupId").lower()]
    resize(backend, group, response._get_int_param("NewReplicaCount") + 1)
    _mark_snapshotting_node(group)
    begin(group, "modifying")
    return ActionResult({"ReplicationGroup": group})


@extension.adds(ElastiCacheResponse)
def test_failover(self: Any) -> ActionResult:
    """The first replica becomes the primary; the endpoint's name stays."""
    backend = self.elasticache_backend
    group = backend.replication_groups[self._get_param("ReplicationGroupId").lower()]
    group.member_clusters = [*group.member_clusters[1:], group.member_clusters[0]]
    lay_out(backend, group)
    begin(group, "modifying")
    return ActionResult({"ReplicationGroup": group})


@extension.patches(ElastiCacheBackend, "delete_replication_group")
def group_goes_away(
    original: Callable[..., Any], self: Any, replication_group_id: str, retain_primary_cluster: bool | None
) -> Any:
    """moto leaves a group in state deleting for ever."""
    group = original(self, replication_group_id.lower(), True)
    begin(group, "deleting")
    return group


@extension.patches(ElastiCacheResponse, "delete_replication_group")
def last_snapshot_first(original: Callable[..., Any], self: Any) -> Any:
    """API DeleteReplicationGroup, FinalSnapshotIdentifier."""
    name = self._get_param("FinalSnapshotIdentifier")
    backend = self.elasticache_backend
    group = backend.replication_groups.get(self._get_param("ReplicationGroupId").lower())
    if name and group is not None:
        take(backend, group, name)
    return original(self)


@extension.patches(ElastiCacheBackend, "describe_replication_groups")
def groups_as_of_now(original: Callable[..., Any], self: Any, replication_group_id: str | None = None) -> list[Any]:
    """Operations end, and a group that is gone is not found."""
    pass_time(self)
    found: list[Any] = original(self, replication_group_id=(replication_group_id or "").lower() or None)
    return found
