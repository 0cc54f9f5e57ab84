"""Draw connections as one self-contained SVG picture: a matrix with a row a source and a column a destination.

The colour of a cell says how far a connection goes; the ports in it, and its tooltip, say the same without colour.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from textwrap import wrap

from trading_platform.cidr_svg import FREE, INK, MARGIN, MONO, MONO_WIDTH, SANS, SOFT
from trading_platform.connectivity.addresses import Addresses
from trading_platform.connectivity.model import ALL_PORTS, Connection, Peer, Ports, Workload, ports_text
from trading_platform.connectivity.report import Matrix, by_pair, label_peers, sort_peers

ROW_HEIGHT = 26
LINE = 14
COLUMN_WIDTH = 52
GROUP = 24  # pixels before the first row or column of a namespace, for its name
SANS_WIDTH = 7.2  # pixels of a character of the 13 px text, with room to spare
LEGEND_WIDTH = 790
SLANT = 0.71  # of labels at 45 degrees

# From Paul Tol's "muted" scheme, as in the picture of the address space: fill and ink.
NEAR = ("#117733", "#ffffff")
FAR = ("#332288", "#ffffff")
OUTSIDE = ("#88ccee", INK)
OPEN = ("#882255", "#ffffff")
LEGEND = (
    (NEAR, "within a namespace"),
    (FAR, "between namespaces"),
    (OUTSIDE, "to or from addresses outside the cluster"),
    (OPEN, "every port"),
)
STYLE = (
    f"text{{font-family:{SANS};fill:{INK};font-size:13px}}.m{{font-family:{MONO};font-size:11px;text-anchor:middle}}"
    f".s{{fill:{SOFT};font-size:12px}}.h{{font-size:20px;font-weight:700}}.e{{text-anchor:end}}"
)

Spans = Mapping[Peer, tuple[float, float]]  # where a row or column begins, and its height or width


def matrix_svg(connections: Iterable[Connection], title: str = "Allowed connections") -> str:
    """The picture, as the text of an SVG file; the same for the same set."""
    pairs = by_pair(connections)
    rows, columns = sort_peers(source for source, _ in pairs), sort_peers(destination for _, destination in pairs)
    labels, notes = label_peers([*rows, *columns])
    left = MARGIN + max([_width(name) for row in rows for name in (labels[row], _group(row))] or [0])
    slanted = [_width(name) * SLANT for column in columns for name in (labels[column], _group(column))]
    widths, heights = _sizes(pairs)
    xs = _spans(columns, widths, left)
    ys = _spans(rows, heights, MARGIN + 84 + max(slanted or [0]))
    width = max(
        LEGEND_WIDTH, max((x + size + _width(labels[peer]) * SLANT for peer, (x, size) in xs.items()), default=0)
    )
    body = [
        *_legend(MARGIN + 44),
        *_rows(rows, labels, xs, ys),
        *_columns(columns, labels, xs, ys),
        *(line for pair, ports in pairs.items() for line in _cell(pair, ports, xs, ys)),
    ]
    bottom = max((y + size for y, size in ys.values()), default=MARGIN + 84)
    for note in notes:
        for line in wrap(note, int((width - MARGIN) / SANS_WIDTH)):
            bottom += LINE + 4
            body.append(_text(MARGIN, bottom, line, "s"))
    return "\n".join([*_head(title, pairs, width + MARGIN, bottom + MARGIN), *body, "</svg>", ""])


def _head(title: str, pairs: Matrix, width: float, height: float) -> list[str]:
    flows = ". ".join(f"{source} to {target}: {ports_text(ports)}" for (source, target), ports in pairs.items())
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(flows or "Nothing may connect to anything")}.</desc>',
        f"<style>{STYLE}</style>",
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#ffffff"/>',
        _text(MARGIN, MARGIN + 14, title, "h"),
    ]


def _text(x: float, y: float, text: str, css: str = "", more: str = "") -> str:
    style = f' class="{css}"' if css else ""
    return f'<text x="{x:g}" y="{y:g}"{style}{more}>{escape(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str, hint: str = "") -> str:
    shape = f'<rect x="{x + 1:g}" y="{y + 1:g}" width="{width - 2:g}" height="{height - 2:g}" rx="3" fill="{fill}"'
    return f"{shape}><title>{escape(hint)}</title></rect>" if hint else f"{shape}/>"


def _width(text: str) -> float:
    return len(text) * SANS_WIDTH


def _group(peer: Peer) -> str:
    return peer.namespace if isinstance(peer, Workload) else "outside the cluster"


def _first_of_groups(peers: Sequence[Peer]) -> set[Peer]:
    return {peer for at, peer in enumerate(peers) if not at or _group(peers[at - 1]) != _group(peer)}


def _spans(peers: Sequence[Peer], sizes: Mapping[Peer, float], start: float) -> Spans:
    spans = {}
    firsts = _first_of_groups(peers)
    for peer in peers:
        start += GROUP if peer in firsts else 0
        spans[peer] = (start, sizes[peer])
        start += sizes[peer]
    return spans


def _lines(ports: Ports) -> list[str]:
    """What stands in a cell; TCP goes without saying."""
    if ports == ALL_PORTS:
        return ["all"]
    return [text if text == "tcp/all" else text.removeprefix("tcp/") for text in map(str, ports)]


def _sizes(pairs: Matrix) -> tuple[dict[Peer, float], dict[Peer, float]]:
    """The widths of columns and the heights of rows, so that every cell's text fits."""
    widths: dict[Peer, float] = {}
    heights: dict[Peer, float] = {}
    for (source, destination), ports in pairs.items():
        lines = _lines(ports)
        width = max(len(line) for line in lines) * MONO_WIDTH + 12
        widths[destination] = max(COLUMN_WIDTH, width, widths.get(destination, 0))
        heights[source] = max(ROW_HEIGHT, LINE * len(lines) + 8, heights.get(source, 0))
    return widths, heights


def _rows(rows: Sequence[Peer], labels: Mapping[Peer, str], xs: Spans, ys: Spans) -> list[str]:
    """Labels and empty cells, and above the first row of each namespace its name."""
    lines = []
    firsts = _first_of_groups(rows)
    edge = min((x for x, _ in xs.values()), default=0) - 10
    for row in rows:
        y, height = ys[row]
        if row in firsts:
            lines.append(_text(MARGIN, y - 6, _group(row), "s"))
        lines.append(_text(edge, y + height / 2 + 4, labels[row], "e"))
        lines += [_rect(x, y, width, height, FREE) for x, width in xs.values()]
    return lines


def _columns(columns: Sequence[Peer], labels: Mapping[Peer, str], xs: Spans, ys: Spans) -> list[str]:
    """Slanted labels, and before the first column of each namespace its name."""
    y = min((y for y, _ in ys.values()), default=0) - 8
    lines = []
    firsts = _first_of_groups(columns)
    for column in columns:
        x, width = xs[column]
        if column in firsts:
            lines.append(_slanted(x - GROUP / 2 + 4, y, _group(column), "s"))
        lines.append(_slanted(x + width / 2 + 4, y, labels[column]))
    return lines


def _slanted(x: float, y: float, text: str, css: str = "") -> str:
    return _text(x, y, text, css, f' transform="rotate(-45 {x:g} {y:g})"')


def _colour(source: Peer, destination: Peer, ports: Ports) -> tuple[str, str]:
    """Fill and ink of a cell."""
    if ports == ALL_PORTS:
        return OPEN
    if isinstance(source, Addresses) or isinstance(destination, Addresses):
        return OUTSIDE
    return NEAR if source.namespace == destination.namespace else FAR


def _cell(pair: tuple[Peer, Peer], ports: Ports, xs: Spans, ys: Spans) -> list[str]:
    (x, width), (y, height) = xs[pair[1]], ys[pair[0]]
    fill, ink = _colour(*pair, ports)
    texts = _lines(ports)
    first = y + height / 2 + 4 - (len(texts) - 1) * LINE / 2
    style = f' style="fill:{ink}" pointer-events="none"'
    return [
        _rect(x, y, width, height, fill, f"{pair[0]} -> {pair[1]} {ports_text(ports)}"),
        *(_text(x + width / 2, first + at * LINE, text, "m", style) for at, text in enumerate(texts)),
    ]


def _legend(y: float) -> list[str]:
    lines = []
    x = float(MARGIN)
    for (fill, _), text in LEGEND:
        lines.append(_rect(x, y - 11, 18, 14, fill))
        lines.append(_text(x + 24, y, text, "s"))
        x += 24 + len(text) * 6.9 + 18
    note = "Rows open connections to columns. Ports are TCP unless it says otherwise."
    return [*lines, _text(MARGIN, y + 22, note, "s")]
