"""What an address plan is made of: the blocks, tiers, subnets and gaps of a VPC, and what can be wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, summarize_address_range
from typing import Any, NamedTuple

PRIMARY = "primary"  # name of the block that vpc_cidr gives


@dataclass(frozen=True)
class CidrProblem:
    """One thing wrong in an inventory: `key` is the path of the variable, `region` the host ("" for a lone VPC)."""

    key: str
    message: str
    region: str = ""

    def __str__(self) -> str:
        return f"{self.region}: {self.key}: {self.message}" if self.region else f"{self.key}: {self.message}"


class CidrPlanError(ValueError):
    """The address plan is not valid; `problems` holds all that is wrong with it, not the first one only."""

    def __init__(self, problems: Sequence[CidrProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True, slots=True)
class CidrBlock:
    """A CIDR block of a VPC. `key` is the inventory path that gives it."""

    name: str
    key: str
    network: IPv4Network

    @property
    def first(self) -> int:
        return int(self.network.network_address)

    @property
    def end(self) -> int:
        return self.first + self.network.num_addresses


@dataclass(frozen=True, slots=True)
class Tier:
    """The place of a tier: `slots` neighbouring blocks of /prefix_length from block number `offset` on."""

    name: str
    cidr_name: str
    prefix_length: int
    offset: int
    slots: int
    retired: bool
    first: int  # address, as a number

    @property
    def end(self) -> int:
        return self.first + (self.slots << (32 - self.prefix_length))


class Subnet(NamedTuple):
    """A subnet to create. `usable_addresses` leaves out the five that AWS keeps.

    A named tuple, not a dataclass: a plan may hold ten thousand, and making them took most of the time.
    """

    name: str
    tier: str
    availability_zone: str
    slot: int
    cidr: str
    usable_addresses: int
    cidr_name: str
    first: int
    addresses: int


class ReservedBlock(NamedTuple):
    """A slot that yields no subnet now but stays taken. `reason` is a few words for a reader."""

    tier: str
    slot: int
    cidr: str
    reason: str
    cidr_name: str
    first: int
    addresses: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A run of addresses of a CIDR block that no tier holds."""

    cidr_name: str
    first: int
    addresses: int

    @property
    def first_address(self) -> str:
        return str(IPv4Address(self.first))

    @property
    def last_address(self) -> str:
        return str(IPv4Address(self.first + self.addresses - 1))

    @property
    def networks(self) -> list[str]:
        """The gap as the fewest CIDR blocks."""
        last = IPv4Address(self.first + self.addresses - 1)
        return [str(network) for network in summarize_address_range(IPv4Address(self.first), last)]


@dataclass(frozen=True)
class VpcPlan:
    """The addresses of one VPC. Tiers and subnets are in the order of the inventory, gaps in that of addresses."""

    cidrs: tuple[CidrBlock, ...]
    tiers: tuple[Tier, ...]
    subnets: tuple[Subnet, ...]
    reserved: tuple[ReservedBlock, ...]
    gaps: tuple[Gap, ...]
    slots: int
    service_cidr: IPv4Network | None = None

    def subnets_by_tier(self) -> dict[str, list[Subnet]]:
        """Tier name -> its subnets; retired tiers and tiers without a zone are left out."""
        tiers: dict[str, list[Subnet]] = {}
        for subnet in self.subnets:
            tiers.setdefault(subnet.tier, []).append(subnet)
        return tiers


def plan_as_dict(plan: VpcPlan) -> dict[str, Any]:
    """The plan as plain dicts, lists, strings and numbers, for Ansible and JSON."""
    return {
        "cidrs": [{"name": cidr.name, "cidr": str(cidr.network)} for cidr in plan.cidrs],
        "subnets": [
            {
                "name": subnet.name,
                "tier": subnet.tier,
                "availability_zone": subnet.availability_zone,
                "slot": subnet.slot,
                "cidr": subnet.cidr,
                "cidr_name": subnet.cidr_name,
                "usable_addresses": subnet.usable_addresses,
            }
            for subnet in plan.subnets
        ],
        "reserved": [
            {"tier": block.tier, "slot": block.slot, "cidr": block.cidr, "reason": block.reason}
            for block in plan.reserved
        ],
        "free": [
            {
                "cidr_name": gap.cidr_name,
                "first": gap.first_address,
                "last": gap.last_address,
                "addresses": gap.addresses,
            }
            for gap in plan.gaps
        ],
    }
