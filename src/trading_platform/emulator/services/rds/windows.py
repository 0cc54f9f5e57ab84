"""Backup and maintenance windows: at least 30 minutes each, and not overlapping. Adjacent ones do not overlap."""

import re
from collections.abc import Callable
from typing import Any

from moto.rds import models

from trading_platform.emulator.extension import Extension

extension = Extension("rds")

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
WEEK = 7 * DAY
SHORTEST = 30

CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
BACKUP = re.compile(f"{CLOCK}-{CLOCK}")
MAINTENANCE = re.compile(f"({'|'.join(DAYS)}):{CLOCK}-({'|'.join(DAYS)}):{CLOCK}")


def backup_window(text: str) -> tuple[int, int] | None:
    """(first minute of the day, minutes); None when the text is no window."""
    match = BACKUP.fullmatch(text)
    if match is None:
        return None
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return start, (end - start) % DAY


def maintenance_window(text: str) -> tuple[int, int] | None:
    """(first minute of the week, minutes); None when the text is no window."""
    match = MAINTENANCE.fullmatch(text.lower())
    if match is None:
        return None
    start = DAYS.index(match[1]) * DAY + int(match[2]) * 60 + int(match[3])
    end = DAYS.index(match[4]) * DAY + int(match[5]) * 60 + int(match[6])
    return start, (end - start) % WEEK


def overlap(backup: tuple[int, int], maintenance: tuple[int, int]) -> bool:
    """Whether any day's backup window and the week's maintenance window share a minute."""
    start, minutes = maintenance
    for day in range(7):
        distance = (day * DAY + backup[0] - start) % WEEK
        if distance < minutes or (WEEK - distance) < backup[1]:
            return True
    return False


@extension.patches(models, "valid_preferred_maintenance_window")
def windows_as_rds_checks_them(original: Callable[..., Any], maintenance: str, backup: str | None) -> str | None:
    """moto takes windows that touch for windows that overlap, and knows no overlap on another day than Monday."""
    week = maintenance_window(maintenance)
    if week is None:
        text: str | None = original(maintenance, None)
        return text or f"Invalid maintenance window format: {maintenance}."
    if not SHORTEST <= week[1] < DAY:
        return (
            "The maintenance window must be at least 30 minutes."
            if week[1] < SHORTEST
            else "Maintenance window must be less than 24 hours."
        )
    if not backup:
        return None
    day = backup_window(backup)
    if day is None:
        return (
            f"Invalid backup window format: {backup}. Should be specified as a range hh24:mi-hh24:mi "
            "(24H Clock UTC). Example: 04:00-04:30"
        )
    if day[1] < SHORTEST:
        return "The backup window must be at least 30 minutes."
    return "The backup window and maintenance window must not overlap." if overlap(day, week) else None
