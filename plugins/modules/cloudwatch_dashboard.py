#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_dashboard
short_description: Manage a CloudWatch dashboard
description:
  - Makes a dashboard and keeps its body as asked for, compared by content, so that only real differences are written.
  - Dashboards belong to the account, not to a region.
options:
  name:
    description: The name, of letters, digits, C(-) and C(_).
    type: str
    required: true
  state:
    description: Whether the dashboard exists.
    type: str
    choices: [present, absent]
    default: present
  body:
    description: The body, in the structure that CloudWatch documents. Required unless O(state=absent).
    type: dict
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: One text
  cloudwatch_dashboard:
    name: production-us-east-1
    body:
      widgets:
        - {type: text, width: 24, height: 1, properties: {markdown: "# Production"}}
"""

RETURN = r"""
cloudwatch_dashboard:
  description: The dashboard; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    name: {description: The name., type: str, sample: production-us-east-1}
    body: {description: The body., type: dict, sample: {widgets: []}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: body"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.cloudwatch_dashboard import CloudWatchDashboard
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "body": {"type": "dict"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, required_if=[("state", "present", ("body",))], supports_check_mode=True
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    cloudwatch = module.client("cloudwatch", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, CloudWatchDashboard(cloudwatch, module.params["name"], module.params["body"]), "cloudwatch_dashboard")


if __name__ == "__main__":
    main()
