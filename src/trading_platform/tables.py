"""A report as sections of tables and sentences, shown as text with aligned columns or as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a header; `right` names the columns (by index) that hold numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with tables and sentences."""

    title: str
    content: tuple[Table | str, ...]


def render_text(sections: Iterable[Section]) -> str:
    """The report with aligned columns."""
    lines: list[str] = []
    for section in sections:
        lines += [section.title, "=" * len(section.title)]
        for part in section.content:
            lines += ["", *(_text_table(part) if isinstance(part, Table) else [part])]
        lines += ["", ""]
    return "\n".join(lines).rstrip() + "\n"


def render_markdown(sections: Iterable[Section]) -> str:
    """The report as Markdown tables."""
    lines: list[str] = []
    for section in sections:
        lines += [f"### {section.title}", ""]
        for part in section.content:
            lines += [*(_markdown_table(part) if isinstance(part, Table) else [part]), ""]
    return "\n".join(lines).rstrip() + "\n"


def _text_table(table: Table) -> list[str]:
    rows = [table.header, *table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(table.header))]

    def line(row: Sequence[str]) -> str:
        cells = zip(row, widths, strict=True)
        aligned = (
            text.rjust(width) if at in table.right else text.ljust(width) for at, (text, width) in enumerate(cells)
        )
        return "  ".join(aligned).rstrip()

    return [line(table.header), "  ".join("-" * width for width in widths), *(line(row) for row in table.rows)]


def _markdown_table(table: Table) -> list[str]:
    rule = ("--:" if at in table.right else "---" for at in range(len(table.header)))
    rows = [table.header, tuple(rule), *table.rows]
    return ["| " + " | ".join(row) + " |" for row in rows]
