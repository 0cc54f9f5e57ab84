"""Every branch of every template is rendered by an environment or a case of ci/, and every `if` is also passed by."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from branches import Branch, copy_with_marks, instrument, taken
from rendering import BY_NAME


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[Branch]]]:
    chart = tmp_path_factory.mktemp("marked") / "trading-engine"
    yield chart, copy_with_marks(chart)


def test_every_branch_is_rendered(marked: tuple[Path, list[Branch]]) -> None:
    chart, branches = marked
    found: set[str] = set()
    for cluster in BY_NAME.values():
        found |= taken(chart, cluster.values)
    # What ends in an error leaves no report; test_refusals.py has those.
    assert sorted(branch.name for branch in branches if not branch.fails and branch.name not in found) == []


def test_marks_are_where_branches_are() -> None:
    text = """{{- if .a }}
x
{{- else if .b }}
y
{{- end }}
{{- range .c }}z{{ end }}{{ with .d }}{{ fail "no" }}{{ end }}"""
    marked = instrument(text, "f")
    assert [(one.name, one.fails) for one in marked.branches] == [
        ("f:1", False),
        ("f:3", False),
        ("f:1 not", False),
        ("f:6", False),
        ("f:6", True),
        ("f:6 not", False),
    ]
    assert marked.text.count("global.coverage") == 6


@pytest.mark.parametrize("text", ["{{ end }}", "{{ if .a }}"])
def test_unbalanced_templates_are_told(text: str) -> None:
    with pytest.raises(ValueError, match="f:1"):
        instrument(text, "f")
