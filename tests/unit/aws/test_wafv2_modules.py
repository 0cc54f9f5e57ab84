"""plugins/modules/wafv2_*.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.aws import engine
from trading_platform.emulator.testing import EmulatorServer

acl_main = load("wafv2_web_acl").main
logging_main = load("wafv2_logging").main
association_main = load("wafv2_association").main
NAME = "production-trading-engine"
TAGS = {"Environment": "production"}
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
PLANNED = "arn:aws:wafv2:us-east-1::regional/webacl/a/webacl-planned"


def rules() -> list[dict[str, Any]]:
    """Give a rate limit, blocked countries and a managed group, not in the order of their priority."""
    geo = {"GeoMatchStatement": {"CountryCodes": ["MM", "IR", "KP"]}}
    rate = {"RateBasedStatement": {"Limit": 1000, "EvaluationWindowSec": 60, "AggregateKeyType": "IP"}}
    group = {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesSQLiRuleSet"}}
    base = {"VisibilityConfig": SEEN}
    return [
        {**base, "Name": "sqli", "Priority": 2, "Statement": group, "OverrideAction": {"None": {}}},
        {**base, "Name": "rate", "Priority": 0, "Statement": rate, "Action": {"Block": {}}},
        {**base, "Name": "countries", "Priority": 1, "Statement": geo, "Action": {"Block": {}}},
    ]


def asked(**changed: Any) -> dict[str, Any]:
    """Give the arguments of the ACL."""
    return {"name": NAME, "scope": "REGIONAL", "description": "for the ALB", "rules": rules(), "tags": TAGS, **changed}


def read(aws: EmulatorServer, scope: str = "REGIONAL") -> dict[str, Any]:
    """Read the ACL as WAF sees it."""
    waf = aws.client("wafv2")
    summary = next(one for one in waf.list_web_acls(Scope=scope)["WebACLs"] if one["Name"] == NAME)
    answer: dict[str, Any] = waf.get_web_acl(Name=NAME, Scope=scope, Id=summary["Id"])
    return answer


def write(aws: EmulatorServer, **changed: Any) -> None:
    """Change the ACL behind the module's back."""
    answer = read(aws)
    keys = ("Name", "Id", "DefaultAction", "Description", "Rules", "VisibilityConfig")
    request = {**{key: answer["WebACL"][key] for key in keys}, "LockToken": answer["LockToken"], **changed}
    aws.client("wafv2").update_web_acl(Scope="REGIONAL", **request)


def make_log_group(aws: EmulatorServer, name: str = "aws-waf-logs-a") -> str:
    """Make a log group and give its ARN as CloudWatch Logs shows it, with the end that WAF does not take."""
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=name)
    arn: str = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["arn"]
    return arn


def make_alb(aws: EmulatorServer) -> str:
    """Make a load balancer over two subnets."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    ]
    answer = aws.client("elbv2").create_load_balancer(Name="alb", Subnets=[one["SubnetId"] for one in subnets])
    arn: str = answer["LoadBalancers"][0]["LoadBalancerArn"]
    return arn


def test_acl_check_create_and_again(aws: EmulatorServer) -> None:
    predicted = run_module(acl_main, asked(), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert predicted["wafv2_web_acl"]["arn"].endswith("-planned")
    made = run_module(acl_main, asked())
    assert writes(made) == ["wafv2.CreateWebACL"]
    acl = read(aws)["WebACL"]
    assert [one["Name"] for one in acl["Rules"]] == ["rate", "countries", "sqli"]
    assert acl["Rules"][0]["Statement"]["RateBasedStatement"]["EvaluationWindowSec"] == 60
    assert (acl["DefaultAction"], acl["VisibilityConfig"]["MetricName"]) == ({"Allow": {}}, NAME)
    tagged = aws.client("wafv2").list_tags_for_resource(ResourceARN=acl["ARN"])["TagInfoForResource"]["TagList"]
    assert tagged == [{"Key": "Environment", "Value": "production"}]
    for check in (False, True):
        again = run_module(acl_main, asked(), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 3)


def test_acl_drift_is_seen_and_repaired(aws: EmulatorServer) -> None:
    made = run_module(acl_main, asked())["wafv2_web_acl"]
    weaker = [one for one in read(aws)["WebACL"]["Rules"] if one["Name"] != "sqli"]
    seen = {**SEEN, "MetricName": "other", "SampledRequestsEnabled": False}
    write(aws, Rules=weaker, VisibilityConfig=seen, Description="drifted", DefaultAction={"Block": {}})
    aws.client("wafv2").tag_resource(ResourceARN=made["arn"], Tags=[{"Key": "Extra", "Value": "1"}])
    shown = run_module(acl_main, asked(), check=True)
    assert (shown["changed"], writes(shown)) == (True, [])
    for key in ("rules", "default_action", "description", "metric_name", "sampled_requests", "tags"):
        assert shown["diff"]["before"][key] != shown["diff"]["after"][key], key
    assert run_module(acl_main, asked())["wafv2_web_acl"] == made
    assert run_module(acl_main, asked())["changed"] is False


def test_acl_settings_that_are_not_managed_stay(aws: EmulatorServer) -> None:
    run_module(acl_main, asked())
    write(aws, TokenDomains=["example.com"])
    assert run_module(acl_main, asked())["changed"] is False
    run_module(acl_main, asked(description="other one"))
    assert read(aws)["WebACL"]["TokenDomains"] == ["example.com"]


def test_acl_of_the_other_scope_is_another(aws: EmulatorServer) -> None:
    run_module(acl_main, asked())
    assert run_module(acl_main, asked(scope="CLOUDFRONT"))["actions"] == ["create"]
    assert ":global/" in read(aws, "CLOUDFRONT")["WebACL"]["ARN"]


def test_acl_written_by_another_in_between_stops_the_run(aws: EmulatorServer) -> None:
    run_module(acl_main, asked())
    result = run_module(acl_main, asked(rules=[]), fail={"wafv2.UpdateWebACL": "WAFOptimisticLockException"})
    assert f"web ACL {NAME}" in result["msg"]
    assert len(read(aws)["WebACL"]["Rules"]) == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scope": "CLOUDFRONT", "region": "us-west-2"}, "kept in us-east-1"),
        ({"description": "rules (all)"}, "description"),
        ({"name": "a b"}, "letters, digits"),
        ({"rules": [{**rules()[0], "Action": {"Block": {}}}]}, "OverrideAction and no Action"),
        ({"rules": [{"Name": "a"}]}, "has no Priority, Statement, VisibilityConfig"),
        ({"rules": [rules()[0], rules()[0]]}, "priorities must differ"),
    ],
)
def test_acl_arguments_that_waf_refuses(aws: EmulatorServer, changed: dict[str, Any], message: str) -> None:
    refused = run_module(acl_main, asked(**changed), check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_acl_rates_that_waf_refuses(aws: EmulatorServer) -> None:
    for changed, message in (
        ({"EvaluationWindowSec": 90}, "must be one of"),
        ({"AggregateKeyType": "FORWARDED_IP"}, "FORWARDED_IP needs ForwardedIPConfig"),
    ):
        wrong = rules()[1]
        wrong["Statement"]["RateBasedStatement"].update(changed)
        assert message in run_module(acl_main, asked(rules=[wrong]), check=True)["msg"]


def test_acl_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    run_module(acl_main, asked())
    gone = asked(state="absent")
    assert writes(run_module(acl_main, gone, check=True)) == []
    assert writes(run_module(acl_main, gone)) == ["wafv2.DeleteWebACL"]
    assert run_module(acl_main, gone)["changed"] is False


def test_logging_check_create_again_drift_and_delete(aws: EmulatorServer) -> None:
    arn = run_module(acl_main, asked())["wafv2_web_acl"]["arn"]
    destination = make_log_group(aws)
    want = {"web_acl_arn": arn, "destination_arn": destination, "redacted_headers": ["Cookie", "authorization"]}
    assert writes(run_module(logging_main, want, check=True)) == []
    made = run_module(logging_main, want)
    assert made["wafv2_logging"]["destination_arn"] == destination.removesuffix(":*")
    again = run_module(logging_main, want)
    assert (again["changed"], len(again["api_calls"])) == (False, 1)
    other = make_log_group(aws, "aws-waf-logs-b").removesuffix(":*")
    waf = aws.client("wafv2")
    waf.put_logging_configuration(LoggingConfiguration={"ResourceArn": arn, "LogDestinationConfigs": [other]})
    assert run_module(logging_main, want, check=True)["actions"] == ["update: destination_arn, redacted_fields"]
    assert run_module(logging_main, want)["wafv2_logging"] == made["wafv2_logging"]
    gone = {**want, "state": "absent"}
    assert [run_module(logging_main, gone)["changed"] for _ in range(2)] == [True, False]


def test_logging_of_an_acl_that_is_planned_asks_aws_nothing(aws: EmulatorServer) -> None:
    group = "arn:aws:logs:us-east-1::log-group:aws-waf-logs-a-planned"
    result = run_module(logging_main, {"web_acl_arn": PLANNED, "destination_arn": group}, check=True)
    assert (result["changed"], result["api_calls"]) == (True, [])


def test_logging_goes_to_names_that_waf_takes(aws: EmulatorServer) -> None:
    group = "arn:aws:logs:us-east-1:123456789012:log-group:other"
    assert (
        "begins with aws-waf-logs-" in run_module(logging_main, {"web_acl_arn": "a", "destination_arn": group})["msg"]
    )


def test_association_check_create_again_and_other_acl(aws: EmulatorServer) -> None:
    arn = run_module(acl_main, asked())["wafv2_web_acl"]["arn"]
    want = {"resource_arn": make_alb(aws), "web_acl_arn": arn}
    waf = aws.client("wafv2")
    assert writes(run_module(association_main, want, check=True)) == []
    assert writes(run_module(association_main, want)) == ["wafv2.AssociateWebACL"]
    again = run_module(association_main, want)
    assert (again["changed"], len(again["api_calls"])) == (False, 1)
    other = run_module(acl_main, asked(name="other"))["wafv2_web_acl"]["arn"]
    waf.associate_web_acl(WebACLArn=other, ResourceArn=want["resource_arn"])
    assert run_module(association_main, want)["actions"] == ["update: web_acl_arn"]
    assert waf.get_web_acl_for_resource(ResourceArn=want["resource_arn"])["WebACL"]["ARN"] == arn
    gone = {"resource_arn": want["resource_arn"], "state": "absent"}
    assert [run_module(association_main, gone)["changed"] for _ in range(2)] == [True, False]


def test_association_waits_until_waf_sees_both(aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.time, "sleep", lambda seconds: None)
    arn = run_module(acl_main, asked())["wafv2_web_acl"]["arn"]
    want = {"resource_arn": make_alb(aws), "web_acl_arn": arn, "wait_timeout": 1}
    result = run_module(association_main, want, fail={"wafv2.AssociateWebACL": "WAFUnavailableEntityException"})
    assert result["api_calls"].count("wafv2.AssociateWebACL") > 3
    assert result["error"]["code"] == "WAFUnavailableEntityException"


def test_association_of_what_is_planned_asks_aws_nothing(aws: EmulatorServer) -> None:
    want = {"resource_arn": "arn:aws:elasticloadbalancing:us-east-1::loadbalancer/app/a/alb-planned"}
    result = run_module(association_main, {**want, "web_acl_arn": PLANNED}, check=True)
    assert (result["changed"], result["api_calls"]) == (True, [])
    assert "web_acl_arn" in run_module(association_main, want, check=True)["msg"]
