#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_plan
short_description: Manage a plan of AWS Backup
description:
  - Manages when backups are made, how long they are kept and where copies go. Continuous backups are never asked for.
  - Recovery points get the tags of the plan.
options:
  name:
    description: The plan's name.
    type: str
    required: true
  state:
    description: V(absent) removes it with its selections; what it has backed up stays.
    type: str
    choices: [present, absent]
    default: present
  rules:
    description: When backups are made; needed unless O(state=absent).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The rule's name.
        type: str
        required: true
      vault:
        description: Name of the vault.
        type: str
        required: true
      schedule:
        description: When, in UTC, as C(cron(...)) of AWS.
        type: str
        required: true
      start_window_minutes:
        description: Minutes within which a backup begins, 60 or more.
        type: int
        default: 60
      completion_window_minutes:
        description: Minutes within which it is done.
        type: int
        default: 480
      delete_after_days:
        description: Days that it is kept.
        type: int
        required: true
      cold_storage_after_days:
        description: Days after which it goes to cold storage, where it stays 90 days or more; never when not given.
        type: int
      copies:
        description: Where copies go.
        type: list
        elements: dict
        default: []
        suboptions:
          vault_arn:
            description: ARN of the vault; in check mode it may be one that ends in C(-planned).
            type: str
            required: true
          delete_after_days:
            description: Days that the copy is kept.
            type: int
            required: true
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Back up every day, and keep a copy far away
  backup_plan:
    name: production-trading-engine
    rules:
      - name: daily
        vault: production-trading-engine
        schedule: cron(0 5 ? * * *)
        delete_after_days: 30
        copies:
          - vault_arn: arn:aws:backup:us-west-2:111122223333:backup-vault:production-trading-engine
            delete_after_days: 30
"""

RETURN = r"""
backup_plan:
  description: The plan; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    id: {description: The id., type: str, sample: 1234abcd-12ab-34cd-56ef-1234567890ab}
    arn: {description: The ARN., type: str, sample: "arn:aws:backup:us-east-1:111122223333:backup-plan:1234abcd"}
    name: {description: The name., type: str, sample: production}
    rules: {description: The rules by name., type: list, elements: dict, sample: []}
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
    from trading_platform.aws.backup_plan import BackupPlan, problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "rules": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "vault": {"type": "str", "required": True},
            "schedule": {"type": "str", "required": True},
            "start_window_minutes": {"type": "int", "default": 60},
            "completion_window_minutes": {"type": "int", "default": 480},
            "delete_after_days": {"type": "int", "required": True},
            "cold_storage_after_days": {"type": "int"},
            "copies": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "vault_arn": {"type": "str", "required": True},
                    "delete_after_days": {"type": "int", "required": True},
                },
            },
        },
    },
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
    run(module, BackupPlan(backup, module.params), "backup_plan")


if __name__ == "__main__":
    main()
