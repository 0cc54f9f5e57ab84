#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_automated_backups_replication
short_description: Replicate the automated backups of an RDS instance into this region
description:
  - Works in the region that receives the backups. The instance, of another region, must be available and have backups.
  - AWS can change nothing of a replication; another key or retention ends it and begins a new one.
options:
  source_arn:
    description: ARN of the instance whose backups are replicated.
    type: str
    required: true
  state:
    description: Whether the backups are replicated.
    choices: [present, absent]
    default: present
    type: str
  kms_key_id:
    description: ARN of a key of this region. Required when I(state=present).
    type: str
  retention_days:
    description: Days that replicated backups are kept, 1 to 35.
    type: int
    default: 7
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Keep the backups in the standby region as well
  rds_automated_backups_replication:
    source_arn: "arn:aws:rds:us-east-1:123456789012:db:production-trading-engine"
    kms_key_id: "arn:aws:kms:us-west-2:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    retention_days: 30
    region: us-west-2
"""

RETURN = r"""
rds_automated_backups_replication:
  description: The replication; empty when it is absent. In check mode, the replication as it would be.
  returned: always
  type: dict
  contains:
    arn:
      description: ARN of the replicated backups.
      type: str
      sample: "arn:aws:rds:us-west-2:123456789012:auto-backup:ab-abcdefghijklmnopqrstuvwxyz"
    status: {description: RDS's status., type: str, sample: replicating}
    source_arn:
      description: ARN of the instance.
      type: str
      sample: "arn:aws:rds:us-east-1:123456789012:db:production"
    kms_key_id:
      description: Key of this region.
      type: str
      sample: "arn:aws:kms:us-west-2:123456789012:key/mrk-1234"
    retention_days: {description: Days that they are kept., type: int, sample: 30}
    tags: {description: The tags., type: dict, sample: {Team: devops}}
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
    from trading_platform.aws.engine import run
    from trading_platform.aws.rds_automated_backups_replication import (
        BackupsReplicationArguments,
        RdsAutomatedBackupsReplication,
    )
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "source_arn": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "kms_key_id": {"type": "str"},
    "retention_days": {"type": "int", "default": 7},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, required_if=[["state", "present", ["kms_key_id"]]], supports_check_mode=True
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    params = module.params
    if not 1 <= params["retention_days"] <= 35:
        module.fail_json(msg=f"retention_days: {params['retention_days']} is not between 1 and 35")
    if not params["source_arn"].startswith("arn:") or params["source_arn"].count(":") < 6:
        module.fail_json(msg=f"source_arn: {params['source_arn']!r} is not the ARN of an RDS instance")
    arguments = BackupsReplicationArguments(
        source_arn=params["source_arn"],
        kms_key_id=params["kms_key_id"] or "",
        retention_days=params["retention_days"],
        tags=params["tags"],
        purge_tags=params["purge_tags"],
    )
    client = module.client("rds", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, RdsAutomatedBackupsReplication(client, arguments), "rds_automated_backups_replication")


if __name__ == "__main__":
    main()
