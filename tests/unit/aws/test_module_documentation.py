"""Every AWS module of ours: what its documentation says is what its code takes."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from harness import MODULES, load

COMPARED = ("type", "default", "choices", "required", "elements", "aliases")
# From documentation fragments of amazon.aws.
TAGS = {"tags", "purge_tags"}
NAMES = sorted(
    path.stem for path in Path(MODULES).glob("*.py") if "AnsibleAWSModule" in path.read_text(encoding="utf-8")
)


def described(options: dict[str, Any]) -> dict[str, Any]:
    """Give the comparable part of documented options, or of an argument specification."""
    result = {}
    for name, option in options.items():
        kept = {key: option[key] for key in COMPARED if option.get(key) not in (None, False, [])}
        kept.setdefault("type", "str")
        if option.get("default") is False:
            kept["default"] = False
        below = option.get("suboptions") or option.get("options")
        result[name] = {**kept, "suboptions": described(below)} if below else kept
    return result


def arguments_of(spec: dict[str, Any]) -> dict[str, Any]:
    """Give a module's arguments without those that a fragment documents."""
    return {name: option for name, option in spec.items() if name not in TAGS}


def test_there_are_modules() -> None:
    assert len(NAMES) >= 7


@pytest.mark.parametrize("name", NAMES)
def test_the_documented_options_are_the_arguments(name: str) -> None:
    module = load(name)
    documentation = yaml.safe_load(module.DOCUMENTATION)
    assert documentation["module"] == name
    assert described(documentation["options"]) == described(arguments_of(module.ARGUMENT_SPEC))
    has_tags = "tags" in module.ARGUMENT_SPEC
    assert ("amazon.aws.tags" in documentation["extends_documentation_fragment"]) == has_tags


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_use_arguments_that_exist(name: str) -> None:
    module = load(name)
    tasks = yaml.safe_load(module.EXAMPLES)
    assert tasks
    for task in tasks:
        if name in task:
            assert set(task[name]) <= {*module.ARGUMENT_SPEC, "region"}
            required = {key for key, option in module.ARGUMENT_SPEC.items() if option.get("required")}
            assert required <= set(task[name])


@pytest.mark.parametrize("name", NAMES)
def test_the_result_is_documented(name: str) -> None:
    documented = yaml.safe_load(load(name).RETURN)
    assert "actions" in documented
    assert len(documented) >= 2
    assert all(entry.get("returned") for entry in documented.values())
