"""How many pods a node of an EC2 instance type may run, and how many addresses it takes for them.

The VPC CNI gives every pod an address of the VPC (two pods of a node, aws-node and kube-proxy, share the node's).
What a node takes is modelled after the CNI's defaults:

- secondary addresses (WARM_ENI_TARGET=1): an interface takes all its addresses as soon as it is attached, and one
  interface more than the pods need is attached as long as the instance type allows it.
- prefix delegation (WARM_PREFIX_TARGET=1): an interface takes one address of its own and /28 prefixes as needed, one
  prefix more than the pods need.
- custom networking: the node's first interface carries no pods.

Sources (read 2026-11-23):
- https://github.com/aws/amazon-vpc-cni-k8s docs/eni-and-ip-target.md and docs/prefix-and-ip-target.md (examples,
  which are test vectors here), README.md (defaults)
- https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html and .../custom-networking.html
  (formulas; at most 110 pods below 30 vCPUs, else 250)
- limits of the instance types: data/README.md
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

HOST_NETWORK_PODS = 2  # aws-node and kube-proxy
PREFIX_ADDRESSES = 16  # a /28
WARM_INTERFACES = 1  # WARM_ENI_TARGET
WARM_PREFIXES = 1  # WARM_PREFIX_TARGET
SMALL_NODE_VCPUS = 30  # below: at most 110 pods, else 250
MAX_PODS_SMALL = 110
MAX_PODS_LARGE = 250


@dataclass(frozen=True, slots=True)
class InstanceLimits:
    """What EC2 allows an instance type. `vcpu` is None where the source does not say."""

    instance_type: str
    vcpu: int | None
    max_enis: int
    ipv4_per_eni: int
    prefixes: bool


@dataclass(frozen=True, slots=True)
class Demand:
    """What one node takes from one subnet: single addresses, and /28 prefixes."""

    addresses: int = 0
    prefixes: int = 0

    @property
    def total(self) -> int:
        """Addresses, those inside the prefixes included."""
        return self.addresses + self.prefixes * PREFIX_ADDRESSES

    def plus(self, other: "Demand") -> "Demand":
        return Demand(self.addresses + other.addresses, self.prefixes + other.prefixes)


@cache
def load_limits() -> Mapping[str, InstanceLimits]:
    """Instance type -> limits, from data/instance_limits.csv."""
    text = (files("trading_platform") / "data" / "instance_limits.csv").read_text(encoding="utf-8")
    return {
        row["instance_type"]: InstanceLimits(
            instance_type=row["instance_type"],
            vcpu=int(row["vcpu"]) if row["vcpu"] else None,
            max_enis=int(row["max_enis"]),
            ipv4_per_eni=int(row["ipv4_per_eni"]),
            prefixes=row["prefixes"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    }


def max_pods(
    limits: InstanceLimits, *, prefix_delegation: bool = False, custom_networking: bool = False, capped: bool = True
) -> int:
    """The number of pods to allow on a node. `capped=False`: what the interfaces could hold without AWS's advice.

    AWS's cap of 110 or 250 goes with prefix delegation; where the vCPUs are not known it is 110.
    """
    enis = limits.max_enis - 1 if custom_networking else limits.max_enis
    slots = enis * (limits.ipv4_per_eni - 1)
    if not (prefix_delegation and limits.prefixes):
        return slots + HOST_NETWORK_PODS
    pods = slots * PREFIX_ADDRESSES + HOST_NETWORK_PODS
    cap = MAX_PODS_SMALL if limits.vcpu is None or limits.vcpu < SMALL_NODE_VCPUS else MAX_PODS_LARGE
    return min(pods, cap) if capped else pods


def interface_demand(limits: InstanceLimits, pods: int, *, prefix_delegation: bool, interfaces: int) -> Demand:
    """What the CNI takes for `pods` pods with addresses of their own on a node with `interfaces` usable interfaces."""
    per_interface = limits.ipv4_per_eni - 1
    if prefix_delegation and limits.prefixes:
        prefixes = min(-(-pods // PREFIX_ADDRESSES) + WARM_PREFIXES, interfaces * per_interface)
        return Demand(addresses=max(1, -(-prefixes // per_interface)), prefixes=prefixes)
    attached = min(-(-pods // per_interface) + WARM_INTERFACES, interfaces)
    return Demand(addresses=attached * limits.ipv4_per_eni)
