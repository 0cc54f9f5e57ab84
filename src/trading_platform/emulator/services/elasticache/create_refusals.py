"""What CreateReplicationGroup refuses, rule by rule. Rules that ModifyReplicationGroup shares are checked for both."""

import re
from typing import Any

from moto.ec2.models import ec2_backends
from moto.kms.models import kms_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elasticache.common import (
    MINUTES_A_WEEK,
    VERSIONS,
    conflict,
    daily_range,
    family_of,
    invalid,
    state,
    subnet_group_not_found,
    weekly_range,
)
from trading_platform.emulator.services.elasticache.parameter_groups import family_of_group, not_found
from trading_platform.emulator.services.elasticache.subnet_groups import zones_of_group

extension = Extension("elasticache")

CREATE, MODIFY = "CreateReplicationGroup", "ModifyReplicationGroup"
SHORTEST_WINDOW = 60
A_DAY = 24 * 60


def current(call: Call) -> Any | None:
    """The group that a call is about, None when there is none (moto says so itself)."""
    return state(call).replication_groups.get(call.params["ReplicationGroupId"].lower())


def after(call: Call, parameter: str, attribute: str) -> Any:
    """What the group will have when the call is done: what is asked for, else what is there."""
    asked = call.params.get(parameter)
    return asked if asked is not None else getattr(current(call), attribute, None)


@extension.refuses(CREATE)
def identifier_that_is_none(call: Call) -> None:
    """API CreateReplicationGroup: 1 to 40 letters, digits and hyphens, a letter first, no -- and none at the end."""
    name = call.params["ReplicationGroupId"].lower()
    if len(name) > 40:
        raise invalid("Replication group id must be no more than 40 characters.")
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or "--" in name or name.endswith("-"):
        raise invalid(f"The parameter ReplicationGroupId is not a valid identifier: {name}")


@extension.refuses(CREATE)
def group_that_exists(call: Call) -> None:
    if current(call) is not None:
        raise AwsError(
            "ReplicationGroupAlreadyExists", f"Replication group {call.params['ReplicationGroupId']} already exists."
        )


@extension.refuses(CREATE, MODIFY)
def engine_that_there_is_not(call: Call) -> None:
    engine = call.params.get("Engine")
    if engine is not None and engine not in VERSIONS:
        raise invalid(f"The parameter Engine must be one of: redis, valkey; provided: {engine}")


@extension.refuses(CREATE, MODIFY)
def version_that_there_is_not(call: Call) -> None:
    """Texts: crossplane provider-aws#1617, terraform-provider-aws#49466."""
    engine = after(call, "Engine", "engine") or "redis"
    version = call.params.get("EngineVersion")
    if version is None or version in VERSIONS.get(engine, {}):
        return
    if version.count(".") == 2:
        short = version.rpartition(".")[0]
        raise invalid(f"Specific version selection is not allowed for '{version}', please use '{short}'")
    raise conflict(f"Cannot find version {version} for {engine}")


@extension.refuses(CREATE, MODIFY)
def node_type_that_is_none(call: Call) -> None:
    node_type = call.params.get("CacheNodeType")
    if node_type is not None and not re.fullmatch(r"cache\.[a-z0-9]+\.[a-z0-9]+", node_type):
        raise invalid(f"Invalid Cache Node Type provided: {node_type}")


@extension.refuses(CREATE)
def number_of_nodes(call: Call) -> None:
    """API CreateReplicationGroup, NumCacheClusters: at most 6, and not together with node groups."""
    count = call.params.get("NumCacheClusters")
    if count is None:
        return
    if not 1 <= count <= 6:
        raise invalid("NumCacheClusters must be between 1 and 6.")
    if call.params.get("NumNodeGroups") or call.params.get("ReplicasPerNodeGroup"):
        raise conflict("NumCacheClusters cannot be specified together with NumNodeGroups or ReplicasPerNodeGroup.")


@extension.refuses(CREATE, MODIFY)
def failover_without_a_replica(call: Call) -> None:
    group = current(call)
    count = len(group.member_clusters) if group else call.params.get("NumCacheClusters")
    count = count or (call.params.get("ReplicasPerNodeGroup") or 0) + 1
    if call.params.get("AutomaticFailoverEnabled") and count < 2:
        raise conflict(
            "When using automatic failover, there must be at least 2 cache clusters in the replication group."
        )


@extension.refuses(CREATE, MODIFY)
def several_zones_without_failover(call: Call) -> None:
    """User guide, "Minimizing downtime: Multi-AZ": it needs automatic failover, and replicas to fail over to."""
    multi_az = _switched_on(call, "MultiAZEnabled", "multi_az")
    if multi_az and not _switched_on(call, "AutomaticFailoverEnabled", "automatic_failover"):
        raise conflict("Must specify automatic failover enabled when MultiAZ is enabled.")


def _switched_on(call: Call, parameter: str, attribute: str) -> bool:
    return after(call, parameter, attribute) in (True, "enabled")


@extension.refuses(CREATE)
def several_zones_in_subnets_of_one(call: Call) -> None:
    group = state(call).cache_subnet_groups.get((call.params.get("CacheSubnetGroupName") or "").lower())
    if call.params.get("MultiAZEnabled") and group and len(zones_of_group(group)) < 2:
        raise conflict("Multi-AZ needs a subnet group with subnets in at least two Availability Zones.")


@extension.refuses(CREATE, MODIFY)
def windows_that_are_none_or_too_short(call: Call) -> None:
    """Texts: terraform-provider-aws#2153; both windows are 60 minutes or more."""
    daily, weekly = call.params.get("SnapshotWindow"), call.params.get("PreferredMaintenanceWindow")
    try:
        if daily is not None and daily_range(daily)[1] < SHORTEST_WINDOW:
            raise invalid("Snapshot window must be at least 60 minutes.")
        if weekly is not None and weekly_range(weekly)[1] < SHORTEST_WINDOW:
            raise invalid("Maintenance window must be at least 60 minutes.")
    except ValueError as error:
        raise invalid(f"Invalid window: {error}") from None


@extension.refuses(CREATE, MODIFY)
def windows_that_overlap(call: Call) -> None:
    """The text: terraform#17247. Windows that only touch do not overlap."""
    daily = after(call, "SnapshotWindow", "snapshot_window")
    weekly = after(call, "PreferredMaintenanceWindow", "preferred_maintenance_window")
    if daily is None or weekly is None:
        return
    (start, length), (week_start, week_length) = daily_range(daily), weekly_range(weekly)
    for day in range(7):
        distance = (week_start - (start + day * A_DAY)) % MINUTES_A_WEEK
        if distance < length or MINUTES_A_WEEK - distance < week_length:
            raise conflict("The snapshot window and maintenance window must not overlap.")


@extension.refuses(CREATE)
def encryption_in_transit_without_a_subnet_group(call: Call) -> None:
    """API CreateReplicationGroup, TransitEncryptionEnabled: "you must also specify a value for CacheSubnetGroup"."""
    if call.params.get("TransitEncryptionEnabled") and not call.params.get("CacheSubnetGroupName"):
        raise conflict("Encryption in transit is only supported in a VPC: specify a CacheSubnetGroupName.")


@extension.refuses(CREATE)
def subnet_group_that_does_not_exist(call: Call) -> None:
    name = call.params.get("CacheSubnetGroupName")
    if name and name.lower() not in state(call).cache_subnet_groups:
        raise subnet_group_not_found(name)


@extension.refuses(CREATE)
def key_that_does_not_exist(call: Call) -> None:
    """The key must be usable by the caller, in this Region, and asks for encryption at rest."""
    key = call.params.get("KmsKeyId")
    if not key:
        return
    if not call.params.get("AtRestEncryptionEnabled"):
        raise conflict("KmsKeyId can only be specified when AtRestEncryptionEnabled is true.")
    backend = kms_backends[call.account_id][call.region]
    held = backend.keys.get(key.rpartition("/")[2] if ":key/" in key else backend.get_key_id_from_alias(key) or key)
    if held is None or not held.enabled or (key.startswith("arn:") and key.split(":")[3] != call.region):
        raise invalid(f"The specified KMS key does not exist, is disabled, or cannot be used: {key}")


@extension.refuses(CREATE, MODIFY)
def parameter_group_that_does_not_exist_or_fit(call: Call) -> None:
    """Texts: cloud-platform-environments#2272, terraform#11269."""
    name = after(call, "CacheParameterGroupName", "cache_parameter_group_name")
    engine = after(call, "Engine", "engine") or "redis"
    version = after(call, "EngineVersion", "engine_version")
    if name is None or version is None:
        return
    found, wanted = family_of_group(state(call), name), family_of(engine, version)
    if found is None:
        raise not_found(name)
    if found != wanted:
        raise conflict(f"Expected a parameter group of family {wanted} but found one of family {found}")


@extension.refuses(CREATE, MODIFY)
def security_groups_that_do_not_exist(call: Call) -> None:
    held = ec2_backends[call.account_id][call.region].groups
    known = {group_id for groups in held.values() for group_id in groups}
    missing = [one for one in call.params.get("SecurityGroupIds") or [] if one not in known]
    if missing:
        raise invalid(f"Invalid security group id(s): {missing}")


@extension.refuses(CREATE, MODIFY)
def topic_of_somebody_else(call: Call) -> None:
    """API: "The Amazon SNS topic owner must be the same as the cluster owner"; the topic is in this Region."""
    arn = call.params.get("NotificationTopicArn")
    if arn and not arn.startswith(f"arn:aws:sns:{call.region}:{call.account_id}:"):
        raise invalid(f"Topic does not belong to this account and Region: {arn}")


@extension.refuses(CREATE, MODIFY)
def log_deliveries_that_are_none(call: Call) -> None:
    """API LogDeliveryConfigurationRequest: slow-log or engine-log, to CloudWatch Logs or Firehose, text or json."""
    allowed = {
        "LogType": ("slow-log", "engine-log"),
        "DestinationType": ("cloudwatch-logs", "kinesis-firehose"),
        "LogFormat": ("text", "json"),
    }
    for one in call.params.get("LogDeliveryConfigurations") or []:
        for key, values in allowed.items():
            if key in one and one[key] not in values:
                raise invalid(f"{key} must be one of: {', '.join(values)}; provided: {one[key]}")
        if one.get("Enabled", True) and not one.get("DestinationDetails"):
            raise conflict(f"DestinationDetails must be specified to enable delivery of the {one.get('LogType')}")


@extension.refuses(CREATE, MODIFY)
def days_of_snapshots(call: Call) -> None:
    days = call.params.get("SnapshotRetentionLimit")
    if days is not None and not 0 <= days <= 35:
        raise invalid("Snapshot retention limit must be between 0 and 35.")


def token_is_wrong(token: str, allowed: str) -> bool:
    """16 to 128 printable ASCII characters: letters, digits, and of the others only those ``allowed``."""
    return not 16 <= len(token) <= 128 or not all(one.isascii() and (one.isalnum() or one in allowed) for one in token)


@extension.refuses(CREATE)
def token_that_is_none(call: Call) -> None:
    """API CreateReplicationGroup, AuthToken. The text: magenx/Magento-2-aws-cluster-terraform#43."""
    token = call.params.get("AuthToken")
    if token is None:
        return
    if not call.params.get("TransitEncryptionEnabled"):
        raise conflict("The AUTH token requires encryption in transit: set TransitEncryptionEnabled to true.")
    if token_is_wrong(token, "!&#$^<>-"):
        raise invalid("Invalid AuthToken provided.")
