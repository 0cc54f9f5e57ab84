#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_vault
short_description: Manage a vault of AWS Backup with its lock
description:
  - Manages a vault, its tags, and a lock in governance mode, which whoever may can take away again.
options:
  name:
    description: The vault's name, 2 to 50 letters, digits, C(-) and C(_).
    type: str
    required: true
  state:
    description: V(absent) removes it, if O(when_not_empty) allows.
    type: str
    choices: [present, absent]
    default: present
  when_not_empty:
    description:
      - What O(state=absent) does with a vault that holds recovery points, as AWS removes only an empty one. V(fail)
        ends with an error, V(keep) leaves the vault as it is, V(purge) takes the lock away and deletes them first.
    type: str
    choices: [fail, keep, purge]
    default: fail
  wait_timeout:
    description: Seconds to wait for the deletion of the recovery points.
    type: int
    default: 900
  kms_key_arn:
    description: Key of the recovery points, which cannot be changed; AWS's own when not given.
    type: str
  min_retention_days:
    description: Days during which nothing can be deleted; no lower limit when not given.
    type: int
  max_retention_days:
    description: Days after which everything must be deleted; no upper limit when not given.
    type: int
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Keep backups in a vault
  backup_vault:
    name: production-trading-engine
    kms_key_arn: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
"""

RETURN = r"""
backup_vault:
  description: The vault; empty when it is absent, unless it was kept. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    arn: {description: The ARN., type: str, sample: "arn:aws:backup:us-east-1:111122223333:backup-vault:production"}
    recovery_points: {description: How much is in it., type: int, sample: 30}
    name: {description: The name., type: str, sample: production}
    kms_key_arn: {description: The key., type: str, sample: "arn:aws:kms:us-east-1:111122223333:key/1234abcd"}
    min_retention_days: {description: Lower limit of the lock., type: int, sample: 7}
    max_retention_days: {description: Upper limit of the lock., type: int, sample: 35}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["create"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.backup_vault import BackupVault, problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "when_not_empty": {"type": "str", "choices": ["fail", "keep", "purge"], "default": "fail"},
    "wait_timeout": {"type": "int", "default": 900},
    "kms_key_arn": {"type": "str"},
    "min_retention_days": {"type": "int"},
    "max_retention_days": {"type": "int"},
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
    backup = module.client("backup", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, BackupVault(backup, module.params), "backup_vault")


if __name__ == "__main__":
    main()
