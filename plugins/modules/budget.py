#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: budget
short_description: Manage a monthly budget and who is told when it is used up
description:
  - Manages a budget of costs in USD with its notifications. All of them tell the same people.
  - Cost types and other settings that the module has no option for are kept as they are.
options:
  name:
    description: The budget's name, unique in the account.
    type: str
    required: true
  account_id:
    description: The account, 12 digits.
    type: str
    required: true
  state:
    description: V(absent) removes it with its notifications.
    type: str
    choices: [present, absent]
    default: present
  amount:
    description: USD a month; needed unless O(state=absent).
    type: float
  cost_filters:
    description: Which costs count, as CostFilters in the API reference; all of the account when empty.
    type: dict
    default: {}
  notifications:
    description: When somebody is told.
    type: list
    elements: dict
    default: []
    suboptions:
      type:
        description: Whether the costs that there are reach the threshold, or those forecast for the month.
        type: str
        choices: [ACTUAL, FORECASTED]
        required: true
      threshold:
        description: Percent of the amount.
        type: float
        required: true
  emails:
    description: Addresses that are told, at most ten.
    type: list
    elements: str
    default: []
  topic_arns:
    description: Topic that is told, at most one; its policy must let C(budgets.amazonaws.com) publish.
    type: list
    elements: str
    default: []
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Tell the team before the month costs too much
  budget:
    name: production-trading-engine
    account_id: "111122223333"
    amount: 4000
    notifications:
      - {type: ACTUAL, threshold: 80}
      - {type: FORECASTED, threshold: 100}
    emails: [team@example.com]
"""

RETURN = r"""
budget:
  description: The budget; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    arn: {description: The ARN., type: str, sample: "arn:aws:budgets::111122223333:budget/production"}
    name: {description: The name., type: str, sample: production}
    amount: {description: USD a month., type: str, sample: "4000"}
    currency: {description: Always USD., type: str, sample: USD}
    time_unit: {description: Always MONTHLY., type: str, sample: MONTHLY}
    type: {description: Always COST., type: str, sample: COST}
    cost_filters: {description: Which costs count., type: dict, sample: {}}
    notifications: {description: When who is told., type: list, elements: dict, sample: []}
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
    from trading_platform.aws.budget import Budget, problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "account_id": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "amount": {"type": "float"},
    "cost_filters": {"type": "dict", "default": {}},
    "notifications": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "type": {"type": "str", "choices": ["ACTUAL", "FORECASTED"], "required": True},
            "threshold": {"type": "float", "required": True},
        },
    },
    "emails": {"type": "list", "elements": "str", "default": []},
    "topic_arns": {"type": "list", "elements": "str", "default": []},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_if=[("state", "present", ("amount",))]
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    wrong = problems(module.params)
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    budgets = module.client("budgets", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, Budget(budgets, module.params), "budget")


if __name__ == "__main__":
    main()
