"""VPC endpoints: what moto loses between creation, change and description."""

import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
from moto.ec2.responses.vpcs import VPCs

from trading_platform.emulator.extension import Extension, state_of
from trading_platform.emulator.services.ec2 import endpoint_refusals
from trading_platform.emulator.services.ec2.common import ENDPOINT_TOKENS, free_address

extension = Extension("ec2")
endpoint_refusals.declare(extension)


@extension.patches(VPCEndPoint, "__init__")
def endpoint_with_every_attribute(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """API VpcEndpoint: IpAddressType, DnsOptions, RequesterManaged; a gateway has no private DNS."""
    original(self, *args, **kwargs)
    self.vpc_endpoint_type = self.vpc_endpoint_type or "Gateway"
    self.ip_address_type = "ipv4"
    self.requester_managed = False
    interface = self.vpc_endpoint_type.lower() == "interface"
    self.private_dns_enabled = bool(self.private_dns_enabled) and interface
    self.dns_options = {"DnsRecordIpType": "ipv4" if interface else "service-defined"}
    if interface and not self.security_group_ids:
        default = self.ec2_backend.get_security_group_from_name("default", vpc_id=self.vpc_id)
        self.security_group_ids = [default.id]


@extension.patches(VPCBackend, "create_vpc_endpoint")
def interfaces_like_the_endpoint(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """moto's interfaces have no security groups and addresses outside the subnet."""
    endpoint = original(self, *args, **kwargs)
    _refresh(endpoint)
    return endpoint


def _refresh(endpoint: Any) -> None:
    """One interface for each subnet, with the endpoint's groups; names that follow the private DNS setting."""
    backend = endpoint.ec2_backend
    if endpoint.vpc_endpoint_type.lower() != "interface":
        return
    by_subnet = {backend.enis[one].subnet.id: backend.enis[one] for one in endpoint.network_interface_ids}
    for gone in set(by_subnet) - set(endpoint.subnet_ids):
        backend.enis.pop(by_subnet.pop(gone).id)
    for subnet_id in endpoint.subnet_ids:
        if subnet_id not in by_subnet:
            by_subnet[subnet_id] = backend.create_network_interface(backend.get_subnet(subnet_id), "")
    groups = [backend.get_security_group_from_id(one) for one in endpoint.security_group_ids]
    for eni in by_subnet.values():
        _describe_interface(endpoint, eni, groups)
    endpoint.network_interface_ids = [by_subnet[one].id for one in endpoint.subnet_ids]
    endpoint.dns_entries = _dns_entries(endpoint)


def _describe_interface(endpoint: Any, eni: Any, groups: list[Any]) -> None:
    if eni.interface_type != "vpc_endpoint":
        eni.private_ip_address = None  # moto's is not of the subnet
        address = free_address(endpoint.ec2_backend, eni.subnet)
        eni.private_ip_address = address
        eni.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]
    eni.interface_type = "vpc_endpoint"
    eni.status = "in-use"
    eni.requester_managed = True
    eni.description = f"VPC Endpoint Interface {endpoint.id}"
    eni._group_set = groups


def _dns_entries(endpoint: Any) -> list[dict[str, str]]:
    service = endpoint_refusals.private_name(endpoint.service_name).split(".", maxsplit=1)[0]
    region = endpoint.ec2_backend.region_name
    names = [f"{endpoint.id}-{endpoint.id[-8:]}.{service}.{region}.vpce.amazonaws.com"]
    if endpoint.private_dns_enabled:
        names.append(endpoint_refusals.private_name(endpoint.service_name))
    return [{"dns_name": name, "hosted_zone_id": "Z7HUB22UULQXV"} for name in names]


@extension.patches(VPCs, "create_vpc_endpoint")
def one_endpoint_for_one_client_token(original: Callable[..., Any], self: Any) -> Any:
    """API CreateVpcEndpoint is idempotent by ClientToken; IpAddressType and DnsOptions are kept."""
    tokens = state_of(self.ec2_backend, ENDPOINT_TOKENS)
    token = self._get_param("ClientToken")
    if token and token in tokens:
        return ActionResult({"VpcEndpoint": tokens[token]})
    result = original(self)
    endpoint = result.result["VpcEndpoint"]
    _set_options(self, endpoint)
    if token:
        tokens[token] = endpoint
    return result


@extension.patches(VPCs, "modify_vpc_endpoint")
def modify_every_attribute(original: Callable[..., Any], self: Any) -> Any:
    """API ModifyVpcEndpoint: moto ignores private DNS, the address type, ResetPolicy, interfaces and routes."""
    endpoint = self.ec2_backend.get_vpc_end_point(self._get_param("VpcEndpointId"))
    result = original(self)
    if self._get_bool_param("ResetPolicy"):
        endpoint.policy_document = json.dumps(VPCEndPoint.DEFAULT_POLICY)
    private_dns = self._get_bool_param("PrivateDnsEnabled")
    if private_dns is not None:
        endpoint.private_dns_enabled = private_dns
    _set_options(self, endpoint)
    _refresh(endpoint)
    if endpoint.destination_prefix_list_id:
        _reroute(self.ec2_backend, endpoint)
    return result


def _set_options(self: Any, endpoint: Any) -> None:
    endpoint.ip_address_type = self._get_param("IpAddressType") or endpoint.ip_address_type
    endpoint.dns_options = {**endpoint.dns_options, **(self._get_param("DnsOptions") or {})}


def _reroute(backend: Any, endpoint: Any) -> None:
    """A gateway's prefix list is routed in its route tables and in no other."""
    for table in backend.route_tables.values():
        routed = [key for key, route in table._routes.items() if route.gateway is endpoint]
        if table.id in endpoint.route_table_ids and not routed:
            backend.create_route(
                table.id,
                None,
                gateway_id=endpoint.id,
                destination_prefix_list_id=endpoint.destination_prefix_list_id,
            )
        elif table.id not in endpoint.route_table_ids:
            for key in routed:
                del table._routes[key]


@extension.patches(VPCs, "delete_vpc_endpoints")
def deleted_endpoints_are_gone(original: Callable[..., Any], self: Any) -> ActionResult:
    """An endpoint is "deleting" and then not found (API DescribeVpcEndpoints); moto shows it for ever."""
    wanted = self._get_param("VpcEndpointIds", [])
    known = self.ec2_backend.vpc_end_points
    missing = [one for one in wanted if one not in known]
    original(self)
    for one in wanted:
        known.pop(one, None)
    error = {"Code": "InvalidVpcEndpointId.NotFound", "Message": "The Vpc Endpoint Id '{}' does not exist"}
    return ActionResult(
        {
            "Unsuccessful": [
                {"ResourceId": one, "Error": {**error, "Message": error["Message"].format(one)}} for one in missing
            ]
        }
    )
