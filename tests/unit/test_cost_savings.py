"""What the strategies save: by hand for production, and what happens where something is not there or not known."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from trading_platform.cost.advice import sections
from trading_platform.cost.estimate import estimate_of, places_of
from trading_platform.cost.savings import Saving, savings
from trading_platform.inventory import Estate, load_estate
from trading_platform.pricing import Catalogue, load_catalogue
from trading_platform.tables import Table

TODAY = date(2026, 11, 27)
PRIMARY, STANDBY = "us-east-1", "us-west-2"


@cache
def production() -> Estate:
    return load_estate("inventories/production")


def found(changes: Mapping[str, Any] | None = None, catalogue: Catalogue | None = None) -> dict[str, Saving]:
    """Strategy and what it is of, to the saving; with some variables of the primary region changed."""
    regions = {
        region: {**variables, **(changes or {})} if region == PRIMARY else variables
        for region, variables in production().regions.items()
    }
    places = places_of(regions, production().groups, catalogue)
    return {f"{one.strategy}, {one.what}": one for one in savings(places, estimate_of(places, TODAY).lines)}


def usage(**changes: Any) -> dict[str, Any]:
    """The usage of production with some of the primary region's changed; None takes one away."""
    whole = production().regions[PRIMARY]["cost_usage"]
    own = {key: value for key, value in {**whole["primary"], **changes}.items() if value is not None}
    return {"cost_usage": {**whole, "primary": own}}


def cents(usd: Decimal | None) -> str:
    return "unknown" if usd is None else f"{usd:.2f}"


def told(one: Saving) -> tuple[str, str, str]:
    return cents(one.now), cents(one.then), cents(one.saved)


def test_the_savings_of_production_are_what_comes_out_by_hand() -> None:
    assert {name: told(one) for name, one in found().items()} == {
        # 4 nodes x 730 h: 0.34 on demand, 0.1666 on spot.
        "Spot instances, us-east-1: node group compute": ("992.80", "486.47", "506.33"),
        # 730 h a month, a year without payment in advance: 1.00 and 0.5776 for two machines, half of it for one.
        "Reserved for 1 year, us-east-1: RDS: 1 db.r6i.xlarge with two machines": ("730.00", "421.65", "308.35"),
        "Reserved for 1 year, us-east-1: RDS: 2 db.r6i.xlarge": ("730.00", "421.65", "308.35"),
        "Reserved for 1 year, us-west-2: RDS: 1 db.r6i.xlarge": ("365.00", "210.82", "154.18"),
        # 3 x 730 x 0.206 and 0.141.
        "Reserved for 1 year, us-east-1: ElastiCache: 3 cache.r6g.large": ("451.14", "308.79", "142.35"),
        # 3 x 730 x 0.1664 and 0.1043; 730 x 0.252 and 0.1667; 2 x 730 x 0.1664 and 0.1043.
        "Reserved for 1 year, us-east-1: EC2: 3 t3.xlarge": ("364.42", "228.42", "136.00"),
        "Reserved for 1 year, us-east-1: EC2: 3 r6i.xlarge": ("551.88", "365.07", "186.81"),
        "Reserved for 1 year, us-west-2: EC2: 3 t3.xlarge": ("364.42", "228.42", "136.00"),
        # On spot both: 2 x 730 x 0.1666 and 0.0925. On demand: 3 x 730 x 0.1664 and 0.1344; 730 x 0.252 and 0.2016.
        "Graviton, us-east-1: node group compute, 2 c6g.2xlarge": ("243.24", "135.05", "108.19"),
        "Graviton, us-east-1: node group general, 3 t4g.xlarge": ("364.42", "294.34", "70.08"),
        "Graviton, us-east-1: node group memory, 3 r6g.xlarge": ("551.88", "441.50", "110.38"),
        "Graviton, us-west-2: node group general, 3 t4g.xlarge": ("364.42", "294.34", "70.08"),
        # 730 x (1.00 + 2 x 0.50) and 730 x (0.899 + 2 x 0.45); the standby's single one.
        "Graviton, us-east-1: databases, db.r6g.xlarge": ("1460.00", "1313.27", "146.73"),
        "Graviton, us-west-2: databases, db.r6g.xlarge": ("365.00", "328.50", "36.50"),
        # 3 x 730 x 0.206 and 0.1648.
        "Valkey, us-east-1: Redis, Valkey on the same nodes": ("451.14", "360.91", "90.23"),
        # 3,650 GB at 0.023; 300 at 0.023, 600 at 0.0125, 2,750 at 0.0036.
        "S3 lifecycle, us-east-1: bucket backups": ("83.95", "24.30", "59.65"),
        "S3 lifecycle, us-west-2: bucket backups": ("83.95", "24.30", "59.65"),
        # 700 and 50 GB at 0.045.
        "Gateway endpoints, us-east-1: S3 and DynamoDB": ("31.50", "0.00", "31.50"),
        "Gateway endpoints, us-west-2: S3 and DynamoDB": ("2.25", "0.00", "2.25"),
    }


def test_what_the_estate_does_already_is_told_apart() -> None:
    taken = {one.strategy for one in found().values() if one.taken}
    assert taken == {"Spot instances", "S3 lifecycle", "Gateway endpoints"}
    assert not found({"vpc_gateway_endpoints": []})["Gateway endpoints, us-east-1: S3 and DynamoDB"].taken


def test_a_reservation_pays_off_after_its_share_of_the_year() -> None:
    savings_found = found()
    for name, months in (
        ("Reserved for 1 year, us-east-1: RDS: 2 db.r6i.xlarge", "6.9"),  # 12 x 0.2888 / 0.50
        ("Reserved for 1 year, us-east-1: ElastiCache: 3 cache.r6g.large", "8.2"),  # 12 x 0.141 / 0.206
        ("Reserved for 1 year, us-east-1: EC2: 3 r6i.xlarge", "7.9"),  # 12 x 0.1667 / 0.252
    ):
        assert savings_found[name].break_even == (
            f"when it runs for more than {months} months of the year, all of which are paid"
        )


def test_a_standby_without_redis_saves_nothing_of_it() -> None:
    assert not [name for name in found() if STANDBY in name and ("ElastiCache" in name or "Valkey" in name)]
    primary = found({"elasticache_state": production().regions[STANDBY]["elasticache_state"]})
    assert not [name for name in primary if "ElastiCache" in name or "Valkey" in name]


def test_who_has_valkey_or_graviton_is_not_told_to_change() -> None:
    assert not [name for name in found({"elasticache_engine": "valkey"}) if name.startswith("Valkey")]
    assert "Graviton, us-east-1: databases, db.r6g.xlarge" not in found({"rds_instance_class": "db.r6g.xlarge"})


def test_hours_that_spot_has_no_capacity_for_save_nothing() -> None:
    # A quarter of 2,920 h on demand: 2,190 x 0.1666 + 730 x 0.34.
    one = found(usage(spot_share=0.75))["Spot instances, us-east-1: node group compute"]
    assert told(one) == ("992.80", "613.05", "379.75")
    assert told(found(usage(spot_share=0))["Spot instances, us-east-1: node group compute"])[2] == "0.00"


def test_a_spot_group_without_nodes_saves_nothing() -> None:
    assert not [name for name in found() if name.startswith("Spot instances, us-west-2")]


def test_a_quantity_that_nobody_knows_makes_the_saving_unknown() -> None:
    for key, name in (
        ("spot_share", "Spot instances, us-east-1: node group compute"),
        ("backup_ia_gb", "S3 lifecycle, us-east-1: bucket backups"),
        ("gateway_endpoint_gb", "Gateway endpoints, us-east-1: S3 and DynamoDB"),
    ):
        assert told(found(usage(**{key: None}))[name])[2] == "unknown", key


def without(catalogue: Catalogue, *parts: str) -> Catalogue:
    """The catalogue without the prices whose keys have all these parts."""

    def kept[Key: tuple[str, ...], Value](prices: Mapping[Key, Value]) -> dict[Key, Value]:
        return {key: price for key, price in prices.items() if not set(parts) <= set(key)}

    return replace(
        catalogue,
        ec2_prices=kept(catalogue.ec2_prices),
        rds_prices=kept(catalogue.rds_prices),
        elasticache_prices=kept(catalogue.elasticache_prices),
        service_prices=kept(catalogue.service_prices),
    )


def test_a_price_that_nobody_knows_makes_the_saving_unknown() -> None:
    reserved = "Reserved for 1 year, us-east-1: RDS: 2 db.r6i.xlarge"
    for parts, name in (
        (("db.r6i.xlarge", "reserved_1y"), reserved),
        (("db.r6i.xlarge", "on_demand"), reserved),
        (("t4g.xlarge",), "Graviton, us-east-1: node group general, 3 t4g.xlarge"),
        (("db.r6g.xlarge", "Multi-AZ"), "Graviton, us-east-1: databases, db.r6g.xlarge"),
        (("valkey",), "Valkey, us-east-1: Redis, Valkey on the same nodes"),
        (("c6i.2xlarge", "spot"), "Spot instances, us-east-1: node group compute"),
        (("S3", "standard_ia_storage"), "S3 lifecycle, us-east-1: bucket backups"),
        (("VPC", "nat_gateway_processed"), "Gateway endpoints, us-east-1: S3 and DynamoDB"),
    ):
        one = found(catalogue=without(load_catalogue(), *parts))[name]
        assert one.saved is None, name
        if name == reserved:
            assert one.break_even == "unknown"


def test_a_price_that_is_not_needed_may_be_unknown() -> None:
    """The standby has no Multi-AZ database, so that nobody asks what one would cost."""
    one = found(catalogue=without(load_catalogue(), STANDBY, "Multi-AZ"))
    assert told(one["Graviton, us-west-2: databases, db.r6g.xlarge"]) == ("365.00", "328.50", "36.50")


def test_strategies_are_shown_where_they_belong() -> None:
    all_savings = tuple(found(usage(spot_share=None)).values())
    _, could, does, _ = sections((), all_savings, ())
    rows = {
        section.title: next(part for part in section.content if isinstance(part, Table)).rows
        for section in (could, does)
    }
    assert ("Spot instances", "us-east-1: node group compute", "unknown", "unknown", "unknown") in [
        row[:5] for row in rows["What is saved already, in USD a month"]
    ]
    assert {row[0] for row in rows["What could be saved, in USD a month"]} == {
        "Reserved for 1 year",
        "Graviton",
        "Valkey",
    }
    nothing = sections((), (), ())[1]
    assert nothing.content == ("Nothing.",)
