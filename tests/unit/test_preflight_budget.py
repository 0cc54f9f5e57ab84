"""What preflight says of usage and budget: one line about the right file, and no echo of what is said elsewhere."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from preflight_inventory import Copy

from trading_platform.cost.budget import budget_of
from trading_platform.cost.estimate import estimate_of, places_of
from trading_platform.cost.place import VARIABLES
from trading_platform.cost.savings import savings
from trading_platform.inventory import load_estate
from trading_platform.preflight.budget import find_budget_problems
from trading_platform.preflight.problem import Finding, Host
from trading_platform.preflight.reading import read_inventory

ALL = "inventories/production/group_vars/all"
pytestmark = pytest.mark.slow
COST = "group_vars/all/cost.yml"
TODAY = date(2026, 11, 27)
ADVICE = "`make cost` shows what costs how much"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path.resolve())


def test_what_is_too_dear_is_refused(copy: Copy) -> None:
    copy.edit(COST, "warn_usd: 6500", "warn_usd: 5000")
    copy.edit(COST, "refuse_usd: 8000", "refuse_usd: 6000")
    assert copy.lines() == [
        f"{ALL}/cost.yml: cost_budget.refuse_usd: a typical month costs 6,357.29 USD, "
        f"more than the 6,000 USD that are refused; {ADVICE}"
    ]
    assert copy.lines("warning") == []


def test_what_is_nearly_too_dear_is_warned_of(copy: Copy) -> None:
    copy.edit(COST, "warn_usd: 6500", "warn_usd: 6194.99")
    assert copy.lines() == []
    assert copy.lines("warning") == [
        f"{ALL}/cost.yml: cost_budget.warn_usd: a typical month costs 6,357.29 USD, "
        f"more than the 6,194.99 USD that are warned of; {ADVICE}"
    ]


def test_a_fault_elsewhere_does_not_hide_what_is_too_dear(copy: Copy) -> None:
    copy.edit(COST, "refuse_usd: 8000", "refuse_usd: 6501")
    copy.edit(COST, "    custom_metrics: [300, 600, 2000]", "    custom_metrics: [300, 6000, 20000]")
    copy.edit("group_vars/all/kms.yml", "kms_deletion_window_days: 30", "kms_deletion_window_days: 31")
    refused, other = copy.lines()
    assert refused.startswith(f"{ALL}/cost.yml: cost_budget.refuse_usd: a typical month costs 7,")
    assert other.startswith(f"{ALL}/kms.yml: kms_deletion_window_days: found 31")


# What to edit, and the one line that comes of it. A line that ends in "..." is compared up to there.
ONE_LINE = {
    "a key of the usage misspelled": (
        COST,
        "    nat_gb: [100, 500, 5000]",
        "    net_gb: [100, 500, 5000]",
        f"{ALL}/cost.yml: cost_usage.primary.net_gb: unknown key; did you mean nat_gb? Known keys: ...",
    ),
    "more nodes than the group may have": (
        COST,
        "nodes: {general: 4, compute: 4, memory: 3}",
        "nodes: {general: 11, compute: 4, memory: 3}",
        f"{ALL}/cost.yml: cost_usage.primary.nodes.general: 11 is outside of the group, which has 3 to 10 nodes",
    ),
    "fewer nodes than the standby's group has": (
        COST,
        "nodes: {general: 3, compute: 0, memory: 0}",
        "nodes: {general: 1, compute: 0, memory: 0}",
        f"{ALL}/cost.yml: cost_usage.dr.nodes.general: 1 is outside of the group, which has 3 to 10 nodes",
    ),
    "a group that the usage forgets": (
        COST,
        "nodes: {general: 4, compute: 4, memory: 3}",
        "nodes: {general: 4, compute: 4}",
        f"{ALL}/cost.yml: cost_usage.primary.nodes.memory: is missing; "
        "how many nodes does the group have in a typical month?",
    ),
    "no usage of a group of regions": (
        COST,
        "  dr:\n    nodes: {general: 3, compute: 0, memory: 0}",
        "  drs:\n    nodes: {general: 3, compute: 0, memory: 0}",
        f"{ALL}/cost.yml: cost_usage.drs: unknown key; did you mean dr? Known keys: ...",
    ),
    "no usage": (COST, "cost_usage:\n", "cost_usages:\n", f"{ALL}/cost.yml: cost_usages: ..."),
    "a database that uses more than it may grow to": (
        COST,
        "    rds_storage_gb: [100, 200, 1000]",
        "    rds_storage_gb: [100, 200, 1001]",
        f"{ALL}/cost.yml: cost_usage.primary.rds_storage_gb: 1001 is more than the 1000 it may grow to",
    ),
    "a figure too few": (
        COST,
        "    nat_gb: [100, 500, 5000]",
        "    nat_gb: [100, 500]",
        f"{ALL}/cost.yml: cost_usage.primary.nat_gb: ...",
    ),
    "a budget that refuses before it warns": (
        COST,
        "refuse_usd: 8000",
        "refuse_usd: 6400",
        f"{ALL}/cost.yml: cost_budget.warn_usd: 6500 is more than refuse_usd, 6400: nobody would be warned",
    ),
    "a budget that is no number": (
        COST,
        "refuse_usd: 8000",
        'refuse_usd: "8000"',
        f'{ALL}/cost.yml: cost_budget.refuse_usd: found "8000"; must be a number',
    ),
    "a composite alarm of an alarm that is none": (
        "group_vars/all/cloudwatch.yml",
        "any_of: [",
        "any_of: [nothing-such, ",
        f"{ALL}/cloudwatch.yml: cloudwatch_alarms....",
    ),
    # What has been refused already is not said again by the estimate, which reads it.
    "a group without a type": (
        "group_vars/all/eks.yml",
        "instance_types: [t3.xlarge]",
        "instance_types: []",
        f"{ALL}/eks.yml: eks_node_groups.general.instance_types: has 0 entries; must have at least 1",
    ),
    "a group that has more nodes at least than at most": (
        "group_vars/dr/eks.yml",
        "min_size: 3",
        "min_size: 12",
        "inventories/production/group_vars/dr/eks.yml: "
        "eks_node_groups.general: needs 0 <= min_size <= max_size, not 12, 10",
    ),
    "a number of nodes that is text": (
        "group_vars/all/eks.yml",
        "min_size: 3",
        "min_size: three",
        f"{ALL}/eks.yml: eks_node_groups.general.min_size: ...",
    ),
    "an engine that is none": (
        "group_vars/all/elasticache.yml",
        "elasticache_engine: redis",
        "elasticache_engine: memcached",
        f"{ALL}/elasticache.yml: elasticache_engine: ...",
    ),
}


@pytest.mark.parametrize(("file", "good", "bad", "line"), ONE_LINE.values(), ids=ONE_LINE)
def test_one_fault_of_usage_or_budget_is_one_line(copy: Copy, file: str, good: str, bad: str, line: str) -> None:
    copy.edit(file, good, bad)
    copy.assert_one_line(line)
    assert copy.lines("warning") == []


class Recorded(Mapping[str, Any]):
    """Variables of a host that know which of them were read."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self.variables = variables
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return self.variables[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)


def test_the_variables_that_an_estimate_reads_are_those_that_are_listed() -> None:
    production = load_estate("inventories/production")
    regions = {region: Recorded(variables) for region, variables in production.regions.items()}
    places = places_of(regions, production.groups)
    savings(places, estimate_of(places, TODAY).lines)
    budget_of(regions["us-east-1"])
    assert set().union(*(one.read for one in regions.values())) == VARIABLES


def test_what_a_region_alone_lacks_is_told_of_that_region() -> None:
    """Where the schema does not ask for it; the estimator then names the region before the key."""
    production = load_estate("inventories/production")
    hosts = [
        Host(region, {**variables, "platform_region": region, "kms_keys": None if region == "us-west-2" else {}})
        for region, variables in production.regions.items()
    ]
    inventory = read_inventory(["inventories/production"], [])
    assert find_budget_problems(hosts, inventory, TODAY, []) == [
        Finding("us-west-2", "kms_keys", "is missing, and what it costs cannot be told without it")
    ]
