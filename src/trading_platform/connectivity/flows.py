"""Read a list of wanted flows, such as `networkPolicy.flows` of a chart's values, into connections.

    - from: websocket                 # a workload or an endpoint, or a list of them
      to: [api]
      ports: [http, 8080, udp/8000-8010]
      protocols: [TCP]                # of ports that do not say; optional, TCP
      why: orders go through the API  # other keys are for readers

A port is a number, a range, `protocol/number`, `protocol/first-last`, `protocol/all`, a name with or without a
protocol, or a mapping as in a NetworkPolicy; `ports: all` is every port. A name is one of `port_names`, or else that of
a container port of the destination.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trading_platform.connectivity.addresses import Addresses
from trading_platform.connectivity.model import (
    ALL_PORTS,
    LAST_PORT,
    Connection,
    ConnectivityError,
    Peer,
    PolicyPort,
    PortRange,
    Ports,
    Workload,
    merge_ports,
)
from trading_platform.connectivity.policies import read_policy_port
from trading_platform.connectivity.read import Cluster
from trading_platform.connectivity.values import ValueProblem, read_list, read_port, read_protocol

_NUMBERS = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?")


def read_flows(
    cluster: Cluster,
    flows: Iterable[Mapping[str, Any]],
    aliases: Mapping[str, Sequence[str]] | None = None,
    port_names: Mapping[str, int] | None = None,
) -> set[Connection]:
    """The connections that a list of flows asks for.

    Args:
        cluster: what `load` returned.
        flows: see above.
        aliases: names that stand for workloads or endpoints in `from` and `to`, such as `*` for every workload.
        port_names: names that stand for port numbers.

    Raises:
        ConnectivityError: with everything that is wrong.
    """
    problems: list[str] = []
    wanted: set[Connection] = set()
    for index, flow in enumerate(flows):
        path = f"flows[{index}]"
        if not isinstance(flow, Mapping):
            problems.append(f"{path}: must be a mapping with from, to and ports, not {flow!r}")
            continue
        before = len(problems)
        sources = _read_peers(cluster, flow.get("from"), aliases or {}, f"{path}.from", problems)
        destinations = _read_peers(cluster, flow.get("to"), aliases or {}, f"{path}.to", problems)
        for destination in destinations:
            ports = _read_ports(flow, destination, port_names or {}, path, problems)
            if len(problems) == before:
                wanted |= {Connection(source, destination, one) for source in sources for one in ports}
    if problems:
        raise ConnectivityError(list(dict.fromkeys(problems)))
    return wanted


def _read_peers(
    cluster: Cluster, value: object, aliases: Mapping[str, Sequence[str]], path: str, problems: list[str]
) -> list[Peer]:
    names: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    if not names or not all(isinstance(name, str) for name in names):
        problems.append(f"{path}: must be the name of a workload or an endpoint, or a list of names, not {value!r}")
        return []
    peers: list[Peer] = []
    for name in (own for one in names for own in aliases.get(one, [one])):
        try:
            peer = cluster.find(name)
        except ConnectivityError as error:
            problems += [f"{path}: {problem}" for problem in error.problems]
            continue
        if isinstance(peer, Workload) and peer.host_network:
            advice = "name an endpoint with the addresses of its nodes"
            problems.append(f"{path}: {name} uses the host's network, where policies do not apply; {advice}")
        peers.append(peer)
    return peers


def _read_ports(
    flow: Mapping[str, Any], destination: Peer, port_names: Mapping[str, int], path: str, problems: list[str]
) -> Ports:
    value = flow.get("ports")
    if value == "all":
        return ALL_PORTS
    if not isinstance(value, list | tuple) or not value:
        problems.append(f"{path}.ports: must be a list of ports, or the word all, not {value!r}")
        return ()
    ports: list[PortRange] = []
    try:
        given = enumerate(read_list(flow.get("protocols"), f"{path}.protocols"))
        protocols = [read_protocol(one, f"{path}.protocols[{index}]") for index, one in given] or ["TCP"]
        for index, entry in enumerate(value):
            at = f"{path}.ports[{index}]"
            for protocol in protocols:
                ports += _resolve(_read_port(entry, protocol, port_names, at), destination, at)
    except ValueProblem as problem:
        problems.append(str(problem))
    return merge_ports(ports)


def _read_port(entry: object, protocol: str, port_names: Mapping[str, int], path: str) -> PolicyPort:
    if isinstance(entry, Mapping):
        return read_policy_port({"protocol": protocol, **entry}, path)
    if not isinstance(entry, str):
        return read_policy_port({"protocol": protocol, "port": entry}, path)
    own, _, name = entry.rpartition("/")
    protocol = read_protocol(own.upper() or protocol, path)
    numbers = _NUMBERS.fullmatch(name)
    if numbers:
        last = {"endPort": int(numbers["last"])} if numbers["last"] else {}
        return read_policy_port({"protocol": protocol, "port": int(numbers["first"]), **last}, path)
    if name in port_names:
        return read_policy_port({"protocol": protocol, "port": read_port(port_names[name], f"port {name}")}, path)
    if name == "all":
        return PolicyPort("", PortRange(protocol, 1, LAST_PORT))
    return read_policy_port({"protocol": protocol, "port": name}, path)


def _resolve(port: PolicyPort, destination: Peer, path: str) -> list[PortRange]:
    if not port.name:
        return [port.range]
    if isinstance(destination, Addresses):
        raise ValueProblem(f"{path}: {port.name} is a name, and addresses have no named ports; write a number")
    protocol = port.range.protocol
    numbers = [own.number for own in destination.ports if (own.name, own.protocol) == (port.name, protocol)]
    if not numbers:
        names = sorted(f"{own.name} ({own.protocol})" for own in destination.ports if own.name)
        raise ValueProblem(f"{path}: {destination} has no {protocol} port {port.name}, only: {', '.join(names) or '-'}")
    return [PortRange(protocol, number, number) for number in numbers]
