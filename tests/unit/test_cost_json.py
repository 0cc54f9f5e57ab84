"""The estimate as JSON: no float in it, the same again when read, and clear about what cannot be read."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from cost_lines import DISK, OUT, SMALL, estimates
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from trading_platform.cost.advice_json import KEYS
from trading_platform.cost.as_json import SCHEMA, EstimateError, estimate_from_json, estimate_json
from trading_platform.cost.document import Compared
from trading_platform.cost.model import Estimate, Quantities, Total
from trading_platform.cost.savings import Saving

calm = settings(deadline=None, max_examples=50)


def written(estimate: Estimate) -> dict[str, Any]:
    """What the file says; a number with a decimal point in it would be a float, and is refused."""

    def refuse(text: str) -> float:
        raise AssertionError(f"{text} is a float")

    document: dict[str, Any] = json.loads(estimate_json(estimate), parse_float=refuse)
    return document


def test_a_line_is_written_with_its_price_its_date_and_how_certain_it_is() -> None:
    assert written(SMALL)["lines"][1] == {
        "region": "us-east-1",
        "tier": "network",
        "service": "DataTransfer",
        "resource": "data transfer",
        "name": "to the internet",
        "kind": "usage",
        "unit": "GB",
        "note": "",
        "quantities": {"low": "100", "typical": "1500", "high": "10000"},
        "monthly_usd": {"low": "9", "typical": "115", "high": "540"},
        "price": {
            "unit": "GB",
            "tiers": [{"from": "0", "to": "1000", "usd": "0.09"}, {"from": "1000", "to": None, "usd": "0.05"}],
            "source": "a golden file",
            "as_of": "on or before 2024-07-01",
            "certainty": "medium",
        },
    }


def test_what_is_unknown_is_null_and_counted_beside_the_totals() -> None:
    document = written(SMALL)
    assert document["lines"][3]["monthly_usd"] == {"low": "8", "typical": None, "high": None}
    assert document["lines"][4]["price"] is None
    assert document["totals"]["all"] == {
        "low": {"usd": "237.022", "unknown": 0},
        "typical": {"usd": "335.022", "unknown": 2},
        "high": {"usd": "760.022", "unknown": 2},
    }
    assert document["prices_as_of"] == {"oldest": "2024-07-01", "newest": "2026-10-13"}
    assert written(Estimate("staging", ()))["prices_as_of"] is None


@calm
@given(estimates)
def test_what_is_written_is_read_back_equal_and_written_the_same(estimate: Estimate) -> None:
    text = estimate_json(estimate)
    assert estimate_from_json(text) == estimate
    assert estimate_json(estimate_from_json(text)) == text


@calm
@given(estimates)
def test_what_is_written_is_as_the_schema_says(estimate: Estimate) -> None:
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(written(estimate))


def test_equal_amounts_are_the_same_text() -> None:
    one, other = (replace(OUT, quantities=Quantities.always(Decimal(text))) for text in ("1500", "1.50E+3"))
    assert estimate_json(Estimate("staging", (one,))) == estimate_json(Estimate("staging", (other,)))


def refused(change: Callable[[dict[str, Any]], object]) -> str:
    """What reading says of an estimate with something changed."""
    document = json.loads(estimate_json(Estimate("staging", (OUT, DISK))))
    change(document)
    with pytest.raises(EstimateError) as refusal:
        estimate_from_json(json.dumps(document), "old.json")
    return str(refusal.value)


def test_what_is_no_estimate_is_named_with_its_file() -> None:
    for text, said in (
        ('{"version": 1,\n', "old.json: line 2: is no JSON: Expecting property name enclosed in double quotes"),
        ("[]", "old.json: must be a mapping, as written by this program"),
        ("{}", "old.json: version: found None; must be 1: estimate again"),
        ("[" * 200_000, "old.json: is nested deeper than any estimate"),
    ):
        with pytest.raises(EstimateError) as refusal:
            estimate_from_json(text, "old.json")
        assert str(refusal.value) == said


def test_a_wrong_value_is_named_with_what_is_allowed() -> None:
    assert refused(lambda found: found.update(version=2)) == "old.json: version: found 2; must be 1: estimate again"
    assert refused(lambda found: found["lines"][0].update(kind="used")).startswith(
        'old.json: lines[0].kind: found "used"; must be one of baseline, usage'
    )
    assert refused(lambda found: found["lines"][1]["price"]["tiers"][0].update(usd=0.08)) == (
        "old.json: lines[1].price.tiers[0].usd: found 0.08; must be a string: write it in quotes"
    )
    for wrong in ("-1", "1.50", "NaN", "1e3", "01", ""):
        said = refused(lambda found, wrong=wrong: found["lines"][0]["quantities"].update(low=wrong))
        assert said.startswith(f'old.json: lines[0].quantities.low: found "{wrong}"; must be null, or decimal digits')


def test_only_the_first_problems_of_many_are_told() -> None:
    said = refused(lambda found: found.update(lines=[{}] * 2))
    assert len(said.splitlines()) == 11
    assert said.splitlines()[-1] == "old.json: and 12 more"


def test_tiers_that_do_not_follow_on_each_other_are_refused() -> None:
    assert refused(lambda found: found["lines"][0]["price"]["tiers"][1].update({"from": "1200"})) == (
        "old.json: lines[0].price.tiers[1].from: found 1200; must be 1000, where the tier before it ends"
    )
    assert refused(lambda found: found["lines"][0]["price"]["tiers"][1].update(to="900")) == (
        "old.json: lines[0].price.tiers[1].to: found 900; must be more than from, 1000"
    )
    assert refused(lambda found: found["lines"][0]["price"]["tiers"][0].update(to=None)) == (
        "old.json: lines[0].price.tiers[1]: follows on a tier that has no end"
    )


def test_a_line_that_stands_twice_is_refused() -> None:
    assert refused(lambda found: found["lines"].append(found["lines"][0])) == (
        "old.json: lines: us-east-1 / network / DataTransfer / data transfer / to the internet "
        "stands twice in the bill of materials"
    )


def test_a_file_that_contradicts_itself_is_refused() -> None:
    assert refused(lambda found: found["lines"][0]["monthly_usd"].update(typical="1")) == (
        'old.json: lines[0].monthly_usd.typical: found "1"; the lines make it "115"'
    )
    assert refused(lambda found: found["totals"]["all"]["high"].update(unknown=0)) == (
        "old.json: totals.all.high.unknown: found 0; the lines make it 1"
    )
    assert refused(lambda found: found["totals"]["tier"].pop("compute")).startswith(
        "old.json: totals.tier.compute: found nothing; the lines make it {"
    )
    assert refused(lambda found: found.update(prices_as_of=None)).startswith("old.json: prices_as_of: found nothing")


COMPARED = (
    Compared("ALB", Decimal(30), Total(Decimal("22.50"), 0), Total(Decimal(33), 1), Total(Decimal(0), 0), "why"),
    Compared("Rest", None, *[Total(Decimal(0), 0)] * 3, "other things"),
)
SAVINGS = (
    Saving("Valkey", "Redis", Decimal("10.50"), Decimal(8), False, "at once"),
    Saving("Graviton", "nodes", Decimal(1), Decimal("1.25"), False, "never"),
    Saving("Spot", "nodes", None, Decimal(1), True, "unknown"),
)


def test_what_is_told_beside_an_estimate_is_written_and_not_read_back() -> None:
    text = estimate_json(SMALL, COMPARED, SAVINGS)
    document = json.loads(text)
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    assert document["document_table"][0] == {
        "row": "ALB",
        "document_usd": "30",
        "low": {"usd": "22.5", "unknown": 0},
        "typical": {"usd": "33", "unknown": 1},
        "standby": {"usd": "0", "unknown": 0},
        "reason": "why",
    }
    assert document["document_table"][1]["document_usd"] is None
    assert [one["saved_usd"] for one in document["savings"]] == ["2.5", "-0.25", None]
    assert [one["taken"] for one in document["savings"]] == [False, False, True]
    assert estimate_from_json(text) == SMALL
    assert {key: value for key, value in document.items() if key not in KEYS} == json.loads(estimate_json(SMALL))


def test_what_is_told_beside_an_estimate_is_held_to_the_schema_when_it_is_read() -> None:
    document = json.loads(estimate_json(SMALL, COMPARED, SAVINGS))
    document["savings"][0]["saved_usd"] = 2.5
    with pytest.raises(EstimateError) as refusal:
        estimate_from_json(json.dumps(document), "old.json")
    assert (
        str(refusal.value) == "old.json: savings[0].saved_usd: found 2.5; must be a string or null: write it in quotes"
    )
    document["savings"][0].update(saved_usd="2.5", more=1)
    with pytest.raises(EstimateError, match=r"^old\.json: savings\[0\]\.more: unknown key"):
        estimate_from_json(json.dumps(document), "old.json")
