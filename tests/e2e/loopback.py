"""Addresses and ports on this machine that stand for those of the cluster.

Linux answers on all of 127.0.0.0/8: every pod gets an address of its own, as in a cluster, in a network of this run's
own. A port is the same on all of them, but another number than in the chart: on this machine 9090 may be taken.
"""

import random
import socket
from dataclasses import dataclass, field


def _network() -> str:
    """Three numbers that nobody else is likely to use at the moment."""
    return f"127.{random.randint(64, 254)}.{random.randint(0, 254)}"


def _free_port() -> int:
    """A port that nobody listens at on any address."""
    with socket.socket() as probe:
        probe.bind(("0.0.0.0", 0))  # noqa: S104  (to find one that is free everywhere; nothing listens)
        return int(probe.getsockname()[1])


@dataclass
class Loopback:
    """Name of a pod or node to its address, and number of each port of the chart to the one that stands for it."""

    network: str = field(default_factory=_network)
    addresses: dict[str, str] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """The address of a pod or node."""
        return self.addresses.setdefault(name, f"{self.network}.{len(self.addresses) + 1}")

    def port(self, rendered: int) -> int:
        """The port that stands for one of the chart."""
        if rendered not in self.ports:
            self.ports[rendered] = next(port for port in iter(_free_port, None) if port not in self.ports.values())
        return self.ports[rendered]

    def host(self, name: str, rendered: int) -> str:
        """Address and port of a pod or node: 127.80.3.7:41234."""
        return f"{self.address(name)}:{self.port(rendered)}"
