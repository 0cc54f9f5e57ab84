"""What the ElastiCache resources share: reading all pages, tags, and windows in minutes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from trading_platform.aws import tags as tagging

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60
SHORTEST_WINDOW = 60
"""Minutes; https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/maintenance-window.html."""
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"


def find_all(describe: Callable[..., dict[str, Any]], key: str, **arguments: Any) -> list[dict[str, Any]]:
    """Give the list under ``key`` of all pages; ElastiCache calls the next page ``Marker``."""
    page = describe(**arguments, aws_retry=True)
    found = list(page.get(key, []))
    while page.get("Marker"):
        page = describe(**arguments, Marker=page["Marker"], aws_retry=True)
        found.extend(page.get(key, []))
    return found


def tags_of(elasticache: Any, arn: str) -> tagging.Tags:
    """Read the tags of one resource."""
    return tagging.from_list(elasticache.list_tags_for_resource(ResourceName=arn, aws_retry=True)["TagList"])


def update_tags(elasticache: Any, arn: str, current: tagging.Tags, target: tagging.Tags) -> None:
    """Bring the tags of one resource from ``current`` to ``target``."""
    write, remove = tagging.difference(current, target)
    if remove:
        elasticache.remove_tags_from_resource(ResourceName=arn, TagKeys=remove, aws_retry=True)
    if write:
        elasticache.add_tags_to_resource(ResourceName=arn, Tags=tagging.to_list(write), aws_retry=True)


def daily_window(text: str) -> tuple[int, int]:
    """Give start and length in minutes of a daily window such as ``03:00-04:00``.

    Raises:
        ValueError: it is no such window.
    """
    if not re.fullmatch(f"{_TIME}-{_TIME}", text):
        raise ValueError(f"{text} is not HH:MM-HH:MM")
    start, end = (_minutes(part) for part in text.split("-"))
    return start, (end - start) % MINUTES_A_DAY


def weekly_window(text: str) -> tuple[int, int]:
    """Give start and length in minutes of the week (from Monday) of a window such as ``sun:04:30-sun:05:30``.

    Raises:
        ValueError: it is no such window.
    """
    day = f"(?:{'|'.join(DAYS)})"
    if not re.fullmatch(f"{day}:{_TIME}-{day}:{_TIME}", text):
        raise ValueError(f"{text} is not ddd:HH:MM-ddd:HH:MM")
    start, end = (DAYS.index(part[:3]) * MINUTES_A_DAY + _minutes(part[4:]) for part in text.split("-"))
    return start, (end - start) % (7 * MINUTES_A_DAY)


def window_problems(daily: str | None, weekly: str | None) -> list[str]:
    """Say why ElastiCache would refuse the two windows; windows that only touch do not overlap."""
    try:
        day = daily_window(daily) if daily else None
        week = weekly_window(weekly) if weekly else None
    except ValueError as problem:
        return [f"a window is wrong: {problem}"]
    problems = []
    if day and day[1] < SHORTEST_WINDOW:
        problems.append(f"snapshot_window {daily} is shorter than {SHORTEST_WINDOW} minutes")
    if week and week[1] < SHORTEST_WINDOW:
        problems.append(f"maintenance_window {weekly} is shorter than {SHORTEST_WINDOW} minutes")
    if day and week and _overlap(day, week):
        problems.append(f"snapshot_window {daily} and maintenance_window {weekly} overlap")
    return problems


def _overlap(day: tuple[int, int], week: tuple[int, int]) -> bool:
    a_week = 7 * MINUTES_A_DAY
    for number in range(7):
        ahead = (week[0] - day[0] - number * MINUTES_A_DAY) % a_week
        if ahead < day[1] or a_week - ahead < week[1]:
            return True
    return False


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
