#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vpc_flow_log
short_description: Manage the flow log of a VPC that is delivered to S3
description:
  - Records the traffic of a VPC into an S3 bucket.
  - EC2 can change nothing but the tags of a flow log, so any other difference deletes it and makes it anew. What it
    has delivered stays in the bucket.
  - The Name tag on the VPC is the identity. A flow log without a name that delivers to the same place is adopted, as
    EC2 refuses a second one.
  - Warns when EC2 reports that it cannot deliver.
notes:
  - When a flow log is made, EC2 writes statements for C(delivery.logs.amazonaws.com) into the bucket's policy where
    they are missing, and may overwrite what stands there. Give the bucket these statements first, and run its task
    after this one again, or use a bucket for flow logs alone.
  - A bucket with SSE-KMS needs a customer managed key, set by its ARN, whose policy admits that service.
  - Needs the permissions C(ec2:CreateFlowLogs), C(ec2:DeleteFlowLogs), C(ec2:DescribeFlowLogs), C(ec2:CreateTags),
    C(logs:CreateLogDelivery) and C(logs:DeleteLogDelivery).
  - In check mode before the VPC exists, an id such as V(vpc-planned) is accepted.
options:
  name:
    description: The Name tag.
    type: str
    required: true
  resource_id:
    description: The VPC.
    type: str
    required: true
  destination_arn:
    description:
      - ARN of the bucket, and of a folder in it if wanted. The folder cannot be called AWSLogs.
      - Required with O(state=present).
    type: str
  state:
    description: Whether it should exist.
    type: str
    choices: [present, absent]
    default: present
  traffic_type:
    description: Which traffic is recorded.
    type: str
    choices: [ALL, ACCEPT, REJECT]
    default: ALL
  max_aggregation_interval:
    description: Seconds that one record covers at most.
    type: int
    choices: [60, 600]
    default: 600
  log_format:
    description: The fields of a record, C(${version} ${vpc-id} ...); by default EC2's fourteen of version 2.
    type: str
  destination_options:
    description: How files are written.
    type: dict
    suboptions:
      file_format:
        description: The format of files.
        type: str
        choices: [plain-text, parquet]
        default: plain-text
      hive_compatible_partitions:
        description: Whether folders are named as Hive and Athena like them.
        type: bool
        default: false
      per_hour_partition:
        description: Whether each hour has its folder.
        type: bool
        default: false
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Record all traffic of the VPC
  vpc_flow_log:
    name: trading-engine-production
    resource_id: vpc-0123456789abcdef0
    destination_arn: arn:aws:s3:::production-trading-engine-flow-logs
    max_aggregation_interval: 60
    destination_options:
      file_format: parquet
      per_hour_partition: true
    tags: {Environment: production}
"""

RETURN = r"""
vpc_flow_log:
  description: The flow log; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    flow_log_id: {description: Its id., type: str, sample: fl-0123456789abcdef0}
    deliver_logs_status: {description: V(SUCCESS) or V(FAILED)., type: str, sample: SUCCESS}
    deliver_logs_error_message: {description: Why delivery failed., type: str, sample: Access error}
    resource_id: {description: The VPC., type: str, sample: vpc-0123456789abcdef0}
    destination_arn: {description: Where it goes., type: str, sample: "arn:aws:s3:::trading-engine-flow-logs"}
    traffic_type: {description: Which traffic is recorded., type: str, sample: ALL}
    max_aggregation_interval: {description: Seconds., type: int, sample: 60}
    log_format: {description: The fields., type: str, sample: "${version} ${account-id}"}
    destination_options: {description: How files are written., type: dict, sample: {file_format: parquet}}
    tags: {description: The tags., type: dict, sample: {Name: trading-engine-production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["replace: traffic_type"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.ec2 import name_problems
    from trading_platform.aws.engine import run
    from trading_platform.aws.vpc_flow_log import VpcFlowLog
except ImportError as error:
    LIBRARY_ERROR = error

DESTINATION_OPTIONS = {
    "file_format": {"type": "str", "choices": ["plain-text", "parquet"], "default": "plain-text"},
    "hive_compatible_partitions": {"type": "bool", "default": False},
    "per_hour_partition": {"type": "bool", "default": False},
}
ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "resource_id": {"type": "str", "required": True},
    "destination_arn": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "traffic_type": {"type": "str", "choices": ["ALL", "ACCEPT", "REJECT"], "default": "ALL"},
    "max_aggregation_interval": {"type": "int", "choices": [60, 600], "default": 600},
    "log_format": {"type": "str"},
    "destination_options": {"type": "dict", "options": DESTINATION_OPTIONS, "apply_defaults": True},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
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
    problems = name_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    ec2 = module.client("ec2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, VpcFlowLog(ec2, module.params, module.warn), "vpc_flow_log")


if __name__ == "__main__":
    main()
