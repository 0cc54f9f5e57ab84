"""What was built, in the sizes that AWS bills: from what our modules return, for outputs.json.

Pure functions; states are those that the modules return, under the names of their arguments. In check mode a thing that
does not exist yet lacks what only AWS gives; what it begins with stands for that.
"""

from collections.abc import Mapping, Sequence
from typing import Any

type State = Mapping[str, Any]
type Sizes = dict[str, Any]

CAPACITY = {"ON_DEMAND": "on_demand", "SPOT": "spot"}
"""Capacity types of the EKS API, and as the inventory writes them."""


def node_group_sizes(groups: Mapping[str, State], templates: Mapping[str, State]) -> Sizes:
    """Name to the size of a node group; disks in GB.

    groups, templates: name of a node group to what eks_nodegroup and launch_template return of it.
    """
    return {name: _node_group(group, templates[name]) for name, group in groups.items()}


def _node_group(group: State, template: State) -> Sizes:
    (disk,) = template["data"]["BlockDeviceMappings"]
    return {
        "instance_types": sorted(group["instance_types"]),
        "capacity_type": CAPACITY[group["capacity_type"]],
        "min_size": group["min_size"],
        "max_size": group["max_size"],
        # How many nodes there are is left to the autoscaler: a run that changes nothing must find the same figures.
        "disk_gb": disk["Ebs"]["VolumeSize"],
    }


def database_sizes(instances: Mapping[str, State], main: str, replicas: Sequence[str]) -> Sizes:
    """`database` and `database_replicas` of a region; storage in GiB.

    instances: identifier to what rds_instance returns; main: the instance that applications use; replicas: the names of
    its replicas.
    """
    first = _database(instances[main], {})
    return {"database": first, "database_replicas": [_database(instances[name], first) for name in replicas]}


def _database(instance: State, source: Sizes) -> Sizes:
    """A replica that does not exist yet will have the version and the storage of its source."""
    return {
        "instance_class": instance["instance_class"],
        "engine_version": instance.get("engine_version") or source.get("engine_version"),
        "allocated_storage_gb": instance.get("allocated_storage") or source.get("allocated_storage_gb"),
        "multi_az": bool(instance.get("multi_az")),
        "is_replica": instance.get("source_identifier") is not None,
    }


def redis_sizes(group: State) -> Sizes:
    """The nodes of what elasticache_replication_group returns."""
    return {
        "node_type": group["node_type"],
        "nodes": group["num_cache_clusters"],
        "engine": group["engine"],
        "engine_version": group["engine_version"],
    }


def alarm_sizes(alarms: Mapping[str, State | None]) -> Sizes:
    """How many metrics have an alarm, and how many alarms are made of others: both are what AWS bills.

    alarms: what cloudwatch_alarms returns; None is one that was deleted.
    """
    held = [alarm for alarm in alarms.values() if alarm is not None]
    simple = [alarm for alarm in held if not alarm.get("rule")]
    return {"metrics": sum(map(_metrics, simple)), "composites": len(held) - len(simple)}


def _metrics(alarm: State) -> int:
    """Those that it reckons with; an expression is none."""
    return sum("metric" in query for query in alarm["metrics"]) if alarm.get("metrics") else 1
