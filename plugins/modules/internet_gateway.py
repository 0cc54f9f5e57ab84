#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: internet_gateway
short_description: Manage the internet gateway of a VPC
description:
  - Creates an internet gateway with its tags and attaches it to the VPC, or detaches and deletes it.
  - A VPC has at most one. The one that is attached is managed whatever its name; an unattached gateway with this Name
    tag, as a run that was cut off leaves it, is attached instead of making a second one.
notes:
  - In check mode before its parents exist, ids such as V(vpc-planned) are accepted and returned.
options:
  vpc_id:
    description: The VPC.
    type: str
    required: true
  name:
    description: The Name tag.
    type: str
    required: true
  state:
    description: Whether it should exist.
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
- name: The VPC has a way to the internet
  internet_gateway:
    vpc_id: vpc-0123456789abcdef0
    name: trading-engine-production
    tags:
      Environment: production

- name: The VPC has no way to the internet
  internet_gateway:
    vpc_id: vpc-0123456789abcdef0
    name: trading-engine-production
    state: absent
"""

RETURN = r"""
internet_gateway:
  description: The gateway as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    internet_gateway_id: {description: Its id., type: str, sample: igw-0123456789abcdef0}
    vpc_id: {description: The VPC it is attached to., type: str, sample: vpc-0123456789abcdef0}
    tags: {description: Its tags., type: dict, sample: {Name: trading-engine-production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: tags"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.ec2 import name_problems
    from trading_platform.aws.engine import run
    from trading_platform.aws.internet_gateway import InternetGateway
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "vpc_id": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = name_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    ec2 = module.client("ec2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, InternetGateway(ec2, module.params), "internet_gateway")


if __name__ == "__main__":
    main()
