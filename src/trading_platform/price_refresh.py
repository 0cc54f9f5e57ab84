"""The catalogue's rows with the prices of an answer of AWS's Price List, and what changed. Pure: rows in, rows out.

A row for which there is an answer gets its price, where it was read, and today's date. Every other row stays as it is:
what AWS lists no more, what could not be told apart, what is not asked. Spot prices are not in the Price List.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trading_platform.price_instances import Instances, Key, by_key
from trading_platform.price_list import PriceListError, Product, Query, on_demand, reserved, the_one
from trading_platform.price_queries import ServiceQuery, find, price
from trading_platform.pricing import Tier

type Row = dict[str, str]

CHANGED, ADDED, VANISHED, PROBLEM = "~", "+", "-", "!"
CERTAINTY = "high"
# No price of AWS moves by so much at once: a unit changed, or a usage type means something else now.
MOST = 10
PRICES = {"on_demand_usd_hour": "on demand", "ri_1y_no_upfront_usd_hour": "reserved 1y"}


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the report; `mark` is one of the four above."""

    mark: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file after a refresh. `confirmed`: rows or items priced as before; `not_asked`: items without a query."""

    rows: tuple[Row, ...]
    notes: tuple[Note, ...]
    confirmed: int
    not_asked: tuple[str, ...] = ()

    def count(self, mark: str) -> int:
        """How many lines of a mark there are."""
        return Counter(note.mark for note in self.notes)[mark]


def plain(number: Decimal) -> str:
    """A number as the files have it: 0.1664, 0.00000023, 3."""
    return format(number.normalize(), "f")


def refresh_instances(
    kind: Instances, rows: Sequence[Row], region: str, products: Iterable[Product], today: date
) -> Outcome:
    """A file of instances with the prices of one region. New types are added where the order of the file has them."""
    names = ("region", *kind.columns)
    answers = by_key(kind, region, products)
    known = {tuple(row[name] for name in names): row for row in rows}
    refreshed = dict(known)
    notes: list[Note] = []
    confirmed = 0
    for key in sorted({*answers, *(key for key in known if key[0] == region)}):
        try:
            row = _instance(kind, known.get(key), key, answers.get(key, []), today)
        except PriceListError as error:
            notes.append(Note(PROBLEM, f"{' '.join(key)}: {error}"))
            continue
        if row is None:
            notes.append(Note(VANISHED, f"{' '.join(key)}: AWS lists it no more"))
            continue
        found = _compare(key, known.get(key), row)
        notes += found
        confirmed += not found
        refreshed[key] = row
    return Outcome(tuple(refreshed[key] for key in sorted(refreshed)), tuple(notes), confirmed)


def _instance(kind: Instances, old: Row | None, key: Key, products: Sequence[Product], today: date) -> Row | None:
    """The row of an instance; None where AWS does not sell it. Raises PriceListError."""
    # Instances at 0 USD are placeholders.
    sold = [product for product in products if any(tier.usd for tier in on_demand(product))]
    if not sold:
        return None
    product = the_one(sold)
    hour, year = on_demand(product)[0].usd, reserved(product)
    new = dict(old) if old else _described(kind, key, product)
    if old:
        _check_leap(old["on_demand_usd_hour"], hour)
        _check_leap(old["ri_1y_no_upfront_usd_hour"], year)
    new["on_demand_usd_hour"] = _same_text(new["on_demand_usd_hour"], hour)
    new["ri_1y_no_upfront_usd_hour"] = "" if year is None else _same_text(new["ri_1y_no_upfront_usd_hour"], year)
    return new | {"source": product.source, "as_of": today.isoformat(), "certainty": CERTAINTY}


def _described(kind: Instances, key: Key, product: Product) -> Row:
    """A row for a type that is new, without prices. Columns that the file has besides stay empty when it is written."""
    return {
        **kind.fixed,
        **dict(zip(("region", *kind.columns), key, strict=True)),
        "vcpu": _figure(product.attributes.get("vcpu", "")),
        "memory_gib": _figure(product.attributes.get("memory", "")),
        **dict.fromkeys(PRICES, ""),
    }


def _figure(text: str) -> str:
    """The number of "1,952 GiB"; empty for what AWS does not tell ("NA")."""
    found = re.match(r"[\d.]+", text.replace(",", ""))
    return found.group() if found else ""


def _same_text(old: str, price: Decimal) -> str:
    """The price as the file writes it already, where that is the same number."""
    return old if old and Decimal(old) == price else plain(price)


def _check_leap(old: str, new: Decimal | None) -> None:
    """Refuse what can't be a change of price. Raises PriceListError."""
    if not old or new is None or not Decimal(old):
        return
    if not Decimal(old) / MOST < new < Decimal(old) * MOST:
        raise PriceListError(f"{old} -> {plain(new)} is no change of price; look at what the product is, and its unit")


def _compare(key: Key, old: Row | None, new: Row) -> list[Note]:
    name = " ".join(key)
    if old is None:
        return [Note(ADDED, f"{name} {', '.join(f'{title} {new[at]}' for at, title in PRICES.items() if new[at])}")]
    return [
        Note(CHANGED, f"{name} {title} {_step(old[column], new[column])}")
        for column, title in PRICES.items()
        if old[column] != new[column]
    ]


def _step(old: str, new: str) -> str:
    """0.1664 -> 0.17 (+2.2 %)"""
    text = f"{old or 'none'} -> {new or 'none'}"
    if not (old and new and Decimal(old)):
        return text
    return f"{text} ({(Decimal(new) / Decimal(old) - 1) * 100:+.1f} %)"


def refresh_services(
    rows: Sequence[Row],
    queries: Sequence[ServiceQuery],
    regions: Sequence[str],
    answers: Mapping[Query, Sequence[Product]],
    today: date,
) -> Outcome:
    """services.csv with the prices of `regions`; `answers` has the products for each query of theirs.

    Tiers keep their places in the file; new ones follow the item's last, new items the service's last.
    """
    found: list[Row] = list(rows)
    notes: list[Note] = []
    confirmed = 0
    for region in regions:
        for item in dict.fromkeys(query.key for query in queries if query.asked_in(region)):
            parts = [query for query in queries if query.key == item]
            old = [row for row in found if (row["region"], row["service"], row["item"]) == (region, *item)]
            try:
                new = _item(parts, region, old, answers, today)
            except PriceListError as error:
                notes.append(Note(PROBLEM, f"{region} {' '.join(item)}: {error}"))
                continue
            if new is None:
                notes += [Note(VANISHED, f"{region} {' '.join(item)}: AWS lists no such product")] if old else []
                continue
            changed = _compare_tiers(f"{region} {' '.join(item)}", old, new)
            notes += changed
            confirmed += not changed
            found = _replaced(found, old, new)
    return Outcome(tuple(found), tuple(notes), confirmed, _not_asked(rows, queries, regions))


def _not_asked(rows: Iterable[Row], queries: Iterable[ServiceQuery], regions: Iterable[str]) -> tuple[str, ...]:
    """Items of the regions without a query, each once."""
    asked = {(region, *query.key) for query in queries for region in regions if query.asked_in(region)}
    places = {*regions}
    return tuple(
        dict.fromkeys(
            f"{row['service']} {row['item']}"
            for row in rows
            if row["region"] in places and (row["region"], row["service"], row["item"]) not in asked
        )
    )


def _item(
    queries: Sequence[ServiceQuery],
    region: str,
    old: Sequence[Row],
    answers: Mapping[Query, Sequence[Product]],
    today: date,
) -> list[Row] | None:
    """The rows of an item, one a tier; None where a product of it is not listed. Raises PriceListError."""
    first = queries[0]
    if old and old[0]["unit"] != first.unit:
        raise PriceListError(f"the catalogue has it per {old[0]['unit']}, the table of queries per {first.unit}")
    products = [(query, find(query, region, answers[query.query(region)])) for query in queries]
    if not all(found for _, found in products):
        return None
    tiers, source = price(products)
    if old:
        _check_leap(old[0]["usd"], tiers[0].usd)
    rows = [_tier_row(tier, alone=len(tiers) == 1) for tier in tiers]
    same = _texts(old) == _texts(rows)
    return [
        {
            "region": region,
            "service": first.service,
            "item": first.item,
            "unit": first.unit,
            **row,
            "source": source,
            "as_of": today.isoformat(),
            # It agreed with the price as it was.
            "second_source": old[number]["second_source"] if same else "",
            "certainty": CERTAINTY,
        }
        for number, row in enumerate(rows)
    ]


def _tier_row(tier: Tier, *, alone: bool) -> Row:
    """The cells of a tier. The only one of an item is written without limits, if it has no end."""
    end = "" if tier.end is None else plain(tier.end)
    return {"usd": plain(tier.usd), "tier_from": "" if alone and not end else plain(tier.start), "tier_to": end}


def _texts(rows: Iterable[Row]) -> list[tuple[str, str, str]]:
    """Start, end and price of tiers, alike for the same numbers; a price or an end that is missing stays so."""
    texts = []
    for row in rows:
        numbers = (row["tier_from"] or "0", row["tier_to"], row["usd"])
        start, end, usd = (plain(Decimal(text)) if text else "" for text in numbers)
        texts.append((start, end, usd))
    return texts


def _compare_tiers(name: str, old: Sequence[Row], new: Sequence[Row]) -> list[Note]:
    """One line for each tier that costs something else; one for all where they begin elsewhere."""
    before, after = _texts(old), _texts(new)
    if before == after:
        return []
    if not old:
        return [Note(ADDED, f"{name} {_listed(after)} per {new[0]['unit']}")]
    if [(start, end) for start, end, _ in before] != [(start, end) for start, end, _ in after]:
        return [Note(CHANGED, f"{name} {_listed(before)} -> {_listed(after)}")]
    return [
        Note(CHANGED, f"{name}{f' from {start}' if start != '0' else ''} {_step(usd, now)}")
        for (start, _, usd), (_, _, now) in zip(before, after, strict=True)
        if usd != now
    ]


def _listed(tiers: Iterable[tuple[str, str, str]]) -> str:
    """0.023 to 51200, 0.022 to 512000, 0.021"""
    return ", ".join(f"{usd or 'none'}{f' to {end}' if end else ''}" for _, end, usd in tiers)


def _replaced(rows: Sequence[Row], old: Sequence[Row], new: Sequence[Row]) -> list[Row]:
    """The file with the rows of an item exchanged."""
    places = [index for index, row in enumerate(rows) if any(row is one for one in old)]
    if not places:
        service = [index for index, row in enumerate(rows) if row["service"] == new[0]["service"]]
        end = (service[-1] if service else len(rows) - 1) + 1
        return [*rows[:end], *new, *rows[end:]]
    # The last place takes the tiers that have none.
    by_place: dict[int, Sequence[Row]] = {place: new[at : at + 1] for at, place in enumerate(places)}
    by_place[places[-1]] = new[len(places) - 1 :]
    return [one for index, row in enumerate(rows) for one in by_place.get(index, [row])]
