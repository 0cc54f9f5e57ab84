"""What a change does to the cost: told line by line, and the parts are what the totals differ by."""

from dataclasses import replace
from decimal import Decimal

import pytest
from cost_lines import DISK, GATEWAY, LOGS, NODE, OUT, SMALL, amounts, estimates, price
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trading_platform.cost.diff import Change, Difference, Shift, diff
from trading_platform.cost.diff_text import difference_markdown, difference_text
from trading_platform.cost.model import Estimate, Kind, Line, Quantities, Scenario, Total
from trading_platform.pricing import Tier

calm = settings(deadline=None, max_examples=50)
scenarios = st.sampled_from(Scenario)

# Twice the gateways, no node, the disk known, an address; the traffic stays.
NEW = Estimate(
    "staging",
    (
        replace(GATEWAY, quantities=Quantities.always(4380)),
        replace(GATEWAY, name="address", price=price("0.005", certainty="assumed")),
        OUT,
        replace(DISK, quantities=amounts("100", "200", "300")),
        LOGS,
    ),
)

# By hand: 335.022, of which 121.472 go and to which 16.00, 98.55 and 10.95 come, are 339.05.
TEXT = """\
What changes in the cost of staging, a typical month, in USD

~ us-east-1 / compute / nodes
  -105.47 (121.47 + 1 unknown -> 16.00, -86.8 %)

    ~ disk (EBS)
      unknown (unknown -> 16.00)
      quantity: unknown GB-month -> 200 GB-month

    - t3.xlarge (EC2)
      -121.47 (121.47 -> 0.00, -100.0 %)

~ us-east-1 / network / NAT gateways
  +109.50 (98.55 -> 208.05, +111.1 %)

    + address (VPC)
      +10.95 (0.00 -> 10.95)

    ~ gateway (VPC)
      +98.55 (98.55 -> 197.10, +100.0 %)
      quantity: 2,190 hour -> 4,380 hour

Total: +4.03 (335.02 + 2 unknown -> 339.05 + 1 unknown, +1.2 %)
Lines: 1 added, 2 changed, 1 removed
"""

MARKDOWN = """\
### What changes in the cost of staging

USD in a typical month. What is unknown is in no total.

|  | what | before | after | change |  |
| --- | --- | ---: | ---: | ---: | ---: |
|  | **total** | **335.02 + 2 unknown** | **339.05 + 1 unknown** | **+4.03** | **+1.2 %** |

<details><summary>Lines: 1 added, 2 changed, 1 removed</summary>

|  | what | before | after | change |  |
| --- | --- | ---: | ---: | ---: | ---: |
| `~` | us-east-1 / compute / nodes / disk (EBS)<br>quantity: unknown GB-month -> 200 GB-month \
| unknown | 16.00 | unknown |  |
| `-` | us-east-1 / compute / nodes / t3.xlarge (EC2) | 121.47 | 0.00 | -121.47 | -100.0 % |
| `+` | us-east-1 / network / NAT gateways / address (VPC) | 0.00 | 10.95 | +10.95 |  |
| `~` | us-east-1 / network / NAT gateways / gateway (VPC)<br>quantity: 2,190 hour -> 4,380 hour \
| 98.55 | 197.10 | +98.55 | +100.0 % |

</details>
"""


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Estimate, Estimate]:
    """Two estimates; the second has some lines of the first as they are, some with another quantity, and others."""
    old, other = draw(estimates), draw(estimates)
    quantities = st.sampled_from([line.quantities for line in other.lines] or [Quantities.always(1)])
    kept = [
        line if draw(st.booleans()) else replace(line, quantities=draw(quantities))
        for line in old.lines
        if draw(st.booleans())
    ]
    found = {line.identity: line for line in (*kept, *other.lines)}
    return old, Estimate(other.environment, tuple(found.values()))


def reversed_(change: Change) -> Change:
    """The change that takes it back."""
    shifts = tuple(Shift(shift.what, shift.new, shift.old) for shift in change.shifts)
    return Change(change.new, change.old, change.scenario, shifts)


def test_the_text_tells_what_came_changed_and_went() -> None:
    assert difference_text(diff(SMALL, NEW)) == TEXT


def test_the_markdown_tells_the_same() -> None:
    assert difference_markdown(diff(SMALL, NEW)) == MARKDOWN


def test_a_whole_resource_that_comes_or_goes_is_told_as_one() -> None:
    without = Estimate("staging", tuple(line for line in SMALL.lines if line.resource != "nodes"))
    assert "\n+ us-east-1 / compute / nodes\n  +121.47 (0.00 -> 121.47 + 1 unknown)\n" in difference_text(
        diff(without, SMALL)
    )
    assert "\n- us-east-1 / compute / nodes\n  -121.47 (121.47 + 1 unknown -> 0.00, -100.0 %)\n" in difference_text(
        diff(SMALL, without)
    )


@calm
@given(estimates, scenarios)
def test_from_an_estimate_to_itself_nothing_changes(estimate: Estimate, scenario: Scenario) -> None:
    found = diff(estimate, estimate, scenario)
    assert found.resources == found.changes == ()
    assert found.usd == 0
    assert "No line changes.\n" in difference_markdown(found)
    assert difference_text(found).splitlines()[-1] == "Lines: 0 added, 0 changed, 0 removed"


@calm
@given(pairs(), scenarios)
def test_there_and_back_cancel(pair: tuple[Estimate, Estimate], scenario: Scenario) -> None:
    there, back = diff(*pair, scenario), diff(*reversed(pair), scenario)
    assert there.changes == tuple(reversed_(change) for change in back.changes)
    assert (there.old, there.new, there.usd) == (back.new, back.old, -back.usd)
    assert [there.count(sign) for sign in "+~-"] == [back.count(sign) for sign in "-~+"]
    for one, other in zip(there.changes, back.changes, strict=True):
        assert one.usd == (None if other.usd is None else -other.usd)


@calm
@given(pairs(), scenarios)
def test_the_parts_are_what_the_totals_differ_by(pair: tuple[Estimate, Estimate], scenario: Scenario) -> None:
    found = diff(*pair, scenario)
    assert sum((change.total.usd for change in found.changes), Decimal(0)) == found.usd
    assert sum(change.total.unknown for change in found.changes) == found.new.unknown - found.old.unknown
    assert (found.old, found.new) == (pair[0].total(scenario), pair[1].total(scenario))


@calm
@given(pairs(), scenarios)
def test_a_line_that_stays_and_costs_another_amount_is_told(
    pair: tuple[Estimate, Estimate], scenario: Scenario
) -> None:
    old, new = ({line.identity: line for line in estimate.lines} for estimate in pair)
    told = {change.line.identity for change in diff(*pair, scenario).changes}
    for identity in old.keys() | new.keys():
        before, after = old.get(identity), new.get(identity)
        if before is None or after is None or before.monthly(scenario) != after.monthly(scenario):
            assert identity in told


def changed(old: Line, **fields: object) -> list[Change]:
    """What is told of one line that changes, in a typical month."""
    new = replace(old, **fields)  # type: ignore[arg-type]  # fields of a line, each of its own type
    return list(diff(Estimate("a", (old,)), Estimate("b", (new,))).changes)


@pytest.mark.parametrize(
    ("old", "fields", "shifts"),
    [
        (GATEWAY, {"price": price("0.05")}, [("price", "0.045 per hour", "0.05 per hour")]),
        (GATEWAY, {"price": None}, [("price", "0.045 per hour", "no price")]),
        (LOGS, {"price": price("0.5", "GB")}, [("price", "no price", "0.50 per GB")]),
        (GATEWAY, {"price": price("0.045", certainty="assumed")}, [("certainty", "high", "assumed")]),
        (GATEWAY, {"kind": Kind.USAGE}, [("kind", "baseline", "usage")]),
        (GATEWAY, {"unit": "day"}, [("quantity", "2,190 hour", "2,190 day")]),
        (GATEWAY, {"quantities": amounts("0", None, "0")}, [("quantity", "2,190 hour", "unknown hour")]),
        # So little that it is not seen in what is written elsewhere.
        (
            GATEWAY,
            {"quantities": Quantities.always(Decimal("2190.00001"))},
            [("quantity", "2,190 hour", "2,190.00001 hour")],
        ),
        (
            OUT,
            {"price": price("0.09", "GB", certainty="medium")},
            [("price", "0.09 per GB from 0, 0.05 from 1,000", "0.09 per GB")],
        ),
    ],
)
def test_it_is_told_what_changed(old: Line, fields: dict[str, object], shifts: list[tuple[str, str, str]]) -> None:
    (change,) = changed(old, **fields)
    assert change.sign == "~"
    assert [(shift.what, shift.old, shift.new) for shift in change.shifts] == shifts


def test_what_changes_no_amount_in_this_scenario_is_not_told() -> None:
    assert changed(GATEWAY, note="a note") == []
    assert changed(GATEWAY, price=price("0.045", as_of="2026-11-01", source="another")) == []
    assert changed(DISK, quantities=amounts("200", None, None)) == []
    assert OUT.price is not None
    bounded = replace(OUT.price, tiers=(OUT.price.tiers[0], Tier(Decimal(1000), Decimal(9000), Decimal("0.05"))))
    assert changed(OUT, price=bounded) == []


def zero(line: Line) -> Line:
    """None of a thing."""
    return replace(line, quantities=Quantities.always(0))


def test_percent_is_none_where_nothing_or_something_unknown_was() -> None:
    found = {
        "doubled": changed(GATEWAY, quantities=Quantities.always(4380)),
        "from nothing": changed(zero(GATEWAY), quantities=Quantities.always(1)),
        "to nothing": changed(GATEWAY, quantities=Quantities.always(0)),
        "from unknown": changed(DISK, quantities=Quantities.always(1)),
        "to unknown": changed(GATEWAY, price=None),
    }
    assert {name: changes[0].percent for name, changes in found.items()} == {
        "doubled": 100,
        "from nothing": None,
        "to nothing": -100,
        "from unknown": None,
        "to unknown": None,
    }
    assert {name: changes[0].usd for name, changes in found.items()} == {
        "doubled": Decimal("98.55"),
        "from nothing": Decimal("0.045"),
        "to nothing": Decimal("-98.55"),
        "from unknown": None,
        "to unknown": None,
    }
    assert found["from unknown"][0].total == Total(Decimal("0.08"), -1)


@calm
@given(pairs(), scenarios)
def test_the_text_has_a_sign_for_every_change(pair: tuple[Estimate, Estimate], scenario: Scenario) -> None:
    found: Difference = diff(*pair, scenario)
    assume(all(line.name.isprintable() for estimate in pair for line in estimate.lines))
    rows = [row for row in difference_text(found).split("\n") if row[:4] == "    " and row[4:5] in "+~-" and row[4:]]
    assert [row[4] for row in rows] == [change.sign for change in found.changes]


def test_a_change_of_no_line_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no line"):
        _ = Change(None, None, Scenario.LOW).line


def test_a_node_that_goes_costs_nothing_afterwards() -> None:
    (change,) = diff(Estimate("a", (NODE,)), Estimate("a", ())).changes
    assert (change.sign, change.old_usd, change.new_usd) == ("-", Decimal("121.472"), 0)
