"""Whatever a variable is, preflight answers with a line about it; it never stops with a traceback."""

import copy as copying
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml
from preflight_inventory import ROOT

from trading_platform.preflight import Host, Problem, find_problems, load_schema
from trading_platform.preflight.problem import top_name

SCHEMA = load_schema(ROOT / "inventories/schema/inventory.schema.json")
PRODUCTION = ROOT / "inventories/production"
ODD: tuple[Any, ...] = (None, True, -1, 1.5, "", [], ["x"], [[]], [{}], {}, {"x": []}, {"x": {"y": 1}})
TEMPLATED = {
    "platform_name": "production-trading-engine",
    "platform_tags": dict.fromkeys(("Environment", "Project", "Team", "CostCenter", "Compliance"), "x")
    | {"ManagedBy": "ansible"},
    "platform_aws_environment": {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"},
    "s3_buckets": {
        "logs": {"name": "production-trading-engine-logs", "services": ["s3_access_logs"]},
        "flow_logs": {"name": "production-trading-engine-flow-logs", "access_logs_to": "logs"},
    },
    "eks_cluster_name": "production-trading-engine",
    "rds_identifier": "production-trading-engine",
    "elasticache_replication_group_id": "production-trading-engine",
    "platform_region": "us-east-1",
    "ansible_connection": "local",
    "ansible_python_interpreter": "/usr/bin/python3",
}


def plain_values() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for path in sorted(PRODUCTION.glob("group_vars/all/*.yml")) + sorted(PRODUCTION.glob("group_vars/primary/*.yml")):
        values |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return values | TEMPLATED


def check(values: dict[str, Any]) -> list[Problem]:
    return find_problems([Host("us-east-1", values)], [], SCHEMA, date(2026, 11, 23))  # without files: it is faster


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value inside a value."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*path, key)
            yield from places(inner, (*path, key))


def test_the_values_are_right_to_begin_with() -> None:
    assert check(plain_values()) == []


@pytest.mark.parametrize("name", sorted(plain_values()))
def test_odd_values_are_told_and_not_stumbled_over(name: str) -> None:
    right = plain_values()
    for path in [(name,), *places(right[name], (name,))]:
        for odd in ODD:
            values = copying.deepcopy(right)
            inside: Any = values
            for part in path[:-1]:
                inside = inside[part]
            if inside[path[-1]] == odd:
                continue
            inside[path[-1]] = odd
            for problem in check(values):
                assert top_name(problem.key) in SCHEMA.names, (path, odd, problem)
            if odd == {"x": {"y": 1}} and SCHEMA.document["properties"][name].get("type") != "boolean":
                assert check(values), (path, odd)
