"""The capacity report: what gives out first, the arithmetic of every row on production, and the exit codes."""

import copy
import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trading_platform.capacity_report import main
from trading_platform.inventory import Estate, load_estate
from trading_platform.node_limits import InstanceLimits, load_limits
from trading_platform.preflight.quotas import SERVICES
from trading_platform.scale.model import Demand, Dimension, Kind, RegionScale, Verdict, first_of, where
from trading_platform.scale.pods import Pod, Room, Workload, nodes_for, unplaced
from trading_platform.scale.quotas import load_quotas
from trading_platform.scale.read import plan_scale, typical_nodes
from trading_platform.scale.render import first_message, scale_as_dict
from trading_platform.scale.source import Nodes, ScaleError
from trading_platform.scale.volumes import pod_volumes

ROOT = Path(__file__).parents[2]
GIB = 2**30


@pytest.fixture(scope="module")
def production() -> Estate:
    return load_estate(ROOT / "inventories" / "production")


@pytest.fixture(scope="module")
def reported(production: Estate) -> dict[str, RegionScale]:
    return {one.region: one for one in plan_scale(production)}


def changed(estate: Estate, **changes: Any) -> Estate:
    """The same estate with variables of all regions changed; None takes one away."""
    regions = {}
    for region, variables in estate.regions.items():
        own = {**copy.deepcopy(dict(variables)), **changes}
        regions[region] = {key: value for key, value in own.items() if value is not None}
    return Estate(regions, estate.groups)


def row(region: RegionScale, name: str) -> Dimension:
    (found,) = (one for one in region.dimensions if one.name == name)
    return found


def amounts(dimension: Dimension) -> tuple[float | None, float | None, float | None, float | None]:
    demand = dimension.demand
    return demand.minimum, demand.typical, demand.full, dimension.holds


def dimension(low: float, typical: float, full: float, holds: float | None, **other: Any) -> Dimension:
    return Dimension(other.pop("name", "a"), "", Demand(low, typical, full), holds, **other)


# What gives out, and when.


@pytest.mark.parametrize(
    ("demand", "holds", "reach", "words"),
    [
        ((1, 2, 4), 4, None, ""),
        ((1, 2, 4), 3, 1.5, "between a typical month and full scale"),
        ((1, 2, 4), 2, 1.0, "in a typical month"),
        ((0, 4, 8), 1, 0.25, "between the minimum and a typical month"),
        ((5, 6, 7), 4, 0.0, "already at the minimum"),
        ((0, 0, math.inf), 9, 2.0, "at full scale"),
    ],
)
def test_when_something_gives_out(
    demand: tuple[float, float, float], holds: float, reach: float | None, words: str
) -> None:
    one = dimension(*demand, holds)
    assert one.reach == reach
    if reach is None:
        assert one.verdict is Verdict.FITS
    else:
        assert one.verdict is Verdict.GIVES_OUT
        assert where(one) == words


@given(st.lists(st.integers(0, 100), min_size=3, max_size=3), st.integers(0, 100))
def test_it_gives_out_exactly_where_some_scale_asks_for_more(demand: list[int], holds: int) -> None:
    one = dimension(*sorted(demand), holds)
    assert (one.reach is not None) == (max(demand) > holds)
    if one.reach is not None:
        assert 0 <= one.reach <= 2


def test_the_first_is_the_one_with_the_shortest_reach() -> None:
    early, late = dimension(1, 3, 5, 2, name="early"), dimension(1, 3, 50, 4, name="late")
    assert first_of([late, early]) == early
    assert first_of([dimension(1, 2, 3, 3)]) is None
    # Of two at the same scale, the one that is asked most of.
    assert first_of([dimension(2, 2, 2, 1, name="twice"), dimension(3, 3, 3, 1, name="thrice")]).name == "thrice"  # type: ignore[union-attr]


def test_quotas_are_raised_and_decide_nothing() -> None:
    quota = dimension(16, 20, 60, 5, name="quota: vCPUs", kind=Kind.QUOTA)
    region = RegionScale("here", (quota, dimension(1, 1, 1, 2)))
    assert quota.verdict is Verdict.RAISE
    assert region.gives_out is None
    assert region.to_raise == (quota,)
    assert first_message(region).endswith("The least room has a: 50 % used there.")


def test_what_is_not_known_is_not_called_fitting() -> None:
    assert Dimension("a", "", Demand(None, None, None), 5).verdict is Verdict.UNKNOWN
    assert dimension(1, 2, 3, None).verdict is Verdict.UNKNOWN
    assert dimension(0, 0, 0, 0).used is None


# Pods and nodes.


def test_pods_are_packed_by_cores_memory_and_number() -> None:
    node = Room(2.0, 4.0 * GIB)
    assert nodes_for([Pod("a", 1, GIB)] * 5, node, 110) == 3
    assert nodes_for([Pod("a", 0.1, 2 * GIB)] * 5, node, 110) == 3
    assert nodes_for([Pod("a", 0.1, 1)] * 5, node, 2) == 3
    assert nodes_for([], node, 110) == 0
    assert nodes_for([Pod("a", 3, 1)], node, 110) == math.inf
    assert unplaced([Pod("a", 1, GIB)] * 5, [node] * 2) == ["a"]


@given(st.lists(st.floats(0.05, 2.0), max_size=40))
def test_the_nodes_that_pods_take_hold_them(cores: list[float]) -> None:
    pods, node = [Pod("a", one, 1) for one in cores], Room(2.0, GIB)
    count = nodes_for(pods, node, 110)
    assert unplaced(pods, [node] * int(count)) == []
    assert count >= sum(cores) / 2.0 - 1e-3


def test_replicas_grow_with_the_nodes() -> None:
    one = Workload(Pod("api", 1, 1), "here", "general", fewest=3, most=10, volumes=0)
    assert [one.replicas(way) for way in (0, 1 / 7, 0.5, 1)] == [3, 4, 7, 10]


@pytest.mark.parametrize(
    ("instance_type", "volumes"),
    [
        ("t3.xlarge", 28 - 4 - 1),
        ("r6i.large", 28 - 3 - 1),
        ("c7i.2xlarge", 32 - 1),
        ("m4.xlarge", 40 - 1),
        ("c5d.xlarge", None),
        ("m5.metal", None),
    ],
)
def test_volumes_of_pods_on_a_node(instance_type: str, volumes: int | None) -> None:
    assert pod_volumes(load_limits()[instance_type]) == volumes


def test_a_size_of_a_dedicated_family_that_the_source_lacks() -> None:
    assert pod_volumes(InstanceLimits("m7i.metal-48xl", 192, 15, 50, True)) is None


# Typical nodes.


def variables(**usage: Any) -> dict[str, Any]:
    return {"eks_node_groups": {"general": {"min_size": 3, "max_size": 10}}, **usage}


def test_typical_nodes_are_those_of_the_usage() -> None:
    usage = {"primary": {"nodes": {"general": 4}}, "dr": {"nodes": {"general": 3}}}
    assert typical_nodes("here", "primary", variables(cost_usage=usage)) == ({"general": Nodes(3, 4, 10)}, [])
    assert typical_nodes("here", "dr", variables(cost_usage=usage)) == ({"general": Nodes(3, 3, 10)}, [])


@pytest.mark.parametrize("usage", [{}, {"cost_usage": {}}, {"cost_usage": {"primary": {"nodes": {"memory": 1}}}}])
def test_without_usage_the_middle_is_taken_and_told(usage: dict[str, Any]) -> None:
    # (3 + 10) / 2 is 6.5.
    assert typical_nodes("here", "primary", variables(**usage)) == ({"general": Nodes(3, 7, 10)}, ["general"])


@pytest.mark.parametrize("wrong", [2, 11, "4", True, 4.5])
def test_a_typical_number_that_cannot_be_is_refused_by_name(wrong: object) -> None:
    with pytest.raises(ScaleError, match=r"here: cost_usage\.primary\.nodes\.general: must be .* from 3 to 10"):
        typical_nodes("here", "primary", variables(cost_usage={"primary": {"nodes": {"general": wrong}}}))


# Production, by hand.


def test_nodes_and_what_the_workers_ask_of_them(reported: dict[str, RegionScale]) -> None:
    region = reported["us-east-1"]
    assert amounts(row(region, "compute: nodes")) == (2, 4, 20, 20)
    assert amounts(row(region, "compute: vCPUs")) == (16, 32, 160, 160)
    # Workers, of a core and a GiB: 2 to 20; 4 nodes are 2 of the 18 that may be added, and so 4 workers.
    low, typical, full, holds = amounts(row(region, "compute: CPU requested"))
    assert (low, typical, full) == (2, 4, 20)
    # 8 vCPUs less 0.09 for kubelet, 0.58 for the add-ons and 0.025 for node-exporter.
    assert holds == pytest.approx(20 * (8 - 0.09 - 0.58 - 0.025))
    assert amounts(row(region, "compute: memory requested"))[:3] == (2, 4, 20)
    # Seven a node.
    assert amounts(row(region, "compute: nodes for its pods")) == (1, 1, 3, 20)
    # A node has 8 pods of add-ons and node-exporter, and room for 110.
    assert amounts(row(region, "compute: pods")) == (2 + 2 * 9, 4 + 4 * 9, 20 + 20 * 9, 20 * 110)


def test_the_three_nodes_of_elasticsearch(production: Estate) -> None:
    """Two would hold its pods and Prometheus, but they must be in three zones."""
    groups = copy.deepcopy(dict(production.regions["us-east-1"]["eks_node_groups"]))
    assert groups["memory"]["min_size"] == 3
    groups["memory"]["min_size"] = 1
    region = plan_scale(changed(production, eks_node_groups=groups, cost_usage=None))[0]
    memory = row(region, "memory: nodes for its pods")
    assert amounts(memory) == (3, 3, 3, 5)
    assert memory.note == "the autoscaler will have 3 nodes at the minimum and not 1, as the pods need them"
    assert amounts(row(region, "memory: volumes of pods")) == (4, 4, 4, 5 * 23)


def test_addresses(reported: dict[str, RegionScale]) -> None:
    # A node takes one address of its own; its pods 8 blocks of 16 and an interface's own.
    assert amounts(row(reported["us-east-1"], "addresses: private subnets")) == (8, 11, 35, 3 * 251)
    assert amounts(row(reported["us-east-1"], "addresses: pod subnets")) == (8 * 129, 11 * 129, 35 * 129, 49137)


def test_connections_and_redis(reported: dict[str, RegionScale]) -> None:
    region = reported["us-east-1"]
    database = row(region, "database: connections, 1 a pod")
    # API 3, 4 and 10; workers 2, 4 and 20; the exporter. 1,000 less 3 and 2 for administrators.
    assert amounts(database) == (3 + 2 + 1, 4 + 4 + 1, 10 + 20 + 1, 995)
    assert "up to 33 connections a pod" in database.note  # (995 - 1) / 30
    assert amounts(row(region, "redis: connections, 1 a pod")) == (4, 5, 11, 65_000)
    assert row(region, "redis: memory for data").holds == pytest.approx(13.07 * 0.75)


def test_a_standby_is_as_large_as_the_primary_after_a_takeover(reported: dict[str, RegionScale]) -> None:
    first, standby = reported["us-east-1"], reported["us-west-2"]
    assert amounts(row(standby, "compute: CPU requested"))[:2] == (0, 0)
    for one in first.dimensions:
        # The read replicas are the primary's.
        if not one.name.startswith("quota: RDS"):
            assert row(standby, one.name).demand.full == one.demand.full, one.name
    assert "Full scale is that of a region that took over" in " ".join(standby.notes)


def test_quotas_of_a_new_account(reported: dict[str, RegionScale]) -> None:
    region = reported["us-east-1"]
    # 4 vCPUs of t3.xlarge and of r6i.xlarge: 3, 4 and 10, and 3, 3 and 5 of them.
    vcpus = row(region, "quota: vCPUs of standard instances, on demand")
    assert amounts(vcpus) == (4 * (3 + 3), 4 * (4 + 3), 4 * (10 + 5), 5)
    assert amounts(row(region, "quota: RDS instances")) == (3, 3, 3, 40)


def test_every_quota_that_preflight_knows_has_its_default() -> None:
    assert {one.code for one in load_quotas()} == set(SERVICES)
    assert all(one.source.startswith("https://docs.aws.amazon.com/") for one in load_quotas())


def test_nothing_of_production_gives_out(reported: dict[str, RegionScale]) -> None:
    assert [one.gives_out for one in reported.values()] == [None, None]


# What may be different.


def test_pools_that_are_too_large_give_out_first(production: Estate) -> None:
    region = plan_scale(production, database_pool=40)[0]
    database = row(region, "database: connections, 40 a pod")
    assert amounts(database) == (5 * 40 + 1, 8 * 40 + 1, 30 * 40 + 1, 995)
    assert region.gives_out == database
    assert database.reach == pytest.approx(1 + (995 - 321) / (1201 - 321))
    assert first_message(region) == (
        "Gives out first: database: connections, 40 a pod, at 995 of the 1,201 that full scale asks for, "
        "between a typical month and full scale."
    )


def test_reserves_of_the_inventory_count(production: Estate) -> None:
    parameters = {"max_connections": 100, "superuser_reserved_connections": 10}
    region = plan_scale(changed(production, rds_parameters=parameters))[0]
    assert row(region, "database: connections, 1 a pod").holds == 100 - 10 - 2
    region = plan_scale(changed(production, rds_parameters={}))[0]
    assert row(region, "database: connections, 1 a pod").verdict is Verdict.UNKNOWN
    region = plan_scale(changed(production, elasticache_parameters={"reserved-memory-percent": "50"}))[0]
    assert row(region, "redis: memory for data").holds == pytest.approx(13.07 / 2)


def test_addresses_that_run_out(production: Estate) -> None:
    region = plan_scale(changed(production, eks_pod_networking={}))[0]
    assert amounts(row(region, "addresses: private subnets"))[2:] == (2100, 753)
    found = row(region, "addresses: nodes that find some")
    assert found.verdict is Verdict.GIVES_OUT
    assert region.gives_out in (found, row(region, "addresses: private subnets"))


def test_pods_larger_than_a_node_give_out(production: Estate) -> None:
    groups = copy.deepcopy(dict(production.regions["us-east-1"]["eks_node_groups"]))
    groups["memory"]["instance_types"] = ["t3.medium"]
    groups["general"]["instance_types"] = ["t3.medium"]
    region = plan_scale(changed(production, eks_node_groups=groups, cost_usage=None))[0]
    assert row(region, "general: nodes for its pods").verdict is Verdict.GIVES_OUT
    # Elasticsearch's 8 GiB find no node, however many there are.
    memory = row(region, "memory: nodes for its pods")
    assert (memory.demand.minimum, memory.reach, memory.used) == (math.inf, 0.0, None)
    assert json.dumps(scale_as_dict([region]), allow_nan=False)


def test_a_region_without_node_groups_has_no_pods(production: Estate) -> None:
    region = plan_scale(changed(production, eks_node_groups=None))[0]
    assert not any("pods" in one.name or one.name.startswith("addresses") for one in region.dimensions)
    assert row(region, "quota: RDS instances").demand.full == 3
    assert "There are no node groups" in region.notes[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rds_replica_count": None}, "us-east-1: rds_replica_count: is missing"),
        ({"rds_parameters": {"max_connections": "many"}}, "us-east-1: rds_parameters.max_connections: must be a whole"),
        ({"elasticache_parameters": {"reserved-memory-percent": 101}}, "reserved-memory-percent: must be a whole"),
        ({"eks_node_groups": {"general": {"instance_types": ["t3.xlrge"], "min_size": 1, "max_size": 2}}}, "t3.xlrge"),
        (
            {"eks_node_groups": {"general": {"instance_types": ["t3.xlarge"], "min_size": 4, "max_size": 4}}},
            "worker of the chart wants the node group compute, which eks_node_groups lacks",
        ),
    ],
)
def test_what_cannot_be_reckoned_with_is_named(production: Estate, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ScaleError) as wrong:
        plan_scale(changed(production, **changes))
    assert message in str(wrong.value)


# The command.


def test_the_command_on_staging(capsys: pytest.CaptureFixture[str]) -> None:
    inventory = str(ROOT / "inventories" / "staging")
    assert main([inventory, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["fits"] is True
    rows = {one["name"]: one for one in report["regions"]["us-east-1"]["dimensions"]}
    # 200 connections less 5; API and workers 4 each at full scale, and the exporter.
    assert rows["database: connections, 1 a pod"]["holds"] == 195
    assert rows["database: connections, 1 a pod"]["full"] == 9
    assert rows["general: nodes for its pods"]["full"] <= rows["general: nodes"]["holds"] == 4
    # The pool is what gives out now, and the exit code says so.
    assert main([inventory, "--database-pool", "30", "--markdown"]) == 1
    text = capsys.readouterr().out
    assert "| database: connections, 30 a pod |" in text
    assert "Gives out first: database: connections, 30 a pod, at 195 of the 241" in text


def test_the_command_tells_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "there is no inventory at" in capsys.readouterr().err
    hosts = {"all": {"children": {"primary": {"hosts": {"us-east-1": {"vpc_cidr": "10.0.0.0/99"}}}}}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump(hosts))
    assert main([str(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{tmp_path}: us-east-1: rds_replica_count: is missing" in printed.err
    assert f"{tmp_path}: us-east-1: vpc_cidr: " in printed.err
