#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: wafv2_association
short_description: Manage which web ACL protects a load balancer
description:
  - Associates a regional web ACL with a load balancer or another regional resource, in place of the one it may have.
  - Tries again until WAF sees both, which takes up to minutes for what was just made.
options:
  resource_arn:
    description: ARN of the load balancer; in check mode it may be one that ends in C(-planned).
    type: str
    required: true
  web_acl_arn:
    description: ARN of the ACL; needed unless O(state=absent).
    type: str
  state:
    description: V(absent) leaves the resource without an ACL.
    type: str
    choices: [present, absent]
    default: present
  wait_timeout:
    description: Seconds until WAF must have seen both.
    type: int
    default: 300
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Protect the load balancer
  wafv2_association:
    resource_arn: "{{ alb_arn }}"
    web_acl_arn: "{{ wafv2_regional_acl_arn }}"
"""

RETURN = r"""
wafv2_association:
  description: The association; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    resource_arn: {description: The resource., type: str, sample: "arn:aws:elasticloadbalancing:::loadbalancer/app/a/b"}
    web_acl_arn: {description: The ACL., type: str, sample: "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/a/b"}
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
    from trading_platform.aws.wafv2_association import WebAclAssociation
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "resource_arn": {"type": "str", "required": True},
    "web_acl_arn": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "wait_timeout": {"type": "int", "default": 300},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_if=[("state", "present", ["web_acl_arn"])]
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    wafv2 = module.client("wafv2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, WebAclAssociation(wafv2, module.params), "wafv2_association")


if __name__ == "__main__":
    main()
