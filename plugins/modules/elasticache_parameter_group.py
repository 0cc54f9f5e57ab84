#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticache_parameter_group
short_description: Manage a cache parameter group of ElastiCache
description:
  - Keeps the parameters that are asked for at their values and gives every other one back to the engine.
  - Parameters that the family does not have, and values that it does not take, are refused before anything is
    written, in check mode as well.
options:
  name:
    description: The group's name, its identity; stored in lower case.
    type: str
    required: true
  state:
    description: Whether it should exist.
    choices: [present, absent]
    default: present
    type: str
  family:
    description: The family of parameters, V(redis7) for Redis 7.0 and 7.1. Cannot be changed later.
    type: str
  description:
    description: What the group is for; the name by default. Cannot be changed later.
    type: str
  parameters:
    description:
      - Name to value. Compared by value, whoever set it.
      - YAML's true and false stand for V(yes) and V(no), as ElastiCache writes them.
    type: dict
    default: {}
  purge_parameters:
    description: Whether parameters that somebody set and that are not in O(parameters) are given back to the engine.
    type: bool
    default: true
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: What the cache evicts, and when it drops idle clients
  elasticache_parameter_group:
    name: production-trading-engine
    family: redis7
    parameters:
      maxmemory-policy: allkeys-lru
      timeout: 300
      tcp-keepalive: 300
    tags: {Environment: production}
"""

RETURN = r"""
elasticache_parameter_group:
  description: The group; empty when it is absent. In check mode, the group as it would be.
  returned: always
  type: dict
  contains:
    name: {description: The name., type: str, sample: production-trading-engine}
    arn: {description: The ARN., type: str, sample: "arn:aws:elasticache:us-east-1:123456789012:parametergroup:a"}
    family: {description: The family., type: str, sample: redis7}
    description: {description: The description., type: str, sample: Redis}
    parameters: {description: What is asked for or was set by somebody., type: dict, sample: {timeout: "300"}}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: parameters"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.elasticache_parameter_group import ElastiCacheParameterGroup
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "family": {"type": "str"},
    "description": {"type": "str"},
    "parameters": {"type": "dict", "default": {}},
    "purge_parameters": {"type": "bool", "default": True},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_if=[("state", "present", ["family"])]
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    elasticache = module.client("elasticache", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, ElastiCacheParameterGroup(elasticache, module.params), "elasticache_parameter_group")


if __name__ == "__main__":
    main()
