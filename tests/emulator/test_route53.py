"""Route 53: what is kept, and what is refused as AWS does."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

ADDRESS = {"TTL": 60, "ResourceRecords": [{"Value": "203.0.113.7"}]}
CLOUDFRONT = "Z2FDTNDATAQYW2"
CHECK = {"Type": "TCP", "FullyQualifiedDomainName": "api-us-east-1.example.com", "Port": 443}


@pytest.fixture
def route53(emulator: EmulatorServer) -> Any:
    return emulator.client("route53")


@pytest.fixture
def zone(route53: Any) -> str:
    created: str = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    return created


@pytest.fixture
def check(route53: Any) -> str:
    created: str = route53.create_health_check(CallerReference="a", HealthCheckConfig=CHECK)["HealthCheck"]["Id"]
    return created


def a_record(name: str = "api.example.com", kind: str = "A", **more: Any) -> dict[str, Any]:
    values = {} if "AliasTarget" in more else ADDRESS
    return {"Name": name, "Type": kind, **values, **more}


def change(route53: Any, zone: str, *changes: tuple[str, dict[str, Any]]) -> None:
    batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": batch})


def names(route53: Any, zone: str) -> list[tuple[str, str]]:
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [(one["Name"], one.get("SetIdentifier", one["Type"])) for one in sets if one["Type"] not in ("NS", "SOA")]


def failover(role: str, identifier: str, **more: Any) -> dict[str, Any]:
    return a_record(Failover=role, SetIdentifier=identifier, **more)


def test_the_soa_record_is_readable(route53: Any, zone: str) -> None:
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    soa = next(one for one in sets if one["Type"] == "SOA")
    assert soa["ResourceRecords"][0]["Value"].endswith("1 7200 900 1209600 86400")


def test_a_failover_pair_is_kept_and_deleted_one_by_one(route53: Any, zone: str, check: str) -> None:
    primary = failover("PRIMARY", "east", HealthCheckId=check)
    other = a_record("ws.example.com", Failover="PRIMARY", SetIdentifier="east", HealthCheckId=check)
    change(route53, zone, ("CREATE", primary), ("CREATE", failover("SECONDARY", "west")), ("CREATE", other))
    change(route53, zone, ("DELETE", primary))
    assert names(route53, zone) == [("api.example.com.", "west"), ("ws.example.com.", "east")]


def test_a_plain_record_becomes_a_pair_in_one_change(route53: Any, zone: str, check: str) -> None:
    change(route53, zone, ("CREATE", a_record()))
    change(route53, zone, ("DELETE", a_record()), ("UPSERT", failover("PRIMARY", "east", HealthCheckId=check)))
    assert names(route53, zone) == [("api.example.com.", "east")]


def test_a_change_is_made_whole_or_not_at_all(route53: Any, zone: str) -> None:
    with refused("InvalidChangeBatch", "RRSet with DNS name api.example.org. is not permitted in zone example.com."):
        change(route53, zone, ("CREATE", a_record()), ("CREATE", a_record("api.example.org")))
    assert names(route53, zone) == []


def test_a_name_that_only_ends_like_the_zone_is_outside(route53: Any, zone: str) -> None:
    with refused("InvalidChangeBatch", "is not permitted in zone"):
        change(route53, zone, ("CREATE", a_record("badexample.com")))


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (a_record(), ("CREATE", a_record()), "[name='api.example.com.', type='A'] but it already exists"),
        (a_record(), ("DELETE", a_record("ws.example.com")), "type='A'] but it was not found"),
        (a_record(), ("DELETE", a_record(TTL=61)), "but the values provided do not match the current values"),
        (a_record(), ("CREATE", failover("SECONDARY", "west")), "SetIdentifier west cannot be created as other RRSets"),
        (failover("SECONDARY", "west"), ("CREATE", a_record()), "cannot be created as other RRSets exist"),
        (failover("SECONDARY", "w"), ("CREATE", failover("SECONDARY", "x")), "as a failover SECONDARY RRSet exists"),
        (a_record(), ("CREATE", a_record(kind="CNAME")), "conflicts with other records with the same DNS name"),
        (a_record(), ("CREATE", a_record("example.com", "CNAME")), "is not permitted at apex in zone example.com."),
        (a_record(), ("CREATE", failover("PRIMARY", "east")), "needs a health check"),
        (a_record(), ("CREATE", a_record("b.example.com", HealthCheckId="x")), "No health check exists with the spec"),
    ],
)
def test_records_that_do_not_fit(
    route53: Any, zone: str, first: dict[str, Any], second: tuple[str, dict[str, Any]], message: str
) -> None:
    change(route53, zone, ("CREATE", first))
    before = names(route53, zone)
    with refused("InvalidChangeBatch", message):
        change(route53, zone, second)
    assert names(route53, zone) == before


def test_the_same_record_twice(route53: Any, zone: str) -> None:
    with refused("InvalidChangeBatch", "invalid set of changes for a resource record set 'A api.example.com.'"):
        change(route53, zone, ("UPSERT", a_record()), ("UPSERT", a_record(TTL=61)))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (a_record(Failover="SECONDARY"), "Missing field 'SetIdentifier'"),
        (a_record(SetIdentifier="x"), "Expected exactly one of [Weight, Region, Failover"),
        ({"Name": "api.example.com", "Type": "A", "TTL": 60}, "but found none in Change with"),
        (
            a_record(AliasTarget={"HostedZoneId": "Z1", "DNSName": "b.", "EvaluateTargetHealth": False}) | ADDRESS,
            "but found more than one in Change with",
        ),
    ],
)
def test_records_that_are_not_complete(route53: Any, zone: str, record: dict[str, Any], message: str) -> None:
    with refused("InvalidInput", message):
        change(route53, zone, ("CREATE", record))


def alias(zone_id: str, name: str, evaluate: bool = False) -> dict[str, Any]:
    return {"HostedZoneId": zone_id, "DNSName": name, "EvaluateTargetHealth": evaluate}


def test_an_alias_leads_to_something_that_is_there(route53: Any, zone: str) -> None:
    missing = a_record(AliasTarget=alias("Z35SXDOTRQ7X7K", "none.us-east-1.elb.amazonaws.com"))
    with refused("InvalidChangeBatch", "but the alias target name does not lie within the target zone"):
        change(route53, zone, ("CREATE", missing))
    inside = zone.rpartition("/")[2]
    change(route53, zone, ("CREATE", a_record("b.example.com")))
    change(route53, zone, ("CREATE", a_record(AliasTarget=alias(inside, "b.example.com", True))))
    held = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert next(one for one in held if "AliasTarget" in one)["AliasTarget"] == alias(inside, "b.example.com.", True)


def test_the_health_of_cloudfront_is_not_evaluated(emulator: EmulatorServer, route53: Any, zone: str) -> None:
    distribution = emulator.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [{"Id": "s3", "DomainName": "b.s3.us-east-1.amazonaws.com"}]},
            "DefaultCacheBehavior": {"TargetOriginId": "s3", "ViewerProtocolPolicy": "https-only"},
        }
    )["Distribution"]["DomainName"]
    with refused("InvalidChangeBatch", "EvaluateTargetHealth cannot be true"):
        change(route53, zone, ("CREATE", a_record(AliasTarget=alias(CLOUDFRONT, distribution, True))))
    change(route53, zone, ("CREATE", a_record(AliasTarget=alias(CLOUDFRONT, distribution))))


def test_zones_one_for_a_caller_reference_and_none_for_a_top_level_domain(route53: Any, zone: str) -> None:
    with refused("HostedZoneAlreadyExists", "has already been created with the specified caller reference"):
        route53.create_hosted_zone(Name="example.org", CallerReference="1")
    with refused("InvalidDomainName", "com is reserved by AWS!"):
        route53.create_hosted_zone(Name="com", CallerReference="2")


def test_a_zone_is_deleted_when_it_is_empty(route53: Any, zone: str) -> None:
    delegation = a_record("sub.example.com", "NS")
    change(route53, zone, ("CREATE", delegation))
    with refused("HostedZoneNotEmpty", "non-required resource record sets"):
        route53.delete_hosted_zone(Id=zone)
    change(route53, zone, ("DELETE", delegation))
    route53.delete_hosted_zone(Id=zone)
    with refused("NoSuchHostedZone", "No hosted zone found"):
        route53.get_hosted_zone(Id=zone)


def test_a_call_takes_ten_tags(route53: Any, zone: str) -> None:
    tags = [{"Key": str(number), "Value": "x"} for number in range(11)]
    with refused("InvalidInput", "less than or equal to 10"):
        route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone.rpartition("/")[2], AddTags=tags)


def test_health_checks_have_the_defaults_of_aws(route53: Any) -> None:
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "example.com"}
    made = route53.create_health_check(CallerReference="b", HealthCheckConfig=config)["HealthCheck"]
    settings = made["HealthCheckConfig"]
    assert (settings["Port"], settings["EnableSNI"], len(settings["Regions"])) == (443, True, 8)
    assert made["HealthCheckVersion"] == 1


def test_an_update_keeps_what_it_leaves_out_and_counts_versions(route53: Any) -> None:
    config = {**CHECK, "Regions": ["us-east-1", "us-west-2", "eu-west-1"]}
    made = route53.create_health_check(CallerReference="b", HealthCheckConfig=config)["HealthCheck"]["Id"]
    route53.update_health_check(HealthCheckId=made, HealthCheckVersion=1, Inverted=True)
    held = route53.get_health_check(HealthCheckId=made)["HealthCheck"]
    assert held["HealthCheckVersion"] == 2 and held["HealthCheckConfig"]["Inverted"] is True
    assert sorted(held["HealthCheckConfig"]["Regions"]) == sorted(config["Regions"])
    with refused("HealthCheckVersionMismatch", "doesn't match"):
        route53.update_health_check(HealthCheckId=made, HealthCheckVersion=1, Inverted=False)


def test_a_caller_reference_gives_one_check(route53: Any, check: str) -> None:
    again = route53.create_health_check(CallerReference="a", HealthCheckConfig=CHECK)["HealthCheck"]["Id"]
    assert again == check
    with refused("HealthCheckAlreadyExists", "different settings"):
        route53.create_health_check(CallerReference="a", HealthCheckConfig={**CHECK, "Port": 80})


@pytest.mark.parametrize(
    ("change_of", "message"),
    [
        ({"RequestInterval": 20}, "RequestInterval must be 10 or 30"),
        ({"FailureThreshold": 0}, "FailureThreshold must be between 1 and 10"),
        ({"FailureThreshold": 11}, "FailureThreshold must be between 1 and 10"),
        ({"Regions": ["us-east-1", "us-west-2"]}, "At least 3 Regions"),
        ({"Regions": ["us-east-1", "us-west-2", "ca-central-1"]}, "Invalid region ca-central-1"),
        ({"FullyQualifiedDomainName": ""}, "Either IPAddress or FullyQualifiedDomainName"),
        ({"FullyQualifiedDomainName": "https://example.com"}, "Invalid fully qualified domain name"),
        ({"Port": None}, "Port must be specified"),
        ({"ResourcePath": "/health"}, "ResourcePath must not be specified"),
        ({"Type": "HTTPS_STR_MATCH"}, "SearchString must be specified"),
    ],
)
def test_settings_out_of_range(emulator: EmulatorServer, change_of: dict[str, Any], message: str) -> None:
    route53 = lenient(emulator)
    config = {key: value for key, value in {**CHECK, **change_of}.items() if value is not None}
    with refused("InvalidInput", message):
        route53.create_health_check(CallerReference="c", HealthCheckConfig=config)


def test_updates_out_of_range(emulator: EmulatorServer, check: str) -> None:
    with refused("InvalidInput", "At least 3 Regions"):
        lenient(emulator).update_health_check(HealthCheckId=check, Regions=["us-east-1"])


def lenient(emulator: EmulatorServer) -> Any:
    """A client that sends what its own checks would stop."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "route53",
        region_name="us-east-1",
        endpoint_url=emulator.endpoint,
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def test_health_checks_that_are_not_there(route53: Any) -> None:
    with refused("NoSuchHealthCheck", "No health check exists with the specified ID : x"):
        route53.delete_health_check(HealthCheckId="x")
    with refused("NoSuchHealthCheck", "No health check exists"):
        route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId="x")
