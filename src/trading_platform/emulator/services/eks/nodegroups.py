"""Managed node groups, each with its Auto Scaling group."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.autoscaling.models import FakeAutoScalingGroup, autoscaling_backends
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks.responses import EKSResponse

from trading_platform.emulator import delays
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.launch_templates import (
    specified_template,
    template_of,
    volume_key_failure,
)
from trading_platform.emulator.services.eks.store import (
    NODEGROUP,
    Record,
    Update,
    arn,
    known,
    known_cluster,
    of_cluster,
    page,
    records,
)
from trading_platform.emulator.services.eks.updates import params_of

extension = Extension("eks")
type Original = Callable[..., Any]

DEFAULT_SCALING = {"minSize": 1, "maxSize": 2, "desiredSize": 2}
AMI_RELEASE = "20261101"


@extension.patches(EKSResponse, "create_nodegroup")
def create_nodegroup(_: Original, self: EKSResponse) -> ActionResult:
    """API CreateNodegroup. A key that Auto Scaling may not use for the volumes ends it in CREATE_FAILED."""
    params = self.params
    cluster, name = params["clusterName"], params["nodegroupName"]
    identity = str(uuid4())
    version = params.get("version") or known_cluster(self, cluster).data["version"]
    template = specified_template(self, params.get("launchTemplate"))
    group_name = f"eks-{name}-{identity}"
    now = datetime.now(UTC)
    data = {
        "nodegroupName": name,
        "nodegroupArn": arn(self, f"nodegroup/{cluster}/{name}/{identity}"),
        "clusterName": cluster,
        "version": version,
        "releaseVersion": params.get("releaseVersion") or f"{version}.0-{AMI_RELEASE}",
        "createdAt": now,
        "modifiedAt": now,
        "capacityType": params.get("capacityType", "ON_DEMAND"),
        "scalingConfig": {**DEFAULT_SCALING, **(params.get("scalingConfig") or {})},
        "instanceTypes": list(params.get("instanceTypes") or ([] if template else ["t3.medium"])),
        "subnets": list(params["subnets"]),
        "amiType": params.get("amiType", "AL2023_x86_64_STANDARD"),
        "nodeRole": params["nodeRole"],
        "labels": dict(params.get("labels") or {}),
        "taints": [dict(taint) for taint in params.get("taints") or []],
        "resources": {"autoScalingGroups": [{"name": group_name}]},
        "health": {"issues": []},
        "updateConfig": dict(params.get("updateConfig") or {"maxUnavailable": 1}),
        "tags": dict(params.get("tags") or {}),
        **({"launchTemplate": template} if template else {"diskSize": params.get("diskSize", 20)}),
    }
    scaling = autoscaling_backends[self.current_account][self.region]
    record = Record(NODEGROUP, data, on_removal=lambda: scaling.autoscaling_groups.pop(group_name, None))
    record.failure = volume_key_failure(self, template) if template else None
    records(self, NODEGROUP)[cluster, name] = record
    _make_scaling_group(self, record)
    return ActionResult({"nodegroup": described(record)})


def _make_scaling_group(response: EKSResponse, record: Record) -> None:
    """The group EKS makes, with the tags it gives it; moto's, but without instances, which nobody asks for."""
    scaling = autoscaling_backends[response.current_account][response.region]
    data, cluster = record.data, record.data["clusterName"]
    name = data["resources"]["autoScalingGroups"][0]["name"]
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
    scaling.autoscaling_groups[name] = group


def described(record: Record) -> dict[str, Any]:
    """The node group as the API shows it; its resources come with the end of CREATING."""
    status = record.status()
    data = {key: value for key, value in record.data.items() if status != "CREATING" or key != "resources"}
    health = {"issues": [record.failure]} if record.failure and status != "CREATING" else {"issues": []}
    return {**data, "status": status, "health": health}


@extension.patches(EKSResponse, "describe_nodegroup")
def describe_nodegroup(_: Original, self: EKSResponse) -> ActionResult:
    """API DescribeNodegroup."""
    record = known(self, NODEGROUP, self.params["clusterName"], self.params["nodegroupName"])
    return ActionResult({"nodegroup": described(record)})


@extension.patches(EKSResponse, "list_nodegroups")
def list_nodegroups(_: Original, self: EKSResponse) -> ActionResult:
    """API ListNodegroups."""
    cluster = self.params["clusterName"]
    known_cluster(self, cluster)
    names, token = page([name for name, _ in of_cluster(self, NODEGROUP, cluster)], self.params)
    return ActionResult({"nodegroups": names, "nextToken": token})


@extension.patches(EKSResponse, "delete_nodegroup")
def delete_nodegroup(_: Original, self: EKSResponse) -> ActionResult:
    """API DeleteNodegroup; the Auto Scaling group goes with it."""
    record = known(self, NODEGROUP, self.params["clusterName"], self.params["nodegroupName"])
    record.deleted = delays.now()
    answer = {"nodegroup": described(record)}
    records(self, NODEGROUP)
    return ActionResult(answer)


@extension.patches(EKSResponse, "update_nodegroup_config")
def update_nodegroup_config(_: Original, self: EKSResponse) -> ActionResult:
    """API UpdateNodegroupConfig: sizes, labels, taints and how many nodes may be away at once."""
    params = self.params
    record = known(self, NODEGROUP, params["clusterName"], params["nodegroupName"])
    after: dict[str, Any] = {}
    if params.get("scalingConfig"):
        after["scalingConfig"] = {**record.data["scalingConfig"], **params["scalingConfig"]}
    if params.get("updateConfig"):
        after["updateConfig"] = dict(params["updateConfig"])
    if params.get("labels"):
        after["labels"] = _labels_after(record.data["labels"], params["labels"])
    if params.get("taints"):
        after["taints"] = _taints_after(record.data["taints"], params["taints"])
    scaling = autoscaling_backends[self.current_account][self.region]

    def apply() -> None:
        record.data.update(after)
        group = scaling.autoscaling_groups.get(record.data["resources"]["autoScalingGroups"][0]["name"])
        if group:
            sizes = record.data["scalingConfig"]
            group.min_size, group.max_size = sizes["minSize"], sizes["maxSize"]
            group.desired_capacity = sizes["desiredSize"]

    sizes = params.get("scalingConfig") or {}
    listed = params_of(MinSize=sizes.get("minSize"), MaxSize=sizes.get("maxSize"), DesiredSize=sizes.get("desiredSize"))
    return ActionResult({"update": record.start(Update("ConfigUpdate", listed, apply))})


def _labels_after(current: dict[str, str], asked: dict[str, Any]) -> dict[str, str]:
    kept = {key: value for key, value in current.items() if key not in (asked.get("removeLabels") or [])}
    return {**kept, **(asked.get("addOrUpdateLabels") or {})}


def _taints_after(current: list[dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    added = [dict(taint) for taint in asked.get("addOrUpdateTaints") or []]
    dropped = {_taint(taint) for taint in [*(asked.get("removeTaints") or []), *added]}
    return [taint for taint in current if _taint(taint) not in dropped] + added


def _taint(taint: dict[str, Any]) -> tuple[Any, Any]:
    return taint.get("key"), taint.get("effect")


@extension.adds(EKSResponse)
def update_nodegroup_version(self: EKSResponse) -> ActionResult:
    """API UpdateNodegroupVersion: a Kubernetes version, a launch template version, or the newest AMI."""
    params = self.params
    record = known(self, NODEGROUP, params["clusterName"], params["nodegroupName"])
    version = params.get("version") or record.data["version"]
    after: dict[str, Any] = {
        "version": version,
        "releaseVersion": params.get("releaseVersion") or f"{version}.0-{AMI_RELEASE}",
    }
    asked = params.get("launchTemplate")
    if asked:
        template, number = template_of(self, {**record.data["launchTemplate"], **asked})
        after["launchTemplate"] = {"id": template.id, "name": template.name, "version": str(number.number)}
    listed = params_of(
        Version=params.get("version"),
        ReleaseVersion=after["releaseVersion"],
        LaunchTemplateVersion=(asked or {}).get("version"),
    )
    return ActionResult({"update": record.start(Update("VersionUpdate", listed, lambda: record.data.update(after)))})
