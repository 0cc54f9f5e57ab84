"""Read the address variables of one region and say everything that is wrong with their values.

Whether the tiers have room is not asked here but in `cidr`, which also describes the variables.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from trading_platform.cidr_aws import (
    LONGEST_PREFIX,
    SHORTEST_PREFIX,
    association_problem,
    parse_address,
    parse_cidr,
    service_cidr_problem,
    vpc_cidr_problem,
)
from trading_platform.cidr_model import PRIMARY, CidrBlock, CidrProblem, Tier

DEFAULT_SLOTS = 4


@dataclass
class Reading:
    """What has been read of one VPC so far, and what was wrong with it."""

    problems: list[CidrProblem] = field(default_factory=list)
    cidrs: dict[str, CidrBlock] = field(default_factory=dict)
    zones: list[str | None] = field(default_factory=list)
    slots: int = DEFAULT_SLOTS
    service_cidr: IPv4Network | None = None

    def problem(self, key: str, message: str) -> None:
        self.problems.append(CidrProblem(key, message))


def read_region(spec: Mapping[str, Any]) -> tuple[Reading, list[Tier]]:
    """What the variables say, and the tiers whose own values are right (they may still overlap or lie outside)."""
    reading = Reading()
    _read_cidrs(spec, reading)
    _read_zones(spec, reading)
    tiers = _read_tiers(spec, reading)
    reserved = _read_reserved(spec, reading)
    _read_service_cidr(spec, reserved, reading)
    return reading, tiers


def _mapping(spec: Mapping[str, Any], key: str, reading: Reading) -> Mapping[str, Any]:
    value = spec.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        reading.problem(key, f"must be a mapping of name to value, not {value!r}")
        return {}
    return value


def _read_network(key: str, value: object, reading: Reading) -> IPv4Network | None:
    try:
        return parse_cidr(value)
    except ValueError as error:
        reading.problem(key, str(error))
        return None


def _read_cidrs(spec: Mapping[str, Any], reading: Reading) -> None:
    if spec.get("vpc_cidr") is None:
        reading.problem("vpc_cidr", "is missing; every VPC has a primary CIDR block such as 10.0.0.0/16")
    else:
        _add_block(PRIMARY, "vpc_cidr", spec["vpc_cidr"], reading)
    for name, value in _mapping(spec, "vpc_secondary_cidrs", reading).items():
        key = f"vpc_secondary_cidrs.{name}"
        if name == PRIMARY:
            reading.problem(key, f"the name {PRIMARY} stands for vpc_cidr; choose another")
        else:
            _add_block(name, key, value, reading)


def _add_block(name: str, key: str, value: object, reading: Reading) -> None:
    network = _read_network(key, value, reading)
    if network is None:
        return
    message = vpc_cidr_problem(network)
    if message is None:
        message = _overlap_with_blocks(network, reading.cidrs.values())
    if message is None and PRIMARY in reading.cidrs:
        message = association_problem((block.network for block in reading.cidrs.values()), network)
    if message:
        reading.problem(key, message)
        # A block of a size AWS refuses can still hold the tiers: their own problems are then found in the same run.
        if name == PRIMARY and network.prefixlen <= LONGEST_PREFIX:
            reading.cidrs[name] = CidrBlock(name, key, network)
        return
    reading.cidrs[name] = CidrBlock(name, key, network)


def _overlap_with_blocks(network: IPv4Network, blocks: Iterable[CidrBlock]) -> str | None:
    for block in blocks:
        if network.overlaps(block.network):
            return f"{network} overlaps {block.network} ({block.key})"
    return None


def _read_zones(spec: Mapping[str, Any], reading: Reading) -> None:
    slots = spec.get("vpc_availability_zone_slots", DEFAULT_SLOTS)
    if not _whole(slots) or slots < 1:
        reading.problem("vpc_availability_zone_slots", f"must be a whole number from 1 on, not {slots!r}")
        slots = DEFAULT_SLOTS
    reading.slots = int(slots)
    key = "vpc_availability_zones"
    zones = spec.get(key)
    if not isinstance(zones, list | tuple) or not any(zones):
        reading.problem(key, "must be a list of at least one availability zone; its order gives the slots")
        return
    if len(zones) > slots:
        advice = "raise that number where there is room; a zone is removed by null, which keeps its place"
        reading.problem(
            key,
            f"lists {len(zones)} zones, but every tier keeps {slots} slots (vpc_availability_zone_slots): {advice}",
        )
    seen: set[str] = set()
    for zone in zones[: reading.slots]:
        if zone is not None and (not isinstance(zone, str) or not zone):
            reading.problem(key, f"{zone!r} is not the name of an availability zone")
            zone = None
        elif zone is not None and zone in seen:
            reading.problem(key, f"{zone} is listed twice")
        seen.add(zone)
        reading.zones.append(zone)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _read_tiers(spec: Mapping[str, Any], reading: Reading) -> list[Tier]:
    """The tiers whose own values are right; whether they have room is for `_place`."""
    tiers = _mapping(spec, "vpc_subnet_tiers", reading)
    if not tiers and not any(problem.key == "vpc_subnet_tiers" for problem in reading.problems):
        reading.problem("vpc_subnet_tiers", "is missing or empty; name at least one tier of subnets")
    read = (_read_tier(name, value, reading) for name, value in tiers.items())
    return [tier for tier in read if tier is not None]


def _read_tier(name: str, value: object, reading: Reading) -> Tier | None:
    key = f"vpc_subnet_tiers.{name}"
    if not isinstance(value, Mapping):
        reading.problem(key, f"must be a mapping with prefix_length and offset, not {value!r}")
        return None
    prefix = _read_prefix_length(key, value, reading)
    block = _read_block_of_tier(key, value, reading)
    retired = value.get("retired", False)
    if not isinstance(retired, bool):
        reading.problem(f"{key}.retired", f"must be true or false, not {retired!r}")
        retired = False
    if ("offset" in value) == ("first_network" in value):
        reading.problem(key, "must have exactly one of offset and first_network")
        return None
    if prefix is None or block is None:
        return None
    offset = _read_offset(key, value, block, prefix, reading)
    if offset is None:
        return None
    first = block.first + (offset << (32 - prefix))
    return Tier(name, block.name, prefix, offset, reading.slots, retired, first)


def _read_prefix_length(key: str, tier: Mapping[str, Any], reading: Reading) -> int | None:
    prefix = tier.get("prefix_length")
    if isinstance(prefix, int) and not isinstance(prefix, bool) and SHORTEST_PREFIX <= prefix <= LONGEST_PREFIX:
        return prefix
    allowed = f"{SHORTEST_PREFIX} to {LONGEST_PREFIX}"
    reading.problem(f"{key}.prefix_length", f"must be {allowed}, the sizes AWS allows for a subnet, not {prefix!r}")
    return None


def _read_block_of_tier(key: str, tier: Mapping[str, Any], reading: Reading) -> CidrBlock | None:
    name = tier.get("cidr", PRIMARY)
    if isinstance(name, str) and name in reading.cidrs:
        return reading.cidrs[name]
    # A block that could not be read has its own problem already.
    broken = "vpc_cidr" if name == PRIMARY else f"vpc_secondary_cidrs.{name}"
    if not any(problem.key == broken for problem in reading.problems):
        known = ", ".join(known for known in reading.cidrs if known != PRIMARY) or "none"
        reading.problem(f"{key}.cidr", f"{name!r} is not a name in vpc_secondary_cidrs (known: {known})")
    return None


def _read_offset(key: str, tier: Mapping[str, Any], block: CidrBlock, prefix: int, reading: Reading) -> int | None:
    """The tier's first block number inside its CIDR block; it may still lie outside."""
    if "offset" in tier:
        offset = tier["offset"]
        if not _whole(offset) or offset < 0:
            reading.problem(f"{key}.offset", f"must be a whole number from 0 on, not {offset!r}")
            return None
        return int(offset)
    try:
        address = int(parse_address(tier["first_network"]))
    except ValueError as error:
        reading.problem(f"{key}.first_network", str(error))
        return None
    size = 1 << (32 - prefix)
    if address % size:
        below = address - address % size
        choice = f"{IPv4Address(below)} or {IPv4Address(below + size)}"
        reading.problem(f"{key}.first_network", f"{IPv4Address(address)} does not begin a /{prefix}; write {choice}")
        return None
    if not block.first <= address < block.end:
        message = f"{IPv4Address(address)} is outside {block.network} ({block.key})"
        reading.problem(f"{key}.first_network", message + "; name the block with `cidr:` or choose an address in it")
        return None
    return (address - block.first) // size


def _read_reserved(spec: Mapping[str, Any], reading: Reading) -> dict[str, IPv4Network]:
    """The ranges that nothing may overlap, by the inventory path that gives them."""
    reserved: dict[str, IPv4Network] = {}
    for name, value in _mapping(spec, "vpc_reserved_cidrs", reading).items():
        key = f"vpc_reserved_cidrs.{name}"
        network = _read_network(key, value, reading)
        if network is None:
            continue
        reserved[key] = network
        for block in reading.cidrs.values():
            if network.overlaps(block.network):
                reading.problem(block.key, f"{block.network} overlaps {network} ({key})")
    return reserved


def _read_service_cidr(spec: Mapping[str, Any], reserved: Mapping[str, IPv4Network], reading: Reading) -> None:
    key = "eks_service_cidr"
    network = _read_network(key, spec[key], reading) if spec.get(key) is not None else None
    if network is None:
        return
    reading.service_cidr = network
    message = service_cidr_problem(network)
    if message:
        reading.problem(key, message)
    taken = {block.key: block.network for block in reading.cidrs.values()} | dict(reserved)
    for other, block_network in taken.items():
        if network.overlaps(block_network):
            reading.problem(key, f"{network} overlaps {block_network} ({other})")
