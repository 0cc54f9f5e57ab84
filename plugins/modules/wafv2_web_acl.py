#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: wafv2_web_acl
short_description: Manage a web ACL of AWS WAF
description:
  - Makes a web ACL with exactly the rules asked for; rules that are there otherwise are removed.
  - Settings that the module has no option for (CAPTCHA, tokens, body size) are kept as they are.
options:
  name:
    description: The ACL's name, unique in its scope and region.
    type: str
    required: true
  scope:
    description: V(REGIONAL) for load balancers; V(CLOUDFRONT), only in us-east-1, for distributions.
    type: str
    choices: [REGIONAL, CLOUDFRONT]
    required: true
  state:
    description: V(absent) removes it; nothing may use it any more.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What the ACL is for. Letters, digits, spaces and C(+=:#@/-,.) only.
    type: str
    default: ""
  default_action:
    description: What happens to a request that no rule has decided about.
    type: str
    choices: [allow, block]
    default: allow
  rules:
    description:
      - The rules as in WAF's API reference, each with C(Name), C(Priority), C(Statement), C(VisibilityConfig) and
        either C(Action) or, for rule groups, C(OverrideAction).
    type: list
    elements: dict
    default: []
  metric_name:
    description: Name of the ACL's own metric; O(name) when not given.
    type: str
  cloudwatch_metrics:
    description: Whether the ACL sends metrics to CloudWatch.
    type: bool
    default: true
  sampled_requests:
    description: Whether WAF keeps samples of the requests that match.
    type: bool
    default: true
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Let no address ask more than a thousand times a minute
  wafv2_web_acl:
    name: production-trading-engine-regional
    scope: REGIONAL
    rules:
      - Name: rate-per-address
        Priority: 0
        Action: {Block: {}}
        Statement:
          RateBasedStatement: {Limit: 1000, EvaluationWindowSec: 60, AggregateKeyType: IP}
        VisibilityConfig: {SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: rate-per-address}
"""

RETURN = r"""
wafv2_web_acl:
  description: The ACL; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    arn:
      description: The ARN.
      type: str
      sample: "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/production/1234abcd-12ab-34cd-56ef-1234567890ab"
    id: {description: The id., type: str, sample: 1234abcd-12ab-34cd-56ef-1234567890ab}
    capacity: {description: WCUs that the rules need., type: int, sample: 1128}
    name: {description: The name., type: str, sample: production}
    scope: {description: The scope., type: str, sample: REGIONAL}
    description: {description: The description., type: str, sample: API and WebSocket}
    default_action: {description: What happens by default., type: str, sample: allow}
    rules: {description: The rules by priority., type: list, elements: dict, sample: []}
    metric_name: {description: The metric., type: str, sample: production}
    cloudwatch_metrics: {description: Whether there are metrics., type: bool, sample: true}
    sampled_requests: {description: Whether there are samples., type: bool, sample: true}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["create"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.wafv2_web_acl import WebAcl, problems
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "scope": {"type": "str", "choices": ["REGIONAL", "CLOUDFRONT"], "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str", "default": ""},
    "default_action": {"type": "str", "choices": ["allow", "block"], "default": "allow"},
    "rules": {"type": "list", "elements": "dict", "default": []},
    "metric_name": {"type": "str"},
    "cloudwatch_metrics": {"type": "bool", "default": True},
    "sampled_requests": {"type": "bool", "default": True},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    wafv2 = module.client("wafv2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    wrong = problems(module.params, wafv2.meta.region_name)
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    run(module, WebAcl(wafv2, module.params), "wafv2_web_acl")


if __name__ == "__main__":
    main()
