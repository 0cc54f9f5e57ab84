"""Which versions are still supported, until when, and what replaces those that are not.

The dates are those of data/support_calendar.csv: one row per version, each with its source and the day it was checked.
A row of a major version ("16") also gives the dates that a row of one of its minors ("16.14") leaves open. Where the
calendar lists the minors of a major version, a minor it does not list is unknown; elsewhere the major's row counts.
A date is the first day without that support.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

CALENDAR = Path(__file__).parent / "data" / "support_calendar.csv"
WARN_DAYS = 90

EKS = "EKS"
POSTGRESQL = "RDS PostgreSQL"
LAMBDA = "Lambda Python"
REDIS = "ElastiCache Redis OSS"
VALKEY = "ElastiCache Valkey"


class State(StrEnum):
    """What may be done with a version on a given day."""

    SUPPORTED = "supported"
    ENDS_WITHIN = "ends_within"  # in standard support, for WARN_DAYS days at most
    EXTENDED = "extended"  # in extended support, which costs extra
    ENDED = "ended"  # no support at all, or AWS makes no new ones
    UNKNOWN = "unknown"  # not in the calendar


@dataclass(frozen=True, slots=True)
class Support:
    """The dates of one version; None where none is announced. `replacement` is "" where none is needed yet."""

    service: str
    version: str
    end_of_creation: date | None
    end_of_standard_support: date | None
    end_of_extended_support: date | None
    replacement: str
    source: str
    checked_on: date


@dataclass(frozen=True, slots=True)
class Status:
    """A version on a day. `support` is None when the state is UNKNOWN; `days_left`: to the end of standard support."""

    state: State
    support: Support | None
    days_left: int | None = None


@cache
def load_calendar(path: Path = CALENDAR) -> tuple[Support, ...]:
    """Every row of the calendar, in its order. Raises ValueError (not a date) or KeyError (lost column)."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_support(row) for row in csv.DictReader(file))


def status(service: str, version: str, today: date, calendar: Sequence[Support] | None = None) -> Status:
    """What is left of `version` of `service` (one of the names in the calendar) on `today`."""
    support = find(service, version, calendar)
    if support is None:
        return Status(State.UNKNOWN, None)
    standard, extended = support.end_of_standard_support, support.end_of_extended_support
    days_left = (standard - today).days if standard else None
    if _past(support.end_of_creation, today):
        return Status(State.ENDED, support, days_left)
    if _past(standard, today):
        in_extended = extended is not None and today < extended
        return Status(State.EXTENDED if in_extended else State.ENDED, support, days_left)
    # A version that can soon not be created is as good as one that ends.
    ends = [end for end in (standard, support.end_of_creation) if end is not None]
    if ends and (min(ends) - today).days <= WARN_DAYS:
        return Status(State.ENDS_WITHIN, support, (min(ends) - today).days)
    return Status(State.SUPPORTED, support, days_left)


def find(service: str, version: str, calendar: Sequence[Support] | None = None) -> Support | None:
    """The dates of a version, those of its major version filled in; None when the calendar does not know it."""
    rows = {row.version: row for row in _rows(service, calendar)}
    major, dot, _ = version.rpartition(".")
    above = rows.get(major) if dot else None
    own = rows.get(version)
    if own is None:
        minors_listed = any(known.startswith(f"{major}.") for known in rows)
        return None if minors_listed else above
    return own if above is None else _filled(own, above)


def known_versions(service: str, calendar: Sequence[Support] | None = None) -> list[str]:
    """The versions of a service in the order of the calendar, newest first."""
    return [row.version for row in _rows(service, calendar)]


def usable_versions(service: str, today: date, calendar: Sequence[Support] | None = None) -> list[str]:
    """Those of `known_versions` that are in standard support and can be created on `today`."""
    versions = known_versions(service, calendar)
    # "16" stands for all of its minors, which are listed themselves.
    exact = [version for version in versions if not any(other.startswith(f"{version}.") for other in versions)]
    good = (State.SUPPORTED, State.ENDS_WITHIN)
    return [version for version in exact if status(service, version, today, calendar).state in good]


def _rows(service: str, calendar: Sequence[Support] | None) -> list[Support]:
    return [row for row in (load_calendar() if calendar is None else calendar) if row.service == service]


def _past(end: date | None, today: date) -> bool:
    return end is not None and end <= today


def _filled(own: Support, above: Support) -> Support:
    """A minor with the dates of its major where it has none. A minor that ended has no extended support of its own."""
    if own.end_of_standard_support is not None:
        return own
    return Support(
        own.service,
        own.version,
        own.end_of_creation or above.end_of_creation,
        above.end_of_standard_support,
        above.end_of_extended_support,
        own.replacement or above.replacement,
        own.source,
        min(own.checked_on, above.checked_on),
    )


def _support(row: dict[str, str]) -> Support:
    return Support(
        service=row["service"],
        version=row["version"],
        end_of_creation=_date(row["end_of_creation"]),
        end_of_standard_support=_date(row["end_of_standard_support"]),
        end_of_extended_support=_date(row["end_of_extended_support"]),
        replacement=row["replacement"],
        source=row["source"],
        checked_on=date.fromisoformat(row["checked_on"]),
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
