"""A difference between estimates for a terminal and for a pull request: + added, ~ changed, - removed."""

from collections.abc import Iterator
from decimal import Decimal

from trading_platform.cost.diff import Change, Difference, ResourceChange, Sign, percent_of
from trading_platform.cost.figures import UNKNOWN, percent_change, usd, usd_change, usd_total
from trading_platform.cost.markdown import bold, folded, plain, table
from trading_platform.cost.model import Total

_COUNTED: dict[Sign, str] = {"+": "added", "~": "changed", "-": "removed"}


def difference_text(difference: Difference) -> str:
    """Resource by resource what changes and by how much, then the totals."""
    parts = [f"What changes in the cost of {difference.environment}, a {difference.scenario} month, in USD"]
    parts += ["\n".join(_resource(resource)) for resource in difference.resources]
    parts.append("\n".join(_end(difference)))
    return "\n\n".join(parts) + "\n"


def difference_markdown(difference: Difference) -> str:
    """The totals, and every change in a table that unfolds."""
    head = ("", "what", "before", "after", "change", "")
    total = bold(["", "total", usd_total(difference.old), usd_total(difference.new), *_change_cells(difference)])
    rows = [row for resource in difference.resources for row in _rows(resource)]
    parts = [
        f"### What changes in the cost of {plain(difference.environment)}",
        f"USD in a {difference.scenario} month. What is unknown is in no total.",
        table(head, [total], figures=4),
    ]
    if rows:
        parts.append(folded(_counts(difference), table(head, rows, figures=4)))
    else:
        parts.append("No line changes.")
    return "\n\n".join(parts) + "\n"


def _resource(resource: ResourceChange) -> Iterator[str]:
    old, new = resource.old or Total(Decimal(0), 0), resource.new or Total(Decimal(0), 0)
    yield f"{resource.sign} {resource.region} / {resource.tier} / {resource.resource}"
    told = _told(usd_total(old), usd_total(new), percent_of(old.usd, new.usd))
    yield f"  {usd_change(new.usd - old.usd)} ({told})"
    for change in resource.changes:
        yield ""
        yield from _change(change)


def _change(change: Change) -> Iterator[str]:
    yield f"    {change.sign} {_name(change)}"
    more = UNKNOWN if change.usd is None else usd_change(change.usd)
    yield f"      {more} ({_told(usd(change.old_usd), usd(change.new_usd), change.percent)})"
    for shift in change.shifts:
        yield f"      {shift.what}: {shift.old} -> {shift.new}"


def _told(old: str, new: str, percent: Decimal | None) -> str:
    """364.42 -> 728.84, +100.0 %."""
    return ", ".join(part for part in (f"{old} -> {new}", percent_change(percent)) if part)


def _name(change: Change) -> str:
    return f"{change.line.name} ({change.line.service})"


def _end(difference: Difference) -> Iterator[str]:
    told = _told(usd_total(difference.old), usd_total(difference.new), difference.percent)
    yield f"Total: {usd_change(difference.usd)} ({told})"
    yield _counts(difference)


def _counts(difference: Difference) -> str:
    """1 line added, 2 changed, 0 removed."""
    counts = [f"{difference.count(sign)} {word}" for sign, word in _COUNTED.items()]
    return f"Lines: {', '.join(counts)}"


def _change_cells(difference: Difference) -> tuple[str, str]:
    return usd_change(difference.usd), percent_change(difference.percent)


def _rows(resource: ResourceChange) -> Iterator[list[str]]:
    where = " / ".join((resource.region, resource.tier, resource.resource))
    for change in resource.changes:
        shifts = "".join(f"<br>{plain(f'{shift.what}: {shift.old} -> {shift.new}')}" for shift in change.shifts)
        more = UNKNOWN if change.usd is None else usd_change(change.usd)
        amounts = (usd(change.old_usd), usd(change.new_usd), more, percent_change(change.percent))
        yield [f"`{change.sign}`", plain(f"{where} / {_name(change)}") + shifts, *amounts]
