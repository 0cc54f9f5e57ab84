"""Every leaf of the chart's values, and other values that it may have: what the value-coverage gate turns."""

import re
from collections.abc import Iterator
from typing import Any

from rendering import Values

Path = tuple[str, ...]

# Strings of which only some are allowed, each with another one.
OTHERS = {
    "restricted": "baseline",
    "baseline": "restricted",
    "privileged": "baseline",
    "Delete": "Retain",
    "IfNotPresent": "Always",
    "1.3": "1.2",
    "primary": "standby",
    "standby": "primary",
    "cluster": "services",
    "monitoring": "services",
    "tracing": "services",
    "logging": "services",
    "services": "monitoring",
    "public": "private",
    "private": "public",
    "database": "public",
}
NUMBERED = re.compile(r"^(\D*)(\d+)(.*)$", re.DOTALL)


def leaves(values: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Paths of everything that is no mapping, with the value; an empty mapping is a leaf too."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    else:
        yield path, values


def at(path: Path, value: Any) -> Values:
    """Values with one leaf."""
    for key in reversed(path):
        value = {key: value}
    return dict(value)


def alternatives(value: Any) -> list[Any]:
    """Other values of the same kind, the likeliest to be allowed first."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1, value - 1, value * 2, value / 2]
        case str() if value in OTHERS:
            return [OTHERS[value]]
        case str() if value.startswith("sha256:"):
            return ["sha256:" + value[7:][::-1].replace("0", "1")]
        case str():
            return _strings(value)
        case [*items] if items:
            return [items[:-1], items[1:], [*items, items[-1]]] if len(items) > 1 else [[], *_inside(items[0])]
        case None:
            return [1, "x"]
        case _:
            return []


def _strings(value: str) -> list[Any]:
    """A string with another number in it, or longer, or none."""
    found = NUMBERED.match(value)
    numbers = (
        [f"{found[1]}{int(found[2]) + 1}{found[3]}", f"{found[1]}{max(1, int(found[2]) - 1)}{found[3]}"]
        if found
        else []
    )
    return [*numbers, f"{value}x", f"{value}/x", ""]


def _inside(item: Any) -> list[Any]:
    return [[other] for other in alternatives(item)] if isinstance(item, str) else []
