#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cost_estimate
short_description: Say what an environment costs a month, and whether that is too much
description:
  - Prices what the roles make of the inventory's variables, with the prices of the repository's catalogue. It asks AWS
    nothing and needs no credentials.
  - With O(outputs) it prices what was really built, and says where that differs from the inventory.
  - Fails when the budget refuses a typical month, after it has written O(dest).
options:
  regions:
    description:
      - Region to its C(group), primary or dr, and its C(variables) after templating.
      - The filter C(cost_regions) gives it.
    type: dict
    required: true
  format:
    description: In what form the estimate is returned and written.
    type: str
    choices: [text, markdown, json, html]
    default: text
  dest:
    description: A file that it is written into, if the file says something else. Parent directories are made.
    type: path
  outputs:
    description:
      - The file C(outputs.json) that site.yml wrote, to price what exists. What it says nothing of is the inventory's.
    type: path
  thresholds:
    description:
      - C(warn_usd), C(refuse_usd), C(warn_increase_percent) and C(refuse_increase_percent), in place of the variable
        C(cost_budget) of the first region.
    type: dict
  fail_on_budget:
    description: Whether a typical month that the budget refuses is a failure.
    type: bool
    default: true
  today:
    description: Day that decides about extended support, YYYY-MM-DD. Today, in UTC, unless given.
    type: str
author: The Trading Platform maintainers
requirements:
  - the Python package trading_platform of this repository on the host that runs the module
attributes:
  check_mode: {support: full, description: Says whether the file would be written.}
  diff_mode: {support: full, description: Shows the file before and after.}
"""

EXAMPLES = r"""
- name: Say what a month costs
  cost_estimate:
    regions: "{{ hostvars | cost_regions(groups) }}"
  register: cost

- name: Write it down as a page, whatever the budget says
  cost_estimate:
    regions: "{{ hostvars | cost_regions(groups) }}"
    format: html
    dest: build/production/cost.html
    fail_on_budget: false

- name: Price what exists
  cost_estimate:
    regions: "{{ hostvars | cost_regions(groups) }}"
    outputs: build/production/outputs.json
"""

RETURN = r"""
totals:
  description: The totals, as the filter C(cost_estimate) gives them. Amounts are USD a month, as strings with cents.
  returned: success, and when the budget refuses
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
    by_region: {description: "Region to low_usd, typical_usd and high_usd.", type: dict}
    by_service: {description: "Service as on AWS's bill to the same.", type: dict}
    by_tier: {description: "Tier (network, compute, database ...) to the same.", type: dict}
text:
  description: The estimate in the format asked for.
  returned: success, and when the budget refuses
  type: str
verdict:
  description: What the budget says, within, warn or refuse.
  returned: success, and when the budget refuses
  type: str
  sample: within
messages:
  description: Why.
  returned: success, and when the budget refuses
  type: list
  elements: str
  sample: ["a typical month costs 6,195.00 USD, within 6,500 USD"]
differences:
  description: With O(outputs), where what was built differs from the inventory.
  returned: success, and when the budget refuses
  type: list
  elements: str
  sample: ["us-east-1: rds_instance_class: built db.r6i.large, inventory db.r6i.xlarge"]
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.cluster_facts import FactsError, read_outputs
    from trading_platform.cost.budget import budget_of, judge
    from trading_platform.cost.estimate import estimate_of, places_of
    from trading_platform.cost.facts import day_of, facts_of
    from trading_platform.cost.live import Live, live
    from trading_platform.cost.place import MaterialsError
    from trading_platform.cost.report import report_of, shown
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC: dict[str, dict[str, Any]] = {
    "regions": {"type": "dict", "required": True},
    "format": {"type": "str", "choices": ["text", "markdown", "json", "html"], "default": "text"},
    "dest": {"type": "path"},
    "outputs": {"type": "path"},
    "thresholds": {"type": "dict"},
    "fail_on_budget": {"type": "bool", "default": True},
    "today": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    asked = module.params
    try:
        result = estimated(asked)
    except (FactsError, MaterialsError, ValueError) as problem:
        module.fail_json(msg=f"what the environment costs cannot be told:\n{problem}")
    if asked["dest"]:
        result |= written(module, Path(asked["dest"]), result["text"])
    if result["verdict"] == "refuse" and asked["fail_on_budget"]:
        module.fail_json(msg=f"the budget refuses it: {'; '.join(result['messages'])}", **result)
    module.exit_json(**result)


def estimated(asked: dict[str, Any]) -> dict[str, Any]:
    """Estimate; the errors are those of the library."""
    variables = {region: _part(region, held, "variables") for region, held in asked["regions"].items()}
    places = places_of(variables, {region: str(held.get("group", "")) for region, held in asked["regions"].items()})
    found = _live(Path(asked["outputs"]), places) if asked["outputs"] else Live(tuple(places), ())
    day = day_of(asked["today"]) if asked["today"] else datetime.now(UTC).date()
    total = estimate_of(found.places, day)
    thresholds = asked["thresholds"]
    budget = budget_of(places[0].variables if thresholds is None else {"cost_budget": thresholds})
    judgement = judge(total, budget)
    report = report_of(total, found.places, [judgement], found.differences)
    return {
        "changed": False,
        "totals": facts_of(total),
        "text": shown(asked["format"], report),
        "verdict": judgement.verdict,
        "messages": [judgement.message],
        "differences": list(found.differences),
    }


def _part(region: str, held: Any, key: str) -> dict[str, Any]:
    if not isinstance(held, dict) or not isinstance(held.get(key), dict):
        raise ValueError(f"regions.{region}.{key}: must be a mapping; the filter cost_regions gives it")
    return dict(held[key])


def _live(path: Path, places: list[Any]) -> Live:
    """What was built; every line of an error begins with the file."""
    try:
        return live(places, read_outputs(path))
    except (FactsError, MaterialsError) as problem:
        raise ValueError("\n".join(f"{path}: {line}" for line in str(problem).splitlines())) from problem


def written(module: AnsibleModule, path: Path, text: str) -> dict[str, Any]:
    """Write what differs, in one step: nobody reads half of it."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if text != before and not module.check_mode:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(text, encoding="utf-8")
            module.atomic_move(str(partial), str(path))
    except (OSError, ValueError) as problem:
        module.fail_json(msg=f"{path} cannot be written: {problem}")
    diff = {"before_header": str(path), "after_header": str(path), "before": before, "after": text}
    return {"changed": text != before, "diff": diff}


if __name__ == "__main__":
    main()
