"""Which versions an inventory uses, until when AWS supports them, and what comes next.

Dates and states are those of `lifecycle`, and which variable has which version is what preflight checks. The calendar
knows the services of AWS; what the chart runs has its versions pinned there, and no dates.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trading_platform import lifecycle
from trading_platform.lifecycle import State, Status, Support
from trading_platform.preflight.problem import Host
from trading_platform.preflight.versions import versions_of

YEARS_AHEAD = 3
# What no inventory decides: what the module runs the functions with that rotate passwords, in the primary region.
FIXED = (("runtime of the module lambda_function", lifecycle.LAMBDA, "3.13"),)
KEYS = ("eks_version", "rds_engine_version", "elasticache_engine_version")


class VersionError(ValueError):
    """A version cannot be read from the inventory; the message has the region and the key."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version in use. `steps`: the versions to go to, in order; () where the calendar has no newer one."""

    service: str
    version: str
    key: str
    regions: tuple[str, ...]
    status: Status
    steps: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether it is in standard support, and AWS makes new ones."""
        return self.status.state in (State.SUPPORTED, State.ENDS_WITHIN)


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that a version in use comes to, on the first day without it."""

    day: date
    what: str
    version: Version


def hosts_of(regions: Mapping[str, Mapping[str, Any]], groups: Mapping[str, str]) -> list[Host]:
    """The regions as preflight knows them. `groups`: region to its group, primary or dr.

    Raises:
        VersionError: a version is no text, which YAML makes of 1.30 without quotes, or there is none at all.
    """
    problems = []
    for region, variables in regions.items():
        for key in KEYS:
            value = variables.get(key)
            if value is not None and (not isinstance(value, str) or "{{" in value):
                problems.append(f"{region}: {key}: must be a version in quotes, such as '1.35', not {value!r}")
    if not problems and not any(variables.get(key) for variables in regions.values() for key in KEYS):
        problems.append(f"no region has a version ({', '.join(KEYS)})")
    if problems:
        raise VersionError("\n".join(problems))
    return [Host(region, variables, group_names=(groups.get(region, ""),)) for region, variables in regions.items()]


def versions_in_use(hosts: Sequence[Host], today: date, calendar: Sequence[Support]) -> list[Version]:
    """What the hosts use on a day, each version once with its regions, what ends first at the top."""
    regions: dict[tuple[str, str, str], list[str]] = {}
    for host in hosts:
        fixed = FIXED if "primary" in host.group_names else ()
        for key, service, version in (*versions_of(host), *fixed):
            regions.setdefault((service, version, key), []).append(host.name)
    found = [
        Version(
            service,
            version,
            key,
            tuple(names),
            lifecycle.status(service, version, today, calendar),
            next_steps(service, version, today, calendar),
        )
        for (service, version, key), names in regions.items()
    ]
    return sorted(found, key=lambda one: (_end(one) or date.max, one.service, one.version))


def next_steps(service: str, version: str, today: date, calendar: Sequence[Support]) -> tuple[str, ...]:
    """The versions to go to, in order.

    EKS goes one minor at a time (EKS user guide, "Update existing cluster to new Kubernetes version"): all minors up to
    the one that replaces the version, or the next one. Databases go to the newest minor of their major, and where that
    is in use to the replacement or the newest of the next major.
    """
    usable = lifecycle.usable_versions(service, today, calendar)
    newer = sorted((one for one in usable if _number(one) > _number(version)), key=_number)
    support = lifecycle.find(service, version, calendar)
    wanted = support.replacement if support else ""
    if service == lifecycle.EKS:
        goal = wanted or (newer[0] if newer else "")
        known = sorted(lifecycle.known_versions(service, calendar), key=_number)
        return tuple(one for one in known if goal and _number(version) < _number(one) <= _number(goal))
    same_major = [one for one in newer if _major(one) == _major(version)]
    if same_major:
        return (same_major[-1],)
    if wanted and _number(wanted) > _number(version):
        return (wanted,)
    next_major = [one for one in newer if _major(one) == _major(newer[0])]
    return tuple(next_major[-1:])


def endings(versions: Sequence[Version], today: date, years: int = YEARS_AHEAD) -> list[Ending]:
    """What comes to an end in the years ahead, by date."""
    last = _years_later(today, years)
    found = [Ending(day, what, one) for one in versions for day, what in _dates(one) if today <= day <= last]
    return sorted(found, key=lambda one: (one.day, one.version.service, one.version.version))


def _dates(version: Version) -> Iterator[tuple[date, str]]:
    support = version.status.support
    if support is None:
        return
    for day, what in (
        (support.end_of_creation, "can no longer be created"),
        (support.end_of_standard_support, "leaves standard support"),
        (support.end_of_extended_support, "leaves extended support"),
    ):
        if day is not None:
            yield day, what


def _end(version: Version) -> date | None:
    support = version.status.support
    return None if support is None else support.end_of_standard_support


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)


def _major(version: str) -> str:
    return version.partition(".")[0]


def _number(version: str) -> tuple[int, ...]:
    """A version to be compared: 1.9 is older than 1.10. What is no number counts as 0."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))
