"""CIDR blocks of VPCs and subnets: canonical form, sizes, and which blocks may share a VPC."""

import ipaddress
from collections.abc import Callable
from typing import Any

from moto.ec2.models.network_acls import NetworkAclBackend
from moto.ec2.models.route_tables import RouteBackend
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.models.vpcs import VPCBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.ec2.common import state

extension = Extension("ec2")

type Network = ipaddress.IPv4Network

LARGEST_PREFIX, SMALLEST_PREFIX = 16, 28
RFC1918 = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
LINK_LOCAL = ipaddress.IPv4Network("169.254.0.0/16")
BENCHMARK = ipaddress.IPv4Network("198.19.0.0/16")
RESTRICTIONS_PAGE = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"


def parsed(text: object) -> Network | None:
    """The network, host bits cleared; None if the text is no IPv4 CIDR block."""
    try:
        return ipaddress.IPv4Network(str(text), strict=False) if "/" in str(text) else None
    except ValueError:
        return None


def canonical(text: Any) -> Any:
    """The block as AWS stores it: "if you specify 100.68.0.18/18, we modify it to 100.68.0.0/18" (API CreateVpc).

    What is no IPv4 block is returned as it came, for moto to refuse.
    """
    network = parsed(text) if text else None
    return str(network) if network else text


@extension.patches(VPCBackend, "create_vpc")
def create_vpc_in_canonical_form(original: Callable[..., Any], self: Any, cidr_block: str, *a: Any, **kw: Any) -> Any:
    return original(self, canonical(cidr_block), *a, **kw)


@extension.patches(VPCBackend, "associate_vpc_cidr_block")
def associate_in_canonical_form(
    original: Callable[..., Any], self: Any, vpc_id: str, cidr_block: str, *a: Any, **kw: Any
) -> Any:
    return original(self, vpc_id, canonical(cidr_block), *a, **kw)


@extension.patches(SubnetBackend, "create_subnet")
def create_subnet_in_canonical_form(
    original: Callable[..., Any], self: Any, vpc_id: str, cidr_block: str, *a: Any, **kw: Any
) -> Any:
    return original(self, vpc_id, canonical(cidr_block), *a, **kw)


@extension.patches(RouteBackend, "create_route")
def create_route_in_canonical_form(
    original: Callable[..., Any], self: Any, route_table_id: str, destination_cidr_block: Any, *a: Any, **kw: Any
) -> Any:
    return original(self, route_table_id, canonical(destination_cidr_block), *a, **kw)


@extension.patches(NetworkAclBackend, "create_network_acl_entry")
def create_network_acl_entry_in_canonical_form(original: Callable[..., Any], self: Any, **kw: Any) -> Any:
    kw["cidr_block"] = canonical(kw["cidr_block"])
    return original(self, **kw)


def _outside_sizes(network: Network) -> bool:
    return not LARGEST_PREFIX <= network.prefixlen <= SMALLEST_PREFIX


@extension.refuses("CreateSubnet")
def subnet_larger_than_16_or_smaller_than_28(call: Call) -> None:
    network = parsed(call.params.get("CidrBlock"))
    if network and _outside_sizes(network):
        raise AwsError("InvalidSubnet.Range", f"The CIDR '{call.params['CidrBlock']}' is invalid.")


@extension.refuses("AssociateVpcCidrBlock")
def secondary_block_larger_than_16_or_smaller_than_28(call: Call) -> None:
    network = parsed(call.params.get("CidrBlock"))
    if network and _outside_sizes(network):
        raise AwsError("InvalidVpc.Range", f"The CIDR '{call.params['CidrBlock']}' is invalid.")


@extension.refuses("CreateVpc")
def vpc_in_the_link_local_block(call: Call) -> None:
    network = parsed(call.params.get("CidrBlock"))
    if network and network.overlaps(LINK_LOCAL):
        raise AwsError("InvalidVpc.Range", f"The CIDR '{call.params['CidrBlock']}' is invalid.")


def _vpc_blocks(call: Call) -> list[Network]:
    vpc = state(call).vpcs.get(call.params.get("VpcId"))
    blocks = vpc.get_cidr_block_association_set() if vpc else []
    return [ipaddress.IPv4Network(block["cidr_block"]) for block in blocks]


@extension.refuses("AssociateVpcCidrBlock")
def secondary_block_overlapping_another_of_the_vpc(call: Call) -> None:
    """AWS's text for this case is not published; the code is that of every other bad VPC block."""
    network = parsed(call.params.get("CidrBlock"))
    overlapped = next((block for block in _vpc_blocks(call) if network and block.overlaps(network)), None)
    if overlapped:
        raise AwsError("InvalidVpc.Range", f"The CIDR '{network}' conflicts with the CIDR '{overlapped}' of the VPC")


@extension.refuses("AssociateVpcCidrBlock")
def secondary_block_from_a_restricted_range(call: Call) -> None:
    """VPC user guide, "IPv4 CIDR block association restrictions"."""
    network = parsed(call.params.get("CidrBlock"))
    if network and any(_is_restricted(network, block) for block in _vpc_blocks(call)):
        raise AwsError(
            "InvalidVpc.Range",
            f"The CIDR '{network}' is restricted. Use a CIDR from the same private address range as the current VPC "
            f"CIDR, or use a publicly-routable CIDR. For additional restrictions, see {RESTRICTIONS_PAGE}",
        )


def _private_range(network: Network) -> Network | None:
    return next((block for block in RFC1918 if network.subnet_of(block)), None)


def _is_restricted(new: Network, existing: Network) -> bool:
    if new.overlaps(LINK_LOCAL):
        return True
    if new.overlaps(BENCHMARK) != existing.overlaps(BENCHMARK) and new.overlaps(BENCHMARK):
        return True
    private = _private_range(new)
    if private != _private_range(existing):
        return private is not None
    if existing.subnet_of(ipaddress.IPv4Network("10.0.0.0/15")):
        return new.subnet_of(ipaddress.IPv4Network("10.0.0.0/16"))
    return private == RFC1918[1] and new.overlaps(ipaddress.IPv4Network("172.31.0.0/16"))
