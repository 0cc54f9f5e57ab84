"""The table of tools and the pins agree, and what is wrong in them is said with file and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from toolbox_world import World, make_world

from trading_platform import chart
from trading_platform.toolbox import ToolError, table

TOOLS = table.read()


@pytest.mark.parametrize("name", TOOLS)
def test_pins_keep_the_package_and_name_nothing_of_this_machine(name: str) -> None:
    pins = (TOOLS[name].folder / "go.mod").read_text()
    kept = re.findall(r"^(?:tool |\t)(\S+)$", pins, re.MULTILINE)
    assert TOOLS[name].package in kept  # otherwise `go mod tidy` would drop what it needs
    assert not re.search(r"=> *[./]", pins)
    assert (TOOLS[name].folder / "go.sum").stat().st_size > 0


def test_every_folder_of_pins_is_used() -> None:
    folders = {path.parent for path in table.TOOLS.glob("*/go.mod")}
    assert folders == {tool.folder for tool in TOOLS.values()}


def test_prometheus_calls_itself_what_the_module_is() -> None:
    """Release 3.13.4 is module v0.313.4: https://github.com/prometheus/prometheus#prometheus-code-base."""
    for name in ("prometheus", "promtool"):
        _, pinned = table.required_module(TOOLS[name].folder / "go.mod", TOOLS[name].package)
        major, minor, patch = TOOLS[name].version.split(".")
        assert pinned == f"v0.{major}{int(minor):02}.{patch}"


@pytest.mark.parametrize(
    ("tool", "image"), [("prometheus", "prometheus"), ("promtool", "prometheus"), ("amtool", "alertmanager")]
)
def test_the_chart_is_tested_with_the_version_that_it_runs(tool: str, image: str) -> None:
    images = chart.read(chart.CHART / "values.yaml")["global"]["images"]
    assert f"v{TOOLS[tool].version}" == images[image]["tag"]


def test_groups_and_names_choose_tools() -> None:
    assert {"promtool", "amtool", "kubeconform", "kube-score", "helm-docs"} == {
        tool.name for tool in table.choose(["test"], TOOLS)
    }
    assert [tool.name for tool in table.choose(["promtool", "test", "promtool"], TOOLS)].count("promtool") == 1
    with pytest.raises(ToolError, match=r"^prom: no such tool or group\. Groups: test, e2e\. Tools: alertmanager, "):
        table.choose(["prom"], TOOLS)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("tools.toml", "group =", "groop =", r"hello: groop: unknown key; allowed: check, files, folder, group, "),
        ("tools.toml", "group =", "groop =", "hello: group: missing"),
        ("tools.toml", '"test"', '"tests"', "hello: group: 'tests' is none of test, e2e"),
        ("tools.toml", '["loud"]', '"loud"', "hello: tags: a list of strings is wanted"),
        ("tools.toml", "seconds = 2", "seconds = 0", "hello: seconds: a whole number of seconds is wanted"),
        ("tools.toml", "[hello]", "hello = 3\n[third]", "hello: a table is wanted"),
        ("tools.toml", "[hello]", "[hello", r"tools\.toml: Expected ']'"),
        ("tools.toml", "[hello]", "[hallo]", r"hallo/go\.mod: No such file"),
        ("tools.toml", "org/hello/cmd", "org/hallo/cmd", r"go\.mod: requires no module that example\.org/hallo/cmd/"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(world: World, name: str, old: str, new: str, complaint: str) -> None:
    world.change(name, old, new)
    with pytest.raises(ToolError, match=complaint) as problem:
        table.read(world.tools)
    assert str(world.tools) in str(problem.value)


def test_a_package_belongs_to_the_longest_module_that_fits(world: World) -> None:
    world.change(
        "hello/go.mod",
        "require example.org/hello v1.2.3",
        "require (\n\texample.org/hello v1.2.3\n\texample.org/hello/cmd v0.1.0 // indirect\n"
        "\texample.org/hello/c v0.2.0\n)",
    )
    go_mod = world.tools / "hello/go.mod"
    assert table.required_module(go_mod, "example.org/hello/cmd/hello") == ("example.org/hello/cmd", "v0.1.0")
    assert table.required_module(go_mod, "example.org/hello") == ("example.org/hello", "v1.2.3")
