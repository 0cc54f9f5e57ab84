"""What the rows of a region are computed of: its variables, its nodes at each scale, and the pods of its cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trading_platform.capacity import CapacityPlan
from trading_platform.scale.pods import Workload


class ScaleError(ValueError):
    """What an inventory or the chart says cannot be reckoned with; the message has the key."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of a group at each scale."""

    minimum: int
    typical: int
    full: int

    @property
    def way(self) -> float:
        """How far a typical month is from the fewest nodes to the most, 0 to 1."""
        return (self.typical - self.minimum) / (self.full - self.minimum) if self.full > self.minimum else 0.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """What the chart runs in a region: `now`, and after it took over where it is a standby; else the two are the same.

    `database`, `redis`: names of the services that use them.
    """

    now: tuple[Workload, ...]
    full: tuple[Workload, ...]
    database: frozenset[str]
    redis: frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A region. `cluster` is None where the chart is not deployed there, `addresses` where there are no node groups."""

    region: str
    variables: Mapping[str, Any]
    nodes: Mapping[str, Nodes]
    cluster: Cluster | None
    addresses: CapacityPlan | None
    notes: tuple[str, ...] = ()
