#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nat_gateway
short_description: Manage a public NAT gateway together with its Elastic IP address
description:
  - Allocates an Elastic IP address, creates the gateway with it, and gives both the same tags.
  - The Name tag inside the VPC of the subnet is the identity. An unassociated address with this Name tag is used before
    a new one is allocated.
  - A gateway that failed is deleted and made anew with the same address; AWS's reason is given as a warning.
  - Removing it waits until the gateway is deleted, then releases the address.
notes:
  - In check mode before its parents exist, ids such as V(subnet-planned) are accepted and returned.
  - A NAT gateway cannot move to another subnet; that is refused.
options:
  name:
    description: The Name tag of gateway and address.
    type: str
    required: true
  subnet_id:
    description: The public subnet it stands in.
    type: str
    required: true
  wait:
    description: Whether to wait until it is available, which takes some minutes. A task later with O(wait=true) waits
      for what an earlier one asked for.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait for it to become available, and for a gateway to be deleted.
    type: int
    default: 600
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
- name: The NAT gateway of the first zone is asked for
  nat_gateway:
    name: trading-engine-production-us-east-1a
    subnet_id: subnet-0123456789abcdef0
    tags:
      Environment: production

- name: The NAT gateway of the first zone is ready
  nat_gateway:
    name: trading-engine-production-us-east-1a
    subnet_id: subnet-0123456789abcdef0
    wait: true
"""

RETURN = r"""
nat_gateway:
  description: The gateway as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    nat_gateway_id: {description: Its id., type: str, sample: nat-0123456789abcdef0}
    subnet_id: {description: Its subnet., type: str, sample: subnet-0123456789abcdef0}
    connectivity_type: {description: Public or private., type: str, sample: public}
    allocation_id: {description: The id of its address., type: str, sample: eipalloc-0123456789abcdef0}
    public_ip: {description: Its address., type: str, sample: 203.0.113.7}
    state: {description: "AWS's state of it: pending, available or failed.", type: str, sample: available}
    failure: {description: Why it failed., returned: when it failed, type: str, sample: "Gateway.NotAttached: ..."}
    tags: {description: Its tags., type: dict, sample: {Name: trading-engine-production-us-east-1a}}
    address_tags: {description: Tags of its address., type: dict, sample: {Name: trading-engine-production-us-east-1a}}
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
    from trading_platform.aws.nat_gateway import NatGateway
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "subnet_id": {"type": "str", "required": True},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 600},
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
    run(module, NatGateway(ec2, module.params, module.warn), "nat_gateway")


if __name__ == "__main__":
    main()
