"""Show what an environment costs a month, and why.

    python -m trading_platform.cost inventories/production [--format markdown] [--scenario high] [--html FILE]
    python -m trading_platform.cost inventories/production --diff main
    python -m trading_platform.cost inventories/production --against estimate.json

Exit code 0: within the budget, or no more than warned of; 1: the budget refuses it; 2: something cannot be read.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from trading_platform.cost.as_json import EstimateError, estimate_from_json
from trading_platform.cost.at_ref import estate_at
from trading_platform.cost.budget import Budget, Judgement, budget_of, judge, judge_change
from trading_platform.cost.diff import diff
from trading_platform.cost.diff_text import difference_markdown, difference_text
from trading_platform.cost.estimate import USAGE, estimate_of, places_of
from trading_platform.cost.model import Estimate, Scenario
from trading_platform.cost.place import MaterialsError, Place
from trading_platform.cost.report import FORMATS, shown, told_beside
from trading_platform.inventory import Estate, InventoryError, load_estate
from trading_platform.tables import Section


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _arguments(arguments)
    try:
        estate = load_estate(options.inventory)
        places = places_of(estate.regions, estate.groups)
        found = estimate_of(places, options.today)
        budget = budget_of(next(iter(estate.regions.values())))
        old = _earlier(options, estate)
    except (InventoryError, MaterialsError, EstimateError, OSError, ValueError) as error:
        print(f"{options.inventory}: {error}" if isinstance(error, MaterialsError) else error, file=sys.stderr)
        return 2
    judgements = _judgements(found, old, budget)
    told = told_beside(found, places, judgements)
    if options.html:
        options.html.parent.mkdir(parents=True, exist_ok=True)
        options.html.write_text(shown("html", found, told), encoding="utf-8")
    print(_shown(options, found, old, told), end="")
    for judgement in judgements:
        if judgement.verdict != "within":
            print(f"{judgement.verdict}: cost_budget.{judgement.key}: {judgement.message}", file=sys.stderr)
    return 1 if any(judgement.verdict == "refuse" for judgement in judgements) else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m trading_platform.cost", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("inventory", type=Path, help="inventory directory, e.g. inventories/production")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--scenario", type=Scenario, choices=list(Scenario), default=Scenario.TYPICAL)
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page, too")
    earlier = parser.add_mutually_exclusive_group()
    earlier.add_argument("--diff", metavar="REF", help="show what changed since this branch, tag or commit")
    earlier.add_argument("--against", type=Path, metavar="FILE", help="show what changed since this estimate (JSON)")
    today = datetime.now(UTC).date()
    parser.add_argument("--today", type=date.fromisoformat, default=today, help="day that decides about support")
    return parser.parse_args(arguments)


def _earlier(options: argparse.Namespace, estate: Estate) -> Estimate | None:
    """What the estimate is compared with. Prices are today's on both sides: the change is that of the inventory."""
    if options.against:
        return estimate_from_json(options.against.read_text(encoding="utf-8"), str(options.against))
    if not options.diff:
        return None
    then = estate_at(options.diff, options.inventory)
    usage = next(iter(estate.regions.values())).get(USAGE)
    regions: dict[str, Mapping[str, Any]] = {
        # Before there was a usage file it was used as much.
        region: variables if USAGE in variables else {**variables, USAGE: usage}
        for region, variables in then.regions.items()
    }
    places: list[Place] = places_of(regions, then.groups)
    return estimate_of(places, options.today)


def _judgements(found: Estimate, old: Estimate | None, budget: Budget) -> list[Judgement]:
    return [judge(found, budget), *([judge_change(old, found, budget)] if old else [])]


def _shown(options: argparse.Namespace, found: Estimate, old: Estimate | None, told: Sequence[Section]) -> str:
    if old is not None and options.format in ("text", "markdown"):
        change = diff(old, found, options.scenario)
        return difference_text(change) if options.format == "text" else difference_markdown(change)
    return shown(options.format, found, told, options.scenario)


if __name__ == "__main__":
    sys.exit(main())
