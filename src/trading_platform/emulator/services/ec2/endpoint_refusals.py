"""VPC endpoints: what AWS refuses."""

from typing import Any

from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES
from moto.route53.models import route53_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.quotas import (
    INTERFACE_ENDPOINTS_PER_VPC,
    SECURITY_GROUPS_PER_INTERFACE,
    quota,
)
from trading_platform.emulator.services.ec2.common import (
    ENDPOINT_TOKENS,
    is_repeated,
    live_endpoints,
    state,
)


def declare(extension: Extension) -> None:
    """Declare this file's checks on the endpoints' extension."""
    extension.refuses("CreateVpcEndpoint")(service_that_does_not_exist_here)
    extension.refuses("CreateVpcEndpoint")(route_tables_for_an_interface)
    extension.refuses("CreateVpcEndpoint", "ModifyVpcEndpoint")(private_dns_without_dns_in_the_vpc)
    extension.refuses("CreateVpcEndpoint", "ModifyVpcEndpoint")(private_dns_that_is_taken)
    extension.refuses("CreateVpcEndpoint", "ModifyVpcEndpoint")(two_subnets_of_one_zone)
    extension.refuses("CreateVpcEndpoint", "ModifyVpcEndpoint")(route_that_exists_already)
    extension.refuses("CreateVpcEndpoint", "ModifyVpcEndpoint")(more_groups_than_an_interface_takes)
    extension.refuses("CreateVpcEndpoint")(more_interface_endpoints_than_the_quota)


def private_name(service_name: str) -> str:
    """``com.amazonaws.us-east-1.ecr.api`` is reached as ``api.ecr.us-east-1.amazonaws.com``."""
    region, *labels = service_name.split(".")[2:]
    return ".".join([*reversed(labels), region, "amazonaws.com"])


def _existing(call: Call) -> Any | None:
    return state(call).vpc_end_points.get(call.params.get("VpcEndpointId"))


def _vpc_id(call: Call) -> str:
    existing = _existing(call)
    return str(existing.vpc_id if existing else call.params.get("VpcId", ""))


def _service(call: Call) -> str:
    existing = _existing(call)
    return str(existing.service_name if existing else call.params.get("ServiceName", ""))


def _is_interface(call: Call) -> bool:
    existing = _existing(call)
    kind = existing.vpc_endpoint_type if existing else call.params.get("VpcEndpointType", "Gateway")
    return str(kind).lower() == "interface"


def service_that_does_not_exist_here(call: Call) -> None:
    """Names of AWS services carry the Region; another Region's is not found."""
    name = _service(call)
    listed = {f"com.amazonaws.{call.region}.{one}" for one in AWS_ENDPOINT_SERVICES}
    if name.startswith("com.amazonaws.") and name not in listed:
        raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")


def route_tables_for_an_interface(call: Call) -> None:
    if _is_interface(call) and call.params.get("RouteTableIds"):
        raise AwsError("InvalidParameter", "Route table IDs are only supported for Gateway type VPC Endpoint.")


def _asks_for_private_dns(call: Call) -> bool:
    if not _is_interface(call):
        return False
    default = "true" if _existing(call) is None else "false"  # AWS's default at creation is on
    return str(call.params.get("PrivateDnsEnabled", default)).lower() == "true"


def private_dns_without_dns_in_the_vpc(call: Call) -> None:
    vpc = state(call).vpcs.get(_vpc_id(call))
    if (
        vpc
        and _asks_for_private_dns(call)
        and not (_is_on(vpc.enable_dns_support) and _is_on(vpc.enable_dns_hostnames))
    ):
        raise AwsError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true "
            f"for {vpc.id}",
        )


def _is_on(value: object) -> bool:
    return str(value).lower() == "true"


def private_dns_that_is_taken(call: Call) -> None:
    """By another endpoint of the VPC, or by a private hosted zone that the VPC resolves."""
    if not _asks_for_private_dns(call) or is_repeated(call, ENDPOINT_TOKENS):
        return
    name, existing, vpc_id = private_name(_service(call)), _existing(call), _vpc_id(call)
    rivals = [
        one
        for one in live_endpoints(state(call), vpc_id)
        if one is not existing and one.private_dns_enabled and private_name(one.service_name) == name
    ]
    if rivals or name in _private_zones(call, vpc_id):
        raise AwsError(
            "InvalidParameter",
            f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the "
            f"VPC {vpc_id}",
        )


def _private_zones(call: Call, vpc_id: str) -> set[str]:
    zones = route53_backends[call.account_id]["aws"].zones.values()
    return {zone.name.rstrip(".") for zone in zones if any(one.get("vpc_id") == vpc_id for one in zone.vpcs)}


def two_subnets_of_one_zone(call: Call) -> None:
    backend, existing = state(call), _existing(call)
    removed = call.params.get("RemoveSubnetIds") or []
    held = [one for one in existing.subnet_ids if one not in removed] if existing else []
    zones: dict[str, str] = {}
    all_subnets = {one.id: one for group in backend.subnets.values() for one in group.values()}
    wanted = call.params.get("SubnetIds") or call.params.get("AddSubnetIds") or []
    for subnet_id in [*held, *(one for one in wanted if one not in held)]:
        zone = all_subnets[subnet_id].availability_zone if subnet_id in all_subnets else subnet_id
        if zone in zones:
            raise AwsError(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {subnet_id}. VPC endpoint subnets "
                "should be in different availability zones supported by the VPC endpoint service.",
            )
        zones[zone] = subnet_id


def route_that_exists_already(call: Call) -> None:
    """A route table has one route for a prefix list: two gateways for one service cannot share it."""
    if is_repeated(call, ENDPOINT_TOKENS):
        return
    backend, existing = state(call), _existing(call)
    wanted = call.params.get("RouteTableIds") or call.params.get("AddRouteTableIds") or []
    for endpoint in live_endpoints(backend, _vpc_id(call)):
        if endpoint is existing or endpoint.service_name != _service(call):
            continue
        for table_id in set(wanted) & set(endpoint.route_table_ids):
            raise AwsError(
                "RouteAlreadyExists",
                f"route table {table_id} already has a route with destination-prefix-list-id "
                f"{endpoint.destination_prefix_list_id}",
            )


def more_groups_than_an_interface_takes(call: Call) -> None:
    existing = _existing(call)
    removed = set(call.params.get("RemoveSecurityGroupIds") or [])
    groups = set(existing.security_group_ids) - removed if existing else set()
    groups |= set(call.params.get("SecurityGroupIds") or call.params.get("AddSecurityGroupIds") or [])
    if len(groups) > quota(SECURITY_GROUPS_PER_INTERFACE):
        raise AwsError(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "The maximum number of security groups per interface has been reached.",
        )


def more_interface_endpoints_than_the_quota(call: Call) -> None:
    """VPC user guide, "Amazon VPC quotas": 50 a VPC. AWS publishes the code, not the text."""
    endpoints = [one for one in live_endpoints(state(call), _vpc_id(call)) if one.subnet_ids]
    repeated = is_repeated(call, ENDPOINT_TOKENS)
    if _is_interface(call) and not repeated and len(endpoints) >= quota(INTERFACE_ENDPOINTS_PER_VPC):
        raise AwsError("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.")
