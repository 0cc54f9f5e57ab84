"""A managed node group: instances of one shape that EKS starts, joins to the cluster and replaces one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.eks import EksResource, minor_of, or_none, own_tags, update_tags, when_role_is_known
from trading_platform.aws.engine import RefusedError, State
from trading_platform.aws.planned import planned_id

IMMUTABLE = ("node_role_arn", "subnet_ids", "instance_types", "capacity_type", "ami_type", "launch_template_id")
SIZES = ("min_size", "max_size")
Taint = dict[str, str]


def normal_taints(taints: list[dict[str, Any]] | None) -> list[Taint]:
    """Give taints in one form and order; a taint without value has the empty one."""
    plain = [{"key": one["key"], "value": one.get("value") or "", "effect": one["effect"]} for one in taints or []]
    return sorted(plain, key=lambda one: (one["key"], one["effect"], one["value"]))


def degraded_advice(name: str, scaling_groups: list[str]) -> str:
    """Say how a node group that EKS refuses to change as long as it is DEGRADED becomes ACTIVE."""
    return (
        "EKS changes it only when it is ACTIVE again, and that is after a scale-out that succeeds. Remove the cause. "
        f"Let {', '.join(scaling_groups)} scale out by a node (raise its desired capacity), and run again. Where AWS "
        f"has no capacity, add a node group of another name (for example {name}-2) with other instance types instead."
    )


def rolling_message(name: str, current: State, wanted: State) -> str | None:
    """Say what of a node group cannot change and how to get there all the same; None when nothing is in the way."""
    blocked = [key for key in IMMUTABLE if current[key] != wanted[key]]
    if not blocked:
        return None
    parts = [f"{key} is {current[key]!r} and was asked to be {wanted[key]!r}" for key in blocked]
    return (
        f"EKS node group {name}: {'; '.join(parts)}. AWS cannot change this on an existing node group. Put the old "
        f"value back, add a node group of another name (for example {name}-2) with the new values beside it, and run. "
        f"When its nodes are ready, drain those of {name}, delete {name}, and take it out of the inventory."
    )


class EksNodegroup(EksResource):
    """Its identity is its name in the cluster.

    - The desired size is given at creation (the minimum) and then belongs to the autoscaler: it is sent again only when
      new limits leave it outside of them, as AWS refuses such limits.
    - A new Kubernetes or launch template version replaces the nodes, at most ``max_unavailable_percentage`` at a time.
    - DEGRADED ends the waiting, also for a group that was just made: it has the nodes that AWS had to give, and only a
      scale-out that succeeds ends that state (https://github.com/aws/containers-roadmap/issues/2326). That is up to the
      autoscaler and to AWS's capacity, so waiting would often be in vain, and a failure would keep back all the rest.
    """

    kind = "EKS node group"

    def __init__(self, eks: Any, params: dict[str, Any], warn: Callable[[str], None]) -> None:
        super().__init__(eks, params, warn)
        self.params = params
        self.cluster: str = params["cluster_name"]
        self.placeholders = {
            "arn": planned_id("arn"),
            "status": "CREATING",
            "autoscaling_group_names": [planned_id(f"eks-{self.name}")],
        }

    def describe(self) -> dict[str, Any] | None:
        """Ask for the node group."""
        return or_none(self.eks.describe_nodegroup, "nodegroup", **self._names())

    def state(self, raw: dict[str, Any]) -> State:
        """Give the node group under the names of the arguments."""
        sizes, template = raw["scalingConfig"], raw.get("launchTemplate") or {}
        groups = (raw.get("resources") or {}).get("autoScalingGroups") or []
        return {
            "arn": raw["nodegroupArn"],
            "autoscaling_group_names": sorted(group["name"] for group in groups),
            "desired_size": sizes["desiredSize"],
            "release_version": raw.get("releaseVersion"),
            "version": raw["version"],
            "node_role_arn": raw["nodeRole"],
            "subnet_ids": sorted(raw["subnets"]),
            "instance_types": sorted(raw.get("instanceTypes") or []),
            "capacity_type": raw["capacityType"],
            "ami_type": raw["amiType"],
            "launch_template_id": template.get("id"),
            "launch_template_version": template.get("version"),
            "min_size": sizes["minSize"],
            "max_size": sizes["maxSize"],
            "labels": dict(raw.get("labels") or {}),
            "taints": normal_taints(raw.get("taints")),
            "max_unavailable_percentage": (raw.get("updateConfig") or {}).get("maxUnavailablePercentage"),
            "tags": own_tags(raw),
        }

    def target(self, current: State | None) -> State:
        """Give the node group as it should be; refuse what it cannot become."""
        asked = self.params
        wanted: State = {
            "version": asked["version"],
            "node_role_arn": asked["node_role_arn"],
            "subnet_ids": sorted(set(asked["subnet_ids"])),
            "instance_types": sorted(set(asked["instance_types"])),
            "capacity_type": asked["capacity_type"].upper(),
            "ami_type": asked["ami_type"],
            "launch_template_id": asked["launch_template_id"],
            "launch_template_version": str(asked["launch_template_version"]),
            "min_size": asked["min_size"],
            "max_size": asked["max_size"],
            "labels": {str(key): str(value) for key, value in asked["labels"].items()},
            "taints": normal_taints(asked["taints"]),
            "max_unavailable_percentage": asked["max_unavailable_percentage"],
            "tags": tagging.wanted(current["tags"] if current else {}, self.asked_tags, self.purge_tags),
        }
        # One that AWS could not create is made anew, so it may become anything.
        if current and current["status"] != "CREATE_FAILED":
            self._refuse(current, wanted)
        return wanted

    def _refuse(self, current: State, wanted: State) -> None:
        message = rolling_message(self.name, current, wanted)
        if message:
            raise RefusedError(message)
        if minor_of(wanted["version"]) < minor_of(current["version"]):
            versions = f"is on Kubernetes {current['version']} and cannot go back to {wanted['version']}"
            raise RefusedError(f"{self.kind} {self.name} {versions}")

    def request(self, wanted: State) -> dict[str, Any]:
        """Ask for the node group, at its minimum size. The autoscaler reckons with the first instance type."""
        return when_role_is_known(
            self.eks.create_nodegroup,
            **self._names(),
            version=wanted["version"],
            nodeRole=wanted["node_role_arn"],
            subnets=wanted["subnet_ids"],
            instanceTypes=self.params["instance_types"],
            capacityType=wanted["capacity_type"],
            amiType=wanted["ami_type"],
            launchTemplate={"id": wanted["launch_template_id"], "version": wanted["launch_template_version"]},
            scalingConfig={
                "minSize": wanted["min_size"],
                "maxSize": wanted["max_size"],
                "desiredSize": wanted["min_size"],
            },
            labels=wanted["labels"],
            taints=wanted["taints"],
            updateConfig={"maxUnavailablePercentage": wanted["max_unavailable_percentage"]},
            tags=wanted["tags"],
        )

    def ask(self, current: State, changes: State) -> None:
        """Tags and settings, then versions, which replace the nodes."""
        if "tags" in changes:
            update_tags(self.eks, current["arn"], current["tags"], changes["tags"])
        config = config_of(current, self.target(current), changes)
        if config:
            self.start(self.eks.update_nodegroup_config, **self._names(), **config)
        versions: dict[str, Any] = {}
        if "version" in changes:
            versions["version"] = changes["version"]
        if "launch_template_version" in changes:
            template = {"id": current["launch_template_id"], "version": changes["launch_template_version"]}
            versions["launchTemplate"] = template
        if versions:
            self.start(self.eks.update_nodegroup_version, **self._names(), **versions)

    def remove(self) -> None:
        """Delete the node group; its nodes are drained first."""
        self.eks.delete_nodegroup(**self._names(), aws_retry=True)

    def way_out(self, current: State) -> str | None:
        """EKS refuses: "Nodegroup cannot be updated as it is currently not in Active State"."""
        return degraded_advice(self.name, current["autoscaling_group_names"])

    def update_names(self) -> dict[str, str]:
        """DescribeUpdate calls the cluster ``name``."""
        return {"name": self.cluster, "nodegroupName": self.name}

    def _names(self) -> dict[str, str]:
        return {"clusterName": self.cluster, "nodegroupName": self.name}


def config_of(current: State, wanted: State, changes: State) -> dict[str, Any]:
    """Give the arguments of UpdateNodegroupConfig for the changes; {} when none is for it."""
    config: dict[str, Any] = {}
    if changes.keys() & set(SIZES):
        config["scalingConfig"] = sizes_of(current["desired_size"], wanted)
    if "labels" in changes:
        write, remove = tagging.difference(current["labels"], wanted["labels"])
        config["labels"] = {"addOrUpdateLabels": write, "removeLabels": remove}
    if "taints" in changes:
        config["taints"] = taints_of(current["taints"], wanted["taints"])
    if "max_unavailable_percentage" in changes:
        config["updateConfig"] = {"maxUnavailablePercentage": wanted["max_unavailable_percentage"]}
    return config


def sizes_of(desired: int, wanted: State) -> dict[str, int]:
    """Give the new limits, with the desired size only where it would lie outside of them."""
    inside = min(max(desired, wanted["min_size"]), wanted["max_size"])
    sizes = {"minSize": wanted["min_size"], "maxSize": wanted["max_size"]}
    return sizes if inside == desired else {**sizes, "desiredSize": inside}


def taints_of(current: list[Taint], wanted: list[Taint]) -> dict[str, list[Taint]]:
    """Give the taints to write and those to remove; key and effect are a taint's identity."""
    kept = {(one["key"], one["effect"]) for one in wanted}
    return {
        "addOrUpdateTaints": [one for one in wanted if one not in current],
        "removeTaints": [one for one in current if (one["key"], one["effect"]) not in kept],
    }
