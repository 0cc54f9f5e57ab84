"""Which products of the Price List are the instances of the catalogue: ec2.csv, rds.csv and elasticache.csv."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from trading_platform.price_list import Product, Query, usage_type_matches

type Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instances:
    """A file of instances, and what AWS is asked for it: one query answers a whole region.

    `columns`: of the file's key, after the region, each with the attribute that has it and what the attribute's values
    are called in the file. None: any value, as it stands.
    """

    file: str
    service_code: str
    filters: tuple[tuple[str, str], ...]
    columns: Mapping[str, tuple[str, Mapping[str, str] | None]]
    usages: tuple[str, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)


EC2 = Instances(
    "ec2.csv",
    "AmazonEC2",
    (
        ("operatingSystem", "Linux"),
        ("tenancy", "Shared"),
        ("preInstalledSw", "NA"),
        ("capacitystatus", "Used"),
        # Capacity blocks of GPU instances are listed besides, some at 0 USD.
        ("marketoption", "OnDemand"),
        ("operation", "RunInstances"),
    ),
    {"instance_type": ("instanceType", None)},
    ("BoxUsage",),
)
RDS = Instances(
    "rds.csv",
    "AmazonRDS",
    (("productFamily", "Database Instance"), ("databaseEngine", "PostgreSQL"), ("licenseModel", "No license required")),
    {
        "instance_class": ("instanceType", None),
        # Not the clusters of three machines, "Multi-AZ (readable standbys)".
        "deployment": ("deploymentOption", {"Single-AZ": "Single-AZ", "Multi-AZ": "Multi-AZ"}),
    },
    ("InstanceUsage", "Multi-AZUsage"),
    {"engine": "postgresql"},
)
ELASTICACHE = Instances(
    "elasticache.csv",
    "AmazonElastiCache",
    (("productFamily", "Cache Instance"),),
    {
        "engine": ("cacheEngine", {"Redis": "redis", "Valkey": "valkey"}),
        "node_type": ("instanceType", None),
    },
    ("NodeUsage",),
)
KINDS: Mapping[str, Instances] = {"ec2": EC2, "rds": RDS, "elasticache": ELASTICACHE}


def query(kind: Instances, region: str) -> Query:
    """What answers for all instances of a region."""
    return Query(kind.service_code, (("regionCode", region), *kind.filters))


def by_key(kind: Instances, region: str, products: Iterable[Product]) -> dict[Key, list[Product]]:
    """The products of an answer by the key of their row: region, then the columns of `kind`."""
    found: dict[Key, list[Product]] = {}
    for product in products:
        key = _key(kind, region, product)
        if key is not None:
            found.setdefault(key, []).append(product)
    return found


def _key(kind: Instances, region: str, product: Product) -> Key | None:
    """Where a product belongs; None where the file has no place for it."""
    attributes = product.attributes
    if any(attributes.get(name) != value for name, value in query(kind, region).filters):
        return None
    # Of "USW2-BoxUsage:t3.xlarge" what stands before the type, which some usage types cut short or leave out.
    usage = attributes.get("usagetype", "").partition(":")[0]
    if not any(usage_type_matches(usage, wanted, region) for wanted in kind.usages):
        return None
    values = [
        attributes.get(name) if names is None else names.get(attributes.get(name, ""))
        for name, names in kind.columns.values()
    ]
    return (region, *(value for value in values if value)) if all(values) else None
