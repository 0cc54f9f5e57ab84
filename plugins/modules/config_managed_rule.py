#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_managed_rule
short_description: Manage a managed rule of AWS Config
description:
  - Lets AWS Config say which resources are not as one of AWS's own rules wants them.
options:
  name:
    description: The rule's name.
    type: str
    required: true
  state:
    description: V(absent) removes it with its results.
    type: str
    choices: [present, absent]
    default: present
  identifier:
    description: Which of AWS's rules it is, such as C(ENCRYPTED_VOLUMES).
    type: str
    required: true
  description:
    description: What it is for.
    type: str
    default: ""
  parameters:
    description: Parameters of the rule, name to value.
    type: dict
    default: {}
  resource_types:
    description: Types that it looks at; those of the rule when not given.
    type: list
    elements: str
    default: []
  frequency:
    description: How often a periodic rule looks; AWS decides when not given.
    type: str
    choices: [One_Hour, Three_Hours, Six_Hours, Twelve_Hours, TwentyFour_Hours]
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Say which volumes are not encrypted
  config_managed_rule:
    name: production-trading-engine-encrypted-volumes
    identifier: ENCRYPTED_VOLUMES
"""

RETURN = r"""
config_managed_rule:
  description: The rule; empty when it is absent. In check mode, as it would be. It has a key for each option, too.
  returned: always
  type: dict
  contains:
    arn: {description: The ARN., type: str, sample: "arn:aws:config:us-east-1:1:config-rule/config-rule-abcdef"}
    owner: {description: AWS for a managed rule., type: str, sample: AWS}
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
    from trading_platform.aws.config_managed_rule import ConfigManagedRule
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "identifier": {"type": "str", "required": True},
    "description": {"type": "str", "default": ""},
    "parameters": {"type": "dict", "default": {}},
    "resource_types": {"type": "list", "elements": "str", "default": []},
    "frequency": {
        "type": "str",
        "choices": ["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"],
    },
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    config = module.client("config", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, ConfigManagedRule(config, module.params), "config_managed_rule")


if __name__ == "__main__":
    main()
