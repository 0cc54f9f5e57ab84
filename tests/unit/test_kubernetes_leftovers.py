"""What counts as left behind by controllers of a cluster."""

from trading_platform.kubernetes_leftovers import leftovers

OWNED = {"kubernetes.io/cluster/ours": "owned"}


def test_what_controllers_made_is_named_with_what_to_delete() -> None:
    lines = leftovers(
        "ours",
        [{"load_balancer_name": "k8s-web", "tags": {"elbv2.k8s.aws/cluster": "ours"}}],
        [
            {"group_name": "k8s-traffic", "tags": {"elbv2.k8s.aws/cluster": "ours"}},
            {"group_name": "k8s-old", "tags": OWNED},
        ],
        [{"id": "vol-1", "tags": {"ebs.csi.aws.com/cluster": "true", "KubernetesCluster": "ours"}}],
    )
    assert lines == [
        "load balancer k8s-web: delete its Ingress or Service in the cluster",
        "security group k8s-old: delete its Ingress or Service in the cluster",
        "security group k8s-traffic: delete its Ingress or Service in the cluster",
        "volume vol-1: delete its PersistentVolumeClaim in the cluster",
    ]


def test_what_is_of_others_or_of_eks_itself_is_not() -> None:
    assert not leftovers(
        "ours",
        [
            {"load_balancer_name": "ours", "tags": {}},
            {"load_balancer_name": "x", "tags": {"elbv2.k8s.aws/cluster": "other"}},
        ],
        [{"group_name": "eks-cluster-sg-ours-1", "tags": {**OWNED, "aws:eks:cluster-name": "ours"}}],
        [{"id": "vol-2", "tags": {"ebs.csi.aws.com/cluster": "true", "KubernetesCluster": "other"}}, {"id": "vol-3"}],
    )
