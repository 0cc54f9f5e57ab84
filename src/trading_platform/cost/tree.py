"""The estimate as a tree: region -> tier -> resource -> lines, each with what its lines add up to.

Every output shows this tree, so that all of them say the same. A line is in one resource and in no other: the sum of
the leaves is the total.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from trading_platform.cost.model import Estimate, Kind, Line, Scenario, Total, total

type Level = Literal["estimate", "region", "tier", "resource"]


@dataclass(frozen=True, slots=True)
class Subtotal:
    """USD a month of some lines in one scenario, by why they are billed."""

    baseline: Total
    usage: Total

    @property
    def both(self) -> Total:
        """Baseline and usage together."""
        return Total(self.baseline.usd + self.usage.usd, self.baseline.unknown + self.usage.unknown)


@dataclass(frozen=True, slots=True)
class Subtotals:
    """Those of every scenario."""

    low: Subtotal
    typical: Subtotal
    high: Subtotal

    def of(self, scenario: Scenario) -> Subtotal:
        """That of one scenario."""
        return {Scenario.LOW: self.low, Scenario.TYPICAL: self.typical, Scenario.HIGH: self.high}[scenario]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the estimate. A resource has lines, everything above it has nodes; both in the order of the bill."""

    level: Level
    name: str
    nodes: tuple["Node", ...]
    lines: tuple[Line, ...]
    subtotals: Subtotals

    def leaves(self) -> Iterator[Line]:
        """Every line below."""
        yield from self.lines
        for node in self.nodes:
            yield from node.leaves()

    @property
    def services(self) -> tuple[str, ...]:
        """The services that bill the lines below, in the order in which they first stand."""
        return tuple(dict.fromkeys(line.service for line in self.leaves()))

    @property
    def title(self) -> str:
        """The name; that of a resource with the services that bill it, where its name is not that already:

        "node group general (EC2, EBS)", "GuardDuty".
        """
        if self.level != "resource" or self.services == (self.name,):
            return self.name
        return f"{self.name} ({', '.join(self.services)})"

    def line_title(self, line: Line) -> str:
        """The name of one of its lines, with the service where the title alone does not tell it."""
        return f"{line.name} ({line.service})" if len(self.services) > 1 else line.name


def tree(estimate: Estimate) -> Node:
    """The whole of an estimate; the root bears the name of the environment."""
    regions = (
        _node("region", name, tuple(_tiers(lines)))
        for name, lines in _grouped(estimate.lines, lambda line: line.region)
    )
    return _node("estimate", estimate.environment, tuple(regions))


def subtotals(lines: Iterable[Line]) -> Subtotals:
    """What some lines add up to."""
    found = tuple(lines)
    return Subtotals(*(_subtotal(found, scenario) for scenario in Scenario))


def _subtotal(lines: Sequence[Line], scenario: Scenario) -> Subtotal:
    baseline, usage = (total((line for line in lines if line.kind is kind), scenario) for kind in Kind)
    return Subtotal(baseline, usage)


def _tiers(lines: Iterable[Line]) -> Iterator[Node]:
    for name, found in _grouped(lines, lambda line: line.tier):
        yield _node("tier", name, tuple(_resources(found)))


def _resources(lines: Iterable[Line]) -> Iterator[Node]:
    for name, found in _grouped(lines, lambda line: line.resource):
        yield Node("resource", name, (), tuple(found), subtotals(found))


def _node(level: Level, name: str, nodes: tuple[Node, ...]) -> Node:
    return Node(level, name, nodes, (), subtotals(line for node in nodes for line in node.leaves()))


def _grouped(lines: Iterable[Line], key: Callable[[Line], str]) -> Iterable[tuple[str, list[Line]]]:
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(key(line), []).append(line)
    return groups.items()
