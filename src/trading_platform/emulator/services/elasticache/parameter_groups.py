"""Cache parameter groups, of which moto knows nothing."""

from collections.abc import Callable, Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.models import ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elasticache.common import (
    arn_of,
    conflict,
    invalid,
    page,
    parameter_groups,
    state,
)
from trading_platform.emulator.services.elasticache.parameters import CATALOGUE, described, takes

extension = Extension("elasticache")

MOST_PARAMETERS_A_CALL = 20


def not_found(name: str) -> AwsError:
    return AwsError("CacheParameterGroupNotFound", f"CacheParameterGroup not found: {name}", 404)


def family_of_group(backend: Any, name: str) -> str | None:
    """The family of a parameter group, AWS's own ``default.redis7`` included; None when there is no such group."""
    if name in parameter_groups(backend):
        return str(parameter_groups(backend)[name]["group"]["CacheParameterGroupFamily"])
    family = name.removeprefix("default.").removesuffix(".cluster.on")
    return family if name.startswith("default.") and family in CATALOGUE else None


def _described(backend: Any, name: str) -> dict[str, Any]:
    if name in parameter_groups(backend):
        return dict(parameter_groups(backend)[name]["group"])
    family = family_of_group(backend, name)
    if family is None:
        raise not_found(name)
    return {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": family,
        "Description": f"Default parameter group for {family}",
        "IsGlobal": False,
        "ARN": arn_of(backend, "parametergroup", name),
    }


@extension.adds(ElastiCacheResponse)
def create_cache_parameter_group(self: Any) -> ActionResult:
    backend = self.elasticache_backend
    name = self._get_param("CacheParameterGroupName").lower()
    group = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
        "Description": self._get_param("Description"),
        "IsGlobal": False,
        "ARN": arn_of(backend, "parametergroup", name),
    }
    parameter_groups(backend)[name] = {"group": group, "values": {}}
    backend.tagging_service.tag_resource(group["ARN"], self._get_param("Tags", []))
    return ActionResult({"CacheParameterGroup": group})


@extension.adds(ElastiCacheResponse)
def describe_cache_parameter_groups(self: Any) -> ActionResult:
    backend = self.elasticache_backend
    asked = self._get_param("CacheParameterGroupName")
    defaults = [f"default.{family}" for family in CATALOGUE]
    names = [asked] if asked else [*defaults, *parameter_groups(backend)]
    return page(self, "CacheParameterGroups", [_described(backend, name) for name in names])


@extension.adds(ElastiCacheResponse)
def describe_cache_parameters(self: Any) -> ActionResult:
    backend = self.elasticache_backend
    name = self._get_param("CacheParameterGroupName")
    family = _described(backend, name)["CacheParameterGroupFamily"]
    values = parameter_groups(backend).get(name, {}).get("values", {})
    return page(self, "Parameters", described(family, values, self._get_param("Source")))


@extension.adds(ElastiCacheResponse)
def describe_engine_default_parameters(self: Any) -> ActionResult:
    family = self._get_param("CacheParameterGroupFamily")
    if family not in CATALOGUE:
        raise invalid(f"The parameter CacheParameterGroupFamily must be one of: {', '.join(CATALOGUE)}")
    return ActionResult({"EngineDefaults": {"CacheParameterGroupFamily": family, "Parameters": described(family, {})}})


@extension.adds(ElastiCacheResponse)
def modify_cache_parameter_group(self: Any) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    values = parameter_groups(self.elasticache_backend)[name]["values"]
    for one in self._get_param("ParameterNameValues", []):
        values[one["ParameterName"]] = str(one["ParameterValue"])
    return ActionResult({"CacheParameterGroupName": name})


@extension.adds(ElastiCacheResponse)
def reset_cache_parameter_group(self: Any) -> ActionResult:
    name = self._get_param("CacheParameterGroupName")
    values = parameter_groups(self.elasticache_backend)[name]["values"]
    if self._get_bool_param("ResetAllParameters"):
        values.clear()
    for one in self._get_param("ParameterNameValues", []):
        values.pop(one["ParameterName"], None)
    return ActionResult({"CacheParameterGroupName": name})


@extension.adds(ElastiCacheResponse)
def delete_cache_parameter_group(self: Any) -> ActionResult:
    backend = self.elasticache_backend
    gone = parameter_groups(backend).pop(self._get_param("CacheParameterGroupName"))
    backend.tagging_service.delete_all_tags_for_resource(gone["group"]["ARN"])
    return EmptyResult()


@extension.patches(ElastiCacheBackend, "iter_tagged_resources")
def parameter_groups_are_tagged_as_well(
    original: Callable[..., Iterator[TaggedResource]], self: Any
) -> Iterator[TaggedResource]:
    """The Resource Groups Tagging API lists them."""
    yield from original(self)
    for held in parameter_groups(self).values():
        arn = held["group"]["ARN"]
        tags = self.tagging_service.get_tag_dict_for_resource(arn)
        yield TaggedResource(arn=arn, tags=tags, resource_type="elasticache:parametergroup", extra={})


@extension.refuses("CreateCacheParameterGroup")
def parameter_group_of_no_family_or_a_taken_name(call: Call) -> None:
    name, family = call.params["CacheParameterGroupName"].lower(), call.params["CacheParameterGroupFamily"]
    if name in parameter_groups(state(call)):
        raise AwsError("CacheParameterGroupAlreadyExists", f"Cache Parameter Group {name} already exists.")
    if name.startswith("default."):
        raise invalid(f"The parameter CacheParameterGroupName is not a valid identifier: {name}")
    if family not in CATALOGUE:
        raise invalid(f"CacheParameterGroupFamily {family} is not a valid parameter group family")


@extension.refuses("ModifyCacheParameterGroup", "ResetCacheParameterGroup", "DeleteCacheParameterGroup")
def parameter_group_that_cannot_change(call: Call) -> None:
    name = call.params["CacheParameterGroupName"]
    if family_of_group(state(call), name) is None:
        raise not_found(name)
    if name.startswith("default."):
        raise AwsError("InvalidCacheParameterGroupState", f"The default parameter group {name} cannot be modified.")


@extension.refuses("ModifyCacheParameterGroup", "ResetCacheParameterGroup")
def more_parameters_than_a_call_takes(call: Call) -> None:
    """terraform-provider-aws#1221 has the text."""
    if len(call.params.get("ParameterNameValues") or []) > MOST_PARAMETERS_A_CALL:
        raise conflict("Cannot modify more than 20 parameters in a single request")


@extension.refuses("ModifyCacheParameterGroup", "ResetCacheParameterGroup")
def parameters_that_do_not_exist_or_cannot_have_the_value(call: Call) -> None:
    family = family_of_group(state(call), call.params["CacheParameterGroupName"])
    for one in call.params.get("ParameterNameValues") or []:
        name, value = one["ParameterName"], str(one.get("ParameterValue", ""))
        parameter = CATALOGUE[family or ""].get(name)
        if parameter is None:
            raise invalid(f"Could not find parameter with name: {name}")
        if not parameter.modifiable:
            raise invalid(f"The parameter {name} cannot be modified.")
        if call.action == "ModifyCacheParameterGroup" and not takes(parameter, value):
            raise invalid(f"invalid parameter value: {value} for: {name} allowed values are: {parameter.allowed}")


@extension.refuses("DeleteCacheParameterGroup")
def parameter_group_in_use(call: Call) -> None:
    name = call.params["CacheParameterGroupName"]
    users = [one for one in state(call).replication_groups.values() if one.cache_parameter_group_name == name]
    if users:
        raise AwsError(
            "InvalidCacheParameterGroupState",
            f"One or more cache clusters are still members of this parameter group {name}, so the group cannot be "
            "deleted.",
        )
