"""What is told beside an estimate: the document's table, what could be saved, and the budget, for all formats."""

from collections.abc import Sequence

from trading_platform.cost.budget import Judgement
from trading_platform.cost.document import Compared
from trading_platform.cost.figures import usd, usd_total
from trading_platform.cost.savings import Saving
from trading_platform.tables import Section, Table


def sections(
    compared: Sequence[Compared], savings: Sequence[Saving], judgements: Sequence[Judgement]
) -> tuple[Section, ...]:
    """The document's table beside ours, the strategies that may be decided for, those in place, and the budget."""
    return (
        _document(compared),
        # What is reserved, what has other processors and what speaks Valkey are the same machines.
        _strategies(
            "What could be saved, in USD a month",
            [one for one in savings if not one.taken],
            "They are about the same machines in part, and do not add up.",
        ),
        _strategies("What is saved already, in USD a month", [one for one in savings if one.taken]),
        Section("Budget", tuple(f"{one.message[0].upper()}{one.message[1:]}." for one in judgements)),
    )


def _document(compared: Sequence[Compared]) -> Section:
    header = ("Row", "Document", "Least", "Typical", "Standby")
    rows = tuple(
        (
            one.name,
            "-" if one.document is None else usd(one.document),
            usd_total(one.low),
            usd_total(one.typical),
            usd_total(one.standby),
        )
        for one in compared
    )
    reasons = tuple(f"{one.name}: {one.reason}" for one in compared)
    return Section("The document's table, in USD a month", (Table(header, rows, frozenset({1, 2, 3, 4})), *reasons))


def _strategies(title: str, savings: Sequence[Saving], note: str = "") -> Section:
    header = ("Strategy", "Of", "Without", "With", "Saved", "Pays off")
    rows = tuple(
        (one.strategy, one.what, usd(one.now), usd(one.then), usd(one.saved), one.break_even) for one in savings
    )
    if not rows:
        return Section(title, ("Nothing.",))
    return Section(title, (Table(header, rows, frozenset({2, 3, 4})), *([note] if note else [])))
