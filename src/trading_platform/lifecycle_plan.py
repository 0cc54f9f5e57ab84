"""Which versions an estate uses, until when they are supported, and what comes next.

Dates and states are those of `lifecycle`; `lifecycle_uses` says what has a version. Some projects announce no dates:
what the calendar has of theirs is that a version exists.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from trading_platform import lifecycle
from trading_platform.lifecycle import State, Status, Support
from trading_platform.lifecycle_uses import Use, uses_of
from trading_platform.preflight.problem import Host

YEARS_AHEAD = 3
KEYS = ("eks_version", "rds_engine_version", "elasticache_engine_version")


class VersionError(ValueError):
    """A version cannot be read from the inventory; the message has the region and the key."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version in use. `steps`: the versions to go to, in order; () where the calendar has no newer one.

    What follows the cluster has its status and its steps.
    """

    use: Use
    regions: tuple[str, ...]
    status: Status
    steps: tuple[str, ...]

    @property
    def service(self) -> str:
        """What it is a version of."""
        return self.use.service

    @property
    def version(self) -> str:
        """The version itself."""
        return self.use.version

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
        VersionError: a version is no text, which YAML makes of 1.30 without quotes, or there is none at all; an add-on
            is no mapping.
    """
    problems = []
    for region, variables in regions.items():
        for key in KEYS:
            value = variables.get(key)
            if value is not None and (not isinstance(value, str) or "{{" in value):
                problems.append(f"{region}: {key}: must be a version in quotes, such as '1.35', not {value!r}")
        problems += [f"{region}: {problem}" for problem in _addon_problems(variables.get("eks_addons"))]
    if not problems and not any(variables.get(key) for variables in regions.values() for key in KEYS):
        problems.append(f"no region has a version ({', '.join(KEYS)})")
    if problems:
        raise VersionError("\n".join(problems))
    return [Host(region, variables, group_names=(groups.get(region, ""),)) for region, variables in regions.items()]


def _addon_problems(addons: Any) -> Iterator[str]:
    if addons is not None and not isinstance(addons, dict):
        yield f"eks_addons: must be a mapping of names to add-ons, not {addons!r}"
        return
    for name, addon in (addons or {}).items():
        version = addon.get("version") if isinstance(addon, dict) else None
        if not isinstance(addon, dict):
            yield f"eks_addons.{name}: must be a mapping such as {{when: after_nodes, version: null}}, not {addon!r}"
        elif version is not None and not isinstance(version, str):
            yield f"eks_addons.{name}.version: must be null or a version such as v1.22.4-eksbuild.3, not {version!r}"


def versions_in_use(hosts: Sequence[Host], today: date, calendar: Sequence[Support]) -> list[Version]:
    """What the hosts use on a day, each version once with its regions, what ends first at the top."""
    regions: dict[Use, list[str]] = {}
    for host in hosts:
        for use in uses_of(host):
            regions.setdefault(use, []).append(host.name)
    found = [_version(use, tuple(names), today, calendar) for use, names in regions.items()]
    return sorted(found, key=lambda one: (_end(one) or date.max, one.service.casefold(), one.version))


def _version(use: Use, regions: tuple[str, ...], today: date, calendar: Sequence[Support]) -> Version:
    service, version = (lifecycle.EKS, use.follows) if use.follows else (use.service, use.version)
    status = lifecycle.status(service, version, today, calendar)
    return Version(use, regions, status, next_steps(service, version, today, calendar))


def next_steps(service: str, version: str, today: date, calendar: Sequence[Support]) -> tuple[str, ...]:
    """The versions to go to, in order.

    EKS goes one minor at a time (EKS user guide, "Update existing cluster to new Kubernetes version"): all minors up to
    the one that replaces the version, or the next one. Everything else goes to the newest minor of its major, and where
    that is in use to the replacement or the newest of the next major; never to what ends before the version itself, as
    Prometheus' releases do before the one with long-term support.
    """
    support = lifecycle.find(service, version, calendar)
    usable = lifecycle.usable_versions(service, today, calendar)
    newer = [one for one in usable if _number(one) > _number(version) and _lasts(service, one, support, calendar)]
    newer.sort(key=_number)
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
    """What comes to an end in the years ahead, by date. What follows the cluster ends with it, and is left out."""
    last = _years_later(today, years)
    own = [one for one in versions if not one.use.follows]
    found = [Ending(day, what, one) for one in own for day, what in _dates(one) if today <= day <= last]
    return sorted(found, key=lambda one: (one.day, one.version.service, one.version.version))


def _lasts(service: str, version: str, support: Support | None, calendar: Sequence[Support]) -> bool:
    """Whether a version is supported at least as long as the one in use."""
    end = support.end_of_standard_support if support else None
    other = lifecycle.find(service, version, calendar)
    last = other.end_of_standard_support if other else None
    return end is None or last is None or last >= end


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
