"""What outputs.json says of production when it is built as the inventory says, for tests of what was built."""

import copy
from typing import Any

from test_outputs_file import document

TYPES = ["c5.2xlarge", "c5a.2xlarge", "c6a.2xlarge", "c6i.2xlarge", "c7i.2xlarge"]
ENDPOINTS = (
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "elasticloadbalancing",
    "kms",
    "logs",
    "secretsmanager",
    "sqs",
    "sts",
)


def group(kinds: list[str], least: int, most: int, bought: str = "on_demand") -> dict[str, Any]:
    """A node group with as many nodes as it begins with."""
    sizes = {"min_size": least, "max_size": most, "disk_gb": 100}
    return {"instance_types": kinds, "capacity_type": bought, **sizes}


def database(*, multi_az: bool = False, is_replica: bool = False) -> dict[str, Any]:
    """An instance of PostgreSQL."""
    return {
        "instance_class": "db.r6i.xlarge",
        "engine_version": "16.14",
        "allocated_storage_gb": 100,
        "multi_az": multi_az,
        "is_replica": is_replica,
    }


SIZES: dict[str, dict[str, Any]] = {
    "us-east-1": {
        "cluster": {
            "version": "1.35",
            "node_groups": {
                "compute": group(TYPES, 2, 20, "spot"),
                "general": group(["t3.xlarge"], 3, 10),
                "memory": group(["r6i.xlarge"], 3, 5),
            },
        },
        "database": database(multi_az=True),
        "database_replicas": [database(is_replica=True), database(is_replica=True)],
        "redis": {"node_type": "cache.r6g.large", "nodes": 3, "engine": "redis", "engine_version": "7.1.0"},
        "network": {
            "zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
            "nat_gateways": 3,
            "interface_endpoints": dict.fromkeys(ENDPOINTS, 3),
        },
        "kms_keys": 9,
        "secrets": 10,
        "alarms": {"metrics": 49, "composites": 1},
    },
    "us-west-2": {
        "cluster": {
            "version": "1.35",
            "node_groups": {
                "compute": group(TYPES, 0, 20, "spot"),
                "general": group(["t3.xlarge"], 3, 10),
                "memory": group(["r6i.xlarge"], 0, 5),
            },
        },
        "database": database(is_replica=True),
        "database_replicas": [],
        "redis": None,
        "network": {
            "zones": ["us-west-2a", "us-west-2b", "us-west-2c"],
            "nat_gateways": 3,
            "interface_endpoints": dict.fromkeys(ENDPOINTS, 3),
        },
        "kms_keys": 9,
        "secrets": 10,
        "alarms": {"metrics": 28, "composites": 0},
    },
}


def outputs() -> dict[str, Any]:
    """The document; it may be changed."""
    whole = document()
    for region, sizes in SIZES.items():
        whole["regions"][region]["sizes"] = copy.deepcopy(sizes)
    return whole
