"""The capacity report as tables and sentences, and as plain values for JSON."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from trading_platform.scale.model import Dimension, RegionScale, Scale, where
from trading_platform.tables import Section, Table

HEADER = ("Dimension", "Minimum", "Typical", "Full", "Holds", "Used at full", "Verdict")
NUMBERS = frozenset({1, 2, 3, 4, 5})


def scale_sections(regions: Iterable[RegionScale]) -> list[Section]:
    """A section for each region: a table, what its rows have to add, and what gives out first."""
    return [_section(region) for region in regions]


def scale_as_dict(regions: Sequence[RegionScale]) -> dict[str, Any]:
    """The report as plain dicts, lists, strings and numbers. What is not known or infinite is None."""
    return {
        "fits": all(region.gives_out is None for region in regions),
        "regions": {
            region.region: {
                "fits": region.gives_out is None,
                "gives_out_first": first.name if (first := region.gives_out) else None,
                "message": first_message(region),
                "notes": list(region.notes),
                "dimensions": [_dimension_as_dict(one) for one in region.dimensions],
            }
            for region in regions
        },
    }


def first_message(region: RegionScale) -> str:
    """What gives out first and where, or what would come first beyond full scale."""
    first = region.gives_out
    if first is not None:
        holds = _figure(first.holds, first.unit)
        full = _figure(first.demand.full, first.unit)
        return f"Gives out first: {first.name}, at {holds} of the {full} that full scale asks for, {where(first)}."
    tightest = region.tightest
    if tightest is None:
        return "Nothing is known to give out before full scale."
    return f"Nothing gives out before full scale. The least room has {tightest.name}: {_percent(tightest)} used there."


def _section(region: RegionScale) -> Section:
    rows = tuple(_row(one) for one in region.dimensions)
    notes = [f"{one.name}: {one.note}." for one in region.dimensions if one.note]
    return Section(
        f"{region.region}: what it holds",
        (Table(HEADER, rows, NUMBERS), *region.notes, *notes, *_quota_message(region), first_message(region)),
    )


def _quota_message(region: RegionScale) -> list[str]:
    if not region.to_raise:
        return []
    asked = ", ".join(f"{one.name.removeprefix('quota: ')} to {_figure(one.demand.full)}" for one in region.to_raise)
    return [f"Quotas of a new account to be raised: {asked}. Preflight reads those that the account has."]


def _row(one: Dimension) -> tuple[str, ...]:
    name = f"{one.name}, {one.unit}" if one.unit else one.name
    amounts = (_figure(one.demand.of(scale)) for scale in Scale)
    return (name, *amounts, _figure(one.holds), _percent(one), str(one.verdict))


def _percent(one: Dimension) -> str:
    return "-" if one.used is None else f"{one.used:.0f} %"


def _figure(amount: float | None, unit: str = "") -> str:
    """Whole numbers as they are, others with one decimal; "-" where it is not known."""
    if amount is None:
        return "-"
    if math.isinf(amount):
        return "no end"
    text = f"{amount:,.0f}" if float(amount).is_integer() else f"{amount:,.1f}"
    return f"{text} {unit}" if unit else text


def _dimension_as_dict(one: Dimension) -> dict[str, Any]:
    return {
        "name": one.name,
        "unit": one.unit,
        "kind": str(one.kind),
        **{str(scale): _plain(one.demand.of(scale)) for scale in Scale},
        "holds": _plain(one.holds),
        "used_percent": _plain(one.used),
        "verdict": str(one.verdict),
        "note": one.note,
    }


def _plain(amount: float | None) -> float | None:
    return None if amount is None or math.isinf(amount) else round(amount, 3)
