"""WAF: what the emulator keeps, and what it refuses as AWS does."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
INVALID = "WAFInvalidParameterException"


@pytest.fixture
def waf(emulator: EmulatorServer) -> Any:
    return emulator.client("wafv2")


def rate(**changed: Any) -> dict[str, Any]:
    return {"RateBasedStatement": {"Limit": 1000, "AggregateKeyType": "IP", **changed}}


def managed(name: str = "AWSManagedRulesSQLiRuleSet") -> dict[str, Any]:
    return {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}}


def rule(statement: dict[str, Any], priority: int = 0, **changed: Any) -> dict[str, Any]:
    action = {"OverrideAction": {"None": {}}} if "ManagedRuleGroupStatement" in statement else {"Action": {"Block": {}}}
    return {
        "Name": f"rule-{priority}",
        "Priority": priority,
        "Statement": statement,
        "VisibilityConfig": SEEN,
        **action,
        **changed,
    }


def make(waf: Any, *rules: dict[str, Any], name: str = "acl", scope: str = "REGIONAL", **more: Any) -> dict[str, Any]:
    allow: dict[str, Any] = {"Allow": {}}
    summary: dict[str, Any] = waf.create_web_acl(
        Name=name, Scope=scope, DefaultAction=allow, VisibilityConfig=SEEN, Rules=list(rules), **more
    )["Summary"]
    return summary


def read(waf: Any, summary: dict[str, Any], scope: str = "REGIONAL") -> dict[str, Any]:
    answer: dict[str, Any] = waf.get_web_acl(Name=summary["Name"], Scope=scope, Id=summary["Id"])
    return answer


def make_alb(emulator: EmulatorServer) -> str:
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    ]
    alb = emulator.client("elbv2").create_load_balancer(Name="alb", Subnets=[one["SubnetId"] for one in subnets])
    arn: str = alb["LoadBalancers"][0]["LoadBalancerArn"]
    return arn


def test_rules_come_back_with_defaults_and_capacity(waf: Any) -> None:
    summary = make(waf, rule(rate()), rule(managed(), 1), rule({"GeoMatchStatement": {"CountryCodes": ["KP"]}}, 2))
    acl = read(waf, summary)["WebACL"]
    assert acl["Rules"][0]["Statement"]["RateBasedStatement"]["EvaluationWindowSec"] == 300
    assert "OverrideAction" not in acl["Rules"][0]
    assert acl["Capacity"] == 2 + 200 + 1


def test_update_replaces_everything(waf: Any) -> None:
    summary = make(waf, rule(rate()), Description="before it", TokenDomains=["example.com"])
    answer = read(waf, summary)
    waf.update_web_acl(
        Name="acl",
        Scope="REGIONAL",
        Id=summary["Id"],
        LockToken=answer["LockToken"],
        DefaultAction={"Block": {}},
        VisibilityConfig=SEEN,
    )
    acl = read(waf, summary)["WebACL"]
    assert (acl["Rules"], acl["Description"], acl["DefaultAction"]) == ([], "", {"Block": {}})
    assert "TokenDomains" not in acl
    with refused("WAFOptimisticLockException", "someone changed the resource"):
        waf.delete_web_acl(Name="acl", Scope="REGIONAL", Id=summary["Id"], LockToken=answer["LockToken"])


def test_scopes_have_their_own_acls(emulator: EmulatorServer, waf: Any) -> None:
    make(waf)
    assert ":global/webacl/acl/" in make(waf, scope="CLOUDFRONT")["ARN"]
    assert len(waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]) == 1
    assert emulator.client("wafv2", "us-west-2").list_web_acls(Scope="REGIONAL")["WebACLs"] == []
    with refused("WAFDuplicateItemException", "duplicate of an existing one"):
        make(waf)


def test_resource_has_one_acl(emulator: EmulatorServer, waf: Any) -> None:
    alb = make_alb(emulator)
    first, second = make(waf), make(waf, name="other")
    assert "WebACL" not in waf.get_web_acl_for_resource(ResourceArn=alb)
    for acl in (first, first, second):
        waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=alb)
    assert waf.get_web_acl_for_resource(ResourceArn=alb)["WebACL"]["ARN"] == second["ARN"]
    assert waf.list_resources_for_web_acl(WebACLArn=first["ARN"])["ResourceArns"] == []
    assert waf.list_resources_for_web_acl(WebACLArn=second["ARN"])["ResourceArns"] == [alb]
    with refused("WAFAssociatedItemException", "is being used by another resource"):
        token = read(waf, second)["LockToken"]
        waf.delete_web_acl(Name="other", Scope="REGIONAL", Id=second["Id"], LockToken=token)
    waf.disassociate_web_acl(ResourceArn=alb)
    assert waf.list_resources_for_web_acl(WebACLArn=second["ARN"])["ResourceArns"] == []


def test_associations_that_cannot_be(emulator: EmulatorServer, waf: Any) -> None:
    acl, alb = make(waf), make_alb(emulator)
    no_alb = alb.replace("app/alb", "app/none")
    with refused("WAFNonexistentItemException", "resource doesn"):
        waf.associate_web_acl(WebACLArn=acl["ARN"], ResourceArn=no_alb)
    with refused("WAFNonexistentItemException", "resource doesn"):
        waf.get_web_acl_for_resource(ResourceArn=no_alb)
    with refused("WAFNonexistentItemException", "resource doesn"):
        waf.associate_web_acl(WebACLArn=acl["ARN"] + "0", ResourceArn=alb)
    with refused(INVALID, "ASSOCIABLE_RESOURCE"):
        waf.associate_web_acl(WebACLArn=make(waf, scope="CLOUDFRONT")["ARN"], ResourceArn=alb)
    with refused(INVALID, "RESOURCE_ARN"):
        waf.disassociate_web_acl(ResourceArn="arn:aws:cloudfront::123456789012:distribution/E1")


def test_cloudfront_scope_is_in_us_east_1(emulator: EmulatorServer) -> None:
    with refused(INVALID, "Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT"):
        make(emulator.client("wafv2", "us-west-2"), scope="CLOUDFRONT")


@pytest.mark.parametrize("text", ["rules (all)", "it's", "a;b"])
def test_description_has_few_characters(waf: Any, text: str) -> None:
    with refused("ValidationException", "at 'description' failed to satisfy constraint"):
        make(waf, Description=text)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (rule(managed(), Action={"Block": {}}), "RULE"),
        ({**rule(rate()), "OverrideAction": {"None": {}}}, "RULE"),
        ({key: value for key, value in rule(rate()).items() if key != "Action"}, "RULE"),
        (rule({**rate(), "GeoMatchStatement": {"CountryCodes": ["KP"]}}), "STATEMENT"),
        (rule(rate(EvaluationWindowSec=90)), "RATE_BASED_STATEMENT"),
        (rule(rate(AggregateKeyType="FORWARDED_IP")), "FORWARDED_IP_CONFIG"),
        (rule({"NotStatement": {"Statement": {"GeoMatchStatement": {"CountryCodes": ["Korea"]}}}}), "GEO_MATCH"),
    ],
    ids=["both-actions", "both-actions-2", "no-action", "two-statements", "window", "forwarded", "country"],
)
def test_rules_that_cannot_be(waf: Any, wrong: dict[str, Any], field: str) -> None:
    with refused(INVALID, f"field: {field}"):
        make(waf, wrong)


def test_override_action_is_for_groups(waf: Any) -> None:
    swapped = {key: value for key, value in rule(managed()).items() if key != "OverrideAction"}
    with refused(INVALID, "A reference in your rule statement is not valid."):
        make(waf, {**swapped, "Action": {"Block": {}}})


def test_priorities_and_names_stand_once(waf: Any) -> None:
    with refused(INVALID, "same priority more than once"):
        make(waf, rule(rate(), Name="a"), rule(rate(), Name="b"))
    with refused(INVALID, "same name more than once"):
        make(waf, rule(rate(), 0, Name="a"), rule(rate(), 1, Name="a"))


def test_managed_groups_must_exist(waf: Any) -> None:
    with refused("WAFNonexistentItemException", "resource doesn"):
        make(waf, rule(managed("AWSManagedRulesXSSRuleSet")))


def test_capacity_is_limited(waf: Any) -> None:
    with refused("WAFLimitsExceededException", "5600 WCUs"):
        make(waf, *(rule(managed("AWSManagedRulesCommonRuleSet"), n) for n in range(8)))


def test_logging_is_kept_and_checked(emulator: EmulatorServer, waf: Any) -> None:
    acl = make(waf)["ARN"]
    logs = emulator.client("logs")
    for name in ("aws-waf-logs-a", "other"):
        logs.create_log_group(logGroupName=name)
    prefix = f"arn:aws:logs:us-east-1:{emulator.account_id}:log-group"

    def put(*destinations: str, arn: str = acl, **more: Any) -> None:
        waf.put_logging_configuration(
            LoggingConfiguration={"ResourceArn": arn, "LogDestinationConfigs": list(destinations), **more}
        )

    for wrong in (f"{prefix}:aws-waf-logs-a:*", f"{prefix}:other"):
        with refused(INVALID, f"field: LOG_DESTINATION, parameter: {wrong}"):
            put(wrong)
    with refused("WAFLogDestinationPermissionIssueException", "does not exist"):
        put(f"{prefix}:aws-waf-logs-b")
    with refused("WAFNonexistentItemException", "resource doesn"):
        put(f"{prefix}:aws-waf-logs-a", arn=acl + "0")
    with refused("WAFLimitsExceededException", "one logging destination"):
        put(f"{prefix}:aws-waf-logs-a", "arn:aws:s3:::aws-waf-logs-b")
    with refused(INVALID, "field: FIELD_TO_MATCH"):
        put(f"{prefix}:aws-waf-logs-a", RedactedFields=[{"Body": {}}])
    put(f"{prefix}:aws-waf-logs-a", RedactedFields=[{"SingleHeader": {"Name": "authorization"}}])
    held = waf.get_logging_configuration(ResourceArn=acl)["LoggingConfiguration"]
    assert held["RedactedFields"] == [{"SingleHeader": {"Name": "authorization"}}]
