"""Each ACL has the document's rules, is logged without credentials, and the regional one protects the load balancer."""

import os
import sys

import boto3

account, region = sys.argv[1], os.environ["AWS_REGION"]
waf, logs = boto3.client("wafv2"), boto3.client("logs")
GROUPS = {
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
}


def check(scope: str) -> str:
    """Check the one ACL of a scope and give its ARN."""
    (summary,) = waf.list_web_acls(Scope=scope)["WebACLs"]
    acl = waf.get_web_acl(Name=summary["Name"], Scope=scope, Id=summary["Id"])["WebACL"]
    assert acl["DefaultAction"] == {"Allow": {}}, acl
    assert acl["VisibilityConfig"]["CloudWatchMetricsEnabled"], acl
    assert acl["Capacity"] <= 1500, acl["Capacity"]  # more costs extra
    rates = [rule for rule in acl["Rules"] if "RateBasedStatement" in rule["Statement"]]
    for rule in rates:
        rate = rule["Statement"]["RateBasedStatement"]
        assert (rate["Limit"], rate["EvaluationWindowSec"]) == (1000, 60), rate
        assert rule["Action"] == {"Block": {}}, rule
    keys = [rule["Statement"]["RateBasedStatement"]["AggregateKeyType"] for rule in rates]
    assert keys == (["IP"] if scope == "CLOUDFRONT" else ["IP", "FORWARDED_IP"]), keys
    blocked = [rule for rule in acl["Rules"] if "GeoMatchStatement" in rule["Statement"]]
    assert len(blocked) == len(rates), acl["Rules"]
    assert all("KP" in rule["Statement"]["GeoMatchStatement"]["CountryCodes"] for rule in blocked), blocked
    managed = [rule["Statement"].get("ManagedRuleGroupStatement") for rule in acl["Rules"]]
    assert {group["Name"] for group in managed if group} == GROUPS, managed
    tagged = waf.list_tags_for_resource(ResourceARN=acl["ARN"])["TagInfoForResource"]["TagList"]
    assert {"Key": "ManagedBy", "Value": "ansible"} in tagged, tagged
    check_log(acl)
    return str(acl["ARN"])


def check_log(acl: dict) -> None:
    """Check where an ACL's log goes, for how long and with which key."""
    held = waf.get_logging_configuration(ResourceArn=acl["ARN"])["LoggingConfiguration"]
    name = f"aws-waf-logs-{acl['Name']}"
    assert held["LogDestinationConfigs"] == [f"arn:aws:logs:{region}:{account}:log-group:{name}"], held
    redacted = {field["SingleHeader"]["Name"] for field in held["RedactedFields"]}
    assert "authorization" in redacted, held
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] == 90 and ":key/" in group["kmsKeyId"], group


regional = check("REGIONAL")
(alb,) = boto3.client("elbv2").describe_load_balancers(Names=["protected"])["LoadBalancers"]
protecting = waf.get_web_acl_for_resource(ResourceArn=alb["LoadBalancerArn"])["WebACL"]
assert protecting["ARN"] == regional, protecting
if region == "us-east-1":
    check("CLOUDFRONT")
