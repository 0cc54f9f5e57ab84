#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_group_tags
short_description: Manage tags of an Auto Scaling group that somebody else makes
description:
  - EKS makes the Auto Scaling group of a node group and does not hand the node group's tags on to it. The cluster
    autoscaler reads there what nodes a group would have that has none at the moment.
  - Tags that are not asked for stay, unless they begin with O(prefix).
notes:
  - In check mode before the group exists, a name such as V(eks-general-planned) is accepted.
options:
  name:
    description: Name of the Auto Scaling group.
    type: str
    required: true
  group_tags:
    description: Tags the group should have; new instances do not get them.
    type: dict
    required: true
  prefix:
    description: Tags with keys that begin so belong to this task, and are removed when they are not asked for.
    type: str
    default: k8s.io/cluster-autoscaler/node-template/
  state:
    description: Whether it should exist.
    type: str
    choices: [present, absent]
    default: present
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: The autoscaler knows the labels of nodes to come
  autoscaling_group_tags:
    name: eks-compute-01234567-89ab-cdef-0123-456789abcdef
    group_tags:
      k8s.io/cluster-autoscaler/node-template/label/workload: compute
"""

RETURN = r"""
autoscaling_group_tags:
  description: The tags as they are, or in check mode as they would be.
  returned: always
  type: dict
  contains:
    tags: {description: The tags that are managed., type: dict, sample: {}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: tags"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.autoscaling_group_tags import AutoscalingGroupTags
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "group_tags": {"type": "dict", "required": True},
    "prefix": {"type": "str", "default": "k8s.io/cluster-autoscaler/node-template/"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    autoscaling = module.client("autoscaling", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, AutoscalingGroupTags(autoscaling, module.params), "autoscaling_group_tags")


if __name__ == "__main__":
    main()
