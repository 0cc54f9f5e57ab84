#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_replica_key
short_description: Manage the replica of a multi-Region KMS key in this region
description:
  - Replicates a multi-Region primary key of another region into the module's region and gives the replica an alias
    there. What the primary encrypted can be decrypted with the replica, without the primary's region.
  - Policy, description, tags and alias of a replica are its own and kept as asked for; rotation comes from the
    primary.
  - Primary and replica have one key id, by which a replica without its alias is found and adopted. When the primary
    was moved into this region (C(aws kms update-primary-region)) the key here is still taken for the one asked for.
  - Waits until KMS has made the key, which takes seconds.
options:
  alias:
    description: The replica's alias in this region, without C(alias/). Cannot begin with C(aws/).
    type: str
    required: true
  primary_key_arn:
    description:
      - ARN of the primary key, which is in another region; in check mode it may be one that ends in C(-planned).
      - May be left out once the replica exists, so that its region can be managed while the primary's is down.
    type: str
  state:
    description:
      - With V(absent) the replica's deletion is scheduled and its alias is removed. A primary can only be deleted
        after its replicas.
    choices: [present, absent]
    default: present
    type: str
  description:
    description: What the key is for.
    type: str
    default: ""
  policy:
    description:
      - The replica's own key policy. It must let the caller change it again (C(kms:PutKeyPolicy)).
      - Without it a new replica gets AWS's default policy, and the policy of an existing one is left alone.
    type: dict
  enabled:
    description: Whether the replica can be used.
    type: bool
    default: true
  pending_window_days:
    description: How many days a replica that is removed can still be saved, 7 to 30.
    type: int
    default: 30
  cancel_deletion:
    description:
      - What to do where the replica's deletion is scheduled. With V(true) it is cancelled and the replica enabled
        again; with V(false) the module stops and says so.
    type: bool
    default: false
  wait:
    description: Whether to wait until the replica can be used.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait.
    type: int
    default: 120
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Let the standby region decrypt what the database encrypted
  kms_replica_key:
    alias: production/trading-engine/rds
    primary_key_arn: "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    description: PostgreSQL storage, snapshots and backups
    region: us-west-2
"""

RETURN = r"""
kms_replica_key:
  description: The replica; empty when it is absent. In check mode, the replica as it would be.
  returned: always
  type: dict
  contains:
    key_id:
      description: The key's id, the same as the primary's.
      type: str
      sample: mrk-1234abcd12ab34cd56ef1234567890ab
    key_arn:
      description: The replica's ARN, known even before it exists.
      type: str
      sample: "arn:aws:kms:us-west-2:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    primary_key_arn:
      description: The ARN of the primary as KMS tells it.
      type: str
      sample: "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    key_state: {description: KMS's state of the key., type: str, sample: Enabled}
    alias: {description: The alias without C(alias/)., type: str, sample: production/trading-engine/rds}
    description: {description: The description., type: str, sample: PostgreSQL storage}
    enabled: {description: Whether it can be used., type: bool, sample: true}
    deletion_scheduled: {description: Whether it is about to be deleted., type: bool, sample: false}
    multi_region: {description: Always true., type: bool, sample: true}
    policy: {description: "The policy, lists sorted.", type: dict, sample: {}}
    tags: {description: The tags., type: dict, sample: {Name: production/trading-engine/rds}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: [create]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from botocore.exceptions import BotoCoreError, ClientError

    from trading_platform.aws.engine import RefusedError, run
    from trading_platform.aws.kms import RETRIED, KeyArguments, check_arguments
    from trading_platform.aws.kms_replica_key import KmsReplicaKey, key_id_of, primary_of, region_of
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "alias": {"type": "str", "required": True},
    "primary_key_arn": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str", "default": ""},
    "policy": {"type": "dict"},
    "enabled": {"type": "bool", "default": True},
    "pending_window_days": {"type": "int", "default": 30},
    "cancel_deletion": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 120},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = check_arguments(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    retry = AWSRetry.jittered_backoff(**RETRIED)
    kms = module.client("kms", retry_decorator=retry)
    try:
        primary_key_arn = module.params["primary_key_arn"] or primary_of(kms, module.params["alias"])
        key_id_of(primary_key_arn)
    except RefusedError as problem:
        # The alias is the last that goes: without it there is nothing left to remove.
        if module.params["state"] == "absent" and not module.params["primary_key_arn"]:
            module.exit_json(changed=False, actions=[], kms_replica_key={})
        module.fail_json(msg=str(problem))
    except (ClientError, BotoCoreError) as problem:
        module.fail_json_aws(problem, msg=f"KMS replica key {module.params['alias']}")
    primary_kms = module.client("kms", retry_decorator=retry, region=region_of(primary_key_arn))
    run(module, KmsReplicaKey(kms, primary_kms, KeyArguments.of(module.params), primary_key_arn), "kms_replica_key")


if __name__ == "__main__":
    main()
