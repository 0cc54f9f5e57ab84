"""What was built in the sizes that AWS bills, from what modules return, also of a dry run."""

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from plugin_loading import load_plugin

FILTERS: dict[str, Any] = load_plugin("plugins/filter/built_sizes.py").FilterModule().filters()
GROUP = {
    "arn": "arn:aws:eks:...",
    "instance_types": ["t3.xlarge", "m6i.xlarge"],
    "capacity_type": "ON_DEMAND",
    "min_size": 3,
    "max_size": 10,
    "desired_size": 4,
}
TEMPLATE = {"data": {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 120}}]}}
INSTANCE = {
    "instance_class": "db.r6i.xlarge",
    "engine_version": "16.14",
    "allocated_storage": 150,
    "multi_az": True,
    "source_identifier": None,
    "status": "available",
}
REPLICA = {**INSTANCE, "instance_class": "db.r6i.large", "multi_az": False, "source_identifier": "main"}


def test_node_groups_have_the_disk_of_their_own_template() -> None:
    small = {"data": {"BlockDeviceMappings": [{"Ebs": {"VolumeSize": 20}}]}}
    spot = {**GROUP, "capacity_type": "SPOT", "desired_size": 3}
    found = FILTERS["node_group_sizes"]({"general": GROUP, "compute": spot}, {"general": TEMPLATE, "compute": small})
    assert found == {
        "general": {
            "instance_types": ["m6i.xlarge", "t3.xlarge"],
            "capacity_type": "on_demand",
            "min_size": 3,
            "max_size": 10,
            "disk_gb": 120,
        },
        "compute": {**found["general"], "capacity_type": "spot", "disk_gb": 20},
    }


def test_what_the_autoscaler_does_changes_no_output() -> None:
    planned = {key: value for key, value in GROUP.items() if key != "desired_size"}
    found = [
        FILTERS["node_group_sizes"]({"general": group}, {"general": TEMPLATE})
        for group in (planned, GROUP, {**GROUP, "desired_size": 9})
    ]
    assert found[0] == found[1] == found[2]


def test_databases_and_their_replicas() -> None:
    found = FILTERS["database_sizes"](
        {"main": INSTANCE, "b": REPLICA, "a": {**REPLICA, "multi_az": True}}, "main", ["a", "b"]
    )
    main = {
        "instance_class": "db.r6i.xlarge",
        "engine_version": "16.14",
        "allocated_storage_gb": 150,
        "multi_az": True,
        "is_replica": False,
    }
    small = {**main, "instance_class": "db.r6i.large", "is_replica": True}
    assert found == {"database": main, "database_replicas": [small, {**small, "multi_az": False}]}


def test_a_replica_of_a_dry_run_will_be_as_its_source() -> None:
    planned = {"instance_class": "db.r6i.xlarge", "source_identifier": "main"}
    (replica,) = FILTERS["database_sizes"]({"main": INSTANCE, "a": planned}, "main", ["a"])["database_replicas"]
    assert (replica["engine_version"], replica["allocated_storage_gb"], replica["multi_az"]) == ("16.14", 150, False)


def test_redis() -> None:
    group = {
        "node_type": "cache.r6g.large",
        "num_cache_clusters": 3,
        "engine": "redis",
        "engine_version": "7.1.0",
        "port": 1,
    }
    assert FILTERS["redis_sizes"](group) == {
        "node_type": "cache.r6g.large",
        "nodes": 3,
        "engine": "redis",
        "engine_version": "7.1.0",
    }


def test_an_alarm_counts_for_every_metric_and_no_expression() -> None:
    alarms = {
        "cpu": {"metric": "CPUUtilization", "namespace": "AWS/RDS"},
        "errors": {
            "metrics": [
                {"id": "requests", "metric": "RequestCount"},
                {"id": "failed", "metric": "HTTPCode_Target_5XX_Count"},
                {"id": "rate", "expression": "failed / requests"},
            ]
        },
        "down": {"rule": "ALARM(cpu)"},
        "deleted": None,
    }
    assert FILTERS["alarm_sizes"](alarms) == {"metrics": 3, "composites": 1}
    assert FILTERS["alarm_sizes"]({}) == {"metrics": 0, "composites": 0}


def test_what_no_module_returned_fails_the_task_and_names_the_filter() -> None:
    with pytest.raises(AnsibleFilterError, match=r"redis_sizes: KeyError\('node_type'\)"):
        FILTERS["redis_sizes"]({})
    with pytest.raises(AnsibleFilterError, match="node_group_sizes"):
        FILTERS["node_group_sizes"]({"general": GROUP}, {})
