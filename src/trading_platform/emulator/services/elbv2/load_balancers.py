"""Load balancers: attributes as AWS gives them, one of a name, subnets in two zones, protection against deletion."""

from collections.abc import Callable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elbv2.common import (
    attributes,
    invalid_configuration,
    refuse_name,
    refuse_other_than,
    refuse_outside,
    state,
    validation_error,
)

extension = Extension("elbv2")

# AWS General Reference, "Elastic Load Balancing endpoints and quotas": the zones of application load balancers.
HOSTED_ZONES = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "ca-central-1": "ZQSVJUPU6J1EY",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
}
# API LoadBalancerAttribute, of application load balancers, with AWS's defaults.
DEFAULTS = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "health_check_logs.s3.enabled": "false",
    "health_check_logs.s3.bucket": "",
    "health_check_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "ipv6.deny_all_igw_traffic": "false",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
RANGES = {"idle_timeout.timeout_seconds": (1, 4000), "client_keep_alive.seconds": (60, 604800)}
CHOICES = {
    "routing.http.desync_mitigation_mode": ("monitor", "defensive", "strictest"),
    "routing.http.xff_header_processing.mode": ("append", "preserve", "remove"),
    **{key: ("true", "false") for key in DEFAULTS if key.endswith(".enabled")},
}
FREE_ADDRESSES = (
    8  # API CreateLoadBalancer, Subnets; Application Load Balancers guide, "Subnets for your load balancer"
)


@extension.patches(FakeLoadBalancer, "__init__")
def all_attributes_and_the_zone_of_the_region(original: Callable[..., Any], self: Any, *args: Any, **more: Any) -> None:
    """moto leaves out most attributes, and has one zone for all regions, which is not one of AWS's."""
    original(self, *args, **more)
    region = self.arn.split(":")[3]
    self.canonical_hosted_zone_id = HOSTED_ZONES.get(region, self.canonical_hosted_zone_id)
    if self.type == "application":
        self.attrs = dict(DEFAULTS)


@extension.patches(ELBv2Backend, "modify_load_balancer_attributes")
def set_every_attribute(original: Callable[..., Any], self: Any, arn: str, attrs: dict[str, Any]) -> Any:
    """moto refuses attributes that it does not know; what AWS does not know was refused before."""
    if arn not in self.load_balancers:
        return original(self, arn, attrs)
    self.load_balancers[arn].attrs.update(attrs)
    return self.load_balancers[arn].attrs


@extension.refuses("CreateLoadBalancer")
def names_that_are_not_allowed(call: Call) -> None:
    name = call.params.get("Name", "")
    refuse_name("The load balancer", name)
    if name.startswith("internal-"):
        raise validation_error(f"The load balancer name '{name}' cannot begin with 'internal-'")


@extension.refuses("CreateLoadBalancer")
def a_second_one_of_the_name(call: Call) -> None:
    """API CreateLoadBalancer, DuplicateLoadBalancerName. moto looks for the same ARN, which never comes twice."""
    name = call.params["Name"]
    if any(balancer.name == name for balancer in state(call).load_balancers.values()):
        raise AwsError(
            "DuplicateLoadBalancerName",
            f"A load balancer with the same name '{name}' exists, but with different settings",
        )


def _subnets(call: Call) -> list[Any]:
    """moto's subnets of the call that exist; unknown ones are left to moto."""
    asked = [*(call.params.get("Subnets") or [])]
    asked += [mapping["SubnetId"] for mapping in call.params.get("SubnetMappings") or []]
    held = {
        subnet.id: subnet
        for group in ec2_backends[call.account_id][call.region].subnets.values()
        for subnet in group.values()
    }
    return [held[subnet_id] for subnet_id in asked if subnet_id in held]


@extension.refuses("CreateLoadBalancer", "SetSubnets")
def subnets_that_do_not_fit(call: Call) -> None:
    """API CreateLoadBalancer, Subnets."""
    if call.params.get("Type", "application") != "application":
        return
    subnets = _subnets(call)
    zones = [subnet.availability_zone for subnet in subnets]
    if len(set(zones)) < len(zones):
        raise invalid_configuration(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
    if len(zones) < 2:
        raise validation_error("At least two subnets in two different Availability Zones must be specified")
    vpcs = sorted({subnet.vpc_id for subnet in subnets} | _vpc_of_the_balancer(call))
    if len(vpcs) > 1:
        raise invalid_configuration(f"All subnets must belong to the same VPC: '{vpcs[0]}'")
    for subnet in subnets:
        if subnet.available_ip_address_count < FREE_ADDRESSES:
            raise AwsError(
                "InvalidSubnet",
                f"Not enough IP space available in {subnet.id}. ELB requires at least {FREE_ADDRESSES} free IP "
                "addresses in each subnet.",
            )


def _vpc_of_the_balancer(call: Call) -> set[str]:
    balancer = state(call).load_balancers.get(call.params.get("LoadBalancerArn"))
    return {balancer.vpc_id} if balancer else set()


@extension.refuses("CreateLoadBalancer")
def public_one_without_an_internet_gateway(call: Call) -> None:
    subnets = _subnets(call)
    if not subnets or call.params.get("Scheme", "internet-facing") != "internet-facing":
        return
    vpc_id = subnets[0].vpc_id
    gateways = ec2_backends[call.account_id][call.region].internet_gateways.values()
    if not any(gateway.vpc and gateway.vpc.id == vpc_id for gateway in gateways):
        raise AwsError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")


@extension.refuses("CreateLoadBalancer", "SetSecurityGroups")
def groups_of_another_vpc(call: Call) -> None:
    """API CreateLoadBalancer: InvalidSecurityGroup for one that does not exist, and for one of another VPC."""
    backend = ec2_backends[call.account_id][call.region]
    vpcs = {subnet.vpc_id for subnet in _subnets(call)} | _vpc_of_the_balancer(call)
    for group_id in call.params.get("SecurityGroups") or []:
        group = backend.get_security_group_from_id(group_id)
        if group is None:
            raise AwsError("InvalidSecurityGroup", f"The security group '{group_id}' does not exist")
        if vpcs and group.vpc_id not in vpcs:
            raise invalid_configuration("One or more security groups are invalid")


@extension.refuses("ModifyLoadBalancerAttributes")
def attributes_that_are_not_allowed(call: Call) -> None:
    values = attributes(call)
    for key in values:
        if key not in FakeLoadBalancer.VALID_ATTRS and key not in DEFAULTS:
            raise validation_error(f"Load balancer attribute key '{key}' is not recognized")
    refuse_outside(values, RANGES)
    refuse_other_than(values, CHOICES)
    balancer = state(call).load_balancers.get(call.params["LoadBalancerArn"])
    cross_zone = values.get("load_balancing.cross_zone.enabled")
    if balancer is not None and balancer.type == "application" and cross_zone == "false":
        raise invalid_configuration(
            "The attribute 'load_balancing.cross_zone.enabled' cannot be turned off for an application load balancer"
        )


@extension.refuses("DeleteLoadBalancer")
def protected_ones(call: Call) -> None:
    """API DeleteLoadBalancer, OperationNotPermitted."""
    arn = call.params["LoadBalancerArn"]
    balancer = state(call).load_balancers.get(arn)
    if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
        raise AwsError(
            "OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        )


@extension.patches(ELBv2Backend, "describe_load_balancers")
def only_what_is_there(original: Callable[..., Any], self: Any, arns: Any, names: Any) -> Any:
    """moto answers for an unknown name with the one it found before."""
    held = {balancer.name for balancer in self.load_balancers.values()}
    if any(name not in held for name in names or []):
        raise AwsError("LoadBalancerNotFound", f"Load balancers '[{', '.join(names)}]' not found")
    if any(arn not in self.load_balancers for arn in arns or []):
        raise AwsError("LoadBalancerNotFound", f"Load balancers '[{', '.join(arns)}]' not found")
    return original(self, arns, names)
