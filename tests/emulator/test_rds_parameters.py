"""Parameter groups as RDS has and refuses them."""

from typing import Any

import pytest
from emulator_asserts import refused
from rds_estate import GROUP, NAME, described, instance

from trading_platform.emulator.testing import EmulatorServer


@pytest.fixture
def rds(emulator: EmulatorServer) -> Any:
    client = emulator.client("rds")
    client.create_db_parameter_group(
        DBParameterGroupName=GROUP, DBParameterGroupFamily="postgres16", Description="orders"
    )
    return client


def change(name: str, value: str | None = None, method: str = "pending-reboot") -> dict[str, str]:
    return {"ParameterName": name, "ApplyMethod": method, **({"ParameterValue": value} if value is not None else {})}


def parameters(rds: Any, **filters: str) -> dict[str, dict[str, Any]]:
    pages = rds.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=GROUP, **filters)
    return {one["ParameterName"]: one for page in pages for one in page["Parameters"]}


def test_a_new_group_has_the_defaults_of_its_engine(rds: Any) -> None:
    found = parameters(rds)
    assert len(found) > 300
    assert found["shared_buffers"]["ParameterValue"] == "{DBInstanceClassMemory/32768}"
    assert (found["shared_buffers"]["ApplyType"], found["work_mem"]["ApplyType"]) == ("static", "dynamic")
    assert found["rds.force_ssl"]["ParameterValue"] == "1"
    assert found["listen_addresses"]["IsModifiable"] is False
    assert {one["Source"] for one in found.values()} == {"engine-default", "system"}
    assert (found["rds.force_ssl"]["Source"], found["work_mem"]["Source"]) == ("system", "engine-default")
    assert "ParameterValue" not in found["work_mem"], "PostgreSQL's own default is not shown"
    assert parameters(rds, Source="user") == {}


def test_answers_come_in_pages_of_a_hundred(rds: Any) -> None:
    first = rds.describe_db_parameters(DBParameterGroupName=GROUP)
    assert len(first["Parameters"]) == 100
    assert first["Marker"]
    defaults = rds.get_paginator("describe_engine_default_parameters").paginate(DBParameterGroupFamily="postgres16")
    assert sum(len(page["EngineDefaults"]["Parameters"]) for page in defaults) == len(parameters(rds))


def test_set_and_reset(rds: Any) -> None:
    rds.modify_db_parameter_group(
        DBParameterGroupName=GROUP,
        Parameters=[change("work_mem", "10240", "immediate"), change("shared_buffers", "524288")],
    )
    held = parameters(rds, Source="user")
    assert {name: one["ParameterValue"] for name, one in held.items()} == {
        "shared_buffers": "524288",
        "work_mem": "10240",
    }
    rds.reset_db_parameter_group(DBParameterGroupName=GROUP, Parameters=[change("work_mem")])
    assert list(parameters(rds, Source="user")) == ["shared_buffers"]
    rds.reset_db_parameter_group(DBParameterGroupName=GROUP, ResetAllParameters=True)
    assert parameters(rds, Source="user") == {}


def test_a_value_that_is_the_default_is_not_the_users(rds: Any) -> None:
    same = [change("rds.force_ssl", "1", "immediate"), change("work_mem", "4096", "immediate")]
    rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=same)
    found = parameters(rds)
    assert (found["rds.force_ssl"]["Source"], found["rds.force_ssl"]["ParameterValue"]) == ("system", "1")
    assert (found["work_mem"]["Source"], found["work_mem"]["ParameterValue"]) == ("engine-default", "4096")
    assert parameters(rds, Source="user") == {}
    rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=[change("rds.force_ssl", "0", "immediate")])
    assert list(parameters(rds, Source="user")) == ["rds.force_ssl"]


def test_one_static_parameter_at_once_fails_the_whole_call(rds: Any) -> None:
    with refused("InvalidParameterCombination", "cannot use immediate apply method for static parameter"):
        rds.modify_db_parameter_group(
            DBParameterGroupName=GROUP,
            Parameters=[change("work_mem", "10240", "immediate"), change("max_connections", "1000", "immediate")],
        )
    assert parameters(rds, Source="user") == {}


def test_twenty_at_most(rds: Any) -> None:
    switches = [one for one in parameters(rds).values() if one.get("AllowedValues") == "0,1" and one["IsModifiable"]]
    names = [one["ParameterName"] for one in switches[:21]]
    many = [change(name, "1") for name in names]
    with refused("InvalidParameterValue", "A maximum of 20 parameters"):
        rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=many)
    rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=many[:20])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("shared_buffers", "4GB", "Invalid parameter value: 4GB for: shared_buffers allowed values are: 16-1073741823"),
        ("work_mem", "63", "Invalid parameter value: 63 for: work_mem"),
        ("rds.force_ssl", "true", "allowed values are: 0,1"),
        ("random_page_cost", "cheap", "Invalid parameter value: cheap"),
        ("no_such_parameter", "1", "Could not find parameter with name: no_such_parameter"),
        ("listen_addresses", "*", "The parameter listen_addresses cannot be modified."),
    ],
)
def test_values_that_are_refused(rds: Any, name: str, value: str, message: str) -> None:
    with refused("InvalidParameterValue", message):
        rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=[change(name, value)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shared_buffers", "{DBInstanceClassMemory/32768}"),
        ("max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)"),
        ("log_min_duration_statement", "-1"),
        ("random_page_cost", "1.1"),
        ("pgaudit.role", "rds_pgaudit"),
    ],
)
def test_values_that_are_taken(rds: Any, name: str, value: str) -> None:
    rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=[change(name, value)])
    assert parameters(rds)[name]["ParameterValue"] == value


def test_unknown_and_default_groups(rds: Any) -> None:
    with refused("DBParameterGroupNotFound", "not found"):
        rds.describe_db_parameter_groups(DBParameterGroupName="nobody")
    with refused("InvalidParameterValue", "is not a valid parameter group family"):
        rds.describe_engine_default_parameters(DBParameterGroupFamily="postgresX")
    with refused("InvalidParameterValue", "is not a valid parameter group family"):
        rds.create_db_parameter_group(DBParameterGroupName="x", DBParameterGroupFamily="postgres16.14", Description="x")
    rds.create_db_instance(**instance())
    described_group = rds.describe_db_parameter_groups(DBParameterGroupName="default.postgres16")
    assert described_group["DBParameterGroups"][0]["DBParameterGroupFamily"] == "postgres16"


def test_a_group_in_use(emulator: EmulatorServer, rds: Any) -> None:
    rds.create_db_instance(**instance(DBParameterGroupName=GROUP))
    with refused("InvalidDBParameterGroupState", "so the group cannot be deleted"):
        rds.delete_db_parameter_group(DBParameterGroupName=GROUP)
    rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=[change("work_mem", "10240", "immediate")])
    assert described(emulator)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    rds.modify_db_parameter_group(DBParameterGroupName=GROUP, Parameters=[change("max_connections", "1000")])
    assert described(emulator)["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    rds.reboot_db_instance(DBInstanceIdentifier=NAME)
    assert described(emulator)["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
