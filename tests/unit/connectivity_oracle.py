"""A second reading of NetworkPolicy, one packet at a time and straight from the manifests, to hold the first against.

It shares no code with the library: no masks, no ranges, no classes.
"""

from ipaddress import ip_address, ip_network
from typing import Any

Manifest = dict[str, Any]
End = Manifest | str  # a Deployment, or an IP address


def allows(
    manifests: list[Manifest], source: End, destination: End, protocol: str, port: int, pod_cidrs: tuple[str, ...] = ()
) -> bool:
    """Whether source may open this port of destination. Two ends on the host's network or two addresses: undefined."""
    return all(
        _open(manifests, mine, other, direction, destination, protocol, port, pod_cidrs)
        for mine, other, direction in ((source, destination, "egress"), (destination, source, "ingress"))
        if not isinstance(mine, str)
    )


def _open(
    manifests: list[Manifest],
    mine: Manifest,
    other: End,
    direction: str,
    destination: End,
    protocol: str,
    port: int,
    pod_cidrs: tuple[str, ...],
) -> bool:
    applying = [
        one["spec"]
        for one in manifests
        if one["kind"] == "NetworkPolicy"
        and one["metadata"]["namespace"] == mine["metadata"]["namespace"]
        and _matches(one["spec"].get("podSelector"), _labels(mine))
        and direction.title() in _types(one["spec"])
    ]
    if not applying:
        return True
    for spec in applying:
        for rule in spec.get(direction) or []:
            peers = rule.get("from" if direction == "ingress" else "to") or []
            ports = rule.get("ports") or []
            space = mine["metadata"]["namespace"]
            if (not peers or any(_is_peer(manifests, peer, other, space, pod_cidrs) for peer in peers)) and (
                not ports or any(_is_port(one, destination, protocol, port) for one in ports)
            ):
                return True
    return False


def _types(spec: Manifest) -> list[str]:
    if spec.get("policyTypes"):
        return list(spec["policyTypes"])
    return ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _labels(workload: Manifest) -> dict[str, str]:
    return workload["spec"]["template"]["metadata"]["labels"]


def _matches(selector: Manifest | None, labels: dict[str, str]) -> bool:
    selector = selector or {}
    for key, value in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != value:
            return False
    for one in selector.get("matchExpressions") or []:
        value = labels.get(one["key"])
        good = {
            "In": value is not None and value in one.get("values", []),
            "NotIn": value is None or value not in one.get("values", []),
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not good[one["operator"]]:
            return False
    return True


def _is_peer(manifests: list[Manifest], peer: Manifest, other: End, space: str, pod_cidrs: tuple[str, ...]) -> bool:
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        if isinstance(other, str):
            return _holds(block, other)
        # Some address of the pods must be in: the only ones at which the answer can change are ends of blocks.
        ends = [end for cidr in [*pod_cidrs, block["cidr"], *block.get("except", [])] for end in _ends(cidr)]
        return any(_holds(block, end) and any(_in(end, cidr) for cidr in pod_cidrs) for end in ends)
    if isinstance(other, str):
        return False
    home = other["metadata"]["namespace"]
    if "namespaceSelector" in peer:
        found = [one for one in manifests if one["kind"] == "Namespace" and one["metadata"]["name"] == home]
        labels = dict(found[0]["metadata"]["labels"]) if found else {}
        if not _matches(peer["namespaceSelector"], labels | {"kubernetes.io/metadata.name": home}):
            return False
    elif home != space:
        return False
    return _matches(peer.get("podSelector"), _labels(other))


def _ends(cidr: str) -> list[str]:
    """First and last address, and those just outside."""
    network = ip_network(cidr)
    lowest, highest = int(network.network_address), int(network.broadcast_address)
    family = type(network.network_address)
    numbers = {lowest, highest, max(lowest - 1, 0), min(highest + 1, 2**network.max_prefixlen - 1)}
    return [str(family(number)) for number in numbers]


def _in(address: str, cidr: str) -> bool:
    one, network = ip_address(address), ip_network(cidr)
    return one.version == network.version and one in network


def _holds(block: Manifest, address: str) -> bool:
    return _in(address, block["cidr"]) and not any(_in(address, hole) for hole in block.get("except", []))


def _is_port(one: Manifest, destination: End, protocol: str, port: int) -> bool:
    if one.get("protocol", "TCP") != protocol:
        return False
    wanted = one.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return wanted <= port <= one.get("endPort", wanted)
    if isinstance(destination, str):
        return False
    return any(
        own.get("name") == wanted and own.get("protocol", "TCP") == protocol and own["containerPort"] == port
        for container in destination["spec"]["template"]["spec"]["containers"]
        for own in container["ports"]
    )
