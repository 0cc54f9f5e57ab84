"""Launch templates."""

from collections.abc import Callable
from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateBackend, LaunchTemplateVersion
from moto.ec2.responses.launch_templates import LaunchTemplates

from trading_platform.emulator.extension import Extension

extension = Extension("ec2")

_SOURCE = "_source_of_next_version"


@extension.patches(LaunchTemplateVersion, "__init__")
def tags_of_the_template_are_not_its_data(
    original: Callable[..., Any], self: Any, template: Any, number: int, data: dict[str, Any], description: str
) -> None:
    """moto keeps the template's own tags in the data of version 1, so every later run finds a difference."""
    kept = [one for one in data.get("TagSpecifications", []) if one.get("ResourceType") != "launch-template"]
    rest = {name: value for name, value in data.items() if name != "TagSpecifications"}
    original(self, template, number, {**rest, "TagSpecifications": kept} if kept else rest, description)


@extension.patches(LaunchTemplate, "create_version")
def version_on_top_of_its_source(
    original: Callable[..., Any], self: Any, data: dict[str, Any], description: str
) -> Any:
    """API CreateLaunchTemplateVersion: "the new version inherits the same launch parameters as the source version"."""
    source = vars(self).pop(_SOURCE, None)
    return original(self, {**source.data, **data} if source else data, description)


@extension.patches(LaunchTemplates, "create_launch_template_version")
def remember_the_source_version(original: Callable[..., Any], self: Any) -> Any:
    """moto ignores SourceVersion."""
    backend, name = self.ec2_backend, self._get_param("LaunchTemplateName")
    template_id = self._get_param("LaunchTemplateId") or backend.launch_template_name_to_ids.get(name)
    template, number = backend.launch_templates.get(template_id), self._get_param("SourceVersion")
    if template and number:
        vars(template)[_SOURCE] = template.get_version(number)
    return original(self)


@extension.patches(LaunchTemplateBackend, "describe_launch_templates")
def tags_as_they_are_now(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """moto keeps the tags of the moment of creation and shows those for ever."""
    for template in self.launch_templates.values():
        template.tags = template.get_tags()
    return original(self, *args, **kwargs)
