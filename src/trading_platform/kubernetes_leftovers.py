"""Find what controllers in an EKS cluster made in AWS, by the tags that they put on it.

Load balancer controller: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/configurations/
(resources carry ``elbv2.k8s.aws/cluster``). EBS CSI driver: volumes carry ``ebs.csi.aws.com/cluster`` and
``KubernetesCluster``. EKS tags its own security group like a controller's, and ``aws:eks:cluster-name`` besides.
"""

from __future__ import annotations

from typing import Any

CONTROLLER = "elbv2.k8s.aws/cluster"


def leftovers(cluster: str, balancers: list[Any], groups: list[Any], volumes: list[Any]) -> list[str]:
    """Name what is left, one line each with what to do.

    Args:
        cluster: name of the cluster.
        balancers: load balancers, as amazon.aws.elb_application_lb_info gives them.
        groups: security groups, as amazon.aws.ec2_security_group_info gives them.
        volumes: volumes, as amazon.aws.ec2_vol_info gives them.
    """
    found = [
        *(("load balancer", one["load_balancer_name"], "its Ingress or Service") for one in _of(balancers, cluster)),
        *(("security group", one["group_name"], "its Ingress or Service") for one in _of(groups, cluster)),
        *(("volume", one["id"], "its PersistentVolumeClaim") for one in _of(volumes, cluster)),
    ]
    return sorted(f"{kind} {name}: delete {owner} in the cluster" for kind, name, owner in found)


def _of(resources: list[Any], cluster: str) -> list[Any]:
    return [one for one in resources if _is_left(one.get("tags") or {}, cluster)]


def _is_left(tags: dict[str, str], cluster: str) -> bool:
    if "aws:eks:cluster-name" in tags:
        return False
    by_driver = "ebs.csi.aws.com/cluster" in tags and tags.get("KubernetesCluster", cluster) == cluster
    return tags.get(CONTROLLER) == cluster or f"kubernetes.io/cluster/{cluster}" in tags or by_driver
