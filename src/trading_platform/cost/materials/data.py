"""What the roles rds and elasticache make and AWS bills: instances, their storage, nodes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

from trading_platform import lifecycle
from trading_platform.cost.model import Kind, Line, Quantities
from trading_platform.cost.place import MaterialsError, Place
from trading_platform.pricing import HOURS, Price, Tier

DATABASE = "database"
CACHE = "cache"
ENGINES = {"redis": lifecycle.REDIS, "valkey": lifecycle.VALKEY}


def database_lines(place: Place, today: date) -> Iterator[Line]:
    """The instance of a region, its read replicas, and what they store.

    In the standby region the instance is a replica of the primary's, until it is promoted (roles/rds).
    """
    promoted = not place.primary and place.flag("rds_promoted", default=False)
    name = "primary" if place.primary else "promoted standby" if promoted else "standby replica"
    first, *replicas = database_classes(place)
    yield from _instance(place, name, first, two_machines(place), today)
    for number, kind in enumerate(replicas, start=1):
        yield from _instance(place, f"read replica {number}", kind, False, today)


def database_classes(place: Place) -> list[str]:
    """Instance class of each database instance of a region: the first, then the read replicas."""
    return [str(place.value("rds_instance_class")), *[replica_class(place)] * int(place.number("rds_replica_count"))]


def two_machines(place: Place) -> bool:
    """Whether the instance of a region has a second machine in another zone; a replica has none."""
    own = place.primary or place.flag("rds_promoted", default=False)
    return own and place.flag("rds_multi_az")


def replica_class(place: Place) -> str:
    """Instance class of the read replicas; that of their source unless told otherwise."""
    return str(place.optional("rds_replica_instance_class", place.value("rds_instance_class")))


def _instance(place: Place, name: str, kind: str, multi_az: bool, today: date) -> Iterator[Line]:
    resource = f"PostgreSQL {name}"
    label = f"{kind}, {'two machines (Multi-AZ)' if multi_az else 'one machine'}"
    price = place.catalogue.rds(place.region, kind, multi_az=multi_az)
    yield place.hourly(DATABASE, "RDS", resource, label, 1, price)
    least = place.number("rds_allocated_storage")
    item = f"postgresql_gp3_storage_{'multi' if multi_az else 'single'}_az"
    storage = place.price("RDS", item)
    yield replace(place.owned(DATABASE, "RDS", resource, "gp3 storage", least, storage), unit="GB-month")
    grown = _beyond(place, "rds_storage_gb", least, place.number("rds_max_allocated_storage"))
    yield Line(place.region, DATABASE, "RDS", resource, "gp3 storage, grown", Kind.USAGE, grown, "GB-month", storage)
    yield from _extended_support(place, resource, kind, multi_az, today)


def _beyond(place: Place, key: str, least: Decimal, most: Decimal) -> Quantities:
    """What is used beyond what is there from the start. Raises MaterialsError where there cannot be so much."""
    used = place.used(key)
    for figure in (used.low, used.typical, used.high):
        if figure is not None and figure > most:
            raise MaterialsError(f"cost_usage.{place.group}.{key}: {figure} is more than the {most} it may grow to")
    return Quantities(
        *(None if one is None else max(Decimal(0), one - least) for one in (used.low, used.typical, used.high))
    )


def _extended_support(place: Place, resource: str, kind: str, multi_az: bool, today: date) -> Iterator[Line]:
    """The surcharge of a version whose standard support is over: by vCPU and hour, in its third year twice as much."""
    version = str(place.value("rds_engine_version"))
    found = lifecycle.status(lifecycle.POSTGRESQL, version, today)
    if found.state is not lifecycle.State.EXTENDED or found.support is None:
        return
    started = found.support.end_of_standard_support
    price = place.price("RDS", f"extended_support_{_year(found.support, today)}")
    vcpus = place.catalogue.rds_vcpus.get(kind)
    hours = Quantities(None, None, None) if vcpus is None else Quantities.always(HOURS * vcpus * (2 if multi_az else 1))
    name = f"extended support of {version} since {started}"
    yield Line(place.region, DATABASE, "RDS", resource, name, Kind.BASELINE, hours, "vCPU-hour", price)


def _year(support: lifecycle.Support, today: date) -> str:
    """Which of AWS's prices of extended support holds: that of its first two years or that of the third."""
    started = support.end_of_standard_support
    return "year_3" if started is not None and (today - started).days >= 2 * 365 else "year_1_2"


def cache_lines(place: Place, today: date) -> Iterator[Line]:
    """The nodes of a region's replication group; a standby that waits has none."""
    if place.value("elasticache_state") != "running":
        return
    engine, kind = str(place.value("elasticache_engine")), str(place.value("elasticache_node_type"))
    nodes = 1 + place.number("elasticache_replicas")
    price = place.catalogue.elasticache(place.region, kind, engine)
    yield place.hourly(CACHE, "ElastiCache", "Redis", f"{kind}, {engine}", nodes, price)
    version = str(place.value("elasticache_engine_version"))
    found = lifecycle.status(ENGINES[engine], version, today)
    if found.state is lifecycle.State.EXTENDED and found.support is not None:
        name = f"extended support of {engine} {version} since {found.support.end_of_standard_support}"
        premium = _premium(place, price, _year(found.support, today))
        yield place.hourly(CACHE, "ElastiCache", "Redis", name, nodes, premium)


def _premium(place: Place, node: Price | None, year: str) -> Price | None:
    """Extended support costs a share of the node's own price, in its third year twice as much."""
    share = place.price("ElastiCache", f"extended_support_premium_{year}")
    if node is None or share is None:
        return None
    return replace(node, tiers=(Tier(Decimal(0), None, node.usd * share.usd),))
