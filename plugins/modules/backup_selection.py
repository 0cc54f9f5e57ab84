#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_selection
short_description: Manage what a plan of AWS Backup backs up
description:
  - Selects resources of the kinds given that have all of the tags given. AWS cannot change a selection, so one that
    differs is replaced.
options:
  name:
    description: The selection's name, unique in the plan.
    type: str
    required: true
  plan_id:
    description: The plan; in check mode it may be an id that ends in C(-planned).
    type: str
    required: true
  state:
    description: V(absent) removes it; what was backed up stays.
    type: str
    choices: [present, absent]
    default: present
  role_arn:
    description: Role with which AWS Backup reads the resources and writes the copies.
    type: str
    required: true
  resources:
    description: ARNs, in which C(*) stands for anything.
    type: list
    elements: str
    default: []
  not_resources:
    description: ARNs that are left out.
    type: list
    elements: str
    default: []
  tags_equal:
    description: Tags that a resource must all have.
    type: dict
    default: {}
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Back up the volumes of the pods
  backup_selection:
    name: volumes
    plan_id: 1234abcd-12ab-34cd-56ef-1234567890ab
    role_arn: arn:aws:iam::111122223333:role/production-trading-engine-backup
    resources: ["arn:aws:ec2:*:*:volume/*"]
    tags_equal: {Project: trading-engine}
"""

RETURN = r"""
backup_selection:
  description: The selection; empty when it is absent. In check mode, as it would be. It has a key for each option, too.
  returned: always
  type: dict
  contains:
    id: {description: The id., type: str, sample: 1234abcd-12ab-34cd-56ef-1234567890ab}
    tags_equal: {description: Tags that a resource must all have., type: dict, sample: {Project: trading-engine}}
    list_of_tags: {description: Tags of which any one selects; always empty., type: list, elements: dict, sample: []}
    other_conditions: {description: Other conditions; always empty., type: dict, sample: {}}
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
    from trading_platform.aws.backup_selection import BackupSelection
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "plan_id": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "role_arn": {"type": "str", "required": True},
    "resources": {"type": "list", "elements": "str", "default": []},
    "not_resources": {"type": "list", "elements": "str", "default": []},
    "tags_equal": {"type": "dict", "default": {}},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    backup = module.client("backup", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, BackupSelection(backup, module.params), "backup_selection")


if __name__ == "__main__":
    main()
