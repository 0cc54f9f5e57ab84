#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: route_table
short_description: Manage a route table, its routes and its subnets
description:
  - The Name tag inside the VPC is the identity.
  - Local routes, propagated routes and the prefix list routes of gateway endpoints belong to AWS and are left alone.
  - Routes are replaced in place. A route whose target is gone (a black hole) is drift. A subnet that uses another table
    is moved without a moment in between.
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
  routes:
    description: The routes, each with exactly one target. Not managed when left out.
    type: list
    elements: dict
    suboptions:
      destination:
        description: An IPv4 or IPv6 CIDR, or the id of a prefix list.
        type: str
        required: true
      gateway_id:
        description: An internet gateway or a virtual private gateway.
        type: str
      nat_gateway_id:
        description: A NAT gateway.
        type: str
      transit_gateway_id:
        description: A transit gateway.
        type: str
      vpc_peering_connection_id:
        description: A VPC peering connection.
        type: str
  subnet_ids:
    description: The subnets that use the table. Not managed when left out.
    type: list
    elements: str
  purge_routes:
    description: Whether routes that are not listed are removed.
    type: bool
    default: true
  purge_subnets:
    description: Whether subnets that are not listed go back to the VPC's main table.
    type: bool
    default: true
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
- name: Private subnets of the first zone reach the internet through their NAT gateway
  route_table:
    vpc_id: vpc-0123456789abcdef0
    name: trading-engine-production-private-us-east-1a
    routes:
      - destination: 0.0.0.0/0
        nat_gateway_id: nat-0123456789abcdef0
    subnet_ids:
      - subnet-0123456789abcdef0
    tags:
      Environment: production
"""

RETURN = r"""
route_table:
  description: The table as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    route_table_id: {description: Its id., type: str, sample: rtb-0123456789abcdef0}
    vpc_id: {description: Its VPC., type: str, sample: vpc-0123456789abcdef0}
    routes:
      description: "The managed routes by destination; C(state) stands in those that are not active."
      type: list
      elements: dict
      sample: [{destination: 0.0.0.0/0, nat_gateway_id: nat-0123456789abcdef0}]
    subnet_ids: {description: The subnets that use it., type: list, elements: str, sample: [subnet-0123456789abcdef0]}
    tags: {description: Its tags., type: dict, sample: {Name: trading-engine-production-private-us-east-1a}}
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
    from trading_platform.aws.engine import run
    from trading_platform.aws.route_table import RouteTable, find_problems
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "vpc_id": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "routes": {
        "type": "list",
        "elements": "dict",
        "options": {
            "destination": {"type": "str", "required": True},
            "gateway_id": {"type": "str"},
            "nat_gateway_id": {"type": "str"},
            "transit_gateway_id": {"type": "str"},
            "vpc_peering_connection_id": {"type": "str"},
        },
    },
    "subnet_ids": {"type": "list", "elements": "str"},
    "purge_routes": {"type": "bool", "default": True},
    "purge_subnets": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = find_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    ec2 = module.client("ec2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, RouteTable(ec2, module.params), "route_table")


if __name__ == "__main__":
    main()
