"""Which product of the Price List is a row of services.csv: the table data/prices/queries.csv.

A row of the table answers a (service, item) of the catalogue in each region:

- `unit`: the catalogue's unit of it.
- `regions`: empty for the regions that are asked for; "global" for a price without one; or the only regions it is for.
- `region_field`: the attribute that has the region; empty for products that AWS lists without one.
- `filters`: attributes, as `a=b; c=d|e`. The first alternative for which there is a product is taken.
- `usage_type`: without the region's code; alternatives as in filters.
- `tiers`: all; or paid, where the catalogue counts from the end of a free tier on.
- `factor`: catalogue price = listed price times this. AWS lists the price of one request, say.

Two rows for one item are added up: EKS lists extended support as a surcharge.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product as combinations
from pathlib import Path

from trading_platform.price_list import PriceListError, Product, Query, on_demand, the_one, usage_type_matches
from trading_platform.pricing import GLOBAL, CatalogueError, Tier

FILE = "queries.csv"
REGION_FIELDS = ("regionCode", "fromRegionCode", "")
TIERS = ("all", "paid")


@dataclass(frozen=True, slots=True)
class ServiceQuery:
    """A row of the table. `filters`: attribute to its alternatives, in the order in which they are tried."""

    service: str
    item: str
    unit: str
    regions: tuple[str, ...]
    region_field: str
    service_code: str
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    usage_types: tuple[str, ...]
    paid: bool
    factor: Decimal

    @property
    def key(self) -> tuple[str, str]:
        """What it answers."""
        return self.service, self.item

    def asked_in(self, region: str) -> bool:
        """Whether it has an answer in a region ("global" is one)."""
        return region in self.regions if self.regions else region != GLOBAL

    def query(self, region: str) -> Query:
        """What AWS is asked; rows of one service mostly share it."""
        single = tuple((name, values[0]) for name, values in self.filters if len(values) == 1)
        place = ((self.region_field, region),) if self.region_field else ()
        return Query(self.service_code, (*place, *single))


def load_queries(directory: Path) -> tuple[ServiceQuery, ...]:
    """Read the table of a catalogue. Raises CatalogueError or OSError."""
    with (directory / FILE).open(encoding="utf-8", newline="") as lines:
        return tuple(_query(f"{FILE}: line {line}", row) for line, row in enumerate(csv.DictReader(lines), start=2))


def _query(where: str, row: dict[str, str]) -> ServiceQuery:
    for column in ("service", "item", "unit", "service_code", "usage_type"):
        if not row.get(column):
            raise CatalogueError(f"{where}: {column} is missing")
    _one_of(where, "region_field", row["region_field"], REGION_FIELDS)
    _one_of(where, "tiers", row["tiers"], TIERS)
    return ServiceQuery(
        service=row["service"],
        item=row["item"],
        unit=row["unit"],
        regions=tuple(row["regions"].split()),
        region_field=row["region_field"],
        service_code=row["service_code"],
        filters=tuple(_filter(where, text) for text in row["filters"].split(";") if text.strip()),
        usage_types=tuple(row["usage_type"].split("|")),
        paid=row["tiers"] == "paid",
        factor=_factor(where, row["factor"]),
    )


def _one_of(where: str, column: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise CatalogueError(f"{where}: {column}: {value!r} is none of {', '.join(map(repr, allowed))}")


def _filter(where: str, text: str) -> tuple[str, tuple[str, ...]]:
    name, equals, values = text.strip().partition("=")
    if not (name and equals and values):
        raise CatalogueError(f"{where}: filters: {text.strip()!r} is not written as attribute=value")
    return name, tuple(values.split("|"))


def _factor(where: str, text: str) -> Decimal:
    try:
        factor = Decimal(text)
    except InvalidOperation:
        raise CatalogueError(f"{where}: factor: {text!r} is not a number") from None
    if not factor.is_finite() or factor <= 0:
        raise CatalogueError(f"{where}: factor: {text} is not above 0")
    return factor


def find(query: ServiceQuery, region: str, products: Iterable[Product]) -> list[Product]:
    """The products of an answer that are the row's, as the first combination of alternatives has it; may be none."""
    place = region if query.region_field else ""
    fixed = query.query(region).filters
    fitting = [one for one in products if all(one.attributes.get(name) == value for name, value in fixed)]
    names = [name for name, _ in query.filters]
    for values in combinations(*(alternatives for _, alternatives in query.filters), query.usage_types):
        found = [
            one
            for one in fitting
            if usage_type_matches(one.attributes.get("usagetype", ""), values[-1], place)
            and all(one.attributes.get(name) == value for name, value in zip(names, values[:-1], strict=True))
        ]
        if found:
            return found
    return []


def price(answers: Sequence[tuple[ServiceQuery, Sequence[Product]]]) -> tuple[tuple[Tier, ...], str]:
    """The catalogue's tiers of an item, and their source.

    `answers`: the rows of the table for the item, each with its products, at least one. Raises PriceListError.
    """
    parts = [(query, the_one(products)) for query, products in answers]
    tiers = [_tiers(query, product) for query, product in parts]
    source = "; ".join(dict.fromkeys(product.source for _, product in parts))
    if len(tiers) == 1:
        return tiers[0], source
    if any(len(one) > 1 for one in tiers):
        raise PriceListError("prices with tiers cannot be added up")
    return (Tier(Decimal(0), None, sum((one[0].usd for one in tiers), Decimal(0))),), source


def _tiers(query: ServiceQuery, product: Product) -> tuple[Tier, ...]:
    """In the catalogue's unit: AWS counts a tier in requests, say, and the catalogue in millions of them."""
    tiers = on_demand(product)
    if not tiers:
        raise PriceListError(f"product {product.sku} is not sold on demand")
    while query.paid and len(tiers) > 1 and not tiers[0].usd:
        free = tiers[1].start
        tiers = tuple(Tier(one.start - free, None if one.end is None else one.end - free, one.usd) for one in tiers[1:])
    return tuple(
        Tier(one.start / query.factor, None if one.end is None else one.end / query.factor, one.usd * query.factor)
        for one in tiers
    )
