"""What full scale takes of the quotas that AWS gives a new account, before more was asked for.

An account's own quotas are read by preflight when it has credentials.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from trading_platform.preflight.quotas import Need, needs
from trading_platform.scale.model import Demand, Dimension, Kind
from trading_platform.scale.source import Source

QUOTAS = Path(__file__).parents[1] / "data" / "quotas.csv"


@dataclass(frozen=True, slots=True)
class Quota:
    """What AWS allows a new account in a region."""

    code: str
    name: str
    default: int
    source: str
    checked_on: date


@cache
def load_quotas(path: Path = QUOTAS) -> tuple[Quota, ...]:
    """Every quota that preflight asks for. Raises ValueError (no number or date) or KeyError (lost column)."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Quota(row["code"], row["name"], int(row["default"]), row["source"], date.fromisoformat(row["checked_on"]))
            for row in csv.DictReader(file)
        )


def quota_dimensions(source: Source) -> list[Dimension]:
    """The row of every quota; of one that counts by availability zone, the zone that takes most."""
    variables = {"eks_node_groups": {}, **source.variables}
    ends = needs(variables)
    middle = needs({**variables, "eks_node_groups": _with_typical(source)})
    rows = []
    for quota in load_quotas():
        low, high = _most(ends[quota.code])
        typical, _ = _most(middle[quota.code])
        demand = Demand(low, typical, high)
        rows.append(Dimension(f"quota: {quota.name}", "", demand, quota.default, Kind.QUOTA))
    return rows


def _with_typical(source: Source) -> dict[str, dict[str, object]]:
    """The node groups as if a typical month were their minimum."""
    groups = source.variables.get("eks_node_groups") or {}
    return {name: {**group, "min_size": source.nodes[name].typical} for name, group in groups.items()}


def _most(places: Mapping[str, Need]) -> tuple[int, int]:
    wanted = list(places.values()) or [Need(0, 0)]
    return max(need.at_once for need in wanted), max(need.at_most for need in wanted)
