#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eks_access_entry
short_description: Manage what a role or user of IAM may do in an EKS cluster
description:
  - The entry of a principal, with its Kubernetes groups and its access policies. A policy that is not asked for is
    taken
    away.
options:
  cluster_name:
    description: Name of the cluster.
    type: str
    required: true
  principal_arn:
    description: ARN of the role or user. It is the identity.
    type: str
    required: true
  type:
    description: Kind of principal. Cannot be changed.
    type: str
    choices: [STANDARD, EC2_LINUX, EC2_WINDOWS, FARGATE_LINUX]
    default: STANDARD
  kubernetes_groups:
    description: Groups that role bindings in the cluster name. Kubernetes' own (system:...) are refused by AWS.
    type: list
    elements: str
    default: []
  access_policies:
    description: Access policies of EKS.
    type: list
    elements: dict
    default: []
    suboptions:
      policy:
        description: Name or ARN, for example V(AmazonEKSViewPolicy).
        type: str
        required: true
      namespaces:
        description: Namespaces it holds in; all when empty.
        type: list
        elements: str
        default: []
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
- name: Developers may look
  eks_access_entry:
    cluster_name: production-trading-engine
    principal_arn: arn:aws:iam::111122223333:role/production-trading-engine-developers
    access_policies:
      - policy: AmazonEKSViewPolicy
"""

RETURN = r"""
eks_access_entry:
  description: The entry as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    access_entry_arn: {description: Its ARN., type: str, sample: "arn:aws:eks:..."}
    principal_arn: {description: Whose it is., type: str, sample: "arn:aws:iam::111122223333:role/developers"}
    type: {description: Kind of principal., type: str, sample: STANDARD}
    kubernetes_groups: {description: Its groups., type: list, elements: str, sample: [viewers]}
    access_policies: {description: Namespaces by policy ARN; none stands for all., type: dict, sample: {}}
    tags: {description: Its tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: access_policies"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.eks_access_entry import EksAccessEntry
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "cluster_name": {"type": "str", "required": True},
    "principal_arn": {"type": "str", "required": True},
    "type": {
        "type": "str",
        "choices": ["STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX"],
        "default": "STANDARD",
    },
    "kubernetes_groups": {"type": "list", "elements": "str", "default": []},
    "access_policies": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "policy": {"type": "str", "required": True},
            "namespaces": {"type": "list", "elements": "str", "default": []},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    eks = module.client("eks", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EksAccessEntry(eks, module.params), "eks_access_entry")


if __name__ == "__main__":
    main()
