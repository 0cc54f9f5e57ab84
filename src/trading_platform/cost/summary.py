"""What is said beside the tree: totals by service, region, tier and kind, how certain prices are, what is unknown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from trading_platform.cost.figures import quantity, unit_price
from trading_platform.cost.model import Estimate, Kind, Line, Scenario
from trading_platform.cost.tree import Subtotals, subtotals
from trading_platform.pricing import as_of

type By = Literal["service", "region", "tier", "kind", "certainty"]

NO_PRICE = "no price"
TITLES: dict[By, str] = {
    "service": "By service",
    "region": "By region",
    "tier": "By tier",
    "kind": "By kind",
    "certainty": "By certainty of the price",
}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What lines that have something in common cost: (what they have in common, their subtotals), dearest first."""

    by: By
    rows: tuple[tuple[str, Subtotals], ...]

    @property
    def title(self) -> str:
        """What stands above it."""
        return TITLES[self.by]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that is in no total, in which scenarios, and why."""

    line: Line
    scenarios: tuple[Scenario, ...]
    why: str

    @property
    def when(self) -> str:
        """The scenarios as "low, high"; "" where it is all of them."""
        return "" if len(self.scenarios) == len(Scenario) else ", ".join(self.scenarios)


def breakdowns(estimate: Estimate) -> tuple[Breakdown, ...]:
    """The totals by each of `By`. Kinds are always both; of the rest there is what occurs."""
    keys: dict[By, Callable[[Line], str]] = {
        "service": lambda line: line.service,
        "region": lambda line: line.region,
        "tier": lambda line: line.tier,
        "kind": lambda line: line.kind,
        "certainty": certainty,
    }
    return tuple(Breakdown(by, _rows(estimate, by, key)) for by, key in keys.items())


def breakdown(estimate: Estimate, by: By) -> Breakdown:
    """One of them."""
    return next(found for found in breakdowns(estimate) if found.by == by)


def certainty(line: Line) -> str:
    """How certain its price is, in a word: "stale" of "stale: the price has changed since"."""
    return NO_PRICE if line.price is None else line.price.certainty.partition(":")[0]


def unknown_lines(estimate: Estimate) -> tuple[Unknown, ...]:
    """The lines that cannot be counted in one scenario or more, in the order of the bill."""
    found = []
    for line in estimate.lines:
        scenarios = tuple(scenario for scenario in Scenario if line.monthly(scenario) is None)
        if scenarios:
            shown = Scenario.TYPICAL if Scenario.TYPICAL in scenarios else scenarios[0]
            found.append(Unknown(line, scenarios, why_unknown(line, shown)))
    return tuple(found)


def why_unknown(line: Line, scenario: Scenario) -> str:
    """What is missing of a line that cannot be counted in a scenario."""
    amount = line.quantities.of(scenario)
    if amount is not None:
        return f"the catalogue has no price for it ({quantity(amount)} {line.unit})"
    open_ = "cost_usage does not say how much" if line.kind is Kind.USAGE else "how much there is of it is not known"
    if line.price is None:
        return f"{open_}, and the catalogue has no price for it"
    return f"{open_}; at {unit_price(line.price.usd)} USD per {line.unit}"


def prices_dated(estimate: Estimate) -> str:
    """From when the prices are, in a sentence."""
    dates = as_of(estimate.prices)
    return f"Prices as of {dates[0]} to {dates[1]}." if dates else "No price has a date."


def _rows(estimate: Estimate, by: By, key: Callable[[Line], str]) -> tuple[tuple[str, Subtotals], ...]:
    groups: dict[str, list[Line]] = {kind: [] for kind in Kind} if by == "kind" else {}
    for line in estimate.lines:
        groups.setdefault(key(line), []).append(line)
    rows = [(name, subtotals(lines)) for name, lines in groups.items()]
    # What costs the same stands by its name, so that the order is that of no run.
    return tuple(rows if by == "kind" else sorted(rows, key=lambda row: (-row[1].typical.both.usd, row[0])))
