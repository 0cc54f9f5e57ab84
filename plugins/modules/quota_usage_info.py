#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: quota_usage_info
short_description: Tell the quotas of a region, and how much of them is in use
description:
  - Asks Service Quotas for the quotas that the platform's estate takes of, and EC2 and RDS for what is in use, by
    the platform and by others. Changes nothing.
  - The quotas are Elastic IP addresses, VPCs, NAT gateways of a zone, interface endpoints of a VPC, database
    instances, and vCPUs of standard instances, on demand and spot.
options:
  own_tags:
    description: Tags that tell what is ours; a resource must have all of them.
    type: dict
    required: true
  cluster_name:
    description: The EKS cluster, whose instances are ours, too.
    type: str
    required: true
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Ask for quotas, and what is left of them
  quota_usage_info:
    own_tags: {Project: trading-engine, Environment: production}
    cluster_name: production-trading-engine
    region: us-east-1
"""

RETURN = r"""
quotas:
  description: Quota code to its name and its value in this account. Those that the region does not have are missing.
  returned: success
  type: dict
  sample: {L-0263D0A3: {name: EC2-VPC Elastic IPs, value: 5.0}}
in_use:
  description:
    - Quota code to place to what is in use by us and by others. A place is an availability zone, or C("") for the whole
      region.
  returned: success
  type: dict
  sample: {L-0263D0A3: {"": {ours: 3, others: 1}}}
actions:
  description: Always empty, as nothing is changed.
  returned: always
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from botocore.exceptions import BotoCoreError, ClientError

    from trading_platform.aws.quota_usage import allowed, in_use
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "own_tags": {"type": "dict", "required": True},
    "cluster_name": {"type": "str", "required": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    clients = [
        module.client(name, retry_decorator=AWSRetry.jittered_backoff(retries=10))
        for name in ("service-quotas", "ec2", "rds")
    ]
    try:
        quotas = allowed(clients[0])
        used = in_use(clients[1], clients[2], module.params["own_tags"], module.params["cluster_name"])
    except (ClientError, BotoCoreError) as problem:
        module.fail_json_aws(problem, msg="quotas and what is in use of them")
    module.exit_json(changed=False, actions=[], quotas=quotas, in_use=used)


if __name__ == "__main__":
    main()
