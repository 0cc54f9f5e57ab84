"""A difference between estimates as JSON, for other programs. Its shape stands in data/cost_difference.schema.json.

Amounts are strings of decimal digits, never floats; a percentage is rounded to hundredths. What is unknown is null, and
in no total. The same difference is the same text.
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from trading_platform.cost.diff import Change, Difference, ResourceChange
from trading_platform.cost.figures import exact
from trading_platform.cost.model import Total

SCHEMA = Path(__file__).parents[1] / "data" / "cost_difference.schema.json"
VERSION = 1

type Document = dict[str, Any]


def difference_json(difference: Difference) -> str:
    """The text."""
    return json.dumps(_document(difference), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _document(difference: Difference) -> Document:
    return {
        "version": VERSION,
        "environment": difference.environment,
        "scenario": difference.scenario.value,
        "currency": "USD",
        "old": _total(difference.old),
        "new": _total(difference.new),
        "change_usd": exact(difference.usd),
        "change_percent": _percent(difference.percent),
        "lines": {"added": difference.count("+"), "changed": difference.count("~"), "removed": difference.count("-")},
        "resources": [_resource(resource) for resource in difference.resources],
    }


def _resource(resource: ResourceChange) -> Document:
    return {
        "sign": resource.sign,
        "region": resource.region,
        "tier": resource.tier,
        "resource": resource.resource,
        "old": None if resource.old is None else _total(resource.old),
        "new": None if resource.new is None else _total(resource.new),
        "changes": [_change(change) for change in resource.changes],
    }


def _change(change: Change) -> Document:
    return {
        "sign": change.sign,
        "service": change.line.service,
        "name": change.line.name,
        "old_usd": _exact(change.old_usd),
        "new_usd": _exact(change.new_usd),
        "change_usd": _exact(change.usd),
        "change_percent": _percent(change.percent),
        "shifts": [{"what": shift.what, "old": shift.old, "new": shift.new} for shift in change.shifts],
    }


def _total(total: Total) -> Document:
    return {"usd": exact(total.usd), "unknown": total.unknown}


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)


def _percent(percent: Decimal | None) -> str | None:
    return None if percent is None else exact(Decimal(f"{percent:.2f}"))
