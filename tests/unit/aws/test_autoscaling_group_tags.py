"""The module autoscaling_group_tags: ours are as asked for, the others stay."""

from __future__ import annotations

from typing import Any

import pytest
from eks_estate import make_cluster, make_nodes
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("autoscaling_group_tags").main
PREFIX = "k8s.io/cluster-autoscaler/node-template/"
TAGS = {f"{PREFIX}label/workload": "compute", f"{PREFIX}taint/workload": "compute:NoSchedule"}


@pytest.fixture
def autoscaling(aws: EmulatorServer) -> Any:
    make_cluster(aws)
    make_nodes(aws)
    return aws.client("autoscaling")


@pytest.fixture
def arguments(autoscaling: Any) -> dict[str, Any]:
    (group,) = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    return {"name": group["AutoScalingGroupName"], "group_tags": TAGS}


def tags(autoscaling: Any) -> dict[str, tuple[str, bool]]:
    return {tag["Key"]: (tag["Value"], tag["PropagateAtLaunch"]) for tag in autoscaling.describe_tags()["Tags"]}


def test_check_then_write_then_again(autoscaling: Any, arguments: dict[str, Any]) -> None:
    before = tags(autoscaling)
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and tags(autoscaling) == before
    result = run_module(main, arguments)
    assert writes(result) == ["autoscaling.CreateOrUpdateTags"] and result["diff"] == check["diff"]
    assert tags(autoscaling) == before | {key: (value, False) for key, value in TAGS.items()}
    again = run_module(main, arguments)
    assert not again["changed"] and again["api_calls"] == ["autoscaling.DescribeTags"]


def test_the_group_of_a_dry_run(autoscaling: Any) -> None:
    check = run_module(main, {"name": "eks-compute-planned", "group_tags": TAGS}, check=True)
    assert check["changed"] and check["api_calls"] == []


def test_drift_is_repaired_and_what_is_not_ours_stays(autoscaling: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    identity = {"ResourceId": arguments["name"], "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
    drift = {f"{PREFIX}label/stray": "1", f"{PREFIX}label/workload": "lost", "owner": "somebody"}
    autoscaling.create_or_update_tags(Tags=[{**identity, "Key": key, "Value": value} for key, value in drift.items()])
    result = run_module(main, arguments)
    assert writes(result) == ["autoscaling.DeleteTags", "autoscaling.CreateOrUpdateTags"]
    after = tags(autoscaling)
    assert after["owner"][0] == "somebody" and f"{PREFIX}label/stray" not in after
    assert after["k8s.io/cluster-autoscaler/enabled"][0] == "true"
    assert not run_module(main, arguments)["changed"]


def test_removal(autoscaling: Any, arguments: dict[str, Any]) -> None:
    before = tags(autoscaling)
    run_module(main, arguments)
    assert writes(run_module(main, {**arguments, "state": "absent"})) == ["autoscaling.DeleteTags"]
    assert tags(autoscaling) == before
