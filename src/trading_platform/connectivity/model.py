"""What connectivity is made of: workloads, policies and ports, and the connections between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from trading_platform.connectivity.addresses import Addresses, Network

INGRESS = "ingress"
EGRESS = "egress"
PROTOCOLS = ("SCTP", "TCP", "UDP")
LAST_PORT = 65535


class ConnectivityError(ValueError):
    """Manifests, endpoints or flows that are wrong; `problems` holds everything that is, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class PortRange(NamedTuple):
    """Ports `first` to `last`, both included, of TCP, UDP or SCTP."""

    protocol: str
    first: int
    last: int

    def __str__(self) -> str:
        name = self.protocol.lower()
        if (self.first, self.last) == (1, LAST_PORT):
            return f"{name}/all"
        return f"{name}/{self.first}" if self.first == self.last else f"{name}/{self.first}-{self.last}"

    def holds(self, other: PortRange) -> bool:
        return self.protocol == other.protocol and self.first <= other.first and other.last <= self.last


Ports = tuple[PortRange, ...]  # sorted, without overlaps or neighbours that could be one range
ALL_PORTS: Ports = tuple(PortRange(protocol, 1, LAST_PORT) for protocol in PROTOCOLS)


def merge_ports(ranges: Iterable[PortRange]) -> Ports:
    """The same ports as the fewest ranges, sorted."""
    merged: list[PortRange] = []
    for ports in sorted(ranges):
        before = merged[-1] if merged else None
        if before and before.protocol == ports.protocol and ports.first <= before.last + 1:
            merged[-1] = PortRange(before.protocol, before.first, max(before.last, ports.last))
        else:
            merged.append(ports)
    return tuple(merged)


def common_ports(one: Ports, two: Ports) -> Ports:
    """The ports that lie in both."""
    if one == ALL_PORTS:
        return two
    shared = (
        PortRange(a.protocol, max(a.first, b.first), min(a.last, b.last))
        for a in one
        for b in two
        if a.protocol == b.protocol
    )
    return merge_ports(ports for ports in shared if ports.first <= ports.last)


def cut_ports(ranges: Iterable[PortRange]) -> list[PortRange]:
    """The ranges cut at each other's ends: every piece lies wholly in or wholly outside each of them."""
    cuts: dict[str, set[int]] = {}
    for ports in ranges:
        cuts.setdefault(ports.protocol, set()).update((ports.first, ports.last + 1))
    return [
        PortRange(protocol, first, end - 1)
        for protocol in sorted(cuts)
        for first, end in pairwise(sorted(cuts[protocol]))
    ]


def hold_ports(ports: Iterable[PortRange], piece: PortRange) -> bool:
    """Whether one of the ranges holds the whole piece."""
    return any(one.holds(piece) for one in ports)


def ports_text(ports: Ports) -> str:
    return "all ports" if ports == ALL_PORTS else ", ".join(str(one) for one in ports)


class ContainerPort(NamedTuple):
    """A port that a container declares; `name` is "" when it has none."""

    name: str
    protocol: str
    number: int


@dataclass(frozen=True, slots=True)
class Workload:
    """The pods of one controller, or one bare pod. It is the same workload when namespace, kind and name are.

    `label` is the shortest name that no other workload or endpoint of the cluster has.
    """

    namespace: str
    kind: str
    name: str
    labels: Mapping[str, str] = field(compare=False, repr=False)
    ports: tuple[ContainerPort, ...] = field(default=(), compare=False, repr=False)
    host_network: bool = field(default=False, compare=False)
    label: str = field(default="", compare=False, repr=False)

    @property
    def identity(self) -> str:
        return f"{self.namespace}/{self.kind}/{self.name}"

    @property
    def sort_key(self) -> tuple[int, str, str, str]:
        return (0, self.namespace, self.name, self.kind)

    def __str__(self) -> str:
        return self.label or self.identity


Peer = Workload | Addresses


@dataclass(frozen=True, slots=True)
class Connection:
    """Something that may be opened: from source to destination, on a range of destination ports."""

    source: Peer
    destination: Peer
    ports: PortRange

    @property
    def protocol(self) -> str:
        return self.ports.protocol

    @property
    def sort_key(self) -> tuple[object, ...]:
        return (self.source.sort_key, self.destination.sort_key, self.ports)

    def __str__(self) -> str:
        return f"{self.source} -> {self.destination} {self.ports}"


class Requirement(NamedTuple):
    """One condition on labels; matchLabels are conditions with the operator In and one value."""

    key: str
    operator: str
    values: frozenset[str]

    def matches(self, labels: Mapping[str, str]) -> bool:
        if self.operator == "In":
            return self.key in labels and labels[self.key] in self.values
        if self.operator == "NotIn":  # also matches where the label is absent
            return self.key not in labels or labels[self.key] not in self.values
        return (self.key in labels) == (self.operator == "Exists")


Selector = tuple[Requirement, ...]  # all must hold, so the empty selector matches everything


def selects(selector: Selector, labels: Mapping[str, str]) -> bool:
    return all(requirement.matches(labels) for requirement in selector)


class IpBlock(NamedTuple):
    network: Network
    excepts: tuple[Network, ...]


class PolicyPeer(NamedTuple):
    """One entry of `from` or `to`: an IP block, or selectors, of which at least one is not None."""

    pods: Selector | None
    namespaces: Selector | None
    block: IpBlock | None


class PolicyPort(NamedTuple):
    """One entry of `ports`: a range and the name "", or a container port's name with just the protocol in the range."""

    name: str
    range: PortRange


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a policy, counted from 1. No peers stand for every peer, no ports for every port."""

    direction: str
    number: int
    peers: tuple[PolicyPeer, ...]
    ports: tuple[PolicyPort, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A NetworkPolicy. `directions` are those it isolates in; `idle` are rules that have no effect for want of it."""

    namespace: str
    name: str
    pods: Selector
    directions: frozenset[str]
    rules: tuple[Rule, ...]
    idle: tuple[Rule, ...] = ()

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class ServicePort(NamedTuple):
    """A port of a Service: its own number, and the name or number of the container port behind it."""

    protocol: str
    number: int
    target: int | str


@dataclass(frozen=True, slots=True)
class Service:
    """A Service that has a cluster address and a selector."""

    namespace: str
    name: str
    selector: Mapping[str, str]
    ports: tuple[ServicePort, ...]
