"""Show what an environment costs a month, and why.

    python -m trading_platform.cost inventories/production [--format markdown] [--scenario high] [--html FILE]
    python -m trading_platform.cost inventories/production --diff main
    python -m trading_platform.cost inventories/production --against estimate.json

Exit code 0: within the budget, or no more than warned of; 1: the budget refuses it; 2: something cannot be read.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from trading_platform.cost.as_json import EstimateError, estimate_from_json
from trading_platform.cost.at_ref import estate_at
from trading_platform.cost.budget import Budget, BudgetError, Judgement, budget_of, judge, judge_change
from trading_platform.cost.diff import Difference, diff
from trading_platform.cost.diff_json import difference_json
from trading_platform.cost.diff_text import difference_markdown, difference_text
from trading_platform.cost.estimate import USAGE, estimate_of, places_of
from trading_platform.cost.model import Estimate, Scenario
from trading_platform.cost.place import MaterialsError
from trading_platform.cost.report import FORMATS, Report, report_of, shown
from trading_platform.inventory import Estate, InventoryError, load_estate


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _arguments(arguments)
    try:
        report, old = _reported(options)
    except (InventoryError, MaterialsError, EstimateError, OSError, ValueError) as error:
        where = f"{options.inventory}: " if isinstance(error, MaterialsError | BudgetError) else ""
        return _refused(f"{where}{line}" for line in str(error).splitlines())
    if options.html:
        try:
            options.html.parent.mkdir(parents=True, exist_ok=True)
            options.html.write_text(shown("html", report), encoding="utf-8")
        except OSError as error:
            return _refused([f"{options.html}: cannot be written: {error.strerror}"])
    print(_shown(options, report, old), end="")
    for judgement in report.judgements:
        if judgement.verdict != "within":
            print(f"{judgement.verdict}: cost_budget.{judgement.key}: {judgement.message}", file=sys.stderr)
    return 1 if any(judgement.verdict == "refuse" for judgement in report.judgements) else 0


def _reported(options: argparse.Namespace) -> tuple[Report, Estimate | None]:
    """The report, and the estimate that it is compared with, if any."""
    estate = load_estate(options.inventory)
    places = places_of(estate.regions, estate.groups)
    found = estimate_of(places, options.today)
    budget = budget_of(next(iter(estate.regions.values())))
    old = _earlier(options, estate)
    return report_of(found, places, _judgements(found, old, budget)), old


def _refused(lines: Iterable[str]) -> int:
    print("\n".join(lines), file=sys.stderr)
    return 2


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
    if options.against is not None:
        return _stored(options.against)
    if options.diff is None:
        return None
    then = estate_at(options.diff, options.inventory)
    usage = next(iter(estate.regions.values())).get(USAGE)
    regions: dict[str, Mapping[str, Any]] = {
        # Before there was a usage file it was used as much.
        region: variables if USAGE in variables else {**variables, USAGE: usage}
        for region, variables in then.regions.items()
    }
    try:
        return estimate_of(places_of(regions, then.groups), options.today)
    except MaterialsError as error:
        lines = str(error).splitlines()
        raise InventoryError("\n".join(f"{options.inventory} at {options.diff}: {line}" for line in lines)) from None


def _stored(file: Path) -> Estimate:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise EstimateError(f"{file}: is no text in UTF-8") from None
    except OSError as error:
        raise EstimateError(f"{file}: cannot be read: {error.strerror}") from None
    return estimate_from_json(text, str(file))


def _judgements(found: Estimate, old: Estimate | None, budget: Budget) -> tuple[Judgement, ...]:
    total = judge(found, budget)
    return (total,) if old is None else (total, judge_change(old, found, budget))


def _shown(options: argparse.Namespace, report: Report, old: Estimate | None) -> str:
    # The page is always that of the whole estimate.
    if old is not None and options.format != "html":
        return _DIFFERENCES[options.format](diff(old, report.estimate, options.scenario))
    return shown(options.format, report, options.scenario)


_DIFFERENCES: Mapping[str, Callable[[Difference], str]] = {
    "text": difference_text,
    "markdown": difference_markdown,
    "json": difference_json,
}


if __name__ == "__main__":
    sys.exit(main())
