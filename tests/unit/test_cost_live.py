"""What was built, priced: laid over the inventory, told where it differs, and refused where it cannot be read."""

import copy
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from cost_outputs import outputs
from test_outputs_file import SCHEMA

from trading_platform.cost.estimate import estimate_of, places_of
from trading_platform.cost.live import Live, live
from trading_platform.cost.model import Estimate, Kind
from trading_platform.cost.place import MaterialsError, Place
from trading_platform.inventory import load_estate
from trading_platform.outputs import load_schema, problems

TODAY = date(2026, 11, 27)
EAST, WEST = "us-east-1", "us-west-2"


@cache
def places() -> tuple[Place, ...]:
    found = load_estate("inventories/production")
    return tuple(places_of(found.regions, found.groups))


def built(region: str = EAST, **changed: Any) -> Live:
    """Production with some of what was built changed: `network__nat_gateways=1`."""
    document = outputs()
    for path, value in changed.items():
        *parents, last = path.split("__")
        inside = document["regions"][region]["sizes"]
        for parent in parents:
            inside = inside[parent]
        inside[last] = value
    assert problems(document, load_schema(SCHEMA)) == []
    return live(places(), document)


def baseline(found: Estimate) -> dict[tuple[str, ...], Decimal | None]:
    return {line.identity: line.quantities.low for line in found.lines if line.kind is Kind.BASELINE}


def of(found: Live, resource: str, name: str = "", region: str = EAST) -> dict[str, Decimal | None]:
    """Lines of a resource that begin with a name, to their quantity in a typical month."""
    lines = estimate_of(found.places, TODAY).lines
    chosen = [one for one in lines if one.region == region and one.resource == resource and one.name.startswith(name)]
    return {one.name: one.quantities.typical for one in chosen}


def test_an_estate_as_planned_costs_what_the_inventory_says_at_its_least() -> None:
    found = built()
    assert found.differences == ()
    planned = estimate_of(places(), TODAY)
    assert baseline(estimate_of(found.places, TODAY)) == baseline(planned)


@pytest.mark.parametrize(
    ("limits", "least", "more"), [((3, 10), 3, 1), ((5, 10), 5, 0), ((1, 3), 1, 2)], ids=["as planned", "more", "fewer"]
)
def test_a_typical_month_has_as_many_nodes_as_planned_where_the_group_can(
    limits: tuple[int, int], least: int, more: int
) -> None:
    """The inventory says 4."""
    smallest, largest = limits
    found = built(cluster__node_groups__general__min_size=smallest, cluster__node_groups__general__max_size=largest)
    assert of(found, "node group general", "t3.xlarge") == {
        "t3.xlarge, on demand": Decimal(least * 730),
        "t3.xlarge, on demand above the minimum": Decimal(more * 730),
    }


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        (
            {"database__instance_class": "db.r6i.large"},
            "rds_instance_class: built db.r6i.large, inventory db.r6i.xlarge",
        ),
        ({"database__engine_version": "16.15"}, "rds_engine_version: built 16.15, inventory 16.14"),
        ({"database__allocated_storage_gb": 180}, "rds_allocated_storage: built 180, inventory 100"),
        ({"database__multi_az": False}, "rds_multi_az: built false, inventory true"),
        ({"database_replicas": []}, "rds_replica_count: built 0, inventory 2"),
        ({"redis": None}, "elasticache_state: built standby, inventory running"),
        ({"redis__nodes": 2}, "elasticache_replicas: built 1, inventory 2"),
        ({"redis__engine": "valkey"}, "elasticache_engine: built valkey, inventory redis"),
        ({"redis__engine_version": "7.0.7"}, "elasticache_engine_version: built 7.0.7, inventory 7.1"),
        (
            {"redis__node_type": "cache.r6g.xlarge"},
            "elasticache_node_type: built cache.r6g.xlarge, inventory cache.r6g.large",
        ),
        ({"cluster__version": "1.34"}, "eks_version: built 1.34, inventory 1.35"),
        ({"network__nat_gateways": 1}, "nat_gateways: built 1, inventory 3"),
        ({"kms_keys": 10}, "kms_keys: built 10, inventory 9"),
        ({"secrets": 8}, "secrets: built 8, inventory 10"),
        ({"alarms__metrics": 48}, "alarm_metrics: built 48, inventory 49"),
        ({"alarms__composites": 0}, "composite_alarms: built 0, inventory 1"),
        (
            {"network__zones": ["us-east-1a", "us-east-1b"]},
            "vpc_availability_zones: built us-east-1a, us-east-1b, inventory us-east-1a, us-east-1b, us-east-1c",
        ),
        ({"network__interface_endpoints__sqs": 2}, "vpc_interface_endpoints.sqs, in zones: built 2, inventory 3"),
        ({"network__interface_endpoints__ssm": 3}, "vpc_interface_endpoints.ssm, in zones: built 3, inventory 0"),
        ({"cluster__node_groups__memory__disk_gb": 200}, "eks_node_disk_gb of memory: built 200, inventory 100"),
        ({"cluster__node_groups__memory__min_size": 0}, "eks_node_groups.memory.min_size: built 0, inventory 3"),
        (
            {"cluster__node_groups__general__capacity_type": "spot"},
            "eks_node_groups.general.capacity_type: built spot, inventory on_demand",
        ),
        (
            {"cluster__node_groups__general__instance_types": ["t3.large"]},
            "eks_node_groups.general.instance_types: built t3.large, inventory t3.xlarge",
        ),
    ],
)
def test_what_was_built_otherwise_is_told_and_changes_the_price(changed: dict[str, Any], difference: str) -> None:
    found = built(**changed)
    assert found.differences == (f"{EAST}: {difference}",)
    # A version costs the same until its support is over.
    same = any("engine_version" in path for path in changed)
    assert (baseline(estimate_of(found.places, TODAY)) == baseline(estimate_of(places(), TODAY))) == same


def test_each_thing_built_is_on_the_bill_as_it_was_built() -> None:
    found = built(network__nat_gateways=1, network__interface_endpoints__sqs=1, kms_keys=12, secrets=13)
    assert of(found, "NAT gateways", "gateway") == {"gateway": Decimal(730)}
    assert of(found, "interface endpoints", "endpoint") == {"endpoint in a zone": Decimal(28 * 730)}
    assert of(found, "encryption keys", "key") == {"key": Decimal(12)}
    assert of(found, "secrets", "secret") == {"secret": Decimal(13)}
    found = built(alarms={"metrics": 60, "composites": 2}, cluster__node_groups__memory__disk_gb=250)
    assert of(found, "alarms") == {"metric with an alarm": Decimal(60), "composite alarm": Decimal(2)}
    assert of(found, "node group memory", "disks, gp3") == {
        "disks, gp3": Decimal(3 * 250),
        "disks, gp3 above the minimum": Decimal(0),
    }


def test_databases_are_priced_by_class_machines_and_storage() -> None:
    replica = {**outputs()["regions"][EAST]["sizes"]["database_replicas"][0], "instance_class": "db.r6i.large"}
    found = built(database__allocated_storage_gb=300, database__multi_az=False, database_replicas=[replica])
    assert of(found, "PostgreSQL primary", "db.") == {"db.r6i.xlarge, one machine": Decimal(730)}
    assert of(found, "PostgreSQL primary", "gp3 storage") == {
        "gp3 storage": Decimal(300),
        "gp3 storage, grown": Decimal(0),
    }
    assert of(found, "PostgreSQL read replica 1", "db.") == {"db.r6i.large, one machine": Decimal(730)}
    assert of(found, "PostgreSQL read replica 2") == {}


def test_replicas_that_differ_among_themselves_are_told() -> None:
    replicas = outputs()["regions"][EAST]["sizes"]["database_replicas"]
    replicas[1]["instance_class"] = "db.r6i.large"
    said = "rds_replica_instance_class: built db.r6i.xlarge, db.r6i.large; all are priced as the first"
    assert f"{EAST}: {said}" in built(database_replicas=replicas).differences


def test_a_standby_that_was_promoted_has_two_machines() -> None:
    found = built(WEST, database__is_replica=False, database__multi_az=True)
    assert f"{WEST}: rds_promoted: built true, inventory false" in found.differences
    assert of(found, "PostgreSQL promoted standby", "db.", WEST) == {
        "db.r6i.xlarge, two machines (Multi-AZ)": Decimal(730)
    }


def test_the_preferred_instance_type_stays_that_of_the_inventory() -> None:
    """AWS gives the types sorted by nothing that means anything."""
    group = built().places[0].variables["eks_node_groups"]["compute"]
    assert group["instance_types"][0] == "c6i.2xlarge"
    assert (
        sorted(group["instance_types"])
        == outputs()["regions"][EAST]["sizes"]["cluster"]["node_groups"]["compute"]["instance_types"]
    )


def test_node_groups_that_one_side_alone_has() -> None:
    document = outputs()
    groups = document["regions"][EAST]["sizes"]["cluster"]["node_groups"]
    groups["memory-2"] = groups.pop("memory")
    found = live(places(), document)
    assert {one for one in found.differences if "eks_node_groups" in one} == {
        f"{EAST}: eks_node_groups.memory: is in the inventory and was not built",
        f"{EAST}: eks_node_groups.memory-2: was built and is not in the inventory",
    }
    assert of(found, "node group memory") == {}
    # Nobody says how many nodes it has in a typical month; three are its least.
    assert of(found, "node group memory-2", "r6i.xlarge") == {
        "r6i.xlarge, on demand": Decimal(3 * 730),
        "r6i.xlarge, on demand above the minimum": Decimal(0),
    }


def test_a_region_that_was_not_built_costs_nothing() -> None:
    document = outputs()
    del document["regions"][WEST]
    found = live(places(), document)
    assert found.differences[0] == f"{WEST}: is in the inventory and was not built, so that nothing of it is priced"
    assert {line.region for line in estimate_of(found.places, TODAY).lines} == {EAST, "global"}


def test_a_region_that_the_inventory_does_not_know_is_told() -> None:
    document = outputs()
    document["regions"]["eu-west-1"] = copy.deepcopy(document["regions"][WEST])
    said = "eu-west-1: was built and is not in the inventory, so that nothing of it can be priced"
    assert live(places(), document).differences[0] == said


def test_what_cannot_be_priced_is_refused_by_name() -> None:
    document = outputs()
    del document["regions"][WEST]["sizes"]
    with pytest.raises(MaterialsError, match=r"regions\.us-west-2\.sizes: is missing; playbooks/site\.yml writes it"):
        live(places(), document)
    with pytest.raises(MaterialsError, match="environment: is staging, and the inventory is that of production"):
        live(places(), {**outputs(), "environment": "staging"})
    with pytest.raises(MaterialsError, match="regions: none of the inventory's was built"):
        live(places(), {**outputs(), "regions": {"eu-west-1": {}}})
