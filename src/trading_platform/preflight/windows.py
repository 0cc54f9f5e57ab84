"""Backup and maintenance windows: long enough, and of one service never at the same time. All times are UTC.

Sources: the parameters PreferredBackupWindow and PreferredMaintenanceWindow of CreateDBInstance ("Must be at least 30
minutes", "Must not conflict with the preferred backup window"),
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html; PreferredMaintenanceWindow of
CreateReplicationGroup ("The minimum maintenance window is a 60 minute period"),
https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html; ElastiCache's own
refusals "Snapshot window must be at least 60 minutes" and "The snapshot window and maintenance window must not
overlap."
Windows that touch (03:00-04:00 and mon:04:00-mon:05:00) do not overlap.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from trading_platform.preflight.problem import Finding, Host

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60  # minutes
WEEK = 7 * DAY

_WEEKLY = re.compile(rf"({'|'.join(DAYS)}):(\d\d):(\d\d)-({'|'.join(DAYS)}):(\d\d):(\d\d)")
_DAILY = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")

Interval = tuple[int, int]  # minutes from Monday 00:00, end not included; the end may lie in the next week


@dataclass(frozen=True, slots=True)
class ServiceWindows:
    """The two windows of a service, by the variables that give them, and the least minutes of each."""

    service: str
    backup: str
    maintenance: str
    minimum: int
    source: str


SERVICES = (
    ServiceWindows("RDS", "rds_backup_window", "rds_maintenance_window", 30, "RDS API, CreateDBInstance"),
    ServiceWindows(
        "ElastiCache",
        "elasticache_snapshot_window",
        "elasticache_maintenance_window",
        60,
        "ElastiCache API, CreateReplicationGroup",
    ),
)


def parse_weekly(text: str) -> list[Interval]:
    """The interval of "sun:23:00-mon:01:30". Raises ValueError when it is written otherwise."""
    match = _WEEKLY.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not ddd:HH:MM-ddd:HH:MM")
    begin = DAYS.index(match[1]) * DAY + _minutes(match[2], match[3])
    end = DAYS.index(match[4]) * DAY + _minutes(match[5], match[6])
    return [(begin, end if end >= begin else end + WEEK)]


def parse_daily(text: str) -> list[Interval]:
    """The seven intervals of "23:30-00:30". Raises ValueError when it is written otherwise."""
    match = _DAILY.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not HH:MM-HH:MM")
    begin, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
    length = (end - begin) % DAY
    return [(day * DAY + begin, day * DAY + begin + length) for day in range(7)]


def overlap(one: Sequence[Interval], other: Sequence[Interval]) -> Interval | None:
    """The first time that both cover, in a week that repeats; None when there is none."""
    for begin, end in one:
        for shift in (-WEEK, 0, WEEK):
            for other_begin, other_end in other:
                low, high = max(begin, other_begin + shift), min(end, other_end + shift)
                if low < high:
                    return low, high
    return None


def find_window_problems(hosts: Sequence[Host]) -> list[Finding]:
    """Windows that are too short, and maintenance while a backup is taken."""
    return [
        Finding(host.name, key, message)
        for host in hosts
        for windows in SERVICES
        for key, message in _service_problems(host, windows)
    ]


def _service_problems(host: Host, windows: ServiceWindows) -> list[tuple[str, str]]:
    problems = []
    parsed: list[list[Interval]] = []
    for key, parse in ((windows.backup, parse_daily), (windows.maintenance, parse_weekly)):
        try:
            intervals = parse(host.text(key))
        except ValueError:
            continue  # the schema has said so
        length = intervals[0][1] - intervals[0][0]
        parsed.append(intervals)
        if length < windows.minimum:
            least = f"{windows.service} wants at least {windows.minimum} ({windows.source})"
            problems.append((key, f"{host.text(key)} is {length} minutes long; {least}"))
    common = overlap(*parsed) if len(parsed) == 2 else None
    if common:
        both = f"{host.text(windows.maintenance)} overlaps {windows.backup} {host.text(windows.backup)}"
        advice = f"the two may touch but not overlap ({windows.source}): move one"
        problems.append((windows.maintenance, f"{both} from {_clock(common[0])} to {_clock(common[1])} UTC; {advice}"))
    return problems


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes)


def _clock(minute: int) -> str:
    day, rest = divmod(minute % WEEK, DAY)
    return f"{DAYS[day]} {rest // 60:02}:{rest % 60:02}"
