"""No value that nothing reads: every leaf of every values.yaml, turned by itself, changes what is rendered."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import count, zip_longest
from unittest import mock

import pytest
import yaml
from rendering import BY_NAME, CHART, DUMPER, HELM, Values, all_values, merged, read
from value_keys import NUMBERED, OTHERS, Path, alternatives, at, leaves

from trading_platform.chart import subcharts

# Those first in which most values show themselves: `sidecar` is production and something more, `everything` all parts.
FIRST = ("sidecar", "production", "everything")
SCENARIOS = (*FIRST, *sorted(set(BY_NAME) - set(FIRST)))
pytestmark = pytest.mark.slow
Place = tuple[str, Path, object]  # scenario, path in the umbrella's values, value there
# Name of a subchart in the umbrella's values to the part of global.controlPlane that it belongs to.
PART_OF = {
    one.get("alias", one["name"]): one["condition"].rpartition(".")[2]
    for one in read(CHART / "Chart.yaml")["dependencies"]
    if "condition" in one
}
PARTS = sorted(set(PART_OF.values()))
DEFAULTS = read(CHART / "values.yaml")
BY_SCHEMA = "specifications of the schema"
# The first of the numbers that values are marked with; they are two apart.
MARKS = 41000
# What may have but one value, so that there is none to turn it into; test_refusals.py shows that it is read.
ONE_VALUE = {"networkPolicy.workloads.node-exporter.hostNetwork"}


@pytest.fixture(scope="module", autouse=True)
def without_long_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A copy of the chart without dashboards and rules, which hold no values and are a fifth of the time of Helm."""
    copy = tmp_path_factory.mktemp("chart") / CHART.name
    shutil.copytree(CHART, copy, ignore=shutil.ignore_patterns("dashboards", "rules"))
    with mock.patch(f"{__name__}.CHART", copy):
        yield


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


# First and last part of a value's path to the scenario in which the one before it showed itself. Whether a workload has
# what it needs shows only in the standby region.
LIKELY: dict[tuple[str, str], str] = {("networkPolicy", "needs"): "production-standby"}


def _is_read(places: list[Place]) -> bool:
    """Whether another value, in some place, renders something else, or is refused by a template."""
    name = places[0][1][0], places[0][1][-1]
    for scenario, path, value in sorted(places, key=lambda place: place[0] != LIKELY.get(name)):
        # Most values of a part show themselves without the other parts, which takes half the time.
        for part in dict.fromkeys((_part(path), "")):
            if _shows(scenario, part, path, value):
                LIKELY[name] = scenario
                return True
    return False


def _part(path: Path) -> str:
    """The part of global.controlPlane that a value belongs to, "" where it is all of them."""
    match path:
        case ("networkPolicy", "workloads", name, *_):
            return str(DEFAULTS["networkPolicy"]["workloads"].get(name, {}).get("part", ""))
        case ("global", "namespaces", name, *_) | ("quotas", name, *_) if name in DEFAULTS["global"]["namespaces"]:
            return str(DEFAULTS["global"]["namespaces"][name]["parts"][0])
        case _:
            return PART_OF.get(path[0], "")


def _shows(scenario: str, part: str, path: Path, value: object) -> bool:
    for other in alternatives(value):
        rendered, text = _template(merged(_values(scenario, part), at(path, other)))
        if rendered and text != _base(scenario, part):
            return True
        if not rendered and BY_SCHEMA not in text:
            return True
        if rendered and not isinstance(value, list):
            break
    return False


def _marked(value: object, number: int) -> tuple[object, str] | None:
    """The value turned into one that holds a text which occurs nowhere else, and that text."""
    match value:
        case bool():
            return None
        case int():
            return number, str(number)
        case str() if value.startswith("sha256:"):
            return f"{value[:-5]}{number}", str(number)
        case str() if value and value not in OTHERS:
            found = NUMBERED.match(value)
            return (f"{found[1]}{number}{found[3]}" if found else f"{value}{number}"), str(number)
        case _:
            return None


def _seen_together(keys: dict[Path, list[Place]]) -> set[Path]:
    """Keys that are all turned in one rendering, each into a text that occurs nowhere else.

    Most values are read and show themselves, so this spares a rendering each. What is not found here proves nothing.
    """
    found: set[Path] = set()
    tried: set[Path] = set()
    for scenario in FIRST:
        marks: dict[Path, tuple[Path, object, str]] = {}
        for number, (key, places) in zip(count(MARKS, 2), keys.items(), strict=False):
            for here, path, value in places:
                marked = _marked(value, number) if here == scenario and key not in tried else None
                if marked and path[-1] != "replicas":  # of which each may be named
                    marks[key] = (path, *marked)
        tried |= set(marks)
        found |= _shown(scenario, marks)
    return found


def _shown(scenario: str, marks: dict[Path, tuple[Path, object, str]]) -> set[Path]:
    """Of the marks of a scenario those that are rendered, or that a template names when it refuses them.

    What is refused is left out, and the others are rendered again; where a refusal names no mark, each half of them.
    """
    if not marks:
        return set()
    rendered, text = _template(merged(_values(scenario), *(at(path, value) for path, value, _ in marks.values())))
    if rendered:
        return {key for key, (_, _, mark) in marks.items() if _is_new(mark, text, _base(scenario))}
    refused = _refused_by_schema(text)
    named = {key for key, (_, _, mark) in marks.items() if mark in text and BY_SCHEMA not in text}
    allowed = {
        key: mark
        for key, mark in marks.items()
        if key not in named and not any(mark[0][-len(end) :] == end for end in refused)
    }
    if len(allowed) < len(marks):
        return named | _shown(scenario, allowed)
    if len(marks) < 8:  # to find the one that is refused would take as long as to turn each by itself
        return set()
    keys = list(marks)
    halves = (keys[: len(keys) // 2], keys[len(keys) // 2 :])
    return set().union(*(_shown(scenario, {key: marks[key] for key in half}) for half in halves))


def _is_new(mark: str, text: str, base: str) -> bool:
    """Whether a mark was rendered, and is not one of all numbers up to another mark: of as many replicas, say."""
    return mark in text and mark not in base and str(int(mark) - 1) not in text


def _refused_by_schema(message: str) -> list[Path]:
    """The paths that a refusal names, each in the values of its chart."""
    paths = re.findall(r"^ *- at '/(.*?)':", message, re.MULTILINE) if BY_SCHEMA in message else []
    return [tuple(path.replace("~1", "/").replace("~0", "~").split("/")) for path in paths]


def _seen_side_by_side(keys: dict[Path, list[Place]]) -> set[Path]:
    """Keys of subcharts, each rendering with one turned in every subchart.

    A subchart sees its own values and the global ones, so what is rendered of it tells of its own key alone. What is
    not found here proves nothing.
    """
    found: set[Path] = set()
    for scenario in FIRST:
        lanes: dict[str, list[tuple[Path, Path, object]]] = {name: [] for name in PART_OF}
        for key, places in keys.items():
            here = [place for place in places if place[0] == scenario and place[1][0] in lanes and key not in found]
            if here:
                _, path, value = min(here, key=lambda place: len(lanes[place[1][0]]))
                lanes[path[0]].append((key, path, value))
        for abreast in zip_longest(*lanes.values()):
            found |= _shown_by_subchart(scenario, [one for one in abreast if one])
    return found


def _shown_by_subchart(scenario: str, abreast: list[tuple[Path, Path, object]]) -> set[Path]:
    """Of keys with the path and the value of each, all of different subcharts, those that their subchart reads."""
    found: set[Path] = set()
    tries = {path[0]: (key, path, alternatives(value)) for key, path, value in abreast}
    while tries := {name: one for name, one in tries.items() if one[2]}:
        turned = (at(path, others[0]) for _, path, others in tries.values())
        rendered, text = _template(merged(_values(scenario), *turned))
        if rendered:
            now, before = _by_subchart(text), _by_subchart(_base(scenario))
            return found | {key for name, (key, _, _) in tries.items() if now.get(name) != before.get(name)}
        by_schema = BY_SCHEMA in text
        refused = [name for name in tries if re.search(f"^{name}:$" if by_schema else f"/charts/{name}/", text, re.M)]
        if not refused:
            return found
        for name in refused:
            key, path, others = tries.pop(name)
            if by_schema:
                tries[name] = (key, path, others[1:])
            else:
                found.add(key)
    return found


def _by_subchart(text: str) -> dict[str, str]:
    """What is rendered of each subchart; of the umbrella itself under no name."""
    first, *parts = re.split(r"^# Source: trading-engine/(?:charts/([^/]+)/)?", text, flags=re.MULTILINE)
    found = {"": first}
    for name, part in zip(parts[::2], parts[1::2], strict=True):
        found[name or ""] = found.get(name or "", "") + part
    return found


KEYS = _keys()
GROUPS = sorted({".".join(key[:2]) if key[0] == "global" else key[0] for key in KEYS})


@cache
def _seen() -> set[Path]:
    """Keys that were seen to be read without a rendering of their own."""
    together = _seen_together(KEYS)
    return together | _seen_side_by_side({key: places for key, places in KEYS.items() if key not in together})


@pytest.mark.parametrize("group", GROUPS)
def test_every_value_is_read(group: str) -> None:
    prefix = tuple(group.split("."))
    mine = {
        key: places for key, places in KEYS.items() if key[: len(prefix)] == prefix and ".".join(key) not in ONE_VALUE
    }
    assert [".".join(key) for key, places in mine.items() if key not in _seen() and not _is_read(places)] == []
