"""What AWS allows as the addresses of a VPC, of its subnets and of an EKS cluster's services. IPv4 only.

Sources (read 2026-11-23):
- VPC CIDR blocks: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
  (block size /16 to /28; table "IPv4 CIDR block association restrictions")
- Subnet CIDR blocks: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
  (subnet size /16 to /28; the first four addresses and the last one are not available)
- EKS API, KubernetesNetworkConfigRequest.serviceIpv4Cidr:
  https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
  (inside an RFC 1918 range, between /24 and /12, not overlapping the VPC)
"""

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Network

SHORTEST_PREFIX = 16  # of a VPC CIDR block and of a subnet
LONGEST_PREFIX = 28
SERVICE_SHORTEST_PREFIX = 12
SERVICE_LONGEST_PREFIX = 24
RESERVED_PER_SUBNET = 5  # network, router, DNS, future use, broadcast

RFC1918 = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16"))
SERVICE_RANGE = IPv4Network("198.19.0.0/16")  # kept by AWS services unless it is the VPC's own range
DEFAULT_VPC_RANGE = IPv4Network("172.31.0.0/16")
LINK_LOCAL = IPv4Network("169.254.0.0/16")
LOW_TEN = IPv4Network("10.0.0.0/16")
LOW_TEN_PAIR = IPv4Network("10.0.0.0/15")

_CIDR = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}")


def parse_cidr(value: object) -> IPv4Network:
    """The network that `value` ("10.0.0.0/16") writes. Raises ValueError with a message that says what to write."""
    if not isinstance(value, str) or not _CIDR.fullmatch(value):
        template = " (a template: write the value itself)" if isinstance(value, str) and "{{" in value else ""
        raise ValueError(f"{value!r} is not an IPv4 CIDR block such as 10.0.0.0/16{template}")
    try:
        network = IPv4Network(value, strict=False)
    except ValueError as error:  # 10.0.0.256/16, 10.0.0.0/33
        raise ValueError(f"{value!r} is not an IPv4 CIDR block: {error}") from None
    if value.partition("/")[0] != str(network.network_address):
        raise ValueError(f"{value} has host bits set; write {network}")
    return network


def parse_address(value: object) -> IPv4Address:
    """The address that `value` ("10.0.11.0") writes. Raises ValueError with a message that says what to write."""
    if isinstance(value, str) and _CIDR.fullmatch(value):
        address = value.partition("/")[0]
        raise ValueError(f"{value} is a CIDR block; write the address alone ({address}): prefix_length gives the size")
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not an IPv4 address such as 10.0.11.0")
    try:
        return IPv4Address(value)
    except AddressValueError:
        raise ValueError(f"{value!r} is not an IPv4 address such as 10.0.11.0") from None


def vpc_cidr_problem(network: IPv4Network) -> str | None:
    """Why AWS refuses `network` as a CIDR block of any VPC, or None."""
    if not SHORTEST_PREFIX <= network.prefixlen <= LONGEST_PREFIX:
        return f"{network} is a /{network.prefixlen}; AWS allows /{SHORTEST_PREFIX} to /{LONGEST_PREFIX} for a VPC"
    if network.overlaps(LINK_LOCAL):
        return f"{network} is link-local ({LINK_LOCAL}), which AWS does not assign to a VPC"
    unusable = network.is_loopback or network.is_multicast or network.is_reserved
    if unusable or network.overlaps(IPv4Network("0.0.0.0/8")):
        return f"{network} is not a unicast range (loopback, multicast or reserved)"
    return None


def association_problem(existing: Iterable[IPv4Network], network: IPv4Network) -> str | None:
    """Why AWS refuses to add `network` to a VPC, or None.

    `existing`: the VPC's blocks in the order of their association, the primary one first (at least one).
    The rows of AWS's table are told apart by the range of the primary block; the rule on 10.0.0.0/15 looks at all.
    """
    blocks = list(existing)
    primary = blocks[0]
    home = _rfc1918_range(primary)
    target = _rfc1918_range(network)
    row = f"the VPC's primary CIDR block {primary} is in {home}" if home else f"the primary CIDR block is {primary}"
    hint = "take one from 100.64.0.0/10" + (f" or from {home}" if home else "")
    if target and target != home:
        return f"AWS refuses {network} (RFC 1918 range {target}) as a secondary block: {row}; {hint}"
    if network.overlaps(SERVICE_RANGE) and not primary.overlaps(SERVICE_RANGE):
        return f"AWS refuses {network} (in {SERVICE_RANGE}) as a secondary block: {row}; {hint}"
    if network.overlaps(DEFAULT_VPC_RANGE):
        return f"AWS refuses {network} (in {DEFAULT_VPC_RANGE}, the range of default VPCs) as a secondary block; {hint}"
    if network.overlaps(LOW_TEN) and any(block.overlaps(LOW_TEN_PAIR) for block in blocks):
        return f"AWS refuses {network} (in {LOW_TEN}) as a secondary block of a VPC with a block in {LOW_TEN_PAIR}"
    return None


def service_cidr_problem(network: IPv4Network) -> str | None:
    """Why EKS refuses `network` as a cluster's service CIDR whatever the VPC, or None."""
    if not SERVICE_SHORTEST_PREFIX <= network.prefixlen <= SERVICE_LONGEST_PREFIX:
        allowed = f"/{SERVICE_SHORTEST_PREFIX} to /{SERVICE_LONGEST_PREFIX}"
        return f"{network} is a /{network.prefixlen}; EKS allows {allowed} for the service CIDR"
    if _rfc1918_range(network) is None:
        ranges = ", ".join(str(block) for block in RFC1918)
        return f"{network} is outside the private ranges; EKS wants the service CIDR in one of {ranges}"
    return None


def _rfc1918_range(network: IPv4Network) -> IPv4Network | None:
    return next((block for block in RFC1918 if network.subnet_of(block)), None)
