"""The zone leads api and ws to a failover pair of load balancers, and assets to the distribution."""

import os
import sys

import boto3

DOMAIN, NAME = "trading-engine.example.com", "production-trading-engine"
if os.environ["AWS_REGION"] != "us-east-1":
    sys.exit()  # Route 53 is global: one look is enough
route53 = boto3.client("route53")


def balancer(region):
    (held,) = boto3.client("elbv2", region_name=region).describe_load_balancers()["LoadBalancers"]
    return held["CanonicalHostedZoneId"], held["DNSName"] + "."


def tags(kind, resource_id):
    answer = route53.list_tags_for_resource(ResourceType=kind, ResourceId=resource_id)
    return {tag["Key"]: tag["Value"] for tag in answer["ResourceTagSet"]["Tags"]}


(zone,) = route53.list_hosted_zones()["HostedZones"]
assert zone["Name"] == f"{DOMAIN}." and not zone["Config"]["PrivateZone"], zone
assert tags("hostedzone", zone["Id"].rpartition("/")[2])["ManagedBy"] == "ansible"
checks = {check["Id"]: check["HealthCheckConfig"] for check in route53.list_health_checks()["HealthChecks"]}
sets = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
records = {(one["Name"].removesuffix("."), one["Type"], one.get("SetIdentifier", "")): one for one in sets}

caa = records[DOMAIN, "CAA", ""]
assert [value["Value"] for value in caa["ResourceRecords"]] == ['0 issue "amazon.com"'], caa
for service, host in (("api", "api"), ("websocket", "ws")):
    for role, region in (("PRIMARY", "us-east-1"), ("SECONDARY", "us-west-2")):
        target = {"HostedZoneId": balancer(region)[0], "DNSName": balancer(region)[1], "EvaluateTargetHealth": True}
        record = records[f"{host}.{DOMAIN}", "A", region]
        assert record["Failover"] == role and record["AliasTarget"] == target, record
        alone = records[f"{host}-{region}.{DOMAIN}", "A", ""]
        assert alone["AliasTarget"] == {**target, "EvaluateTargetHealth": False}, alone
    check_id = records[f"{host}.{DOMAIN}", "A", "us-east-1"]["HealthCheckId"]
    check = checks.pop(check_id)
    assert (check["Type"], check["Port"], check["RequestInterval"], check["FailureThreshold"]) == ("TCP", 443, 30, 3)
    assert check["FullyQualifiedDomainName"] == f"{host}-us-east-1.{DOMAIN}" and len(check["Regions"]) == 3, check
    assert not check["Disabled"] and not check["Inverted"], check
    assert tags("healthcheck", check_id)["Name"] == f"{NAME}-{service}"
    assert "HealthCheckId" not in records[f"{host}.{DOMAIN}", "A", "us-west-2"]
assert checks == {}, checks
for kind in ("A", "AAAA"):
    target = records[f"assets.{DOMAIN}", kind, ""]["AliasTarget"]
    assert target["HostedZoneId"] == "Z2FDTNDATAQYW2" and not target["EvaluateTargetHealth"], target
    assert target["DNSName"].endswith(".cloudfront.net."), target
