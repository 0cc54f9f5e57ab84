"""No value that nothing reads: every leaf of every values.yaml, turned by itself, changes what is rendered."""

import subprocess
from functools import cache

import pytest
import yaml
from rendering import BY_NAME, CHART, DUMPER, HELM, Values, all_values, merged, read
from value_keys import Path, alternatives, at, leaves

from trading_platform.chart import subcharts

# Those first in which most values show themselves: `sidecar` is production and something more, `everything` all parts.
FIRST = ("sidecar", "production", "everything")
SCENARIOS = (*FIRST, *sorted(set(BY_NAME) - set(FIRST)))
Place = tuple[str, Path, object]  # scenario, path in the umbrella's values, value there
# Name of a subchart in the umbrella's values to the part of global.controlPlane that it belongs to.
PART_OF = {
    one.get("alias", one["name"]): one["condition"].rpartition(".")[2]
    for one in read(CHART / "Chart.yaml")["dependencies"]
    if "condition" in one
}
PARTS = sorted(set(PART_OF.values()))
# What may have but one value, so that there is none to turn it into; test_refusals.py shows that it is read.
ONE_VALUE = {"networkPolicy.workloads.node-exporter.hostNetwork"}


def _template(values: Values) -> tuple[bool, str]:
    """Whether Helm renders it, and the text or the message."""
    command = [str(HELM), "template", "trading-engine", str(CHART), "--values", "-"]
    result = subprocess.run(
        command, input=yaml.dump(values, Dumper=DUMPER), capture_output=True, text=True, check=False
    )
    return result.returncode == 0, result.stdout if result.returncode == 0 else result.stderr


@cache
def _values(scenario: str, part: str = "") -> Values:
    """The values of a scenario; with a part, one of global.controlPlane, nothing else is rendered."""
    values = merged(*BY_NAME[scenario].values)
    if not part:
        return values
    return merged(values, at(("global", "controlPlane"), {name: name == part for name in PARTS}))


@cache
def _base(scenario: str, part: str = "") -> str:
    rendered, text = _template(_values(scenario, part))
    assert rendered, text
    return text


def _keys() -> dict[Path, list[Place]]:
    """Leaf of a chart to where it has a value.

    Values of one chart are read by the same templates, whatever its alias is.
    """
    charts = subcharts()
    found: dict[Path, list[Place]] = {}
    for scenario in SCENARIOS:
        for path, value in leaves(all_values(BY_NAME[scenario])):
            key = (charts.get(path[0], path[0]), *path[1:])
            found.setdefault(key, []).append((scenario, path, value))
    inner = {key[:length] for key in found for length in range(1, len(key))}
    # An empty mapping here is no leaf where something is in it there.
    return {key: places for key, places in found.items() if key not in inner}


def _is_read(places: list[Place]) -> bool:
    """Whether another value, in some place, renders something else, or is refused by a template."""
    return any(
        _shows(scenario, part, path, value)
        for scenario, path, value in places
        # Most values of a subchart show themselves without the other parts, which takes less than half the time.
        for part in dict.fromkeys((PART_OF.get(path[0], ""), ""))
    )


def _shows(scenario: str, part: str, path: Path, value: object) -> bool:
    for other in alternatives(value):
        rendered, text = _template(merged(_values(scenario, part), at(path, other)))
        if rendered and text != _base(scenario, part):
            return True
        if not rendered and "specifications of the schema" not in text:
            return True
        if rendered and not isinstance(value, list):
            break
    return False


def _seen_together(keys: dict[Path, list[Place]]) -> set[Path]:
    """Keys of one name (tag, digest) that are all turned in one rendering, each into a text that occurs nowhere else.

    Most of many like values are read and show themselves, so this spares a rendering each. What is not found here
    proves nothing.
    """
    found: set[Path] = set()
    for scenario in FIRST:
        for name in {key[-1] for key in keys}:
            marks = {
                key: (path, f"{value[:-4]}{number:04x}")
                for number, (key, places) in enumerate(keys.items(), start=4096)
                for here, path, value in places
                if here == scenario and key[-1] == name and key not in found and isinstance(value, str) and value
            }
            rendered, text = _template(merged(_values(scenario), *(at(path, mark) for path, mark in marks.values())))
            found |= {
                key for key, (_, mark) in marks.items() if rendered and mark in text and mark not in _base(scenario)
            }
    return found


KEYS = _keys()
GROUPS = sorted({".".join(key[:2]) if key[0] == "global" else key[0] for key in KEYS})


@pytest.mark.parametrize("group", GROUPS)
def test_every_value_is_read(group: str) -> None:
    prefix = tuple(group.split("."))
    mine = {
        key: places for key, places in KEYS.items() if key[: len(prefix)] == prefix and ".".join(key) not in ONE_VALUE
    }
    seen = _seen_together(mine) if group == "global.images" else set()
    assert [".".join(key) for key, places in mine.items() if key not in seen and not _is_read(places)] == []
