"""Rotation of nodes: when it runs, what it may do, and what its script does with kubectl and an Auto Scaling group."""

import re
from pathlib import Path
from typing import Any

import pytest
from inventory import role_figures
from rendering import PRODUCTION, Manifest, chart_values, containers, of_kind, one, pod_spec, render, rendered
from simulated_nodes import SCRIPT, Pod, Run, Simulation, node, run

pytestmark = pytest.mark.slow
DRAIN = "kubectl drain {} --ignore-daemonsets --delete-emptydir-data --timeout 60s"
TERMINATE = (
    "aws autoscaling terminate-instance-in-auto-scaling-group --instance-id {} --no-should-decrement-desired-capacity"
)


def simulation(*nodes: Any, **more: Any) -> Simulation:
    return Simulation({one["metadata"]["name"]: one for one in nodes}, **more)


def instance(name: str) -> str:
    return f"i-{name.encode().hex()}"


def terminations(result: Run) -> list[str]:
    return [one for one in result.commands if one.startswith("aws")]


def test_what_is_too_old_is_replaced_one_after_the_other_oldest_first(tmp_path: Path) -> None:
    world = simulation(
        node("own", 1), node("young", 3), node("an-old", 200), node("older", 300, "compute"), pods=[Pod("a", "an-old")]
    )
    result = run(world, tmp_path)
    assert result.commands == [
        DRAIN.format("older"),
        TERMINATE.format(instance("older")),
        DRAIN.format("an-old"),
        TERMINATE.format(instance("an-old")),
    ]
    assert result.status == 0, result.output
    assert world.terminated == ["older", "an-old"]
    assert world.pods == []
    assert sorted(world.nodes) == ["an-old-new", "older-new", "own", "young"]


@pytest.mark.parametrize(("hours", "due"), [(4.1, True), (3.9, False), (167, True)])
def test_no_node_outlives_the_maximum_age_by_more_than_the_window(tmp_path: Path, hours: float, due: bool) -> None:
    """Who would be older than seven days before the next window goes in this one, which is nearly all, once a week."""
    world = simulation(node("own", 1), node("other", hours))
    run(world, tmp_path)
    assert world.terminated == (["other"] if due else [])


def test_nothing_to_do_does_nothing(tmp_path: Path) -> None:
    result = run(simulation(node("own", 1), node("young", 1)), tmp_path)
    assert (result.status, result.commands) == (0, [])


def test_its_own_node_is_left_to_the_next_run_which_will_rather_start_elsewhere(tmp_path: Path) -> None:
    world = simulation(node("own", 200))
    result = run(world, tmp_path)
    assert (result.status, world.terminated) == (0, [])
    assert [taint["effect"] for taint in world.nodes["own"]["spec"]["taints"]] == ["PreferNoSchedule"]
    assert "own: is due, and this runs on it; the next run takes it" in result.output


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"taint": "ToBeDeletedByClusterAutoscaler"}, "the autoscaler is removing it"),
        ({"cordoned": True}, "it is cordoned, and not by this"),
        ({"ready": False}, "it is not ready"),
        ({"provider_id": "kwok://x"}, "it has no instance of EC2, but: kwok://x"),
    ],
)
def test_nodes_in_other_hands_are_left_alone(tmp_path: Path, more: dict[str, Any], reason: str) -> None:
    result = run(simulation(node("own", 1), node("old", 200, **more)), tmp_path)
    assert (result.status, result.commands) == (0, [])
    assert f"old: left alone, as {reason}" in result.output


def test_a_node_that_a_budget_holds_goes_back_into_service_and_the_others_go_on(tmp_path: Path) -> None:
    world = simulation(
        node("own", 1), node("held", 300), node("old", 200), pods=[Pod("a", "held", blocked=True), Pod("b", "old")]
    )
    result = run(world, tmp_path, DRAIN_TIMEOUT_SECONDS="1")
    assert result.status == 1
    assert world.terminated == ["old"]
    assert not world.nodes["held"]["spec"].get("unschedulable")
    assert "it would violate the pod's disruption budget" in result.output
    assert "held: could not be drained in 1 s; above is which pods stayed, and why" in result.output
    assert result.output.endswith("not replaced: held\n")


def test_instances_that_aws_keeps_go_back_into_service(tmp_path: Path) -> None:
    world = simulation(node("own", 1), node("older", 300), node("old", 200), terminates=False)
    result = run(world, tmp_path)
    assert result.status == 1
    assert not any(one["spec"].get("unschedulable") for one in world.nodes.values())
    assert f"old: {instance('old')} could not be terminated" in result.output
    assert result.output.endswith("not replaced: older old\n")


@pytest.mark.parametrize(
    "more",
    [{"replaces": False}, {"replaces": False, "lingers": True}, {"ready": False}],
    ids=["none comes", "none comes, and the old one still looks ready", "it does not become ready"],
)
def test_without_a_replacement_no_further_node_is_touched(tmp_path: Path, more: dict[str, bool]) -> None:
    world = simulation(node("own", 1), node("older", 300), node("old", 200), **more)
    result = run(world, tmp_path, REPLACEMENT_TIMEOUT_SECONDS="0")
    assert result.status == 1
    assert world.terminated == ["older"]
    assert "older: 2 of 3 nodes of general are ready after 0 s" in result.output
    assert "no further node is touched while general has one less" in result.output


def test_nodes_of_other_groups_replace_nothing(tmp_path: Path) -> None:
    world = simulation(node("own", 1), node("old", 200, "memory"), replaces=False)
    assert "0 of 1 nodes of memory are ready" in run(world, tmp_path, REPLACEMENT_TIMEOUT_SECONDS="0").output


def test_what_there_is_no_time_for_is_left_to_the_next_run(tmp_path: Path) -> None:
    """A node is begun when it can be ended, at its slowest, before the run's time is over."""
    world = simulation(node("own", 1), node("old", 200))
    result = run(world, tmp_path, RUN_SECONDS="110")
    assert (result.status, result.commands) == (0, [])
    assert "left for the next run, as there is no time for them: old" in result.output


def test_who_is_told_to_end_leaves_no_node_cordoned(tmp_path: Path) -> None:
    world = simulation(node("own", 1), node("held", 200), pods=[Pod("a", "held", blocked=True)])
    result = run(world, tmp_path, interrupt=lambda: bool(world.nodes["held"]["spec"].get("unschedulable")))
    assert result.status == 143
    assert (world.terminated, world.nodes["held"]["spec"].get("unschedulable")) == ([], None)
    assert "held: taking it back into service" in result.output


@pytest.mark.parametrize("missing", ["kubectl", "aws"])
def test_a_missing_program_is_named(tmp_path: Path, missing: str) -> None:
    result = run(simulation(), tmp_path, tools=tuple({"kubectl", "aws"} - {missing}))
    assert (result.status, result.output) == (2, f"missing: program {missing}\n")


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    result = run(simulation(), tmp_path, NODE_NAME=None, RUN_SECONDS="")
    assert (result.status, result.output) == (2, "missing: variable NODE_NAME\nmissing: variable RUN_SECONDS\n")


def test_an_api_server_that_does_not_answer_ends_it(tmp_path: Path) -> None:
    world = simulation(node("old", 200))
    world.answer = lambda *_: (500, {})  # type: ignore[method-assign]
    result = run(world, tmp_path)
    assert result.status not in (0, 2)
    assert result.commands == []


# What kubectl and the script ask for: path to group, resource and verb.
_REQUESTS = [
    (r"GET /api/v1/nodes", ("", "nodes", "list")),
    (r"GET /api/v1/nodes/[^/]+", ("", "nodes", "get")),
    (r"PATCH /api/v1/nodes/[^/]+", ("", "nodes", "patch")),
    (r"GET /api/v1/pods", ("", "pods", "list")),
    (r"GET /api/v1/namespaces/[^/]+/pods/[^/]+", ("", "pods", "get")),
    (r"POST /api/v1/namespaces/[^/]+/pods/[^/]+/eviction", ("", "pods/eviction", "create")),
    (r"GET /apis/apps/v1/namespaces/[^/]+/daemonsets/[^/]+", ("apps", "daemonsets", "get")),
]


def _right(request: tuple[str, str]) -> tuple[str, str, str]:
    return next(right for pattern, right in _REQUESTS if re.fullmatch(pattern, " ".join(request)))


def test_its_role_is_what_kubectl_asks_for_and_no_more(tmp_path: Path) -> None:
    world = simulation(
        node("own", 200),
        node("held", 300),
        node("old", 200),
        pods=[Pod("a", "held", blocked=True), Pod("b", "old"), Pod("c", "old", daemon=True)],
    )
    run(world, tmp_path, DRAIN_TIMEOUT_SECONDS="1")
    role = one(rendered(PRODUCTION), "ClusterRole", "trading-engine-node-rotation")
    allowed = {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    assert {_right(request) for request in world.requests} == allowed


def _cronjob(manifests: list[Manifest]) -> Manifest:
    return one(manifests, "CronJob", "node-rotation", "node-rotation")


def _environment(manifest: Manifest) -> dict[str, str]:
    return {one["name"]: one.get("value", "") for one in containers(manifest)[0]["env"]}


DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_it_runs_in_the_maintenance_window(environment: str) -> None:
    """Two runs, that end before the window does, whenever each begins and however slow its last node is."""
    begin, end = role_figures(environment, "platform")["platform_maintenance_window"].split("-")
    (day, begins, _), (last_day, ends, _) = begin.split(":"), end.split(":")
    assert day == last_day
    job = _cronjob(rendered(PRODUCTION))["spec"]
    minute, hours, *rest = job["schedule"].split()
    first, second = map(int, hours.split(","))
    assert (minute, first, rest) == ("0", int(begins), ["*", "*", str(DAYS.index(day))])
    assert job["timeZone"] == "Etc/UTC"
    longest = job["startingDeadlineSeconds"] + job["jobTemplate"]["spec"]["activeDeadlineSeconds"]
    assert first * 3600 + longest <= second * 3600
    assert second * 3600 + longest <= int(ends) * 3600
    assert (job["concurrencyPolicy"], job["jobTemplate"]["spec"]["backoffLimit"]) == ("Forbid", 0)


def test_a_run_ends_by_itself_and_has_time_for_several_nodes() -> None:
    manifest = _cronjob(rendered(PRODUCTION))
    settings = {name: int(value) for name, value in _environment(manifest).items() if name.endswith("_SECONDS")}
    assert settings["RUN_SECONDS"] < manifest["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"]
    one_node = settings["DRAIN_TIMEOUT_SECONDS"] + settings["REPLACEMENT_TIMEOUT_SECONDS"]
    assert settings["RUN_SECONDS"] >= 3 * one_node


def test_the_maximum_age_is_that_of_the_document() -> None:
    settings = _environment(_cronjob(rendered(PRODUCTION)))
    assert int(settings["MAXIMUM_AGE_SECONDS"]) == chart_values()["node-rotation"]["maximumAgeDays"] * 86400 == 604800
    # From the end of this window to the beginning of the next.
    assert int(settings["NEXT_WINDOW_SECONDS"]) == (7 * 24 - 4) * 3600


def test_a_drain_has_time_for_the_slowest_pod() -> None:
    """A pod that takes its whole grace, of each of two budgets on a node one after the other."""
    manifests = rendered(PRODUCTION)
    graces = [
        pod_spec(owner).get("terminationGracePeriodSeconds", 30)
        for owner in of_kind(manifests, "Deployment", "StatefulSet")
    ]
    assert 2 * max(graces) <= int(_environment(_cronjob(manifests))["DRAIN_TIMEOUT_SECONDS"])


def test_the_pod_runs_the_script_that_is_tested_with_all_its_settings() -> None:
    manifests = rendered(PRODUCTION)
    script = one(manifests, "ConfigMap", "node-rotation", "node-rotation")["data"]["rotate-nodes.sh"]
    assert script.strip() == SCRIPT.read_text(encoding="utf-8").strip()
    needed = re.search(r"^settings=\((.*)\)$", script, re.MULTILINE)
    assert needed
    assert set(needed[1].split()) <= _environment(_cronjob(manifests)).keys()
    own = next(one for one in containers(_cronjob(manifests))[0]["env"] if one["name"] == "NODE_NAME")
    assert own["valueFrom"] == {"fieldRef": {"fieldPath": "spec.nodeName"}}


def test_a_longer_window_is_split_in_two_too() -> None:
    wider = {"node-rotation": {"window": {"weekday": 6, "startHour": 1, "hours": 6}}}
    job = _cronjob(render(*PRODUCTION.values, wider))["spec"]
    assert job["schedule"] == "0 1,4 * * 6"
    assert job["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 3 * 3600 - job["startingDeadlineSeconds"]
