"""The estimate as JSON, for other programs and to compare with later; and read back.

Amounts and quantities are strings of decimal digits, never floats. The same estimate is the same text: keys are sorted,
lines are in the order of the bill. Its shape stands in data/cost_estimate.schema.json. What follows from the lines
(amounts and totals) is written for its readers, and checked when read: an edited file must not contradict itself.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from trading_platform.cost.advice_json import KEYS, document_table, savings_table
from trading_platform.cost.document import Compared
from trading_platform.cost.figures import exact
from trading_platform.cost.model import Estimate, Kind, Line, Quantities, Scenario, Total
from trading_platform.cost.savings import Saving
from trading_platform.cost.summary import breakdowns
from trading_platform.cost.tree import Subtotals, subtotals
from trading_platform.outputs import load_schema, problems
from trading_platform.pricing import HOURS, Price, Tier, as_of

SCHEMA = Path(__file__).parents[1] / "data" / "cost_estimate.schema.json"
VERSION = 1
MOST_PROBLEMS = 10  # that are told of one file

type Document = dict[str, Any]


class EstimateError(ValueError):
    """A stored estimate cannot be read: which file, which key, what is wrong."""


def estimate_json(
    estimate: Estimate, compared: Sequence[Compared] | None = None, savings: Sequence[Saving] | None = None
) -> str:
    """The text of the file. `compared` and `savings`: what is told beside the estimate, where it is wanted."""
    document = as_document(estimate)
    if compared is not None:
        document["document_table"] = document_table(compared)
    if savings is not None:
        document["savings"] = savings_table(savings)
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def as_document(estimate: Estimate) -> Document:
    """What is in the file of the estimate itself."""
    dates = as_of(estimate.prices)
    return {
        "version": VERSION,
        "environment": estimate.environment,
        "currency": "USD",
        "hours_in_month": exact(HOURS),
        "prices_as_of": {"oldest": dates[0], "newest": dates[1]} if dates else None,
        "totals": _totals(estimate),
        "lines": [_line(line) for line in estimate.lines],
    }


def estimate_from_json(text: str, where: str = "cost estimate") -> Estimate:
    """The estimate that was written. `where`: the name of the file, for errors. Raises EstimateError."""
    document = _parsed(text, where)
    found = problems(document, _schema())
    _refuse(where, found or _broken_tiers(document))
    try:
        estimate = Estimate(document["environment"], tuple(_line_of(entry) for entry in document["lines"]))
    except ValueError as error:
        raise EstimateError(f"{where}: lines: {error}") from None
    own = {key: value for key, value in document.items() if key not in KEYS}
    _refuse(where, list(_differences("", as_document(estimate), own)))
    return estimate


@cache
def _schema() -> Document:
    return load_schema(SCHEMA)


def _parsed(text: str, where: str) -> Document:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise EstimateError(f"{where}: line {error.lineno}: is no JSON: {error.msg}") from None
    except RecursionError:
        raise EstimateError(f"{where}: is nested deeper than any estimate") from None
    if not isinstance(document, dict):
        raise EstimateError(f"{where}: must be a mapping, as written by this program")
    if document.get("version") != VERSION:
        raise EstimateError(f"{where}: version: found {document.get('version')!r}; must be {VERSION}: estimate again")
    return document


def _refuse(where: str, found: Sequence[str]) -> None:
    if found:
        more = [f"{where}: and {len(found) - MOST_PROBLEMS} more"] if len(found) > MOST_PROBLEMS else []
        raise EstimateError("\n".join([*(f"{where}: {one}" for one in found[:MOST_PROBLEMS]), *more]))


def _totals(estimate: Estimate) -> Document:
    found: Document = {"all": _by_scenario(subtotals(estimate.lines))}
    for one in breakdowns(estimate):
        found[one.by] = {name: _by_scenario(amounts) for name, amounts in one.rows}
    return found


def _by_scenario(amounts: Subtotals) -> Document:
    return {scenario.value: _total(amounts.of(scenario).both) for scenario in Scenario}


def _total(total: Total) -> Document:
    return {"usd": exact(total.usd), "unknown": total.unknown}


def _line(line: Line) -> Document:
    return {
        "region": line.region,
        "tier": line.tier,
        "service": line.service,
        "resource": line.resource,
        "name": line.name,
        "kind": line.kind.value,
        "unit": line.unit,
        "note": line.note,
        "quantities": {scenario.value: _exact(line.quantities.of(scenario)) for scenario in Scenario},
        "monthly_usd": {scenario.value: _exact(line.monthly(scenario)) for scenario in Scenario},
        "price": None if line.price is None else _price(line.price),
    }


def _price(price: Price) -> Document:
    return {
        "unit": price.unit,
        "tiers": [{"from": exact(tier.start), "to": _exact(tier.end), "usd": exact(tier.usd)} for tier in price.tiers],
        "source": price.source,
        "as_of": price.as_of,
        "certainty": price.certainty,
    }


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)


def _line_of(entry: Mapping[str, Any]) -> Line:
    price = entry["price"]
    return Line(
        region=entry["region"],
        tier=entry["tier"],
        service=entry["service"],
        resource=entry["resource"],
        name=entry["name"],
        kind=Kind(entry["kind"]),
        quantities=Quantities(*(_decimal(entry["quantities"][scenario.value]) for scenario in Scenario)),
        unit=entry["unit"],
        price=None if price is None else _price_of(price),
        note=entry["note"],
    )


def _price_of(entry: Mapping[str, Any]) -> Price:
    tiers = (Tier(Decimal(tier["from"]), _decimal(tier["to"]), Decimal(tier["usd"])) for tier in entry["tiers"])
    return Price(entry["unit"], tuple(tiers), entry["source"], entry["as_of"], entry["certainty"])


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _broken_tiers(document: Document) -> list[str]:
    """Tiers that do not follow on each other: a part of the quantity would cost nothing, or be paid twice."""
    prices = [(f"lines[{number}].price", entry["price"]) for number, entry in enumerate(document["lines"])]
    return [problem for key, price in prices if price for problem in _tier_problems(key, price["tiers"])]


def _tier_problems(key: str, tiers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    end: str | None = "0"
    for index, tier in enumerate(tiers):
        if end is None:
            yield f"{key}.tiers[{index}]: follows on a tier that has no end"
        elif tier["from"] != end:
            yield f"{key}.tiers[{index}].from: found {tier['from']}; must be {end}, where the tier before it ends"
        end = tier["to"]
        if end is not None and Decimal(end) <= Decimal(tier["from"]):
            yield f"{key}.tiers[{index}].to: found {end}; must be more than from, {tier['from']}"


def _differences(key: str, wanted: Any, found: Any) -> Iterator[str]:
    """Where a document says something else than its lines."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in _names(wanted, found):
            yield from _differences(f"{key}.{name}" if key else name, wanted.get(name), found.get(name))
    elif isinstance(wanted, list):
        for index, pair in enumerate(zip(wanted, found, strict=True)):
            yield from _differences(f"{key}[{index}]", *pair)
    elif wanted != found:
        yield f"{key}: found {_said(found)}; the lines make it {_said(wanted)}"


def _names(*mappings: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for mapping in mappings for name in mapping))


def _said(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value)
