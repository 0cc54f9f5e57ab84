#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alb_target_group
short_description: Manage a target group of an application load balancer
description:
  - The name is the identity. Health check, attributes and tags are changed in place.
  - Targets are left alone, whoever registered them.
notes:
  - In check mode before its parents exist, ids such as V(vpc-planned) are accepted and returned.
  - Protocol, port, VPC and kind of targets cannot be changed; that is refused. Another name makes another group.
  - community.aws.elb_target_group has no check mode and no diff, and deregisters every target that it is not told of.
options:
  name:
    description: The name, 32 characters at most.
    type: str
    required: true
  protocol:
    description: What the load balancer speaks with the targets. Required unless O(state=absent).
    type: str
    choices: [HTTP, HTTPS]
  protocol_version:
    description: The version of HTTP.
    type: str
    choices: [HTTP1, HTTP2, GRPC]
    default: HTTP1
  port:
    description: The port of targets that are registered without one. Required unless O(state=absent).
    type: int
  vpc_id:
    description: The VPC of the targets. Required unless O(state=absent).
    type: str
  target_type:
    description: Whether targets are addresses or instances.
    type: str
    choices: [ip, instance]
    default: ip
  health_check:
    description: How targets are found healthy.
    type: dict
    suboptions:
      protocol:
        description: What is spoken with them.
        type: str
        choices: [HTTP, HTTPS]
        default: HTTPS
      path:
        description: The path that is asked for.
        type: str
        default: /health
      port:
        description: The port that is asked, or traffic-port.
        type: str
        default: traffic-port
      interval:
        description: Seconds between two questions, 5 to 300.
        type: int
        default: 30
      timeout:
        description: Seconds to wait for an answer, 2 to 120, less than the interval.
        type: int
        default: 5
      healthy_threshold:
        description: Good answers in a row that make a target healthy, 2 to 10.
        type: int
        default: 5
      unhealthy_threshold:
        description: Bad answers in a row that make it unhealthy, 2 to 10.
        type: int
        default: 2
      matcher:
        description: The HTTP status codes that are good, such as V(200) or V(200-299).
        type: str
        default: "200"
  deregistration_delay:
    description: Seconds that a target which is being removed may finish its requests, 0 to 3600.
    type: int
    default: 300
  slow_start:
    description: Seconds over which a new target gets more and more requests, 30 to 900, or 0.
    type: int
    default: 0
  algorithm:
    description: Which target gets the next request.
    type: str
    choices: [round_robin, least_outstanding_requests, weighted_random]
    default: round_robin
  stickiness_duration:
    description: Seconds that a client keeps its target, 1 to 604800, by a cookie of the load balancer. None without it.
    type: int
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
- name: Pods that serve WebSockets
  alb_target_group:
    name: production-te-websocket
    protocol: HTTPS
    port: 8080
    vpc_id: vpc-0123456789abcdef0
    algorithm: least_outstanding_requests
    stickiness_duration: 86400
"""

RETURN = r"""
alb_target_group:
  description:
    - The target group as it is, or in check mode as it would be; empty when it is absent.
    - Besides what is listed it has every argument that is managed, under its own name.
  returned: always
  type: dict
  contains:
    target_group_arn: {description: Its ARN., type: str, sample: "arn:aws:elasticloadbalancing:..."}
    arn_suffix: {description: Its dimension in CloudWatch., type: str, sample: targetgroup/te-api/943f017f100becff}
    load_balancer_arns: {description: The load balancers that lead to it., type: list, sample: []}
    stickiness_enabled: {description: Whether clients keep their target., type: bool, sample: true}
    tags: {description: Its tags., type: dict, sample: {Name: production-te-api}}
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
    from trading_platform.aws.alb_target_group import AlbTargetGroup, target_group_problems
    from trading_platform.aws.ec2 import name_problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

HEALTH_CHECK_SPEC = {
    "protocol": {"type": "str", "choices": ["HTTP", "HTTPS"], "default": "HTTPS"},
    "path": {"type": "str", "default": "/health"},
    "port": {"type": "str", "default": "traffic-port"},
    "interval": {"type": "int", "default": 30},
    "timeout": {"type": "int", "default": 5},
    "healthy_threshold": {"type": "int", "default": 5},
    "unhealthy_threshold": {"type": "int", "default": 2},
    "matcher": {"type": "str", "default": "200"},
}
ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "protocol": {"type": "str", "choices": ["HTTP", "HTTPS"]},
    "protocol_version": {"type": "str", "choices": ["HTTP1", "HTTP2", "GRPC"], "default": "HTTP1"},
    "port": {"type": "int"},
    "vpc_id": {"type": "str"},
    "target_type": {"type": "str", "choices": ["ip", "instance"], "default": "ip"},
    "health_check": {"type": "dict", "options": HEALTH_CHECK_SPEC, "apply_defaults": True},
    "deregistration_delay": {"type": "int", "default": 300},
    "slow_start": {"type": "int", "default": 0},
    "algorithm": {
        "type": "str",
        "choices": ["round_robin", "least_outstanding_requests", "weighted_random"],
        "default": "round_robin",
    },
    "stickiness_duration": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = name_problems(module.params) + target_group_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    elbv2 = module.client("elbv2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, AlbTargetGroup(elbv2, module.params), "alb_target_group")


if __name__ == "__main__":
    main()
