"""The schema: strict, described, in step with the inventories and with the checks that use it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from preflight_inventory import ROOT

from trading_platform.preflight import load_schema
from trading_platform.preflight.names import RULES
from trading_platform.preflight.problem import top_name
from trading_platform.preflight.windows import SERVICES

SCHEMA = load_schema(ROOT / "inventories/schema/inventory.schema.json")
# Variables that no role takes: parts of other variables, and what only the address plan reads.
INGREDIENTS = {
    "alb_target_group_prefix",
    "cloudwatch_services_run",
    "route53_regional_hosts",
    "s3_region_suffix",
    "s3_bucket_name_suffix",
    "vpc_reserved_cidrs",
}
DOCUMENT = (ROOT / "docs/design-document.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.*)$", DOCUMENT, re.MULTILINE) + re.findall(r"^\*\*(.+):\*\*", DOCUMENT, re.MULTILINE)
DESIGN_SECTIONS = (
    *HEADINGS,
    "Global Services",
    "Pod Service Accounts",
    "ALB and EKS Node Security Group",
    "Add-ons",
    "How Ansible reaches the host, not a figure of the document",
    "How long a run waits, not a figure of the document",
    "How preflight runs, not a figure of the document",
    "How tasks run, not a figure of the document",
    "RDS Security Group",
    "Redis Security Group",
)


def objects(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of an object, with its path."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield path, schema
        for key, inner in schema.items():
            yield from objects(inner, f"{path}/{key}")


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every named property, at every level."""
    for where, each in objects(schema, path):
        for name, inner in each.get("properties", {}).items():
            yield f"{where}/{name}", inner


def test_the_schema_is_strict_everywhere() -> None:
    for path, schema in objects(SCHEMA.document):
        rest = schema.get("additionalProperties")
        assert rest is False or isinstance(rest, dict), f"{path} takes any key with any value"


def test_every_property_names_its_section() -> None:
    found = list(properties(SCHEMA.document))
    assert len(found) > 80
    for path, schema in found:
        description = schema.get("description", "")
        top_level = path.count("/") == 1
        assert description.startswith(DESIGN_SECTIONS) or not top_level, f"{path}: {description!r}"
        assert description.endswith("."), path


def test_patterns_say_what_they_want() -> None:
    text = json.dumps(SCHEMA.document)
    for path, schema in [*objects(SCHEMA.document), *properties(SCHEMA.document)]:
        if "pattern" in schema:
            assert schema["patternErrorMessage"].startswith("must be "), path
    assert text.count('"pattern"') == text.count('"patternErrorMessage"')


def test_examples_are_valid() -> None:
    for name, schema in SCHEMA.document["properties"].items():
        for example in schema.get("examples", []):
            assert Draft202012Validator(schema).is_valid(example), name


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("inventories/*/group_vars/*/*.yml")), ids=lambda path: str(path)[-40:]
)
def test_an_editor_finds_nothing_in_our_files(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    errors = [error for error in SCHEMA.validator.iter_errors(document) if "{{" not in str(error.instance)]
    assert [error.message for error in errors] == []  # a template is checked when preflight has its value


def test_lists_of_names_are_names() -> None:
    names = set(SCHEMA.names)
    assert set(SCHEMA.required) <= names
    assert set(SCHEMA.regional) <= names
    for name in names:
        assert SCHEMA.file_of(name) or name.startswith("ansible_"), f"{name} belongs in no file"


def test_checks_read_variables_that_exist() -> None:
    used = [top_name(rule.key) for rule in RULES]
    used += [key for windows in SERVICES for key in (windows.backup, windows.maintenance)]
    assert set(used) <= set(SCHEMA.names)


def test_roles_take_what_the_schema_allows() -> None:
    """A variable of the inventory that begins with a role's name is an argument of that role."""
    for file in SCHEMA.files:
        specs = ROOT / "roles" / file / "meta/argument_specs.yml"
        if not specs.exists():  # a figure that only cost, capacity or preflight read so far
            continue
        entry_points = yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"].values()
        options = {name for entry_point in entry_points for name in entry_point.get("options", {})}
        ours = {name for name in SCHEMA.names if SCHEMA.file_of(name) == file}
        unknown = ours - options - INGREDIENTS
        assert unknown == set(), f"roles/{file} does not take {unknown}"


def test_each_variable_can_be_judged_for_itself() -> None:
    """Preflight asks about one after the other: no rule may be about two of them."""
    assert set(SCHEMA.document) == {
        "$schema",
        "$id",
        "title",
        "description",
        "type",
        "additionalProperties",
        "properties",
        "$defs",
    }


def test_what_was_said_of_a_value_is_said_of_no_other() -> None:
    """What is equal in Python is not the same in an inventory."""
    values = (1, True, "1", [1])
    for _ in range(2):
        wrong = {
            repr(value): [one.validator for one in SCHEMA.errors_of("rds_replica_count", value)] for value in values
        }
        assert wrong["1"] == []
        assert "type" in wrong["True"] and "type" in wrong["'1'"] and "type" in wrong["[1]"]
