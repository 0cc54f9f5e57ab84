"""Performance Targets of the design document."""

import re
from decimal import Decimal

from rendering import ROOT

DOCUMENT = (ROOT / "docs" / "design-document.md").read_text(encoding="utf-8")


def targets() -> dict[str, str]:
    """Performance Targets: row to target."""
    table = DOCUMENT.split("## Performance Targets")[1].split("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]
    return {row[0]: row[1] for row in rows[2:]}


def number(text: str) -> Decimal:
    """The number of a target: 500 of `< 500ms`, 10000 of `> 10K req/s`."""
    match = re.search(r"(\d+(?:\.\d+)?)(K?)", text)
    assert match, text
    return Decimal(match[1]) * (1000 if match[2] else 1)
