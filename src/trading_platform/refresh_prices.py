"""Refresh the price catalogue from AWS's Price List API, and say what changed.

    python -m trading_platform.refresh_prices [--region us-east-1 ...] [--only ec2 ...] [--check]

It needs credentials of any AWS account with pricing:GetProducts; the answers are the same for all. A region's instances
are asked for together (EC2: about 12 pages), as asking for each type would be a thousand calls.

Lines begin with ~ (another price), + (new), - (AWS lists it no more) or ! (the answer cannot be used); after the last
two the row stays as it was. A price that AWS repeats gets today's date, which is no change to --check.

Exit code 0: done; 1: a line began with !, or --check found another price; 2: AWS could not be asked, or a file not
read or written, and nothing was changed.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from trading_platform.aws.price_list import PriceListUnavailableError, ask, connect
from trading_platform.price_instances import KINDS, query
from trading_platform.price_list import PriceListError, Product, Query, read_products
from trading_platform.price_queries import ServiceQuery, load_queries
from trading_platform.price_refresh import (
    ADDED,
    CHANGED,
    PROBLEM,
    VANISHED,
    Note,
    Outcome,
    Row,
    refresh_instances,
    refresh_services,
)
from trading_platform.pricing import GLOBAL, PRICES, CatalogueError, load_catalogue

SERVICES = "services"
SERVICES_FILE = "services.csv"
NAMES = (*KINDS, SERVICES)

type Ask = Callable[[Query], list[Product]]


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(file: Path) -> Table:
    """Raises CatalogueError or OSError."""
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        rows = tuple(reader)
        columns = tuple(reader.fieldnames or ())
    for number, row in enumerate(rows, start=2):
        # csv puts cells too many under None, and None into those that are missing.
        if None in row or None in row.values():
            raise CatalogueError(f"{file.name}: line {number}: has not one cell for each of the {len(columns)} columns")
    return Table(columns, rows)


def write_tables(directory: Path, tables: Mapping[str, Table]) -> None:
    """Replace files of a catalogue, each in one step, once the whole catalogue was read with them.

    Raises CatalogueError, with nothing changed, or OSError.
    """
    with tempfile.TemporaryDirectory(dir=directory, prefix=".refresh-") as temporary:
        trial = Path(temporary)
        for file in directory.glob("*.csv"):
            if file.name in tables:
                _write(trial / file.name, tables[file.name])
            else:
                (trial / file.name).write_bytes(file.read_bytes())
        load_catalogue(trial)
        for name in tables:
            (trial / name).replace(directory / name)
    load_catalogue.cache_clear()


def _write(file: Path, table: Table) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, table.columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(table.rows)


def regions_of(tables: Iterable[Table]) -> list[str]:
    """The regions that the catalogue has, but not the groups of them that CloudFront is priced by."""
    found = {row["region"] for table in tables for row in table.rows}
    return sorted(region for region in found if not region.startswith(GLOBAL))


def refresh(
    tables: Mapping[str, Table],
    queries: Sequence[ServiceQuery],
    regions: Sequence[str],
    answer: Ask,
    today: date,
) -> dict[str, Outcome]:
    """Every file of `tables` (name to table) after a refresh. Raises PriceListError or PriceListUnavailableError."""
    outcomes = {}
    for name, kind in KINDS.items():
        if kind.file not in tables:
            continue
        rows, confirmed = tables[kind.file].rows, 0
        notes: list[Note] = []
        for region in regions:
            products = _some(answer, query(kind, region), f"{name} in {region}")
            part = refresh_instances(kind, rows, region, products, today)
            rows, confirmed = part.rows, confirmed + part.confirmed
            notes += part.notes
        outcomes[kind.file] = Outcome(rows, tuple(notes), confirmed)
    if SERVICES_FILE in tables:
        places = (*regions, GLOBAL)
        needed = dict.fromkeys(one.query(place) for place in places for one in queries if one.asked_in(place))
        answers = {one: answer(one) for one in needed}
        outcomes[SERVICES_FILE] = refresh_services(tables[SERVICES_FILE].rows, queries, places, answers, today)
    return outcomes


def _some(answer: Ask, asked: Query, what: str) -> list[Product]:
    products = answer(asked)
    if not products:
        raise PriceListError(f"AWS lists no {what}; is the region's name right?")
    return products


def report(outcomes: Mapping[str, Outcome]) -> list[str]:
    """The lines to print: every change, then a total for each file."""
    lines = [f"{note.mark} {note.text}" for outcome in outcomes.values() for note in outcome.notes]
    for name, outcome in outcomes.items():
        counts = [f"{outcome.confirmed} confirmed"]
        marks = ((CHANGED, "changed"), (ADDED, "added"), (VANISHED, "vanished, kept"), (PROBLEM, "not usable, kept"))
        counts += [f"{outcome.count(mark)} {words}" for mark, words in marks]
        lines.append(f"{name}: {', '.join(counts)}")
        if outcome.not_asked:
            lines.append(f"  not asked, kept: {', '.join(outcome.not_asked)}")
    return lines


def main(
    arguments: Sequence[str] | None = None, connect: Callable[[], Any] = connect, today: date | None = None
) -> int:
    """The command line; returns the exit code."""
    options = _options(arguments)
    names = options.only or NAMES
    files = [KINDS[name].file if name in KINDS else SERVICES_FILE for name in NAMES if name in names]
    try:
        load_catalogue(options.directory)  # says which line is wrong, should one be
        tables = {file: read_table(options.directory / file) for file in files}
        queries = load_queries(options.directory)
        client = connect()
        outcomes = refresh(
            tables,
            queries,
            options.region or regions_of(tables.values()),
            lambda asked: read_products(ask(client, asked)),
            today or datetime.now(tz=UTC).date(),
        )
        if not options.check:
            write_tables(
                options.directory,
                {name: Table(tables[name].columns, one.rows) for name, one in outcomes.items()},
            )
    except (PriceListUnavailableError, PriceListError, CatalogueError, OSError) as problem:
        print(f"refresh_prices: {problem}", file=sys.stderr)
        return 2
    print("\n".join(report(outcomes)))
    stale = options.check and any(one.count(CHANGED) or one.count(ADDED) for one in outcomes.values())
    return int(stale or any(one.count(PROBLEM) for one in outcomes.values()))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Refresh the price catalogue from AWS's Price List API.")
    parser.add_argument("--region", action="append", metavar="REGION", help="again for more; all that the files have")
    parser.add_argument("--only", action="append", choices=NAMES, help="again for more; all files")
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 where a price is another")
    parser.add_argument("--directory", type=Path, default=PRICES, help="the catalogue (that of this package)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
