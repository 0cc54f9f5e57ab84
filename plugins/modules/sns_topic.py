#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sns_topic
short_description: Manage an SNS topic and its subscriptions
description:
  - Keeps key, policy, subscriptions and tags as asked for. Unlike M(community.aws.sns_topic) it encrypts the topic, and
    says in a diff what would change.
  - A subscription that waits for its confirmation counts as there. One that waits and is not asked for cannot be
    removed; SNS forgets it after two days.
  - The address of an C(https) subscription is a secret. It is shown as its host and eight digits of a hash.
options:
  name:
    description: The name, its identity.
    type: str
    required: true
  state:
    description: Whether it should exist.
    choices: [present, absent]
    default: present
    type: str
  display_name:
    description: The sender of e-mails.
    type: str
  kms_master_key_id:
    description: The KMS key; without one messages are not encrypted at rest.
    type: str
  policy:
    description: Who may publish and subscribe. Left alone when it is not given.
    type: dict
  subscriptions:
    description: Who hears the topic.
    type: list
    elements: dict
    default: []
    suboptions:
      protocol:
        description: How messages are delivered.
        type: str
        choices: [https, http, email, email-json, sqs, lambda, firehose, sms]
        required: true
      endpoint:
        description: Where to, as the protocol has it.
        type: str
        required: true
      raw_message_delivery:
        description: Whether the message is sent without its envelope.
        type: bool
        default: false
  purge_subscriptions:
    description: Whether confirmed subscriptions that are not in O(subscriptions) are removed.
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
- name: What somebody must be woken up for
  sns_topic:
    name: production-trading-engine-critical
    kms_master_key_id: "{{ kms_key_arns.messaging }}"
    subscriptions:
      - protocol: https
        endpoint: "{{ pagerduty_endpoint }}"
    tags: {Environment: production}
"""

RETURN = r"""
sns_topic:
  description: The topic; empty when it is absent. In check mode, the topic as it would be.
  returned: always
  type: dict
  contains:
    name: {description: The name., type: str, sample: critical}
    topic_arn: {description: The ARN., type: str, sample: "arn:aws:sns:us-east-1:123456789012:critical"}
    subscriptions:
      description: Who hears it, addresses of integrations hidden.
      type: list
      elements: dict
      sample: [{protocol: https, endpoint: "https://events.pagerduty.com/#1a2b3c4d", raw_message_delivery: false}]
    pending_subscriptions: {description: Those that wait., type: list, elements: dict, sample: []}
    policy: {description: "The policy, lists sorted.", type: dict, sample: {}}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: subscriptions"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from botocore.exceptions import BotoCoreError, ClientError

    from trading_platform.aws import sns_subscriptions
    from trading_platform.aws.engine import run
    from trading_platform.aws.sns_topic import SnsTopic
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "display_name": {"type": "str"},
    "kms_master_key_id": {"type": "str", "no_log": False},
    "policy": {"type": "dict"},
    "subscriptions": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "protocol": {
                "type": "str",
                "choices": ["https", "http", "email", "email-json", "sqs", "lambda", "firehose", "sms"],
                "required": True,
            },
            "endpoint": {"type": "str", "required": True},
            "raw_message_delivery": {"type": "bool", "default": False},
        },
    },
    "purge_subscriptions": {"type": "bool", "default": True},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = sns_subscriptions.problems(module.params["subscriptions"])
    if problems:
        module.fail_json(msg="; ".join(problems))
    for one in module.params["subscriptions"]:
        if one["protocol"] in ("http", "https"):
            module.no_log_values.add(one["endpoint"])
    retried = AWSRetry.jittered_backoff(retries=10)
    sts = module.client("sts", retry_decorator=retried)
    try:
        identity = sts.get_caller_identity(aws_retry=True)
    except (ClientError, BotoCoreError) as problem:
        module.fail_json_aws(problem, msg="asking which account this is")
    sns = module.client("sns", retry_decorator=retried)
    topic = SnsTopic(sns, module.params, identity["Account"], identity["Arn"].split(":")[1])
    run(module, topic, "sns_topic")


if __name__ == "__main__":
    main()
