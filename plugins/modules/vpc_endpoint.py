#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_endpoint
short_description: Manage a gateway or interface endpoint of a VPC
description:
  - VPC, service and type are the identity; where a VPC has several of these, the Name tag decides.
  - Route tables, subnets, security groups, private DNS and policy are changed in place.
  - The private DNS name of an endpoint that was deleted lives on for minutes. While AWS refuses a new endpoint for that
    reason and the old one is still seen going, the module tries again within O(wait_timeout).
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
  service:
    description: The full name of the service, for example V(com.amazonaws.us-east-1.s3).
    type: str
    required: true
  type:
    description: The type of the endpoint.
    type: str
    choices: [gateway, interface]
    required: true
  route_table_ids:
    description: The route tables that lead to a gateway endpoint. Not managed when left out.
    type: list
    elements: str
  subnet_ids:
    description: The subnets of an interface endpoint, one in each zone. Not managed when left out.
    type: list
    elements: str
  security_group_ids:
    description: The security groups of an interface endpoint. Not managed when left out; AWS then takes the default.
    type: list
    elements: str
  private_dns_enabled:
    description: Whether the service's public DNS name leads to an interface endpoint. Not managed when left out; AWS
      then switches it on.
    type: bool
  policy:
    description: The endpoint policy, as a dictionary or JSON; compared by meaning. Not managed when left out; AWS then
      allows everything.
    type: json
  wait:
    description: Whether to wait until it is available, or gone.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait.
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
- name: Nodes reach S3 without the NAT gateway
  vpc_endpoint:
    vpc_id: vpc-0123456789abcdef0
    name: trading-engine-production-s3
    service: com.amazonaws.us-east-1.s3
    type: gateway
    route_table_ids:
      - rtb-0123456789abcdef0

- name: Nodes reach ECR inside the VPC
  vpc_endpoint:
    vpc_id: vpc-0123456789abcdef0
    name: trading-engine-production-ecr-api
    service: com.amazonaws.us-east-1.ecr.api
    type: interface
    subnet_ids:
      - subnet-0123456789abcdef0
    security_group_ids:
      - sg-0123456789abcdef0
    private_dns_enabled: true
"""

RETURN = r"""
vpc_endpoint:
  description: The endpoint as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    vpc_endpoint_id: {description: Its id., type: str, sample: vpce-0123456789abcdef0}
    vpc_id: {description: Its VPC., type: str, sample: vpc-0123456789abcdef0}
    service: {description: The service., type: str, sample: com.amazonaws.us-east-1.s3}
    type: {description: Gateway or interface., type: str, sample: gateway}
    state: {description: "AWS's state of it.", type: str, sample: available}
    route_table_ids: {description: "Of a gateway, its route tables.", type: list, elements: str, sample: []}
    subnet_ids: {description: "Of an interface, its subnets.", type: list, elements: str, sample: []}
    security_group_ids: {description: "Of an interface, its security groups.", type: list, elements: str, sample: []}
    private_dns_enabled: {description: "Of an interface, whether the public name is its.", type: bool, sample: true}
    policy: {description: "The policy, lists sorted.", type: dict, sample: {}}
    dns_names: {description: Its own DNS names., type: list, elements: str, sample: []}
    network_interface_ids: {description: Its network interfaces., type: list, elements: str, sample: []}
    tags: {description: Its tags., type: dict, sample: {Name: trading-engine-production-s3}}
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
    from trading_platform.aws.vpc_endpoint import VpcEndpoint, find_problems
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "vpc_id": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "service": {"type": "str", "required": True},
    "type": {"type": "str", "choices": ["gateway", "interface"], "required": True},
    "route_table_ids": {"type": "list", "elements": "str"},
    "subnet_ids": {"type": "list", "elements": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "private_dns_enabled": {"type": "bool"},
    "policy": {"type": "json"},
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
    problems = find_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    ec2 = module.client("ec2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, VpcEndpoint(ec2, module.params), "vpc_endpoint")


if __name__ == "__main__":
    main()
