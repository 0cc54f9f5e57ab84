"""The Auto Scaling groups of node groups, whose failures to launch instances make these DEGRADED."""

from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup, autoscaling_backends
from moto.ec2.models import ec2_backends
from moto.eks.responses import EKSResponse

from trading_platform.emulator.services.eks.launch_templates import volume_key_failure
from trading_platform.emulator.services.eks.store import Record


def launch_failure(response: EKSResponse, record: Record) -> dict[str, Any] | None:
    """The health issue of a group that cannot launch instances now."""
    template = record.data.get("launchTemplate")
    issue = volume_key_failure(response, template) if template else None
    return {**issue, "resourceIds": [_name(record)]} if issue else None


def _name(record: Record) -> str:
    name: str = record.data["resources"]["autoScalingGroups"][0]["name"]
    return name


def resize(response: EKSResponse, record: Record, sizes: dict[str, int]) -> None:
    """Give a node group and its Auto Scaling group new sizes.

    A scale-out that fails makes the node group DEGRADED, and it stays so until one succeeds, even at no nodes at all
    (https://github.com/aws/containers-roadmap/issues/2326).
    """
    before = record.data["scalingConfig"]
    after = record.data["scalingConfig"] = {**before, **sizes}
    if after["desiredSize"] > before["desiredSize"]:
        record.trouble = launch_failure(response, record)
    group = autoscaling_backends[response.current_account][response.region].autoscaling_groups.get(_name(record))
    if group:
        group.min_size, group.max_size = after["minSize"], after["maxSize"]
        group.desired_capacity = after["desiredSize"]


def make_scaling_group(response: EKSResponse, record: Record) -> None:
    """The group EKS makes, with the tags it gives it; moto's, but without instances, which nobody asks for."""
    scaling = autoscaling_backends[response.current_account][response.region]
    data, cluster = record.data, record.data["clusterName"]
    name = _name(record)
    template = data.get("launchTemplate")
    own_tags = {
        "eks:cluster-name": cluster,
        "eks:nodegroup-name": data["nodegroupName"],
        "k8s.io/cluster-autoscaler/enabled": "true",
        f"k8s.io/cluster-autoscaler/{cluster}": "owned",
        f"kubernetes.io/cluster/{cluster}": "owned",
    }
    group = FakeAutoScalingGroup(
        name=name,
        availability_zones=[],
        desired_capacity=0,
        max_size=data["scalingConfig"]["maxSize"],
        min_size=data["scalingConfig"]["minSize"],
        launch_config_name="",
        launch_template={"LaunchTemplateId": template["id"], "Version": template["version"]} if template else {},
        vpc_zone_identifier=",".join(data["subnets"]),
        default_cooldown=None,
        health_check_period=15,
        health_check_type="EC2",
        load_balancers=[],
        target_group_arns=[],
        placement_group=None,
        termination_policies=["AllocationStrategy", "OldestLaunchTemplate", "OldestInstance"],
        autoscaling_backend=scaling,
        ec2_backend=ec2_backends[response.current_account][response.region],
        tags=[{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in own_tags.items()],
        mixed_instances_policy=None,
        capacity_rebalance=data["capacityType"] == "SPOT",
    )
    group.desired_capacity = data["scalingConfig"]["desiredSize"]
    # By which the autoscaler sets its size; moto's own would start instances.
    group.set_desired_capacity = lambda desired: resize(response, record, {"desiredSize": desired})
    scaling.autoscaling_groups[name] = group
