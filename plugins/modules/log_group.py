#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: log_group
short_description: Manage a CloudWatch Logs group, its retention and its key
description:
  - Makes a log group before the service that writes to it does, since one that a service makes keeps its events forever
    and uses no key of ours. One that is there already is brought to what is asked for.
  - The key policy must let C(logs.<region>.amazonaws.com) use the key.
options:
  name:
    description: The group's name.
    type: str
    required: true
  state:
    description: V(absent) removes the group with everything in it.
    type: str
    choices: [present, absent]
    default: present
  retention_days:
    description: Days after which events are deleted, one of the periods of CloudWatch Logs; never when not given.
    type: int
  kms_key_arn:
    description: ARN of the key that encrypts what is stored; CloudWatch Logs' own when not given.
    type: str
  log_group_class:
    description: Class of the group, which cannot be changed.
    type: str
    choices: [STANDARD, INFREQUENT_ACCESS]
    default: STANDARD
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Keep the slow queries for 90 days
  log_group:
    name: /aws/rds/instance/production-trading-engine/postgresql
    retention_days: 90
    kms_key_arn: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
"""

RETURN = r"""
log_group:
  description: The group; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    arn:
      description: The ARN, without the C(:*) that some services want behind it.
      type: str
      sample: "arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-production"
    name: {description: The name., type: str, sample: aws-waf-logs-production}
    retention_days: {description: Days that events are kept., type: int, sample: 90}
    kms_key_arn: {description: The key., type: str, sample: "arn:aws:kms:us-east-1:111122223333:key/1234abcd"}
    log_group_class: {description: The class., type: str, sample: STANDARD}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: retention_days"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.log_group import LogGroup, problems
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "retention_days": {"type": "int"},
    "kms_key_arn": {"type": "str"},
    "log_group_class": {"type": "str", "choices": ["STANDARD", "INFREQUENT_ACCESS"], "default": "STANDARD"},
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
    logs = module.client("logs", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, LogGroup(logs, module.params), "log_group")


if __name__ == "__main__":
    main()
