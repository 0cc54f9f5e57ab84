"""Filters cost_estimate, cost_regions and round_up_usd: what an environment costs a month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.utils.vars import load_extra_vars
from jinja2.exceptions import UndefinedError

from trading_platform.cost.estimate import estimate
from trading_platform.cost.facts import day_of, facts_of, rounded_up
from trading_platform.cost.place import VARIABLES
from trading_platform.host_values import plain, typed
from trading_platform.inventory import GROUPS
from trading_platform.preflight import load_schema

DOCUMENTATION = r"""
name: cost_estimate
short_description: What an environment costs a month
description:
  - Reads the variables of all regions after templating, prices what the roles make of them, and adds up. Asks AWS
    nothing.
  - The prices are those of the repository's catalogue, with the date of each. What is unknown is in no total and is
    named.
  - The same file holds the filter C(cost_regions), which takes C(hostvars) and C(groups) and gives what the module
    M(cost_estimate) takes as C(regions); and C(round_up_usd), which takes an amount and a step and gives the next
    multiple of the step, as an integer where it is one.
positional: groups, today
options:
  _input:
    description: hostvars.
    type: dict
    required: true
  groups:
    description: The groups of the inventory; hosts of C(primary) and C(dr) are the regions.
    type: dict
    required: true
  today:
    description: Day that decides about extended support, YYYY-MM-DD.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say what a month costs
  ansible.builtin.debug:
    msg: "{{ (hostvars | cost_estimate(groups, '2026-11-27')).typical_usd }} USD in a typical month"

- name: Keep a budget of whole hundreds
  ansible.builtin.set_fact:
    budgets_monthly_usd: "{{ (hostvars | cost_estimate(groups, '2026-11-27')).typical_usd | round_up_usd(100) }}"
"""

RETURN = r"""
_value:
  description: The totals of the environment. Amounts are USD a month, as strings of digits with cents.
  type: dict
  contains:
    environment: {description: Its name., type: str, sample: production}
    low_usd: {description: "At its least: node groups at their minimum.", type: str, sample: "4628.45"}
    typical_usd: {description: In a typical month., type: str, sample: "6195.00"}
    high_usd: {description: "At its most: node groups at their maximum.", type: str, sample: "21229.12"}
    unknown:
      description: Lines that are in no total, as region / tier / service / resource / name.
      type: list
      elements: str
      sample: [us-east-1 / storage / S3 / bucket assets / Standard]
    by_region: {description: Region to low_usd typical_usd and high_usd., type: dict}
    by_service: {description: Service as on AWS's bill to the same., type: dict}
    by_tier: {description: "Tier (network, compute, database ...) to the same.", type: dict}
"""

SCHEMA = Path(__file__).resolve().parents[2] / "inventories" / "schema" / "inventory.schema.json"


def cost_estimate(hostvars: Any, groups: Any, today: Any) -> dict[str, Any]:
    """The totals of an environment as plain data. Raises AnsibleFilterError with what the estimator says."""
    regions = cost_regions(hostvars, groups)
    variables = {name: held["variables"] for name, held in regions.items()}
    try:
        found = estimate(variables, {name: held["group"] for name, held in regions.items()}, day_of(str(today)))
    except ValueError as error:
        raise AnsibleFilterError(f"what the environment costs cannot be told:\n{error}") from error
    return facts_of(found)


def cost_regions(hostvars: Any, groups: Any) -> dict[str, dict[str, Any]]:
    """Region to its group and its variables, templated. Raises AnsibleFilterError with the variable that cannot be."""
    if not isinstance(hostvars, Mapping) or not isinstance(groups, Mapping):
        raise AnsibleFilterError("the filter is given hostvars, and takes groups: both are mappings")
    extra_vars = load_extra_vars(DataLoader())
    return {
        str(host): {"group": group, "variables": _variables(str(host), hostvars[host], extra_vars)}
        for group in GROUPS
        for host in groups.get(group, [])
    }


def round_up_usd(usd: Any, step: Any) -> int | str:
    """An amount as the next multiple of a step. Raises AnsibleFilterError where one is no amount."""
    try:
        amount = rounded_up(str(usd), str(step))
    except (InvalidOperation, ValueError) as error:
        raise AnsibleFilterError(f"round_up_usd: {usd!r} cannot be rounded up to {step!r}: {error}") from error
    return int(amount) if amount == amount.to_integral_value() else f"{amount:f}"


def _variables(host: str, held: Mapping[str, Any], extra_vars: Mapping[str, Any]) -> dict[str, Any]:
    """Those that decide about the cost."""
    schema = load_schema(SCHEMA)
    found: dict[str, Any] = {}
    for key in sorted(VARIABLES):
        if key not in held:
            continue
        try:
            value = plain(held[key])
        # Inside a template Ansible gives undefined values as markers, which raise when they are looked at.
        except (AnsibleError, UndefinedError) as error:
            raise AnsibleFilterError(f"{host}: {key}: cannot be templated: {' '.join(str(error).split())}") from error
        found[key] = typed(value, key, schema) if key in extra_vars else value
    return found


class FilterModule:
    """Tells Ansible the names of the filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filters."""
        return {"cost_estimate": cost_estimate, "cost_regions": cost_regions, "round_up_usd": round_up_usd}
