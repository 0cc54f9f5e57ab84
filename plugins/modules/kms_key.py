#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_key
short_description: Manage a symmetric KMS key behind an alias
description:
  - Creates a key with its policy and tags, gives it an alias, and keeps description, policy, rotation, state and
    tags as asked for.
  - The alias is the key's identity. The module also gives the key the tag C(Name) with the alias as value; a key
    that has this tag but no alias, as a run that was cut off leaves it, is adopted instead of making a second one.
  - Policies are compared by meaning. A principal that was deleted since, which KMS shows as an id such as
    C(AROA...), is written again.
  - KMS refuses a policy that names a role which it does not see yet; the module tries again for about a minute.
notes:
  - Needs the permissions C(kms:CreateKey), C(kms:CreateAlias), C(kms:DescribeKey), C(kms:GetKeyPolicy),
    C(kms:GetKeyRotationStatus), C(kms:ListKeys), C(kms:ListResourceTags), C(kms:TagResource), and those of the
    changes.
options:
  alias:
    description: The key's alias, without C(alias/). Cannot begin with C(aws/).
    type: str
    required: true
  state:
    description:
      - With V(absent) the key's deletion is scheduled and its alias is removed. The key keeps its tags, and can be
        saved until O(pending_window_days) have passed (C(aws kms cancel-key-deletion)).
    choices: [present, absent]
    default: present
    type: str
  description:
    description: What the key is for.
    type: str
    default: ""
  policy:
    description:
      - The key policy. It must let the caller change it again (C(kms:PutKeyPolicy)).
      - Without it a new key gets AWS's default policy, and the policy of an existing key is left alone.
    type: dict
  multi_region:
    description: Whether the key can have replicas in other regions, see M(kms_replica_key). Cannot be changed later.
    type: bool
    default: false
  rotation_period_days:
    description: Days between rotations of the key material, a whole number from 90 to 2560; V(null) turns rotation
      off.
    type: raw
    default: 365
  enabled:
    description: Whether the key can be used.
    type: bool
    default: true
  pending_window_days:
    description: How many days a key that is removed can still be saved, 7 to 30.
    type: int
    default: 30
  cancel_deletion:
    description:
      - What to do where the alias leads to a key whose deletion is scheduled. With V(true) the deletion is cancelled
        and the key enabled again; with V(false) the module stops and says so.
    type: bool
    default: false
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A key for the database, with replicas elsewhere
  kms_key:
    alias: production/trading-engine/rds
    description: PostgreSQL storage, snapshots and backups
    multi_region: true
    policy:
      Version: "2012-10-17"
      Statement:
        - Sid: Administration
          Effect: Allow
          Principal: {AWS: "arn:aws:iam::123456789012:root"}
          Action: "kms:*"
          Resource: "*"
    tags: {Environment: production}

- name: Save a key whose deletion is scheduled
  kms_key:
    alias: production/trading-engine/rds
    multi_region: true
    cancel_deletion: true
"""

RETURN = r"""
kms_key:
  description: The key; empty when it is absent. In check mode, the key as it would be.
  returned: always
  type: dict
  contains:
    key_id:
      description: The key's id, C(mrk-...) for a multi-Region key.
      type: str
      sample: mrk-1234abcd12ab34cd56ef1234567890ab
    key_arn:
      description: The key's ARN; ends in C(-planned) in check mode before the key exists.
      type: str
      sample: "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    key_state: {description: KMS's state of the key., type: str, sample: Enabled}
    alias: {description: The alias without C(alias/)., type: str, sample: production/trading-engine/rds}
    description: {description: The description., type: str, sample: PostgreSQL storage}
    enabled: {description: Whether it can be used., type: bool, sample: true}
    deletion_scheduled: {description: Whether it is about to be deleted., type: bool, sample: false}
    multi_region: {description: Whether it can have replicas., type: bool, sample: true}
    rotation_period_days: {description: Days between rotations or null., type: int, sample: 365}
    policy: {description: "The policy, lists sorted.", type: dict, sample: {}}
    tags: {description: The tags., type: dict, sample: {Name: production/trading-engine/rds}}
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
    from trading_platform.aws.kms import RETRIED, KeyArguments, check_arguments
    from trading_platform.aws.kms_key import KmsKey
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "alias": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str", "default": ""},
    "policy": {"type": "dict"},
    "multi_region": {"type": "bool", "default": False},
    # raw, because Ansible takes no null for an int that has a default
    "rotation_period_days": {"type": "raw", "default": 365},
    "enabled": {"type": "bool", "default": True},
    "pending_window_days": {"type": "int", "default": 30},
    "cancel_deletion": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    params = module.params
    problems = check_arguments(params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    kms = module.client("kms", retry_decorator=AWSRetry.jittered_backoff(**RETRIED))
    period = params["rotation_period_days"]
    key = KmsKey(kms, KeyArguments.of(params), params["multi_region"], None if period is None else int(period))
    run(module, key, "kms_key")


if __name__ == "__main__":
    main()
