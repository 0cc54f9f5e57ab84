"""Load balancers: attributes are kept, and what AWS refuses is refused."""

import json
from typing import Any

import pytest
from emulator_asserts import refused

from elbv2_estate import Estate
from trading_platform.emulator.testing import EmulatorServer

DENIED = "Access Denied for bucket: logs. Please check S3bucket permission"


@pytest.fixture
def estate(emulator: EmulatorServer) -> Estate:
    return Estate(emulator)


def attributes(estate: Estate, arn: str) -> dict[str, str]:
    held = estate.elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {one["Key"]: one["Value"] for one in held}


def test_attributes_have_the_defaults_of_aws_and_are_kept(estate: Estate) -> None:
    arn = estate.balancer()["LoadBalancerArn"]
    before = attributes(estate, arn)
    assert before["idle_timeout.timeout_seconds"] == "60" and before["load_balancing.cross_zone.enabled"] == "true"
    assert before["access_logs.s3.enabled"] == "false" and len(before) == 23
    estate.attributes(arn, idle_timeout__timeout_seconds="300")
    assert attributes(estate, arn) == {**before, "idle_timeout.timeout_seconds": "300"}


def test_each_region_has_its_zone(emulator: EmulatorServer, estate: Estate) -> None:
    assert estate.balancer()["CanonicalHostedZoneId"] == "Z35SXDOTRQ7X7K"
    assert Estate(emulator, "us-west-2", "10.1").balancer()["CanonicalHostedZoneId"] == "Z1H1FL5HABSF5"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x" * 33, "cannot be longer than '32' characters"),
        ("production_te", "can only contain characters that are alphanumeric characters and hyphens(-)"),
        ("-production", "cannot begin or end with '-'"),
        ("internal-te", "cannot begin with 'internal-'"),
    ],
)
def test_names_that_are_not_allowed(estate: Estate, name: str, message: str) -> None:
    with refused("ValidationError", message):
        estate.balancer(name)


def test_one_of_a_name(estate: Estate) -> None:
    estate.balancer()
    with refused("DuplicateLoadBalancerName", "A load balancer with the same name 'production' exists"):
        estate.balancer(Subnets=estate.subnet_ids[:2])


def test_an_unknown_name_is_not_found_beside_a_known_one(estate: Estate) -> None:
    estate.balancer()
    with refused("LoadBalancerNotFound", "staging"):
        estate.elbv2.describe_load_balancers(Names=["production", "staging"])


def test_subnets_are_in_two_zones_of_one_vpc(emulator: EmulatorServer, estate: Estate) -> None:
    twin = estate.subnet("10.0.20.0/24", "us-east-1a")
    foreign = Estate(emulator, cidr="10.9").subnet_ids[1]
    with refused("ValidationError", "At least two subnets in two different Availability Zones"):
        estate.balancer(Subnets=estate.subnet_ids[:1])
    with refused("InvalidConfigurationRequest", "multiple subnets in the same Availability Zone"):
        estate.balancer(Subnets=[estate.subnet_ids[0], twin])
    with refused("InvalidConfigurationRequest", "All subnets must belong to the same VPC"):
        estate.balancer(Subnets=[estate.subnet_ids[0], foreign])
    arn = estate.balancer()["LoadBalancerArn"]
    with refused("ValidationError", "At least two subnets"):
        estate.elbv2.set_subnets(LoadBalancerArn=arn, Subnets=estate.subnet_ids[:1])
    with refused("InvalidConfigurationRequest", "All subnets must belong to the same VPC"):
        estate.elbv2.set_subnets(LoadBalancerArn=arn, Subnets=[estate.subnet_ids[0], foreign])


def test_subnets_have_room(estate: Estate) -> None:
    narrow = estate.subnet("10.0.30.0/28", "us-east-1b")
    for _ in range(4):
        estate.ec2.create_network_interface(SubnetId=narrow)
    with refused("InvalidSubnet", f"Not enough IP space available in {narrow}"):
        estate.balancer(Subnets=[estate.subnet_ids[0], narrow])


def test_a_public_one_needs_an_internet_gateway(estate: Estate) -> None:
    estate.ec2.detach_internet_gateway(InternetGatewayId=estate.gateway_id, VpcId=estate.vpc_id)
    with refused("InvalidSubnet", f"VPC {estate.vpc_id} has no internet gateway"):
        estate.balancer()


def test_security_groups_are_of_the_vpc(emulator: EmulatorServer, estate: Estate) -> None:
    foreign = Estate(emulator, cidr="10.9").group_id
    with refused("InvalidSecurityGroup", "does not exist"):
        estate.balancer(SecurityGroups=["sg-00000000000000000"])
    with refused("InvalidConfigurationRequest", "One or more security groups are invalid"):
        estate.balancer(SecurityGroups=[foreign])
    arn = estate.balancer()["LoadBalancerArn"]
    with refused("InvalidConfigurationRequest", "One or more security groups are invalid"):
        estate.elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[foreign])


@pytest.mark.parametrize(
    ("values", "code", "message"),
    [
        ({"idle_timeout__timeout_seconds": "4001"}, "ValidationError", "must be between '1-4000' inclusive"),
        ({"client_keep_alive__seconds": "59"}, "ValidationError", "must be between '60-604800' inclusive"),
        ({"routing__http__desync_mitigation_mode": "lax"}, "ValidationError", "monitor, defensive, strictest"),
        ({"deletion_protection__enabled": "yes"}, "ValidationError", "must be one of [true, false]"),
        ({"no__such": "1"}, "ValidationError", "'no.such' is not recognized"),
        ({"load_balancing__cross_zone__enabled": "false"}, "InvalidConfigurationRequest", "cannot be turned off"),
    ],
)
def test_attributes_that_are_not_allowed(estate: Estate, values: dict[str, str], code: str, message: str) -> None:
    arn = estate.balancer()["LoadBalancerArn"]
    with refused(code, message):
        estate.attributes(arn, **values)


def test_a_protected_one_is_not_deleted(estate: Estate) -> None:
    arn = estate.balancer()["LoadBalancerArn"]
    estate.attributes(arn, deletion_protection__enabled="true")
    with refused("OperationNotPermitted", "because deletion protection is enabled"):
        estate.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    estate.attributes(arn, deletion_protection__enabled="false")
    estate.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    assert estate.elbv2.describe_load_balancers()["LoadBalancers"] == []


def log_to(estate: Estate, bucket: str, prefix: str = "alb") -> None:
    found = estate.elbv2.describe_load_balancers()["LoadBalancers"]
    arn = found[0]["LoadBalancerArn"] if found else estate.balancer()["LoadBalancerArn"]
    where = {"access_logs__s3__bucket": bucket, "access_logs__s3__prefix": prefix}
    estate.attributes(arn, access_logs__s3__enabled="true", **where)


@pytest.mark.parametrize(
    "principal",
    [
        None,
        {"AWS": "127311923021"},
        {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
    ],
)
def test_logs_go_to_a_bucket_that_takes_them(estate: Estate, principal: dict[str, str] | None) -> None:
    log_to(estate, estate.bucket(principal=principal))


def test_logs_do_not_go_anywhere_else(emulator: EmulatorServer, estate: Estate) -> None:
    with refused("InvalidConfigurationRequest", DENIED):
        log_to(estate, "logs")
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="logs")
    with refused("InvalidConfigurationRequest", DENIED):
        log_to(estate, "logs")


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "delivery.logs.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::797873946194:root"}},
        {"Action": "s3:GetObject"},
        {"Effect": "Deny"},
        {"Resource": "arn:aws:s3:::logs/other/*"},
    ],
    ids=["another service", "another region's account", "another action", "denied", "another prefix"],
)
def test_logs_need_exactly_these_rights(emulator: EmulatorServer, estate: Estate, change: dict[str, Any]) -> None:
    estate.bucket()
    s3 = emulator.client("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket="logs")["Policy"])
    policy["Statement"][0] |= change
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps(policy))
    with refused("InvalidConfigurationRequest", DENIED):
        log_to(estate, "logs")


def test_logs_need_a_bucket_of_the_region_without_kms_and_no_awslogs_prefix(
    emulator: EmulatorServer, estate: Estate
) -> None:
    estate.bucket()
    with refused("InvalidConfigurationRequest", "cannot contain 'AWSLogs'"):
        log_to(estate, "logs", "AWSLogs")
    Estate(emulator, "us-west-2", "10.1").bucket("west", {"AWS": "127311923021"})
    with refused("InvalidConfigurationRequest", "Access Denied for bucket: west"):
        log_to(estate, "west")
    kms = {"SSEAlgorithm": "aws:kms"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": kms}]}
    emulator.client("s3").put_bucket_encryption(Bucket="logs", ServerSideEncryptionConfiguration=rules)
    with refused("InvalidConfigurationRequest", DENIED):
        log_to(estate, "logs")
