"""The rules of Prometheus as they stand in the chart, and their promtool tests."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import promql
import rendering

DIRECTORY = rendering.CHART / "charts" / "prometheus" / "files" / "rules"
FILES = tuple(sorted(path for path in DIRECTORY.glob("*.yaml") if not path.name.endswith("_test.yaml")))
TESTS = tuple(sorted(DIRECTORY.glob("*_test.yaml")))


@dataclass(frozen=True)
class Rule:
    """A rule: the file and group it is in, and what it says."""

    file: str
    group: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.body.get("alert") or self.body["record"])

    @property
    def expr(self) -> str:
        return str(self.body["expr"])

    @property
    def labels(self) -> dict[str, str]:
        return {key: str(value) for key, value in self.body.get("labels", {}).items()}

    @property
    def annotations(self) -> dict[str, str]:
        return dict(self.body.get("annotations", {}))

    def __str__(self) -> str:
        slo = f" of {self.labels['slo']}" if "slo" in self.labels else ""
        return f"{self.file}: {self.name}{slo}"


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of every file."""
    return tuple(
        Rule(path.name, group["name"], body)
        for path in FILES
        for group in rendering.read(path)["groups"]
        for body in group["rules"]
    )


def alerts() -> list[Rule]:
    return [rule for rule in all_rules() if "alert" in rule.body]


def recordings() -> list[Rule]:
    return [rule for rule in all_rules() if "record" in rule.body]


def alert(name: str) -> Rule:
    """The one alert of this name."""
    found = [rule for rule in alerts() if rule.name == name]
    assert len(found) == 1, f"{len(found)} alerts {name}"
    return found[0]


def base_metrics(expr: str) -> set[str]:
    """Metrics that an expression comes from, those of recorded series in their place."""
    recorded = {}
    for rule in recordings():
        recorded.setdefault(rule.name, []).append(rule.expr)
    found: set[str] = set()
    waiting = [use.metric for use in promql.uses(expr)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in recorded:
            waiting += [use.metric for one in recorded[name] for use in promql.uses(one)]
        else:
            found.add(name)
    return found


@dataclass(frozen=True)
class Case:
    """What a promtool test says of an alert at one time: labels of those that fire, none when it is silent."""

    test: str
    alert: str
    firing: tuple[dict[str, str], ...]
    series: tuple[str, ...]


@functools.cache
def tests_of(file: str) -> list[dict[str, Any]]:
    """Tests of a rule file, of the test file beside it."""
    return list(rendering.read(DIRECTORY / file.replace(".yaml", "_test.yaml"))["tests"])


@functools.cache
def cases_of(file: str) -> list[Case]:
    """Cases that a rule file's tests have: of alert_rule_test, and of the series ALERTS in promql_expr_test."""
    found = []
    for test in tests_of(file):
        series = tuple(one["series"].split("{", 1)[0] for one in test["input_series"])
        for case in test.get("alert_rule_test", []):
            firing = tuple(_texts(one["exp_labels"]) for one in case["exp_alerts"])
            found.append(Case(test["name"], case["alertname"], firing, series))
        for case in test.get("promql_expr_test", []):
            if "ALERTS{" in case["expr"]:
                found += _of_series(test["name"], case, series)
    return found


def _texts(labels: dict[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in labels.items()}


def _of_series(test: str, case: dict[str, Any], series: tuple[str, ...]) -> list[Case]:
    found = []
    for sample in case["exp_samples"]:
        selector = promql.parse("ALERTS" + (sample["labels"] if sample["labels"] != "{}" else ""))
        labels = {one.name: one.value for one in selector.matchers.matchers}
        if "alertname" in labels:
            found.append(Case(test, labels.pop("alertname"), (labels,), series))
    return found
