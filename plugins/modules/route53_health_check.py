#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: route53_health_check
short_description: Manage a health check of Route 53 that asks an endpoint
description:
  - The name is the identity; it is kept in the caller reference, which Route 53 keeps for life, and in the Name tag.
  - Type, interval and latency graphs cannot be changed. A check that differs in one of them is made anew beside the old
    one, which is returned as superseded and removed by a later call with O(remove_superseded=true), when no record uses
    it any more.
  - O(inverted) and O(disabled) are the switches of an operator. They stay as they are unless asked for.
notes:
  - Route 53's checkers speak TLS 1.0 to 1.2 only, so the HTTPS types cannot ask an endpoint that insists on TLS 1.3.
  - amazon.aws.route53_health_check makes a second check when the address or port changes, knows neither regions nor SNI
    nor inverted, and has no diff.
options:
  name:
    description: Name of the check, 44 characters at most.
    type: str
    required: true
  type:
    description: What is asked. TCP only opens a connection.
    type: str
    choices: [HTTP, HTTPS, HTTP_STR_MATCH, HTTPS_STR_MATCH, TCP]
    default: HTTPS
  fqdn:
    description: Domain name to ask, not that of a record that depends on the check. Not for O(state=absent).
    type: str
  port:
    description: Port to ask.
    type: int
    default: 443
  resource_path:
    description: Path to ask for. Answers from 200 to 399 are healthy.
    type: str
  search_string:
    description: Text that must be in the first 5,120 bytes of the answer.
    type: str
  request_interval:
    description: Seconds between two requests of each checker.
    type: int
    choices: [10, 30]
    default: 30
  failure_threshold:
    description: Requests in a row that change the state, 1 to 10.
    type: int
    default: 3
  measure_latency:
    description: Whether to draw latency graphs.
    type: bool
    default: false
  enable_sni:
    description: Whether the HTTPS types send the domain name in the TLS handshake.
    type: bool
    default: true
  regions:
    description: Regions to ask from, three or more.
    type: list
    elements: str
    default: [us-east-1, us-west-2, eu-west-1]
  inverted:
    description: Whether healthy counts as unhealthy. Left as it is when not given.
    type: bool
  disabled:
    description: Whether to stop asking; it is then healthy, or unhealthy if inverted. Left as it is when not given.
    type: bool
  remove_superseded:
    description: Whether to remove the checks of this name that a newer one took the place of.
    type: bool
    default: false
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
- name: Ask the primary region's load balancer
  route53_health_check:
    name: production-trading-engine-api
    type: TCP
    fqdn: api-us-east-1.trading-engine.example.com

- name: Let the primary region's records fail, whatever it answers
  route53_health_check:
    name: production-trading-engine-api
    type: TCP
    fqdn: api-us-east-1.trading-engine.example.com
    disabled: true
    inverted: true
"""

RETURN = r"""
route53_health_check:
  description: The check as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    health_check_id: {description: Its id., type: str, sample: 01234567-89ab-cdef-0123-456789abcdef}
    superseded_ids: {description: Older checks of the name., type: list, sample: []}
    version: {description: Route 53's count of its changes., type: int, sample: 1}
    type: {description: What is asked., type: str, sample: TCP}
    fqdn: {description: Domain name that is asked., type: str, sample: api-us-east-1.trading-engine.example.com}
    port: {description: Port that is asked., type: int, sample: 443}
    resource_path: {description: Path that is asked for., type: str, sample: /health}
    search_string: {description: Text that must be in the answer., type: str, sample: ok}
    request_interval: {description: Seconds between two requests., type: int, sample: 30}
    failure_threshold: {description: Requests in a row that change the state., type: int, sample: 3}
    measure_latency: {description: Whether latency graphs are drawn., type: bool, sample: false}
    enable_sni: {description: Whether the domain name is sent in the TLS handshake., type: bool, sample: false}
    regions: {description: Regions that ask., type: list, sample: [eu-west-1, us-east-1, us-west-2]}
    inverted: {description: Whether healthy counts as unhealthy., type: bool, sample: false}
    disabled: {description: Whether nothing is asked., type: bool, sample: false}
    tags: {description: Its tags., type: dict, sample: {Name: production-trading-engine-api}}
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
    from trading_platform.aws.route53_health_check import Route53HealthCheck, check_problems
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "type": {
        "type": "str",
        "choices": ["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"],
        "default": "HTTPS",
    },
    "fqdn": {"type": "str"},
    "port": {"type": "int", "default": 443},
    "resource_path": {"type": "str"},
    "search_string": {"type": "str"},
    "request_interval": {"type": "int", "choices": [10, 30], "default": 30},
    "failure_threshold": {"type": "int", "default": 3},
    "measure_latency": {"type": "bool", "default": False},
    "enable_sni": {"type": "bool", "default": True},
    "regions": {"type": "list", "elements": "str", "default": ["us-east-1", "us-west-2", "eu-west-1"]},
    "inverted": {"type": "bool"},
    "disabled": {"type": "bool"},
    "remove_superseded": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = name_problems(module.params) + check_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    client = module.client("route53", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, Route53HealthCheck(client, module.params), "route53_health_check")


if __name__ == "__main__":
    main()
