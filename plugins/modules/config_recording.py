#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_recording
short_description: Manage what AWS Config records in a region
description:
  - Manages the recorder, the delivery channel and that it runs, for all resource types. A region has one of each, so
    the ones that are there are adopted with their names.
  - Tries again while the role or the bucket's policy is so new that Config does not see it.
options:
  name:
    description: Name of the recorder and the channel where there are none yet.
    type: str
    default: default
  state:
    description: V(absent) stops and removes both; what was recorded stays.
    type: str
    choices: [present, absent]
    default: present
  role_arn:
    description: Role with which Config reads; its service-linked role or one of one's own.
    type: str
    required: true
  bucket:
    description: Bucket whose policy lets C(config.amazonaws.com) write.
    type: str
    required: true
  key_prefix:
    description: Folder of the bucket, before C(AWSLogs).
    type: str
    default: ""
  topic_arn:
    description: Topic that is told of changes.
    type: str
  global_resource_types:
    description: Whether IAM users, groups, roles and policies are recorded; in one region only, or each is told twice.
    type: bool
    default: false
  recording_frequency:
    description: Whether every change is recorded, or once a day what has changed.
    type: str
    choices: [CONTINUOUS, DAILY]
    default: CONTINUOUS
  snapshot_frequency:
    description: How often the whole is written to the bucket.
    type: str
    choices: [One_Hour, Three_Hours, Six_Hours, Twelve_Hours, TwentyFour_Hours]
    default: TwentyFour_Hours
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Record what becomes of every resource
  config_recording:
    role_arn: arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig
    bucket: production-trading-engine-audit
"""

RETURN = r"""
config_recording:
  description: The recording; empty when it is absent. In check mode, as it would be. It has a key for each option, too.
  returned: always
  type: dict
  contains:
    name: {description: Name of the recorder., type: str, sample: default}
    channel_name: {description: Name of the channel., type: str, sample: default}
    recording: {description: Whether it runs., type: bool, sample: true}
    strategy: {description: Which types are recorded., type: str, sample: ALL_SUPPORTED_RESOURCE_TYPES}
    tags: {description: Tags of the recorder., type: dict, sample: {Environment: production}}
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
    from trading_platform.aws.config_recording import ConfigRecording
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "default": "default"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "role_arn": {"type": "str", "required": True},
    "bucket": {"type": "str", "required": True},
    "key_prefix": {"type": "str", "default": "", "no_log": False},
    "topic_arn": {"type": "str"},
    "global_resource_types": {"type": "bool", "default": False},
    "recording_frequency": {"type": "str", "choices": ["CONTINUOUS", "DAILY"], "default": "CONTINUOUS"},
    "snapshot_frequency": {
        "type": "str",
        "choices": ["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"],
        "default": "TwentyFour_Hours",
    },
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    config = module.client("config", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, ConfigRecording(config, module.params), "config_recording")


if __name__ == "__main__":
    main()
