"""The price catalogue: what it knows, what it does not, and how tiers add up."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform.pricing import CatalogueError, Price, Tier, as_of, load_catalogue

CATALOGUE = load_catalogue()


def test_instances_of_the_document_cost_what_the_sources_say() -> None:
    assert {
        "t3.xlarge": usd(CATALOGUE.ec2("us-east-1", "t3.xlarge")),
        "c6i.2xlarge": usd(CATALOGUE.ec2("us-east-1", "c6i.2xlarge")),
        "c6i.2xlarge on spot": usd(CATALOGUE.ec2("us-east-1", "c6i.2xlarge", "spot")),
        "r6i.xlarge reserved": usd(CATALOGUE.ec2("us-east-1", "r6i.xlarge", "reserved_1y")),
        "db.r6i.xlarge": usd(CATALOGUE.rds("us-east-1", "db.r6i.xlarge", multi_az=False)),
        "db.r6i.xlarge twice": usd(CATALOGUE.rds("us-east-1", "db.r6i.xlarge", multi_az=True)),
        "cache.r6g.large": usd(CATALOGUE.elasticache("us-west-2", "cache.r6g.large", "redis")),
    } == {
        "t3.xlarge": "0.1664",
        "c6i.2xlarge": "0.34",
        "c6i.2xlarge on spot": "0.1666",
        "r6i.xlarge reserved": "0.1667",
        "db.r6i.xlarge": "0.5",
        "db.r6i.xlarge twice": "1",
        "cache.r6g.large": "0.206",
    }


def usd(price: Price | None) -> str | None:
    """The figure as the file has it."""
    return None if price is None else str(price.usd)


def test_what_the_catalogue_does_not_know_has_no_price() -> None:
    assert CATALOGUE.ec2("us-east-1", "t9.huge") is None
    assert CATALOGUE.ec2("eu-south-1", "t3.xlarge") is None
    assert CATALOGUE.service("us-east-1", "RDS", "performance_insights_long_term_r6i") is None


def test_every_price_says_where_it_comes_from_and_how_certain_it_is() -> None:
    for prices in (
        CATALOGUE.ec2_prices,
        CATALOGUE.rds_prices,
        CATALOGUE.elasticache_prices,
        CATALOGUE.service_prices,
    ):
        assert prices
        for name, price in prices.items():
            assert price.source, name
            assert price.certainty, name


def test_each_part_of_a_quantity_costs_what_its_tier_says() -> None:
    traffic = CATALOGUE.service("us-east-1", "DataTransfer", "internet_out")
    assert traffic is not None
    # 10,240 GB at 0.09, the next 9,760 at 0.085.
    assert traffic.of(Decimal(20_000)) == Decimal("921.600") + Decimal("829.600")


def test_what_lies_beyond_the_known_tiers_is_charged_at_the_last() -> None:
    price = Price("gb", (Tier(Decimal(0), Decimal(500), Decimal(1)),), "a source", "2026-01-01", "medium")
    assert price.of(Decimal(700)) == 700


@given(
    st.lists(st.decimals("0.01", 1000, places=2), min_size=1, max_size=4),
    st.decimals(0, 10_000, places=2),
    st.decimals(0, 10_000, places=2),
)
def test_more_never_costs_less(widths: list[Decimal], one: Decimal, other: Decimal) -> None:
    start, tiers = Decimal(0), []
    for index, width in enumerate(widths):
        end = None if index == len(widths) - 1 else start + width
        tiers.append(Tier(start, end, Decimal(1) / (index + 1)))
        start += width
    price = Price("gb", tuple(tiers), "a source", "", "high")
    assert price.of(min(one, other)) <= price.of(max(one, other)) <= max(one, other)


def test_less_than_nothing_is_refused() -> None:
    price = CATALOGUE.ec2("us-east-1", "t3.xlarge")
    assert price is not None
    with pytest.raises(ValueError, match="-1 hour"):
        price.of(Decimal(-1))


def test_dates_are_those_of_the_oldest_and_the_newest_price() -> None:
    assert as_of([dated("on or before 2024-07-01"), dated("2026-10-13"), dated("")]) == ("2024-07-01", "2026-10-13")
    assert as_of([dated("unknown")]) is None


def dated(day: str) -> Price:
    """A price of a day."""
    return Price("gb", (Tier(Decimal(0), None, Decimal(1)),), "a source", day, "high")


SERVICES = "region,service,item,unit,usd,tier_from,tier_to,source,as_of,second_source,certainty\n"
INSTANCES = "region,instance_type,on_demand_usd_hour,spot_usd_hour,ri_1y_no_upfront_usd_hour,source,as_of,certainty\n"


def broken(directory: Path, file: str, text: str) -> str:
    """What loading says of the catalogue with one file replaced."""
    for source in (Path(__file__).parents[2] / "src/trading_platform/data/prices").iterdir():
        (directory / source.name).write_text(text if source.name == file else source.read_text(encoding="utf-8"))
    with pytest.raises(CatalogueError) as refusal:
        load_catalogue(directory)
    return str(refusal.value)


def test_a_file_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    gap = "us-east-1,S3,x,gb,2,0,10,s,,,high\nus-east-1,S3,x,gb,1,20,,s,,,high\n"
    assert broken(tmp_path, "services.csv", SERVICES + gap) == (
        "services.csv: line 3: tier_from: 20 does not follow on the tier before it"
    )
    free = "us-east-1,S3,x,gb,gratis,,,s,,,high\n"
    assert broken(tmp_path, "services.csv", SERVICES + free) == ("services.csv: line 2: usd: 'gratis' is not a number")
    twice = "us-east-1,t3.nano,1,,,s,,high\n" * 2
    assert broken(tmp_path, "ec2.csv", INSTANCES + twice) == (
        "ec2.csv: line 3: us-east-1, t3.nano, on_demand stands twice"
    )
    below = "us-east-1,t3.nano,-1,,,s,,high\n"
    assert broken(tmp_path, "ec2.csv", INSTANCES + below) == "ec2.csv: line 2: on_demand_usd_hour: -1 is not a price"
