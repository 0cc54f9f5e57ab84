"""What a node offers to pods: its cores and memory, less what its system and the EKS add-ons on every node take."""

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from trading_platform.eks_nodes import pods_per_node
from trading_platform.node_limits import load_limits
from trading_platform.pricing import PRICES
from trading_platform.scale.pods import Pod, Room

MIB = 2**20
GIB = 2**30
# What an instance keeps from its system: the share by which Karpenter reckons too (VM_MEMORY_OVERHEAD_PERCENT).
OVERHEAD = 0.075


class RoomError(ValueError):
    """What a node offers cannot be told; the message says why."""


@dataclass(frozen=True, slots=True)
class AddOn:
    """What an add-on of EKS runs: `everywhere` on each node, `once` in the cluster."""

    everywhere: tuple[Pod, ...] = ()
    once: tuple[Pod, ...] = ()


def _pod(name: str, cpu: float, mib: float = 0) -> Pod:
    return Pod(name, cpu, mib * MIB)


# What the add-ons request where their configuration says nothing else, in cores and MiB (their charts and manifests,
# read 2026-11-26).
ADD_ONS: Mapping[str, AddOn] = {
    # With its policy agent.
    "vpc-cni": AddOn(everywhere=(_pod("aws-node", 0.05),)),
    "kube-proxy": AddOn(everywhere=(_pod("kube-proxy", 0.1),)),
    "eks-pod-identity-agent": AddOn(everywhere=(_pod("eks-pod-identity-agent", 0),)),
    "aws-ebs-csi-driver": AddOn(
        everywhere=(_pod("ebs-csi-node", 0.03, 120),), once=(_pod("ebs-csi-controller", 0.06, 240),) * 2
    ),
    "aws-secrets-store-csi-driver-provider": AddOn(
        everywhere=(_pod("secrets-store-csi-driver", 0.05, 100), _pod("secrets-store-provider-aws", 0.05, 100))
    ),
    "amazon-cloudwatch-observability": AddOn(
        everywhere=(_pod("cloudwatch-agent", 0.25, 128), _pod("fluent-bit", 0.05, 25))
    ),
    "coredns": AddOn(once=(_pod("coredns", 0.1, 70),) * 2),
    "metrics-server": AddOn(once=(_pod("metrics-server", 0.1, 200),) * 2),
    # No add-on of EKS; it comes by Helm.
    "cluster-autoscaler": AddOn(once=(_pod("cluster-autoscaler", 0.1, 300),)),
}
ALWAYS = ("cluster-autoscaler",)


def everywhere(add_ons: Iterable[str]) -> list[Pod]:
    """Pods that the add-ons run on each node. Add-ons that are not known here request nothing."""
    return [pod for name in (*add_ons, *ALWAYS) if name in ADD_ONS for pod in ADD_ONS[name].everywhere]


def once(add_ons: Iterable[str]) -> list[Pod]:
    """Pods that the add-ons run once in the cluster."""
    return [pod for name in (*add_ons, *ALWAYS) if name in ADD_ONS for pod in ADD_ONS[name].once]


@cache
def node_memory() -> Mapping[str, float]:
    """Instance type to GiB of memory, from data/prices/ec2.csv."""
    with (PRICES / "ec2.csv").open(encoding="utf-8", newline="") as file:
        return {row["instance_type"]: float(row["memory_gib"]) for row in csv.DictReader(file) if row["memory_gib"]}


def node_room(group: Mapping[str, Any], networking: Mapping[str, Any], every_node: Sequence[Pod]) -> Room:
    """Cores and bytes that pods may request on a node of a group, the least of its types.

    Left out are the pods that every node has, 100 MiB that are the threshold of eviction, and what kubelet reserves as
    EKS's nodes have it do (https://github.com/awslabs/amazon-eks-ami, nodeadm/internal/kubelet).

    group: an entry of ``eks_node_groups``; networking: ``eks_pod_networking``.

    Raises:
        RoomError: the vCPUs or the memory of an instance type are not known.
        trading_platform.eks_nodes.NodeGroupError: its interface limits are not known.
    """
    pods = pods_per_node(group, networking)
    least = Room(math.inf, math.inf)
    for name in group["instance_types"]:
        cores, memory = load_limits()[name].vcpu, node_memory().get(name)
        if not cores or memory is None:
            what = "vCPUs (data/instance_limits.csv)" if not cores else "memory (data/prices/ec2.csv)"
            raise RoomError(f"{name}: no known {what}")
        offered = memory * GIB * (1 - OVERHEAD) - (255 + 11 * pods + 100) * MIB
        least = Room(min(least.cpu, cores - _reserved(cores)), min(least.memory, offered))
    return least.less(sum(pod.cpu for pod in every_node), sum(pod.memory for pod in every_node))


def _reserved(cores: int) -> float:
    """6 % of the first core, 1 % of the second, half a percent of the next two and a quarter of all others."""
    return 0.06 + 0.01 * min(1, cores - 1) + 0.005 * min(2, max(0, cores - 2)) + 0.0025 * max(0, cores - 4)
