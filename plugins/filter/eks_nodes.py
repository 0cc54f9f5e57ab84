"""Filters of the role eks; the work is done in trading_platform.eks_nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import eks_nodes

DOCUMENTATION = r"""
name: eks_nodes
short_description: Turn a node group of the inventory into what its nodes get
description:
  - The filters eks_autoscaler_tags, eks_cni_configuration, eks_node_labels, eks_node_taints and eks_node_user_data.
"""


def user_data(group: Any, networking: Any) -> str:
    """Give the user data of a group's nodes; an unknown instance type fails the task."""
    try:
        return eks_nodes.node_user_data(eks_nodes.pods_per_node(group, networking))
    except eks_nodes.NodeGroupError as problem:
        raise AnsibleFilterError(f"eks_node_user_data: {problem}") from problem


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filters."""
        return {
            "eks_autoscaler_tags": eks_nodes.autoscaler_tags,
            "eks_cni_configuration": eks_nodes.cni_configuration,
            "eks_node_labels": eks_nodes.node_labels,
            "eks_node_taints": eks_nodes.node_taints,
            "eks_node_user_data": user_data,
        }
