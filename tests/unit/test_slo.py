"""Objectives become rules: the arithmetic of burn rates, the guard, and what is refused."""

import copy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trading_platform import slo, slo_spec

DOCUMENT = yaml.safe_load(slo.SPEC.read_text(encoding="utf-8"))
SECONDS = {"5m": 300, "30m": 1800, "1h": 3600, "2h": 7200, "6h": 21600, "1d": 86400, "3d": 259200}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The file's document with another value at `slos.0.objective`; None takes the key away."""
    document = copy.deepcopy(DOCUMENT)
    *parents, last = path.split(".")
    where: Any = document
    for part in parents:
        where = where[int(part)] if part.isdigit() else where[part]
    if value is None:
        del where[last]
    else:
        where[last] = value
    return document


def rule_file(document: dict[str, Any]) -> dict[str, Any]:
    return yaml.safe_load(slo.rules(slo_spec.parse(document)))


def test_files_are_those_of_the_specification(capsys: pytest.CaptureFixture[str]) -> None:
    assert slo.main(["--check"]) == 0, capsys.readouterr().out


def test_burn_rates_spend_the_shares_of_the_budget_that_the_workbook_says() -> None:
    """2 % in an hour and 5 % in six are a page, 10 % in a day and in three are a ticket (table 5-8)."""
    month = 30 * 24
    shares = {rate.long: Fraction(rate.factor) * SECONDS[rate.long] / 3600 / month for rate in slo_spec.BURN_RATES}
    assert shares == {"1h": Fraction(2, 100), "6h": Fraction(5, 100), "1d": Fraction(10, 100), "3d": Fraction(10, 100)}
    # The short window is a twelfth of the long one.
    for rate in slo_spec.BURN_RATES:
        assert SECONDS[rate.short] * 12 == SECONDS[rate.long]


@given(objective=st.decimals("94", "99.999", places=3, allow_nan=False), events=st.integers(1000, 10**9))
def test_threshold_is_the_share_of_the_budget(objective: Any, events: int) -> None:
    """At exactly the threshold for the whole of the long window, that share of the budget of 30 days is spent."""
    one = slo_spec.parse(changed("slos.0.objective", float(objective))).slos[0]
    for rate in one.burn_rates:
        # Events of 30 days at an even rate: the budget, and what the long window takes of it.
        budget = events * Fraction(one.budget)
        in_window = Fraction(events * SECONDS[rate.long], 30 * 86400) * Fraction(one.threshold(rate))
        spent = in_window / budget
        assert spent == Fraction(rate.factor) * SECONDS[rate.long] / (30 * 86400)


def test_decimals_stay_exact() -> None:
    one = slo_spec.parse(DOCUMENT).slos[0]
    assert [slo.plain(one.threshold(rate)) for rate in one.burn_rates] == ["0.0072", "0.003", "0.0015", "0.0005"]
    assert "14.4 * 0.0005" in slo.rules(slo_spec.parse(DOCUMENT))


def test_every_objective_has_its_series_and_alerts() -> None:
    groups = {group["name"]: group["rules"] for group in rule_file(DOCUMENT)["groups"]}
    for one in DOCUMENT["slos"]:
        recorded = [rule["record"] for rule in groups["slo-events"] if rule["labels"]["slo"] == one["name"]]
        assert recorded == ["slo:objective:ratio", "slo:events_total:rate5m", "slo:events_bad:rate5m"]
        alerts = [rule["alert"] for rule in groups[f"slo-{one['name']}"]]
        pages = ["ErrorBudgetBurn1h", "ErrorBudgetBurn6h"] if "page" in one["alerts"] else []
        assert alerts == [*pages, "ErrorBudgetBurn1d", "ErrorBudgetBurn3d", "ErrorBudgetSpent"]
    windows = [rule["record"].removeprefix("slo:sli_error:ratio_rate") for rule in groups["slo-windows"]]
    assert windows == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]


def test_severities_come_from_the_file() -> None:
    groups = rule_file(changed("severities.page", "info"))["groups"]
    alerts = [rule for group in groups for rule in group["rules"] if rule.get("alert") == "ErrorBudgetBurn1h"]
    assert {rule["labels"]["severity"] for rule in alerts} == {"info"}


def test_guard_is_the_number_of_bad_events() -> None:
    groups = rule_file(changed("slos.0.minimum_bad", 25))["groups"]
    (rules,) = (group["rules"] for group in groups if group["name"] == f"slo-{DOCUMENT['slos'][0]['name']}")
    for rule in rules:
        if rule["alert"] == "ErrorBudgetSpent":
            assert rule["expr"].endswith(" >= 25")
        else:
            assert rule["expr"].endswith(f"[{rule['labels']['long_window']}:5m]) >= 25")


def test_table_says_below_how_many_events_the_guard_decides() -> None:
    """Ten bad of 0.72 % are 1389 events: of fewer, ten are already more than that share."""
    (line,) = (
        line for line in slo.table(slo_spec.parse(DOCUMENT)).splitlines() if line.startswith("| api-availability ")
    )
    assert "above 0.72 %; guard below 1389 events" in line
    assert Fraction(10, 1389) < Fraction("0.0072") < Fraction(10, 1388)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("window", "28d", 'window: found "28d"; must be "30d"'),
        ("slos.0.objectiv", 99, "slos[0].objectiv: unknown key; did you mean objective?"),
        ("slos.0.objective", None, "slos[0].objective: is missing"),
        ("slos.0.objective", "99", 'slos[0].objective: found "99"; must be a number'),
        ("slos.0.objective", 100, "slos[0].objective: "),
        ("slos.0.name", "API", 'slos[0].name: found "API"; must be lower-case letters'),
        ("slos.0.minimum_bad", 0, "slos[0].minimum_bad: found 0; must be at least 1"),
        ("slos.0.alerts", [], "slos[0].alerts: has 0 entries; must have at least 1"),
        ("slos.0.alerts", ["call"], 'slos[0].alerts[0]: found "call"; must be one of page, ticket'),
        ("slos.0.sli", {}, "slos[0].sli: "),
        ("severities.page", "loud", 'severities.page: found "loud"; must be one of critical, warning, info'),
        ("slos.1.name", DOCUMENT["slos"][0]["name"], "slos[1].name: api-availability is there twice"),
        # 14.4 times 7 % is more than all events.
        ("slos.0.objective", 93, "slos[0].objective: 93 leaves a budget of 7 %, and no error rate is 14.4 times that"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(path: str, value: Any, says: str) -> None:
    with pytest.raises(slo_spec.SloError) as refused:
        slo_spec.parse(changed(path, value), "slo.yaml")
    assert f"slo.yaml: {says}" in str(refused.value)


def test_every_problem_is_a_line() -> None:
    document = changed("slos.0.minimum_bad", 0)
    document["slos"][1]["alerts"] = []
    with pytest.raises(slo_spec.SloError) as refused:
        slo_spec.parse(document)
    assert len(str(refused.value).splitlines()) == 2


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "slo.yaml"
    file.write_text("slos: [", encoding="utf-8")
    with pytest.raises(slo_spec.SloError, match=r"^slo\.yaml: is no YAML"):
        slo_spec.load(file)


def test_the_command_writes_and_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runbook = tmp_path / "slo.md"
    runbook.write_text(f"before\n{slo.BEGIN}\n{slo.END}\nafter\n", encoding="utf-8")
    for name, value in (("ROOT", tmp_path), ("RULES", tmp_path / "rules.yaml"), ("RUNBOOK", runbook)):
        monkeypatch.setattr(slo, name, value)
    assert slo.main(["--check"]) == 1
    assert "rules.yaml: is out of date; run python -m trading_platform.slo" in capsys.readouterr().out
    assert slo.main([]) == 0
    assert slo.main(["--check"]) == 0
    assert runbook.read_text(encoding="utf-8").startswith(f"before\n{slo.BEGIN}\n| Objective |")
    assert runbook.read_text(encoding="utf-8").endswith("\nafter\n")
    runbook.write_text("no markers", encoding="utf-8")
    capsys.readouterr()
    assert slo.main([]) == 2
    assert "between which the table belongs, are missing" in capsys.readouterr().err
