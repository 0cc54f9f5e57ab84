#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: eks_pod_identity_associations
short_description: Manage the roles that the pods of Kubernetes service accounts get
description:
  - The associations of service accounts with roles, by EKS Pod Identity. Namespace and service account need not exist
    yet; pods that run already get the role when they start again.
  - One call lists the associations of the cluster and one reads each that is asked for; others are left alone.
options:
  cluster_name:
    description: Name of the cluster.
    type: str
    required: true
  associations:
    description: The associations, one for a service account.
    type: list
    elements: dict
    required: true
    suboptions:
      namespace:
        description: Kubernetes namespace.
        type: str
        required: true
      service_account:
        description: Kubernetes service account. With the namespace it is the identity.
        type: str
        required: true
      role_arn:
        description:
          - Role that lets pods.eks.amazonaws.com assume it and tag the session. Required when O(state=present).
        type: str
  state:
    description: Whether they should exist.
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
- name: API and workers may read their secrets
  eks_pod_identity_associations:
    cluster_name: production-trading-engine
    associations:
      - namespace: trading
        service_account: api
        role_arn: arn:aws:iam::111122223333:role/production-trading-engine-api
      - namespace: trading
        service_account: worker
        role_arn: arn:aws:iam::111122223333:role/production-trading-engine-worker
"""

RETURN = r"""
eks_pod_identity_associations:
  description:
    - Namespace and service account to association, those that are asked for. In check mode, as they would be.
    - An association has association_id, association_arn, namespace, service_account, role_arn and tags.
  returned: success
  type: dict
  sample:
    trading/api:
      association_id: a-0123456789abcdef0
      association_arn: arn:aws:eks:us-east-1:111122223333:podidentityassociation/production/a-0123456789abcdef0
      namespace: trading
      service_account: api
      role_arn: arn:aws:iam::111122223333:role/production-trading-engine-api
      tags: {Environment: production}
actions:
  description: What was done, or in check mode would be done; also when one of them failed.
  returned: always
  type: list
  elements: str
  sample: ["create trading/worker", "update trading/api: role_arn"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.eks_pod_identity_associations import EksPodIdentityAssociations, problems
    from trading_platform.aws.several import run_several
except ImportError as error:
    LIBRARY_ERROR = error

ASSOCIATION = {
    "namespace": {"type": "str", "required": True},
    "service_account": {"type": "str", "required": True},
    "role_arn": {"type": "str"},
}
ARGUMENT_SPEC = {
    "cluster_name": {"type": "str", "required": True},
    "associations": {"type": "list", "elements": "dict", "options": ASSOCIATION, "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    wrong = problems(module.params)
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    eks = module.client("eks", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run_several(module, EksPodIdentityAssociations(eks, module.params), "eks_pod_identity_associations")


if __name__ == "__main__":
    main()
