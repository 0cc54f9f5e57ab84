"""What the document's optimisation strategies save, computed: those to be decided, and those the estate already has.

A saving is of one region, in a typical month; of node groups those nodes are counted that run all the time, except
where the group is on spot already. What cannot be computed, because a price or a quantity is unknown, is None.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trading_platform.cost.materials.data import replica_class, two_machines
from trading_platform.cost.model import Line, Scenario
from trading_platform.cost.place import Place
from trading_platform.pricing import HOURS, Price, Purchase

YEAR = Decimal(12)
# The same shape with AWS's own processors (Graviton), of the generation that RDS and EKS have had longest.
GRAVITON = {"t3": "t4g", "m6i": "m6g", "c6i": "c6g", "r6i": "r6g", "m7i": "m7g", "c7i": "c7g", "r7i": "r7g"}


@dataclass(frozen=True, slots=True)
class Saving:
    """A strategy: USD a month `now` and `then`. `taken`: the estate already does so, and `now` is without it."""

    strategy: str
    what: str
    now: Decimal | None
    then: Decimal | None
    taken: bool
    break_even: str

    @property
    def saved(self) -> Decimal | None:
        """USD a month."""
        return None if self.now is None or self.then is None else self.now - self.then


def savings(places: Sequence[Place], lines: Sequence[Line]) -> tuple[Saving, ...]:
    """Every strategy, in the order of the document. `lines`: the estimate's."""
    found: list[Saving] = []
    for place in places:
        found += _spot(place, lines)
        found += _reserved(place)
        found += _other_processors(place)
        found += _valkey(place)
        found += _storage_classes(place)
        found += _gateway_endpoints(place)
    return tuple(found)


def _cost(price: Price | None, quantity: Decimal | None) -> Decimal | None:
    if quantity == 0:
        return Decimal(0)
    return None if price is None or quantity is None else price.of(quantity)


def _spot(place: Place, lines: Sequence[Line]) -> Iterator[Saving]:
    """What spot groups would cost on demand."""
    for name, group in place.value("eks_node_groups").items():
        if group["capacity_type"] != "spot":
            continue
        own = [one for one in lines if one.region == place.region and one.resource == f"node group {name}"]
        instances = [one for one in own if one.service == "EC2"]
        hours = [one.quantities.typical for one in instances]
        costs = [one.monthly(Scenario.TYPICAL) for one in instances]
        if all(one == 0 for one in hours):
            continue
        known = None not in hours and None not in costs
        price = place.catalogue.ec2(place.region, group["instance_types"][0])
        yield Saving(
            "Spot instances",
            f"{place.region}: node group {name}",
            _cost(price, sum(filter(None, hours), Decimal(0)) if known else None),
            sum(filter(None, costs), Decimal(0)) if known else None,
            taken=True,
            break_even="at once; AWS may take a node back with two minutes of notice",
        )


def _reserved(place: Place) -> Iterator[Saving]:
    """A year without payment in advance, for what runs all year: databases, Redis, the fewest nodes."""
    region, catalogue = place.region, place.catalogue
    source, replicas = str(place.value("rds_instance_class")), int(place.number("rds_replica_count"))
    for kind, multi_az, count in ((source, two_machines(place), 1), (replica_class(place), False, replicas)):
        if count:
            what = f"{count} {kind}{' with two machines' if multi_az else ''}"
            now, then = (
                catalogue.rds(region, kind, multi_az=multi_az),
                catalogue.rds(region, kind, multi_az=multi_az, purchase="reserved_1y"),
            )
            yield _reservation(place, f"RDS: {what}", count, now, then)
    if place.value("elasticache_state") == "running":
        node, engine = str(place.value("elasticache_node_type")), str(place.value("elasticache_engine"))
        count = 1 + int(place.number("elasticache_replicas"))
        now, then = (
            catalogue.elasticache(region, node, engine),
            catalogue.elasticache(region, node, engine, "reserved_1y"),
        )
        yield _reservation(place, f"ElastiCache: {count} {node}", count, now, then)
    for group in place.value("eks_node_groups").values():
        count, instance = int(group["min_size"]), str(group["instance_types"][0])
        if count and group["capacity_type"] != "spot":
            now, then = catalogue.ec2(region, instance), catalogue.ec2(region, instance, "reserved_1y")
            yield _reservation(place, f"EC2: {count} {instance}", count, now, then)


def _reservation(place: Place, what: str, count: int, now: Price | None, then: Price | None) -> Saving:
    hours = HOURS * count
    break_even = "unknown"
    if now is not None and then is not None:
        months = (YEAR * then.usd / now.usd).quantize(Decimal("0.1"))
        break_even = f"when it runs for more than {months} months of the year, all of which are paid"
    return Saving(
        "Reserved for 1 year",
        f"{place.region}: {what}",
        _cost(now, hours),
        _cost(then, hours),
        taken=False,
        break_even=break_even,
    )


def _other_processors(place: Place) -> Iterator[Saving]:
    """Graviton, where the images are built for it."""
    for name, group in place.value("eks_node_groups").items():
        instance, count = str(group["instance_types"][0]), int(group["min_size"])
        other = _graviton(instance)
        if not other or not count:
            continue
        purchase: Purchase = "spot" if group["capacity_type"] == "spot" else "on_demand"
        now, then = (place.catalogue.ec2(place.region, one, purchase) for one in (instance, other))
        what = f"{place.region}: node group {name}, {count} {other}"
        yield Saving("Graviton", what, _cost(now, HOURS * count), _cost(then, HOURS * count), False, _IMAGES)
    kind = str(place.value("rds_instance_class"))
    other = _graviton(kind.removeprefix("db."))
    if other:
        multi = two_machines(place)
        singles = int(place.number("rds_replica_count")) + (0 if multi else 1)
        cost, less = (_databases(place, name, multi, singles) for name in (kind, f"db.{other}"))
        what = f"{place.region}: databases, db.{other}"
        yield Saving("Graviton", what, cost, less, False, "at once; the change restarts each instance")


_IMAGES = "when the images of the services are built for arm64 as well"


def _graviton(instance: str) -> str:
    family, _, size = instance.partition(".")
    return f"{GRAVITON[family]}.{size}" if family in GRAVITON else ""


def _databases(place: Place, kind: str, multi: bool, singles: int) -> Decimal | None:
    """The instances of a region at a class: one with two machines where `multi`, and `singles` with one."""
    both = place.catalogue.rds(place.region, kind, multi_az=True)
    single = place.catalogue.rds(place.region, kind, multi_az=False)
    costs = [_cost(both, HOURS * int(multi)), _cost(single, HOURS * singles)]
    return None if None in costs else sum(filter(None, costs), Decimal(0))


def _valkey(place: Place) -> Iterator[Saving]:
    if place.value("elasticache_state") != "running" or place.value("elasticache_engine") == "valkey":
        return
    node, hours = str(place.value("elasticache_node_type")), HOURS * (1 + place.number("elasticache_replicas"))
    now = place.catalogue.elasticache(place.region, node, "redis")
    then = place.catalogue.elasticache(place.region, node, "valkey")
    what = f"{place.region}: Redis, Valkey on the same nodes"
    yield Saving("Valkey", what, _cost(now, hours), _cost(then, hours), False, "at once; it speaks Redis' protocol")


def _storage_classes(place: Place) -> Iterator[Saving]:
    """What the backups bucket would cost without its lifecycle, all of it in Standard."""
    standard = place.price("S3", "standard_storage")
    classes = {
        "backup_standard_gb": standard,
        "backup_ia_gb": place.price("S3", "standard_ia_storage"),
        "backup_glacier_gb": place.price("S3", "glacier_flexible_storage"),
    }
    held = {key: place.used(key).typical for key in classes}
    costs = [_cost(price, held[key]) for key, price in classes.items()]
    whole = None if None in held.values() else sum(filter(None, held.values()), Decimal(0))
    yield Saving(
        "S3 lifecycle",
        f"{place.region}: bucket backups",
        _cost(standard, whole),
        None if None in costs else sum(filter(None, costs), Decimal(0)),
        taken=True,
        break_even="after 30 days in Standard-IA and 90 in Glacier, which are paid in any case",
    )


def _gateway_endpoints(place: Place) -> Iterator[Saving]:
    """What goes to S3 and DynamoDB free of charge, and would go through the NAT gateways."""
    free = place.used("gateway_endpoint_gb").typical
    yield Saving(
        "Gateway endpoints",
        f"{place.region}: S3 and DynamoDB",
        _cost(place.price("VPC", "nat_gateway_processed"), free),
        Decimal(0) if free is not None else None,
        taken=bool(place.value("vpc_gateway_endpoints")),
        break_even="at once; they cost nothing",
    )
