"""A difference as JSON: by hand for a small one, and as its schema says for any."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cost_lines import DISK, GATEWAY, NODE, OUT, amounts, estimates
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from trading_platform.cost.diff import Difference, diff
from trading_platform.cost.diff_json import SCHEMA, difference_json
from trading_platform.cost.model import Estimate, Quantities, Scenario


def written(difference: Difference) -> dict[str, Any]:
    """What the file says; a number with a decimal point in it would be a float, and is refused."""

    def refuse(text: str) -> float:
        raise AssertionError(f"{text} is a float")

    document: dict[str, Any] = json.loads(difference_json(difference), parse_float=refuse)
    return document


def test_a_difference_is_written_resource_by_resource() -> None:
    old = Estimate("staging", (GATEWAY, NODE, DISK))
    new = Estimate("staging", (replace(GATEWAY, quantities=Quantities.always(2920)), DISK, OUT))
    assert written(diff(old, new)) == {
        "version": 1,
        "environment": "staging",
        "scenario": "typical",
        "currency": "USD",
        "old": {"usd": "220.022", "unknown": 1},  # 98.55 + 121.472
        "new": {"usd": "246.4", "unknown": 1},  # 131.40 + 115
        "change_usd": "26.378",
        "change_percent": "11.99",
        "lines": {"added": 1, "changed": 1, "removed": 1},
        "resources": [
            {
                "sign": "~",
                "region": "us-east-1",
                "tier": "compute",
                "resource": "nodes",
                "old": {"usd": "121.472", "unknown": 1},
                "new": {"usd": "0", "unknown": 1},
                "changes": [
                    {
                        "sign": "-",
                        "service": "EC2",
                        "name": "t3.xlarge",
                        "old_usd": "121.472",
                        "new_usd": "0",
                        "change_usd": "-121.472",
                        "change_percent": "-100",
                        "shifts": [],
                    }
                ],
            },
            {
                "sign": "~",
                "region": "us-east-1",
                "tier": "network",
                "resource": "NAT gateways",
                "old": {"usd": "98.55", "unknown": 0},
                "new": {"usd": "131.4", "unknown": 0},
                "changes": [
                    {
                        "sign": "~",
                        "service": "VPC",
                        "name": "gateway",
                        "old_usd": "98.55",
                        "new_usd": "131.4",
                        "change_usd": "32.85",
                        "change_percent": "33.33",
                        "shifts": [{"what": "quantity", "old": "2,190 hour", "new": "2,920 hour"}],
                    }
                ],
            },
            {
                "sign": "+",
                "region": "us-east-1",
                "tier": "network",
                "resource": "data transfer",
                "old": None,
                "new": {"usd": "115", "unknown": 0},
                "changes": [
                    {
                        "sign": "+",
                        "service": "DataTransfer",
                        "name": "to the internet",
                        "old_usd": "0",
                        "new_usd": "115",
                        "change_usd": "115",
                        "change_percent": None,
                        "shifts": [],
                    }
                ],
            },
        ],
    }


def test_what_becomes_unknown_is_null_and_counted() -> None:
    less_known = replace(OUT, quantities=amounts("100", None, "10000"))
    document = written(diff(Estimate("staging", (OUT,)), Estimate("staging", (less_known,))))
    (change,) = document["resources"][0]["changes"]
    assert (change["old_usd"], change["new_usd"], change["change_usd"], change["change_percent"]) == (
        "115",
        None,
        None,
        None,
    )
    assert (document["new"], document["change_usd"]) == ({"usd": "0", "unknown": 1}, "-115")


def test_a_change_of_less_than_a_hundredth_of_a_percent_is_rounded() -> None:
    more = replace(GATEWAY, quantities=Quantities.always(Decimal("2190.01")))
    document = written(diff(Estimate("staging", (GATEWAY,)), Estimate("staging", (more,))))
    assert (document["change_usd"], document["change_percent"]) == ("0.00045", "0")


@settings(deadline=None, max_examples=50)
@given(estimates, estimates)
def test_any_difference_is_as_the_schema_says_and_adds_up(old: Estimate, new: Estimate) -> None:
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for scenario in Scenario:
        difference = diff(old, new, scenario)
        document = written(difference)
        validator.validate(document)
        assert Decimal(document["change_usd"]) == Decimal(document["new"]["usd"]) - Decimal(document["old"]["usd"])
        known = [one["change_usd"] for each in document["resources"] for one in each["changes"]]
        if None not in known:
            assert sum(map(Decimal, known), Decimal(0)) == Decimal(document["change_usd"])
        assert difference_json(diff(old, new, scenario)) == difference_json(difference)
