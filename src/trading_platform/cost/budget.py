"""What an environment may cost, and whether an estimate, or what a change adds to it, is too much.

Thresholds are those of the inventory's `cost_budget`; they are about a typical month of all regions together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from trading_platform.cost.model import Estimate, Scenario, Total

type Verdict = Literal["within", "warn", "refuse"]


class BudgetError(ValueError):
    """The budget of an inventory is none; the message names the key."""


@dataclass(frozen=True, slots=True)
class Budget:
    """USD a month, and percent that a change may add."""

    warn_usd: Decimal
    refuse_usd: Decimal
    warn_increase_percent: Decimal
    refuse_increase_percent: Decimal


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a budget says. `key`: the threshold that was passed, in `cost_budget`; "" within the budget."""

    verdict: Verdict
    key: str
    message: str


def budget_of(variables: Mapping[str, Any]) -> Budget:
    """That of an inventory. Raises BudgetError where it is missing, incomplete, or refuses before it warns."""
    found = variables.get("cost_budget")
    if not isinstance(found, Mapping):
        raise BudgetError("cost_budget: is missing")
    figures = {}
    for key in Budget.__slots__:
        value = found.get(key)
        # YAML has .nan and .inf.
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise BudgetError(f"cost_budget.{key}: must be a number of 0 or more, not {value!r}")
        figures[key] = Decimal(str(value))
    for unit in ("usd", "increase_percent"):
        warn, refuse = figures[f"warn_{unit}"], figures[f"refuse_{unit}"]
        if warn > refuse:
            message = f"{warn} is more than refuse_{unit}, {refuse}: nobody would be warned"
            raise BudgetError(f"cost_budget.warn_{unit}: {message}")
    return Budget(**figures)


def judge(estimate: Estimate, budget: Budget) -> Judgement:
    """Whether a typical month costs too much."""
    total = estimate.total(Scenario.TYPICAL)
    said = f"a typical month costs {_usd(total)}"
    if total.usd > budget.refuse_usd:
        return Judgement("refuse", "refuse_usd", f"{said}, more than the {budget.refuse_usd:,} USD that are refused")
    if total.usd > budget.warn_usd:
        return Judgement("warn", "warn_usd", f"{said}, more than the {budget.warn_usd:,} USD that are warned of")
    return Judgement("within", "", f"{said}, within {budget.warn_usd:,} USD")


def judge_change(old: Estimate, new: Estimate, budget: Budget) -> Judgement:
    """Whether a change adds too much to a typical month."""
    before, after = old.total(Scenario.TYPICAL), new.total(Scenario.TYPICAL)
    if after.usd <= before.usd:
        return Judgement("within", "", f"a typical month costs {_usd(after)}, no more than before")
    if before.usd == 0:
        return Judgement("within", "", f"a typical month costs {_usd(after)}; before it cost nothing")
    percent = (after.usd / before.usd - 1) * 100
    said = f"a typical month costs {percent:.1f} % more than before"
    if percent > budget.refuse_increase_percent:
        over = f"more than the {budget.refuse_increase_percent} % that are refused"
        return Judgement("refuse", "refuse_increase_percent", f"{said}, {over}")
    if percent > budget.warn_increase_percent:
        over = f"more than the {budget.warn_increase_percent} % that are warned of"
        return Judgement("warn", "warn_increase_percent", f"{said}, {over}")
    return Judgement("within", "", f"{said}, within {budget.warn_increase_percent} %")


def _usd(total: Total) -> str:
    unknown = f" and {total.unknown} unknown" if total.unknown else ""
    return f"{total.usd:,.2f} USD{unknown}"
