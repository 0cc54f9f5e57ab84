"""What a change does to the cost: the lines that came, went or became another amount, and to the totals.

Lines are paired by their identity. A line has changed when something that decides about its amount, or about how far to
trust it, has: quantity, unit, price, certainty, kind. Where and when a price was read does not count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from trading_platform.cost.figures import every_digit, quantity, unit_price
from trading_platform.cost.model import Estimate, Line, Scenario, Total, total
from trading_platform.cost.summary import NO_PRICE
from trading_platform.pricing import Price

type Sign = Literal["+", "~", "-"]


@dataclass(frozen=True, slots=True)
class Shift:
    """One thing that is another: "quantity" from "730" to "1,460"."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """A line that was added (`old` is None), removed (`new` is None), or that changed, in one scenario.

    `shifts`: what changed; nothing for lines that were added or removed.
    """

    old: Line | None
    new: Line | None
    scenario: Scenario
    shifts: tuple[Shift, ...] = ()

    @property
    def line(self) -> Line:
        """What it is about: the new line, or the one that is gone."""
        line = self.new or self.old
        if line is None:
            raise ValueError("a change of no line")
        return line

    @property
    def sign(self) -> Sign:
        """+ added, - removed, ~ changed."""
        return "+" if self.old is None else "-" if self.new is None else "~"

    @property
    def old_usd(self) -> Decimal | None:
        """What it cost; 0 where it was not there, None where it is unknown."""
        return _monthly(self.old, self.scenario)

    @property
    def new_usd(self) -> Decimal | None:
        """What it costs; 0 where it is gone, None where it is unknown."""
        return _monthly(self.new, self.scenario)

    @property
    def usd(self) -> Decimal | None:
        """How much more it costs; None where that is unknown."""
        return None if self.old_usd is None or self.new_usd is None else self.new_usd - self.old_usd

    @property
    def percent(self) -> Decimal | None:
        """That of what it cost; None where this was nothing, or where something is unknown."""
        return percent_of(self.old_usd, self.new_usd)

    @property
    def total(self) -> Total:
        """What it adds to the totals, in which nothing unknown is: USD, and how many lines more are unknown."""
        old, new = (total([line] if line else [], self.scenario) for line in (self.old, self.new))
        return Total(new.usd - old.usd, new.unknown - old.unknown)


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """The changes of one resource. `old` and `new`: all its lines, also those that stay; None: there is none."""

    region: str
    tier: str
    resource: str
    old: Total | None
    new: Total | None
    changes: tuple[Change, ...]

    @property
    def sign(self) -> Sign:
        """+ added, - removed, ~ changed."""
        return "+" if self.old is None else "-" if self.new is None else "~"


@dataclass(frozen=True, slots=True)
class Difference:
    """From one estimate to another in one scenario. Resources and changes are sorted by what they are called."""

    environment: str
    scenario: Scenario
    resources: tuple[ResourceChange, ...]
    old: Total
    new: Total

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those of every resource."""
        return tuple(change for resource in self.resources for change in resource.changes)

    @property
    def usd(self) -> Decimal:
        """How much more the known lines cost."""
        return self.new.usd - self.old.usd

    @property
    def percent(self) -> Decimal | None:
        """That of what they cost; None where this was nothing."""
        return percent_of(self.old.usd, self.new.usd)

    def count(self, sign: Sign) -> int:
        """How many lines were added, changed or removed."""
        return sum(change.sign == sign for change in self.changes)


def diff(old: Estimate, new: Estimate, scenario: Scenario = Scenario.TYPICAL) -> Difference:
    """What leads from one estimate to the other. It is called after the new environment."""
    olds, news = _by_resource(old), _by_resource(new)
    found = (
        _resource(key, olds.get(key, []), news.get(key, []), scenario) for key in sorted(olds.keys() | news.keys())
    )
    resources = tuple(one for one in found if one.changes)
    return Difference(new.environment, scenario, resources, old.total(scenario), new.total(scenario))


def percent_of(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    """How many percent more the new amount is; None where the old is 0, or where either is unknown."""
    return None if not old or new is None else (new / old - 1) * 100


def _monthly(line: Line | None, scenario: Scenario) -> Decimal | None:
    return Decimal(0) if line is None else line.monthly(scenario)


def _by_resource(estimate: Estimate) -> dict[tuple[str, str, str], list[Line]]:
    found: dict[tuple[str, str, str], list[Line]] = {}
    for line in estimate.lines:
        found.setdefault((line.region, line.tier, line.resource), []).append(line)
    return found


def _resource(key: tuple[str, str, str], old: list[Line], new: list[Line], scenario: Scenario) -> ResourceChange:
    before, after = (total(lines, scenario) if lines else None for lines in (old, new))
    return ResourceChange(*key, before, after, tuple(_changes(old, new, scenario)))


def _changes(old: Iterable[Line], new: Iterable[Line], scenario: Scenario) -> Iterator[Change]:
    olds, news = ({line.identity: line for line in lines} for lines in (old, new))
    for identity in sorted(olds.keys() | news.keys()):
        before, after = olds.get(identity), news.get(identity)
        shifts = tuple(_shifts(before, after, scenario)) if before and after else ()
        if shifts or before is None or after is None:
            yield Change(before, after, scenario, shifts)


def _shifts(old: Line, new: Line, scenario: Scenario) -> Iterator[Shift]:
    """What is another, told as figures are read."""
    if (old.quantities.of(scenario), old.unit) != (new.quantities.of(scenario), new.unit):
        yield _quantity_shift(old, new, scenario)
    if _rates(old.price) != _rates(new.price):
        yield Shift("price", _rates_text(old.price), _rates_text(new.price))
    if old.price and new.price and old.price.certainty != new.price.certainty:
        yield Shift("certainty", old.price.certainty, new.price.certainty)
    if old.kind is not new.kind:
        yield Shift("kind", old.kind, new.kind)


def _quantity_shift(old: Line, new: Line, scenario: Scenario) -> Shift:
    before, after = old.quantities.of(scenario), new.quantities.of(scenario)
    texts = [quantity(before), quantity(after)]
    if texts[0] == texts[1] and before is not None and after is not None:
        # They differ only in digits that are not written elsewhere.
        texts = [every_digit(before), every_digit(after)]
    return Shift("quantity", f"{texts[0]} {old.unit}", f"{texts[1]} {new.unit}")


def _rates(price: Price | None) -> object:
    """What of a price decides about amounts. Where the last tier ends does not: its price goes on (Price.of)."""
    return None if price is None else (price.unit, [(tier.start, tier.usd) for tier in price.tiers])


def _rates_text(price: Price | None) -> str:
    """0.045 per GB; of several tiers "0.09 per GB from 0, 0.085 from 10,240"."""
    if price is None:
        return NO_PRICE
    first, *later = (unit_price(tier.usd) for tier in price.tiers)
    if not later:
        return f"{first} per {price.unit}"
    starts = [every_digit(tier.start) for tier in price.tiers]
    rest = "".join(f", {usd} from {start}" for usd, start in zip(later, starts[1:], strict=True))
    return f"{first} per {price.unit} from {starts[0]}{rest}"
