#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: sqs_queue
short_description: Manage an SQS queue
description:
  - Keeps every attribute, the policies and the tags as asked for. Unlike M(community.aws.sqs_queue) it makes the queue
    with all of it in one call, repairs the key and the redrive policies too, and says in check mode and in a diff what
    would change.
  - The name of a queue that was deleted can be used again after a minute; the module waits for that.
options:
  name:
    description: The name, its identity. One that ends in C(.fifo) is a FIFO queue.
    type: str
    required: true
  state:
    description: Whether it should exist.
    choices: [present, absent]
    default: present
    type: str
  visibility_timeout:
    description: Seconds for which a received message is hidden from the others, 0 to 43200.
    type: int
    default: 30
  message_retention_period:
    description: Seconds for which a message is kept, 60 to 1209600.
    type: int
    default: 345600
  receive_message_wait_time:
    description: Seconds for which a receive call waits for a message (long polling), 0 to 20.
    type: int
    default: 0
  delay_seconds:
    description: Seconds before a message can be received, 0 to 900.
    type: int
    default: 0
  maximum_message_size:
    description: Bytes, 1024 to 1048576.
    type: int
    default: 1048576
  kms_master_key_id:
    description: The KMS key; without one SQS encrypts with its own.
    type: str
  kms_data_key_reuse_period:
    description: Seconds for which a data key is used again, 60 to 86400. Has no meaning without O(kms_master_key_id).
    type: int
    default: 300
  policy:
    description: Who may do what with the queue. Left alone when it is not given; V({}) takes it away.
    type: dict
  redrive_policy:
    description: Where messages go that nobody could deal with; nowhere when it is not given.
    type: dict
    suboptions:
      dead_letter_target_arn:
        description: The ARN of the dead-letter queue, of the same type, account and Region.
        type: str
        required: true
      max_receive_count:
        description: How often a message is received before it goes there, 1 to 1000.
        type: int
        required: true
  redrive_allow_policy:
    description: Which queues may use this one as their dead-letter queue; all of them when it is not given.
    type: dict
    suboptions:
      permission:
        description: V(byQueue) names them, V(denyAll) lets none.
        type: str
        choices: [byQueue, denyAll]
        required: true
      source_queue_arns:
        description: Up to ten queues, with V(byQueue).
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
- name: Orders, and where those go that fail five times
  sqs_queue:
    name: orders
    visibility_timeout: 120
    receive_message_wait_time: 20
    kms_master_key_id: "{{ kms_key_arns.messaging }}"
    redrive_policy:
      dead_letter_target_arn: "arn:aws:sqs:us-east-1:123456789012:orders-dead"
      max_receive_count: 5
    tags: {Environment: production}
"""

RETURN = r"""
sqs_queue:
  description: The queue; empty when it is absent. In check mode, the queue as it would be.
  returned: always
  type: dict
  contains:
    name: {description: The name., type: str, sample: orders}
    queue_url: {description: What clients are given., type: str, sample: "https://sqs.us-east-1.amazonaws.com/123456789012/orders"}
    queue_arn: {description: The ARN., type: str, sample: "arn:aws:sqs:us-east-1:123456789012:orders"}
    visibility_timeout: {description: Seconds., type: int, sample: 120}
    policy: {description: "The policy, lists sorted.", type: dict, sample: {}}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: visibility_timeout"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.sqs_queue import SqsQueue, argument_problems
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "visibility_timeout": {"type": "int", "default": 30},
    "message_retention_period": {"type": "int", "default": 345600},
    "receive_message_wait_time": {"type": "int", "default": 0},
    "delay_seconds": {"type": "int", "default": 0},
    "maximum_message_size": {"type": "int", "default": 1048576},
    "kms_master_key_id": {"type": "str", "no_log": False},
    "kms_data_key_reuse_period": {"type": "int", "default": 300, "no_log": False},
    "policy": {"type": "dict"},
    "redrive_policy": {
        "type": "dict",
        "options": {
            "dead_letter_target_arn": {"type": "str", "required": True},
            "max_receive_count": {"type": "int", "required": True},
        },
    },
    "redrive_allow_policy": {
        "type": "dict",
        "options": {
            "permission": {"type": "str", "choices": ["byQueue", "denyAll"], "required": True},
            "source_queue_arns": {"type": "list", "elements": "str", "default": []},
        },
    },
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = argument_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    sqs = module.client("sqs", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, SqsQueue(sqs, module.params), "sqs_queue")


if __name__ == "__main__":
    main()
