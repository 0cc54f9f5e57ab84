#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_event_subscription
short_description: Send events of RDS to an SNS topic
description:
  - Subscribes a topic to events of everything of one type (all instances, say) in the region, so that what is made
    later is watched too.
options:
  name:
    description: Name of the subscription, less than 255 characters.
    type: str
    required: true
  state:
    description: Whether the subscription shall exist.
    choices: [present, absent]
    default: present
    type: str
  sns_topic_arn:
    description: ARN of the topic. Required when I(state=present).
    type: str
  source_type:
    description: What the events are of.
    choices: [db-instance, db-parameter-group, db-security-group, db-snapshot]
    default: db-instance
    type: str
  event_categories:
    description: Categories of events; empty for all.
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
- name: Hear of failovers
  rds_event_subscription:
    name: production-trading-engine
    sns_topic_arn: "arn:aws:sns:us-east-1:123456789012:production-trading-engine-critical"
    event_categories: [availability, failover, failure, low storage]
"""

RETURN = r"""
rds_event_subscription:
  description: The subscription; empty when it is absent. In check mode, the subscription as it would be.
  returned: always
  type: dict
  contains:
    arn: {description: ARN of the subscription., type: str, sample: "arn:aws:rds:us-east-1:123456789012:es:production"}
    sns_topic_arn: {description: ARN of the topic., type: str, sample: "arn:aws:sns:us-east-1:123456789012:critical"}
    source_type: {description: What the events are of., type: str, sample: db-instance}
    event_categories: {description: "Categories, sorted.", type: list, elements: str, sample: [failover]}
    enabled: {description: Always true., type: bool, sample: true}
    tags: {description: The tags., type: dict, sample: {Team: devops}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: [create]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.rds_event_subscription import EventSubscriptionArguments, RdsEventSubscription
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "sns_topic_arn": {"type": "str"},
    "source_type": {
        "type": "str",
        "choices": ["db-instance", "db-parameter-group", "db-security-group", "db-snapshot"],
        "default": "db-instance",
    },
    "event_categories": {"type": "list", "elements": "str", "default": []},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, required_if=[["state", "present", ["sns_topic_arn"]]], supports_check_mode=True
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    params = module.params
    arguments = EventSubscriptionArguments(
        name=params["name"],
        sns_topic_arn=params["sns_topic_arn"] or "",
        source_type=params["source_type"],
        event_categories=params["event_categories"],
        tags=params["tags"],
        purge_tags=params["purge_tags"],
    )
    client = module.client("rds", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, RdsEventSubscription(client, arguments), "rds_event_subscription")


if __name__ == "__main__":
    main()
