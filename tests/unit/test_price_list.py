"""Reading AWS's Price List: products, tiers, reservations, and which product is a row of the catalogue."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from price_list_world import EC2, PriceList, document, ec2

from trading_platform.aws.price_list import PriceListUnavailableError, ask, connect
from trading_platform.price_instances import KINDS, by_key, query
from trading_platform.price_list import (
    PriceListError,
    Product,
    Query,
    on_demand,
    read_products,
    reserved,
    the_one,
    usage_type_matches,
)
from trading_platform.price_queries import ServiceQuery, find, load_queries, price
from trading_platform.pricing import PRICES, CatalogueError, Tier, load_catalogue

QUERIES = load_queries(PRICES)


def product(*arguments: object, **others: object) -> Product:
    """A product of the world, read."""
    (found,) = read_products([document(*arguments, **others)])  # type: ignore[arg-type]
    return found


def test_a_product_is_read_with_the_day_of_its_price_list() -> None:
    (found,) = read_products([ec2("SKU1", "us-west-2", "t3.xlarge", "0.1664", reserved="0.1045")])
    assert (found.sku, found.attributes["usagetype"], found.attributes["productFamily"]) == (
        "SKU1",
        "USW2-BoxUsage:t3.xlarge",
        "Compute Instance",
    )
    assert found.source == "AWS Price List API, AmazonEC2 2026-11-20"
    assert on_demand(found) == (Tier(Decimal(0), None, Decimal("0.1664")),)


def test_of_all_reservations_the_standard_one_for_a_year_without_upfront_payment_is_taken() -> None:
    with_one, without = read_products(
        [ec2("A", "us-east-1", "t3.nano", "0.1", reserved="0.06"), ec2("B", "us-east-1", "t3.nano", "0.1")]
    )
    assert reserved(with_one) == Decimal("0.06")
    assert reserved(without) is None


def test_tiers_are_put_in_order() -> None:
    found = product("SKU1", "AmazonS3", {}, [("0", "0.023"), ("51200", "0.022"), ("512000", "0.021")])
    assert on_demand(found) == (
        Tier(Decimal(0), Decimal(51200), Decimal("0.023")),
        Tier(Decimal(51200), Decimal(512000), Decimal("0.022")),
        Tier(Decimal(512000), None, Decimal("0.021")),
    )


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=5, unique=True), st.data())
def test_whatever_tiers_aws_lists_they_are_read_from_0_without_a_gap(bounds: list[int], data: st.DataObject) -> None:
    prices = data.draw(st.lists(st.decimals(0, 9, places=6), min_size=len(bounds), max_size=len(bounds)))
    starts = ["0", *(str(bound) for bound in sorted(bounds)[:-1])]
    tiers = on_demand(product("S", "X", {}, [(s, f"{p:f}") for s, p in zip(starts, prices, strict=True)]))
    assert [tier.usd for tier in tiers] == prices
    assert [tier.start for tier in tiers] == [Decimal(start) for start in starts]
    assert [tier.end for tier in tiers] == [*(tier.start for tier in tiers[1:]), None]


def test_what_cannot_be_read_is_refused_with_its_sku() -> None:
    gap = json.loads(document("SKU1", "AmazonS3", {}, [("0", "0.2"), ("10", "0.1")]))
    rates = gap["terms"]["OnDemand"]["SKU1.JRTCKXETXF"]["priceDimensions"]
    rates["SKU1.JRTCKXETXF.0"]["endRange"] = "9"
    yuan = json.loads(document("SKU2", "AmazonS3", {}, [("0", "0.2")]))
    yuan["terms"]["OnDemand"]["SKU2.JRTCKXETXF"]["priceDimensions"]["SKU2.JRTCKXETXF.0"]["pricePerUnit"] = {"CNY": "1"}
    twice = json.loads(document("SKU3", "AmazonS3", {}, [("0", "0.2")]))
    twice["terms"]["OnDemand"]["SKU3.LATER"] = twice["terms"]["OnDemand"]["SKU3.JRTCKXETXF"]
    text = document("SKU4", "AmazonS3", {}, [("0", "0.2")]).replace('"0.2000000000"', '"free"')
    refusals = []
    for found in read_products([json.dumps(gap), json.dumps(yuan), json.dumps(twice), text]):
        with pytest.raises(PriceListError) as refusal:
            on_demand(found)
        refusals.append(str(refusal.value))
    assert refusals == [
        "product SKU1: its tier from 10 does not follow on the one before",
        "product SKU2: pricePerUnit is in CNY, not in USD",
        "product SKU3 has 2 terms on demand, not 1",
        "product SKU4: pricePerUnit: 'free' is not a number",
    ]


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"product": {"sku": "S"}}', '{"product": null}'])
def test_what_is_no_product_is_refused(text: str) -> None:
    with pytest.raises(PriceListError, match="not a product of the Price List"):
        read_products([text])


def test_products_that_cost_the_same_are_one_and_others_are_named() -> None:
    one = product("B", "AmazonRDS", {"usagetype": "RDS:GP3-Storage"}, [("0", "0.115")])
    same = product("A", "AmazonRDS", {"usagetype": "RDS:GP3-Storage"}, [("0", "0.115")])
    other = product("C", "AmazonRDS", {"usagetype": "USE1-RDS:GP3-Storage"}, [("0", "0.2")])
    assert the_one([one, same]).sku == "A"
    with pytest.raises(PriceListError) as refusal:
        the_one([other, one])
    assert str(refusal.value) == (
        "2 products answer, at different prices: B (RDS:GP3-Storage), C (USE1-RDS:GP3-Storage)"
    )


@pytest.mark.parametrize(
    ("usage_type", "wanted", "region", "fits"),
    [
        ("NatGateway-Hours", "NatGateway-Hours", "us-east-1", True),
        ("USW2-NatGateway-Hours", "NatGateway-Hours", "us-west-2", True),
        ("EU-NatGateway-Hours", "NatGateway-Hours", "eu-west-1", True),
        ("us-west-2-KMS-Keys", "KMS-Keys", "us-west-2", True),
        ("USE1-USW2-AWS-Out-Bytes", "USW2-AWS-Out-Bytes", "us-east-1", True),
        ("USE1-RegionalNatGateway-Hours", "NatGateway-Hours", "us-east-1", False),
        ("USE1-Outposts-NatGateway-Hours", "NatGateway-Hours", "us-east-1", False),
        ("TS-LoadBalancerUsage", "LoadBalancerUsage", "us-east-1", False),
        ("Global-WebACLV2", "WebACLV2", "us-east-1", False),
        ("USE1-ShieldProtected-WebACLV2", "WebACLV2", "us-east-1", False),
        ("KMS-Requests-Asymmetric", "KMS-Requests", "us-east-1", False),
        ("EBS:VolumeUsageXgp3", "EBS:VolumeUsage.gp3", "us-east-1", False),
        ("DNS-Queries", "DNS-Queries", "", True),
        ("USE1-DNS-Queries", "DNS-Queries", "", False),
    ],
)
def test_a_usage_type_is_known_by_what_follows_the_region(
    usage_type: str, wanted: str, region: str, fits: bool
) -> None:
    assert usage_type_matches(usage_type, wanted, region) is fits


def test_instances_are_those_of_the_files_and_no_others() -> None:
    rds = {"regionCode": "us-west-2", "instanceType": "db.r6i.xlarge", "productFamily": "Database Instance"}
    rds |= {"databaseEngine": "PostgreSQL", "licenseModel": "No license required"}
    products = read_products(
        [
            document("ONE", "AmazonRDS", rds | usage("USW2-InstanceUsage:db.r6i.xl", "Single-AZ"), [("0", "0.5")]),
            document("TWO", "AmazonRDS", rds | usage("USW2-Multi-AZUsage:db.r6i.xl", "Multi-AZ"), [("0", "1")]),
            document(
                "THREE",
                "AmazonRDS",
                rds | usage("USW2-Multi-AZClusterUsage:db.r6i.xl", "Multi-AZ (readable standbys)"),
                [("0", "1.5")],
            ),
            document("OTHER", "AmazonRDS", rds | usage("USW2-InstanceUsageIOOptimized:x", "Single-AZ"), [("0", "0.6")]),
        ]
    )
    assert {key: [one.sku for one in found] for key, found in by_key(KINDS["rds"], "us-west-2", products).items()} == {
        ("us-west-2", "db.r6i.xlarge", "Single-AZ"): ["ONE"],
        ("us-west-2", "db.r6i.xlarge", "Multi-AZ"): ["TWO"],
    }
    cache = {"regionCode": "us-east-1", "productFamily": "Cache Instance", "instanceType": "cache.r6g.large"}
    cache |= {"usagetype": "NodeUsage:cache.r6g.large"}
    engines = [
        document(engine, "AmazonElastiCache", cache | {"cacheEngine": engine}, [("0", "0.2")])
        for engine in ("Redis", "Valkey", "Memcached")
    ]
    assert sorted(by_key(KINDS["elasticache"], "us-east-1", read_products(engines))) == [
        ("us-east-1", "redis", "cache.r6g.large"),
        ("us-east-1", "valkey", "cache.r6g.large"),
    ]
    # The smallest type of the first generation has no name in its usage type; dedicated machines are no shared ones.
    boxes = [
        ec2("A", "us-east-1", "m1.small", "0.044", usagetype="BoxUsage"),
        ec2("B", "us-east-1", "m5.large", "0.1", usagetype="DedicatedUsage:m5.large"),
        ec2("C", "us-east-1", "p5.48xlarge", "0", marketoption="CapacityBlock"),
    ]
    assert list(by_key(KINDS["ec2"], "us-east-1", read_products(boxes))) == [("us-east-1", "m1.small")]


def usage(usage_type: str, deployment: str) -> dict[str, str]:
    """What tells the products of one RDS class apart."""
    return {"usagetype": usage_type, "deploymentOption": deployment}


def test_a_regions_instances_are_one_query() -> None:
    asked = query(KINDS["ec2"], "us-west-2")
    expected = {name: value for name, value in EC2.items() if name not in ("vcpu", "memory", "productFamily")}
    assert (asked.service_code, dict(asked.filters)) == ("AmazonEC2", {"regionCode": "us-west-2", **expected})


def of(service: str, item: str) -> list[ServiceQuery]:
    """The rows of the table for an item."""
    return [one for one in QUERIES if one.key == (service, item)]


def test_the_table_of_queries_fits_the_catalogue() -> None:
    known = {(service, item): price.unit for (_, service, item), price in load_catalogue().service_prices.items()}
    assert {one.key: one.unit for one in QUERIES} == {key: unit for key, unit in known.items() if of(*key)}


def test_the_table_asks_for_what_an_estimate_is_made_of() -> None:
    asked = {one.key for one in QUERIES}
    wanted = """EKS control_plane_standard, EKS control_plane_extended_support, VPC nat_gateway,
        VPC nat_gateway_processed, VPC interface_endpoint, VPC interface_endpoint_processed, VPC public_ipv4_in_use,
        ELB alb, ELB alb_lcu, EBS gp3_storage, EBS snapshot, RDS postgresql_gp3_storage_single_az,
        RDS postgresql_gp3_storage_multi_az, RDS backup_storage_over_100pct, S3 standard_storage,
        S3 standard_ia_storage, S3 glacier_flexible_storage, S3 standard_put_copy_post_list, S3 standard_get,
        KMS customer_managed_key, KMS requests_symmetric, SecretsManager secret, SecretsManager api_calls,
        CloudWatch custom_metric, CloudWatch alarm_standard, CloudWatch alarm_composite, CloudWatch dashboard_over_3,
        CloudWatch logs_ingestion_standard, CloudWatch logs_storage, CloudWatch vended_logs_to_s3,
        DataTransfer internet_out, DataTransfer inter_az_each_direction, WAF web_acl, WAF rule, WAF requests,
        SQS standard_requests, SNS publish_over_1m, ECR private_storage, GuardDuty cloudtrail_management_events,
        GuardDuty vpc_flow_and_dns_logs, Config configuration_item, Config rule_evaluation, Backup ebs_snapshot"""
    assert [key for key in wanted.split(",") if tuple(key.split()) not in asked] == []


def test_services_share_their_queries() -> None:
    # Thirteen rows of CloudWatch are two questions: its dashboards belong to no region.
    rows = [one for one in QUERIES if one.service_code == "AmazonCloudWatch"]
    assert {one.query("us-west-2") for one in rows} == {
        Query("AmazonCloudWatch", (("regionCode", "us-west-2"),)),
        Query("AmazonCloudWatch", (("productFamily", "Dashboard"),)),
    }
    (zone,) = of("Route53", "hosted_zone")
    assert (zone.asked_in("us-east-1"), zone.asked_in("global")) == (False, True)
    (across,) = of("DataTransfer", "inter_region_us-east-1_to_us-west-2")
    assert (across.asked_in("us-east-1"), across.asked_in("us-west-2")) == (True, False)


def test_the_first_alternative_that_is_listed_is_taken() -> None:
    (storage,) = of("RDS", "postgresql_gp3_storage_multi_az")
    attributes = {"regionCode": "us-west-2", "productFamily": "Database Storage", "deploymentOption": "Multi-AZ"}
    attributes |= {"usagetype": "USW2-RDS:Multi-AZ-GP3-Storage"}
    every = product("EVERY", "AmazonRDS", attributes | {"databaseEngine": "Any"}, [("0", "0.23")])
    ours = product("OURS", "AmazonRDS", attributes | {"databaseEngine": "PostgreSQL"}, [("0", "0.23")])
    oracle = product("ORACLE", "AmazonRDS", attributes | {"databaseEngine": "Oracle"}, [("0", "0.3")])
    assert [one.sku for one in find(storage, "us-west-2", [every, oracle, ours])] == ["OURS"]
    assert [one.sku for one in find(storage, "us-west-2", [every, oracle])] == ["EVERY"]
    assert find(storage, "us-west-2", [oracle]) == []
    assert find(storage, "us-east-1", [every]) == []


def test_a_price_is_that_of_the_catalogues_unit() -> None:
    (requests,) = of("SQS", "standard_requests")
    listed = product("S", "AWSQueueService", {}, [("0", "0.0000004"), ("100000000000", "0.0000003")], unit="Requests")
    assert price([(requests, [listed])]) == (
        (
            Tier(Decimal(0), Decimal(100_000), Decimal("0.4")),
            Tier(Decimal(100_000), None, Decimal("0.3")),
        ),
        "AWS Price List API, AWSQueueService 2026-11-20",
    )
    (throughput,) = of("EBS", "gp3_throughput_over_125")
    listed = product("T", "AmazonEC2", {}, [("0", "40.96")], unit="GiBps-mo")
    assert price([(throughput, [listed])])[0][0].usd == Decimal("0.04")


def test_a_free_tier_is_left_out_where_the_catalogue_counts_from_its_end() -> None:
    (publish,) = of("SNS", "publish_over_1m")
    listed = product("S", "AmazonSNS", {}, [("0", "0"), ("1000000", "0.0000005"), ("3000000", "0.0000004")])
    assert price([(publish, [listed])])[0] == (
        Tier(Decimal(0), Decimal(2), Decimal("0.5")),
        Tier(Decimal(2), None, Decimal("0.4")),
    )


def test_extended_support_is_added_to_the_cluster() -> None:
    cluster, surcharge = of("EKS", "control_plane_extended_support")
    listed = [product("A", "AmazonEKS", {}, [("0", "0.10")]), product("B", "AmazonEKS", {}, [("0", "0.50")])]
    tiers, source = price([(cluster, listed[:1]), (surcharge, listed[1:])])
    assert tiers == (Tier(Decimal(0), None, Decimal("0.6")),)
    assert source == "AWS Price List API, AmazonEKS 2026-11-20"
    stepped = product("C", "AmazonEKS", {}, [("0", "0.10"), ("5", "0.05")])
    with pytest.raises(PriceListError, match="cannot be added up"):
        price([(cluster, [stepped]), (surcharge, listed[1:])])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("regionCode", "region", "line 2: region_field: 'region' is none of 'regionCode', 'fromRegionCode', ''"),
        ("all", "free", "line 2: tiers: 'free' is none of 'all', 'paid'"),
        (",1,", ",0,", "line 2: factor: 0 is not above 0"),
        (",1,", ",x,", "line 2: factor: 'x' is not a number"),
        ("group=g", "group", "line 2: filters: 'group' is not written as attribute=value"),
        ("a-hour", "", "line 2: usage_type is missing"),
    ],
)
def test_a_row_of_the_table_that_cannot_be_read_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    header = (PRICES / "queries.csv").read_text(encoding="utf-8").splitlines()[0]
    row = "VPC,x,gb,,regionCode,AmazonVPC,group=g,a-hour,all,1,seen"
    (tmp_path / "queries.csv").write_text(f"{header}\n{row.replace(old, new)}\n")
    with pytest.raises(CatalogueError) as refusal:
        load_queries(tmp_path)
    assert str(refusal.value) == f"queries.csv: {says}"


ASKED = Query("AmazonEC2", (("regionCode", "us-east-1"),))
PARAMETERS = {
    "ServiceCode": "AmazonEC2",
    "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"}],
    "FormatVersion": "aws_v1",
}


def test_every_page_of_an_answer_is_read() -> None:
    client = PriceList().client()
    with Stubber(client) as stub:
        stub.add_response("get_products", {"PriceList": ["1", "2"], "NextToken": "more"}, PARAMETERS)
        stub.add_response("get_products", {"PriceList": ["3"]}, PARAMETERS | {"NextToken": "more"})
        assert ask(client, ASKED) == ["1", "2", "3"]
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccessDeniedException", "AccessDeniedException: no; the role needs pricing:GetProducts"),
        ("ExpiredTokenException", "ExpiredTokenException: no"),
    ],
)
def test_an_error_of_the_api_is_one_sentence(code: str, says: str) -> None:
    client = PriceList().client()
    with Stubber(client) as stub, pytest.raises(PriceListUnavailableError) as refusal:
        stub.add_client_error("get_products", code, "no")
        ask(client, ASKED)
    assert str(refusal.value) == f"AWS's Price List API cannot be asked: {says}"


def test_the_embedded_aws_is_not_taken_for_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    client = PriceList().client()
    with Stubber(client) as stub, pytest.raises(PriceListUnavailableError) as refusal:
        stub.add_client_error("get_products", "500", "<!doctype html>\n<title>500</title>")
        ask(client, ASKED)
    assert str(refusal.value) == (
        "AWS's Price List API cannot be asked: 500: <!doctype html>; http://127.0.0.1:5000 is not AWS "
        "(unset AWS_ENDPOINT_URL): the embedded AWS has no price list"
    )


def test_without_network_the_place_that_was_not_reached_is_named() -> None:
    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://api.pricing.us-east-1.amazonaws.com/")

    client = PriceList().client()
    client.meta.events.register_first("before-call.pricing.GetProducts", fail)
    with pytest.raises(PriceListUnavailableError, match=r"Could not connect .*api\.pricing\.us-east-1"):
        ask(client, ASKED)


def test_without_credentials_it_says_where_they_come_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_credentials(monkeypatch, tmp_path)
    with pytest.raises(PriceListUnavailableError, match="there are no credentials; set AWS_PROFILE"):
        ask(connect(), ASKED)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(PriceListUnavailableError, match=r"cannot be asked: .*\(nobody\)"):
        connect()


def no_credentials(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    """Take all away that boto3 would find credentials in."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(directory / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
