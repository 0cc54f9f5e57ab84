"""The design document cut into lines, and ``design.yml``, which says where each of them is checked."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from trading_platform.chart import LOADER

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/design-document.md"
DEVIATIONS = ROOT / "docs/decisions/0006-deviations.md"
DESIGN = Path(__file__).with_name("design.yml")
END = "About the document"  # what follows the last rule
BOX = "│┌┐└┘─├┤┼◄►▼▲"
NUMBER = re.compile(r"(?<![A-Za-z0-9_.-])\d[\d.,]*")


@dataclass(frozen=True)
class Entry:
    """One figure or sentence of the document."""

    id: str
    section: str
    says: tuple[str, ...]
    where: str  # aws, inventory, chart, gitops, process
    read: str = ""  # reader, then keys into what it finds: "vpc.cidr"
    expect: Any = None
    standby: Any = None  # what us-west-2 has instead
    regions: tuple[str, ...] = ("us-east-1",)
    units: str = ""  # how the document's number becomes another one
    deviation: str = ""
    manifest: str = ""  # object that will be read
    reason: str = ""  # why no API can tell

    def expected(self, region: str) -> Any:
        """The value that the reader must find in a region."""
        return self.standby if region == "us-west-2" and self.standby is not None else self.expect

    def find(self, read: Callable[[str], Any]) -> Any:
        """The value at the entry's keys in what its reader gives; ``read`` runs a reader by its name."""
        name, *keys = self.read.split(".")
        value = read(name)
        for key in keys:
            value = value[int(key) if key.isdigit() else key]
        return value


@dataclass
class Design:
    """``design.yml``: entries in its order, and by section the lines that carry no figure."""

    entries: list[Entry] = field(default_factory=list)
    no_figure: dict[str, list[str]] = field(default_factory=dict)
    gitops_entries: list[str] = field(default_factory=list)

    def of(self, where: str) -> list[Entry]:
        """Entries that are checked in one place."""
        return [one for one in self.entries if one.where == where]


def normal(line: str) -> str:
    """A line without Markdown's marks; a table's row with its cells apart by ``|``."""
    plain = re.sub(r"^(?:[-•*]|\d+\.)\s+", "", line.strip().strip("|").strip().replace("**", "").replace("`", ""))
    return re.sub(r"\s+", " ", plain).strip()


def _pieces(line: str) -> list[str]:
    """What a line says; drawings say several things, frames and rules of tables nothing."""
    if set(line.strip()) <= set("|-: ") or line.strip().startswith("```"):
        return []
    return [piece for piece in (normal(cell) for cell in re.split(f"[{BOX}]+", line)) if piece]


def sections(text: str) -> dict[str, list[str]]:
    """``{heading path: lines}`` in the document's order, the title left out of the paths."""
    found: dict[str, list[str]] = {}
    path: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if (match := re.match(r"(#{2,4}) (.+)", line)) and not fenced:
            path = [*path[: len(match[1]) - 2], match[2].strip()]
        elif line == "---" and not fenced:
            path = [END]
        if path:
            lines = found.setdefault(" > ".join(path), [])
            lines += [] if match and not fenced else _pieces(line)
    return found


@cache
def load() -> Design:
    """Read ``design.yml``. Raises TypeError for a key that an entry does not have."""
    document = yaml.load(DESIGN.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506  (a safe loader)
    design = Design(gitops_entries=document["gitops_entries"])
    for section in document["sections"]:
        design.no_figure[section["heading"]] = section.get("no_figure", [])
        for one in section["entries"]:
            says = tuple([one["says"]] if isinstance(one["says"], str) else one["says"])
            regions = {"both": ("us-east-1", "us-west-2"), "standby": ("us-west-2",)}.get(
                one.pop("in", ""), ("us-east-1",)
            )
            design.entries.append(Entry(**{**one, "section": section["heading"], "says": says, "regions": regions}))
    return design


def numbers(says: tuple[str, ...]) -> list[str]:
    """Numbers in the document's words, without separators of thousands."""
    return [match.rstrip(".,").replace(",", "") for line in says for match in NUMBER.findall(line)]


def deviations() -> list[str]:
    """Headings of the deviations."""
    return re.findall(r"^### (.+)$", DEVIATIONS.read_text(encoding="utf-8"), re.MULTILINE)
