"""Versions that AWS still supports, by the calendar of `lifecycle`.

Ended versions are refused, and so are those in extended support: the clusters' upgrade policy is STANDARD, and
databases are created without extended support.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from trading_platform import lifecycle
from trading_platform.lifecycle import State, Status, Support
from trading_platform.preflight.problem import Finding, Host, Problem

STALE_DAYS = 180


def find_version_problems(hosts: Sequence[Host], today: date, calendar: Sequence[Support]) -> list[Finding]:
    """Versions that are unknown, ended, in extended support or about to end on `today`."""
    return [
        Finding(host.name, key, message, "warning" if state.state == State.ENDS_WITHIN else "error")
        for host in hosts
        for key, service, version in versions_of(host)
        if (state := lifecycle.status(service, version, today, calendar)).state != State.SUPPORTED
        for message in [_message(service, version, state, today, calendar)]
    ]


def versions_of(host: Host) -> Iterator[tuple[str, str, str]]:
    """Variable, service as the calendar names it, and version of everything that has one."""
    cache = lifecycle.VALKEY if host.text("elasticache_engine") == "valkey" else lifecycle.REDIS
    for key, service in (
        ("eks_version", lifecycle.EKS),
        ("rds_engine_version", lifecycle.POSTGRESQL),
        ("elasticache_engine_version", cache),
    ):
        if host.text(key):
            yield key, service, host.text(key)


def find_stale_calendar(hosts: Sequence[Host], today: date, calendar: Sequence[Support], file: str) -> list[Problem]:
    """A warning when the dates that the hosts rely on were checked too long ago."""
    used = {(service, version) for host in hosts for _, service, version in versions_of(host)}
    found = [support for service, version in used if (support := lifecycle.find(service, version, calendar))]
    return find_stale(found, today, file)


def find_stale(used: Sequence[Support], today: date, file: str) -> list[Problem]:
    """A warning when rows of the calendar that are used were checked too long ago."""
    old = [support for support in used if (today - support.checked_on).days > STALE_DAYS]
    if not old:
        return []
    which = ", ".join(sorted({f"{support.service} {support.version}" for support in old}))
    oldest = min(support.checked_on for support in old)
    message = f"the dates of {which} were last checked on {oldest}, {(today - oldest).days} days ago; check them again"
    return [Problem("warning", file, "checked_on", f"{message} (more than {STALE_DAYS} days)")]


def _message(service: str, version: str, status: Status, today: date, calendar: Sequence[Support]) -> str:
    support = status.support
    if support is None:
        known = ", ".join(lifecycle.known_versions(service, calendar))
        advice = "if AWS offers it, add its row to src/trading_platform/data/support_calendar.csv"
        return f"{service} {version} is not known; the calendar has {known}; {advice}"
    usable = lifecycle.usable_versions(service, today, calendar)
    replacement = support.replacement or (usable[0] if usable else "")
    use = f"use {replacement}" if replacement and replacement != version else "there is no newer one in the calendar"
    source = f"source: {support.source}, checked {support.checked_on}"
    return f"{service} {version} {_what(status, support)} ({source}); {use}"


def _what(status: Status, support: Support) -> str:
    standard, extended = support.end_of_standard_support, support.end_of_extended_support
    if status.state == State.ENDS_WITHIN:
        return f"leaves standard support on {standard}, in {status.days_left} days"
    if status.state == State.EXTENDED:
        return (
            f"left standard support on {standard}; extended support until {extended} costs extra and is not used here"
        )
    parts = ["can no longer be created"]
    if support.end_of_creation:
        parts[0] += f" since {support.end_of_creation}"
    if standard:
        parts.append(f"standard support ended on {standard}")
    if extended:
        parts.append(f"extended support on {extended}")
    return ": ".join([parts[0], " and ".join(parts[1:])]) if parts[1:] else parts[0]
