#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: network_acl
short_description: Manage a network ACL, its entries and its subnets
description:
  - The Name tag inside the VPC is the identity.
  - Entries are replaced in place by their number; AWS's last entry (C(*)), which denies the rest, is left alone.
  - Every subnet has exactly one network ACL. Subnets that are no longer listed, and all when the ACL is removed,
    go back to the VPC's default one.
notes:
  - In check mode before its parents exist, ids such as V(vpc-planned) are accepted and returned.
  - Network ACLs keep no state; answers need entries of their own.
options:
  vpc_id:
    description: The VPC.
    type: str
    required: true
  name:
    description: The Name tag.
    type: str
    required: true
  subnet_ids:
    description: The subnets it guards. Not managed when left out.
    type: list
    elements: str
  ingress:
    description: The entries for incoming traffic. Not managed when left out; an empty list denies everything.
    type: list
    elements: dict
    suboptions: &entry
      rule_number:
        description: Its place, 1 to 32766; the first entry that matches decides.
        type: int
        required: true
      protocol:
        description: The protocol; V(all) has no ports.
        type: str
        choices: [tcp, udp, icmp, all]
        required: true
      action:
        description: What happens to traffic that matches.
        type: str
        choices: [allow, deny]
        required: true
      cidr:
        description: The network on the other side, IPv4 or IPv6.
        type: str
        required: true
      from_port:
        description: First port; for ICMP the type, V(-1) (all) when left out.
        type: int
      to_port:
        description: Last port; for ICMP the code, V(-1) (all) when left out.
        type: int
  egress:
    description: The entries for outgoing traffic. Not managed when left out; an empty list denies everything.
    type: list
    elements: dict
    suboptions: *entry
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
- name: Database subnets talk to the private subnets only
  network_acl:
    vpc_id: vpc-0123456789abcdef0
    name: trading-engine-production-database
    subnet_ids:
      - subnet-0123456789abcdef0
    ingress:
      - {rule_number: 100, protocol: tcp, action: allow, cidr: 10.0.0.0/22, from_port: 5432, to_port: 5432}
    egress:
      - {rule_number: 100, protocol: tcp, action: allow, cidr: 10.0.0.0/22, from_port: 1024, to_port: 65535}
"""

RETURN = r"""
network_acl:
  description: The ACL as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    network_acl_id: {description: Its id., type: str, sample: acl-0123456789abcdef0}
    vpc_id: {description: Its VPC., type: str, sample: vpc-0123456789abcdef0}
    subnet_ids: {description: The subnets it guards., type: list, elements: str, sample: [subnet-0123456789abcdef0]}
    ingress:
      description: The entries for incoming traffic by number.
      type: list
      elements: dict
      sample: [{rule_number: 100, protocol: tcp, action: allow, cidr: 10.0.0.0/22, from_port: 5432, to_port: 5432}]
    egress: {description: The entries for outgoing traffic by number., type: list, elements: dict, sample: []}
    tags: {description: Its tags., type: dict, sample: {Name: trading-engine-production-database}}
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
    from trading_platform.aws.network_acl import NetworkAcl, find_problems
except ImportError as error:
    LIBRARY_ERROR = error

ENTRY = {
    "type": "list",
    "elements": "dict",
    "options": {
        "rule_number": {"type": "int", "required": True},
        "protocol": {"type": "str", "choices": ["tcp", "udp", "icmp", "all"], "required": True},
        "action": {"type": "str", "choices": ["allow", "deny"], "required": True},
        "cidr": {"type": "str", "required": True},
        "from_port": {"type": "int"},
        "to_port": {"type": "int"},
    },
}
ARGUMENT_SPEC = {
    "vpc_id": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "subnet_ids": {"type": "list", "elements": "str"},
    "ingress": ENTRY,
    "egress": ENTRY,
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
    run(module, NetworkAcl(ec2, module.params), "network_acl")


if __name__ == "__main__":
    main()
