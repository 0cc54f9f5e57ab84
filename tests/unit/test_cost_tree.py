"""The tree of an estimate and what stands beside it: every line counted once, and what is unknown told."""

from decimal import Decimal

from cost_lines import DISK, LOGS, SMALL, estimates, lines
from hypothesis import given, settings

from trading_platform.cost.figures import every_digit, exact, percent_change, quantity, unit_price, usd, usd_change
from trading_platform.cost.model import Estimate, Kind, Line, Scenario, Total
from trading_platform.cost.summary import breakdown, breakdowns, prices_dated, unknown_lines
from trading_platform.cost.tree import Node, tree

calm = settings(deadline=None, max_examples=50)


def nodes(root: Node) -> list[Node]:
    """A node and every node below it."""
    return [root, *(below for node in root.nodes for below in nodes(node))]


def test_the_tree_has_every_line_under_its_region_tier_and_resource() -> None:
    assert [(node.level, node.title, [line.name for line in node.lines]) for node in nodes(tree(SMALL))] == [
        ("estimate", "staging", []),
        ("region", "us-east-1", []),
        ("tier", "network", []),
        ("resource", "NAT gateways (VPC)", ["gateway"]),
        ("resource", "data transfer (DataTransfer)", ["to the internet"]),
        ("tier", "compute", []),
        ("resource", "nodes (EC2, EBS)", ["t3.xlarge", "disk"]),
        ("region", "us-west-2", []),
        ("tier", "monitoring", []),
        ("resource", "logs (CloudWatch)", ["kept"]),
    ]


def test_a_resource_that_is_called_after_its_service_says_so_once() -> None:
    line = Line("global", "security", "GuardDuty", "GuardDuty", "x", Kind.USAGE, DISK.quantities, "GB", None)
    assert nodes(tree(Estimate("staging", (line,))))[-1].title == "GuardDuty"


def test_subtotals_tell_baseline_from_usage_and_count_what_is_unknown() -> None:
    found = {node.title: node.subtotals for node in nodes(tree(SMALL))}
    assert found["network"].typical.baseline == Total(Decimal("98.55"), 0)
    assert found["network"].typical.usage == Total(Decimal(115), 0)
    assert found["nodes (EC2, EBS)"].low.both == Total(Decimal("129.472"), 0)
    assert found["nodes (EC2, EBS)"].high.both == Total(Decimal("121.472"), 1)
    assert found["staging"].of(Scenario.TYPICAL).both == Total(Decimal("335.022"), 2)


@calm
@given(estimates)
def test_the_sum_of_the_leaves_is_the_total_of_every_node(estimate: Estimate) -> None:
    root = tree(estimate)
    assert sorted(line.identity for line in root.leaves()) == sorted(line.identity for line in estimate.lines)
    for scenario in Scenario:
        assert root.subtotals.of(scenario).both == estimate.total(scenario)
        for node in nodes(root):
            known = [amount for line in node.leaves() if (amount := line.monthly(scenario)) is not None]
            unknown = len(list(node.leaves())) - len(known)
            assert node.subtotals.of(scenario).both == Total(sum(known, Decimal(0)), unknown)


@calm
@given(estimates)
def test_every_breakdown_adds_up_to_the_total(estimate: Estimate) -> None:
    for scenario in Scenario:
        for found in breakdowns(estimate):
            parts = [amounts.of(scenario).both for _, amounts in found.rows]
            total = Total(sum((part.usd for part in parts), Decimal(0)), sum(part.unknown for part in parts))
            assert total == estimate.total(scenario), found.by


@calm
@given(estimates, lines)
def test_a_line_more_never_lowers_the_total(estimate: Estimate, line: Line) -> None:
    others = tuple(one for one in estimate.lines if one.identity != line.identity)
    before, after = tree(Estimate("", others)).subtotals, tree(Estimate("", (*others, line))).subtotals
    for scenario in Scenario:
        old, new = before.of(scenario).both, after.of(scenario).both
        assert new.usd >= old.usd
        # It costs something, or nothing, or is told to be unknown.
        assert new.unknown - old.unknown == (line.monthly(scenario) is None)


def test_breakdowns_begin_with_what_is_dearest_and_have_both_kinds() -> None:
    assert [name for name, _ in breakdown(SMALL, "service").rows] == ["EC2", "DataTransfer", "VPC", "CloudWatch", "EBS"]
    assert [name for name, _ in breakdown(SMALL, "certainty").rows] == ["assumed", "medium", "high", "no price"]
    assert [name for name, _ in breakdown(Estimate("staging", ()), "kind").rows] == ["baseline", "usage"]


def test_what_is_unknown_says_why_and_in_which_months() -> None:
    assert [(one.line, one.when, one.why) for one in unknown_lines(SMALL)] == [
        (DISK, "typical, high", "cost_usage does not say how much; at 0.08 USD per GB-month"),
        # Nothing of it costs nothing in a low month.
        (LOGS, "typical, high", "the catalogue has no price for it (5 GB)"),
    ]


def test_prices_are_dated_from_the_oldest_to_the_newest() -> None:
    assert prices_dated(SMALL) == "Prices as of 2024-07-01 to 2026-10-13."
    assert prices_dated(Estimate("staging", (LOGS,))) == "No price has a date."


def test_figures_are_written_as_people_read_them() -> None:
    assert [usd(Decimal(one)) for one in ("0", "0.009", "0.01", "1234.5")] == ["0.00", "<0.01", "0.01", "1,234.50"]
    assert usd(None) == quantity(None) == "unknown"
    assert [usd_change(Decimal(one)) for one in ("-5", "0", "1500")] == ["-5.00", "0.00", "+1,500.00"]
    assert [quantity(Decimal(one)) for one in ("1460.0", "0.25", "0.00001")] == ["1,460", "0.25", "<0.0001"]
    assert [unit_price(Decimal(one)) for one in ("1", "0.0000004")] == ["1.00", "0.0000004"]
    assert [exact(Decimal(one)) for one in ("1E+3", "0.50", "-0.0")] == ["1000", "0.5", "0"]
    assert every_digit(Decimal("1234.000010")) == "1,234.00001"
    assert [percent_change(Decimal("-12.34")), percent_change(None)] == ["-12.3 %", ""]
