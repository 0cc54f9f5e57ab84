"""NAT gateways: a private address of their subnet, one gateway a client token, failure without an internet gateway."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend
from moto.ec2.responses.nat_gateways import NatGateways

from trading_platform.emulator import delays
from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of
from trading_platform.emulator.quotas import NAT_GATEWAYS_PER_ZONE, quota
from trading_platform.emulator.services.ec2.common import (
    NAT_GATEWAY_TOKENS,
    attached_internet_gateway,
    free_address,
    is_repeated,
    live_nat_gateways,
    state,
)

extension = Extension("ec2")


@extension.patches(NatGateways, "create_nat_gateway")
def one_gateway_for_one_client_token(original: Callable[..., Any], self: Any) -> Any:
    """API CreateNatGateway is idempotent by ClientToken; moto makes another gateway, or finds the address taken."""
    tokens = state_of(self.ec2_backend, NAT_GATEWAY_TOKENS)
    token = self._get_param("ClientToken")
    if token not in tokens:
        result = original(self)
        if token:
            tokens[token] = result.result["NatGateway"]
        return result
    return ActionResult({"NatGateway": tokens[token]})


@extension.patches(NatGateway, "__init__")
def address_from_the_subnet(
    original: Callable[..., Any],
    self: Any,
    backend: Any,
    subnet_id: str,
    allocation_id: str,
    tags: dict[str, str] | None = None,
    connectivity_type: str | None = None,
) -> None:
    """moto gives any 10.x address, and loses the default connectivity type (``public``)."""
    address = free_address(backend, backend.get_subnet(subnet_id))
    original(self, backend, subnet_id, allocation_id, tags, connectivity_type or "public")
    self.private_ip = self._eni.private_ip_address = address
    for one in self._eni.private_ip_addresses:
        one["PrivateIpAddress"] = address
    self._eni.interface_type = "nat_gateway"
    self._eni.status = "in-use"
    self._eni._group_set = []  # a NAT gateway has no security groups
    self._eni.description = f"Interface for NAT Gateway {self.id}"
    self.failure_code = self.failure_message = self.delete_time = None
    self.created_clock = delays.now()
    if not delays.ready("nat_gateway", self.created_clock):
        self.state = "pending"


@extension.patches(NatGatewayBackend, "create_nat_gateway")
def fail_without_an_internet_gateway(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """A public gateway is created and then fails. API NatGateway, FailureMessage: "For Gateway.NotAttached: ..."."""
    gateway = original(self, *args, **kwargs)
    if gateway.connectivity_type == "public" and not attached_internet_gateway(self, gateway.vpc_id):
        _give_up(self, gateway)
        gateway.state = "failed"
        gateway.failure_code = "Gateway.NotAttached"
        gateway.failure_message = f"Network {gateway.vpc_id} has no Internet gateway attached"
    return gateway


@extension.patches(NatGatewayBackend, "delete_nat_gateway")
def give_the_address_back(original: Callable[..., Any], self: Any, nat_gateway_id: str) -> Any:
    """Deleting disassociates the Elastic IP address and removes the interface (API DeleteNatGateway)."""
    if nat_gateway_id not in self.nat_gateways:
        raise AwsError("NatGatewayNotFound", f"NAT gateway {nat_gateway_id} was not found")
    gateway = original(self, nat_gateway_id)
    _give_up(self, gateway)
    return gateway


def _give_up(backend: Any, gateway: Any) -> None:
    for address in backend.addresses:
        if address.eni and address.eni.id == gateway._eni.id:
            backend.disassociate_address(address=address.public_ip)
    backend.enis.pop(gateway._eni.id, None)


@extension.patches(NatGatewayBackend, "describe_nat_gateways")
def filter_by_tag_and_refuse_unknown_ids(
    original: Callable[..., Any], self: Any, filters: Any, nat_gateway_ids: list[str] | None
) -> Any:
    """API DescribeNatGateways: tag filters, which moto ignores, the error for an unknown id, and the pending state."""
    for missing in [one for one in nat_gateway_ids or [] if one not in self.nat_gateways]:
        raise AwsError("NatGatewayNotFound", f"NAT gateway {missing} was not found")
    for gateway in self.nat_gateways.values():
        if gateway.state == "pending" and delays.ready("nat_gateway", gateway.created_clock):
            gateway.state = "available"
    found = original(self, filters, nat_gateway_ids)
    for name, values in (filters or {}).items():
        if name.startswith("tag"):
            found = [gateway for gateway in found if _tag_matches(gateway.get_filter_value(name), values)]
    return found


def _tag_matches(actual: Any, wanted: list[str]) -> bool:
    held = actual if isinstance(actual, list) else [actual]
    return any(value in wanted for value in held)


@extension.refuses("CreateNatGateway")
def more_gateways_than_the_quota_of_a_zone(call: Call) -> None:
    """VPC user guide, "Amazon VPC quotas": 5 an Availability Zone. AWS publishes the code, not the text."""
    backend = state(call)
    zones = {subnet.id: subnet.availability_zone for group in backend.subnets.values() for subnet in group.values()}
    zone = zones.get(call.params.get("SubnetId"))
    used = [gateway for gateway in live_nat_gateways(backend) if zones.get(gateway.subnet_id) == zone]
    if zone and not is_repeated(call, NAT_GATEWAY_TOKENS) and len(used) >= quota(NAT_GATEWAYS_PER_ZONE):
        raise AwsError("NatGatewayLimitExceeded", "The maximum number of NAT gateways has been reached.")


@extension.refuses("CreateNatGateway")
def public_gateway_without_an_address(call: Call) -> None:
    if call.params.get("ConnectivityType", "public") == "public" and not call.params.get("AllocationId"):
        raise AwsError("MissingParameter", "The request must include the AllocationId parameter.")
