"""The comparison with the design document: its figures are the document's, and every line is in exactly one row."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from cost_lines import estimates
from hypothesis import given, settings

from trading_platform.cost.document import DOCUMENT_TOTAL, LEFT_OUT, ROWS, Compared, compare
from trading_platform.cost.estimate import estimate
from trading_platform.cost.model import Estimate, Line, Scenario, Total, total
from trading_platform.inventory import load_estate

DOCUMENT = Path(__file__).parents[2] / "docs" / "design-document.md"
TODAY = date(2026, 11, 27)
NOTHING = Total(Decimal(0), 0)


@cache
def priced(environment: str = "production") -> Estimate:
    estate = load_estate(f"inventories/{environment}")
    return estimate(estate.regions, estate.groups, TODAY)


def table_of_the_document() -> dict[str, Decimal]:
    """Row to USD a month, as the document has them."""
    text = DOCUMENT.read_text(encoding="utf-8").partition("### Monthly Cost Breakdown")[2].partition("###")[0]
    rows = re.findall(r"^\| \**([^|*]+?)\** \| \**~?\$([\d,]+)(?:/month)?\** \|$", text, re.MULTILINE)
    return {name: Decimal(usd.replace(",", "")) for name, usd in rows}


def added(totals: list[Total]) -> Total:
    return Total(sum((one.usd for one in totals), Decimal(0)), sum(one.unknown for one in totals))


def holders(line: Line) -> list[str]:
    return [row.name for row in ROWS if row.holds(line)]


def test_the_figures_are_those_of_the_document() -> None:
    found = table_of_the_document()
    assert found.pop("Total") == DOCUMENT_TOTAL == sum(found.values())
    assert {row.name: row.usd for row in ROWS} == found
    assert [row.name for row in ROWS] == list(found)


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_a_line_is_in_one_row_or_in_none(environment: str) -> None:
    by_rows = {line.identity: holders(line) for line in priced(environment).lines}
    assert not [line for line, rows in by_rows.items() if len(rows) > 1]
    assert {name for rows in by_rows.values() for name in rows} == {row.name for row in ROWS}


def test_rows_and_what_the_table_leaves_out_add_up_to_the_estimate() -> None:
    found = priced()
    *rows, whole = compare(found, "us-east-1")
    assert [one.name for one in rows] == [*(row.name for row in ROWS), LEFT_OUT]
    for column in ("low", "typical", "standby"):
        assert added([getattr(one, column) for one in rows]) == getattr(whole, column)
    assert whole.typical.usd + whole.standby.usd == found.total(Scenario.TYPICAL).usd
    assert whole.low == found.total(Scenario.LOW, lambda line: line.region != "us-west-2")


def test_the_rows_of_production_are_what_comes_out_by_hand() -> None:
    found = {one.name: one for one in compare(priced(), "us-east-1")}

    def usd(one: Compared) -> list[str]:
        return [f"{part.usd:.2f}" for part in (one.low, one.typical, one.standby)]

    assert usd(found["EKS Control Plane"]) == ["73.00", "73.00", "73.00"]
    # Least: 3 x 121.472 + 3 x 183.96; typically 4 and 3; standby: 3 x 121.472.
    assert usd(found["EC2 (On-Demand)"]) == ["916.30", "1037.77", "364.42"]
    # 2 and 4 x 730 x 0.1666.
    assert usd(found["EC2 (Spot)"]) == ["243.24", "486.47", "0.00"]
    # 4 machines of 365 and their first 100 GB: 23 + 2 x 11.50; typically as much again, and 100 x 0.095 of backups.
    assert usd(found["RDS PostgreSQL"]) == ["1506.00", "1561.50", "397.50"]
    # The zone and two health checks are there once.
    assert usd(found["Route53"]) == ["1.50", "1.50", "0.00"]


def test_what_the_table_leaves_out_is_named_by_service() -> None:
    left_out = next(one for one in compare(priced(), "us-east-1") if one.name == LEFT_OUT)
    assert left_out.document is None
    services = {line.service for line in priced().lines if line.region != "us-west-2" and not holders(line)}
    assert left_out.reason == f"{', '.join(sorted(services))}."
    assert {"EBS", "KMS", "WAF", "VPC"} <= services


def test_hours_that_spot_has_no_capacity_for_are_on_demand() -> None:
    names = {line.name: holders(line) for line in priced().lines if line.resource == "node group compute"}
    assert names["c6i.2xlarge, spot"] == ["EC2 (Spot)"]
    assert names["c6i.2xlarge, on demand where spot has none above the minimum"] == ["EC2 (On-Demand)"]


@settings(deadline=None, max_examples=50)
@given(estimates)
def test_nothing_is_lost_or_counted_twice_whatever_the_estimate(found: Estimate) -> None:
    *rows, whole = compare(found, "us-east-1")
    assert added([one.typical for one in rows]) == whole.typical
    assert added([one.standby for one in rows]) == whole.standby
    assert added([whole.typical, whole.standby]) == total(found.lines, Scenario.TYPICAL)
