"""plugins/modules/rds_parameter_group.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes
from rds_world import NAME, TAGS

from trading_platform.emulator.testing import EmulatorServer

main = load("rds_parameter_group").main
ASKED = {
    "max_connections": 1000,
    "shared_buffers": "4GB",
    "effective_cache_size": "12GB",
    "maintenance_work_mem": "2GB",
    "work_mem": "10MB",
    "random_page_cost": 1.1,
    "effective_io_concurrency": 200,
    "rds.force_ssl": True,
    "shared_preload_libraries": ["pg_stat_statements", "pgaudit"],
}
VALUES = {
    "max_connections": "1000",
    "shared_buffers": "524288",
    "effective_cache_size": "1572864",
    "maintenance_work_mem": "2097152",
    "work_mem": "10240",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "200",
    "rds.force_ssl": "1",
    "shared_preload_libraries": "pg_stat_statements,pgaudit",
}


def arguments(**changed: Any) -> dict[str, Any]:
    return {"name": NAME, "family": "postgres16", "description": "orders", "parameters": ASKED, "tags": TAGS, **changed}


def held(aws: EmulatorServer) -> dict[str, dict[str, Any]]:
    """The parameters that were set, as RDS describes them."""
    pages = aws.client("rds").get_paginator("describe_db_parameters").paginate(DBParameterGroupName=NAME)
    return {one["ParameterName"]: one for page in pages for one in page["Parameters"] if one.get("Source") == "user"}


def test_check_mode_on_an_empty_account(aws: EmulatorServer) -> None:
    result = run_module(main, arguments(), check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["rds_parameter_group"]["parameters"] == VALUES


def test_create_sets_the_values_each_in_its_way(aws: EmulatorServer) -> None:
    result = run_module(main, arguments())
    assert writes(result) == ["rds.CreateDBParameterGroup", "rds.ModifyDBParameterGroup"]
    found = held(aws)
    assert {name: one["ParameterValue"] for name, one in found.items()} == VALUES
    static = {name for name, one in found.items() if one["ApplyMethod"] == "pending-reboot"}
    assert static == {"max_connections", "shared_buffers", "shared_preload_libraries"}


@pytest.mark.parametrize("check", [False, True])
def test_the_same_again_is_quiet(aws: EmulatorServer, check: bool) -> None:
    run_module(main, arguments())
    again = run_module(main, arguments(), check=check)
    assert again["changed"] is False
    assert again["api_calls"] == [
        "rds.DescribeDBParameterGroups",
        "rds.DescribeDBParameters",
        "rds.ListTagsForResource",
    ]


def test_drift_is_repaired(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    rds = aws.client("rds")
    changed = [
        {"ParameterName": "work_mem", "ParameterValue": "64", "ApplyMethod": "immediate"},
        {"ParameterName": "log_connections", "ParameterValue": "1", "ApplyMethod": "immediate"},
    ]
    rds.modify_db_parameter_group(DBParameterGroupName=NAME, Parameters=changed)
    planned = run_module(main, arguments(), check=True)
    assert planned["diff"]["before"]["parameters"]["work_mem"] == "64"
    assert planned["diff"]["after"]["parameters"] == VALUES
    result = run_module(main, arguments(purge_parameters=True))
    assert writes(result) == ["rds.ModifyDBParameterGroup", "rds.ResetDBParameterGroup"]
    assert {name: one["ParameterValue"] for name, one in held(aws).items()} == VALUES


def test_others_stay_where_asked(aws: EmulatorServer) -> None:
    run_module(main, arguments(parameters={"work_mem": "1MB"}))
    result = run_module(main, arguments(parameters={"log_connections": True}, purge_parameters=False))
    assert result["rds_parameter_group"]["parameters"] == {"work_mem": "1024", "log_connections": "1"}


def test_more_than_twenty_go_in_several_calls(aws: EmulatorServer) -> None:
    many = {f"autovacuum_{name}": 1 for name in ("max_workers", "naptime", "vacuum_threshold", "analyze_threshold")}
    many |= {
        f"enable_{name}": True for name in ("hashagg", "hashjoin", "indexscan", "material", "memoize", "mergejoin")
    }
    many |= {f"enable_{name}": True for name in ("nestloop", "seqscan", "sort", "tidscan", "gathermerge", "bitmapscan")}
    many |= {f"log_{name}": True for name in ("checkpoints", "connections", "disconnections", "duration", "lock_waits")}
    result = run_module(main, arguments(parameters=many))
    assert len(many) == 21
    assert writes(result).count("rds.ModifyDBParameterGroup") == 2
    assert len(held(aws)) == 21


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"no_such_thing": 1}, "postgres16 has no parameter no_such_thing"),
        ({"listen_addresses": "*"}, "RDS sets listen_addresses itself"),
        ({"shared_buffers": "4 pounds"}, "has no unit of B, kB"),
        ({"work_mem": 1}, "Invalid parameter value: 1 for: work_mem"),
    ],
)
def test_what_cannot_be_set_is_told(aws: EmulatorServer, parameters: dict[str, Any], message: str) -> None:
    assert message in run_module(main, arguments(parameters=parameters))["msg"]


def test_killed_before_the_parameters_were_set(aws: EmulatorServer) -> None:
    run_module(main, arguments(), fail={"rds.ModifyDBParameterGroup": "ForTheTest"})
    assert held(aws) == {}
    run_module(main, arguments())
    assert len(held(aws)) == len(VALUES)


def test_the_family_is_fixed(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    assert "family is 'postgres16'" in run_module(main, arguments(family="postgres17"))["msg"]


def test_tags_and_deletion(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    result = run_module(main, arguments(tags={"Team": "data"}))
    assert writes(result) == ["rds.RemoveTagsFromResource", "rds.AddTagsToResource"]
    absent = {"name": NAME, "state": "absent"}
    assert writes(run_module(main, absent, check=True)) == []
    assert run_module(main, absent)["changed"] is True
    assert run_module(main, absent)["changed"] is False
