"""The add-ons the emulator offers: versions by Kubernetes version, and the keys their configuration may have.

Versions as EKS offered them in August 2026 where a public project recorded them (coredns, kube-proxy and vpc-cni); the
others follow the form of their add-on. What a test or a run needs of them is not the number but which of them go with
which Kubernetes version, and which of those is the default. Schemas list the keys at the depth at which EKS refuses
unknown ones (DescribeAddonConfiguration); ``None`` stands for anything.
"""

from dataclasses import dataclass, field
from typing import Any

MINORS = ("1.33", "1.34", "1.35", "1.36")
POD_PLACEMENT: dict[str, Any] = {"affinity": None, "nodeSelector": None, "tolerations": None, "resources": None}


@dataclass(frozen=True)
class Addon:
    """An add-on: version -> Kubernetes versions it goes with, newest first; the first that fits is the default."""

    versions: dict[str, tuple[str, ...]]
    schema: dict[str, Any]
    namespace: str = "kube-system"
    needs_nodes: bool = False
    service_account: str | None = None
    managed_policies: tuple[str, ...] = field(default=())


CATALOG: dict[str, Addon] = {
    "vpc-cni": Addon(
        {"v1.22.4-eksbuild.3": MINORS, "v1.21.1-eksbuild.7": MINORS, "v1.20.4-eksbuild.3": MINORS[:3]},
        {
            **POD_PLACEMENT,
            "enableNetworkPolicy": None,
            "enableWindowsIpam": None,
            "env": None,
            "eniConfig": {"create": None, "region": None, "subnets": None},
            "init": None,
            "livenessProbeTimeoutSeconds": None,
            "readinessProbeTimeoutSeconds": None,
            "nodeAgent": None,
            "podAnnotations": None,
            "podLabels": None,
        },
        service_account="aws-node",
        managed_policies=("arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",),
    ),
    "kube-proxy": Addon(
        {
            "v1.36.0-eksbuild.17": ("1.36",),
            "v1.35.3-eksbuild.21": ("1.35", "1.36"),
            "v1.34.6-eksbuild.21": ("1.34", "1.35", "1.36"),
            "v1.33.10-eksbuild.21": ("1.33", "1.34", "1.35"),
        },
        {"ipvs": None, "mode": None, "resources": None, "podAnnotations": None, "podLabels": None},
    ),
    "coredns": Addon(
        {
            "v1.14.3-eksbuild.14": ("1.36",),
            "v1.13.2-eksbuild.21": ("1.35", "1.36"),
            "v1.12.4-eksbuild.29": ("1.33", "1.34"),
        },
        {
            **POD_PLACEMENT,
            "autoScaling": None,
            "computeType": None,
            "corefile": None,
            "podAnnotations": None,
            "podDisruptionBudget": None,
            "podLabels": None,
            "replicaCount": None,
            "topologySpreadConstraints": None,
        },
        needs_nodes=True,
    ),
    "eks-pod-identity-agent": Addon(
        {"v1.3.10-eksbuild.3": MINORS},
        {**POD_PLACEMENT, "agent": None, "priorityClassName": None, "podAnnotations": None, "podLabels": None},
    ),
    "aws-ebs-csi-driver": Addon(
        {"v1.60.0-eksbuild.1": MINORS, "v1.56.0-eksbuild.1": MINORS[:3]},
        {
            "controller": None,
            "node": None,
            "sidecars": None,
            "defaultStorageClass": None,
            "volumeSnapshotClasses": None,
        },
        needs_nodes=True,
        service_account="ebs-csi-controller-sa",
        managed_policies=("arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",),
    ),
    "metrics-server": Addon(
        {"v0.8.1-eksbuild.1": MINORS},
        {**POD_PLACEMENT, "replicas": None, "podDisruptionBudget": None, "addonResizer": None, "updateStrategy": None},
        needs_nodes=True,
    ),
    "cert-manager": Addon(
        {"v1.20.0-eksbuild.1": MINORS},
        {**POD_PLACEMENT, "replicaCount": None, "webhook": None, "cainjector": None, "podDisruptionBudget": None},
        namespace="cert-manager",
        needs_nodes=True,
    ),
    "aws-secrets-store-csi-driver-provider": Addon(
        {"v2.2.0-eksbuild.1": MINORS},
        {
            "secrets-store-csi-driver": {
                "enableSecretRotation": None,
                "rotationPollInterval": None,
                "syncSecret": {"enabled": None},
                "linux": None,
            },
            "tolerations": None,
            "nodeSelector": None,
            "resources": None,
        },
        namespace="aws-secrets-manager",
    ),
    "amazon-cloudwatch-observability": Addon(
        {"v5.3.0-eksbuild.1": MINORS},
        {
            "agent": None,
            "agents": None,
            "containerLogs": None,
            "dcgmExporter": None,
            "manager": None,
            "neuronMonitor": None,
            "nodeSelector": None,
            "tolerations": None,
        },
        namespace="amazon-cloudwatch",
        needs_nodes=True,
        service_account="cloudwatch-agent",
        managed_policies=("arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy",),
    ),
}


def default_version(name: str, kubernetes: str) -> str | None:
    """The version EKS installs when asked for none; None where it has no version for this Kubernetes version."""
    fitting = (version for version, minors in CATALOG[name].versions.items() if kubernetes in minors)
    return next(fitting, None)


def unknown_keys(schema: dict[str, Any], values: dict[str, Any], path: str = "$") -> list[str]:
    """The keys of a configuration that its schema does not have, as JSON paths."""
    found = [f"{path}.{key}" for key in values if key not in schema]
    for key, inner in schema.items():
        if inner is not None and isinstance(values.get(key), dict):
            found += unknown_keys(inner, values[key], f"{path}.{key}")
    return found
