"""The estimate for a pull request: totals first, and every line of a region in a table that unfolds."""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from trading_platform.cost.figures import quantity, usd, usd_total
from trading_platform.cost.model import Estimate, Kind, Line, Scenario
from trading_platform.cost.summary import breakdowns, prices_dated, unknown_lines
from trading_platform.cost.tree import Node, Subtotals, tree

# What Markdown or GitHub could take for markup, in whatever place.
_SPECIAL = re.compile(r"([\\`*_\[\]|~#$!]|:(?=\w)|^>)")
_SCENARIOS = tuple(str(scenario) for scenario in Scenario)


def estimate_markdown(estimate: Estimate, scenario: Scenario = Scenario.TYPICAL) -> str:
    """The whole report. The lines are those of one scenario, the totals are those of all."""
    root = tree(estimate)
    parts = [
        f"### Cost of {plain(estimate.environment)}",
        "USD in a month of 730 hours. What is unknown is in no total.",
        table(("", *_SCENARIOS), _totals(root), figures=len(_SCENARIOS)),
        *(
            folded(found.title, table((found.by, *_SCENARIOS), _rows(found.rows), figures=len(_SCENARIOS)))
            for found in breakdowns(estimate)
        ),
        *(_region(node, scenario) for node in root.nodes),
        prices_dated(estimate),
        _unknown(estimate),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Text that means nothing to Markdown, on one line; for a cell or a paragraph."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;"))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], figures: int) -> str:
    """A table; cells are Markdown already. The last `figures` columns are aligned to the right."""
    marks = ["---"] * (len(head) - figures) + ["---:"] * figures
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, marks, *rows))


def folded(title: str, body: str) -> str:
    """Something that unfolds at a click. The blank lines make GitHub read the body as Markdown."""
    return f"<details><summary>{escape(title)}</summary>\n\n{body}\n\n</details>"


def bold(cells: Iterable[str]) -> list[str]:
    """Cells in bold print; empty ones stay empty."""
    return [f"**{cell}**" if cell else "" for cell in cells]


def _totals(root: Node) -> list[list[str]]:
    amounts = [root.subtotals.of(scenario) for scenario in Scenario]
    return [
        bold(["total", *(usd_total(one.both) for one in amounts)]),
        ["baseline", *(usd_total(one.baseline) for one in amounts)],
        ["usage", *(usd_total(one.usage) for one in amounts)],
    ]


def _rows(rows: Iterable[tuple[str, Subtotals]]) -> Iterator[list[str]]:
    for name, amounts in rows:
        yield [plain(name), *(usd_total(amounts.of(scenario).both) for scenario in Scenario)]


def _region(region: Node, scenario: Scenario) -> str:
    """Every line of a region, and above the lines of a tier what they add up to."""
    rows = [row for tier in region.nodes for row in _tier(tier, scenario)]
    head = ("tier, resource", "name", "unit", "quantity", "monthly")
    title = f"{region.title}: {usd_total(region.subtotals.of(scenario).both)} in a {scenario} month"
    return folded(title, table(head, rows, figures=2))


def _tier(tier: Node, scenario: Scenario) -> Iterator[list[str]]:
    yield bold([plain(tier.title), "", "", "", usd_total(tier.subtotals.of(scenario).both)])
    for resource in tier.nodes:
        for line in resource.lines:
            yield [plain(resource.title), *_line(resource, line, scenario)]


def _line(resource: Node, line: Line, scenario: Scenario) -> list[str]:
    name = plain(resource.line_title(line)) + (" (usage)" if line.kind is Kind.USAGE else "")
    note = f"<br>{plain(line.note)}" if line.note else ""
    amounts = (quantity(line.quantities.of(scenario)), usd(line.monthly(scenario)))
    return [name + note, plain(line.unit), *amounts]


def _unknown(estimate: Estimate) -> str:
    found = unknown_lines(estimate)
    if not found:
        return "Nothing is unknown."
    lines = ["Unknown:", ""]
    for one in found:
        where = plain(" / ".join((one.line.region, one.line.tier, one.line.resource, one.line.name)))
        lines.append(f"- {where}{f' ({one.when})' if one.when else ''}: {plain(one.why)}")
    return "\n".join(lines)
