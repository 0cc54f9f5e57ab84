"""The model of the capacity report: what each region asks for at three scales, against what there is of it.

Scales: at the minimum every node group has its fewest nodes and every service its fewest pods; at full scale both have
the most that they may have. In between lies a typical month.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Scale(StrEnum):
    """How much of the estate is in use."""

    MINIMUM = "minimum"
    TYPICAL = "typical"
    FULL = "full"


class Kind(StrEnum):
    """What the figure that holds a demand is."""

    SCALE = "scale"  # what full scale means: used up there by definition
    LIMIT = "limit"  # what there is, as built
    QUOTA = "quota"  # what AWS allows a new account, and more of on request


class Verdict(StrEnum):
    """What a demand and what holds it say together."""

    FITS = "fits"
    GIVES_OUT = "gives out"
    RAISE = "to be raised"  # a quota: by asking AWS
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Demand:
    """How much is asked for at each scale. None: not known; infinite: no number of what there is would do."""

    minimum: float | None
    typical: float | None
    full: float | None

    @classmethod
    def always(cls, amount: float) -> "Demand":
        """The same at every scale."""
        return cls(amount, amount, amount)

    def of(self, scale: Scale) -> float | None:
        """That of one scale."""
        return {Scale.MINIMUM: self.minimum, Scale.TYPICAL: self.typical, Scale.FULL: self.full}[scale]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One row of the report. `holds`: how much there is, in `unit`; None where it is not known."""

    name: str
    unit: str
    demand: Demand
    holds: float | None
    kind: Kind = Kind.LIMIT
    note: str = ""

    @property
    def used(self) -> float | None:
        """Percent of what there is that full scale asks for; None where it is not known or there is nothing."""
        full = self.demand.full
        if full is None or self.holds is None or math.isinf(full) or not self.holds:
            return None
        return full / self.holds * 100

    @property
    def verdict(self) -> Verdict:
        """Whether it lasts up to full scale."""
        if self.reach is not None:
            return Verdict.RAISE if self.kind is Kind.QUOTA else Verdict.GIVES_OUT
        known = self.holds is not None and None not in (self.demand.minimum, self.demand.typical, self.demand.full)
        return Verdict.FITS if known else Verdict.UNKNOWN

    @property
    def reach(self) -> float | None:
        """How far the estate grows before this gives out: 0 is the minimum, 1 typical, 2 full scale; None: it lasts.

        Between two scales demand is taken to grow evenly.
        """
        if self.holds is None:
            return None
        before: float | None = None
        for position, scale in enumerate(Scale):
            amount = self.demand.of(scale)
            if amount is not None and amount > self.holds:
                if before is None or math.isinf(amount):
                    return float(position)
                return position - 1 + (self.holds - before) / (amount - before)
            before = amount
        return None


@dataclass(frozen=True, slots=True)
class RegionScale:
    """The rows of a region, and what the reader must know of how they were come by."""

    region: str
    dimensions: tuple[Dimension, ...]
    notes: tuple[str, ...] = ()

    @property
    def gives_out(self) -> Dimension | None:
        """What gives out first; None where all lasts up to full scale. Quotas, which are asked for, do not count."""
        return first_of(one for one in self.dimensions if one.kind is not Kind.QUOTA)

    @property
    def tightest(self) -> Dimension | None:
        """Of what lasts, the one with the least room at full scale; None where nothing is known."""
        known = [one for one in self.dimensions if one.kind is Kind.LIMIT and one.used is not None]
        return max(known, key=lambda one: one.used or 0, default=None)

    @property
    def to_raise(self) -> tuple[Dimension, ...]:
        """The quotas of a new account that are too small."""
        return tuple(one for one in self.dimensions if one.verdict is Verdict.RAISE)


def first_of(dimensions: Iterable[Dimension]) -> Dimension | None:
    """The one that gives out first; of several at the same scale the one that is asked most of."""
    reached = [(reach, one) for one in dimensions if (reach := one.reach) is not None]
    if not reached:
        return None
    return min(reached, key=lambda pair: (pair[0], -(math.inf if pair[1].used is None else pair[1].used)))[1]


def where(dimension: Dimension) -> str:
    """At which scale a dimension gives out, in words. Raises ValueError for one that lasts."""
    reach = dimension.reach
    if reach is None:
        raise ValueError(f"{dimension.name} does not give out")
    if reach == 0:
        return "already at the minimum"
    if reach <= 1:
        return "between the minimum and a typical month" if reach < 1 else "in a typical month"
    return "between a typical month and full scale" if reach < 2 else "at full scale"
