"""Go itself builds a tiny module in an empty cache, and the tools of the test group do what they are for."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from toolbox_world import World, make_world

from trading_platform import toolbox
from trading_platform.toolbox import builder, toolchain


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Tools that are kept in the test's folder; but the wheel is downloaded once for all tests."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    monkeypatch.setenv("UV_CACHE_DIR", os.environ.get("UV_CACHE_DIR") or str(Path(cache, "uv")))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_world(tmp_path)


def test_go_builds_a_module_in_an_empty_cache(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing of the machine's is needed: no home, no Go, no settings.
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(world.root / "nowhere"))
    program = world.make()
    answer = subprocess.run([program], capture_output=True, text=True, check=True)
    assert answer.stderr == "1.2.3 LOUD\n"
    assert (program.parent / "data/words.txt").read_text() == "words\n"
    assert (program.parent / "more/deep/file.txt").read_text() == "deep\n"
    assert str(world.root).encode() not in program.read_bytes()
    kept = sorted(path.name.split("-")[0] for path in world.kept.iterdir())
    assert kept == ["build", "go", "hello", "locks"]

    # The same cache, sources that do not compile: Go's own words are in the error.
    main = world.root / "sources/cmd/hello/main.go"
    main.write_text("package main\n\nfunc main() { undefined() }\n")
    world.change("tools.toml", '"loud"', '"quiet"')
    with pytest.raises(toolbox.ToolError, match=r"main\.go:3:15: undefined: undefined"):
        world.make()


def test_pins_that_are_not_complete_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is built that go.mod and go.sum do not pin, and they are not written to."""
    monkeypatch.setenv("GOPROXY", "off")
    (world.root / "sources/go.mod").write_text(
        "module example.org/hello\n\ngo 1.27\n\nrequire example.org/unknown v1.0.0\n"
    )
    main = world.root / "sources/cmd/hello/main.go"
    main.write_text(main.read_text().replace("main\n", 'main\n\nimport _ "example.org/unknown"\n', 1))
    pins = (world.tools / "hello/go.mod").read_text()
    with pytest.raises(toolbox.ToolError, match="--go hello mod tidy"):
        world.make()
    assert (world.tools / "hello/go.mod").read_text() == pins


@pytest.mark.usefixtures("world")
def test_the_go_that_builds_is_the_pinned_one() -> None:
    command = [toolchain.find(), "version"]
    version = subprocess.run(command, capture_output=True, text=True, check=True, env=toolchain.environment()).stdout
    assert f"go{toolchain.pinned()} " in version


@pytest.mark.parametrize(("replicas", "good"), [(3, True), ("three", False)])
def test_kubeconform_holds_a_manifest_to_its_schema(tmp_path: Path, replicas: object, good: bool) -> None:
    schema = {"type": "object", "properties": {"replicas": {"type": "integer"}}}
    (tmp_path / "thing.json").write_text(json.dumps(schema))
    manifest = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "x"}, "replicas": replicas}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    location = f"{tmp_path}/{{{{.ResourceKind}}}}.json"
    answer = subprocess.run(
        [toolbox.path("kubeconform"), "-output", "json", "-schema-location", location, tmp_path / "manifest.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode == 0) is good, answer.stdout + answer.stderr
    if not good:
        assert "expected integer" in answer.stdout or "want integer" in answer.stdout


def test_promtool_counts_an_alert(tmp_path: Path) -> None:
    rule = {"alert": "Down", "expr": "up == 0", "for": "1m"}
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "g", "rules": [rule]}]}))
    case = {
        "interval": "1m",
        "input_series": [{"series": 'up{job="x"}', "values": "0 0 0"}],
        "alert_rule_test": [
            {"eval_time": "2m", "alertname": "Down", "exp_alerts": [{"exp_labels": {"job": "x"}}]},
            {"eval_time": "0m", "alertname": "Down", "exp_alerts": []},
        ],
    }
    test = tmp_path / "test.json"
    for expected, code in (("Down", 0), ("Up", 1)):
        test.write_text(json.dumps({"rule_files": ["rules.json"], "tests": [case]}).replace('"Down"', f'"{expected}"'))
        answer = subprocess.run(
            [toolbox.path("promtool"), "test", "rules", test], capture_output=True, text=True, check=False
        )
        assert answer.returncode == code, answer.stdout + answer.stderr


def test_programs_name_no_folder_of_this_machine() -> None:
    """Go's ``-trimpath`` at work: a program is the same wherever it was built."""
    for program in builder.make(["test"]).values():
        assert str(Path(os.environ.get("HOME", "/root"), ".cache")).encode() not in program.read_bytes(), program
