#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_managed_policy
short_description: Manage an IAM policy of the account
description:
  - Makes a managed policy, and keeps its default version and its tags as asked for.
  - A changed policy becomes a new default version. IAM keeps five; the oldest one makes room.
  - Policies are compared by meaning, not by text.
options:
  name:
    description: The name, 1 to 128 characters, unique in the account whatever the path.
    type: str
    required: true
  state:
    description: With V(absent) the policy is removed. IAM refuses while it is attached or is a boundary.
    choices: [present, absent]
    default: present
    type: str
  path:
    description: The path. Cannot be changed later.
    type: str
    default: /
  description:
    description: What the policy is for. Cannot be changed later.
    type: str
    default: ""
  policy:
    description:
      - The policy document, at most 6,144 characters without white space. Required with O(state=present).
    type: dict
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What no role may ever do
  iam_managed_policy:
    name: production-trading-engine-boundary
    description: Permissions boundary of every role
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Action: "*"
          Resource: "*"
        - Effect: Deny
          Action: cloudtrail:StopLogging
          Resource: "*"
    tags: {Environment: production}
"""

RETURN = r"""
iam_managed_policy:
  description: The policy; empty when it is absent. In check mode, the policy as it would be.
  returned: always
  type: dict
  contains:
    policy_arn:
      description: The ARN; ends in C(-planned) in check mode before the policy exists.
      type: str
      sample: arn:aws:iam::123456789012:policy/production-trading-engine-boundary
    default_version_id: {description: The version that counts., type: str, sample: v3}
    path: {description: The path., type: str, sample: /}
    description: {description: The description., type: str, sample: Permissions boundary of every role}
    policy: {description: "The default version, lists sorted.", type: dict, sample: {}}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: policy"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.iam import READS, WRITES
    from trading_platform.aws.iam_managed_policy import IamManagedPolicy
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "path": {"type": "str", "default": "/"},
    "description": {"type": "str", "default": ""},
    "policy": {"type": "dict"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}
REQUIRED_IF = [("state", "present", ["policy"])]


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, required_if=REQUIRED_IF, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    reads = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(**READS))
    writes = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(**WRITES))
    run(module, IamManagedPolicy(reads, writes, module.params), "iam_managed_policy")


if __name__ == "__main__":
    main()
