"""Each region has one load balancer with TLS 1.3 only, whose host names lead to the groups of their services."""

import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
NAME, DOMAIN = "production-trading-engine", "trading-engine.example.com"
LOGS = f"{NAME}-logs" + ("" if region == "us-east-1" else f"-{region}")
elbv2 = boto3.client("elbv2")


def attributes(held):
    return {one["Key"]: one["Value"] for one in held["Attributes"]}


def tags(arn):
    return {tag["Key"]: tag["Value"] for tag in elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]}


(balancer,) = elbv2.describe_load_balancers()["LoadBalancers"]
arn = balancer["LoadBalancerArn"]
assert (balancer["LoadBalancerName"], balancer["Type"], balancer["Scheme"]) == (NAME, "application", "internet-facing")
assert len({zone["ZoneName"] for zone in balancer["AvailabilityZones"]}) == 3, balancer
held = attributes(elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn))
assert (held["access_logs.s3.enabled"], held["access_logs.s3.bucket"]) == ("true", LOGS), held
assert held["access_logs.s3.prefix"] == "alb" and held["deletion_protection.enabled"] == "true", held
assert held["routing.http.drop_invalid_header_fields.enabled"] == "true", held
assert held["routing.http.desync_mitigation_mode"] == "defensive" and held["routing.http2.enabled"] == "true", held
assert held["idle_timeout.timeout_seconds"] == "300" and held["load_balancing.cross_zone.enabled"] == "true", held
assert tags(arn)["ManagedBy"] == "ansible" and tags(arn)["Name"] == NAME, tags(arn)

groups = {group["TargetGroupName"]: group for group in elbv2.describe_target_groups()["TargetGroups"]}
assert {name: group["Port"] for name, group in groups.items()} == {
    "production-te-api": 7999,
    "production-te-websocket": 8080,
}
for group in groups.values():
    assert (group["Protocol"], group["TargetType"], group["HealthCheckProtocol"]) == ("HTTPS", "ip", "HTTPS"), group
    assert group["HealthCheckPath"] == "/health/ready" and group["LoadBalancerArns"] == [arn], group
sticky = attributes(
    elbv2.describe_target_group_attributes(TargetGroupArn=groups["production-te-websocket"]["TargetGroupArn"])
)
assert (sticky["stickiness.enabled"], sticky["stickiness.type"]) == ("true", "lb_cookie"), sticky

listeners = {one["Port"]: one for one in elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
assert sorted(listeners) == [80, 443], listeners
redirect = listeners[80]["DefaultActions"][0]["RedirectConfig"]
assert (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == ("HTTPS", "443", "HTTP_301"), redirect
https = listeners[443]
assert https["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-3-2021-06", https
assert f":acm:{region}:{account}:" in https["Certificates"][0]["CertificateArn"], https
assert https["DefaultActions"][0]["FixedResponseConfig"]["StatusCode"] == "404", https
rules = [rule for rule in elbv2.describe_rules(ListenerArn=https["ListenerArn"])["Rules"] if not rule["IsDefault"]]
leads = {
    host: rule["Actions"][0]["TargetGroupArn"]
    for rule in rules
    for host in rule["Conditions"][0]["HostHeaderConfig"]["Values"]
}
api, websocket = (groups[f"production-te-{service}"]["TargetGroupArn"] for service in ("api", "websocket"))
assert leads == {
    f"api.{DOMAIN}": api,
    f"api-{region}.{DOMAIN}": api,
    f"ws.{DOMAIN}": websocket,
    f"ws-{region}.{DOMAIN}": websocket,
}, leads
