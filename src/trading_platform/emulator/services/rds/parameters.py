"""Parameter groups: the engine's parameters with their defaults, and what may be changed how.

postgres16.csv holds the parameters of PostgreSQL 16.14 as its own ``pg_settings`` lists them (context ``postmaster`` is
RDS's ``static``), those of pg_stat_statements and pgaudit, and RDS's own (``rds.*``). Which of them RDS manages itself
(``modifiable`` no) is in the RDS user guide, "Working with parameters on your RDS for PostgreSQL DB instance".

RDS says ``Source`` user only of a value that differs from the default
(https://github.com/hashicorp/terraform-provider-aws/issues/23335). Otherwise it says system where it has a value of its
own, and engine-default, without a value, where PostgreSQL's holds.
"""

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.rds.common import combination, state, value

extension = Extension("rds")

TABLE = Path(__file__).parent / "postgres16.csv"
# Of the parameters that inventories/*/group_vars/all/rds.yml sets, those to which RDS gives a value of its own. The
# formulas over DBInstanceClassMemory are its invention; rds.force_ssl is 1 from version 15 on (RDS user guide, "Using
# SSL with a PostgreSQL DB instance"); shared_preload_libraries: hashicorp/terraform-provider-aws issue 12742. With an
# account: aws rds describe-db-parameters --db-parameter-group-name default.postgres16 --source system
SYSTEM = frozenset(
    {
        "effective_cache_size",
        "maintenance_work_mem",
        "max_connections",
        "rds.force_ssl",
        "shared_buffers",
        "shared_preload_libraries",
    }
)
MOST_PARAMETERS = 20
PAGE = 100


@cache
def engine_parameters() -> dict[str, dict[str, str]]:
    """The parameters of the family postgres16 by name."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def _source(row: dict[str, str], text: str | None) -> str:
    """Where RDS says that a value comes from. A value set to the default is not the user's."""
    if text is not None and text != row["default"]:
        return "user"
    return "system" if row["name"] in SYSTEM else "engine-default"


def _described(row: dict[str, str], held: dict[str, Any] | None) -> dict[str, Any]:
    text = held.get("ParameterValue") if held else None
    parameter = {
        "ParameterName": row["name"],
        "Description": row["name"],
        "Source": _source(row, text),
        "ApplyType": row["apply_type"],
        "DataType": row["data_type"],
        "IsModifiable": row["modifiable"] == "yes",
        "ApplyMethod": held.get("ApplyMethod", "pending-reboot") if held else "pending-reboot",
    }
    if row["allowed_values"]:
        parameter["AllowedValues"] = row["allowed_values"]
    if text is None and row["name"] in SYSTEM:
        text = row["default"]
    return {**parameter, "ParameterValue": text} if text else parameter


def _page(parameters: list[dict[str, Any]], asked: Any) -> dict[str, Any]:
    """RDS answers 100 at a time; a client that reads one page only must not pass."""
    start, size = int(asked.get("Marker") or 0), min(int(asked.get("MaxRecords") or PAGE), PAGE)
    answer: dict[str, Any] = {"Parameters": parameters[start : start + size]}
    return {**answer, "Marker": str(start + size)} if start + size < len(parameters) else answer


@extension.patches(RDSResponse, "describe_db_parameters")
def describe_db_parameters(original: Callable[..., Any], self: Any) -> ActionResult:
    """moto knows only what was set; of other families than postgres16 still so."""
    group = self.backend.db_parameter_groups.get(self.params.get("DBParameterGroupName"))
    if group is None or group.family != "postgres16":
        answer: ActionResult = original(self)
        return answer
    held = group.parameters
    found = [_described(row, held.get(name)) for name, row in engine_parameters().items()]
    source = self.params.get("Source")
    return ActionResult(_page([one for one in found if source in (None, one["Source"])], self.params))


@extension.adds(RDSResponse)
def describe_engine_default_parameters(self: Any) -> ActionResult:
    family = self.params.get("DBParameterGroupFamily")
    if family != "postgres16":
        raise value(f"ParameterGroupFamily {family} is not a valid parameter group family")
    found = [_described(row, None) for row in engine_parameters().values()]
    defaults = {"DBParameterGroupFamily": family, **_page(found, self.params)}
    return ActionResult({"EngineDefaults": defaults})


@extension.patches(RDSBackend, "describe_db_parameter_groups")
def unknown_group_is_an_error(original: Callable[..., Any], self: Any, kwargs: Any) -> Any:
    """moto answers with an empty list."""
    found = original(self, kwargs)
    name = kwargs.get("db_parameter_group_name")
    if name and not found:
        raise DBParameterGroupNotFoundError(name)
    return found


@extension.refuses("ModifyDBParameterGroup", "ResetDBParameterGroup")
def change_of_parameters(call: Call) -> None:
    """API ModifyDBParameterGroup: 20 at most; a static parameter only with pending-reboot; the whole call fails."""
    group = state(call).db_parameter_groups.get(call.params.get("DBParameterGroupName") or "")
    changes = call.params.get("Parameters") or []
    if group is None:
        return
    if group.name.startswith("default."):
        raise AwsError(
            "InvalidParameterValue", f"The parameter group {group.name} is a default group and cannot be modified."
        )
    if len(changes) > MOST_PARAMETERS:
        raise value(f"A maximum of {MOST_PARAMETERS} parameters can be modified in a single request.")
    if group.family == "postgres16":
        for change in changes:
            _refuse(change, call.action == "ModifyDBParameterGroup")


def _refuse(change: dict[str, Any], with_value: bool) -> None:
    name = change.get("ParameterName")
    row = engine_parameters().get(name or "")
    if row is None:
        raise value(f"Could not find parameter with name: {name}")
    if row["modifiable"] != "yes":
        raise value(f"The parameter {name} cannot be modified.")
    if change.get("ApplyMethod") == "immediate" and row["apply_type"] == "static":
        raise combination("cannot use immediate apply method for static parameter")
    text = change.get("ParameterValue")
    if with_value and text is not None and not _allowed(row, str(text)):
        raise value(f"Invalid parameter value: {text} for: {name} allowed values are: {row['allowed_values']}")


def _allowed(row: dict[str, str], text: str) -> bool:
    allowed = row["allowed_values"]
    if not allowed or "{" in text or "(" in text:  # a formula over DBInstanceClassMemory
        return True
    if row["data_type"] not in ("integer", "float"):
        return text in allowed.split(",")
    low, high = _range(allowed)
    try:
        number = int(text) if row["data_type"] == "integer" else float(text)
    except ValueError:
        return False
    return low <= number <= high


def _range(allowed: str) -> tuple[float, float]:
    """``-1-2147483647`` as (-1, 2147483647)."""
    low, _, high = allowed.removeprefix("-").partition("-")
    return (-float(low) if allowed.startswith("-") else float(low)), float(high)


@extension.patches(RDSBackend, "modify_db_parameter_group")
def change_that_instances_notice(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """An instance that has the group waits for a reboot when a parameter of it does."""
    group = original(self, *args, **kwargs)
    changes = kwargs.get("db_parameter_group_parameters") or args[1]
    if any(change.get("ApplyMethod") == "pending-reboot" for change in changes):
        _reboot_pending(self, group)
    return group


def _reboot_pending(backend: Any, group: Any) -> None:
    for database in backend.databases.values():
        if group in database.db_parameter_groups():
            database.parameter_apply_status = "pending-reboot"


@extension.adds(RDSResponse)
def reset_db_parameter_group(self: Any) -> ActionResult:
    """Back to the engine's defaults: all of them, or those that are named."""
    name = self.params.get("DBParameterGroupName")
    group = self.backend.db_parameter_groups.get(name)
    if group is None:
        raise DBParameterGroupNotFoundError(name)
    if self.params.get("ResetAllParameters"):
        group.parameters.clear()
    for parameter in self.params.get("Parameters") or []:
        group.parameters.pop(parameter["ParameterName"], None)
    _reboot_pending(self.backend, group)
    return ActionResult({"DBParameterGroupName": group.name})


@extension.refuses("DeleteDBParameterGroup")
def deletion_of_a_group_in_use(call: Call) -> None:
    backend, name = state(call), call.params.get("DBParameterGroupName") or ""
    group = backend.db_parameter_groups.get(name)
    if group is not None and any(group in one.db_parameter_groups() for one in backend.databases.values()):
        raise AwsError(
            "InvalidDBParameterGroupState",
            f"One or more database instances are still members of this parameter group {name}, so the group cannot be "
            "deleted",
        )


@extension.refuses("CreateDBParameterGroup")
def family_that_does_not_exist(call: Call) -> None:
    family = call.params.get("DBParameterGroupFamily") or ""
    if family.startswith("postgres") and not family.removeprefix("postgres").isdecimal():
        raise value(f"ParameterGroupFamily {family} is not a valid parameter group family")
