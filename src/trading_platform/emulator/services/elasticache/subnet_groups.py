"""Cache subnet groups: changing and deleting them, and subnets that must exist."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models import ec2_backends
from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elasticache.common import state, subnet_group_not_found

extension = Extension("elasticache")


def _subnets(call: Call) -> dict[str, Any]:
    backend = ec2_backends[call.account_id][call.region]
    return {subnet.id: subnet for by_zone in backend.subnets.values() for subnet in by_zone.values()}


@extension.patches(CacheSubnetGroup, "__init__")
def zones_as_structures(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """API Subnet, SubnetAvailabilityZone: a structure with a Name; moto keeps the bare name, which is then lost."""
    original(self, *args, **kwargs)
    for subnet in self.subnets:
        zone = subnet.get("subnet_availability_zone")
        if isinstance(zone, str):
            subnet["subnet_availability_zone"] = {"Name": zone}


def zones_of_group(group: Any | None) -> list[str]:
    """The zones of a subnet group's subnets, in order; none for no group."""
    subnets = group.subnets if group else []
    return sorted({one["subnet_availability_zone"]["Name"] for one in subnets if "subnet_availability_zone" in one})


@extension.patches(ElastiCacheBackend, "create_cache_subnet_group")
def name_in_lower_case(original: Callable[..., Any], self: Any, cache_subnet_group_name: str, **arguments: Any) -> Any:
    """API CreateCacheSubnetGroup: "This value is stored as a lowercase string"."""
    return original(self, cache_subnet_group_name=cache_subnet_group_name.lower(), **arguments)


@extension.adds(ElastiCacheResponse)
def modify_cache_subnet_group(self: Any) -> ActionResult:
    backend = self.elasticache_backend
    name = self._get_param("CacheSubnetGroupName").lower()
    group = backend.cache_subnet_groups[name]
    changed = CacheSubnetGroup(
        backend.account_id,
        backend.region_name,
        name,
        self._get_param("CacheSubnetGroupDescription") or group.cache_subnet_group_description,
        self._get_param("SubnetIds") or group.subnet_ids,
        group.tags,
    )
    backend.cache_subnet_groups[name] = changed
    return ActionResult({"CacheSubnetGroup": changed})


@extension.adds(ElastiCacheResponse)
def delete_cache_subnet_group(self: Any) -> ActionResult:
    backend = self.elasticache_backend
    gone = backend.cache_subnet_groups.pop(self._get_param("CacheSubnetGroupName").lower())
    backend.tagging_service.delete_all_tags_for_resource(gone.arn)
    return EmptyResult()


@extension.refuses("CreateCacheSubnetGroup", "ModifyCacheSubnetGroup")
def subnets_that_do_not_exist_or_of_two_networks(call: Call) -> None:
    asked = call.params.get("SubnetIds") or []
    known = _subnets(call)
    missing = [one for one in asked if one not in known]
    if missing:
        raise AwsError("InvalidSubnet", f"Invalid subnet: {missing}")
    if len({known[one].vpc_id for one in asked}) > 1:
        raise AwsError("InvalidSubnet", "Subnets must be in the same VPC")


@extension.refuses("ModifyCacheSubnetGroup", "DeleteCacheSubnetGroup")
def subnet_group_that_does_not_exist(call: Call) -> None:
    name = call.params["CacheSubnetGroupName"].lower()
    if name not in state(call).cache_subnet_groups:
        raise subnet_group_not_found(name)


@extension.refuses("ModifyCacheSubnetGroup")
def subnets_with_nodes_in_them(call: Call) -> None:
    name = call.params["CacheSubnetGroupName"].lower()
    backend, asked = state(call), call.params.get("SubnetIds")
    if asked is None or not _users(backend, name):
        return
    left = [one for one in backend.cache_subnet_groups[name].subnet_ids if one not in asked]
    if left:
        raise AwsError("SubnetInUse", f"The requested subnet is being used by another cache subnet group: {left}")


@extension.refuses("DeleteCacheSubnetGroup")
def subnet_group_in_use(call: Call) -> None:
    name = call.params["CacheSubnetGroupName"].lower()
    if _users(state(call), name):
        raise AwsError(
            "CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use by a cache cluster.", 400
        )


def _users(backend: Any, name: str) -> list[Any]:
    return [one for one in backend.replication_groups.values() if one.cache_subnet_group_name == name]
