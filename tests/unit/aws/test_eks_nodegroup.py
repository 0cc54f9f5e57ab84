"""The module eks_nodegroup: its size belongs to the autoscaler, its nodes change by version, the rest is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eks_estate import CLUSTER, TAGS, make_cluster, make_role, make_volume_key
from harness import load, run_module, writes

from trading_platform.aws.eks_nodegroup import rolling_message, sizes_of, taints_of
from trading_platform.emulator.testing import EmulatorServer

main = load("eks_nodegroup").main
LONG, SHORT = 3600.0, 0.2
TAINT = {"key": "workload", "value": "compute", "effect": "NO_SCHEDULE"}


def make_template(aws: EmulatorServer, key_arn: str) -> str:
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 100, "Encrypted": True, "KmsKeyId": key_arn}}
    data = {"BlockDeviceMappings": [disk]}
    answer = aws.client("ec2").create_launch_template(LaunchTemplateName="compute", LaunchTemplateData=data)
    return str(answer["LaunchTemplate"]["LaunchTemplateId"])


@pytest.fixture
def eks(aws: EmulatorServer) -> Any:
    return aws.client("eks")


@pytest.fixture
def arguments(aws: EmulatorServer) -> dict[str, Any]:
    cluster = make_cluster(aws)
    return {
        "cluster_name": CLUSTER,
        "name": "compute",
        "version": "1.35",
        "node_role_arn": make_role(aws.client("iam"), "node", "ec2.amazonaws.com"),
        "subnet_ids": cluster["resourcesVpcConfig"]["subnetIds"],
        "instance_types": ["c6i.2xlarge", "c5.2xlarge"],
        "capacity_type": "spot",
        "launch_template_id": make_template(aws, make_volume_key(aws)),
        "launch_template_version": 1,
        "min_size": 2,
        "max_size": 20,
        "labels": {"workload": "compute"},
        "taints": [TAINT],
        "tags": TAGS,
    }


def nodegroup(eks: Any) -> dict[str, Any]:
    return dict(eks.describe_nodegroup(clusterName=CLUSTER, nodegroupName="compute")["nodegroup"])


def test_check_then_create_then_again(eks: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and eks.list_nodegroups(clusterName=CLUSTER)["nodegroups"] == []
    assert check["eks_nodegroup"]["autoscaling_group_names"] == ["eks-compute-planned"]
    result = run_module(main, arguments)
    assert writes(result) == ["eks.CreateNodegroup"] and result["diff"] == check["diff"]
    made = nodegroup(eks)
    assert made["scalingConfig"] == {"minSize": 2, "maxSize": 20, "desiredSize": 2}
    assert made["capacityType"] == "SPOT" and made["instanceTypes"] == ["c6i.2xlarge", "c5.2xlarge"]
    assert made["taints"] == [TAINT] and made["labels"] == {"workload": "compute"} and made["tags"] == TAGS
    assert made["updateConfig"] == {"maxUnavailablePercentage": 33}
    assert made["launchTemplate"]["version"] == "1" and made["amiType"] == "AL2023_x86_64_STANDARD"
    again = run_module(main, {**arguments, "wait": True})
    assert not again["changed"] and again["api_calls"] == ["eks.DescribeNodegroup"]
    assert again["eks_nodegroup"]["autoscaling_group_names"] == [made["resources"]["autoScalingGroups"][0]["name"]]


def test_parents_of_a_dry_run(arguments: dict[str, Any]) -> None:
    planned = {**arguments, "launch_template_id": "lt-planned", "subnet_ids": ["subnet-planned"]}
    assert run_module(main, planned, check=True)["changed"]
    assert run_module(main, {**planned, "cluster_name": "not-there"}, check=True)["changed"]
    assert run_module(main, planned)["failed"]


def test_the_order_of_instance_types_is_no_difference(arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    assert not run_module(main, {**arguments, "instance_types": ["c5.2xlarge", "c6i.2xlarge"]})["changed"]


def test_the_desired_size_is_the_autoscalers(eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    names = {"clusterName": CLUSTER, "nodegroupName": "compute"}
    eks.update_nodegroup_config(**names, scalingConfig={"desiredSize": 7})
    assert not run_module(main, arguments)["changed"]
    run_module(main, {**arguments, "max_size": 30})
    assert nodegroup(eks)["scalingConfig"] == {"minSize": 2, "maxSize": 30, "desiredSize": 7}
    run_module(main, {**arguments, "min_size": 9})
    assert nodegroup(eks)["scalingConfig"] == {"minSize": 9, "maxSize": 20, "desiredSize": 9}
    run_module(main, {**arguments, "max_size": 5})
    assert nodegroup(eks)["scalingConfig"] == {"minSize": 2, "maxSize": 5, "desiredSize": 5}


@pytest.mark.parametrize(
    ("desired", "sizes"),
    [
        (4, {"minSize": 3, "maxSize": 9}),
        (2, {"minSize": 3, "maxSize": 9, "desiredSize": 3}),
        (9, {"minSize": 3, "maxSize": 9}),
    ],
)
def test_desired_size_is_sent_only_from_outside_of_the_limits(desired: int, sizes: dict[str, int]) -> None:
    assert sizes_of(desired, {"min_size": 3, "max_size": 9}) == sizes


def test_taints_differ_by_key_and_effect() -> None:
    other = {**TAINT, "value": "memory"}
    assert taints_of([TAINT], [other]) == {"addOrUpdateTaints": [other], "removeTaints": []}
    assert taints_of([TAINT], []) == {"addOrUpdateTaints": [], "removeTaints": [TAINT]}


def test_drift_is_repaired(eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    names = {"clusterName": CLUSTER, "nodegroupName": "compute"}
    stray = {"key": "stray", "value": "1", "effect": "NO_EXECUTE"}
    eks.update_nodegroup_config(
        **names,
        labels={"addOrUpdateLabels": {"stray": "1"}, "removeLabels": ["workload"]},
        taints={"addOrUpdateTaints": [stray], "removeTaints": [TAINT]},
        updateConfig={"maxUnavailable": 1},
        scalingConfig={"maxSize": 3},
    )
    eks.tag_resource(resourceArn=nodegroup(eks)["nodegroupArn"], tags={"ManagedBy": "hand", "stray": "1"})
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: labels, max_size, max_unavailable_percentage, tags, taints"]
    result = run_module(main, {**arguments, "wait": True})
    assert writes(result) == ["eks.UntagResource", "eks.TagResource", "eks.UpdateNodegroupConfig"]
    made = nodegroup(eks)
    assert (made["labels"], made["taints"], made["tags"]) == ({"workload": "compute"}, [TAINT], TAGS)
    assert not run_module(main, arguments)["changed"]


def test_a_new_launch_template_version_replaces_the_nodes(
    aws: EmulatorServer, eks: Any, arguments: dict[str, Any]
) -> None:
    run_module(main, arguments)
    template = {"LaunchTemplateId": arguments["launch_template_id"]}
    aws.client("ec2").create_launch_template_version(**template, SourceVersion="1", LaunchTemplateData={})
    newer = {**arguments, "launch_template_version": 2}
    assert run_module(main, newer, check=True)["actions"] == ["update: launch_template_version"]
    aws.delay(eks_nodegroup=LONG)
    assert run_module(main, newer)["eks_nodegroup"]["status"] == "UPDATING"
    aws.delay(eks_nodegroup=SHORT)
    waited = run_module(main, {**newer, "wait": True})
    assert writes(waited) == [] and waited["eks_nodegroup"]["launch_template_version"] == "2"
    assert nodegroup(eks)["launchTemplate"]["version"] == "2"


def test_nodes_follow_the_clusters_version(eks: Any, aws: EmulatorServer, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    eks.update_cluster_version(name=CLUSTER, version="1.36")
    newer = {**arguments, "version": "1.36", "max_size": 10}
    aws.delay(eks_nodegroup=SHORT)
    result = run_module(main, {**newer, "wait": True})
    assert writes(result) == ["eks.UpdateNodegroupConfig", "eks.UpdateNodegroupVersion"]
    assert nodegroup(eks)["version"] == "1.36"
    back = run_module(main, {**arguments, "version": "1.34"})
    assert back["failed"] and "cannot go back" in back["msg"]


@pytest.mark.parametrize(
    "change",
    [
        {"instance_types": ["c6i.4xlarge"]},
        {"capacity_type": "on_demand"},
        {"subnet_ids": ["subnet-1"]},
        {"launch_template_id": "lt-1"},
        {"ami_type": "AL2023_ARM_64_STANDARD"},
        {"node_role_arn": "arn:aws:iam::123456789012:role/other"},
    ],
)
def test_what_cannot_change_is_refused_with_the_way_out(arguments: dict[str, Any], change: dict[str, Any]) -> None:
    run_module(main, arguments)
    result = run_module(main, {**arguments, **change}, check=True)
    assert result["failed"] and next(iter(change)) in result["msg"] and "compute-2" in result["msg"]
    assert writes(run_module(main, {**arguments, **change})) == []


def test_nothing_is_in_the_way_when_nothing_fixed_differs() -> None:
    state = {
        "node_role_arn": "a",
        "subnet_ids": [],
        "instance_types": [],
        "capacity_type": "SPOT",
        "ami_type": "x",
        "launch_template_id": "lt",
    }
    assert rolling_message("x", state, {**state, "labels": {}}) is None


def test_what_could_not_be_created_is_made_anew(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    ec2, bad = aws.client("ec2"), make_volume_key(aws, for_auto_scaling=False)
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "KmsKeyId": bad}}
    template = {"LaunchTemplateId": arguments["launch_template_id"]}
    ec2.create_launch_template_version(**template, LaunchTemplateData={"BlockDeviceMappings": [disk]})
    failed = run_module(main, {**arguments, "launch_template_version": 2, "wait": True})
    assert failed["failed"] and "CREATE_FAILED: AsgInstanceLaunchFailures" in failed["msg"]
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == []
    result = run_module(main, {**arguments, "wait": True})
    assert writes(result) == ["eks.DeleteNodegroup", "eks.CreateNodegroup"]
    assert nodegroup(eks)["status"] == "ACTIVE"
    assert not run_module(main, arguments)["changed"]


def take_key_away(aws: EmulatorServer, template: str) -> None:
    """Let no instance of a launch template start any more: Auto Scaling may not use the key of their volumes."""
    (version,) = aws.client("ec2").describe_launch_template_versions(LaunchTemplateId=template)[
        "LaunchTemplateVersions"
    ]
    key = version["LaunchTemplateData"]["BlockDeviceMappings"][0]["Ebs"]["KmsKeyId"]
    account = {"AWS": f"arn:aws:iam::{aws.account_id}:root"}
    statement = {"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy)


def scaling_group(eks: Any) -> str:
    return str(nodegroup(eks)["resources"]["autoScalingGroups"][0]["name"])


def warnings_of(result: dict[str, Any]) -> list[str]:
    # In a process that has loaded Ansible's controller a warning is text.
    return [one if isinstance(one, str) else one["event"]["msg"] for one in result["warnings"]]


@pytest.fixture
def degraded(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a node group that exists and could not scale out."""
    run_module(main, arguments)
    take_key_away(aws, arguments["launch_template_id"])
    aws.client("autoscaling").set_desired_capacity(AutoScalingGroupName=scaling_group(eks), DesiredCapacity=3)
    assert nodegroup(eks)["status"] == "DEGRADED"
    return arguments


def test_a_degraded_group_that_is_as_it_should_be_is_told_and_not_waited_for(
    eks: Any, degraded: dict[str, Any]
) -> None:
    waiting: tuple[dict[str, Any], ...] = ({}, {"wait": True, "wait_timeout": 1})
    for more in waiting:
        result = run_module(main, {**degraded, **more})
        assert not result.get("failed") and not result["changed"] and result["eks_nodegroup"]["status"] == "DEGRADED"
        (warning,) = warnings_of(result)
        assert warning.startswith("EKS node group compute is DEGRADED: AsgInstanceLaunchFailures: ")
        assert warning.endswith(f"({scaling_group(eks)})")
    assert warnings_of(run_module(main, degraded, check=True)) == [warning]
    gone = {"cluster_name": CLUSTER, "name": "compute", "state": "absent", "wait": True}
    assert writes(run_module(main, gone)) == ["eks.DeleteNodegroup"]


def test_a_degraded_group_that_must_change_is_refused_at_once(eks: Any, degraded: dict[str, Any]) -> None:
    result = run_module(main, {**degraded, "max_size": 30, "wait_timeout": 5})
    assert result["failed"] and writes(result) == ["eks.UpdateNodegroupConfig"]
    assert "EKS node group compute is DEGRADED: AsgInstanceLaunchFailures: " in result["msg"]
    assert f"Let {scaling_group(eks)} scale out" in result["msg"] and "compute-2" in result["msg"]
    tagged = run_module(main, {**degraded, "tags": {**TAGS, "Team": "data"}, "wait": True})
    assert writes(tagged) == ["eks.TagResource"] and nodegroup(eks)["tags"]["Team"] == "data"


def test_a_change_after_which_it_is_degraded_is_made_and_told(
    aws: EmulatorServer, eks: Any, arguments: dict[str, Any]
) -> None:
    run_module(main, arguments)
    take_key_away(aws, arguments["launch_template_id"])
    aws.delay(eks_nodegroup=SHORT)
    result = run_module(main, {**arguments, "min_size": 5, "wait": True, "wait_timeout": 5})
    assert not result.get("failed") and writes(result) == ["eks.UpdateNodegroupConfig"]
    assert (result["eks_nodegroup"]["status"], result["eks_nodegroup"]["min_size"]) == ("DEGRADED", 5)
    assert "compute is DEGRADED" in warnings_of(result)[0]


def test_a_new_group_that_ends_degraded_is_told_and_not_waited_for(
    aws: EmulatorServer, arguments: dict[str, Any]
) -> None:
    aws.delay(eks_nodegroup=LONG)
    assert run_module(main, arguments)["eks_nodegroup"]["status"] == "CREATING"
    take_key_away(aws, arguments["launch_template_id"])
    scaling = aws.client("autoscaling")
    (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    scaling.set_desired_capacity(AutoScalingGroupName=group["AutoScalingGroupName"], DesiredCapacity=3)
    aws.delay(eks_nodegroup=SHORT)
    result = run_module(main, {**arguments, "wait": True, "wait_timeout": 5})
    assert not result.get("failed") and result["eks_nodegroup"]["status"] == "DEGRADED"
    assert "compute is DEGRADED" in warnings_of(result)[0]


def test_an_update_in_progress_is_waited_for_though_the_group_says_active(
    aws: EmulatorServer, eks: Any, arguments: dict[str, Any]
) -> None:
    run_module(main, arguments)
    aws.delay(eks_nodegroup=LONG)
    assert run_module(main, {**arguments, "max_size": 30})["eks_nodegroup"]["status"] == "UPDATING"
    aws.delay(eks_nodegroup=SHORT)
    waited = run_module(main, {**arguments, "max_size": 31, "wait": True})
    assert writes(waited) == ["eks.UpdateNodegroupConfig"] and waited["eks_nodegroup"]["max_size"] == 31


def test_delete_and_delete_again(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    gone = {"cluster_name": CLUSTER, "name": "compute", "state": "absent", "wait": True}
    assert writes(run_module(main, gone, check=True)) == []
    aws.delay(eks_nodegroup=SHORT)
    assert writes(run_module(main, gone)) == ["eks.DeleteNodegroup"]
    assert eks.list_nodegroups(clusterName=CLUSTER)["nodegroups"] == []
    assert not run_module(main, gone)["changed"]


def test_an_error_of_the_api_is_reported(arguments: dict[str, Any]) -> None:
    result = run_module(main, {**arguments, "name": "n" * 64})
    assert result["failed"] and "can't be longer than 63 characters" in result["msg"]
