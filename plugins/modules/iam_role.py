#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_role
short_description: Manage an IAM role with its trust, policies and boundary
description:
  - Makes a role and keeps all that decides what it may do as asked for, the trust policy, attached and inline policies,
    the permissions boundary and the session length, as well as its description and tags.
  - Managed and inline policies that were not asked for are taken away.
  - Policies are compared by meaning, not by text.
  - IAM is eventually consistent. A write that names a policy or a principal made just before is tried again for half a
    minute.
options:
  name:
    description: The name, 1 to 64 characters, unique in the account whatever the path.
    type: str
    required: true
  state:
    description: With V(absent) the role is removed with its policies, and taken out of instance profiles.
    choices: [present, absent]
    default: present
    type: str
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
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A role for the nodes that may write backups
  iam_role:
    name: production-trading-engine-eks-node
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
    tags: {Environment: production}
"""

RETURN = r"""
iam_role:
  description: The role; empty when it is absent. In check mode, the role as it would be.
  returned: always
  type: dict
  contains:
    role_arn:
      description: The ARN; ends in C(-planned) in check mode before the role exists.
      type: str
      sample: arn:aws:iam::123456789012:role/production-trading-engine-eks-node
    role_id: {description: The unique id., type: str, sample: AROADBQP57FF2AEXAMPLE}
    path: {description: The path., type: str, sample: /}
    description: {description: The description., type: str, sample: EC2 instances of the node groups}
    trust_policy: {description: "Who may assume it, lists sorted.", type: dict, sample: {}}
    max_session_seconds: {description: The longest session., type: int, sample: 3600}
    permissions_boundary:
      description: ARN of the boundary or null.
      type: str
      sample: arn:aws:iam::123456789012:policy/production-trading-engine-boundary
    managed_policies: {description: "ARNs, sorted.", type: list, elements: str, sample: []}
    inline_policies: {description: "Name to policy, lists sorted.", type: dict, sample: {}}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: trust_policy"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.iam import READS, WRITES
    from trading_platform.aws.iam_role import IamRole
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "path": {"type": "str", "default": "/"},
    "description": {"type": "str", "default": ""},
    "trust_policy": {"type": "dict"},
    "max_session_seconds": {"type": "int", "default": 3600},
    "permissions_boundary": {"type": "str"},
    "managed_policies": {"type": "list", "elements": "str", "default": []},
    "inline_policies": {"type": "dict", "default": {}},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}
REQUIRED_IF = [("state", "present", ["trust_policy"])]


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, required_if=REQUIRED_IF, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    reads = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(**READS))
    writes = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(**WRITES))
    run(module, IamRole(reads, writes, module.params), "iam_role")


if __name__ == "__main__":
    main()
