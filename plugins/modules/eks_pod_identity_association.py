#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eks_pod_identity_association
short_description: Manage the role that the pods of a Kubernetes service account get
description:
  - The association of a service account with a role, by EKS Pod Identity. Namespace and service account need not exist
    yet; pods that run already get the role when they start again.
options:
  cluster_name:
    description: Name of the cluster.
    type: str
    required: true
  namespace:
    description: Kubernetes namespace.
    type: str
    required: true
  service_account:
    description: Kubernetes service account. With the namespace it is the identity.
    type: str
    required: true
  role_arn:
    description: Role that lets pods.eks.amazonaws.com assume it and tag the session. Required when O(state=present).
    type: str
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
- name: The API may read its secrets
  eks_pod_identity_association:
    cluster_name: production-trading-engine
    namespace: trading
    service_account: api
    role_arn: arn:aws:iam::111122223333:role/production-trading-engine-api
"""

RETURN = r"""
eks_pod_identity_association:
  description: The association as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    association_id: {description: Its id., type: str, sample: a-0123456789abcdef0}
    association_arn: {description: Its ARN., type: str, sample: "arn:aws:eks:..."}
    namespace: {description: Kubernetes namespace., type: str, sample: trading}
    service_account: {description: Kubernetes service account., type: str, sample: api}
    role_arn: {description: The role., type: str, sample: "arn:aws:iam::111122223333:role/api"}
    tags: {description: Its tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: role_arn"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.eks_pod_identity_association import EksPodIdentityAssociation
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "cluster_name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "service_account": {"type": "str", "required": True},
    "role_arn": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ["role_arn"])],
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    eks = module.client("eks", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EksPodIdentityAssociation(eks, module.params), "eks_pod_identity_association")


if __name__ == "__main__":
    main()
