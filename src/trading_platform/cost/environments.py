"""What several environments cost a month, side by side and together.

    python -m trading_platform.cost.environments inventories/production inventories/staging [--format markdown]

Exit codes and budgets are those of `trading_platform.cost`, which tells the lines of one environment.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from trading_platform.cost.budget import BudgetError, Judgement, budget_of, judge
from trading_platform.cost.estimate import estimate_of, places_of
from trading_platform.cost.figures import exact, unknowns, usd
from trading_platform.cost.model import Estimate, Line, Scenario, Total, total
from trading_platform.cost.place import MaterialsError
from trading_platform.cost.summary import prices_dated
from trading_platform.inventory import InventoryError, load_estate
from trading_platform.tables import Section, Table, render_markdown, render_text

FORMATS = ("text", "markdown", "json")
ALL = "all"


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment, and what its own budget says."""

    estimate: Estimate
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Row:
    """What an environment costs in a region; "all" of either is their sum."""

    environment: str
    region: str
    lines: tuple[Line, ...]

    def total(self, scenario: Scenario) -> Total:
        """In one scenario."""
        return total(self.lines, scenario)


def rows_of(estimates: Sequence[Estimate]) -> list[Row]:
    """Each environment by region and as a whole, then all of them. Raises ValueError where two have one name."""
    names = [estimate.environment for estimate in estimates]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"platform_environment: {name} is that of two inventories, and would be counted twice")
    rows = []
    for estimate in estimates:
        for region in dict.fromkeys(line.region for line in estimate.lines):
            ours = tuple(line for line in estimate.lines if line.region == region)
            rows.append(Row(estimate.environment, region, ours))
        rows.append(Row(estimate.environment, ALL, estimate.lines))
    return [*rows, Row(ALL, ALL, tuple(line for estimate in estimates for line in estimate.lines))]


def report(environments: Sequence[Environment]) -> tuple[Section, ...]:
    """The table, and a sentence on each budget."""
    estimates = [one.estimate for one in environments]
    header = ("Environment", "Region", *(scenario.capitalize() for scenario in Scenario), "Unknown, typically")
    cells = tuple(
        (
            row.environment,
            row.region,
            *(usd(row.total(one).usd) for one in Scenario),
            unknowns(row.total(Scenario.TYPICAL)),
        )
        for row in rows_of(estimates)
    )
    told = tuple(f"{one.estimate.environment}: {one.judgement.message}." for one in environments)
    dated = tuple(f"{one.environment}: {prices_dated(one)}" for one in estimates)
    table = Table(header, cells, frozenset({2, 3, 4}))
    return (Section("Cost of all environments, a month of 730 hours, in USD", (table, *told, *dated)),)


def document(environments: Sequence[Environment]) -> str:
    """The table as JSON; amounts are strings of digits."""
    rows = [
        {
            "environment": row.environment,
            "region": row.region,
            **{
                scenario: {"usd": exact(row.total(scenario).usd), "unknown_lines": row.total(scenario).unknown}
                for scenario in Scenario
            },
        }
        for row in rows_of([one.estimate for one in environments])
    ]
    return json.dumps({"currency": "USD", "rows": rows}, indent=2, sort_keys=True) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m trading_platform.cost.environments", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("inventories", type=Path, nargs="+", help="inventory directories")
    parser.add_argument("--format", choices=FORMATS, default="text")
    today = datetime.now(UTC).date()
    parser.add_argument("--today", type=date.fromisoformat, default=today, help="day that decides about support")
    options = parser.parse_args(arguments)
    try:
        found = [_environment(inventory, options.today) for inventory in options.inventories]
        if options.format == "json":
            shown = document(found)
        else:
            shown = (render_markdown if options.format == "markdown" else render_text)(report(found))
    except (InventoryError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(shown, end="")
    for one in found:
        if one.judgement.verdict != "within":
            said = f"{one.judgement.verdict}: {one.estimate.environment}: cost_budget.{one.judgement.key}"
            print(f"{said}: {one.judgement.message}", file=sys.stderr)
    return 1 if any(one.judgement.verdict == "refuse" for one in found) else 0


def _environment(inventory: Path, today: date) -> Environment:
    """Raises InventoryError, or ValueError that begins with the inventory."""
    estate = load_estate(inventory)
    try:
        estimate = estimate_of(places_of(estate.regions, estate.groups), today)
        return Environment(estimate, judge(estimate, budget_of(next(iter(estate.regions.values())))))
    except (MaterialsError, BudgetError) as error:
        raise ValueError("\n".join(f"{inventory}: {line}" for line in str(error).splitlines())) from None


if __name__ == "__main__":
    sys.exit(main())
