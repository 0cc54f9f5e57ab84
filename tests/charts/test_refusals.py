"""Wrong values are refused with the key, what is wrong and what would be right."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from branches import ACTION
from rendering import BY_NAME, CHART, PRODUCTION, refusal

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("refusals.yaml").read_text(encoding="utf-8"))


@cache
def message(number: int) -> str:
    """What Helm says to a case."""
    case = CASES[number]
    return refusal(case["values"], base=BY_NAME[case["over"]] if "over" in case else PRODUCTION)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["says"][:60] for case in CASES])
def test_the_message_names_the_key(number: int) -> None:
    assert CASES[number]["says"] in message(number)


def _pattern(action: str) -> str | None:
    """What a `fail` says, as a regular expression: every %-verb stands for anything."""
    match = re.match(r'fail \(?(?:printf )?"((?:[^"\\]|\\.)*)"', action)
    return re.sub(r"%[a-z]", ".*", re.escape(match[1].replace("\\n", ""))).replace("%%", "%") if match else None


def test_every_refusal_of_the_templates_is_among_them() -> None:
    patterns = {
        pattern: str(file.relative_to(CHART))
        for file in CHART.rglob("templates/**/*")
        if file.is_file()
        for action in ACTION.finditer(file.read_text(encoding="utf-8"))
        if (pattern := _pattern(action["body"]))
    }
    assert patterns
    said = [message(number) for number in range(len(CASES))]
    assert {
        pattern: file for pattern, file in patterns.items() if not any(re.search(pattern, one) for one in said)
    } == {}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"api": {"autoscaling": {"minReplica": 3}}}, "additional properties 'minReplica' not allowed"),
        ({"glboal": {}}, "additional properties 'glboal' not allowed"),
        (
            {"global": {"tls": {"minVersion": "1.3"}}},
            "at '/global/tls': additional properties 'minVersion' not allowed",
        ),
        (
            {"worker": {"resources": {"requests": {"cpus": "1"}}}},
            "at '/resources/requests': additional properties 'cpus'",
        ),
        (
            {"global": {"controlPlane": {"services": "yes"}}},
            "at '/global/controlPlane/services': got string, want boolean",
        ),
        (
            {"global": {"tls": {"minimumVersion": "1.1"}}},
            "at '/global/tls/minimumVersion': value must be one of '1.2', '1.3'",
        ),
    ],
)
def test_a_misspelled_key_fails_with_its_path(values: dict[str, Any], says: str) -> None:
    assert says in refusal(values)
