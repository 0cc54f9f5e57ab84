"""What the role vpc makes and AWS bills: NAT gateways, their addresses, interface endpoints."""

from collections.abc import Iterator

from trading_platform.cost.model import Line
from trading_platform.cost.place import Place

TIER = "network"


def lines(place: Place) -> Iterator[Line]:
    """The network of a region."""
    zones = len(place.zones)
    gateways = place.existing("nat_gateways", planned_gateways(place))
    address = place.price("VPC", "public_ipv4_in_use")
    yield place.hourly(TIER, "VPC", "NAT gateways", "gateway", gateways, place.price("VPC", "nat_gateway"))
    yield place.hourly(TIER, "VPC", "NAT gateways", "public IPv4 address", gateways, address)
    # In each zone an interface for each service.
    endpoints = place.existing("endpoint_zones", len(place.value("vpc_interface_endpoints")) * zones)
    price = place.price("VPC", "interface_endpoint")
    yield place.hourly(TIER, "VPC", "interface endpoints", "endpoint in a zone", endpoints, price)


def planned_gateways(place: Place) -> int:
    """NAT gateways that the inventory makes."""
    return len(place.zones) if place.value("vpc_nat_gateway_mode") == "per_az" else 1
