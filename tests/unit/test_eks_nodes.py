"""What nodes and pods get from the inventory."""

from __future__ import annotations

from email import message_from_string
from typing import Any

import pytest
import yaml

from trading_platform.eks_nodes import (
    NodeGroupError,
    autoscaler_tags,
    cni_configuration,
    node_labels,
    node_taints,
    node_user_data,
    pods_per_node,
)

CUSTOM = {"custom_networking": True, "prefix_delegation": True, "tier": "pod"}
PREFIX = "k8s.io/cluster-autoscaler/node-template"


@pytest.mark.parametrize(
    ("types", "networking", "pods"),
    [
        (["t3.xlarge"], CUSTOM, 110),
        (["c6i.2xlarge", "c5.2xlarge"], CUSTOM, 110),
        (["t3.xlarge"], {}, 58),  # 4 interfaces of 15: 4 * 14 + 2, as amazon-eks-ami's list has it
        (["t3.xlarge", "t3.small"], {}, 11),  # the smallest of them decides: 3 * 3 + 2
    ],
)
def test_the_smallest_type_decides_how_many_pods(types: list[str], networking: dict[str, Any], pods: int) -> None:
    assert pods_per_node({"instance_types": types}, networking) == pods


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(NodeGroupError, match=r"x9\.huge: no known network interface limits"):
        pods_per_node({"instance_types": ["t3.xlarge", "x9.huge"]}, CUSTOM)


def test_user_data_is_what_nodeadm_reads() -> None:
    message = message_from_string(node_user_data(110))
    assert message.get_content_type() == "multipart/mixed"
    (part,) = message.get_payload()
    assert part.get_content_type() == "application/node.eks.aws"
    config = yaml.safe_load(part.get_payload())
    assert (config["apiVersion"], config["kind"]) == ("node.eks.aws/v1alpha1", "NodeConfig")
    assert config["spec"] == {"kubelet": {"config": {"maxPods": 110}}}


def test_dedicated_groups_have_taints_and_all_have_labels() -> None:
    assert node_labels("compute") == {"workload": "compute"}
    assert node_taints("general", {}) == []
    (taint,) = node_taints("compute", {"dedicated": True})
    assert taint == {"key": "workload", "value": "compute", "effect": "NO_SCHEDULE"}


def test_the_autoscaler_is_told_what_a_node_would_have() -> None:
    assert autoscaler_tags("general", {}, 100) == {
        f"{PREFIX}/label/workload": "general",
        f"{PREFIX}/resources/ephemeral-storage": "100Gi",
    }
    assert autoscaler_tags("compute", {"dedicated": True}, 100)[f"{PREFIX}/taint/workload"] == "compute:NoSchedule"


def test_pods_get_addresses_of_the_subnet_of_their_zone() -> None:
    found = cni_configuration(CUSTOM, "us-east-1", {"us-east-1b": "subnet-b", "us-east-1a": "subnet-a"}, "sg-1")
    assert found["env"] == {
        "ENABLE_PREFIX_DELEGATION": "true",
        "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
        "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
    }
    assert found["eniConfig"] == {
        "create": True,
        "region": "us-east-1",
        "subnets": {
            "us-east-1a": {"id": "subnet-a", "securityGroups": ["sg-1"]},
            "us-east-1b": {"id": "subnet-b", "securityGroups": ["sg-1"]},
        },
    }


def test_without_custom_networking_pods_stay_in_the_subnets_of_the_nodes() -> None:
    assert cni_configuration({}, "us-east-1", {}, "sg-1") == {"env": {"ENABLE_PREFIX_DELEGATION": "false"}}
