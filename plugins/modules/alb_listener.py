#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alb_listener
short_description: Manage a listener of an application load balancer with its rules
description:
  - The port on the load balancer is the identity of the listener, the priority that of a rule.
  - Rules that stay are changed in place, then new ones are made, and only then those go that should not be there.
  - AWS takes a certificate only when it is issued, and only one of the load balancer's region.
notes:
  - In check mode before its parents exist, ARNs such as V(...-planned) are accepted and returned.
options:
  name:
    description: The Name tag. Rules have it with a dash and their priority.
    type: str
    required: true
  load_balancer_arn:
    description: The load balancer.
    type: str
    required: true
  port:
    description: The port.
    type: int
    required: true
  protocol:
    description: What clients speak.
    type: str
    choices: [HTTP, HTTPS]
    default: HTTPS
  certificate_arn:
    description: The certificate of an HTTPS listener.
    type: str
  ssl_policy:
    description: The TLS versions and ciphers of an HTTPS listener, by the name of AWS's policy.
    type: str
  default_action:
    description: What happens to requests that no rule is for. Required unless O(state=absent).
    type: dict
    suboptions:
      type:
        description: The kind of action.
        type: str
        choices: [forward, redirect, fixed-response]
        required: true
      target_group_arn:
        description: The target group of a forward.
        type: str
      protocol:
        description: The protocol of a redirect; as in the request without it.
        type: str
      port:
        description: The port of a redirect; as in the request without it.
        type: str
      host:
        description: The host of a redirect; as in the request without it.
        type: str
      path:
        description: The path of a redirect; as in the request without it.
        type: str
      query:
        description: The query of a redirect; as in the request without it.
        type: str
      status_code:
        description: HTTP_301 (default) or HTTP_302 of a redirect; the status of a fixed response (404).
        type: str
      content_type:
        description: The content type of a fixed response.
        type: str
      message_body:
        description: The body of a fixed response.
        type: str
  rules:
    description: What happens to which requests, before the default action.
    type: list
    elements: dict
    default: []
    suboptions:
      priority:
        description: Lower ones are tried first, 1 to 50000.
        type: int
        required: true
      hosts:
        description: Host names, of which a request must have one.
        type: list
        elements: str
      paths:
        description: Path patterns, of which a request must have one.
        type: list
        elements: str
      action:
        description: What happens to the request; as O(default_action).
        type: dict
        required: true
        suboptions:
          type:
            description: The kind of action.
            type: str
            choices: [forward, redirect, fixed-response]
            required: true
          target_group_arn:
            description: The target group of a forward.
            type: str
          protocol:
            description: The protocol of a redirect; as in the request without it.
            type: str
          port:
            description: The port of a redirect; as in the request without it.
            type: str
          host:
            description: The host of a redirect; as in the request without it.
            type: str
          path:
            description: The path of a redirect; as in the request without it.
            type: str
          query:
            description: The query of a redirect; as in the request without it.
            type: str
          status_code:
            description: HTTP_301 (default) or HTTP_302 of a redirect; the status of a fixed response (404).
            type: str
          content_type:
            description: The content type of a fixed response.
            type: str
          message_body:
            description: The body of a fixed response.
            type: str
  purge_rules:
    description: Whether rules that are not listed are removed.
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
- name: HTTP leads to HTTPS
  alb_listener:
    name: production-trading-engine-http
    load_balancer_arn: "{{ alb_arn }}"
    port: 80
    protocol: HTTP
    default_action: {type: redirect, protocol: HTTPS, port: "443"}

- name: HTTPS leads to the service of the host name
  alb_listener:
    name: production-trading-engine-https
    load_balancer_arn: "{{ alb_arn }}"
    port: 443
    certificate_arn: "{{ acm_certificate_arn }}"
    ssl_policy: ELBSecurityPolicy-TLS13-1-3-2021-06
    default_action: {type: fixed-response, status_code: "404"}
    rules:
      - priority: 10
        hosts: [api.trading-engine.example.com]
        action: {type: forward, target_group_arn: "{{ alb_target_group_arns.api }}"}
"""

RETURN = r"""
alb_listener:
  description: The listener as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    listener_arn: {description: Its ARN., type: str, sample: "arn:aws:elasticloadbalancing:..."}
    protocol: {description: What clients speak., type: str, sample: HTTPS}
    certificate_arn: {description: Its certificate., type: str, sample: "arn:aws:acm:us-east-1:1:certificate/1"}
    ssl_policy: {description: Its TLS policy., type: str, sample: ELBSecurityPolicy-TLS13-1-3-2021-06}
    default_action: {description: What happens to other requests., type: dict, sample: {type: fixed-response}}
    rules: {description: Priority to rule., type: dict, sample: {"10": {"hosts": ["api.trading-engine.example.com"]}}}
    tags: {description: Its tags., type: dict, sample: {Name: production-trading-engine-https}}
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
    from trading_platform.aws.alb_listener import AlbListener, listener_problems
    from trading_platform.aws.ec2 import name_problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ACTION_SPEC = {
    "type": {"type": "str", "choices": ["forward", "redirect", "fixed-response"], "required": True},
    "target_group_arn": {"type": "str"},
    "protocol": {"type": "str"},
    "port": {"type": "str"},
    "host": {"type": "str"},
    "path": {"type": "str"},
    "query": {"type": "str"},
    "status_code": {"type": "str"},
    "content_type": {"type": "str"},
    "message_body": {"type": "str"},
}
RULE_SPEC = {
    "priority": {"type": "int", "required": True},
    "hosts": {"type": "list", "elements": "str"},
    "paths": {"type": "list", "elements": "str"},
    "action": {"type": "dict", "options": ACTION_SPEC, "required": True},
}
ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "load_balancer_arn": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "protocol": {"type": "str", "choices": ["HTTP", "HTTPS"], "default": "HTTPS"},
    "certificate_arn": {"type": "str"},
    "ssl_policy": {"type": "str"},
    "default_action": {"type": "dict", "options": ACTION_SPEC},
    "rules": {"type": "list", "elements": "dict", "options": RULE_SPEC, "default": []},
    "purge_rules": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = name_problems(module.params) + listener_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    elbv2 = module.client("elbv2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, AlbListener(elbv2, module.params), "alb_listener")


if __name__ == "__main__":
    main()
