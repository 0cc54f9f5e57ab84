"""Refreshing a catalogue from a price list, end to end: the files before, the command, the files after."""

import csv
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from price_list_world import RDS, PriceList, document, ec2

from trading_platform import refresh_prices
from trading_platform.pricing import PRICES, CatalogueError, load_catalogue

TODAY = date(2026, 11, 27)
SOURCE = "AWS Price List API, AmazonEC2 2026-11-20"


@dataclass(frozen=True)
class Run:
    """What a run of the command printed, and its exit code."""

    code: int
    lines: Sequence[str]
    errors: str

    def marked(self, marks: str) -> list[str]:
        """The lines of some marks."""
        return [line for line in self.lines if line[0] in marks]


class Desk:
    """A copy of the catalogue, and the price list that it is refreshed from."""

    def __init__(self, directory: Path, output: pytest.CaptureFixture[str]) -> None:
        self.directory = directory
        self.price_list = PriceList()
        self._output = output

    def run(self, *arguments: str, connect: Any = None) -> Run:
        """The command on the copy."""
        code = refresh_prices.main(
            ["--directory", str(self.directory), *arguments], connect=connect or self.price_list.client, today=TODAY
        )
        printed = self._output.readouterr()
        return Run(code, printed.out.splitlines(), printed.err)

    def rows(self, file: str, **wanted: str) -> list[dict[str, str]]:
        """Rows of a file that have these cells."""
        with (self.directory / file).open(newline="") as lines:
            return [row for row in csv.DictReader(lines) if wanted.items() <= row.items()]

    def set(self, file: str, rows: Sequence[dict[str, str]]) -> None:
        """Write a file with these rows only."""
        with (self.directory / file).open("w", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def files(self) -> dict[str, bytes]:
        """Every file of the copy."""
        return {file.name: file.read_bytes() for file in self.directory.iterdir()}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    directory = tmp_path / "prices"
    shutil.copytree(PRICES, directory)
    return Desk(directory, capsys)


def service(sku: str, code: str, usage_type: str, price: str | Sequence[tuple[str, str]], **attributes: str) -> str:
    """A product of us-east-1 that is no instance."""
    steps = [("0", price)] if isinstance(price, str) else price
    return document(sku, code, {"regionCode": "us-east-1", "usagetype": usage_type, **attributes}, steps)


def test_a_price_that_changed_is_written_and_said(desk: Desk) -> None:
    desk.set("ec2.csv", [*desk.rows("ec2.csv", instance_type="t3.xlarge"), *desk.rows("ec2.csv", region="none")])
    spot = desk.rows("ec2.csv", region="us-east-1")[0]["spot_usd_hour"]
    desk.price_list.documents = [
        ec2("A", "us-east-1", "t3.xlarge", "0.17", reserved="0.1045"),
        ec2("B", "us-west-2", "t3.xlarge", "0.1664", reserved="0.1045"),
    ]
    run = desk.run("--only", "ec2")
    assert (run.code, run.lines) == (
        0,
        [
            "~ us-east-1 t3.xlarge on demand 0.1664 -> 0.17 (+2.2 %)",
            "~ us-east-1 t3.xlarge reserved 1y 0.1043 -> 0.1045 (+0.2 %)",
            "~ us-west-2 t3.xlarge reserved 1y 0.1043 -> 0.1045 (+0.2 %)",
            "ec2.csv: 0 confirmed, 3 changed, 0 added, 0 vanished, kept, 0 not usable, kept",
        ],
    )
    (row,) = desk.rows("ec2.csv", region="us-east-1")
    assert (row["on_demand_usd_hour"], row["source"], row["as_of"], row["certainty"]) == (
        "0.17",
        SOURCE,
        "2026-11-27",
        "high",
    )
    # A spot price is not in the Price List.
    assert (row["spot_usd_hour"], row["spot_as_of"]) == (spot, "2025-06-28")
    catalogue = load_catalogue(desk.directory)
    price = catalogue.ec2("us-east-1", "t3.xlarge")
    assert price is not None
    assert (price.usd, price.source, price.certainty) == (Decimal("0.17"), SOURCE, "high")


def test_the_same_again_confirms_and_changes_nothing(desk: Desk) -> None:
    desk.price_list.documents = [ec2("A", "us-east-1", "t3.xlarge", "0.17", reserved="0.1043")]
    desk.run("--only", "ec2", "--region", "us-east-1")
    before = desk.files()
    again = desk.run("--only", "ec2", "--region", "us-east-1")
    assert again.code == 0
    assert again.marked("~+!") == []
    assert again.lines[-1].startswith("ec2.csv: 1 confirmed, 0 changed, 0 added, 1366 vanished, kept")
    assert desk.files() == before


def test_every_other_row_stays_as_it_was(desk: Desk) -> None:
    before = (desk.directory / "ec2.csv").read_text().splitlines()
    desk.price_list.documents = [ec2("A", "us-east-1", "t3.xlarge", "0.17", reserved="0.1043")]
    run = desk.run("--only", "ec2", "--region", "us-east-1")
    after = (desk.directory / "ec2.csv").read_text().splitlines()
    assert [(old[:20], new[:20]) for old, new in zip(before, after, strict=True) if old != new] == [
        ("us-east-1,t3.xlarge,", "us-east-1,t3.xlarge,")
    ]
    assert "- us-east-1 a1.large: AWS lists it no more" in run.lines
    assert sorted(desk.files()) == sorted(file.name for file in PRICES.iterdir())


def test_a_new_type_is_added_where_the_order_of_the_file_has_it(desk: Desk) -> None:
    desk.price_list.documents = [
        ec2("A", "us-east-1", "t3.xlarges", "1.25", reserved="0.75", vcpu="128", memory="1,952 GiB"),
        ec2("B", "us-east-1", "z9.nano", "0.01", vcpu="NA", memory="NA"),
    ]
    run = desk.run("--only", "ec2", "--region", "us-east-1")
    assert run.marked("+") == [
        "+ us-east-1 t3.xlarges on demand 1.25, reserved 1y 0.75",
        "+ us-east-1 z9.nano on demand 0.01",
    ]
    types = [row["instance_type"] for row in desk.rows("ec2.csv", region="us-east-1")]
    assert types == sorted(types)
    (row,) = desk.rows("ec2.csv", instance_type="t3.xlarges")
    assert row == {
        "region": "us-east-1",
        "instance_type": "t3.xlarges",
        "vcpu": "128",
        "memory_gib": "1952",
        "on_demand_usd_hour": "1.25",
        "spot_usd_hour": "",
        "ri_1y_no_upfront_usd_hour": "0.75",
        "source": SOURCE,
        "as_of": "2026-11-27",
        "spot_source": "",
        "spot_as_of": "",
        "certainty": "high",
    }
    (bare,) = desk.rows("ec2.csv", instance_type="z9.nano")
    assert (bare["vcpu"], bare["memory_gib"], bare["ri_1y_no_upfront_usd_hour"]) == ("", "", "")
    catalogue = load_catalogue(desk.directory)
    assert catalogue.ec2("us-east-1", "t3.xlarges", "spot") is None


def test_a_reservation_that_is_offered_no_more_is_no_price(desk: Desk) -> None:
    desk.price_list.documents = [ec2("A", "us-east-1", "t3.xlarge", "0.1664")]
    run = desk.run("--only", "ec2", "--region", "us-east-1")
    assert run.marked("~") == ["~ us-east-1 t3.xlarge reserved 1y 0.1043 -> none"]
    assert load_catalogue(desk.directory).ec2("us-east-1", "t3.xlarge", "reserved_1y") is None


def test_products_that_cannot_be_told_apart_leave_the_row_and_are_named(desk: Desk) -> None:
    desk.price_list.documents = [
        ec2("A", "us-east-1", "t3.xlarge", "0.1664", reserved="0.1043"),
        ec2("B", "us-east-1", "t3.xlarge", "0.19", reserved="0.1043"),
        ec2("C", "us-east-1", "t3.large", "0.09"),
    ]
    before = desk.rows("ec2.csv", instance_type="t3.xlarge")
    run = desk.run("--only", "ec2", "--region", "us-east-1")
    assert run.code == 1
    assert run.marked("!") == [
        "! us-east-1 t3.xlarge: 2 products answer, at different prices: A (BoxUsage:t3.xlarge), B (BoxUsage:t3.xlarge)"
    ]
    assert desk.rows("ec2.csv", instance_type="t3.xlarge") == before
    # What could be used was.
    assert desk.rows("ec2.csv", region="us-east-1", instance_type="t3.large")[0]["on_demand_usd_hour"] == "0.09"


def test_a_leap_is_no_change_of_price(desk: Desk) -> None:
    desk.price_list.documents = [
        ec2("A", "us-east-1", "t3.xlarge", "1.664"),
        ec2("B", "us-east-1", "t3.large", "0.07", reserved="0.0001"),
        ec2("C", "us-east-1", "t3.nano", "0"),
    ]
    run = desk.run("--only", "ec2", "--region", "us-east-1")
    assert run.code == 1
    assert run.marked("!") == [
        "! us-east-1 t3.large: 0.0522 -> 0.0001 is no change of price; look at what the product is, and its unit",
        "! us-east-1 t3.xlarge: 0.1664 -> 1.664 is no change of price; look at what the product is, and its unit",
    ]
    # An instance at 0 USD is not for sale.
    assert "- us-east-1 t3.nano: AWS lists it no more" in run.lines


def test_databases_and_caches_have_their_keys(desk: Desk) -> None:
    rds = RDS | {"regionCode": "us-west-2", "instanceType": "db.r6i.xlarge"}
    cache = {"productFamily": "Cache Instance", "regionCode": "us-west-2", "instanceType": "cache.r6g.large"}
    cache |= {"usagetype": "USW2-NodeUsage:cache.r6g.large"}
    new = rds | {"instanceType": "db.r9i.large", "usagetype": "USW2-InstanceUsage:db.r9i.large"}
    single, multi = "USW2-InstanceUsage:db.r6i.xl", "USW2-Multi-AZUsage:db.r6i.xl"
    desk.price_list.documents = [
        document("A", "AmazonRDS", rds | {"deploymentOption": "Single-AZ", "usagetype": single}, [("0", "0.51")]),
        document("B", "AmazonRDS", rds | {"deploymentOption": "Multi-AZ", "usagetype": multi}, [("0", "1.02")]),
        document("C", "AmazonRDS", new | {"deploymentOption": "Single-AZ"}, [("0", "0.3")], reserved="0.2"),
        document("D", "AmazonElastiCache", cache | {"cacheEngine": "Valkey"}, [("0", "0.17")], reserved="0.1"),
    ]
    run = desk.run("--only", "rds", "--only", "elasticache", "--region", "us-west-2")
    assert [line for line in run.marked("~+") if "reserved 1y" not in line or line[0] == "+"] == [
        "~ us-west-2 db.r6i.xlarge Multi-AZ on demand 1 -> 1.02 (+2.0 %)",
        "~ us-west-2 db.r6i.xlarge Single-AZ on demand 0.5 -> 0.51 (+2.0 %)",
        "+ us-west-2 db.r9i.large Single-AZ on demand 0.3, reserved 1y 0.2",
        "~ us-west-2 valkey cache.r6g.large on demand 0.1648 -> 0.17 (+3.2 %)",
    ]
    catalogue = load_catalogue(desk.directory)
    found = [
        catalogue.rds("us-west-2", "db.r6i.xlarge", multi_az=True),
        catalogue.rds("us-west-2", "db.r9i.large", multi_az=False),
        catalogue.elasticache("us-west-2", "cache.r6g.large", "valkey"),
        catalogue.elasticache("us-west-2", "cache.r6g.large", "redis"),
    ]
    assert [price and price.usd for price in found] == [Decimal(x) for x in ("1.02", "0.3", "0.17", "0.206")]
    assert desk.rows("rds.csv", instance_class="db.r9i.large")[0]["engine"] == "postgresql"
    assert catalogue.rds_vcpus["db.r9i.large"] == 4


def test_services_are_written_by_their_units_and_tiers(desk: Desk) -> None:
    nat, sales = {"productFamily": "NAT Gateway"}, [("0", "0.023"), ("51200", "0.0225"), ("512000", "0.021")]
    desk.price_list.documents = [
        service("A", "AmazonEC2", "NatGateway-Hours", "0.045", **nat),
        service("B", "AmazonEC2", "NatGateway-Bytes", "0.05", **nat),
        service("C", "AmazonEC2", "RegionalNatGateway-Hours", "0.2", **nat),
        service("D", "AmazonS3", "TimedStorage-ByteHrs", sales, volumeType="Standard"),
        service("E", "awskms", "us-east-1-KMS-Requests", [("0", "0"), ("20000", "0.000004")]),
        # The catalogue knows one tier of it, up to 500 GB.
        service(
            "F",
            "AmazonGuardDuty",
            "PaidLambdaNetworkLogsAnalyzed-Bytes",
            [("0", "1"), ("500", "0.5"), ("2500", "0.25")],
        ),
        service("G", "AmazonEKS", "USE1-AmazonEKS-Hours:perCluster", "0.10"),
        service("H", "AmazonEKS", "USE1-AmazonEKS-Hours:extendedSupport", "0.55"),
        service("I", "AmazonCloudWatch", "CW:CompositeAlarmMonitorUsage", "0.6"),
    ]
    run = desk.run("--only", "services", "--region", "us-east-1")
    assert run.marked("~+!") == [
        "~ us-east-1 EKS control_plane_extended_support 0.6 -> 0.65 (+8.3 %)",
        "~ us-east-1 VPC nat_gateway_processed 0.045 -> 0.05 (+11.1 %)",
        "~ us-east-1 S3 standard_storage from 51200 0.022 -> 0.0225 (+2.3 %)",
        "~ us-east-1 CloudWatch alarm_composite 0.5 -> 0.6 (+20.0 %)",
        "~ us-east-1 KMS requests_symmetric 0.03 -> 0.04 (+33.3 %)",
        "~ us-east-1 GuardDuty lambda_network_logs 1 to 500 -> 1 to 500, 0.5 to 2500, 0.25",
    ]
    assert run.code == 0
    assert "- us-east-1 ELB alb: AWS lists no such product" in run.lines
    catalogue = load_catalogue(desk.directory)
    logs = catalogue.service("us-east-1", "GuardDuty", "lambda_network_logs")
    assert logs is not None
    assert logs.of(Decimal(3000)) == 500 + 1000 + 125
    composite = catalogue.service("us-east-1", "CloudWatch", "alarm_composite")
    assert composite is not None
    assert (composite.usd, composite.unit, composite.as_of) == (Decimal("0.6"), "alarm-month", "2026-11-27")
    # The second source still says the same, but of the price that changed it does not.
    (hour,) = desk.rows("services.csv", region="us-east-1", item="nat_gateway")
    (byte,) = desk.rows("services.csv", region="us-east-1", item="nat_gateway_processed")
    assert hour["source"] == byte["source"] == SOURCE
    assert (hour["second_source"] != "", byte["second_source"]) == (True, "")
    (other,) = desk.rows("services.csv", region="us-west-2", item="nat_gateway_processed")
    assert other["source"].startswith("FOCUS")


def test_what_has_no_query_is_kept_and_listed(desk: Desk) -> None:
    before = desk.rows("services.csv", item="invalidation_over_1000")
    run = desk.run("--only", "services")
    assert run.code == 0
    assert "  not asked, kept: " in run.lines[-1]
    assert "CloudTrail data_events" in run.lines[-1]
    assert "CloudFront invalidation_over_1000" in run.lines[-1]
    assert "VPC nat_gateway" not in run.lines[-1]
    assert desk.rows("services.csv", item="invalidation_over_1000") == before


def test_what_belongs_to_no_region_is_asked_without_one(desk: Desk) -> None:
    desk.price_list.documents = [
        document("A", "AmazonRoute53", {"usagetype": "HostedZone", "productFamily": "DNS Zone"}, [("0", "0.6")]),
        document(
            "B", "AmazonCloudWatch", {"usagetype": "DashboardsUsageHour", "productFamily": "Dashboard"}, [("0", "4")]
        ),
    ]
    run = desk.run("--only", "services", "--region", "us-west-2")
    assert run.marked("~") == [
        "~ us-west-2 CloudWatch dashboard_over_3 3 -> 4 (+33.3 %)",
        "~ global Route53 hosted_zone 0.5 to 25, 0.1 -> 0.6",
    ]
    assert [row["usd"] for row in desk.rows("services.csv", item="hosted_zone")] == ["0.6"]
    assert all("regionCode" not in filters for code, filters in desk.price_list.asked if code == "AmazonRoute53")
    # Thirteen prices of CloudWatch are two questions.
    assert sum(code == "AmazonCloudWatch" for code, _ in desk.price_list.asked) == 2


def test_a_region_that_is_new_is_added(desk: Desk) -> None:
    desk.price_list.documents = [
        document(
            "A",
            "AmazonEC2",
            {"regionCode": "eu-west-1", "usagetype": "EU-NatGateway-Hours", "productFamily": "NAT Gateway"},
            [("0", "0.048")],
        )
    ]
    run = desk.run("--only", "services", "--region", "eu-west-1")
    assert run.marked("+-!")[0] == "+ eu-west-1 VPC nat_gateway 0.048 per gateway-hour"
    price = load_catalogue(desk.directory).service("eu-west-1", "VPC", "nat_gateway")
    assert price is not None
    assert price.usd == Decimal("0.048")


def test_a_unit_that_is_not_the_tables_is_refused(desk: Desk) -> None:
    queries = (desk.directory / "queries.csv").read_text().replace("nat_gateway,gateway-hour", "nat_gateway,day")
    (desk.directory / "queries.csv").write_text(queries)
    run = desk.run("--only", "services", "--region", "us-east-1")
    assert run.code == 1
    assert run.marked("!") == [
        "! us-east-1 VPC nat_gateway: the catalogue has it per gateway-hour, the table of queries per day"
    ]


def test_check_says_what_would_change_and_changes_nothing(desk: Desk) -> None:
    before = desk.files()
    desk.price_list.documents = [ec2("A", "us-east-1", "t3.xlarge", "0.17", reserved="0.1043")]
    run = desk.run("--only", "ec2", "--region", "us-east-1", "--check")
    assert (run.code, run.marked("~")) == (1, ["~ us-east-1 t3.xlarge on demand 0.1664 -> 0.17 (+2.2 %)"])
    assert desk.files() == before
    # A price that is repeated is no change, though its date would be.
    desk.price_list.documents = [ec2("A", "us-east-1", "t3.xlarge", "0.1664", reserved="0.1043")]
    assert desk.run("--only", "ec2", "--region", "us-east-1", "--check").code == 0
    desk.price_list.documents += [ec2("B", "us-east-1", "t3.huge", "3")]
    assert desk.run("--only", "ec2", "--region", "us-east-1", "--check").code == 1
    assert desk.files() == before


def test_all_files_of_all_regions_are_refreshed_without_arguments(desk: Desk) -> None:
    for region, prefix in (("us-east-1", ""), ("us-west-2", "USW2-")):
        rds = RDS | {"regionCode": region, "instanceType": "db.m5.large", "deploymentOption": "Single-AZ"}
        cache = {"productFamily": "Cache Instance", "regionCode": region, "instanceType": "cache.m5.large"}
        desk.price_list.documents += [
            ec2(f"A{region}", region, "t3.xlarge", "0.17"),
            document(f"B{region}", "AmazonRDS", rds | {"usagetype": f"{prefix}InstanceUsage:x"}, [("0", "0.2")]),
            document(
                f"C{region}",
                "AmazonElastiCache",
                cache | {"cacheEngine": "Redis", "usagetype": f"{prefix}NodeUsage:x"},
                [("0", "0.2")],
            ),
        ]
    run = desk.run()
    assert run.code == 0
    assert [line.split(":")[0] for line in run.lines if ".csv: " in line] == [
        "ec2.csv",
        "rds.csv",
        "elasticache.csv",
        "services.csv",
    ]
    assert len(run.marked("~")) == 12
    # Not one call for each of 1,400 types, nor the same question twice.
    asked = [(code, *sorted(filters.items())) for code, filters in desk.price_list.asked]
    assert len(asked) == len(set(asked)) < 100
    assert {filters["regionCode"] for code, filters in desk.price_list.asked if code == "AmazonRDS"} == {
        "us-east-1",
        "us-west-2",
    }


def test_without_credentials_nothing_is_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(desk.directory / "none"))
    before = desk.files()
    run = desk.run(connect=refresh_prices.connect)
    assert (run.code, run.lines) == (2, [])
    assert run.errors == (
        "refresh_prices: AWS's Price List API cannot be asked: "
        "there are no credentials; set AWS_PROFILE, or log in with the aws CLI\n"
    )
    assert desk.files() == before


def test_a_region_that_aws_does_not_know_is_an_error(desk: Desk) -> None:
    run = desk.run("--only", "ec2", "--region", "us-est-1")
    assert (run.code, run.errors) == (
        2,
        "refresh_prices: AWS lists no ec2 in us-est-1; is the region's name right?\n",
    )


def test_a_catalogue_that_cannot_be_read_is_an_error(desk: Desk) -> None:
    (desk.directory / "rds.csv").write_text((desk.directory / "rds.csv").read_text().replace(",0.245,", ",cheap,", 1))
    run = desk.run()
    assert (run.code, run.errors) == (
        2,
        "refresh_prices: rds.csv: line 3: on_demand_usd_hour: 'cheap' is not a number\n",
    )
    (desk.directory / "rds.csv").unlink()
    load_catalogue.cache_clear()
    assert desk.run().code == 2


def test_what_would_not_load_is_not_written(desk: Desk) -> None:
    before = desk.files()
    table = refresh_prices.read_table(desk.directory / "ec2.csv")
    broken = refresh_prices.Table(table.columns, (table.rows[0] | {"on_demand_usd_hour": "-1"}, *table.rows[1:]))
    with pytest.raises(CatalogueError, match="line 2: on_demand_usd_hour: -1 is not a price"):
        refresh_prices.write_tables(desk.directory, {"ec2.csv": broken})
    assert desk.files() == before


def test_reading_and_writing_a_file_is_the_same_file(desk: Desk) -> None:
    before = desk.files()
    files = ("ec2.csv", "rds.csv", "elasticache.csv", "services.csv")
    refresh_prices.write_tables(
        desk.directory, {name: refresh_prices.read_table(desk.directory / name) for name in files}
    )
    assert desk.files() == before


def test_a_row_with_a_cell_too_few_is_named(desk: Desk) -> None:
    (desk.directory / "ec2.csv").write_text("region,instance_type\nus-east-1\n")
    with pytest.raises(CatalogueError) as refusal:
        refresh_prices.read_table(desk.directory / "ec2.csv")
    assert str(refusal.value) == "ec2.csv: line 2: has not one cell for each of the 2 columns"
