#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alb
short_description: Manage an application load balancer
description:
  - The name is the identity. Subnets, security groups, attributes and tags are changed in place.
  - Listeners and target groups have modules of their own.
notes:
  - amazon.aws.elb_application_lb manages the listeners in the same call, fails on rules of a listener that it has just
    made, and needs a certificate that is issued already before it makes anything.
options:
  name:
    description: The name, 32 characters at most.
    type: str
    required: true
  scheme:
    description: Whether it has public addresses. Cannot be changed.
    type: str
    choices: [internet-facing, internal]
    default: internet-facing
  subnet_ids:
    description: Its subnets, one for each availability zone, two or more. Required unless O(state=absent).
    type: list
    elements: str
  security_group_ids:
    description: Its security groups. Required unless O(state=absent).
    type: list
    elements: str
  access_logs_bucket:
    description:
      - The bucket that receives its access logs; none without it. It must be in the same region, encrypted with SSE-S3,
        and let Elastic Load Balancing write.
    type: str
  access_logs_prefix:
    description: Prefix of the logs in the bucket, without AWSLogs.
    type: str
    default: ""
  deletion_protection:
    description: Whether it cannot be deleted. With O(state=absent) and false the protection is lifted first.
    type: bool
    default: true
  idle_timeout:
    description: Seconds after which a connection without traffic is closed, 1 to 4000.
    type: int
    default: 60
  client_keep_alive:
    description: Seconds that a client may keep a connection, 60 to 604800.
    type: int
    default: 3600
  http2:
    description: Whether clients may use HTTP/2.
    type: bool
    default: true
  drop_invalid_header_fields:
    description: Whether header fields with invalid names are removed.
    type: bool
    default: true
  desync_mitigation_mode:
    description: How requests are handled that could be read in two ways.
    type: str
    choices: [monitor, defensive, strictest]
    default: defensive
  preserve_host_header:
    description: Whether targets get the Host header unchanged.
    type: bool
    default: false
  wait:
    description: Whether to wait until it is active.
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
- name: The load balancer of the platform
  alb:
    name: production-trading-engine
    subnet_ids: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    security_group_ids: [sg-0123456789abcdef0]
    access_logs_bucket: production-trading-engine-logs
    idle_timeout: 300
"""

RETURN = r"""
alb:
  description:
    - The load balancer as it is, or in check mode as it would be; empty when it is absent.
    - Besides what is listed it has every argument that is managed, under its own name.
  returned: always
  type: dict
  contains:
    load_balancer_arn: {description: Its ARN., type: str, sample: "arn:aws:elasticloadbalancing:..."}
    arn_suffix: {description: Its dimension in CloudWatch., type: str, sample: app/production/50dc6c495c0c9188}
    dns_name: {description: Its domain name., type: str, sample: production-1.us-east-1.elb.amazonaws.com}
    hosted_zone_id: {description: The zone of that name., type: str, sample: Z35SXDOTRQ7X7K}
    load_balancer_state: {description: provisioning or active or active_impaired., type: str, sample: active}
    vpc_id: {description: Its VPC., type: str, sample: vpc-0123456789abcdef0}
    subnet_ids: {description: Its subnets., type: list, sample: [subnet-0123456789abcdef0]}
    tags: {description: Its tags., type: dict, sample: {Name: production-trading-engine}}
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
    from trading_platform.aws.alb import Alb, alb_problems
    from trading_platform.aws.ec2 import name_problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "scheme": {"type": "str", "choices": ["internet-facing", "internal"], "default": "internet-facing"},
    "subnet_ids": {"type": "list", "elements": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "access_logs_bucket": {"type": "str"},
    "access_logs_prefix": {"type": "str", "default": ""},
    "deletion_protection": {"type": "bool", "default": True},
    "idle_timeout": {"type": "int", "default": 60},
    "client_keep_alive": {"type": "int", "default": 3600},
    "http2": {"type": "bool", "default": True},
    "drop_invalid_header_fields": {"type": "bool", "default": True},
    "desync_mitigation_mode": {
        "type": "str",
        "choices": ["monitor", "defensive", "strictest"],
        "default": "defensive",
    },
    "preserve_host_header": {"type": "bool", "default": False},
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
    problems = name_problems(module.params) + alb_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    elbv2 = module.client("elbv2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, Alb(elbv2, module.params), "alb")


if __name__ == "__main__":
    main()
