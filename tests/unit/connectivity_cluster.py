"""Manifests for the connectivity tests, and the question that most of them ask."""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from trading_platform.connectivity import Addresses, Workload, connections, load

Manifest = dict[str, Any]
Port = tuple[str, int] | tuple[str, int, str]


def namespace(name: str, **labels: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def container(ports: Sequence[Port] = (), **more: Any) -> Manifest:
    keys = ("name", "containerPort", "protocol")
    return {"name": "main", "ports": [dict(zip(keys, port, strict=False)) for port in ports], **more}


def deployment(
    name: str,
    namespace: str = "default",
    labels: Mapping[str, str] | None = None,
    ports: Sequence[Port] = (("http", 80),),
    **pod_spec: Any,
) -> Manifest:
    """A Deployment whose pods have the label app=<name>, or the given ones."""
    own = {"app": name} if labels is None else dict(labels)
    template = {"metadata": {"labels": own}, "spec": {"containers": [container(ports)], **pod_spec}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"selector": {"matchLabels": own}, "template": template},
    }


def policy(name: str, select: Any = None, namespace: str = "default", **spec: Any) -> Manifest:
    """A NetworkPolicy for the pods with these labels, or for all."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"podSelector": labelled(**(select or {})), **spec},
    }


def labelled(**labels: str) -> Manifest:
    return {"matchLabels": labels} if labels else {}


def pods(**labels: str) -> Manifest:
    """A peer: pods with these labels in the policy's namespace."""
    return {"podSelector": labelled(**labels)}


def spaces(**labels: str) -> Manifest:
    """A peer: all pods of namespaces with these labels."""
    return {"namespaceSelector": labelled(**labels)}


def block(cidr: str, *holes: str) -> Manifest:
    return {"ipBlock": {"cidr": cidr, "except": list(holes)} if holes else {"cidr": cidr}}


class Reach:
    """Asks the computed connections of a cluster: `reach("web", "db", 5432)`, with names or IP addresses."""

    def __init__(self, *manifests: Manifest, **options: Any) -> None:
        self.cluster = load(manifests, **options)
        self.connections = connections(self.cluster)

    def __call__(self, source: str, destination: str, port: int = 80, protocol: str = "TCP") -> bool:
        return any(
            self._is(one.source, source)
            and self._is(one.destination, destination)
            and one.protocol == protocol
            and one.ports.first <= port <= one.ports.last
            for one in self.connections
        )

    def _is(self, peer: Workload | Addresses, name: str) -> bool:
        try:
            address = ip_address(name)
        except ValueError:
            return peer == self.cluster.find(name)
        return isinstance(peer, Addresses) and address in peer

    def ports(self, source: str, destination: str) -> list[str]:
        """The ranges of ports between two that have names."""
        ends = (self.cluster.find(source), self.cluster.find(destination))
        return sorted(str(one.ports) for one in self.connections if (one.source, one.destination) == ends)

    def text(self) -> list[str]:
        return sorted(str(one) for one in self.connections)
