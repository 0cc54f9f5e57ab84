#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_managed_rules
short_description: Manage managed rules of AWS Config
description:
  - Lets AWS Config say which resources are not as AWS's own rules want them.
  - Reads the rules together, their tags one by one. Rules of other names are left alone.
options:
  rules:
    description: The rules.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The rule's name.
        type: str
        required: true
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
  state:
    description: V(absent) removes them with their results.
    type: str
    choices: [present, absent]
    default: present
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Say which volumes and databases are not encrypted
  config_managed_rules:
    rules:
      - name: production-trading-engine-encrypted-volumes
        identifier: ENCRYPTED_VOLUMES
      - name: production-trading-engine-rds-storage-encrypted
        identifier: RDS_STORAGE_ENCRYPTED
"""

RETURN = r"""
config_managed_rules:
  description:
    - Name to rule, those that are asked for. In check mode, as they would be.
    - A rule has a key for each option, arn, owner (C(AWS) for a managed rule) and tags.
  returned: success
  type: dict
  sample:
    production-trading-engine-encrypted-volumes:
      arn: arn:aws:config:us-east-1:111122223333:config-rule/config-rule-abcdef
      name: production-trading-engine-encrypted-volumes
      owner: AWS
      identifier: ENCRYPTED_VOLUMES
      description: ""
      parameters: {}
      resource_types: []
      frequency: null
      tags: {Environment: production}
actions:
  description: What was done, or in check mode would be done; also when one of them failed.
  returned: always
  type: list
  elements: str
  sample: ["update production-trading-engine-encrypted-volumes: tags"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.config_managed_rules import ConfigManagedRules, problems
    from trading_platform.aws.several import run_several
except ImportError as error:
    LIBRARY_ERROR = error

RULE = {
    "name": {"type": "str", "required": True},
    "identifier": {"type": "str", "required": True},
    "description": {"type": "str", "default": ""},
    "parameters": {"type": "dict", "default": {}},
    "resource_types": {"type": "list", "elements": "str", "default": []},
    "frequency": {
        "type": "str",
        "choices": ["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"],
    },
}
ARGUMENT_SPEC = {
    "rules": {"type": "list", "elements": "dict", "options": RULE, "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
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
    config = module.client("config", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run_several(module, ConfigManagedRules(config, module.params), "config_managed_rules")


if __name__ == "__main__":
    main()
