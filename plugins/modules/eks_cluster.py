#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eks_cluster
short_description: Manage an EKS cluster
description:
  - Creates the control plane without self-managed add-ons and without rights for its creator, so that everything in it
    comes from M(eks_addon) and M(eks_access_entry).
  - Repairs every setting that AWS can change, one update after the other. A setting that it cannot change is refused.
  - The Kubernetes version goes up one minor version at a time. A jump and a downgrade are refused.
notes:
  - In check mode before its parents exist, ids such as V(subnet-planned) are accepted and returned.
options:
  name:
    description: Name of the cluster, at most 100 characters.
    type: str
    required: true
  version:
    description: Kubernetes version, for example V(1.35). Required when O(state=present).
    type: str
  role_arn:
    description: Role that EKS assumes. Cannot be changed. Required when O(state=present).
    type: str
  subnet_ids:
    description: Subnets in at least two availability zones for the control plane's network interfaces. Later ones must
      lie in the same zones. Required when O(state=present).
    type: list
    elements: str
  security_group_ids:
    description: Security groups of these interfaces, beside the one that EKS makes.
    type: list
    elements: str
    default: []
  public_access_cidrs:
    description: From where the API server can be reached over the internet. Nowhere, when empty. It can always be
      reached
      from inside the VPC.
    type: list
    elements: str
    default: []
  service_ipv4_cidr:
    description: Addresses of Kubernetes services. Cannot be changed. Required when O(state=present).
    type: str
  log_types:
    description: What the control plane writes to CloudWatch Logs.
    type: list
    elements: str
    choices: [api, audit, authenticator, controllerManager, scheduler]
    default: [api, audit, authenticator, controllerManager, scheduler]
  encryption_key_arn:
    description: KMS key of the Kubernetes secrets. It can be added to a cluster, but neither changed nor removed.
    type: str
  authentication_mode:
    description: V(API) for access entries only. It cannot be taken back.
    type: str
    choices: [API_AND_CONFIG_MAP, API]
    default: API
  support_type:
    description: V(STANDARD) has the cluster upgraded by AWS at the end of standard support; V(EXTENDED) costs extra
      then.
    type: str
    choices: [STANDARD, EXTENDED]
    default: STANDARD
  deletion_protection:
    description: Whether AWS refuses to delete it. With O(state=absent), V(false) turns it off before deleting.
    type: bool
    default: true
  wait:
    description: Whether to wait until it is active. A task later with O(wait=true) waits for what an earlier one asked
      for.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait, also for what must be over before the next step can begin.
    type: int
    default: 2400
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
- name: The cluster is asked for
  eks_cluster:
    name: production-trading-engine
    version: "1.35"
    role_arn: arn:aws:iam::111122223333:role/production-trading-engine-eks-cluster
    subnet_ids: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
    service_ipv4_cidr: 172.20.0.0/16

- name: The cluster is ready
  eks_cluster:
    name: production-trading-engine
    version: "1.35"
    role_arn: arn:aws:iam::111122223333:role/production-trading-engine-eks-cluster
    subnet_ids: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
    service_ipv4_cidr: 172.20.0.0/16
    wait: true
"""

RETURN = r"""
eks_cluster:
  description: The cluster as it is, or in check mode as it would be, under the names of the arguments; empty when it is
    absent. What follows is there besides.
  returned: always
  type: dict
  contains:
    arn: {description: Its ARN., type: str, sample: "arn:aws:eks:us-east-1:111122223333:cluster/production"}
    status: {description: "AWS's state of it.", type: str, sample: ACTIVE}
    issues: {description: "AWS's health issues.", type: str, sample: ""}
    endpoint: {description: URL of the API server., type: str, sample: "https://0123.gr7.us-east-1.eks.amazonaws.com"}
    certificate_authority: {description: "Certificate of the API server's authority, base64.", type: str, sample: LS0t}
    oidc_issuer: {description: Issuer of the tokens., type: str, sample: "https://oidc.eks.us-east-1.amazonaws.com/id/0123"}
    cluster_security_group_id: {description: The group EKS made., type: str, sample: sg-0123456789abcdef0}
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
    from trading_platform.aws.eks_cluster import EksCluster
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "version": {"type": "str"},
    "role_arn": {"type": "str"},
    "subnet_ids": {"type": "list", "elements": "str"},
    "security_group_ids": {"type": "list", "elements": "str", "default": []},
    "public_access_cidrs": {"type": "list", "elements": "str", "default": []},
    "service_ipv4_cidr": {"type": "str"},
    "log_types": {
        "type": "list",
        "elements": "str",
        "choices": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        "default": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    },
    "encryption_key_arn": {"type": "str"},
    "authentication_mode": {"type": "str", "choices": ["API_AND_CONFIG_MAP", "API"], "default": "API"},
    "support_type": {"type": "str", "choices": ["STANDARD", "EXTENDED"], "default": "STANDARD"},
    "deletion_protection": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 2400},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ["version", "role_arn", "subnet_ids", "service_ipv4_cidr"])],
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    eks = module.client("eks", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EksCluster(eks, module.params, module.warn), "eks_cluster")


if __name__ == "__main__":
    main()
