"""Add up 10,000 line items, and let pandas do the same; price 100 environments, and one.

    .venv/bin/uv run --no-project --python .venv/bin/python --with pandas --with-editable . benchmarks/cost.py

pandas is not one of the repository's dependencies: this brings it for one run.

The items are what an estimate is made of: region, service, a quantity for each of three scenarios, a price. Of each
scenario the total is wanted, and the totals by service and by region. pandas gets the same rows as a frame, once with
Decimal objects, which is as exact as ours, and once with float64, which is not. Making lines and frames is not counted.
Decimal sums must be equal to the last digit, those of float64 to the cent (asserted).

The environments are production with other sizes. Reading its inventory is not counted: that is Ansible's time.

Times are CPU times of this machine; only their ratio says anything, and nothing depends on it.
"""

import random
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from trading_platform.cost.estimate import estimate
from trading_platform.cost.model import Estimate, Kind, Line, Quantities, Scenario
from trading_platform.inventory import load_estate
from trading_platform.pricing import Price, Tier, load_catalogue

ROOT = Path(__file__).parents[1]
ROUNDS = 9
ITEMS = 10_000
ENVIRONMENTS = 100
REGIONS = ("us-east-1", "us-west-2", "global")
SERVICES = tuple(f"Service{number}" for number in range(20))
TODAY = date(2026, 11, 27)

Sums = dict[str, Any]  # "low", "low EC2", ... to USD a month


def items() -> Estimate:
    """Lines as an estimate has them, at prices of six digits and quantities of two decimals."""
    chance = random.Random(10)

    def line(number: int) -> Line:
        low = Decimal(chance.randint(0, 100_000)) / 100
        price = Price("one", (Tier(Decimal(0), None, Decimal(chance.randint(1, 999_999)) / 10**6),), "", "", "high")
        quantities = Quantities(low, low * 2, low * 5)
        return Line(
            chance.choice(REGIONS), "a", chance.choice(SERVICES), "b", str(number), Kind.USAGE, quantities, "one", price
        )

    return Estimate("benchmark", tuple(line(number) for number in range(ITEMS)))


def frame(lines: Estimate, number: Callable[[Decimal], Any]) -> pd.DataFrame:
    """The same rows; `number` makes a figure of the frame."""
    rows = [
        {
            "region": line.region,
            "service": line.service,
            "price": number(line.price.usd if line.price else Decimal(0)),
            **{scenario.value: number(line.quantities.of(scenario) or Decimal(0)) for scenario in Scenario},
        }
        for line in lines.lines
    ]
    return pd.DataFrame(rows)


def with_model(lines: Estimate) -> Sums:
    found: Sums = {}
    for scenario in Scenario:
        found[scenario.value] = lines.total(scenario).usd
        for groups in (lines.by(lambda line: line.service, scenario), lines.by(lambda line: line.region, scenario)):
            found |= {f"{scenario.value} {name}": total.usd for name, total in groups.items()}
    return found


def with_pandas(rows: pd.DataFrame) -> Sums:
    found: Sums = {}
    for scenario in Scenario:
        monthly = rows[scenario.value] * rows["price"]
        found[scenario.value] = monthly.sum()
        for column in ("service", "region"):
            groups = monthly.groupby(rows[column]).sum()
            found |= {f"{scenario.value} {name}": usd for name, usd in groups.items()}
    return found


def environments() -> list[dict[str, Mapping[str, Any]]]:
    """Production with more or fewer replicas, storage and keys."""
    regions = load_estate(ROOT / "inventories" / "production").regions
    return [
        {
            region: {
                **variables,
                "rds_replica_count": number % 5,
                "rds_allocated_storage": 100 + number,
                "kms_keys": {str(key): {} for key in range(number)},
            }
            for region, variables in regions.items()
        }
        for number in range(ENVIRONMENTS)
    ]


def best_time[Given, Result](work: Callable[[Given], Result], given: Given) -> tuple[float, Result]:
    """The least CPU time of some rounds in seconds, and the result."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        result = work(given)
        times.append(time.process_time() - start)
    return min(times), result


def compare_sums() -> None:
    lines = items()
    ours, our_sums = best_time(with_model, lines)
    exact, exact_sums = best_time(with_pandas, frame(lines, lambda usd: usd))
    floats, float_sums = best_time(with_pandas, frame(lines, float))
    assert our_sums == exact_sums, "the sums differ"
    assert all(abs(float(usd) - float_sums[name]) < 0.005 for name, usd in our_sums.items()), "the floats differ"
    print(f"{ITEMS:,} items, {len(our_sums)} sums, best of {ROUNDS} rounds in one process")
    for name, seconds in (("trading_platform.cost", ours), ("pandas, Decimal", exact), ("pandas, float64", floats)):
        print(f"{name:22} {seconds * 1000:8.1f} ms  {seconds / ours:6.2f} of ours")


def compare_environments() -> None:
    groups = dict(load_estate(ROOT / "inventories" / "production").groups)
    several = environments()
    load_catalogue()

    def price_all(given: list[dict[str, Mapping[str, Any]]]) -> int:
        return sum(len(estimate(regions, groups, TODAY).lines) for regions in given)

    one, count = best_time(price_all, several[52:53])
    many, counts = best_time(price_all, several)
    print(f"one environment        {one * 1000:8.1f} ms  {count} lines")
    print(f"{ENVIRONMENTS} environments       {many * 1000:8.1f} ms  {counts} lines, {many / one:.0f} times as long")


def main() -> int:
    compare_sums()
    compare_environments()
    return 0


if __name__ == "__main__":
    sys.exit(main())
