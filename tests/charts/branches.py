"""Which branches of the templates are rendered: a copy of the chart whose branches leave a mark when they are taken.

A mark is a side effect: it writes its name into ``global.coverage`` of the chart that renders, and a last template
prints what was written. So a mark changes no output, and every `define` with a branch must be given the root context,
or a dict that has it as ``root``.
"""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rendering import CHART, HELM, Values, helm

# A comment, or anything up to the closing braces; braces in strings close nothing.
BODY = r"""/\*.*?\*/|(?:"(?:[^"\\]|\\.)*"|`[^`]*`|[^"`])*?"""
ACTION = re.compile(rf"\{{\{{(?P<left>-?)\s*(?P<body>{BODY})\s*(?P<right>-?)\}}\}}", re.DOTALL)
OPENING = ("if ", "with ", "range ", "define ", "block ")
# Rendered last: Helm renders the files of a folder from z to a.
REPORT = "00-coverage.yaml"
REPORT_TEXT = """apiVersion: v1
kind: ConfigMap
metadata:
  name: coverage
data:
  {{- range keys .Values.global.coverage | sortAlpha }}
  {{ . | quote }}: taken
  {{- end }}
"""


@dataclass
class Branch:
    """One side of an `if`, `with` or `range`."""

    name: str  # file:line, and for the side that is not written "file:line not"
    fails: bool = False  # it ends the rendering with an error


@dataclass
class _Open:
    keyword: str
    line: int
    has_else: bool = False
    branch: Branch | None = None


@dataclass
class Instrumented:
    """A template with marks, and its branches."""

    text: str = ""
    branches: list[Branch] = field(default_factory=list)


def _mark(name: str) -> str:
    root = '(ternary $ $.root (hasKey $ "Values"))'
    return f'$_ := set {root}.Values.global.coverage "{name}" true'


def instrument(text: str, file: str) -> Instrumented:
    """Put a mark into every branch of a template.

    Raises:
        ValueError: an `end` without a beginning, or a beginning without an end.
    """
    result = Instrumented()
    opened: list[_Open] = []
    position = 0
    for action in ACTION.finditer(text):
        body = action["body"]
        line = text.count("\n", 0, action.start()) + 1
        result.text += text[position : action.start()]
        position = action.end()
        if body == "end":
            if not opened:
                raise ValueError(f"{file}:{line}: an end too many")
            result.text += _closing(opened.pop(), action, file, result)
        elif body == "else" or body.startswith("else "):
            opened[-1].has_else = opened[-1].has_else or body == "else"
            result.text += action[0] + _begin(opened[-1], action, f"{file}:{line}", result)
        elif body.startswith(OPENING):
            opened.append(_Open(body.split()[0], line))
            inner = (
                ""
                if opened[-1].keyword in ("define", "block")
                else _begin(opened[-1], action, f"{file}:{line}", result)
            )
            result.text += action[0] + inner
        else:
            result.text += action[0]
            if opened and opened[-1].branch and re.match(r"fail\b", body):
                opened[-1].branch.fails = True
    if opened:
        raise ValueError(f"{file}:{opened[-1].line}: {opened[-1].keyword} without an end")
    result.text += text[position:]
    return result


def _begin(block: _Open, action: re.Match[str], name: str, result: Instrumented) -> str:
    block.branch = Branch(name)
    result.branches.append(block.branch)
    return f"{{{{- {_mark(name)} {action['right']}}}}}"


def _closing(block: _Open, action: re.Match[str], file: str, result: Instrumented) -> str:
    if block.keyword not in ("if", "with") or block.has_else:
        return action[0]
    name = f"{file}:{block.line} not"
    result.branches.append(Branch(name))
    return f"{{{{{action['left']} else }}}}{{{{- {_mark(name)} -}}}}{action[0]}"


def copy_with_marks(target: Path) -> list[Branch]:
    """Copy the chart with marks in all its templates, and give its branches."""
    shutil.copytree(CHART, target)
    branches: list[Branch] = []
    for schema in target.rglob("values.schema.json"):
        schema.unlink()
    for template in sorted(target.rglob("templates/**/*")):
        if template.suffix in (".yaml", ".tpl", ".txt"):
            name = str(template.relative_to(target)).replace("templates/", "")
            marked = instrument(template.read_text(encoding="utf-8"), name)
            template.write_text(marked.text, encoding="utf-8")
            branches += marked.branches
    for templates in target.rglob("templates"):
        (templates / REPORT).write_text(REPORT_TEXT, encoding="utf-8")
    return branches


def taken(chart: Path, values: Iterable[Values]) -> set[str]:
    """Names of the branches that are taken when the marked chart is rendered with values."""
    files = []
    for number, one in enumerate([*values, {"global": {"coverage": {}}}]):
        files.append(chart.parent / f"values-{number}.yaml")
        files[-1].write_text(yaml.safe_dump(one), encoding="utf-8")
    arguments = [argument for file in files for argument in ("--values", str(file))]
    output = helm("template", "trading-engine", str(chart), *arguments)
    reports: list[dict[str, Any]] = [
        one for one in yaml.safe_load_all(output) if one and one["metadata"]["name"] == "coverage"
    ]
    return {name for report in reports for name in report.get("data") or {}}


assert HELM.exists(), f"{HELM} is missing; run make setup kube-tools"
