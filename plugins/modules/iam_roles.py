#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_roles
short_description: Manage IAM roles with their trust, policies and boundaries
description:
  - Makes roles and keeps all that decides what they may do as asked for, the trust policy, attached and inline
    policies, the permissions boundary and the session length, as well as description and tags.
  - Managed and inline policies that were not asked for are taken away. Other roles are left alone.
  - Policies are compared by meaning, not by text.
  - Two calls read all roles of the account, and are repeated once when something was written.
  - IAM is eventually consistent. A write that names a policy or a principal made just before is tried again for half a
    minute.
notes:
  - The identity needs C(iam:GetAccountAuthorizationDetails) and C(iam:ListRoles) besides the permissions to write.
options:
  roles:
    description: The roles.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name, 1 to 64 characters, unique in the account whatever the path.
        type: str
        required: true
      path:
        description: The path. Cannot be changed later.
        type: str
        default: /
      description:
        description: What the role is for.
        type: str
        default: ""
      trust_policy:
        description: Who may assume the role, a policy document. Required with O(state=present).
        type: dict
      max_session_seconds:
        description: How long a session may last, 3600 to 43200.
        type: int
        default: 3600
      permissions_boundary:
        description: ARN of the policy that bounds what the role may do. Without it the role has no boundary.
        type: str
      managed_policies:
        description: ARNs of the attached policies, all of them.
        type: list
        elements: str
        default: []
      inline_policies:
        description: The inline policies, all of them, name to policy document. Together at most 10,240 characters.
        type: dict
        default: {}
      tags:
        description: Tags of this role besides O(tags), such as its Name.
        type: dict
  state:
    description: With V(absent) the roles are removed with their policies, and taken out of instance profiles.
    choices: [present, absent]
    default: present
    type: str
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A role for the nodes that may write backups, and one for the control plane
  iam_roles:
    roles:
      - name: production-trading-engine-eks-node
        description: EC2 instances of the node groups
        trust_policy:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {Service: ec2.amazonaws.com}
              Action: sts:AssumeRole
        managed_policies: [arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy]
        inline_policies:
          S3BackupAccess:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: s3:PutObject
                Resource: arn:aws:s3:::production-trading-engine-backups/*
        permissions_boundary: arn:aws:iam::123456789012:policy/production-trading-engine-boundary
        tags: {Name: production-trading-engine-eks-node}
      - name: production-trading-engine-eks-cluster
        trust_policy:
          Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Principal: {Service: eks.amazonaws.com}
              Action: sts:AssumeRole
        managed_policies: [arn:aws:iam::aws:policy/AmazonEKSClusterPolicy]
    tags: {Environment: production}
"""

RETURN = r"""
iam_roles:
  description:
    - Name to role, those that are asked for. In check mode, as they would be.
    - A role has role_arn (ends in C(-planned) in check mode before the role exists), role_id, and what was asked for;
      the lists of its policies are sorted, permissions_boundary is null where it has none.
  returned: success
  type: dict
  sample:
    production-trading-engine-eks-node:
      role_arn: arn:aws:iam::123456789012:role/production-trading-engine-eks-node
      role_id: AROADBQP57FF2AEXAMPLE
      path: /
      description: EC2 instances of the node groups
      trust_policy: {}
      max_session_seconds: 3600
      permissions_boundary: arn:aws:iam::123456789012:policy/production-trading-engine-boundary
      managed_policies: []
      inline_policies: {}
      tags: {Environment: production}
actions:
  description: What was done, or in check mode would be done; also when one of them failed.
  returned: always
  type: list
  elements: str
  sample: ["update production-trading-engine-eks-node: trust_policy"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.iam import READS, WRITES
    from trading_platform.aws.iam_roles import IamRoles, problems
    from trading_platform.aws.several import run_several
except ImportError as error:
    LIBRARY_ERROR = error

ROLE = {
    "name": {"type": "str", "required": True},
    "path": {"type": "str", "default": "/"},
    "description": {"type": "str", "default": ""},
    "trust_policy": {"type": "dict"},
    "max_session_seconds": {"type": "int", "default": 3600},
    "permissions_boundary": {"type": "str"},
    "managed_policies": {"type": "list", "elements": "str", "default": []},
    "inline_policies": {"type": "dict", "default": {}},
    "tags": {"type": "dict"},
}
ARGUMENT_SPEC = {
    "roles": {"type": "list", "elements": "dict", "options": ROLE, "required": True},
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
    reads = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(**READS))
    writes = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(**WRITES))
    run_several(module, IamRoles(reads, writes, module.params), "iam_roles")


if __name__ == "__main__":
    main()
