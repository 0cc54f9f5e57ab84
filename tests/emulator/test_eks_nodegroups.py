"""EKS node groups: their Auto Scaling groups, their launch templates, and what AWS refuses."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from eks_ground import CLUSTER, Ground, make_ground
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

INVALID = "InvalidParameterException"
LONG = 3600.0
NODES = {"clusterName": CLUSTER, "nodegroupName": "general"}


@pytest.fixture
def ground(emulator: EmulatorServer) -> Ground:
    ground = make_ground(emulator)
    ground.create()
    return ground


def test_what_was_asked_for_is_described(ground: Ground) -> None:
    template = ground.make_template()
    taint = {"key": "workload", "value": "x", "effect": "NO_SCHEDULE"}
    ground.create_nodes(
        launchTemplate={"id": template},
        instanceTypes=["t3.xlarge"],
        capacityType="SPOT",
        labels={"a": "b"},
        taints=[taint],
        updateConfig={"maxUnavailablePercentage": 33},
        tags={"c": "d"},
    )
    nodes = ground.nodes()
    assert (nodes["capacityType"], nodes["instanceTypes"], nodes["labels"]) == ("SPOT", ["t3.xlarge"], {"a": "b"})
    assert nodes["taints"] == [taint] and nodes["updateConfig"] == {"maxUnavailablePercentage": 33}
    assert nodes["launchTemplate"] == {"id": template, "name": "nodes", "version": "1"} and "diskSize" not in nodes
    assert nodes["tags"] == {"c": "d"} and nodes["version"] == "1.35"


def test_the_auto_scaling_group_comes_and_goes_with_it(ground: Ground) -> None:
    ground.create_nodes()
    scaling = ground.emulator.client("autoscaling")
    (group,) = scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert group["AutoScalingGroupName"] == ground.nodes()["resources"]["autoScalingGroups"][0]["name"]
    assert (group["MinSize"], group["MaxSize"], group["DesiredCapacity"]) == (1, 3, 2)
    tags = {tag["Key"]: tag["Value"] for tag in group["Tags"]}
    assert tags["k8s.io/cluster-autoscaler/enabled"] == "true" and tags["eks:nodegroup-name"] == "general"
    ground.eks.update_nodegroup_config(**NODES, scalingConfig={"maxSize": 9})
    assert scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["MaxSize"] == 9
    ground.eks.delete_nodegroup(**NODES)
    assert scaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_labels_taints_and_updates(ground: Ground) -> None:
    old = {"key": "k", "value": "1", "effect": "NO_SCHEDULE"}
    ground.create_nodes(labels={"a": "1", "b": "2"}, taints=[old])
    new = {**old, "value": "2"}
    ground.eks.update_nodegroup_config(
        **NODES,
        labels={"addOrUpdateLabels": {"c": "3"}, "removeLabels": ["a"]},
        taints={"addOrUpdateTaints": [new]},
    )
    assert ground.nodes()["labels"] == {"b": "2", "c": "3"} and ground.nodes()["taints"] == [new]
    (update,) = ground.eks.list_updates(name=CLUSTER, nodegroupName="general")["updateIds"]
    found = ground.eks.describe_update(name=CLUSTER, nodegroupName="general", updateId=update)["update"]
    assert (found["type"], found["status"]) == ("ConfigUpdate", "Successful")


def test_states_take_their_time(ground: Ground, emulator: EmulatorServer) -> None:
    emulator.delay(eks_nodegroup=LONG)
    assert ground.create_nodes()["status"] == "CREATING" and "resources" not in ground.nodes()
    with refused("ResourceInUseException", "not in Active State"):
        ground.eks.update_nodegroup_config(**NODES, scalingConfig={"maxSize": 9})
    emulator.delay(eks_nodegroup=0)
    assert ground.nodes()["status"] == "ACTIVE"
    emulator.delay(eks_nodegroup=LONG)
    ground.eks.delete_nodegroup(**NODES)
    assert ground.nodes()["status"] == "DELETING"
    with refused("ResourceInUseException", "Cluster has nodegroups attached"):
        ground.eks.delete_cluster(name=CLUSTER)


def test_updates_take_their_time(ground: Ground, emulator: EmulatorServer) -> None:
    ground.create_nodes()
    emulator.delay(eks_nodegroup=LONG)
    ground.eks.update_nodegroup_config(**NODES, scalingConfig={"maxSize": 9})
    assert [ground.nodes()["status"] for _ in range(2)] == ["ACTIVE", "UPDATING"]
    assert ground.nodes()["scalingConfig"]["maxSize"] == 3
    with refused("ResourceInUseException", "in progress"):
        ground.eks.update_nodegroup_version(**NODES, version="1.35")
    emulator.delay(eks_nodegroup=0)
    assert (ground.nodes()["status"], ground.nodes()["scalingConfig"]["maxSize"]) == ("ACTIVE", 9)


def test_a_launch_template_changes_by_version_only(ground: Ground) -> None:
    template = ground.make_template()
    ground.create_nodes(launchTemplate={"id": template})
    ground.ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData={"EbsOptimized": False})
    ground.eks.update_nodegroup_version(**NODES, launchTemplate={"id": template, "version": "2"})
    assert ground.nodes()["launchTemplate"]["version"] == "2"
    with refused(INVALID, "only its version"):
        ground.eks.update_nodegroup_version(**NODES, launchTemplate={"name": "another", "version": "1"})
    bad = {"IamInstanceProfile": {"Name": "x"}}
    ground.ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData=bad)
    with refused(INVALID, "should not specify an instance profile"):
        ground.eks.update_nodegroup_version(**NODES, launchTemplate={"id": template, "version": "3"})


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"IamInstanceProfile": {"Name": "x"}}, "should not specify an instance profile"),
        ({"InstanceInitiatedShutdownBehavior": "stop"}, "shutdown behavior"),
        ({"HibernationOptions": {"Configured": True}}, "hibernation"),
        ({"InstanceMarketOptions": {"MarketType": "spot"}}, "instance market options"),
        ({"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": "subnet-1"}]}, "should not specify a subnet"),
        (
            {"SecurityGroupIds": ["sg-1"], "NetworkInterfaces": [{"DeviceIndex": 0, "Groups": ["sg-1"]}]},
            "both for the instance and for a network interface",
        ),
        ({"UserData": b64encode(b"#!/bin/sh\n").decode()}, "User data was not in the MIME multipart format"),
    ],
)
def test_contents_of_launch_templates(ground: Ground, data: dict[str, Any], text: str) -> None:
    template = ground.make_template(**data)
    with refused(INVALID, text):
        ground.create_nodes(launchTemplate={"id": template}, amiType="AL2023_x86_64_STANDARD")


@pytest.mark.parametrize(
    ("data", "more", "text"),
    [
        ({}, {"diskSize": 100}, "Disk size must be specified within the launch template."),
        ({}, {"remoteAccess": {"ec2SshKey": "k"}}, "Remote access configuration cannot be specified"),
        ({"InstanceType": "t3.large"}, {"instanceTypes": ["t3.large"]}, "instance types in both"),
        ({"ImageId": "ami-12345678"}, {"amiType": "AL2023_x86_64_STANDARD"}, "AMI Type when specifying an image id"),
    ],
)
def test_settings_stand_in_one_place(ground: Ground, data: dict[str, Any], more: dict[str, Any], text: str) -> None:
    template = ground.make_template(**data)
    with refused(INVALID, text):
        ground.create_nodes(launchTemplate={"id": template}, **more)


def test_a_launch_template_that_is_not_there(ground: Ground) -> None:
    with refused(INVALID, "Launch template lt-0123456789abcdef0 not found"):
        ground.create_nodes(launchTemplate={"id": "lt-0123456789abcdef0"})


def test_disks_with_a_key_that_auto_scaling_may_not_use_end_in_failure(ground: Ground) -> None:
    key = ground.emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "KmsKeyId": key}}
    ground.create_nodes(launchTemplate={"id": ground.make_template(BlockDeviceMappings=[disk])})
    nodes = ground.nodes()
    assert nodes["status"] == "CREATE_FAILED"
    assert nodes["health"]["issues"][0]["code"] == "AsgInstanceLaunchFailures"
    ground.eks.delete_nodegroup(**NODES)
    assert ground.eks.list_nodegroups(clusterName=CLUSTER)["nodegroups"] == []


def test_a_scale_out_that_fails_leaves_it_degraded_until_one_succeeds(ground: Ground) -> None:
    scaling, kms = ground.emulator.client("autoscaling"), ground.emulator.client("kms")
    role = ground.emulator.client("iam").create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]
    grant = policy_of({"AWS": role["Arn"]}, "kms:CreateGrant")
    key = kms.create_key(Policy=grant)["KeyMetadata"]["Arn"]
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": True, "KmsKeyId": key}}
    ground.create_nodes(launchTemplate={"id": ground.make_template(BlockDeviceMappings=[disk])})
    (group,) = ground.nodes()["resources"]["autoScalingGroups"]

    def scale(desired: int) -> dict[str, Any]:
        scaling.set_desired_capacity(AutoScalingGroupName=group["name"], DesiredCapacity=desired)
        return ground.nodes()

    assert scale(3)["status"] == "ACTIVE" and ground.nodes()["scalingConfig"]["desiredSize"] == 3
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy_of({"AWS": ground.node_role}, "kms:CreateGrant"))
    assert ground.nodes()["status"] == "ACTIVE"
    (issue,) = scale(4)["health"]["issues"]
    assert (issue["code"], issue["resourceIds"]) == ("AsgInstanceLaunchFailures", [group["name"]])
    with refused("ResourceInUseException", "Nodegroup cannot be updated as it is currently not in Active State"):
        ground.eks.update_nodegroup_config(**NODES, scalingConfig={"maxSize": 9})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=grant)
    assert scale(0)["status"] == "DEGRADED"
    assert (scale(1)["status"], ground.nodes()["health"]["issues"]) == ("ACTIVE", [])


def policy_of(principal: dict[str, str], action: str) -> str:
    """A key policy that lets a principal do one thing, and the account the rest."""
    account = {"AWS": "arn:aws:iam::123456789012:root"}
    granted = ((account, "kms:*"), (principal, action))
    statements = [{"Effect": "Allow", "Principal": who, "Action": what, "Resource": "*"} for who, what in granted]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_names(ground: Ground) -> None:
    with refused(INVALID, "nodeGroupName can't be longer than 63 characters!"):
        ground.create_nodes(nodegroupName="n" * 64)
    ground.create_nodes()
    with refused("ResourceInUseException", "NodeGroup already exists with name general and cluster name trading"):
        ground.create_nodes()
    with refused("ResourceNotFoundException", "No node group found for name: none."):
        ground.eks.describe_nodegroup(clusterName=CLUSTER, nodegroupName="none")
    with refused("ResourceNotFoundException", "No cluster found for name: none."):
        ground.create_nodes(clusterName="none")


def test_roles_and_subnets(ground: Ground) -> None:
    with refused(INVALID, "could not be assumed"):
        ground.create_nodes(nodeRole=ground.cluster_role)
    other = ground.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    stray = ground.ec2.create_subnet(VpcId=other, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    with refused(INVALID, "is not in the VPC of the cluster"):
        ground.create_nodes(subnets=[stray])
    with refused(INVALID, "does not exist"):
        ground.create_nodes(subnets=["subnet-0123456789abcdef0"])


@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        ((3, 5, 2), "Minimum capacity 3 can't be greater than desired size 2"),
        ((1, 2, 3), "Desired capacity 3 can't be greater than max size 2"),
    ],
)
def test_sizes(ground: Ground, sizes: tuple[int, int, int], text: str) -> None:
    with refused(INVALID, text):
        ground.create_nodes(scalingConfig=dict(zip(("minSize", "maxSize", "desiredSize"), sizes, strict=True)))


def test_new_limits_must_hold_the_live_desired_size(ground: Ground) -> None:
    ground.create_nodes()
    with refused(INVALID, "Minimum capacity 3 can't be greater than desired size 2"):
        ground.eks.update_nodegroup_config(**NODES, scalingConfig={"minSize": 3})
    ground.eks.update_nodegroup_config(**NODES, scalingConfig={"minSize": 3, "desiredSize": 3})


def test_amazon_linux_2_ends_with_1_32(ground: Ground) -> None:
    with refused(INVALID, "AMI Type AL2_x86_64 is only supported for kubernetes versions 1.32 or earlier"):
        ground.create_nodes(amiType="AL2_x86_64")


def test_nodes_are_never_ahead_of_the_cluster_nor_go_back(ground: Ground) -> None:
    with refused(INVALID, "Requested Nodegroup version 1.36 is ahead of cluster version 1.35"):
        ground.create_nodes(version="1.36")
    ground.create_nodes()
    with refused(INVALID, "Unsupported nodegroup version update from 1.35 to 1.34"):
        ground.eks.update_nodegroup_version(**NODES, version="1.34")
