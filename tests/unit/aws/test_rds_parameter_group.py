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
    """All parameters, as RDS describes them."""
    pages = aws.client("rds").get_paginator("describe_db_parameters").paginate(DBParameterGroupName=NAME)
    return {one["ParameterName"]: one for page in pages for one in page["Parameters"]}


def values(aws: EmulatorServer) -> dict[str, str]:
    """What the group has of the parameters that are asked for, and what else was set in it."""
    found = {name: one for name, one in held(aws).items() if name in VALUES or one["Source"] == "user"}
    return {name: one.get("ParameterValue", "") for name, one in found.items()}


def test_check_mode_on_an_empty_account(aws: EmulatorServer) -> None:
    result = run_module(main, arguments(), check=True)
    assert (result["changed"], writes(result)) == (True, [])
    assert result["rds_parameter_group"]["parameters"] == VALUES


def test_create_sets_the_values_each_in_its_way(aws: EmulatorServer) -> None:
    result = run_module(main, arguments())
    assert writes(result) == ["rds.CreateDBParameterGroup", "rds.ModifyDBParameterGroup"]
    assert values(aws) == VALUES
    found = held(aws)
    static = {name for name in VALUES if found[name]["ApplyMethod"] == "pending-reboot"}
    assert static == {"max_connections", "shared_buffers", "shared_preload_libraries"}


@pytest.mark.parametrize("check", [False, True])
def test_the_same_again_is_quiet(aws: EmulatorServer, check: bool) -> None:
    """Also of what is asked for at its default, rds.force_ssl, which RDS does not call the user's."""
    run_module(main, arguments())
    assert held(aws)["rds.force_ssl"]["Source"] == "system"
    again = run_module(main, arguments(), check=check)
    assert again["changed"] is False
    assert again["rds_parameter_group"]["parameters"] == VALUES
    assert again["api_calls"] == [
        "rds.DescribeDBParameterGroups",
        *4 * ["rds.DescribeDBParameters"],
        "rds.ListTagsForResource",
    ]


def test_a_default_that_somebody_changed_is_repaired(aws: EmulatorServer) -> None:
    run_module(main, arguments())
    changed = [{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}]
    aws.client("rds").modify_db_parameter_group(DBParameterGroupName=NAME, Parameters=changed)
    result = run_module(main, arguments())
    assert result["diff"]["before"]["parameters"]["rds.force_ssl"] == "0"
    assert (writes(result), values(aws)) == (["rds.ModifyDBParameterGroup"], VALUES)


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
    assert values(aws) == VALUES


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
    assert {held(aws)[name]["ParameterValue"] for name in many} == {"1"}


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
    assert [name for name, one in held(aws).items() if one["Source"] == "user"] == []
    run_module(main, arguments())
    assert values(aws) == VALUES


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
