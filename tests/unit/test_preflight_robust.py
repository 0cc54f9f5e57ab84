"""Whatever a variable is, preflight answers with a line about it; it never stops with a traceback."""

import copy as copying
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from preflight_inventory import ROOT

from trading_platform.preflight import Host, Problem, find_problems, load_schema
from trading_platform.preflight.problem import top_name

pytestmark = pytest.mark.slow
SCHEMA = load_schema(ROOT / "inventories/schema/inventory.schema.json")
PRODUCTION = ROOT / "inventories/production"
ODD: tuple[Any, ...] = (None, -1, "", [{}], {"x": {"y": 1}})
PLAYBOOK = """
- hosts: us-east-1
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        content: >-
          {{ hostvars[inventory_hostname] | dict2items | selectattr('key', 'in', names) | items2dict | to_json }}
        dest: "{{ result }}"
        mode: "0600"
"""


@cache
def values_of_production() -> str:
    """The values of us-east-1 as Ansible templates them, as JSON: one run of Ansible for all tests of this file."""
    with tempfile.TemporaryDirectory() as directory:
        playbook, variables, result = (Path(directory, name) for name in ("play.yml", "vars.json", "result.json"))
        playbook.write_text(PLAYBOOK, encoding="utf-8")
        variables.write_text(json.dumps({"names": SCHEMA.names, "result": str(result)}), encoding="utf-8")
        command = [Path(sys.executable).parent / "ansible-playbook", playbook, "-i", PRODUCTION, "-e", f"@{variables}"]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        return result.read_text(encoding="utf-8")


def right_values() -> dict[str, Any]:
    values: dict[str, Any] = json.loads(values_of_production())
    return values


def variables_of_production() -> list[str]:
    files = [path for group in ("all", "primary") for path in PRODUCTION.glob(f"group_vars/{group}/*.yml")]
    return sorted({name for path in files for name in yaml.safe_load(path.read_text(encoding="utf-8"))})


def check(values: dict[str, Any]) -> list[Problem]:
    host = Host("us-east-1", values, group_names=("primary",))  # so that it is priced, too
    return find_problems([host], [], SCHEMA, date(2026, 11, 23))  # without files: it is faster


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value inside a value; of entries that are alike (alarms, keys, rules) only the first."""
    if isinstance(value, dict | list):
        inside = list(value.items() if isinstance(value, dict) else enumerate(value))
        alike = isinstance(value, list) or all(isinstance(inner, dict) for _, inner in inside)
        for key, inner in inside[:1] if alike else inside:
            yield (*path, key)
            yield from places(inner, (*path, key))


def test_the_values_are_right_to_begin_with() -> None:
    assert check(right_values()) == []


@pytest.mark.parametrize("name", variables_of_production())
def test_odd_values_are_told_and_not_stumbled_over(name: str) -> None:
    right = right_values()
    for path in [(name,), *places(right[name], (name,))]:
        for odd in ODD:
            values = {**right, name: copying.deepcopy(right[name])}
            inside: Any = values
            for part in path[:-1]:
                inside = inside[part]
            if inside[path[-1]] == odd:
                continue
            inside[path[-1]] = odd
            problems = check(values)
            for problem in problems:
                assert top_name(problem.key) in SCHEMA.names, (path, odd, problem)
            if (
                path == (name,)
                and odd == {"x": {"y": 1}}
                and SCHEMA.document["properties"][name].get("type") != "boolean"
            ):
                assert problems, (path, odd)
