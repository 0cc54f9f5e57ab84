"""What holds for every cluster: the computed sets say what the oracle says of each packet, and comparing is exact."""

import copy
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any, NamedTuple

from connectivity_cluster import Manifest, container, deployment, namespace
from connectivity_oracle import allows
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from trading_platform.connectivity import (
    EXTRA,
    MISSING,
    Addresses,
    Cluster,
    Connection,
    Workload,
    compare,
    connections,
    load,
)

# A machine that is busy with something else is no reason to fail.
calm = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])

SPACES = ("one", "two")
CIDRS = (
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.4.0/22",
    "10.0.5.0/24",
    "10.0.5.9/32",
    "10.128.0.0/9",
    "255.255.255.0/24",
    "::/0",
    "2001:db8::/32",
    "2001:db8:0:1::/64",
)
PORTS = (1, 79, 80, 81, 443, 8080, 65535)
NAMES = ("http", "metrics")


class World(NamedTuple):
    manifests: list[Manifest]
    endpoints: dict[str, Any]
    pod_cidrs: tuple[str, ...]

    def load(self) -> Cluster:
        return load(self.manifests, self.endpoints, self.pod_cidrs)


@cache
def labels() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(("app", "tier")), st.sampled_from(("a", "b")), max_size=2)


@cache
@st.composite
def selectors(draw: st.DrawFn) -> Manifest:
    selector: Manifest = {}
    if draw(st.booleans()):
        selector["matchLabels"] = draw(labels())
    if draw(st.integers(0, 3)) == 0:
        operator = draw(st.sampled_from(("In", "NotIn", "Exists", "DoesNotExist")))
        expression = {"key": draw(st.sampled_from(("app", "tier"))), "operator": operator}
        if operator in ("In", "NotIn"):
            expression["values"] = draw(st.lists(st.sampled_from(("a", "b", "c")), min_size=1, max_size=2))
        selector["matchExpressions"] = [expression]
    return selector


@cache
@st.composite
def blocks(draw: st.DrawFn) -> Manifest:
    cidr = ip_network(draw(st.sampled_from(CIDRS)))
    inside = [one for one in CIDRS if _strictly_inside(one, cidr)]
    holes = draw(st.lists(st.sampled_from(tuple(inside)), max_size=2)) if inside else []
    return {"ipBlock": {"cidr": str(cidr), "except": holes} if holes else {"cidr": str(cidr)}}


def _strictly_inside(text: str, cidr: Any) -> bool:
    one = ip_network(text)
    return one.version == cidr.version and one != cidr and one.subnet_of(cidr)


@cache
@st.composite
def peers(draw: st.DrawFn) -> Manifest:
    kind = draw(st.sampled_from(("block", "pods", "spaces", "both")))
    if kind == "block":
        return draw(blocks())
    peer: Manifest = {}
    if kind != "spaces":
        peer["podSelector"] = draw(selectors())
    if kind != "pods":
        name = {"matchLabels": {"kubernetes.io/metadata.name": draw(st.sampled_from(SPACES))}}
        peer["namespaceSelector"] = draw(st.one_of(selectors(), st.just(name)))
    return peer


@cache
@st.composite
def ports(draw: st.DrawFn) -> Manifest:
    port: Manifest = {}
    if draw(st.booleans()):
        port["protocol"] = draw(st.sampled_from(("TCP", "UDP", "SCTP")))
    kind = draw(st.sampled_from(("any", "number", "range", "name")))
    if kind == "name":
        port["port"] = draw(st.sampled_from(NAMES))
    elif kind != "any":
        first, last = sorted((draw(st.sampled_from(PORTS)), draw(st.sampled_from(PORTS))))
        port |= {"port": first} | ({"endPort": last} if kind == "range" else {})
    return port


@st.composite
def policies(draw: st.DrawFn, number: int) -> Manifest:
    spec: Manifest = {"podSelector": draw(selectors())}
    for direction, peer in (("ingress", "from"), ("egress", "to")):
        if draw(st.booleans()):
            rules = []
            for _ in range(draw(st.integers(0, 2))):
                rule: Manifest = {}
                if draw(st.integers(0, 3)):
                    rule[peer] = draw(st.lists(peers(), max_size=2))
                if draw(st.booleans()):
                    rule["ports"] = draw(st.lists(ports(), max_size=2))
                rules.append(rule)
            spec[direction] = rules
    types = draw(st.sampled_from([None, ["Ingress"], ["Egress"], ["Ingress", "Egress"]]))
    if types:
        spec["policyTypes"] = types
    metadata = {"name": f"p{number}", "namespace": draw(st.sampled_from(SPACES))}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    manifests = [namespace(name, **draw(labels())) for name in SPACES if draw(st.booleans())]
    for number in range(draw(st.integers(1, 4))):
        own = [(name, draw(st.sampled_from(PORTS)), draw(st.sampled_from(("TCP", "UDP")))) for name in NAMES]
        shown = draw(st.lists(st.sampled_from(own), unique=True, max_size=2))
        manifests.append(deployment(f"w{number}", draw(st.sampled_from(SPACES)), draw(labels()), shown))
    manifests += [draw(policies(number)) for number in range(draw(st.integers(1, 5)))]
    endpoints = {f"e{number}": draw(blocks())["ipBlock"] for number in range(draw(st.integers(0, 3)))}
    whole = {name: [one, "10.0.5.9/32"] for name, one in endpoints.items()}
    return World(manifests, whole, tuple(draw(st.sampled_from(((), ("10.0.4.0/22",), ("10.0.5.0/24", "10.0.0.0/16"))))))


def some_address(random: Random) -> str:
    """Any address, mostly one at or just outside the end of a block."""
    network = ip_network(random.choice(CIDRS))
    top = 2**network.max_prefixlen - 1
    near = random.choice([int(network.network_address), int(network.broadcast_address)]) + random.randint(-1, 1)
    number = random.choice([min(max(near, 0), top), random.randint(0, top)])
    return str(type(network.network_address)(number))


def some_points(world: World, random: Random) -> Iterator[tuple[Any, Any, str, int]]:
    """Packets between pods, and between pods and addresses; ports mostly at or just outside the end of a range."""
    pods = [one for one in world.manifests if one["kind"] == "Deployment"]
    for number in range(60):
        ends = [random.choice(pods), some_address(random) if number % 2 else random.choice(pods)]
        random.shuffle(ends)
        port = random.choice(PORTS) + random.randint(-1, 1)
        yield ends[0], ends[1], random.choice(["TCP", "TCP", "UDP", "SCTP"]), min(max(port, 1), 65535)


def is_in(found: set[Connection], source: Any, destination: Any, protocol: str, port: int) -> bool:
    def same(peer: Workload | Addresses, end: Any) -> bool:
        if isinstance(end, str):
            return isinstance(peer, Addresses) and ip_address(end) in peer
        return isinstance(peer, Workload) and peer.name == end["metadata"]["name"]

    return any(
        same(one.source, source)
        and same(one.destination, destination)
        and one.protocol == protocol
        and one.ports.first <= port <= one.ports.last
        for one in found
    )


@calm
@given(worlds(), st.randoms(use_true_random=False))
def test_the_computed_connections_are_those_of_the_oracle(world: World, random: Random) -> None:
    found = connections(world.load())
    for source, destination, protocol, port in some_points(world, random):
        expected = allows(world.manifests, source, destination, protocol, port, world.pod_cidrs)
        event("allowed" if expected else "denied")
        assert is_in(found, source, destination, protocol, port) == expected, (source, destination, protocol, port)


@calm
@given(worlds())
def test_what_is_allowed_is_wanted_when_it_is_what_is_wanted(world: World) -> None:
    cluster = world.load()
    assert compare(cluster, connections(cluster)) == []


@calm
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_manifests_says_nothing(world: World, random: Random) -> None:
    shuffled = copy.deepcopy(world.manifests)
    random.shuffle(shuffled)
    before, after = connections(world.load()), connections(world._replace(manifests=shuffled).load())
    assert sorted(map(str, before)) == sorted(map(str, after))


@calm
@given(worlds(), policies(9), st.booleans(), st.randoms(use_true_random=False))
def test_differences_are_exactly_what_only_one_side_has(
    world: World, other: Manifest, wider: bool, random: Random
) -> None:
    # One side has a policy more; all blocks are endpoints, so that either side can be said in terms of the other.
    cuts = {f"cut{number}": [cidr] for number, cidr in enumerate(CIDRS)}
    clusters = [load(manifests, cuts, world.pod_cidrs) for manifests in (world.manifests, [*world.manifests, other])]
    cluster, goal = reversed(clusters) if wider else clusters
    allowed, wanted = connections(cluster), connections(goal)
    found: dict[str, set[Connection]] = {MISSING: set(), EXTRA: set()}
    for one in compare(cluster, wanted):
        found[one.kind] |= {Connection(one.source, one.destination, ports) for ports in one.ports}
    for point in some_points(world, random):
        is_allowed, is_wanted = is_in(allowed, *point), is_in(wanted, *point)
        event(f"allowed: {is_allowed}, wanted: {is_wanted}")
        assert is_in(found[MISSING], *point) == (is_wanted and not is_allowed)
        assert is_in(found[EXTRA], *point) == (is_allowed and not is_wanted)


def test_the_oracle_is_not_blind() -> None:
    """The generators reach both answers, and the oracle tells them apart."""
    web, client = deployment("web"), deployment("client")
    deny = {"kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "default"}, "spec": {"podSelector": {}}}
    assert allows([web, client], client, web, "TCP", 80)
    assert not allows([web, client, deny], client, web, "TCP", 80)
    assert container()["ports"] == []
