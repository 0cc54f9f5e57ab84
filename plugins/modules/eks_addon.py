#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eks_addon
short_description: Manage an add-on of an EKS cluster
description:
  - Installs the version that AWS offers as the default for the cluster's Kubernetes version, or the one asked for, over
    whatever of the same name runs there.
  - Without O(version) an installed version stays when AWS's default moves on. It changes when it does not go with the
    cluster's Kubernetes version any more.
  - Repairs version, configuration and tags; what others changed in the cluster is preserved. One that AWS could not
    install is removed and installed anew.
options:
  cluster_name:
    description: Name of the cluster.
    type: str
    required: true
  name:
    description: Name of the add-on, for example V(vpc-cni).
    type: str
    required: true
  kubernetes_version:
    description: Kubernetes version of the cluster. Required when O(state=present).
    type: str
  version:
    description: Version of the add-on. Left out, what is installed stays, or the default is installed.
    type: str
  configuration:
    description: Configuration values; their schema is that of DescribeAddonConfiguration.
    type: dict
    default: {}
  wait:
    description: Whether to wait until it is active. One that is V(DEGRADED) is waited for only when this task made or
      changed it, its tags aside. Otherwise a warning tells AWS's health issues.
    type: bool
    default: false
  wait_until_healthy:
    description: Whether to wait also for one that is V(DEGRADED), because an earlier task made or changed it. It may be
      in that state until its pods run.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait, also for what must be over before the next step can begin.
    type: int
    default: 1200
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
- name: Pods get addresses of their own subnets
  eks_addon:
    cluster_name: production-trading-engine
    name: vpc-cni
    kubernetes_version: "1.35"
    configuration:
      enableNetworkPolicy: "true"
"""

RETURN = r"""
eks_addon:
  description: The add-on as it is, or in check mode as it would be, under the names of the arguments; empty when it is
    absent. What follows is there besides.
  returned: always
  type: dict
  contains:
    arn: {description: Its ARN., type: str, sample: "arn:aws:eks:us-east-1:111122223333:addon/production/vpc-cni/0123"}
    status: {description: "AWS's state of it.", type: str, sample: ACTIVE}
    issues: {description: "AWS's health issues.", type: str, sample: ""}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: version"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.eks_addon import EksAddon
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "cluster_name": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "kubernetes_version": {"type": "str"},
    "version": {"type": "str"},
    "configuration": {"type": "dict", "default": {}},
    "wait": {"type": "bool", "default": False},
    "wait_until_healthy": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 1200},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ["kubernetes_version"])],
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    eks = module.client("eks", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EksAddon(eks, module.params, module.warn), "eks_addon")


if __name__ == "__main__":
    main()
