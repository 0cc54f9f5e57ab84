#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_password_policy
short_description: Manage the account's password policy
description:
  - Keeps the password policy of the account's IAM users as asked for. There is one in an account.
options:
  state:
    description: With V(absent) the account goes back to AWS's default policy.
    choices: [present, absent]
    default: present
    type: str
  minimum_length:
    description: Shortest password, 6 to 128 characters.
    type: int
    default: 14
  require_lowercase:
    description: Whether it needs a lower-case letter.
    type: bool
    default: true
  require_uppercase:
    description: Whether it needs an upper-case letter.
    type: bool
    default: true
  require_numbers:
    description: Whether it needs a digit.
    type: bool
    default: true
  require_symbols:
    description: Whether it needs another character.
    type: bool
    default: true
  max_age_days:
    description: Days until a password expires, 1 to 1095; V(0) for never.
    type: int
    default: 0
  reuse_prevention:
    description: How many earlier passwords cannot be used again, 1 to 24; V(0) for none.
    type: int
    default: 0
  allow_users_to_change:
    description: Whether users may change their own.
    type: bool
    default: true
  hard_expiry:
    description: Whether an expired password can only be replaced by an administrator.
    type: bool
    default: false
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Long passwords that last 90 days
  iam_password_policy:
    minimum_length: 14
    max_age_days: 90
    reuse_prevention: 24
"""

RETURN = r"""
password_policy:
  description: The policy; empty when it is absent. In check mode, the policy as it would be.
  returned: always
  type: dict
  contains:
    minimum_length: {description: "Shortest password, 6 to 128 characters.", type: int, sample: 14}
    require_lowercase: {description: Whether it needs a lower-case letter., type: bool, sample: true}
    require_uppercase: {description: Whether it needs an upper-case letter., type: bool, sample: true}
    require_numbers: {description: Whether it needs a digit., type: bool, sample: true}
    require_symbols: {description: Whether it needs another character., type: bool, sample: true}
    max_age_days: {description: "Days until a password expires, 1 to 1095; 0 for never.", type: int, sample: 90}
    reuse_prevention: {description: "Earlier passwords that cannot be used again; 0 for none.", type: int, sample: 24}
    allow_users_to_change: {description: Whether users may change their own., type: bool, sample: true}
    hard_expiry: {description: Whether only an administrator can replace an expired one., type: bool, sample: false}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: minimum_length"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.iam import READS, WRITES
    from trading_platform.aws.iam_password_policy import IamPasswordPolicy
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "minimum_length": {"type": "int", "default": 14},
    "require_lowercase": {"type": "bool", "default": True},
    "require_uppercase": {"type": "bool", "default": True},
    "require_numbers": {"type": "bool", "default": True},
    "require_symbols": {"type": "bool", "default": True},
    "max_age_days": {"type": "int", "default": 0},
    "reuse_prevention": {"type": "int", "default": 0},
    "allow_users_to_change": {"type": "bool", "default": True},
    "hard_expiry": {"type": "bool", "default": False},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    reads = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(**READS))
    writes = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(**WRITES))
    run(module, IamPasswordPolicy(reads, writes, module.params), "password_policy")


if __name__ == "__main__":
    main()
