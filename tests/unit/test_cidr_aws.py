"""Which blocks AWS lets a VPC have."""

from ipaddress import IPv4Network

import pytest

from trading_platform.cidr_aws import association_problem


@pytest.mark.parametrize(
    ("primary", "secondary", "refused"),
    [
        # AWS's table "IPv4 CIDR block association restrictions", row by row
        ("10.5.0.0/16", "10.6.0.0/16", False),
        ("10.5.0.0/16", "100.64.0.0/16", False),
        ("10.5.0.0/16", "203.0.112.0/20", False),
        ("10.5.0.0/16", "172.16.0.0/16", True),
        ("10.5.0.0/16", "192.168.0.0/16", True),
        ("10.5.0.0/16", "198.19.0.0/16", True),
        ("10.5.0.0/16", "10.0.0.0/16", False),
        ("10.1.0.0/16", "10.0.0.0/16", True),
        ("10.1.0.0/16", "10.2.0.0/16", False),
        ("10.0.0.0/17", "10.0.128.0/17", True),
        ("172.16.0.0/16", "172.18.0.0/16", False),
        ("172.16.0.0/16", "172.31.0.0/16", True),
        ("172.16.0.0/16", "10.0.0.0/16", True),
        ("172.16.0.0/16", "192.168.0.0/16", True),
        ("172.16.0.0/16", "198.19.0.0/16", True),
        ("172.16.0.0/16", "100.64.0.0/16", False),
        ("192.168.0.0/17", "192.168.128.0/17", False),
        ("192.168.0.0/17", "10.0.0.0/16", True),
        ("192.168.0.0/17", "172.16.0.0/16", True),
        ("192.168.0.0/17", "198.19.0.0/16", True),
        ("198.19.0.0/17", "10.0.0.0/16", True),
        ("198.19.0.0/17", "100.64.0.0/16", False),
        ("100.64.0.0/16", "100.65.0.0/16", False),
        ("100.64.0.0/16", "203.0.112.0/20", False),
        ("100.64.0.0/16", "10.0.0.0/16", True),
        ("100.64.0.0/16", "198.19.0.0/16", True),
        ("203.0.112.0/20", "192.168.0.0/16", True),
        ("203.0.112.0/20", "100.64.0.0/16", False),
    ],
)
def test_secondary_blocks_follow_the_table_of_aws(primary: str, secondary: str, refused: bool) -> None:
    message = association_problem([IPv4Network(primary)], IPv4Network(secondary))
    assert (message is not None) == refused
    if message:
        assert message.startswith(f"AWS refuses {secondary}")


def test_every_block_of_the_vpc_counts_for_the_range_10_0() -> None:
    blocks = [IPv4Network("10.5.0.0/16"), IPv4Network("10.1.0.0/16")]
    assert association_problem(blocks[:1], IPv4Network("10.0.0.0/16")) is None
    assert association_problem(blocks, IPv4Network("10.0.0.0/16")) is not None
