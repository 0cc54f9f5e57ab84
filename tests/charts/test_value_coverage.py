"""No value that nothing reads: every leaf of every values.yaml, turned by itself, changes what is rendered."""

import subprocess
from functools import cache

import pytest
import yaml
from rendering import BY_NAME, CHART, HELM, Values, all_values, merged
from value_keys import Path, alternatives, at, leaves

from trading_platform.chart import subcharts

SCENARIOS = tuple(BY_NAME)


def _template(values: Values) -> tuple[bool, str]:
    """Whether Helm renders it, and the text or the message."""
    command = [str(HELM), "template", "trading-engine", str(CHART), "--values", "-"]
    result = subprocess.run(command, input=yaml.safe_dump(values), capture_output=True, text=True, check=False)
    return result.returncode == 0, result.stdout if result.returncode == 0 else result.stderr


@cache
def _values(scenario: str) -> Values:
    return merged(*BY_NAME[scenario].values)


@cache
def _base(scenario: str) -> str:
    rendered, text = _template(_values(scenario))
    assert rendered, text
    return text


def _keys() -> dict[Path, list[tuple[str, Path, object]]]:
    """Leaf of a chart to where it has a value: scenario, path in the umbrella's values, value.

    Values of one chart are read by the same templates, whatever its alias is.
    """
    charts = subcharts()
    found: dict[Path, list[tuple[str, Path, object]]] = {}
    for scenario in SCENARIOS:
        for path, value in leaves(all_values(BY_NAME[scenario])):
            key = (charts.get(path[0], path[0]), *path[1:])
            found.setdefault(key, []).append((scenario, path, value))
    inner = {key[:length] for key in found for length in range(1, len(key))}
    # An empty mapping here is no leaf where something is in it there.
    return {key: places for key, places in found.items() if key not in inner}


def _is_read(places: list[tuple[str, Path, object]]) -> bool:
    """Whether another value, in some place, renders something else, or is refused by a template."""
    for scenario, path, value in places:
        for other in alternatives(value):
            rendered, text = _template(merged(_values(scenario), at(path, other)))
            if rendered and text != _base(scenario):
                return True
            if not rendered and "specifications of the schema" not in text:
                return True
            if rendered and not isinstance(value, list):
                break
    return False


KEYS = _keys()
GROUPS = sorted({".".join(key[:2]) if key[0] == "global" else key[0] for key in KEYS})


@pytest.mark.parametrize("group", GROUPS)
def test_every_value_is_read(group: str) -> None:
    prefix = tuple(group.split("."))
    mine = {key: places for key, places in KEYS.items() if key[: len(prefix)] == prefix}
    assert [".".join(key) for key, places in mine.items() if not _is_read(places)] == []
