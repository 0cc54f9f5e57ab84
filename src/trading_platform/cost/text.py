"""The estimate for a terminal: a tree with quantities and amounts, then the totals of all scenarios side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from trading_platform.cost.figures import quantity, unknowns, usd
from trading_platform.cost.model import Estimate, Kind, Line, Scenario, Total
from trading_platform.cost.summary import breakdowns, prices_dated, unknown_lines
from trading_platform.cost.tree import Node, Subtotals, tree

WIDTH = 120  # columns
GAP = "  "
SHORTEST = 24  # columns that a name has at least, however wide the figures are
USED = " *"
LEGEND = "* depends on use. What is unknown is in no total."


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the tree: `lead` before the first line of its name, `more` before those that follow, and the figures."""

    lead: str
    more: str
    name: str
    cells: tuple[str, ...] = ("", "", "", "")


def estimate_text(estimate: Estimate, scenario: Scenario = Scenario.TYPICAL) -> str:
    """The whole report, at most 120 columns wide. The tree is that of one scenario, the totals are those of all."""
    root = tree(estimate)
    parts = [
        f"Cost of {estimate.environment}, a {scenario} month of 730 hours, in USD",
        _tree_table(root, scenario),
        LEGEND,
        _totals_table(estimate, root),
        prices_dated(estimate),
        _unknown_list(estimate),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def aligned(rows: Sequence[Sequence[str]], aligns: str) -> list[str]:
    """Rows of cells in columns, two blanks apart. `aligns`: < or > for each column, < for text and > for figures."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        GAP.join(f"{cell:{align}{width}}" for cell, align, width in zip(row, aligns, widths, strict=True)).rstrip()
        for row in rows
    ]


def _tree_table(root: Node, scenario: Scenario) -> str:
    rows = [_Row("", "", "Name", ("Quantity", "Unit", "Monthly", ""))]
    for region in root.nodes:
        rows.append(_Row("", "", region.title, _amount(region.subtotals.of(scenario).both)))
        rows += _below(region, "", scenario)
    rows.append(_Row("", "", "Total", _amount(root.subtotals.of(scenario).both)))
    figures = sum(max(map(len, column)) + len(GAP) for column in zip(*(row.cells for row in rows), strict=True))
    room = max(SHORTEST, WIDTH - figures)
    return "\n".join(aligned([cells for row in rows for cells in _wrapped(row, room)], "<><><"))


def _below(node: Node, indent: str, scenario: Scenario) -> Iterator[_Row]:
    """The rows of everything in a node."""
    children: tuple[Node | Line, ...] = (*node.nodes, *node.lines)
    for number, child in enumerate(children, start=1):
        lead, more = ("└─ ", "   ") if number == len(children) else ("├─ ", "│  ")
        if isinstance(child, Node):
            amount = _amount(child.subtotals.of(scenario).both)
            yield _Row(indent + lead, indent + more, child.title, amount)
            yield from _below(child, indent + more, scenario)
        else:
            yield from _line(node, child, indent + lead, indent + more, scenario)


def _line(node: Node, line: Line, lead: str, more: str, scenario: Scenario) -> Iterator[_Row]:
    name = node.line_title(line) + (USED if line.kind is Kind.USAGE else "")
    cells = (quantity(line.quantities.of(scenario)), line.unit, usd(line.monthly(scenario)), "")
    yield _Row(lead, more, name, cells)
    if line.note:
        yield _Row(more, more, f"({line.note})")


def _amount(total: Total) -> tuple[str, ...]:
    return "", "", usd(total.usd), unknowns(total)


def _wrapped(row: _Row, room: int) -> Iterator[tuple[str, ...]]:
    """The cells of a row; a name that is too long goes on below, without figures."""
    first, *rest = wrap(row.name, max(1, room - len(row.lead))) or [""]
    yield row.lead + first, *row.cells
    for part in rest:
        yield row.more + part, *("" for _ in row.cells)


def _totals_table(estimate: Estimate, root: Node) -> str:
    """The totals of every scenario; one table, so that the figures stand below each other."""
    head = ["", *(cell for scenario in Scenario for cell in (scenario, ""))]
    rows = [head, _totals_row("Total", root.subtotals)]
    for found in breakdowns(estimate):
        rows += [[""] * len(head), [found.title, *head[1:]]]
        rows += [_totals_row(f"  {name}", amounts) for name, amounts in found.rows]
    return "\n".join(aligned(rows, "<" + "><" * len(Scenario)))


def _totals_row(name: str, amounts: Subtotals) -> list[str]:
    totals = [amounts.of(scenario).both for scenario in Scenario]
    return [name, *(cell for one in totals for cell in (usd(one.usd), unknowns(one)))]


def _unknown_list(estimate: Estimate) -> str:
    found = unknown_lines(estimate)
    if not found:
        return "Nothing is unknown."
    lines = ["Unknown:"]
    for one in found:
        where = " / ".join((one.line.region, one.line.tier, one.line.resource, one.line.name))
        said = f"- {where}{f' ({one.when})' if one.when else ''}: {one.why}"
        lines += wrap(said, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join(lines)
