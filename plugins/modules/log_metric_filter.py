#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: log_metric_filter
short_description: Manage a metric filter of a CloudWatch log group
description:
  - Makes a metric of the log events that match a pattern, and keeps it as asked for.
  - In check mode the log group need not exist yet.
options:
  name:
    description: The filter's name, unique in its group.
    type: str
    required: true
  log_group:
    description: The log group.
    type: str
    required: true
  state:
    description: Whether the filter exists.
    type: str
    choices: [present, absent]
    default: present
  pattern:
    description: Which events, in the filter pattern syntax of CloudWatch Logs; all when empty.
    type: str
    default: ""
  metric:
    description: The metric's name. Required unless O(state=absent).
    type: str
  namespace:
    description: The metric's namespace. Required unless O(state=absent).
    type: str
  value:
    description: What one event adds, a number or a field of it.
    type: str
    default: "1"
  default_value:
    description: The metric's value for a minute with events of which none matches; no value when not given.
    type: float
  unit:
    description: The metric's unit.
    type: str
    default: "None"
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Count errors of the API
  log_metric_filter:
    name: errors
    log_group: /production/api
    pattern: '{ $.level = "error" }'
    namespace: production
    metric: ApiErrors
    default_value: 0
"""

RETURN = r"""
log_metric_filter:
  description: The filter; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    name: {description: The name., type: str, sample: errors}
    log_group: {description: The log group., type: str, sample: /production/api}
    pattern: {description: The pattern., type: str, sample: "ERROR"}
    metric: {description: The metric's name., type: str, sample: ApiErrors}
    namespace: {description: The metric's namespace., type: str, sample: production}
    value: {description: What one event adds., type: str, sample: "1"}
    default_value: {description: The value of a minute without a match., type: float, sample: 0.0}
    unit: {description: The unit., type: str, sample: Count}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: pattern"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.log_metric_filter import LogMetricFilter
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "log_group": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "pattern": {"type": "str", "default": ""},
    "metric": {"type": "str"},
    "namespace": {"type": "str"},
    "value": {"type": "str", "default": "1"},
    "default_value": {"type": "float"},
    "unit": {"type": "str", "default": "None"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ("metric", "namespace"))],
        supports_check_mode=True,
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    logs = module.client("logs", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, LogMetricFilter(logs, module.params), "log_metric_filter")


if __name__ == "__main__":
    main()
