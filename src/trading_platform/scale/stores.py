"""Rows about the database's connections, and Redis's memory and connections.

Of PostgreSQL's connections some are kept for administrators: superuser_reserved_connections, 3 where nothing else is
said (https://www.postgresql.org/docs/16/runtime-config-connection.html), and of RDS's own
rds.rds_superuser_reserved_connections, 2 (what pg_settings of an instance shows, in the tests of
https://github.com/prometheus-community/postgres_exporter).
Of a Redis node's memory reserved-memory-percent, 25 by default, is kept for backups and failovers
(https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html). A node takes 65,000 clients,
which cannot be changed (.../ParameterGroups.Engine.html, maxclients); the smallest, micro, take fewer.
"""

import csv
import math
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from trading_platform.pricing import PRICES
from trading_platform.scale.compute import way_of, workloads_at
from trading_platform.scale.model import Demand, Dimension, Scale
from trading_platform.scale.source import Cluster, ScaleError, Source

RESERVED_CONNECTIONS: Mapping[str, int] = {
    "superuser_reserved_connections": 3,
    "rds.rds_superuser_reserved_connections": 2,
}
RESERVED_MEMORY_PERCENT = 25
REDIS_CLIENTS = 65_000
UNKNOWN = Demand(None, None, None)
# Those besides the services that keep a connection, one each.
EXPORTERS: Mapping[str, str] = {"database": "postgres-exporter", "redis": "redis-exporter"}


def store_dimensions(source: Source, database_pool: int | None) -> list[Dimension]:
    """The rows of a region's database and Redis, where it has them.

    database_pool: connections that a pod of a service opens; None: not known, and one is counted.

    Raises:
        ScaleError: a variable is not what it must be.
    """
    return [*_database(source, database_pool), *_redis(source)]


def _database(source: Source, pool: int | None) -> Iterator[Dimension]:
    if not source.variables.get("rds_instance_class"):
        return
    parameters = source.variables.get("rds_parameters") or {}
    kept = sum(_whole(source, parameters, "rds_parameters", key, usual) for key, usual in RESERVED_CONNECTIONS.items())
    allowed = _whole(source, parameters, "rds_parameters", "max_connections", 0)
    holds = allowed - kept if allowed else None
    if source.cluster is None:
        return
    demand = _connections(source, source.cluster, source.cluster.database, EXPORTERS["database"], pool or 1)
    services = _connections(source, source.cluster, source.cluster.database, "", 1)
    name = f"database: connections, {pool or 1} a pod"
    yield Dimension(name, "", demand, holds, note=_pool_note(pool, holds, services.full or 0))


def _pool_note(pool: int | None, holds: float | None, pods: float) -> str:
    if holds is None:
        return "rds_parameters has no max_connections: AWS's default for the instance class holds"
    if pool is not None or not pods:
        return ""
    # The exporter has one of its own.
    most = math.floor((holds - 1) / pods)
    return f"the chart leaves pools to the images: up to {most:,} connections a pod fit at full scale"


def _redis(source: Source) -> Iterator[Dimension]:
    node_type = source.variables.get("elasticache_node_type")
    if not node_type:
        return
    engine = str(source.variables.get("elasticache_engine") or "redis")
    memory = cache_memory().get((source.region, engine, node_type))
    parameters = source.variables.get("elasticache_parameters") or {}
    percent = _whole(
        source, parameters, "elasticache_parameters", "reserved-memory-percent", RESERVED_MEMORY_PERCENT, most=100
    )
    holds = None if memory is None else memory * (100 - percent) / 100
    policy = parameters.get("maxmemory-policy", "volatile-lru")
    note = f"what services keep there is not in the inventory; beyond it {policy} decides"
    if memory is None:
        note = f"the memory of {node_type} is not known (data/prices/elasticache.csv)"
    yield Dimension("redis: memory for data", "GiB", UNKNOWN, holds, note=note)
    if source.cluster:
        demand = _connections(source, source.cluster, source.cluster.redis, EXPORTERS["redis"], 1)
        clients = None if node_type.endswith(".micro") else REDIS_CLIENTS
        yield Dimension("redis: connections, 1 a pod", "", demand, clients)


def _connections(source: Source, cluster: Cluster, users: frozenset[str], exporter: str, pool: int) -> Demand:
    """`pool` connections of each pod of the users, and one of the exporter."""

    def at(scale: Scale) -> int:
        running = workloads_at(cluster, scale)
        counts = {one.pod.name: one.replicas(way_of(source, one, scale)) for one in running if not one.every_node}
        return sum(counts.get(name, 0) * pool for name in users) + counts.get(exporter, 0)

    return Demand(at(Scale.MINIMUM), at(Scale.TYPICAL), at(Scale.FULL))


@cache
def cache_memory() -> Mapping[tuple[str, str, str], float]:
    """Region, engine and node type to GiB of memory, from data/prices/elasticache.csv."""
    with (PRICES / "elasticache.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["region"], row["engine"], row["node_type"]): float(row["memory_gib"])
            for row in csv.DictReader(file)
            if row["memory_gib"]
        }


def _whole(
    source: Source, parameters: Mapping[str, Any], variable: str, key: str, usual: int, most: int = 10**6
) -> int:
    """A parameter that is a whole number, written as one or as text."""
    found = parameters.get(key, usual)
    text = str(found)
    if isinstance(found, bool) or not text.isdecimal() or int(text) > most:
        message = f"must be a whole number from 0 to {most:,}, not {found!r}"
        raise ScaleError(f"{source.region}: {variable}.{key}: {message}")
    return int(text)
