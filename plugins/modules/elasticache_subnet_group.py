#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: elasticache_subnet_group
short_description: Manage a cache subnet group of ElastiCache
description:
  - Keeps description, subnets and tags as asked for. Unlike M(community.aws.elasticache_subnet_group) it gives the
    group tags, and says in check mode and in a diff what would change.
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
  description:
    description: What the group is for; the name by default.
    type: str
  subnet_ids:
    description: The subnets, all of one VPC. One that has nodes in it cannot be taken out.
    type: list
    elements: str
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: The cache lives in the database subnets
  elasticache_subnet_group:
    name: production-trading-engine
    subnet_ids: [subnet-1, subnet-2, subnet-3]
    tags: {Environment: production}
"""

RETURN = r"""
elasticache_subnet_group:
  description: The group; empty when it is absent. In check mode, the group as it would be.
  returned: always
  type: dict
  contains:
    name: {description: The name., type: str, sample: production-trading-engine}
    arn: {description: The ARN., type: str, sample: "arn:aws:elasticache:us-east-1:123456789012:subnetgroup:a"}
    vpc_id: {description: The VPC of the subnets., type: str, sample: vpc-1}
    description: {description: The description., type: str, sample: Redis}
    subnet_ids: {description: "The subnets, sorted.", type: list, elements: str, sample: [subnet-1]}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: subnet_ids"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.elasticache_subnet_group import ElastiCacheSubnetGroup
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str"},
    "subnet_ids": {"type": "list", "elements": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_if=[("state", "present", ["subnet_ids"])]
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    elasticache = module.client("elasticache", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, ElastiCacheSubnetGroup(elasticache, module.params), "elasticache_subnet_group")


if __name__ == "__main__":
    main()
