"""What the EC2 files share: the region's state, and the errors that several calls answer with."""

import ipaddress
from typing import Any

from moto.ec2.models import ec2_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import state_of

FIRST_USABLE = 4  # AWS reserves the first four addresses of a subnet and the last


def state(call: Call) -> Any:
    """moto's EC2 backend of the call's account and region."""
    return ec2_backends[call.account_id][call.region]


ENDPOINT_TOKENS, NAT_GATEWAY_TOKENS = "endpoint-tokens", "nat-gateway-tokens"


def is_repeated(call: Call, tokens: str) -> bool:
    """Whether the request repeats one by its client token: it is then answered as before, and refused nothing."""
    return call.params.get("ClientToken") in state_of(state(call), tokens)


def dependency_violation(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)


def interfaces_in_subnet(backend: Any, subnet_id: str) -> list[Any]:
    return [eni for eni in backend.enis.values() if eni.subnet.id == subnet_id]


def live_endpoints(backend: Any, vpc_id: str) -> list[Any]:
    return [endpoint for endpoint in backend.vpc_end_points.values() if endpoint.vpc_id == vpc_id]


def live_nat_gateways(backend: Any) -> list[Any]:
    return [gateway for gateway in backend.nat_gateways.values() if gateway.state not in ("deleted", "failed")]


def attached_internet_gateway(backend: Any, vpc_id: str) -> Any | None:
    for gateway in backend.internet_gateways.values():
        if gateway.vpc and gateway.vpc.id == vpc_id:
            return gateway
    return None


def free_address(backend: Any, subnet: Any) -> str:
    """The first address of the subnet that no interface holds."""
    taken = {eni.private_ip_address for eni in interfaces_in_subnet(backend, subnet.id)}
    hosts = (str(address) for address in ipaddress.ip_network(subnet.cidr_block))
    return next(host for number, host in enumerate(hosts) if number >= FIRST_USABLE and host not in taken)
