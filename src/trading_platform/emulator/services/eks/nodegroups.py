"""Managed node groups."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.autoscaling.models import autoscaling_backends
from moto.core.responses import ActionResult
from moto.eks.responses import EKSResponse

from trading_platform.emulator import delays
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.launch_templates import (
    specified_template,
    template_of,
)
from trading_platform.emulator.services.eks.scaling_groups import (
    launch_failure,
    make_scaling_group,
    resize,
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
    record.failure = launch_failure(self, record)
    records(self, NODEGROUP)[cluster, name] = record
    make_scaling_group(self, record)
    return ActionResult({"nodegroup": described(record)})


def described(record: Record) -> dict[str, Any]:
    """The node group as the API shows it; its resources come with the end of CREATING."""
    status = record.described_status()
    data = {key: value for key, value in record.data.items() if status != "CREATING" or key != "resources"}
    issue = record.failure or record.trouble
    return {**data, "status": status, "health": {"issues": [issue] if issue and status != "CREATING" else []}}


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
    if params.get("updateConfig"):
        after["updateConfig"] = dict(params["updateConfig"])
    if params.get("labels"):
        after["labels"] = _labels_after(record.data["labels"], params["labels"])
    if params.get("taints"):
        after["taints"] = _taints_after(record.data["taints"], params["taints"])
    sizes = params.get("scalingConfig") or {}

    def apply() -> None:
        record.data.update(after)
        resize(self, record, sizes)

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
