#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: security_group
short_description: Manage a security group rule by rule
description:
  - The group name inside the VPC is the identity.
  - New rules are authorised before old ones are revoked, so that traffic which stays allowed is never cut. Descriptions
    of rules are changed in place.
  - AWS lets a new group out to everywhere; where O(egress) is given, that rule goes unless it is listed.
  - O(name=default) manages the group that AWS makes with every VPC, which can be neither created nor deleted.
notes:
  - In check mode before its parents exist, ids such as V(vpc-planned) are accepted and returned.
  - AWS's quota of 60 rules in each direction counts while old and new rules stand side by side.
  - A group that other groups or interfaces refer to is not deleted; AWS says DependencyViolation.
options:
  vpc_id:
    description: The VPC.
    type: str
    required: true
  name:
    description: The group name, which is also its Name tag unless O(tags) has another.
    type: str
    required: true
  description:
    description: What the group is for. AWS cannot change it; another one than the group has is refused. Not compared
      when left out, and then O(name) for a new group.
    type: str
  ingress:
    description:
      - The rules for incoming traffic. Not managed when left out; an empty list means none at all.
    type: list
    elements: dict
    suboptions: &rule
      protocol:
        description: The protocol; V(all) has no ports.
        type: str
        choices: [tcp, udp, icmp, all]
        required: true
      from_port:
        description: First port; for ICMP the type, V(-1) (all) when left out.
        type: int
      to_port:
        description: Last port; for ICMP the code, V(-1) (all) when left out.
        type: int
      cidr:
        description: An IPv4 network. Each rule has exactly one of the peers.
        type: str
      cidr_ipv6:
        description: An IPv6 network.
        type: str
      group_id:
        description: Another security group; of another account as V(123456789012/sg-0123456789abcdef0).
        type: str
      prefix_list_id:
        description: A prefix list.
        type: str
      self:
        description: Members of this group.
        type: bool
      description:
        description: What the rule is for; changed in place.
        type: str
  egress:
    description:
      - The rules for outgoing traffic. Not managed when left out; an empty list means none at all.
    type: list
    elements: dict
    suboptions: *rule
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
- name: The database takes connections from the nodes only, and makes none
  security_group:
    vpc_id: vpc-0123456789abcdef0
    name: trading-engine-production-rds
    description: PostgreSQL of the trading engine
    ingress:
      - protocol: tcp
        from_port: 5432
        to_port: 5432
        group_id: sg-0123456789abcdef0
        description: From the EKS nodes
    egress: []

- name: The default group of the VPC lets nothing through
  security_group:
    vpc_id: vpc-0123456789abcdef0
    name: default
    ingress: []
    egress: []
"""

RETURN = r"""
security_group:
  description: The group as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    group_id: {description: Its id., type: str, sample: sg-0123456789abcdef0}
    group_name: {description: Its name., type: str, sample: trading-engine-production-rds}
    vpc_id: {description: Its VPC., type: str, sample: vpc-0123456789abcdef0}
    description: {description: Its description., type: str, sample: PostgreSQL of the trading engine}
    ingress:
      description: The rules for incoming traffic, sorted.
      type: list
      elements: dict
      sample: [{protocol: tcp, from_port: 5432, to_port: 5432, group_id: sg-0123456789abcdef0}]
    egress: {description: "The rules for outgoing traffic, sorted.", type: list, elements: dict, sample: []}
    tags: {description: Its tags., type: dict, sample: {Name: trading-engine-production-rds}}
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
    from trading_platform.aws.security_group import SecurityGroup
    from trading_platform.aws.security_group_rules import find_problems
except ImportError as error:
    LIBRARY_ERROR = error

RULE = {
    "type": "list",
    "elements": "dict",
    "options": {
        "protocol": {"type": "str", "choices": ["tcp", "udp", "icmp", "all"], "required": True},
        "from_port": {"type": "int"},
        "to_port": {"type": "int"},
        "cidr": {"type": "str"},
        "cidr_ipv6": {"type": "str"},
        "group_id": {"type": "str"},
        "prefix_list_id": {"type": "str"},
        "self": {"type": "bool"},
        "description": {"type": "str"},
    },
}
ARGUMENT_SPEC = {
    "vpc_id": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "description": {"type": "str"},
    "ingress": RULE,
    "egress": RULE,
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
    run(module, SecurityGroup(ec2, module.params), "security_group")


if __name__ == "__main__":
    main()
