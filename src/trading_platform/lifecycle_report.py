"""Show which versions an estate uses, how long they are supported, and what comes next.

    python -m trading_platform.lifecycle_report inventories/production [--today 2026-11-27] [--markdown | --json]

Exit code 0: all are in standard support; 1: one is not, or is not in the calendar; 2: the inventory or the calendar
cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from trading_platform import lifecycle
from trading_platform.inventory import InventoryError, load_estate
from trading_platform.lifecycle import State
from trading_platform.lifecycle_plan import (
    YEARS_AHEAD,
    Ending,
    Version,
    VersionError,
    endings,
    hosts_of,
    versions_in_use,
)
from trading_platform.preflight.versions import find_stale
from trading_platform.tables import Section, Table, render_markdown, render_text

STATES = {
    State.SUPPORTED: "supported",
    State.ENDS_WITHIN: "ends soon",
    State.EXTENDED: "extended support",
    State.ENDED: "ended",
    State.UNKNOWN: "not in the calendar",
}


def lifecycle_sections(versions: Sequence[Version], today: date, warnings: Sequence[str]) -> list[Section]:
    """The versions in use, and what ends in the years ahead."""
    used = Table(
        ("Service", "Version", "Regions", "State", "Standard until", "Extended until", "Days left", "Next step"),
        tuple(_row(one) for one in versions),
        frozenset({6}),
    )
    sources = Table(
        ("Service", "Version", "Set by", "Source", "Checked on"), tuple(map(_source, versions)), frozenset()
    )
    ahead = endings(versions, today)
    calendar = Table(
        ("Date", "Service", "Version", "What", "Next step"),
        tuple(
            (str(one.day), one.version.service, one.version.version, one.what, next_step(one.version)) for one in ahead
        ),
        frozenset(),
    )
    told: tuple[Table | str, ...] = (calendar,) if ahead else ("Nothing that is in use comes to an end.",)
    return [
        Section(f"Versions in use on {today}", (used, *(f"Warning: {text}." for text in warnings))),
        Section(f"The {YEARS_AHEAD} years ahead", told),
        Section("Where the dates are from", (sources,)),
    ]


def lifecycle_as_dict(versions: Sequence[Version], today: date, warnings: Sequence[str]) -> dict[str, Any]:
    """The report as plain dicts, lists, strings and numbers; dates in ISO 8601."""
    return {
        "today": today.isoformat(),
        "supported": all(one.good for one in versions),
        "warnings": list(warnings),
        "versions": [_version_as_dict(one) for one in versions],
        "ahead": [_ending_as_dict(one) for one in endings(versions, today)],
    }


def next_step(version: Version) -> str:
    """What to do with a version, in a few words."""
    if version.status.state == State.UNKNOWN:
        return "if it is one, add its row to src/trading_platform/data/support_calendar.csv"
    if not version.steps:
        return "none newer in the calendar"
    then = ", then ".join(version.steps)
    if version.use.follows:
        then = f"with EKS {then}"
    return then if version.good else f"now: {then}"


def state_of(version: Version) -> str:
    """What a version is today, in a few words."""
    support = version.status.support
    if version.status.state == State.SUPPORTED and support and support.end_of_standard_support is None:
        return "no end announced"
    return STATES[version.status.state]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _arguments(arguments)
    try:
        estate = load_estate(options.inventory)
        hosts = hosts_of(estate.regions, estate.groups)
        calendar = lifecycle.load_calendar()
    except (InventoryError, VersionError) as error:
        for line in str(error).splitlines():
            print(f"{options.inventory}: {line}" if isinstance(error, VersionError) else line, file=sys.stderr)
        return 2
    except (OSError, ValueError, KeyError) as error:
        print(f"{lifecycle.CALENDAR}: cannot be read: {error}", file=sys.stderr)
        return 2
    versions = versions_in_use(hosts, options.today, calendar)
    rows = list(dict.fromkeys(one.status.support for one in versions if one.status.support))
    warnings = [str(problem) for problem in find_stale(rows, options.today, lifecycle.CALENDAR.name)]
    if options.json:
        print(json.dumps(lifecycle_as_dict(versions, options.today, warnings), indent=2))
    else:
        show = render_markdown if options.markdown else render_text
        print(show(lifecycle_sections(versions, options.today, warnings)), end="")
    return 0 if all(one.good for one in versions) else 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m trading_platform.lifecycle_report", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("inventory", help="inventory directory or file, e.g. inventories/production")
    today = datetime.now(UTC).date()
    parser.add_argument(
        "--today", type=_day, default=today, metavar="YYYY-MM-DD", help="the day to look from (today, in UTC)"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--markdown", action="store_true", help="print Markdown tables")
    shape.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(arguments)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no date such as 2026-11-27") from None


def _row(one: Version) -> tuple[str, ...]:
    support, left = one.status.support, one.status.days_left
    standard = support.end_of_standard_support if support else None
    extended = support.end_of_extended_support if support else None
    return (
        one.service,
        one.version,
        ", ".join(one.regions),
        state_of(one),
        str(standard or "-"),
        str(extended or "-"),
        "-" if left is None else f"{left:,}",
        next_step(one),
    )


def _source(one: Version) -> tuple[str, ...]:
    support = one.status.support
    told = (support.source, str(support.checked_on)) if support else ("-", "-")
    return (one.service, one.version, one.use.key, *told)


def _version_as_dict(one: Version) -> dict[str, Any]:
    support = one.status.support
    return {
        "service": one.service,
        "version": one.version,
        "variable": one.use.key,
        "regions": list(one.regions),
        "state": str(one.status.state),
        "days_left": one.status.days_left,
        "end_of_creation": _iso(support.end_of_creation if support else None),
        "end_of_standard_support": _iso(support.end_of_standard_support if support else None),
        "end_of_extended_support": _iso(support.end_of_extended_support if support else None),
        "next": list(one.steps),
        "source": support.source if support else None,
        "checked_on": _iso(support.checked_on if support else None),
    }


def _ending_as_dict(one: Ending) -> dict[str, str]:
    version = one.version
    return {
        "date": one.day.isoformat(),
        "service": version.service,
        "version": version.version,
        "what": one.what,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


if __name__ == "__main__":
    sys.exit(main())
