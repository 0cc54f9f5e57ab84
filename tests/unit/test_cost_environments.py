"""All environments side by side: totals by environment and region, each budget, and what cannot be added up."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cost_lines import SMALL, estimates
from hypothesis import given, settings
from hypothesis import strategies as st

from trading_platform.cost import environments
from trading_platform.cost.environments import main, rows_of
from trading_platform.cost.model import Estimate, Scenario
from trading_platform.inventory import Estate, load_estate

INVENTORIES = ("inventories/production", "inventories/staging")
TODAY = ("--today", "2026-11-27")
READ: dict[Path, Estate] = {}


def loaded(inventory: Path) -> Estate:
    """`load_estate`, once for each inventory."""
    if inventory not in READ:
        READ[inventory] = load_estate(inventory)
    return READ[inventory]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command; exit code, what it printed, and what it complained of."""
    monkeypatch.setattr(environments, "load_estate", loaded)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, *TODAY])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_each_environment_stands_by_region_and_as_a_whole(run: Any) -> None:
    code, out, err = run(*INVENTORIES)
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines()]
    named = [row[:2] for row in rows if row[:1] in (["production"], ["staging"], ["all"])]
    regions = ("us-east-1", "global", "us-west-2", "all")
    assert named == [[name, region] for name in ("production", "staging") for region in regions] + [["all", "all"]]
    assert ["production", "all", "5,158.74", "6,357.29", "21,419.23"] in rows
    assert "\nproduction: a typical month costs 6,357.29 USD, within 6,500 USD.\n" in out


def test_json_has_the_sums_to_the_last_digit(run: Any) -> None:
    code, out, _ = run(*INVENTORIES, "--format", "json")
    assert code == 0
    usd = {
        (row["environment"], row["region"]): Decimal(row["typical"]["usd"])
        for row in json.loads(out, parse_float=str)["rows"]
    }
    assert usd["all", "all"] == usd["production", "all"] + usd["staging", "all"]
    for name in ("production", "staging"):
        assert usd[name, "all"] == sum(usd[name, region] for region in ("us-east-1", "us-west-2", "global"))


def test_markdown_is_a_table(run: Any) -> None:
    assert "| all | all | 6,473.24 | 7,834.22 | 24,397.32 |  |" in run(*INVENTORIES, "--format", "markdown")[1]


def test_an_environment_that_is_too_dear_is_named(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    estate = loaded(Path(INVENTORIES[1]))
    budget = {"warn_usd": 10, "refuse_usd": 20, "warn_increase_percent": 1, "refuse_increase_percent": 2}
    dear = replace(estate, regions={name: {**held, "cost_budget": budget} for name, held in estate.regions.items()})
    monkeypatch.setitem(READ, Path(INVENTORIES[1]), dear)
    code, _, err = run(*INVENTORIES)
    said = "a typical month costs 1,476.94 USD, more than the 20 USD that are refused"
    assert (code, err) == (1, f"refuse: staging: cost_budget.refuse_usd: {said}\n")


def test_what_cannot_be_read_is_named(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, out, err = run(INVENTORIES[0], INVENTORIES[0])
    assert (code, out) == (2, "")
    assert err == "platform_environment: production is that of two inventories, and would be counted twice\n"
    code, out, err = run(str(tmp_path / "none"))
    assert (code, out) == (2, "")
    assert str(tmp_path / "none") in err
    estate = loaded(Path(INVENTORIES[1]))
    without = {
        name: {key: value for key, value in held.items() if key != "cost_usage"}
        for name, held in estate.regions.items()
    }
    monkeypatch.setitem(READ, Path(INVENTORIES[1]), replace(estate, regions=without))
    code, out, err = run(*INVENTORIES)
    assert (code, out) == (2, "")
    assert err.startswith("inventories/staging: us-east-1: cost_usage: is missing")


def test_what_is_unknown_is_told_beside_the_sum() -> None:
    rows = {(row.environment, row.region): row for row in rows_of([SMALL])}
    # The logs have no price; of the disk nobody knows how much there is.
    assert rows["staging", "us-west-2"].total(Scenario.TYPICAL).unknown == 1
    assert rows["all", "all"].total(Scenario.TYPICAL).unknown == 2


@settings(max_examples=30)
@given(st.lists(estimates, min_size=1, max_size=4, unique_by=lambda estimate: estimate.environment))
def test_the_parts_add_up_to_the_whole(found: list[Estimate]) -> None:
    rows = rows_of(found)
    for scenario in Scenario:
        whole = rows[-1].total(scenario)
        parts = [row.total(scenario) for row in rows[:-1] if row.region == "all"]
        regions = [row.total(scenario) for row in rows[:-1] if row.region != "all"]
        for some in (parts, regions):
            assert whole.usd == sum((one.usd for one in some), Decimal(0))
            assert whole.unknown == sum(one.unknown for one in some)
