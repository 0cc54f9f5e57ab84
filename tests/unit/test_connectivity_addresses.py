"""Sets of addresses: named by endpoints where these are whole, in few words otherwise."""

from ipaddress import ip_network

import pytest
from connectivity_cluster import Reach, block, deployment, policy

from trading_platform.connectivity.addresses import AddressSpace

PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
ENDPOINTS = {
    "database": ["10.0.11.0/24", "10.0.12.0/24", "10.0.13.0/24"],
    "vpc": ["10.0.0.0/16"],
    "internet": [{"cidr": "0.0.0.0/0", "except": PRIVATE}],
}


def destinations(*blocks: dict[str, object], endpoints: dict[str, object] | None = None) -> list[str]:
    """What the pod `a` may reach with these ipBlocks."""
    egress = [{"to": list(blocks), "ports": [{"port": 443}]}]
    given = ENDPOINTS if endpoints is None else endpoints
    reach = Reach(deployment("a"), policy("p", policyTypes=["Ingress", "Egress"], egress=egress), endpoints=given)
    return sorted(line.removeprefix("a -> ").removesuffix(" tcp/443") for line in reach.text())


def test_an_endpoint_is_named_when_all_its_addresses_are_in() -> None:
    assert destinations(block("10.0.11.0/24"), block("10.0.12.0/24"), block("10.0.13.0/24")) == ["database"]
    # The same addresses in other blocks.
    assert destinations(block("10.0.11.0/24"), block("10.0.12.0/23")) == ["database"]
    assert destinations(block("0.0.0.0/0", *PRIVATE)) == ["internet"]


def test_a_part_of_an_endpoint_is_shown_as_addresses_and_said_to_be_a_part() -> None:
    only = {"database": ENDPOINTS["database"]}
    assert destinations(block("10.0.11.0/24"), endpoints=only) == ["10.0.11.0/24 (part of database)"]
    assert destinations(block("10.0.12.7/32"), endpoints=only) == ["10.0.12.7/32 (part of database)"]
    # Of nested endpoints the smallest.
    assert destinations(block("10.0.11.0/24")) == ["10.0.11.0/24 (part of database)"]
    assert destinations(block("10.0.99.0/24")) == ["10.0.99.0/24 (part of vpc)"]


def test_an_endpoint_inside_another_that_is_in_is_not_named_again() -> None:
    assert destinations(block("10.0.0.0/16")) == ["vpc"]
    assert destinations(block("10.0.0.0/16"), block("0.0.0.0/0", *PRIVATE)) == ["internet", "vpc"]


def test_endpoints_with_the_same_addresses_are_one() -> None:
    endpoints = {"redis": ["10.0.12.0/23"], "database": ["10.0.12.0/24", "10.0.13.0/24"]}
    assert destinations(block("10.0.12.0/23"), endpoints=endpoints) == ["database, redis"]


def test_what_is_left_is_said_in_few_words() -> None:
    assert destinations(block("10.0.0.0/8", "10.0.11.0/24"), endpoints={}) == ["10.0.0.0/8 without 10.0.11.0/24"]
    assert destinations(block("0.0.0.0/0"), endpoints={}) == ["0.0.0.0/0"]
    assert destinations(block("0.0.0.0/0"), block("::/0"), endpoints={}) == ["any address"]
    assert destinations(block("0.0.0.0/0"), block("::/0")) == [
        "10.0.0.0/8 without 10.0.0.0/16, 172.16.0.0/12, 192.168.0.0/16, ::/0",
        "internet",
        "vpc",
    ]
    # Half of a block is a block, not a block without its other half.
    assert destinations(block("10.0.0.0/23", "10.0.0.0/24"), endpoints={}) == ["10.0.1.0/24"]
    assert destinations(block("2001:db8::/32", "2001:db8:7::/48"), endpoints={}) == [
        "2001:db8::/32 without 2001:db8:7::/48"
    ]


def test_networks_are_the_fewest_blocks_of_a_set() -> None:
    endpoints = {"e": [{"cidr": "10.0.0.0/8", "except": ["10.0.0.0/10", "10.192.0.0/10"]}]}
    found = Reach(deployment("a"), endpoints=endpoints).cluster.find("e")
    assert [str(network) for network in found.networks] == ["10.64.0.0/10", "10.128.0.0/10"]  # type: ignore[union-attr]


def test_a_set_of_both_families_is_blocks_of_both() -> None:
    found = Reach(deployment("a"), endpoints={"e": ["128.0.0.0/1", "::/1"]}).cluster.find("e")
    assert [str(network) for network in found.networks] == ["128.0.0.0/1", "::/1"]  # type: ignore[union-attr]
    assert (str(found), found.text) == ("e", "128.0.0.0/1, ::/1")  # type: ignore[union-attr]


def test_masks_are_exact_to_the_address() -> None:
    blocks = [ip_network(text) for text in ("10.0.0.0/30", "10.0.0.1/32", "::1/128")]
    space = AddressSpace(blocks)
    assert space.size(space.mask(blocks[:1])) == 4
    assert space.size(space.mask(blocks[:1], blocks[1:2])) == 3
    assert space.size(space.mask(blocks[2:])) == 1
    assert space.size(space.everything) == (1 << 32) + (1 << 128)
    assert space.mask(blocks[:1]) & space.mask(blocks[2:]) == 0
    with pytest.raises(ValueError, match="not made of the blocks"):
        space.mask([ip_network("10.0.0.2/32")])
