"""What the inventory says of nodes and their pods, as the modules of role eks want it.

Pure functions; a group is an entry of ``eks_node_groups``: ``{"instance_types": [...], "dedicated": bool, ...}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trading_platform.node_limits import load_limits, max_pods

WORKLOAD = "workload"
"""Key of the label and the taint that say what a node is for; the value is the group's name."""

AUTOSCALER_PREFIX = "k8s.io/cluster-autoscaler/node-template"
"""https://github.com/kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md, "Auto-Discovery Setup"."""

EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
"""Taint effects as the EKS API writes them, and as Kubernetes does."""

BOUNDARY = "//"


class NodeGroupError(ValueError):
    """A node group that cannot be; the message says why."""


def pods_per_node(group: Mapping[str, Any], networking: Mapping[str, Any]) -> int:
    """Give how many pods a node may run: the lowest number of any of the group's instance types.

    Args:
        group: with ``instance_types``.
        networking: ``eks_pod_networking``, with ``custom_networking`` and ``prefix_delegation``.

    Raises:
        NodeGroupError: the limits of an instance type are not known.
    """
    limits = load_limits()
    unknown = [name for name in group["instance_types"] if name not in limits]
    if unknown:
        raise NodeGroupError(f"{', '.join(unknown)}: no known network interface limits (data/instance_limits.csv)")
    return min(
        max_pods(
            limits[name],
            prefix_delegation=bool(networking.get("prefix_delegation")),
            custom_networking=bool(networking.get("custom_networking")),
        )
        for name in group["instance_types"]
    )


def node_user_data(pods: int) -> str:
    """Give the user data of an Amazon Linux 2023 node: only what differs from what EKS merges in itself.

    The node works out its number of pods for secondary addresses, and does not know of prefix delegation
    (EKS user guide, "cni-increase-ip-addresses-procedure").
    """
    lines = (
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{BOUNDARY}"',
        "",
        f"--{BOUNDARY}",
        "Content-Type: application/node.eks.aws",
        "",
        "---",
        "apiVersion: node.eks.aws/v1alpha1",
        "kind: NodeConfig",
        "spec:",
        "  kubelet:",
        "    config:",
        f"      maxPods: {pods}",
        "",
        f"--{BOUNDARY}--",
    )
    return "\n".join(lines) + "\n"


def node_labels(name: str) -> dict[str, str]:
    """Give the Kubernetes labels of a group's nodes: ``{"workload": "compute"}``."""
    return {WORKLOAD: name}


def node_taints(name: str, group: Mapping[str, Any]) -> list[dict[str, str]]:
    """Give the taints of a group's nodes: those of a dedicated group keep out what does not tolerate them."""
    return [{"key": WORKLOAD, "value": name, "effect": "NO_SCHEDULE"}] if group.get("dedicated") else []


def autoscaler_tags(name: str, group: Mapping[str, Any], disk_gb: int) -> dict[str, str]:
    """Give the tags by which the cluster autoscaler knows the nodes of a group that has none at the moment."""
    labels = {f"{AUTOSCALER_PREFIX}/label/{key}": value for key, value in node_labels(name).items()}
    taints = {
        f"{AUTOSCALER_PREFIX}/taint/{taint['key']}": f"{taint['value']}:{EFFECTS[taint['effect']]}"
        for taint in node_taints(name, group)
    }
    return {**labels, **taints, f"{AUTOSCALER_PREFIX}/resources/ephemeral-storage": f"{disk_gb}Gi"}


def cni_configuration(
    networking: Mapping[str, Any], region: str, pod_subnet_ids: Mapping[str, str], security_group_id: str
) -> dict[str, Any]:
    """Give the part of the vpc-cni add-on's configuration that follows from how pods get their addresses.

    With custom networking every zone has an ENIConfig of the zone's name, which nodes find by their zone label
    (https://github.com/aws/amazon-vpc-cni-k8s, charts/aws-vpc-cni/templates/eniconfig.yaml).

    Args:
        networking: ``eks_pod_networking``.
        region: the cluster's.
        pod_subnet_ids: availability zone to subnet id.
        security_group_id: of the pods' network interfaces.
    """
    env: dict[str, str] = {"ENABLE_PREFIX_DELEGATION": _text(networking.get("prefix_delegation"))}
    if not networking.get("custom_networking"):
        return {"env": env}
    env["AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"] = "true"
    env["ENI_CONFIG_LABEL_DEF"] = "topology.kubernetes.io/zone"
    subnets = {
        zone: {"id": pod_subnet_ids[zone], "securityGroups": [security_group_id]} for zone in sorted(pod_subnet_ids)
    }
    return {"env": env, "eniConfig": {"create": True, "region": region, "subnets": subnets}}


def _text(value: Any) -> str:
    return "true" if value else "false"
