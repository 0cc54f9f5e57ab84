"""An estimate as a playbook takes it: totals as strings of dollars and cents, and what is in none of them."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from trading_platform.cost.figures import CENT
from trading_platform.cost.model import Estimate, Line, Scenario, Total
from trading_platform.cost.summary import unknown_lines

type Facts = dict[str, Any]


def facts_of(estimate: Estimate) -> Facts:
    """The totals of an estimate.

    environment; low_usd, typical_usd and high_usd, USD a month with cents; unknown: the lines that are in no total of
    at least one scenario, each "region / tier / service / resource / name"; by_region, by_service and by_tier: name to
    the three figures.
    """
    return {
        "environment": estimate.environment,
        **_figures({scenario: estimate.total(scenario) for scenario in Scenario}),
        "unknown": [" / ".join(one.line.identity) for one in unknown_lines(estimate)],
        "by_region": _by(estimate, lambda line: line.region),
        "by_service": _by(estimate, lambda line: line.service),
        "by_tier": _by(estimate, lambda line: line.tier),
    }


def rounded_up(usd: Decimal | str, step: Decimal | str | int) -> Decimal:
    """An amount as the next multiple of `step`; one that is a multiple stays. Raises ValueError unless `step` > 0."""
    unit = Decimal(step)
    if unit <= 0:
        raise ValueError(f"{step} is no step to round to; it must be more than 0")
    return (Decimal(usd) / unit).to_integral_value(ROUND_CEILING) * unit


def day_of(text: str) -> date:
    """The day that decides about support, from 2026-11-27. Raises ValueError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"today: {text!r} is not a day such as 2026-11-27: {error}") from None


def _by(estimate: Estimate, key: Callable[[Line], str]) -> Facts:
    totals = {scenario: estimate.by(key, scenario) for scenario in Scenario}
    names = totals[Scenario.TYPICAL]
    return {name: _figures({scenario: totals[scenario][name] for scenario in Scenario}) for name in names}


def _figures(totals: Mapping[Scenario, Total]) -> Facts:
    return {f"{scenario}_usd": _cents(total.usd) for scenario, total in totals.items()}


def _cents(usd: Decimal) -> str:
    return f"{usd.quantize(CENT, ROUND_HALF_UP):f}"
