"""The estimate as one HTML file that needs nothing else: no network, no script. It is light or dark as the system is.

Every text of the estimate is escaped; every table has headers, and every picture a description.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from trading_platform.cost.charts_svg import services_chart, tiers_chart
from trading_platform.cost.figures import quantity, unit_price, unknowns, usd, usd_total
from trading_platform.cost.model import Estimate, Line, Scenario
from trading_platform.cost.summary import NO_PRICE, Breakdown, breakdowns, prices_dated, unknown_lines
from trading_platform.cost.tree import Node, Subtotal, Subtotals, tree
from trading_platform.pricing import Price
from trading_platform.tables import Section, Table

OPEN: frozenset[str] = frozenset({"region"})  # levels of the tree that are unfolded from the start

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--card:#f6f8fa;--edge:#d0d7de}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9da7b1;--paper:#0d1117;--card:#161b22;--edge:#30363d}}
body{margin:0 auto;max-width:70rem;padding:1rem;background:var(--paper);color:var(--ink)}
body{font:15px/1.5 system-ui,sans-serif}
.cards{display:flex;flex-wrap:wrap;gap:1rem}
.card{flex:1 1 14rem;padding:.8rem 1rem;background:var(--card);border:1px solid var(--edge);border-radius:8px}
.card h2{margin:0;font-size:1rem}
.figure{margin:0;font-size:1.8rem;font-weight:700}
.soft,caption{color:var(--soft)}
.tables{display:flex;flex-wrap:wrap;gap:1rem 2rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:.5rem 0}
caption{text-align:left}
th,td{padding:.15rem .6rem;border-bottom:1px solid var(--edge);text-align:left;vertical-align:top;font-weight:400}
thead th{font-weight:600}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
details{margin-left:1rem}
summary{cursor:pointer}
summary b{float:right;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto}
"""


def estimate_html(estimate: Estimate, more: Sequence[Section] = ()) -> str:
    """The whole page. `more`: what is told beside the estimate, as tables and sentences."""
    root = tree(estimate)
    title = f"Cost of {escape(estimate.environment)}"
    body = [
        f"<h1>{title}</h1>",
        '<p class="soft">USD in a month of 730 hours, at list prices. What is unknown is in no total. '
        f"{escape(prices_dated(estimate))}</p>",
        f'<div class="cards">{"".join(_card(scenario, root.subtotals.of(scenario)) for scenario in Scenario)}</div>',
        _section("By tier", tiers_chart(estimate)),
        _section("By service", services_chart(estimate)),
        _section("Totals", f'<div class="tables">{"".join(map(_breakdown, breakdowns(estimate)))}</div>'),
        *(_section(section.title, "".join(map(_told, section.content))) for section in more),
        _section("Every line", "".join(map(_node, root.nodes))),
        _section("Unknown", _unknown(estimate)),
    ]
    head = (
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>"
    )
    page = ["<!DOCTYPE html>", '<html lang="en">', f"<head>\n{head}\n</head>", "<body>", *body, "</body>", "</html>"]
    return "\n".join(page) + "\n"


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>"


def _told(part: Table | str) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    kinds = [' class="n"' if at in part.right else "" for at in range(len(part.header))]
    head = "".join(f'<th scope="col"{kind}>{escape(cell)}</th>' for cell, kind in zip(part.header, kinds, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(cell)}</td>' for cell, kind in zip(row, kinds, strict=True))}</tr>\n"
        for row in part.rows
    )
    return f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>'


def _card(scenario: Scenario, amounts: Subtotal) -> str:
    parts = f"baseline {usd_total(amounts.baseline)}, usage {usd_total(amounts.usage)}"
    missing = f' <span class="soft">{escape(unknowns(amounts.both))}</span>' if amounts.both.unknown else ""
    return (
        f'<div class="card"><h2>{scenario}</h2><p class="figure">{escape(usd(amounts.both.usd))}</p>'
        f'<p class="soft">{escape(parts)}</p>{missing}</div>'
    )


def _breakdown(found: Breakdown) -> str:
    rows = ((name, [usd_total(amounts.of(scenario).both) for scenario in Scenario]) for name, amounts in found.rows)
    body = "".join(f'<tr><th scope="row">{escape(name)}</th>{_figures(cells)}</tr>' for name, cells in rows)
    return _table(found.title, [found.by, *Scenario], body, figures=len(Scenario))


def _table(caption: str, head: Sequence[str], body: str, figures: int) -> str:
    """A table; `body` is HTML already. The headers of the last `figures` columns stand to the right, as figures do."""
    first = len(head) - figures
    cells = "".join(
        f'<th scope="col"{' class="n"' if index >= first else ""}>{escape(text)}</th>'
        for index, text in enumerate(head)
    )
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{named}<thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


def _figures(cells: Iterable[str]) -> str:
    return "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells)


def _node(node: Node) -> str:
    """A node with everything in it, to fold and unfold."""
    inside = "".join(map(_node, node.nodes)) + (_lines(node) if node.lines else "")
    state = " open" if node.level in OPEN else ""
    amount = escape(_range(node.subtotals))
    return f"<details{state}><summary>{escape(node.title)} <b>{amount}</b></summary>\n{inside}</details>\n"


def _range(amounts: Subtotals) -> str:
    low, high = usd(amounts.low.both.usd), usd(amounts.high.both.usd)
    return f"{usd_total(amounts.typical.both)} ({low} to {high})"


def _lines(node: Node) -> str:
    head = ["name", "kind", "price", "unit", "quantity", *Scenario]
    return _table("", head, "".join(_line(node, line) for line in node.lines), figures=len(Scenario) + 1)


def _line(node: Node, line: Line) -> str:
    note = f'<br><span class="soft">{escape(line.note)}</span>' if line.note else ""
    used = line.quantities
    amounts = [quantity(used.typical), *(usd(line.monthly(scenario)) for scenario in Scenario)]
    return (
        f'<tr><th scope="row">{escape(node.line_title(line))}{note}</th><td>{line.kind}</td>'
        f"<td>{_price(line.price)}</td><td>{escape(line.unit)}</td>{_figures(amounts)}</tr>"
    )


def _price(price: Price | None) -> str:
    """The price of the first unit, where it comes from and how certain it is."""
    if price is None:
        return NO_PRICE
    tiered = " and less for more" if len(price.tiers) > 1 else ""
    said = ", ".join(part for part in (price.certainty, price.as_of, price.source) if part)
    return f'{unit_price(price.usd)}{tiered}<br><span class="soft">{escape(said)}</span>'


def _unknown(estimate: Estimate) -> str:
    return f"<ul>{''.join(_unknown_items(estimate))}</ul>" if unknown_lines(estimate) else "<p>Nothing.</p>"


def _unknown_items(estimate: Estimate) -> Iterator[str]:
    for one in unknown_lines(estimate):
        where = " / ".join((one.line.region, one.line.tier, one.line.resource, one.line.name))
        when = f" ({one.when})" if one.when else ""
        yield f"<li>{escape(where)}{when}: {escape(one.why)}</li>"
