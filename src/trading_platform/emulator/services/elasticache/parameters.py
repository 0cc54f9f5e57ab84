"""The parameters of the families redis7, valkey7 and valkey8, as DescribeCacheParameters lists them (a selection).

Source: ElastiCache user guide, "Engine specific parameters". Ranges are written as AWS writes them: ``0,20-`` is 0, or
20 and more.
"""

from typing import Any, NamedTuple


class Parameter(NamedTuple):
    """Default, type, allowed values, and whether and how it can be changed."""

    default: str
    type: str
    allowed: str
    modifiable: bool = True
    change: str = "immediate"


_POLICIES = "volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction"
_COUNT = "0-9223372036854775807"

REDIS7 = {
    "acllog-max-len": Parameter("128", "integer", "1-10000"),
    "active-defrag-cycle-max": Parameter("75", "integer", "1-75"),
    "active-defrag-cycle-min": Parameter("5", "integer", "1-75"),
    "active-defrag-threshold-lower": Parameter("10", "integer", "1-100"),
    "active-defrag-threshold-upper": Parameter("100", "integer", "1-100"),
    "activedefrag": Parameter("no", "string", "yes,no"),
    "activerehashing": Parameter("yes", "string", "yes,no", change="requires-reboot"),
    "appendfsync": Parameter("everysec", "string", "always,everysec,no", modifiable=False),
    "appendonly": Parameter("no", "string", "yes,no", modifiable=False),
    "client-output-buffer-limit-normal-hard-limit": Parameter("0", "integer", _COUNT),
    "client-output-buffer-limit-normal-soft-limit": Parameter("0", "integer", _COUNT),
    "client-output-buffer-limit-normal-soft-seconds": Parameter("0", "integer", _COUNT),
    "client-output-buffer-limit-pubsub-hard-limit": Parameter("33554432", "integer", _COUNT),
    "client-output-buffer-limit-pubsub-soft-limit": Parameter("8388608", "integer", _COUNT),
    "client-output-buffer-limit-pubsub-soft-seconds": Parameter("60", "integer", _COUNT),
    "close-on-replica-write": Parameter("yes", "string", "yes,no", modifiable=False),
    "cluster-enabled": Parameter("no", "string", "yes,no", change="requires-reboot"),
    "databases": Parameter("16", "integer", "1-1200000", change="requires-reboot"),
    "hash-max-listpack-entries": Parameter("512", "integer", _COUNT),
    "hash-max-listpack-value": Parameter("64", "integer", _COUNT),
    "hll-sparse-max-bytes": Parameter("3000", "integer", "1-16000"),
    "latency-tracking": Parameter("no", "string", "yes,no"),
    "lazyfree-lazy-eviction": Parameter("yes", "string", "yes,no", modifiable=False),
    "lfu-decay-time": Parameter("1", "integer", "0-2147483647"),
    "lfu-log-factor": Parameter("10", "integer", "1-2147483647"),
    "list-compress-depth": Parameter("0", "integer", "0-2147483647"),
    "lua-time-limit": Parameter("5000", "integer", "5000", modifiable=False),
    "maxmemory-policy": Parameter("volatile-lru", "string", _POLICIES),
    "maxmemory-samples": Parameter("3", "integer", "1-2147483647"),
    "min-replicas-max-lag": Parameter("10", "integer", "0-2147483647"),
    "min-replicas-to-write": Parameter("0", "integer", "0-2147483647"),
    "notify-keyspace-events": Parameter("", "string", ""),
    "proto-max-bulk-len": Parameter("536870912", "integer", "1048576-536870912"),
    "replica-lazy-flush": Parameter("yes", "string", "yes,no", modifiable=False),
    "reserved-memory-percent": Parameter("25", "integer", "0-100"),
    "set-max-intset-entries": Parameter("512", "integer", _COUNT),
    "slowlog-log-slower-than": Parameter("10000", "integer", "0-9223372036854775807"),
    "slowlog-max-len": Parameter("128", "integer", _COUNT),
    "stream-node-max-bytes": Parameter("4096", "integer", _COUNT),
    "stream-node-max-entries": Parameter("100", "integer", _COUNT),
    "tcp-keepalive": Parameter("300", "integer", "0-2147483647"),
    "timeout": Parameter("0", "integer", "0,20-2147483647"),
    "tracking-table-max-keys": Parameter("1000000", "integer", "1-100000000"),
    "zset-max-listpack-entries": Parameter("128", "integer", _COUNT),
    "zset-max-listpack-value": Parameter("64", "integer", _COUNT),
}

CATALOGUE = {"redis7": REDIS7, "valkey7": REDIS7, "valkey8": REDIS7}


def described(family: str, values: dict[str, str], source: str | None = None) -> list[dict[str, Any]]:
    """The parameters of a group with these values set, as AWS lists them; ``source``: only those of this one."""
    listed = [
        {
            "ParameterName": name,
            "ParameterValue": values.get(name, parameter.default),
            "Source": "user" if name in values else "system",
            "DataType": parameter.type,
            "AllowedValues": parameter.allowed,
            "IsModifiable": parameter.modifiable,
            "MinimumEngineVersion": "7.0.4",
            "ChangeType": parameter.change,
        }
        for name, parameter in sorted(CATALOGUE[family].items())
    ]
    return [one for one in listed if source is None or one["Source"] == source]


def takes(parameter: Parameter, value: str) -> bool:
    """Whether the value is among those allowed."""
    if not parameter.allowed:
        return True
    if parameter.type != "integer":
        return value in parameter.allowed.split(",")
    if not value.lstrip("-").isdigit():
        return False
    return any(_in_range(int(value), part) for part in parameter.allowed.split(","))


def _in_range(number: int, part: str) -> bool:
    low, dash, high = part.partition("-")
    return int(low) <= number <= int(high) if dash else number == int(low)
