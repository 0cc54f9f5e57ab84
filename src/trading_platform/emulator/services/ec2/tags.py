"""Tags."""

from collections.abc import Callable
from typing import Any

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.models.tags import TagBackend

from trading_platform.emulator.extension import Extension

extension = Extension("ec2")


@extension.patches(TagBackend, "describe_tags")
def natgateway_without_a_hyphen(
    original: Callable[..., Any], self: Any, filters: dict[str, list[str]] | None = None
) -> Any:
    """The resource type is ``natgateway`` (API ResourceType); moto says ``nat-gateway``, so a filter finds nothing."""
    renamed = dict(filters or {})
    wanted = renamed.pop("resource-type", None)
    found = original(self, renamed or None)
    for tag in found:
        if tag["resource_type"] == "nat-gateway":
            tag["resource_type"] = "natgateway"
    return [tag for tag in found if wanted is None or tag["resource_type"] in wanted]


@extension.patches(TaggedEC2Resource, "get_tags")
def tags_of_one_resource_by_its_id(_: Callable[..., Any], self: Any) -> list[dict[str, str]]:
    """The same answer as moto's, which searches the tags of every resource by regular expression to find it."""
    held = self.ec2_backend.tags.get(self.id, {}) if self.id else {}
    return [{"resource_id": self.id, "key": key, "value": value} for key, value in held.items()]
