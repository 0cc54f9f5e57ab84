"""The support calendar: states by day, minors and majors, and the facts of the file itself."""

from datetime import UTC, date, datetime, timedelta

import pytest

from trading_platform import lifecycle
from trading_platform.lifecycle import EKS, POSTGRESQL, REDIS, VALKEY, State, Support, load_calendar, status

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("service", "version", "state"),
    [
        (EKS, "1.36", State.SUPPORTED),
        (EKS, "1.35", State.SUPPORTED),
        (EKS, "1.34", State.ENDS_WITHIN),
        (EKS, "1.33", State.EXTENDED),
        (EKS, "1.31", State.EXTENDED),
        (EKS, "1.30", State.ENDED),
        (EKS, "1.28", State.ENDED),
        (EKS, "1.20", State.ENDED),
        (EKS, "1.99", State.UNKNOWN),
        (EKS, "2", State.UNKNOWN),
        (POSTGRESQL, "16.14", State.SUPPORTED),
        (POSTGRESQL, "16.11", State.SUPPORTED),
        (POSTGRESQL, "16.10", State.ENDED),
        (POSTGRESQL, "16.5", State.ENDED),
        (POSTGRESQL, "16.1", State.ENDED),
        (POSTGRESQL, "16.15", State.UNKNOWN),
        (POSTGRESQL, "16", State.SUPPORTED),
        (POSTGRESQL, "17.9", State.SUPPORTED),
        (POSTGRESQL, "13.20", State.EXTENDED),
        (POSTGRESQL, "9.6", State.ENDED),
        (REDIS, "7.1", State.SUPPORTED),
        (REDIS, "7.4", State.UNKNOWN),
        (REDIS, "6.2", State.ENDS_WITHIN),
        (REDIS, "5.0", State.EXTENDED),
        (VALKEY, "8.0", State.SUPPORTED),
        (VALKEY, "6.0", State.UNKNOWN),
    ],
)
def test_state_of_a_version_today(service: str, version: str, state: State) -> None:
    assert status(service, version, TODAY).state == state


def test_a_date_is_the_first_day_without_that_support() -> None:
    end = date(2026, 12, 2)
    assert status(EKS, "1.34", end - timedelta(days=91)).state == State.SUPPORTED
    assert status(EKS, "1.34", end - timedelta(days=90)).state == State.ENDS_WITHIN
    last = status(EKS, "1.34", end - timedelta(days=1))
    assert (last.state, last.days_left) == (State.ENDS_WITHIN, 1)
    assert status(EKS, "1.34", end).state == State.EXTENDED
    assert status(EKS, "1.34", date(2027, 12, 1)).state == State.EXTENDED
    assert status(EKS, "1.34", date(2027, 12, 2)).state == State.ENDED


def test_creation_may_end_before_support_does() -> None:
    assert status(POSTGRESQL, "16.9", date(2026, 9, 30)).state == State.ENDS_WITHIN
    assert status(POSTGRESQL, "16.9", date(2026, 10, 1)).state == State.ENDED


def test_a_minor_has_the_dates_of_its_major() -> None:
    support = lifecycle.find(POSTGRESQL, "16.14")
    assert support is not None
    assert support.end_of_standard_support == date(2029, 2, 28)
    assert support.checked_on == date(2026, 8, 22)


def test_a_minor_that_ended_has_no_extended_support() -> None:
    support = lifecycle.find(POSTGRESQL, "16.1")
    assert support is not None
    assert support.end_of_extended_support is None


def test_replacements_are_in_support() -> None:
    for row in load_calendar():
        if row.replacement:
            # A release of Prometheus has fixes for six weeks, so that the newest one is always about to end.
            good = (State.SUPPORTED, State.ENDS_WITHIN) if row.service == "Prometheus" else (State.SUPPORTED,)
            assert status(row.service, row.replacement, row.checked_on).state in good, row


def test_every_row_has_a_source_and_every_version_stands_once() -> None:
    rows = load_calendar()
    assert all(row.source and row.checked_on <= datetime.now(UTC).date() for row in rows)
    assert len({(row.service, row.version) for row in rows}) == len(rows)


def test_ended_versions_name_a_replacement() -> None:
    gone = [row for row in load_calendar() if status(row.service, row.version, TODAY).state == State.ENDED]
    assert gone
    assert all(row.replacement for row in gone)


def test_usable_versions_leave_out_majors_whose_minors_are_listed() -> None:
    assert lifecycle.usable_versions(EKS, TODAY) == ["1.36", "1.35", "1.34"]
    postgresql = lifecycle.usable_versions(POSTGRESQL, TODAY)
    assert "16" not in postgresql
    assert {"16.14", "16.11", "17"} <= set(postgresql)


def test_a_calendar_of_ones_own() -> None:
    mine = [Support(EKS, "9.9", None, None, None, "", "me", TODAY)]
    assert status(EKS, "9.9", TODAY, mine).state == State.SUPPORTED
    assert status(EKS, "1.35", TODAY, mine).state == State.UNKNOWN
