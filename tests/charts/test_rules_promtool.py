"""promtool accepts every rule, runs every test beside them, and every alert has been seen firing and silent."""

import re
import subprocess
from pathlib import Path

import promql
import pytest
import rules

from trading_platform import toolbox

NEVER_SILENT = {"Watchdog": "it always fires: its silence is the alarm"}


def promtool(*arguments: str | Path) -> None:
    """Run it among the rules; fails with what it says."""
    result = subprocess.run(
        [toolbox.path("promtool"), *arguments], cwd=rules.DIRECTORY, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_rules_are_accepted_without_a_remark() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *rules.FILES)


@pytest.mark.parametrize("file", rules.TESTS, ids=lambda path: path.stem)
def test_rules_do_what_their_tests_say(file: Path) -> None:
    promtool("test", "rules", file)


def test_every_file_of_rules_has_its_tests_and_they_no_other() -> None:
    assert [path.name for path in rules.TESTS] == [path.name.replace(".yaml", "_test.yaml") for path in rules.FILES]
    for path in rules.TESTS:
        own = path.name.replace("_test.yaml", ".yaml")
        assert set(rules.rendering.read(path)["rule_files"]) == {own} | _read_by(own)


def _read_by(file: str) -> set[str]:
    """Files whose recorded series the objectives are made of: they are tested from what is exported on."""
    events = [rule.expr for rule in rules.recordings() if rule.file == file and rule.group == "slo-events"]
    read = {use.metric for expr in events for use in promql.uses(expr)}
    return {rule.file for rule in rules.recordings() if rule.name in read}


def _cases(rule: rules.Rule) -> list[rules.Case]:
    return [case for case in rules.cases_of(rule.file) if case.alert == rule.name]


@pytest.mark.parametrize("rule", rules.alerts(), ids=str)
def test_alert_has_been_seen_firing(rule: rules.Rule) -> None:
    # What is expected of it carries the rule's own labels, but for those that a sum of ALERTS drops.
    fired = [labels for case in _cases(rule) for labels in case.firing]
    own = {key: value for key, value in rule.labels.items() if key in ("slo",)}
    assert any(own.items() <= labels.items() for labels in fired), f"no test of {rule.file} sees {rule} fire"


@pytest.mark.parametrize("rule", rules.alerts(), ids=str)
def test_alert_has_been_seen_silent(rule: rules.Rule) -> None:
    if rule.name in NEVER_SILENT:
        assert not rules.base_metrics(rule.expr), NEVER_SILENT[rule.name]
        return
    # Silence without anything measured would say nothing.
    metrics = rules.base_metrics(rule.expr)
    silent = [case for case in _cases(rule) if not case.firing and metrics & set(case.series)]
    assert silent, f"no test of {rule.file} sees {rule} silent while one of {', '.join(sorted(metrics))} is there"


@pytest.mark.parametrize("name", sorted({rule.name for rule in rules.recordings()}))
def test_recorded_series_has_a_test(name: str) -> None:
    files = {rule.file for rule in rules.recordings() if rule.name == name}
    for file in files:
        asked = [case["expr"] for one in rules.tests_of(file) for case in one.get("promql_expr_test", [])]
        assert any(re.search(rf"(?<![\w:]){re.escape(name)}(?![\w:])", expr) for expr in asked), f"{file}: {name}"
