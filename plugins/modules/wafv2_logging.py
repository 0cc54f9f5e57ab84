#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: wafv2_logging
short_description: Manage where AWS WAF logs the requests of a web ACL
description:
  - Sends what an ACL has seen to a log group, a bucket or a Firehose stream, without the headers that hold secrets.
  - WAF writes the policy that it needs at the destination itself.
options:
  web_acl_arn:
    description: ARN of the ACL; in check mode it may be one that ends in C(-planned).
    type: str
    required: true
  destination_arn:
    description:
      - ARN of the log group, bucket or stream, whose name begins with C(aws-waf-logs-).
      - Required with O(state=present).
    type: str
  state:
    description: V(absent) ends the logging.
    type: str
    choices: [present, absent]
    default: present
  redacted_headers:
    description: Headers whose values are not written down.
    type: list
    elements: str
    default: []
  logging_filter:
    description: Which requests are written down, as LoggingFilter in WAF's API reference; all when not given.
    type: dict
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Log what WAF sees, without credentials
  wafv2_logging:
    web_acl_arn: "{{ wafv2_regional_acl_arn }}"
    destination_arn: arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-production-trading-engine
    redacted_headers: [authorization, cookie]
"""

RETURN = r"""
wafv2_logging:
  description: The configuration; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    web_acl_arn: {description: The ACL., type: str, sample: "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/a/b"}
    destination_arn:
      description: Where the log goes.
      type: str
      sample: "arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-production"
    redacted_fields: {description: What is left out., type: list, elements: dict, sample: []}
    logging_filter: {description: Which requests are logged., type: dict, sample: {}}
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
    from trading_platform.aws.wafv2_logging import WebAclLogging, problems
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "web_acl_arn": {"type": "str", "required": True},
    "destination_arn": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "redacted_headers": {"type": "list", "elements": "str", "default": []},
    "logging_filter": {"type": "dict"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ["destination_arn"])],
        supports_check_mode=True,
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    wrong = problems(module.params)
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    wafv2 = module.client("wafv2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, WebAclLogging(wafv2, module.params), "wafv2_logging")


if __name__ == "__main__":
    main()
