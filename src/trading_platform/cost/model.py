"""The model that every output of the estimator is made of: priced lines, and what they add up to.

Money is USD, quantities are per month of 730 hours, both Decimal. What is unknown (a price that the catalogue does not
have, a quantity that the usage file leaves open) is None: it is told beside every total, and never counts as 0.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trading_platform.pricing import Price


class Scenario(StrEnum):
    """How much the estate is used."""

    LOW = "low"  # node groups at their minimum
    TYPICAL = "typical"
    HIGH = "high"  # node groups at their maximum


class Kind(StrEnum):
    """Why something is billed."""

    BASELINE = "baseline"  # because it exists, at the smallest size that the inventory allows
    USAGE = "usage"  # because it is used


@dataclass(frozen=True, slots=True)
class Quantities:
    """How much in a month, by scenario; None: unknown."""

    low: Decimal | None
    typical: Decimal | None
    high: Decimal | None

    @classmethod
    def always(cls, quantity: Decimal | int) -> "Quantities":
        """The same in every scenario."""
        return cls(Decimal(quantity), Decimal(quantity), Decimal(quantity))

    def of(self, scenario: Scenario) -> Decimal | None:
        """That of one scenario."""
        # Asked for every line and every sum: a mapping made anew each time takes longer than the reckoning.
        if scenario is Scenario.LOW:
            return self.low
        return self.typical if scenario is Scenario.TYPICAL else self.high

    def times(self, factor: "Quantities | Decimal | int") -> "Quantities":
        """Each of them `factor` times; what is unknown on either side stays so."""
        other = factor if isinstance(factor, Quantities) else Quantities.always(factor)
        pairs = ((self.low, other.low), (self.typical, other.typical), (self.high, other.high))
        return Quantities(*(None if one is None or many is None else one * many for one, many in pairs))

    def rest_of_one(self) -> "Quantities":
        """What is left of a whole, where these are shares of it."""
        return Quantities(*(None if one is None else 1 - one for one in (self.low, self.typical, self.high)))


@dataclass(frozen=True, slots=True)
class Line:
    """A leaf of the tree: one thing on the bill.

    `region`: "us-east-1", ... or "global". `tier`: what it is for (network, compute, database, ...). `service`: as on
    AWS's bill (EC2, RDS, ...). `resource`: what it belongs to ("node group general"). `name`: what is billed
    ("t3.xlarge, on demand"). The five together are its identity: no two lines of an estimate share them.
    """

    region: str
    tier: str
    service: str
    resource: str
    name: str
    kind: Kind
    quantities: Quantities
    unit: str
    price: Price | None
    note: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str, str]:
        """What makes it this line and no other."""
        return self.region, self.tier, self.service, self.resource, self.name

    def monthly(self, scenario: Scenario) -> Decimal | None:
        """USD a month; None where the price or the quantity is unknown."""
        quantity = self.quantities.of(scenario)
        if self.price is None or quantity is None:
            # Nothing of something costs nothing, whatever its price.
            return Decimal(0) if quantity == 0 else None
        return self.price.of(quantity)


@dataclass(frozen=True, slots=True)
class Total:
    """USD a month of some lines; `unknown`: how many of them could not be counted."""

    usd: Decimal
    unknown: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """The lines of an environment, in the order of the bill of materials."""

    environment: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        """Raises ValueError when two lines are the same thing: it would be paid twice."""
        seen: set[tuple[str, ...]] = set()
        for line in self.lines:
            if line.identity in seen:
                raise ValueError(f"{' / '.join(line.identity)} stands twice in the bill of materials")
            seen.add(line.identity)

    def total(self, scenario: Scenario, only: Callable[[Line], bool] = lambda line: True) -> Total:
        """What the lines that `only` chooses add up to."""
        return total(filter(only, self.lines), scenario)

    def by(self, key: Callable[[Line], str], scenario: Scenario) -> dict[str, Total]:
        """Totals by what `key` says of a line, in the order in which it first stands."""
        groups: dict[str, list[Line]] = {}
        for line in self.lines:
            groups.setdefault(key(line), []).append(line)
        return {name: total(lines, scenario) for name, lines in groups.items()}

    def unknown(self, scenario: Scenario) -> tuple[Line, ...]:
        """The lines that could not be counted."""
        return tuple(line for line in self.lines if line.monthly(scenario) is None)

    @property
    def prices(self) -> Sequence[Price]:
        """The prices that were used."""
        return tuple(line.price for line in self.lines if line.price is not None)


def total(lines: Iterable[Line], scenario: Scenario) -> Total:
    """What some lines add up to."""
    amounts = [line.monthly(scenario) for line in lines]
    known = [amount for amount in amounts if amount is not None]
    return Total(sum(known, Decimal(0)), len(amounts) - len(known))
