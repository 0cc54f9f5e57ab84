"""What AWS asks for a thing: the dated price catalogue of data/prices.

Prices are list prices in USD for Linux, before tax, discounts and free tiers. Every price carries where it was read,
when, and how certain that is (data/README.md says what the words mean). What the catalogue does not know is None,
never 0.

Money and quantities are Decimal from end to end. A month has 730 hours, as in the AWS Pricing Calculator.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Literal

PRICES = Path(__file__).parent / "data" / "prices"
HOURS = Decimal(730)
GLOBAL = "global"

type Purchase = Literal["on_demand", "spot", "reserved_1y"]

_INSTANCE_COLUMNS: Mapping[Purchase, str] = {
    "on_demand": "on_demand_usd_hour",
    "spot": "spot_usd_hour",
    "reserved_1y": "ri_1y_no_upfront_usd_hour",
}


class CatalogueError(ValueError):
    """A file of the catalogue cannot be read: which file, which line, what is wrong."""


@dataclass(frozen=True, slots=True)
class Tier:
    """What a unit costs from `start` units a month on, up to `end` (None: without end)."""

    start: Decimal
    end: Decimal | None
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one `unit`. `as_of`: a date or month as the source gives it, "" where it gives none."""

    unit: str
    tiers: tuple[Tier, ...]
    source: str
    as_of: str
    certainty: str

    def of(self, quantity: Decimal) -> Decimal:
        """What `quantity` units cost in a month, each part at the price of its tier. Raises ValueError below 0.

        What lies beyond the last tier that is known is charged at its price: AWS's prices fall from tier to tier, so
        that it is an upper bound.
        """
        if quantity < 0:
            raise ValueError(f"a quantity of {quantity} {self.unit}")
        if len(self.tiers) == 1 and not self.tiers[0].start:
            # Nearly every price; benchmarks/cost.py says what this saves.
            return quantity * self.tiers[0].usd
        known = sum((_within(tier.start, tier.end, quantity) * tier.usd for tier in self.tiers[:-1]), Decimal(0))
        last = self.tiers[-1]
        return known + _within(last.start, None, quantity) * last.usd

    @property
    def usd(self) -> Decimal:
        """What the first unit costs."""
        return self.tiers[0].usd


def _within(start: Decimal, end: Decimal | None, quantity: Decimal) -> Decimal:
    """How much of a quantity lies in a tier."""
    return max(Decimal(0), (quantity if end is None else min(quantity, end)) - start)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Prices by what is asked for. The keys are those of the files, region first."""

    ec2_prices: Mapping[tuple[str, ...], Price]
    rds_prices: Mapping[tuple[str, ...], Price]
    elasticache_prices: Mapping[tuple[str, ...], Price]
    service_prices: Mapping[tuple[str, ...], Price]
    rds_vcpus: Mapping[str, int]

    def ec2(self, region: str, instance_type: str, purchase: Purchase = "on_demand") -> Price | None:
        """An hour of an EC2 instance."""
        return self.ec2_prices.get((region, instance_type, purchase))

    def rds(
        self, region: str, instance_class: str, *, multi_az: bool, purchase: Purchase = "on_demand"
    ) -> Price | None:
        """An hour of a PostgreSQL instance; with `multi_az` both of its machines."""
        return self.rds_prices.get((region, instance_class, "Multi-AZ" if multi_az else "Single-AZ", purchase))

    def elasticache(self, region: str, node_type: str, engine: str, purchase: Purchase = "on_demand") -> Price | None:
        """An hour of one node. `engine`: redis or valkey."""
        return self.elasticache_prices.get((region, node_type, engine, purchase))

    def service(self, region: str, service: str, item: str) -> Price | None:
        """Anything else; `region` is "global" for what AWS prices without one."""
        return self.service_prices.get((region, service, item))


@cache
def load_catalogue(directory: Path = PRICES) -> Catalogue:
    """Read the catalogue. Raises CatalogueError or OSError."""
    return Catalogue(
        ec2_prices=_instances(directory / "ec2.csv", ("region", "instance_type")),
        rds_prices=_instances(directory / "rds.csv", ("region", "instance_class", "deployment")),
        elasticache_prices=_instances(directory / "elasticache.csv", ("region", "node_type", "engine")),
        service_prices=_services(directory / "services.csv"),
        rds_vcpus=_vcpus(directory / "rds.csv"),
    )


def as_of(prices: Iterable[Price]) -> tuple[str, str] | None:
    """The oldest and the newest date of `prices`, ISO 8601 to the day or month; None where none has one."""
    dates = sorted(found[0] for price in prices if (found := re.findall(r"\d{4}-\d{2}(?:-\d{2})?", price.as_of)))
    return (dates[0], dates[-1]) if dates else None


def _rows(file: Path) -> Iterable[tuple[str, dict[str, str]]]:
    """Where each row stands, for errors, and the row."""
    with file.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            yield f"{file.name}: line {number}", row


def _number(where: str, column: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise CatalogueError(f"{where}: {column}: {text!r} is not a number") from None
    if not number.is_finite() or number < 0:
        raise CatalogueError(f"{where}: {column}: {text} is not a price")
    return number


def _instances(file: Path, key: tuple[str, ...]) -> dict[tuple[str, ...], Price]:
    found: dict[tuple[str, ...], Price] = {}
    for where, row in _rows(file):
        for purchase, column in _INSTANCE_COLUMNS.items():
            if not row.get(column):
                continue
            name = (*(row[part] for part in key), purchase)
            if name in found:
                raise CatalogueError(f"{where}: {', '.join(name)} stands twice")
            derived = purchase == "spot" and bool(row.get("spot_source"))
            found[name] = Price(
                unit="hour",
                tiers=(Tier(Decimal(0), None, _number(where, column, row[column])),),
                source=row["spot_source"] if derived else row["source"],
                as_of=row["spot_as_of"] if derived else row["as_of"],
                certainty="derived" if derived else row["certainty"],
            )
    return found


def _vcpus(file: Path) -> dict[str, int]:
    """Instance class to the vCPUs of one machine."""
    return {row["instance_class"]: int(row["vcpu"]) for _, row in _rows(file) if row["vcpu"]}


def _services(file: Path) -> dict[tuple[str, ...], Price]:
    rows: dict[tuple[str, ...], list[tuple[str, dict[str, str]]]] = {}
    for where, row in _rows(file):
        if row["usd"]:
            rows.setdefault((row["region"], row["service"], row["item"]), []).append((where, row))
    return {name: _tiered(found) for name, found in rows.items()}


def _tiered(rows: list[tuple[str, dict[str, str]]]) -> Price:
    """One price of the rows of its tiers, which must follow on each other."""
    tiers: list[Tier] = []
    for where, row in rows:
        start = _number(where, "tier_from", row["tier_from"] or "0")
        end = _number(where, "tier_to", row["tier_to"]) if row["tier_to"] else None
        if start != (tiers[-1].end if tiers else 0):
            raise CatalogueError(f"{where}: tier_from: {start} does not follow on the tier before it")
        tiers.append(Tier(start, end, _number(where, "usd", row["usd"])))
    first = rows[0][1]
    certain = [row["certainty"] for _, row in rows]
    # As certain as the least certain of its tiers.
    return Price(first["unit"], tuple(tiers), first["source"], first["as_of"], max(certain, key=_doubt))


def _doubt(certainty: str) -> int:
    order = ("high", "medium", "assumed", "stale", "low", "from memory", "missing")
    return next((index for index, word in enumerate(order) if certainty.startswith(word)), len(order))
