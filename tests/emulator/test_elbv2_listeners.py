"""Target groups, listeners and rules: what is kept, and what AWS refuses."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from emulator_asserts import refused

from elbv2_estate import Estate
from trading_platform.emulator.testing import EmulatorServer

TLS13 = "ELBSecurityPolicy-TLS13-1-3-2021-06"


@pytest.fixture
def estate(emulator: EmulatorServer) -> Estate:
    return Estate(emulator)


@pytest.fixture
def balancer(estate: Estate) -> str:
    return str(estate.balancer()["LoadBalancerArn"])


def lenient(emulator: EmulatorServer) -> Any:
    """A client that sends what its own checks would stop."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client("elbv2", region_name="us-east-1", endpoint_url=emulator.endpoint, config=config, **keys)


def forward(arn: str) -> list[dict[str, str]]:
    return [{"Type": "forward", "TargetGroupArn": arn}]


def host(*names: str) -> list[dict[str, Any]]:
    return [{"Field": "host-header", "HostHeaderConfig": {"Values": list(names)}}]


def group_attributes(estate: Estate, arn: str, **values: str) -> dict[str, str]:
    pairs = [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]
    if pairs:
        estate.elbv2.modify_target_group_attributes(TargetGroupArn=arn, Attributes=pairs)
    held = estate.elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    return {one["Key"]: one["Value"] for one in held}


def test_target_group_attributes_have_the_defaults_of_aws_and_are_kept(estate: Estate) -> None:
    arn = estate.target_group()
    before = group_attributes(estate, arn)
    assert before["stickiness.lb_cookie.duration_seconds"] == "86400" and before["stickiness.type"] == "lb_cookie"
    assert before["deregistration_delay.timeout_seconds"] == "300" and len(before) == 14
    after = group_attributes(estate, arn, deregistration_delay__timeout_seconds="3600", stickiness__enabled="true")
    assert after == {**before, "deregistration_delay.timeout_seconds": "3600", "stickiness.enabled": "true"}


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"deregistration_delay__timeout_seconds": "3601"}, "ValidationError", "between '0-3600' inclusive"),
        ({"stickiness__lb_cookie__duration_seconds": "0"}, "ValidationError", "between '1-604800' inclusive"),
        ({"slow_start__duration_seconds": "29"}, "ValidationError", "must be 0 or between '30-900' inclusive"),
        ({"load_balancing__algorithm__type": "random"}, "ValidationError", "must be one of [round_robin"),
        ({"no__such": "1"}, "ValidationError", "'no.such' is not recognized"),
        (
            {
                "slow_start__duration_seconds": "30",
                "load_balancing__algorithm__type": "least_outstanding_requests",
            },
            "InvalidConfigurationRequest",
            "Slow start cannot be enabled",
        ),
    ],
)
def test_target_group_attributes_that_are_not_allowed(
    estate: Estate, values: dict[str, str], code: str, message: str
) -> None:
    arn = estate.target_group()
    with refused(code, message):
        group_attributes(estate, arn, **values)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("production-trading-engine-websocket", "cannot be longer than '32' characters"),
        ("te_api", "can only contain characters that are alphanumeric characters and hyphens(-)"),
        ("te-", "cannot begin or end with '-'"),
    ],
)
def test_target_group_names_that_are_not_allowed(estate: Estate, name: str, message: str) -> None:
    with refused("ValidationError", message):
        estate.target_group(name)


def test_a_target_group_keeps_its_port_and_protocol(estate: Estate) -> None:
    estate.target_group()
    with refused("DuplicateTargetGroupName", "A target group with the same name 'te-api' exists, but with different"):
        estate.target_group(Port=8080)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"HealthCheckIntervalSeconds": 4}, "Health check interval '4' must be between '5' and '300'"),
        ({"HealthCheckTimeoutSeconds": 121}, "Health check timeout '121' must be between '2' and '120'"),
        ({"HealthyThresholdCount": 1}, "Healthy threshold count '1' must be between '2' and '10'"),
        ({"UnhealthyThresholdCount": 11}, "Unhealthy threshold count '11' must be between '2' and '10'"),
        ({"HealthCheckPath": "health"}, "must begin with a '/'"),
        ({"HealthCheckTimeoutSeconds": 30}, "must be smaller than the interval '30'"),
    ],
)
def test_health_checks_out_of_range(
    emulator: EmulatorServer, estate: Estate, check: dict[str, Any], message: str
) -> None:
    arn = estate.target_group()
    with refused("ValidationError", message):
        lenient(emulator).modify_target_group(TargetGroupArn=arn, **check)


def test_a_target_group_in_use_is_kept_and_freed_with_its_listener(estate: Estate, balancer: str) -> None:
    arn = estate.target_group()
    listener = estate.listener(balancer, DefaultActions=forward(arn))
    (group,) = estate.elbv2.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    assert group["LoadBalancerArns"] == [balancer]
    with refused("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule"):
        estate.elbv2.delete_target_group(TargetGroupArn=arn)
    estate.elbv2.delete_listener(ListenerArn=listener)
    (group,) = estate.elbv2.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    assert group["LoadBalancerArns"] == []
    estate.elbv2.delete_target_group(TargetGroupArn=arn)


def test_a_target_group_belongs_to_one_load_balancer_of_its_vpc(
    emulator: EmulatorServer, estate: Estate, balancer: str
) -> None:
    arn = estate.target_group()
    estate.listener(balancer, DefaultActions=forward(arn))
    second = estate.balancer("staging")["LoadBalancerArn"]
    with refused("TargetGroupAssociationLimit", "cannot be associated with more than one load balancer"):
        estate.listener(second, DefaultActions=forward(arn))
    foreign = Estate(emulator, cidr="10.9").target_group("foreign")
    listener = estate.listener(second)
    with refused("InvalidConfigurationRequest", "not in the same VPC"):
        estate.elbv2.create_rule(
            ListenerArn=listener, Priority=1, Conditions=host("a.example.com"), Actions=forward(foreign)
        )


def test_one_listener_of_a_port(estate: Estate, balancer: str) -> None:
    estate.listener(balancer)
    with refused("DuplicateListener", f"A listener already exists on this port for this load balancer '{balancer}'"):
        estate.listener(balancer)


def https(arn: str | None, policy: str = TLS13) -> dict[str, Any]:
    certificates = {"Certificates": [{"CertificateArn": arn}]} if arn else {}
    return {"Protocol": "HTTPS", "SslPolicy": policy, **certificates}


def test_https_needs_an_issued_certificate_of_the_region(
    emulator: EmulatorServer, estate: Estate, balancer: str
) -> None:
    unsupported = "must have a fully-qualified domain name, a supported signature, and a supported key size"
    with refused("ValidationError", "A certificate must be specified for HTTPS listeners"):
        estate.listener(balancer, 443, **https(None))
    waiting = estate.certificate(issued=False)
    with refused("UnsupportedCertificate", unsupported):
        estate.listener(balancer, 443, **https(waiting))
    with refused("UnsupportedCertificate", unsupported):
        estate.listener(balancer, 443, **https(waiting.replace("us-east-1", "us-west-2")))
    with refused("CertificateNotFound", "not found"):
        estate.listener(balancer, 443, **https(waiting[:-4] + "0000"))
    issued = estate.certificate()
    with refused("SSLPolicyNotFound", "SSL policy 'TLS-9' not found"):
        estate.listener(balancer, 443, **https(issued, "TLS-9"))
    two = {"Certificates": [{"CertificateArn": issued}, {"CertificateArn": issued}]}
    with refused("InvalidConfigurationRequest", "exactly one default certificate"):
        estate.listener(balancer, 443, **{**https(issued), **two})
    listener = estate.listener(balancer, 443, **https(issued))
    (held,) = estate.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"]
    assert held["SslPolicy"] == TLS13 and held["Certificates"] == [{"CertificateArn": issued}]
    acm = emulator.client("acm")
    assert acm.describe_certificate(CertificateArn=issued)["Certificate"]["InUseBy"] == [balancer]
    with refused("ResourceInUseException", "is in use"):
        acm.delete_certificate(CertificateArn=issued)
    with refused("UnsupportedCertificate", unsupported):
        estate.elbv2.modify_listener(ListenerArn=listener, Certificates=[{"CertificateArn": waiting}])


def test_http_has_neither_certificate_nor_policy(estate: Estate, balancer: str) -> None:
    with refused("ValidationError", "can only be specified for HTTPS listeners"):
        estate.listener(balancer, 80, SslPolicy=TLS13)
    listener = estate.listener(balancer)
    (held,) = estate.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"]
    assert not held.get("SslPolicy") and not held.get("Certificates")


def rule(estate: Estate, listener: str, priority: int = 10, *names: str) -> dict[str, Any]:
    fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
    conditions = host(*(names or ("api.example.com",)))
    made: dict[str, Any] = estate.elbv2.create_rule(
        ListenerArn=listener, Priority=priority, Conditions=conditions, Actions=fixed
    )["Rules"][0]
    return made


def test_rules_that_are_not_allowed(estate: Estate, balancer: str) -> None:
    listener = estate.listener(balancer)
    rule(estate, listener)
    with refused("PriorityInUse", "Priority '10' is currently in use"):
        rule(estate, listener)
    with refused("ValidationError", "must be between '1' and '50000'"):
        rule(estate, listener, 50001)
    with refused("TooManyConditionValues", "at most '5' condition values"):
        rule(estate, listener, 11, *"abcdef")
    with refused("ValidationError", "contains invalid characters"):
        rule(estate, listener, 11, "api_example.com")
    twice = host("a.example.com") + host("b.example.com")
    with refused("ValidationError", "can only have one 'host-header'"):
        estate.elbv2.create_rule(ListenerArn=listener, Priority=11, Conditions=twice, Actions=[{"Type": "redirect"}])


def test_the_default_rule_is_not_a_rule_to_change(estate: Estate, balancer: str) -> None:
    listener = estate.listener(balancer)
    rules = estate.elbv2.describe_rules(ListenerArn=listener)["Rules"]
    default = next(one["RuleArn"] for one in rules if one["IsDefault"])
    with refused("OperationNotPermitted", "cannot be modified or deleted"):
        estate.elbv2.delete_rule(RuleArn=default)
