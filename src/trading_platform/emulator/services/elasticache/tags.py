"""Tags: of parameter groups as well, and only while a replication group is available."""

import re
from collections.abc import Callable
from typing import Any

from moto.elasticache.models import ElastiCacheBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.elasticache.common import (
    group_not_found,
    parameter_groups,
    state,
    subnet_group_not_found,
)

extension = Extension("elasticache")


@extension.patches(ElastiCacheBackend, "__init__")
def parameter_groups_have_tags(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.arn_regex = re.compile(
        r"^arn:aws:elasticache:.*:[0-9]*:(cluster|snapshot|subnetgroup|replicationgroup|parametergroup|user):.*$"
    )


@extension.refuses("ListTagsForResource", "AddTagsToResource", "RemoveTagsFromResource")
def tags_of_a_group_that_is_busy(call: Call) -> None:
    """terraform-provider-aws#30444 and #44811 have the text, for reading as for writing."""
    kind, _, name = call.params["ResourceName"].split(":", 5)[-1].partition(":")
    backend = state(call)
    if kind == "replicationgroup":
        group = backend.replication_groups.get(name)
        if group is None:
            raise group_not_found(name)
        if group.status != "available":
            raise AwsError(
                "InvalidReplicationGroupState", "Cluster not in available state to perform tagging operations."
            )
    if kind == "parametergroup" and name not in parameter_groups(backend):
        raise AwsError("CacheParameterGroupNotFound", f"CacheParameterGroup not found: {name}", 404)
    if kind == "subnetgroup" and name not in backend.cache_subnet_groups:
        raise subnet_group_not_found(name)
