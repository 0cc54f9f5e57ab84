"""The JSON Schemas of the repository are such; whoever reads one relies on it and does not look again.

Helm does the same for those of the charts.
"""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for part in ("inventories", "src") for path in (ROOT / part).rglob("*.schema.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_a_schema(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


def test_none_is_missed() -> None:
    assert len(FILES) >= 4
