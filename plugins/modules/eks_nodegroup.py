#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eks_nodegroup
short_description: Manage a managed node group of an EKS cluster
description:
  - Creates it at its minimum size. From then on its size belongs to the autoscaler, and is touched only where new
    limits
    leave it outside of them.
  - Repairs sizes, labels, taints, update settings and tags. A new Kubernetes version or launch template version
    replaces
    the nodes.
  - What AWS cannot change is refused, with the way to a new node group.
  - One that could not scale out, be it new or old, is V(DEGRADED) until a scale-out succeeds. It counts as ready, and a
    warning tells AWS's health issues. The task fails only where something other than its tags must change, which EKS
    refuses in that state.
notes:
  - In check mode before its parents exist, ids such as V(lt-planned) are accepted and returned.
options:
  cluster_name:
    description: Name of the cluster.
    type: str
    required: true
  name:
    description: Name of the node group in the cluster, at most 63 characters.
    type: str
    required: true
  version:
    description: Kubernetes version of the nodes. Required when O(state=present).
    type: str
  node_role_arn:
    description: Role of the nodes. Cannot be changed. Required when O(state=present).
    type: str
  subnet_ids:
    description: Subnets of the nodes. Cannot be changed. Required when O(state=present).
    type: list
    elements: str
  instance_types:
    description: Types of one shape, the preferred one first; the autoscaler reckons with the first. Cannot be changed.
      Required when O(state=present).
    type: list
    elements: str
  capacity_type:
    description: On demand or spot. Cannot be changed.
    type: str
    choices: [on_demand, spot]
    default: on_demand
  ami_type:
    description: Family of the image. Cannot be changed.
    type: str
    default: AL2023_x86_64_STANDARD
  launch_template_id:
    description: Launch template of the nodes. Cannot be changed. Required when O(state=present).
    type: str
  launch_template_version:
    description: Number of its version. Required when O(state=present).
    type: int
  min_size:
    description: Fewest nodes. Required when O(state=present).
    type: int
  max_size:
    description: Most nodes. Required when O(state=present).
    type: int
  labels:
    description: Kubernetes labels of the nodes.
    type: dict
    default: {}
  taints:
    description: Kubernetes taints of the nodes.
    type: list
    elements: dict
    default: []
    suboptions:
      key:
        description: Key of the taint.
        type: str
        required: true
      value:
        description: Its value.
        type: str
      effect:
        description: Its effect, as the EKS API writes it.
        type: str
        choices: [NO_SCHEDULE, NO_EXECUTE, PREFER_NO_SCHEDULE]
        required: true
  max_unavailable_percentage:
    description: Share of the nodes that may be away at once while they are replaced.
    type: int
    default: 33
  wait:
    description: Whether to wait until it is active or V(DEGRADED). A task later with O(wait=true) waits for what an
      earlier one asked for.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait, also for what must be over before the next step can begin.
    type: int
    default: 3600
  state:
    description: Whether it should exist.
    type: str
    choices: [present, absent]
    default: present
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: The general nodes are asked for
  eks_nodegroup:
    cluster_name: production-trading-engine
    name: general
    version: "1.35"
    node_role_arn: arn:aws:iam::111122223333:role/production-trading-engine-eks-node
    subnet_ids: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
    instance_types: [t3.xlarge]
    launch_template_id: lt-0123456789abcdef0
    launch_template_version: 1
    min_size: 3
    max_size: 10
"""

RETURN = r"""
eks_nodegroup:
  description: The node group as it is, or in check mode as it would be, under the names of the arguments; empty when
    it is
    absent. What follows is there besides.
  returned: always
  type: dict
  contains:
    arn: {description: Its ARN., type: str, sample: "arn:aws:eks:..."}
    status: {description: "AWS's state of it.", type: str, sample: ACTIVE}
    issues: {description: "AWS's health issues.", type: str, sample: "NodeCreationFailure: Instances failed to join"}
    desired_size: {description: Nodes that should be there now., type: int, sample: 3}
    release_version: {description: Release of the image., type: str, sample: 1.35.0-20261101}
    autoscaling_group_names: {description: Auto Scaling groups., type: list, elements: str, sample: [eks-general-01]}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: launch_template_version"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.eks_nodegroup import EksNodegroup
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "cluster_name": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "version": {"type": "str"},
    "node_role_arn": {"type": "str"},
    "subnet_ids": {"type": "list", "elements": "str"},
    "instance_types": {"type": "list", "elements": "str"},
    "capacity_type": {"type": "str", "choices": ["on_demand", "spot"], "default": "on_demand"},
    "ami_type": {"type": "str", "default": "AL2023_x86_64_STANDARD"},
    "launch_template_id": {"type": "str"},
    "launch_template_version": {"type": "int"},
    "min_size": {"type": "int"},
    "max_size": {"type": "int"},
    "labels": {"type": "dict", "default": {}},
    "taints": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "key": {"type": "str", "required": True},
            "value": {"type": "str"},
            "effect": {
                "type": "str",
                "choices": ["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"],
                "required": True,
            },
        },
    },
    "max_unavailable_percentage": {"type": "int", "default": 33},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 3600},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}

REQUIRED = [
    "version",
    "node_role_arn",
    "subnet_ids",
    "instance_types",
    "launch_template_id",
    "launch_template_version",
    "min_size",
    "max_size",
]


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", REQUIRED)],
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    eks = module.client("eks", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EksNodegroup(eks, module.params, module.warn), "eks_nodegroup")


if __name__ == "__main__":
    main()
