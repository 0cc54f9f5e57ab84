"""Show connections as a list of lines and as a Markdown matrix: rows are sources, columns destinations."""

from collections.abc import Iterable, Mapping

from trading_platform.connectivity.addresses import Addresses
from trading_platform.connectivity.model import ALL_PORTS, Connection, Peer, PortRange, Ports, merge_ports, ports_text

LONGEST_LABEL = 36  # characters

Matrix = Mapping[tuple[Peer, Peer], Ports]


def by_pair(connections: Iterable[Connection]) -> Matrix:
    """(source, destination) -> ports, sorted: workloads by namespace and name, then addresses."""
    pairs: dict[tuple[Peer, Peer], list[PortRange]] = {}
    for connection in sorted(connections, key=lambda one: one.sort_key):
        pairs.setdefault((connection.source, connection.destination), []).append(connection.ports)
    return {pair: merge_ports(ports) for pair, ports in pairs.items()}


def sort_peers(peers: Iterable[Peer]) -> list[Peer]:
    return sorted(set(peers), key=lambda peer: peer.sort_key)


def label_peers(peers: Iterable[Peer]) -> tuple[dict[Peer, str], list[str]]:
    """Peer -> label, and the notes that long ones stand for."""
    labels: dict[Peer, str] = {}
    notes: list[str] = []
    for peer in sort_peers(peers):
        labels[peer] = str(peer)
        if len(labels[peer]) > LONGEST_LABEL:
            notes.append(f"[{len(notes) + 1}] {peer}")
            labels[peer] = f"{'addresses' if isinstance(peer, Addresses) else peer.name} [{len(notes)}]"
    return labels, notes


def list_text(connections: Iterable[Connection]) -> str:
    """A line for each pair: `api -> database tcp/5432`."""
    pairs = by_pair(connections)
    return "".join(f"{source} -> {destination} {ports_text(ports)}\n" for (source, destination), ports in pairs.items())


def matrix_markdown(connections: Iterable[Connection]) -> str:
    """A table of who may open which ports of whom, of those that occur in a connection; the same for the same set."""
    pairs = by_pair(connections)
    rows = sort_peers(source for source, _ in pairs)
    columns = sort_peers(destination for _, destination in pairs)
    if not pairs:
        return "Nothing may connect to anything.\n"
    labels, notes = label_peers([*rows, *columns])
    lines = [
        "| from \\ to | " + " | ".join(labels[column] for column in columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for row in rows:
        cells = (_ports_cell(pairs.get((row, column), ())) for column in columns)
        lines.append(f"| **{labels[row]}** | " + " | ".join(cells) + " |")
    for note in notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"


def _ports_cell(ports: Ports) -> str:
    return ports_text(ports) if ports == ALL_PORTS else "<br>".join(str(one) for one in ports)
