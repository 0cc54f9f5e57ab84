"""The regions of an environment as they were really built, by build/<environment>/outputs.json.

What site.yml was told by AWS at its end (`sizes` of a region, inventories/schema/outputs.schema.json) is laid over the
variables of the inventory, which go on to say what the file does not: rules, hosts, usage. The nodes of a typical month
are usage too: as many as ran when site.yml ended may be any number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trading_platform.cost.materials.data import replica_class
from trading_platform.cost.materials.monitoring import planned_alarms
from trading_platform.cost.materials.network import planned_gateways
from trading_platform.cost.place import MaterialsError, Place

type Sizes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Live:
    """The places that exist. `differences`: "us-east-1: rds_instance_class: built db.r6i.large, inventory ..."."""

    places: tuple[Place, ...]
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Laid:
    """A variable with what was built of it, and with what the inventory says. `value`: as the estimator takes it."""

    key: str
    value: Any
    planned: Any


def live(places: Sequence[Place], outputs: Mapping[str, Any]) -> Live:
    """What exists of the inventory's regions.

    places: those of the inventory; outputs: the document, as its schema says. Raises MaterialsError where it is of
    another environment, has none of the regions, or was written before sizes were told.
    """
    _refuse_other_environment(places[0], outputs)
    regions: Mapping[str, Mapping[str, Any]] = outputs["regions"]
    differences = list(_region_differences({place.region for place in places}, set(regions)))
    built = []
    for place in places:
        if place.region in regions:
            laid, own = _region(place, _sizes(place.region, regions[place.region]))
            built.append(laid)
            differences += [f"{place.region}: {one}" for one in own]
    if not built:
        raise MaterialsError("regions: none of the inventory's was built; playbooks/site.yml builds them")
    return Live(tuple(built), tuple(differences))


def _refuse_other_environment(place: Place, outputs: Mapping[str, Any]) -> None:
    ours = place.value("platform_environment")
    if outputs["environment"] != ours:
        raise MaterialsError(f"environment: is {outputs['environment']}, and the inventory is that of {ours}")


def _region_differences(planned: set[str], built: set[str]) -> Iterator[str]:
    for region in sorted(planned - built):
        yield f"{region}: is in the inventory and was not built, so that nothing of it is priced"
    for region in sorted(built - planned):
        yield f"{region}: was built and is not in the inventory, so that nothing of it can be priced"


def _sizes(name: str, region: Mapping[str, Any]) -> Sizes:
    if "sizes" not in region:
        raise MaterialsError(f"regions.{name}.sizes: is missing; playbooks/site.yml writes it, and older runs did not")
    sizes: Sizes = region["sizes"]
    return sizes


def _region(place: Place, sizes: Sizes) -> tuple[Place, list[str]]:
    """A region with what was built laid over it, and where that differs."""
    groups: Mapping[str, Sizes] = sizes["cluster"]["node_groups"]
    variables, counts = [*_variables(place, sizes)], [*_counts(place, sizes)]
    differences = [
        *_differences(variables),
        *_group_differences(place, groups),
        *_replica_differences(sizes["database_replicas"]),
        *_endpoint_differences(place, sizes["network"]["interface_endpoints"]),
        *_differences(counts),
    ]
    built = {one.key: one.value for one in counts}
    laid = replace(
        place,
        variables={
            **place.variables,
            **{one.key: one.value for one in variables},
            "eks_node_groups": {name: _group(place, name, group) for name, group in groups.items()},
        },
        usage={**place.usage, "nodes": {name: _nodes(place, name, group) for name, group in groups.items()}},
        built={**built, "endpoint_zones": sum(sizes["network"]["interface_endpoints"].values())},
    )
    return laid, differences


def _variables(place: Place, sizes: Sizes) -> Iterator[_Laid]:
    yield _laid(place, "vpc_availability_zones", sorted(sizes["network"]["zones"]), sorted(place.zones))
    yield _laid(place, "eks_version", sizes["cluster"]["version"])
    yield from _database(place, sizes["database"], sizes["database_replicas"])
    yield from _redis(place, sizes["redis"])


def _database(place: Place, database: Sizes, replicas: Sequence[Sizes]) -> Iterator[_Laid]:
    yield _laid(place, "rds_instance_class", database["instance_class"])
    yield _laid(place, "rds_engine_version", database["engine_version"])
    yield _laid(place, "rds_allocated_storage", database["allocated_storage_gb"])
    yield _laid(place, "rds_replica_count", len(replicas))
    for replica in replicas[:1]:
        yield _laid(place, "rds_replica_instance_class", replica["instance_class"], replica_class(place))
    if not place.primary:
        promoted = place.flag("rds_promoted", default=False)
        yield _laid(place, "rds_promoted", not database["is_replica"], promoted)
    # What is a replica has one machine, whatever the inventory says.
    if not database["is_replica"]:
        yield _laid(place, "rds_multi_az", database["multi_az"], place.flag("rds_multi_az"))


def _redis(place: Place, redis: Sizes | None) -> Iterator[_Laid]:
    yield _laid(place, "elasticache_state", "running" if redis else "standby")
    if redis is None:
        return
    yield _laid(place, "elasticache_node_type", redis["node_type"])
    yield _laid(place, "elasticache_engine", redis["engine"])
    yield _laid(place, "elasticache_replicas", redis["nodes"] - 1)
    planned, version = str(place.value("elasticache_engine_version")), str(redis["engine_version"])
    # AWS chooses the patch and adds it: 7.1.0 is 7.1.
    yield _laid(place, "elasticache_engine_version", planned if version.startswith(f"{planned}.") else version)


def _counts(place: Place, sizes: Sizes) -> Iterator[_Laid]:
    """What the bill of materials takes as `Place.existing`."""
    alarms, planned = sizes["alarms"], planned_alarms(place)
    yield _Laid("nat_gateways", sizes["network"]["nat_gateways"], planned_gateways(place))
    yield _Laid("kms_keys", sizes["kms_keys"], len(place.value("kms_keys")))
    yield _Laid("secrets", sizes["secrets"], len(place.value("secrets_manager_secrets")))
    yield _Laid("alarm_metrics", alarms["metrics"], planned.metrics)
    yield _Laid("composite_alarms", alarms["composites"], planned.composites)


def _laid(place: Place, key: str, built: Any, planned: Any = None) -> _Laid:
    return _Laid(key, built, place.value(key) if planned is None else planned)


def _group(place: Place, name: str, group: Sizes) -> Sizes:
    """A node group in the inventory's form. AWS gives the types in no order; the autoscaler reckons with the first."""
    planned: Mapping[str, Any] = place.value("eks_node_groups").get(name, {})
    first = [kind for kind in planned.get("instance_types", []) if kind in group["instance_types"]]
    others = [kind for kind in group["instance_types"] if kind not in first]
    return {**group, "instance_types": [*first, *others]}


def _nodes(place: Place, name: str, group: Sizes) -> Any:
    """Nodes in a typical month, as near to the inventory's figure as the group that was built can have."""
    told = (place.usage.get("nodes") or {}).get(name, group["min_size"])
    return min(max(told, group["min_size"]), group["max_size"])


def _group_differences(place: Place, groups: Mapping[str, Sizes]) -> Iterator[str]:
    planned: Mapping[str, Sizes] = place.value("eks_node_groups")
    for name in sorted(planned.keys() - groups.keys()):
        yield f"eks_node_groups.{name}: is in the inventory and was not built"
    for name, group in groups.items():
        if name not in planned:
            yield f"eks_node_groups.{name}: was built and is not in the inventory"
            continue
        for key in ("capacity_type", "min_size", "max_size"):
            yield from _difference(f"eks_node_groups.{name}.{key}", group[key], planned[name][key])
        kinds = sorted(planned[name]["instance_types"])
        yield from _difference(f"eks_node_groups.{name}.instance_types", sorted(group["instance_types"]), kinds)
        yield from _difference(f"eks_node_disk_gb of {name}", group["disk_gb"], place.value("eks_node_disk_gb"))


def _replica_differences(replicas: Sequence[Sizes]) -> Iterator[str]:
    """The bill has one class for all of them."""
    kinds = [replica["instance_class"] for replica in replicas]
    if len(set(kinds)) > 1:
        yield f"rds_replica_instance_class: built {', '.join(kinds)}; all are priced as the first"


def _endpoint_differences(place: Place, built: Mapping[str, int]) -> Iterator[str]:
    zones = len(place.zones)
    planned = dict.fromkeys(place.value("vpc_interface_endpoints"), zones)
    for service in sorted(planned.keys() | built.keys()):
        yield from _difference(
            f"vpc_interface_endpoints.{service}, in zones", built.get(service, 0), planned.get(service, 0)
        )


def _differences(laid: Sequence[_Laid]) -> Iterator[str]:
    for one in laid:
        yield from _difference(one.key, one.value, one.planned)


def _difference(key: str, built: Any, planned: Any) -> Iterator[str]:
    if _said(built) != _said(planned):
        yield f"{key}: built {_said(built)}, inventory {_said(planned)}"


def _said(value: Any) -> str:
    """As the inventory writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list) else str(value)
