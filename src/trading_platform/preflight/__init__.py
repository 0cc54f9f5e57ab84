"""Check an inventory before the first AWS call: everything that is wrong with it, for all hosts, at once.

The caller (plugins/filter/inventory_problems.py) brings the values after templating; the files are read here, to say
where each value stands. Nothing here talks to AWS or needs credentials.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from jsonschema.exceptions import ValidationError

from trading_platform import lifecycle
from trading_platform.preflight.addresses import find_address_problems
from trading_platform.preflight.budget import find_budget_problems
from trading_platform.preflight.keys import find_key_problems, meant_keys
from trading_platform.preflight.names import find_name_problems
from trading_platform.preflight.problem import COMMAND_LINE, Finding, Host, Problem
from trading_platform.preflight.reading import Inventory, label, read_inventory
from trading_platform.preflight.report import place_findings, without_echoes
from trading_platform.preflight.schema import (
    InventorySchema,
    find_schema_problems,
    load_schema,
    readable,
    schema_errors,
)
from trading_platform.preflight.tags import find_tag_problems
from trading_platform.preflight.versions import find_stale_calendar, find_version_problems
from trading_platform.preflight.windows import find_window_problems

__all__ = [
    "COMMAND_LINE",
    "Finding",
    "Host",
    "Inventory",
    "InventorySchema",
    "Problem",
    "find_file_problems",
    "find_problems",
    "load_schema",
    "read_inventory",
]


def find_problems(
    hosts: Sequence[Host],
    sources: Sequence[str | Path],
    schema: InventorySchema,
    today: date,
    *,
    extra_vars: Collection[str] = (),
    roots: Sequence[Path] = (),
    calendar: Path = lifecycle.CALENDAR,
) -> list[Problem]:
    """Every problem of an inventory, in the order of its files; [] when there is none.

    sources: the inventories as given with -i; hosts: all of theirs, not only those of --limit. extra_vars: the names
    given with -e. today: the day on which versions must be supported. roots: directories to which paths in the report
    are relative, the first that fits. Raises OSError or ValueError when the calendar cannot be read.
    """
    inventory = read_inventory(sources, roots)
    supports = lifecycle.load_calendar(calendar)
    problems = inventory.problems + find_key_problems(inventory, extra_vars, schema)
    if not hosts:
        problems.append(Problem("error", inventory.base or "inventory", "", "has no hosts; a host is a region"))
    errors = [schema_errors(host, schema) for host in hosts]
    first = [
        finding
        for host, wrong in zip(hosts, errors, strict=True)
        for finding in _first_findings(host, inventory, schema, wrong)
    ]
    single = [readable(host, wrong) for host, wrong in zip(hosts, errors, strict=True)]
    then = [
        *find_address_problems(single),
        *find_window_problems(single),
        *find_name_problems(single),
        *find_tag_problems(single),
        *find_version_problems(single, today, supports),
    ]
    then += find_budget_problems(single, inventory, today, [*first, *then])
    findings = without_echoes(first, then)
    problems += place_findings(findings, hosts, inventory, extra_vars, schema)
    problems += find_stale_calendar(hosts, today, supports, label(calendar, roots))
    return sorted(problems, key=lambda problem: problem.file)


def find_file_problems(
    sources: Sequence[str | Path], schema: InventorySchema, roots: Sequence[Path] = ()
) -> list[Problem]:
    """The problems that the files alone show, without their values; arguments as for `find_problems`."""
    inventory = read_inventory(sources, roots)
    return sorted(inventory.problems + find_key_problems(inventory, (), schema), key=lambda problem: problem.file)


def _first_findings(
    host: Host, inventory: Inventory, schema: InventorySchema, errors: Iterable[ValidationError]
) -> list[Finding]:
    """What makes a value no value: templating that fails, and what the schema refuses."""
    failures = [Finding(host.name, name, f"cannot be templated: {why}") for name, why in host.failures.items()]
    misspelled = meant_keys(inventory, host, schema)
    return failures + [
        # A key that is there under a misspelled name is not missing as well.
        replace(finding, meant=finding.key) if finding.missing and finding.key in misspelled else finding
        for finding in find_schema_problems(host, schema, errors)
    ]
