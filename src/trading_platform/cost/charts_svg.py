"""Charts of an estimate as SVG: by tier in every scenario, and by service.

Each picture stands alone and can stand in a page, where its letters take the page's font. It has colours for light and
for dark pages; titles and the figures beside the bars say the same without colour.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from trading_platform.cost.figures import usd, usd_total
from trading_platform.cost.model import Estimate, Scenario
from trading_platform.cost.summary import breakdown
from trading_platform.cost.tree import Subtotals, subtotals

WIDTH = 900
LABELS = 150  # pixels left of the bars
FIGURES = 190  # and right of them
BAR = 30
GAP = 1  # pixel between the parts of a bar
ROW = 44
THIN_BAR = 14
THIN_ROW = 24
LEGEND_COLUMNS = 3
LEGEND_ROW = 22
LETTER = 7.2  # pixels of a character, on average

# Paul Tol's "muted" and "light" schemes, made to be told apart with any colour vision: https://personal.sron.nl/~pault/
LIGHT = ("#332288", "#117733", "#882255", "#44aa99", "#aa4499", "#999933", "#cc6677", "#88ccee", "#ddcc77")
DARK = ("#77aadd", "#44bb99", "#ee8866", "#bbcc33", "#ffaabb", "#eedd88", "#99ddff", "#aaaa00", "#dddddd")
PALE_INK = (0, 1, 2, 4)  # colours of LIGHT that need white letters


def _style() -> str:
    light = "".join(f".cost-chart .c{index}{{fill:{colour}}}" for index, colour in enumerate(LIGHT))
    pale = "".join(f".cost-chart .i{index}{{fill:#fff}}" for index in PALE_INK)
    dark = "".join(f".cost-chart .c{index}{{fill:{colour}}}" for index, colour in enumerate(DARK))
    return (
        ".cost-chart{font-family:system-ui,sans-serif;font-size:13px}.cost-chart text{fill:#1b1f24}"
        ".cost-chart .e{text-anchor:end}.cost-chart .m{text-anchor:middle}"
        ".cost-chart .range{stroke:#57606a;stroke-width:2}.cost-chart .bar{fill:#88ccee}"
        f"{light}{pale}"
        "@media (prefers-color-scheme:dark){.cost-chart text{fill:#e6edf3}"
        ".cost-chart .range{stroke:#c9d1d9}.cost-chart .bar{fill:#4477aa}"
        f"{dark}.cost-chart text.ink{{fill:#1b1f24}}}}"
    )


STYLE = _style()


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a bar. `colour`: its place in the scheme."""

    name: str
    amount: Decimal
    colour: int


def tiers_chart(estimate: Estimate) -> str:
    """A bar for each scenario, made of its tiers, on one scale; below, which colour is which tier."""
    rows = breakdown(estimate, "tier").rows
    totals = subtotals(estimate.lines)
    most = max(totals.of(scenario).both.usd for scenario in Scenario)
    body: list[str] = []
    for number, scenario in enumerate(Scenario):
        y = number * ROW
        body.append(_text(LABELS - 10, y + BAR / 2 + 5, scenario, "e"))
        body += _stack(_parts(rows, scenario), most, y)
        end = LABELS + _length(totals.of(scenario).both.usd, most)
        body.append(_text(end + 8, y + BAR / 2 + 5, usd_total(totals.of(scenario).both)))
    top = len(Scenario) * ROW + 12
    body += _legend([name for name, _ in rows], top)
    height = top + -(-len(rows) // LEGEND_COLUMNS) * LEGEND_ROW
    said = "; ".join(f"{scenario}: {_said(_parts(rows, scenario))}" for scenario in Scenario)
    return _picture("cost-by-tier", "Cost by tier, USD a month", said, body, height)


def services_chart(estimate: Estimate) -> str:
    """A bar for each service in a typical month, dearest first, and a thin line from low to high."""
    rows = breakdown(estimate, "service").rows
    most = max((amounts.of(scenario).both.usd for _, amounts in rows for scenario in Scenario), default=Decimal(0))
    body: list[str] = []
    for number, (name, amounts) in enumerate(rows):
        body += _service(name, amounts, most, number * THIN_ROW)
    body.append(_text(LABELS, len(rows) * THIN_ROW + 14, "bar: a typical month; line: from low to high"))
    said = "; ".join(f"{name} {_range(amounts)}" for name, amounts in rows) or "nothing"
    return _picture("cost-by-service", "Cost by service, USD a month", said, body, len(rows) * THIN_ROW + 24)


def _picture(name: str, title: str, description: str, body: Iterable[str], height: float) -> str:
    """`name` is that of the picture within a page."""
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cost-chart" viewBox="0 0 {WIDTH} {height:g}" '
        f'role="img" aria-labelledby="{name}-title {name}-desc">',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(description)}</desc>',
        f"<style>{STYLE}</style>",
    ]
    return "\n".join([*head, *body, "</svg>", ""])


def _length(amount: Decimal, most: Decimal) -> float:
    """Pixels of an amount, where `most` has all that there are."""
    return float(amount / most) * (WIDTH - LABELS - FIGURES) if most else 0.0


def _parts(rows: Iterable[tuple[str, Subtotals]], scenario: Scenario) -> list[_Part]:
    return [
        _Part(name, amounts.of(scenario).both.usd, number % len(LIGHT)) for number, (name, amounts) in enumerate(rows)
    ]


def _said(parts: Sequence[_Part]) -> str:
    return ", ".join(f"{part.name} {usd(part.amount)}" for part in parts) or "nothing"


def _stack(parts: Iterable[_Part], most: Decimal, y: float) -> Iterator[str]:
    """The parts side by side; the name of one stands in it where it fits."""
    x = float(LABELS)
    for part in parts:
        width = _length(part.amount, most)
        if width > 0:
            yield _rect(
                x,
                y,
                width - GAP if width > 2 * GAP else width,
                BAR,
                f"c{part.colour}",
                f"{part.name} {usd(part.amount)}",
            )
        if width > len(part.name) * LETTER + 8:
            yield _text(x + width / 2, y + BAR / 2 + 5, part.name, f"m ink i{part.colour}")
        x += width


def _legend(names: Sequence[str], top: float) -> Iterator[str]:
    for number, name in enumerate(names):
        x = LABELS + number % LEGEND_COLUMNS * 220
        y = top + number // LEGEND_COLUMNS * LEGEND_ROW
        yield _rect(x, y, 14, 14, f"c{number % len(LIGHT)}", name)
        yield _text(x + 22, y + 12, name)


def _service(name: str, amounts: Subtotals, most: Decimal, y: float) -> Iterator[str]:
    low, typical, high = (_length(amounts.of(scenario).both.usd, most) for scenario in Scenario)
    middle = y + THIN_BAR / 2
    yield _text(LABELS - 10, y + 12, name, "e")
    yield _rect(LABELS, y, typical, THIN_BAR, "bar", f"{name} {_range(amounts)}")
    yield f'<path class="range" d="M{LABELS + low:.1f} {middle:g}H{LABELS + high:.1f}"/>'
    yield _text(LABELS + max(typical, high) + 8, y + 12, usd_total(amounts.typical.both))


def _range(amounts: Subtotals) -> str:
    low, typical, high = (usd_total(amounts.of(scenario).both) for scenario in Scenario)
    return f"{typical} (low {low}, high {high})"


def _rect(x: float, y: float, width: float, height: float, css: str, hint: str) -> str:
    shape = f'<rect class="{css}" x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{height:g}"'
    return f"{shape}><title>{escape(hint)}</title></rect>"


def _text(x: float, y: float, text: str, css: str = "") -> str:
    style = f' class="{css}"' if css else ""
    return f'<text x="{x:.1f}" y="{y:g}"{style}>{escape(text)}</text>'
