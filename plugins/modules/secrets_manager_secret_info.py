#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secrets_manager_secret_info
short_description: Find secrets by name, without their values
description:
  - Describes secrets of this region, such as the replicas of another region's. Changes nothing and reads no value.
options:
  names:
    description: Names of the secrets.
    type: list
    elements: str
    required: true
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Find the replicas of the secrets
  secrets_manager_secret_info:
    names: [production-trading-engine/database, production-trading-engine/jwt]
    region: us-west-2
"""

RETURN = r"""
secrets:
  description: Name to secret; those that do not exist, or wait for their deletion, are missing.
  returned: always
  type: dict
  sample:
    production-trading-engine/jwt:
      arn: "arn:aws:secretsmanager:us-west-2:123456789012:secret:production-trading-engine/jwt-a1b2c3"
      kms_key_id: "arn:aws:kms:us-west-2:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
      primary_region: us-east-1
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

    from trading_platform.aws.secrets_manager_secret import describe_all
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {"names": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    client = module.client("secretsmanager", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    try:
        module.exit_json(changed=False, actions=[], secrets=describe_all(client, module.params["names"]))
    except (ClientError, BotoCoreError) as problem:
        module.fail_json_aws(problem, msg="secrets")


if __name__ == "__main__":
    main()
