#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudtrail_trail
short_description: Manage a CloudTrail trail and what it records
description:
  - Writes every management event, read or write, and the object events of the buckets asked for to a bucket and to a
    log group, if asked. Starts the trail, which CloudTrail makes stopped.
  - Tries again while the bucket policy, the key policy or the role is so new that CloudTrail does not see it.
options:
  name:
    description: The trail's name.
    type: str
    required: true
  state:
    description: V(absent) removes it; what it has written stays.
    type: str
    choices: [present, absent]
    default: present
  bucket:
    description: Bucket whose policy lets C(cloudtrail.amazonaws.com) write for this trail.
    type: str
    required: true
  key_prefix:
    description: Folder of the bucket, before C(AWSLogs).
    type: str
    default: ""
  kms_key_arn:
    description: Key that encrypts the files, which CloudTrail may use.
    type: str
  log_group_arn:
    description: Log group that also gets the events, with or without the C(:*) behind it.
    type: str
  logs_role_arn:
    description: Role with which CloudTrail writes to the log group.
    type: str
  multi_region:
    description: Whether it records all regions.
    type: bool
    default: true
  log_file_validation:
    description: Whether digests prove that no file was changed.
    type: bool
    default: true
  logging:
    description: Whether it records.
    type: bool
    default: true
  s3_data_event_bucket_arns:
    description: Buckets whose object events (GetObject, PutObject, ...) are recorded.
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
- name: Record every API call
  cloudtrail_trail:
    name: production-trading-engine
    bucket: production-trading-engine-audit
    kms_key_arn: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
"""

RETURN = r"""
cloudtrail_trail:
  description: The trail; empty when it is absent. In check mode, as it would be. It has a key for each option, too.
  returned: always
  type: dict
  contains:
    arn: {description: The ARN., type: str, sample: "arn:aws:cloudtrail:us-east-1:111122223333:trail/production"}
    logging: {description: Whether it records., type: bool, sample: true}
    event_selectors: {description: What it records., type: list, elements: dict, sample: []}
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
    from trading_platform.aws.cloudtrail_trail import Trail, problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "bucket": {"type": "str", "required": True},
    "key_prefix": {"type": "str", "default": "", "no_log": False},
    "kms_key_arn": {"type": "str"},
    "log_group_arn": {"type": "str"},
    "logs_role_arn": {"type": "str"},
    "multi_region": {"type": "bool", "default": True},
    "log_file_validation": {"type": "bool", "default": True},
    "logging": {"type": "bool", "default": True},
    "s3_data_event_bucket_arns": {"type": "list", "elements": "str", "default": []},
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
    cloudtrail = module.client("cloudtrail", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, Trail(cloudtrail, module.params), "cloudtrail_trail")


if __name__ == "__main__":
    main()
