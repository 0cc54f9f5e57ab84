"""Budgets: every threshold from both sides, what is no budget, and what an estimate or a change is judged to be."""

from decimal import Decimal
from typing import Any

import pytest
from cost_lines import DISK, NODE, amounts, price
from hypothesis import given
from hypothesis import strategies as st

from trading_platform.cost.budget import Budget, BudgetError, budget_of, judge, judge_change
from trading_platform.cost.model import Estimate, Kind, Line, Scenario

RIGHT: dict[str, Any] = {
    "warn_usd": 6500,
    "refuse_usd": 8000,
    "warn_increase_percent": 10,
    "refuse_increase_percent": 30,
}
BUDGET = Budget(Decimal(6500), Decimal(8000), Decimal(10), Decimal(30))


def costing(typical: str | None, low: str = "0", high: str = "1000000") -> Estimate:
    """An estimate of one line at a dollar each; a typical month costs `typical`, None: unknown."""
    line = Line(
        "us-east-1", "tier", "Service", "thing", "one", Kind.USAGE, amounts(low, typical, high), "one", price("1")
    )
    return Estimate("test", (line,))


def test_the_budget_of_an_inventory_is_decimal_to_the_cent() -> None:
    assert budget_of({"cost_budget": RIGHT}) == BUDGET
    assert budget_of({"cost_budget": {**RIGHT, "warn_usd": 0.1}}).warn_usd == Decimal("0.1")


@pytest.mark.parametrize("found", [None, "much", 8000, [RIGHT]])
def test_a_budget_that_is_none_is_named(found: Any) -> None:
    with pytest.raises(BudgetError, match=r"^cost_budget: is missing$"):
        budget_of({} if found is None else {"cost_budget": found})


@pytest.mark.parametrize("key", RIGHT)
@pytest.mark.parametrize("wrong", [None, -1, "8000", True, float("nan"), float("inf"), [1]], ids=str)
def test_each_figure_must_be_a_number_of_0_or_more(key: str, wrong: Any) -> None:
    with pytest.raises(BudgetError) as refusal:
        budget_of({"cost_budget": {**RIGHT, key: wrong}})
    assert str(refusal.value) == f"cost_budget.{key}: must be a number of 0 or more, not {wrong!r}"


@pytest.mark.parametrize("key", RIGHT)
def test_a_figure_that_is_left_out_is_named(key: str) -> None:
    with pytest.raises(BudgetError, match=rf"^cost_budget\.{key}: must be a number of 0 or more, not None$"):
        budget_of({"cost_budget": {name: value for name, value in RIGHT.items() if name != key}})


def test_a_budget_that_refuses_before_it_warns_is_refused() -> None:
    for changes, said in (
        ({"warn_usd": 8000.5}, "cost_budget.warn_usd: 8000.5 is more than refuse_usd, 8000: nobody would be warned"),
        (
            {"refuse_increase_percent": 9},
            "cost_budget.warn_increase_percent: 10 is more than refuse_increase_percent, 9: nobody would be warned",
        ),
    ):
        with pytest.raises(BudgetError) as refusal:
            budget_of({"cost_budget": {**RIGHT, **changes}})
        assert str(refusal.value) == said
    # Both at once: nobody is warned, and nobody who is refused wonders why.
    assert budget_of({"cost_budget": {**RIGHT, "warn_usd": 8000}}).warn_usd == 8000


@pytest.mark.parametrize(
    ("typical", "verdict", "key", "message"),
    [
        ("0", "within", "", "a typical month costs 0.00 USD, within 6,500 USD"),
        ("6500", "within", "", "a typical month costs 6,500.00 USD, within 6,500 USD"),
        (
            "6500.01",
            "warn",
            "warn_usd",
            "a typical month costs 6,500.01 USD, more than the 6,500 USD that are warned of",
        ),
        ("8000", "warn", "warn_usd", "a typical month costs 8,000.00 USD, more than the 6,500 USD that are warned of"),
        (
            "8000.01",
            "refuse",
            "refuse_usd",
            "a typical month costs 8,000.01 USD, more than the 8,000 USD that are refused",
        ),
    ],
)
def test_a_typical_month_is_judged_from_both_sides_of_each_threshold(
    typical: str, verdict: str, key: str, message: str
) -> None:
    found = judge(costing(typical), BUDGET)
    assert (found.verdict, found.key, found.message) == (verdict, key, message)


def test_what_is_unknown_is_told_beside_what_is_judged() -> None:
    found = Estimate("test", (*costing("6600").lines, NODE, DISK))
    # 6,600 and a node of 730 x 0.1664; how much disk there is is not known.
    assert judge(found, BUDGET).message == (
        "a typical month costs 6,721.47 USD and 1 unknown, more than the 6,500 USD that are warned of"
    )


@pytest.mark.parametrize(
    ("before", "after", "verdict", "key", "message"),
    [
        ("1000", "900", "within", "", "a typical month costs 900.00 USD, no more than before"),
        ("1000", "1000", "within", "", "a typical month costs 1,000.00 USD, no more than before"),
        ("1000", "1100", "within", "", "a typical month costs 10.0 % more than before, within 10 %"),
        (
            "1000",
            "1101",
            "warn",
            "warn_increase_percent",
            "a typical month costs 10.1 % more than before, more than the 10 % that are warned of",
        ),
        (
            "1000",
            "1300",
            "warn",
            "warn_increase_percent",
            "a typical month costs 30.0 % more than before, more than the 10 % that are warned of",
        ),
        (
            "1000",
            "1301",
            "refuse",
            "refuse_increase_percent",
            "a typical month costs 30.1 % more than before, more than the 30 % that are refused",
        ),
        ("0", "50", "within", "", "a typical month costs 50.00 USD; before it cost nothing"),
        ("0", "0", "within", "", "a typical month costs 0.00 USD, no more than before"),
    ],
)
def test_a_change_is_judged_from_both_sides_of_each_threshold(
    before: str, after: str, verdict: str, key: str, message: str
) -> None:
    found = judge_change(costing(before), costing(after), BUDGET)
    assert (found.verdict, found.key, found.message) == (verdict, key, message)


def test_only_a_typical_month_is_judged() -> None:
    assert judge(costing("1", low="1", high="9999999"), BUDGET).verdict == "within"
    assert judge_change(costing("1", high="1"), costing("1", high="9999999"), BUDGET).verdict == "within"


figures = st.decimals(0, 10_000, places=2)


@given(st.lists(figures, min_size=2, max_size=2), figures)
def test_what_costs_more_is_never_judged_more_mildly(thresholds: list[Decimal], cost: Decimal) -> None:
    warn, refuse = sorted(thresholds)
    budget = Budget(warn, refuse, Decimal(10), Decimal(30))
    order = ("within", "warn", "refuse")
    cheap, dear = (order.index(judge(costing(str(usd)), budget).verdict) for usd in (cost, cost + 1))
    assert cheap <= dear
    assert judge(costing(str(refuse)), budget).verdict != "refuse"
    assert judge(costing(str(refuse + Decimal("0.01"))), budget).verdict == "refuse"
    assert costing(str(cost)).total(Scenario.TYPICAL).usd == cost
