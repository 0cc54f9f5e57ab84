"""What guards the estate, and AWS bills as long as it exists: KMS keys, secrets, machines that GuardDuty watches.

What GuardDuty, Config and CloudTrail look through is billed by its amount: usage.py.
"""

from collections.abc import Iterator
from decimal import Decimal

from trading_platform.cost.materials import compute, data
from trading_platform.cost.model import Kind, Line, Quantities
from trading_platform.cost.place import Place
from trading_platform.node_limits import load_limits

TIER = "security"
GUARDDUTY = "GuardDuty"
RUNTIME = "RUNTIME_MONITORING"


def lines(place: Place) -> Iterator[Line]:
    """Keys and secrets of a region, and what is watched. A replica in the standby region is billed as the original."""
    keys = place.existing("kms_keys", len(place.value("kms_keys")))
    yield place.owned(TIER, "KMS", "encryption keys", "key", keys, place.price("KMS", "customer_managed_key"))
    secrets = place.existing("secrets", len(place.value("secrets_manager_secrets")))
    yield place.owned(TIER, "SecretsManager", "secrets", "secret", secrets, place.price("SecretsManager", "secret"))
    if watched(place, "RDS_LOGIN_EVENTS"):
        yield _databases(place)
    if watched(place, RUNTIME):
        yield from _nodes(place)


def watched(place: Place, feature: str) -> bool:
    """Whether a feature of GuardDuty is on. Of those that an inventory does not name, AWS turns on all but one."""
    return bool(place.value("guardduty_features").get(feature, feature != RUNTIME))


def _databases(place: Place) -> Line:
    """Sign-ins, by vCPU of each instance. The second machine of a Multi-AZ instance takes none, and is not counted."""
    vcpus = [place.catalogue.rds_vcpus.get(kind) for kind in data.database_classes(place)]
    known = [one for one in vcpus if one is not None]
    count = Decimal(sum(known)) if len(known) == len(vcpus) else None
    price = place.price(GUARDDUTY, "rds_login_events")
    return Line(
        place.region,
        TIER,
        GUARDDUTY,
        GUARDDUTY,
        "sign-ins to databases",
        Kind.BASELINE,
        Quantities(count, count, count),
        "vCPU-month",
        price,
    )


def _nodes(place: Place) -> Iterator[Line]:
    """What runs on the nodes, by vCPU of each."""
    price = place.price(GUARDDUTY, "runtime_monitoring")
    for name, group in place.value("eks_node_groups").items():
        limits = load_limits().get(compute.first_type(group))
        vcpu = None if limits is None or limits.vcpu is None else Decimal(limits.vcpu)
        each = Quantities(vcpu, vcpu, vcpu)
        for kind, nodes in compute.node_counts(place, name, group).items():
            what = f"nodes of {name}{'' if kind is Kind.BASELINE else compute.ABOVE}"
            yield Line(place.region, TIER, GUARDDUTY, GUARDDUTY, what, kind, nodes.times(each), "vCPU-month", price)
