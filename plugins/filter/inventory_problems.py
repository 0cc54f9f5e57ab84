"""Filter inventory_problems: what is wrong with an inventory, as roles/preflight prints it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.utils.vars import load_extra_vars
from jinja2.exceptions import UndefinedError

from trading_platform.host_values import plain, typed
from trading_platform.preflight import Host, InventorySchema, find_problems, load_schema
from trading_platform.preflight.problem import Problem

DOCUMENTATION = r"""
name: inventory_problems
short_description: Everything that is wrong with an inventory
description:
  - Checks all hosts at once, after templating, and names the file that every value comes from. Asks AWS nothing.
positional: sources, root, today
options:
  _input:
    description: hostvars.
    type: dict
    required: true
  sources:
    description: The inventories as given with -i (ansible_inventory_sources).
    type: list
    elements: str
    required: true
  root:
    description: The repository; paths in the report are relative to the working directory, else to it.
    type: str
    required: true
  today:
    description: Day on which versions must be supported, YYYY-MM-DD.
    type: str
    required: true
"""
EXAMPLES = r"""
problems: "{{ hostvars | inventory_problems(ansible_inventory_sources, role_path ~ '/../..', '2026-11-23') }}"
"""
RETURN = r"""
_value:
  description: One dict per problem, with severity (error or warning), file, key, message and line (how it is printed).
  type: list
  elements: dict
"""


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"inventory_problems": inventory_problems}


def inventory_problems(
    hostvars: Mapping[str, Mapping[str, Any]], sources: list[str], root: str, today: str
) -> list[dict[str, str]]:
    repository = Path(root).resolve()
    schema = load_schema(repository / "inventories" / "schema" / "inventory.schema.json")
    extra_vars = load_extra_vars(DataLoader())
    hosts = [read_host(name, hostvars[name], schema, extra_vars) for name in hostvars]
    try:
        day = date.fromisoformat(str(today))
    except ValueError as error:
        raise AnsibleFilterError(f"preflight_today: {today!r} is not a day such as 2026-11-23: {error}") from error
    problems = find_problems(
        hosts, [str(source) for source in sources], schema, day, extra_vars=extra_vars, roots=[Path.cwd(), repository]
    )
    return [as_dict(problem) for problem in problems]


def read_host(name: str, variables: Mapping[str, Any], schema: InventorySchema, extra_vars: Mapping[str, Any]) -> Host:
    """The variables of a host that the schema knows, each templated on its own so that one failure hides no other."""
    values: dict[str, Any] = {}
    failures: dict[str, str] = {}
    for key in schema.names:
        if key not in variables:
            continue
        try:
            value = plain(variables[key])
        # Inside a template Ansible gives undefined values as markers, which raise when they are looked at.
        except (AnsibleError, UndefinedError) as error:
            failures[key] = " ".join(str(error).split())
            continue
        values[key] = typed(value, key, schema) if key in extra_vars else value
    return Host(str(name), values, failures, tuple(plain(variables.get("group_names", []))))


def as_dict(problem: Problem) -> dict[str, str]:
    return {
        "severity": problem.severity,
        "file": problem.file,
        "key": problem.key,
        "message": problem.message,
        "line": str(problem),
    }
