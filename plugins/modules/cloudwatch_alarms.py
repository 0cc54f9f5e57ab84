#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_alarms
short_description: Manage all CloudWatch alarms of a prefix
description:
  - Makes, changes and deletes the alarms whose names begin with O(prefix), metric alarms, metric math and composite
    ones, so that they are those of O(alarms). Two calls read them all; calls are made only for those that differ.
  - An alarm of the prefix that is not listed is deleted.
notes:
  - The identity needs C(tag:GetResources) besides CloudWatch's permissions.
options:
  prefix:
    description: What the names of these alarms, and of no others, begin with.
    type: str
    required: true
  state:
    description: V(absent) removes every alarm of the prefix.
    type: str
    choices: [present, absent]
    default: present
  alarms:
    description: The alarms. Each has exactly one of C(metric), C(metrics) and C(rule).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name, which begins with O(prefix).
        type: str
        required: true
      description:
        description: What it means and what to look at first.
        type: str
        default: ""
      metric:
        description: The metric.
        type: str
      namespace:
        description: The metric's namespace.
        type: str
      dimensions:
        description: The metric's dimensions.
        type: dict
      statistic:
        description: C(Average), C(Sum), C(Minimum), C(Maximum), C(SampleCount), or a percentile such as C(p95).
        type: str
      period:
        description: Seconds that one value is made of.
        type: int
      metrics:
        description: Metric math. One query returns the data that is compared.
        type: list
        elements: dict
        suboptions:
          id:
            description: The query's name in expressions.
            type: str
            required: true
          expression:
            description: The expression; otherwise the query is a metric.
            type: str
          label:
            description: What graphs call it.
            type: str
          metric:
            description: The metric.
            type: str
          namespace:
            description: Its namespace.
            type: str
          dimensions:
            description: Its dimensions.
            type: dict
          statistic:
            description: The statistic.
            type: str
          period:
            description: Seconds that one value is made of.
            type: int
          return_data:
            description: Whether this is what is compared.
            type: bool
            default: false
      evaluation_periods:
        description: How many values are looked at.
        type: int
      datapoints_to_alarm:
        description: How many of them must be beyond the threshold; all of them when not given.
        type: int
      threshold:
        description: What the values are compared with.
        type: float
      comparison:
        description: How they are compared.
        type: str
        choices:
          - GreaterThanOrEqualToThreshold
          - GreaterThanThreshold
          - LessThanThreshold
          - LessThanOrEqualToThreshold
      treat_missing_data:
        description: What periods without a value count as.
        type: str
        choices: [breaching, notBreaching, ignore, missing]
        default: missing
      rule:
        description: Rule of a composite alarm.
        type: str
      alarm_actions:
        description: ARNs of topics told when it goes off.
        type: list
        elements: str
        default: []
      ok_actions:
        description: ARNs of topics told when it is over.
        type: list
        elements: str
        default: []
      actions_enabled:
        description: Whether anybody is told.
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
- name: Watch the database
  cloudwatch_alarms:
    prefix: production-
    alarms:
      - name: production-rds-cpu
        namespace: AWS/RDS
        metric: CPUUtilization
        dimensions: {DBInstanceIdentifier: production}
        statistic: Average
        period: 300
        evaluation_periods: 3
        threshold: 80
        comparison: GreaterThanThreshold
        alarm_actions: ["arn:aws:sns:us-east-1:111122223333:production-warning"]
"""

RETURN = r"""
cloudwatch_alarms:
  description: Name to alarm, in the module's options; None for one that was deleted. In check mode, as they would be.
  returned: always
  type: dict
  sample: {production-rds-cpu: {metric: CPUUtilization, namespace: AWS/RDS, threshold: 80.0}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: production-rds-cpu"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.cloudwatch_alarms import CloudWatchAlarms, problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

QUERY = {
    "id": {"type": "str", "required": True},
    "expression": {"type": "str"},
    "label": {"type": "str"},
    "metric": {"type": "str"},
    "namespace": {"type": "str"},
    "dimensions": {"type": "dict"},
    "statistic": {"type": "str"},
    "period": {"type": "int"},
    "return_data": {"type": "bool", "default": False},
}
COMPARISONS = [
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
]
ALARM = {
    "name": {"type": "str", "required": True},
    "description": {"type": "str", "default": ""},
    "metric": {"type": "str"},
    "namespace": {"type": "str"},
    "dimensions": {"type": "dict"},
    "statistic": {"type": "str"},
    "period": {"type": "int"},
    "metrics": {"type": "list", "elements": "dict", "options": QUERY},
    "evaluation_periods": {"type": "int"},
    "datapoints_to_alarm": {"type": "int"},
    "threshold": {"type": "float"},
    "comparison": {"type": "str", "choices": COMPARISONS},
    "treat_missing_data": {
        "type": "str",
        "choices": ["breaching", "notBreaching", "ignore", "missing"],
        "default": "missing",
    },
    "rule": {"type": "str"},
    "alarm_actions": {"type": "list", "elements": "str", "default": []},
    "ok_actions": {"type": "list", "elements": "str", "default": []},
    "actions_enabled": {"type": "bool", "default": True},
}
ARGUMENT_SPEC = {
    "prefix": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "alarms": {"type": "list", "elements": "dict", "options": ALARM, "default": []},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    wrong = problems(module.params)
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    retry = AWSRetry.jittered_backoff(retries=10)
    cloudwatch = module.client("cloudwatch", retry_decorator=retry)
    tagging = module.client("resourcegroupstaggingapi", retry_decorator=retry)
    run(module, CloudWatchAlarms(cloudwatch, tagging, module.params), "cloudwatch_alarms")


if __name__ == "__main__":
    main()
