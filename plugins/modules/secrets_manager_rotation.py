#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: secrets_manager_rotation
short_description: Have a secret rotated by a Lambda function
description:
  - Names the function that rotates a secret, and how often. Nothing is rotated by it; the function is only asked to
    test the present value.
  - The function's policy must let C(secretsmanager.amazonaws.com) call it; a permission just given is waited for.
options:
  secret_id:
    description: Name or ARN of the secret.
    type: str
    required: true
  state:
    description: Whether the secret is rotated.
    choices: [present, absent]
    default: present
    type: str
  function_arn:
    description: ARN of the function. Required when I(state=present).
    type: str
  every_days:
    description: Days between two rotations, 1 to 1000. Required when I(state=present).
    type: int
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Rotate the database password every 90 days
  secrets_manager_rotation:
    secret_id: production-trading-engine/database
    function_arn: "arn:aws:lambda:us-east-1:123456789012:function:production-trading-engine-rotate-database"
    every_days: 90
"""

RETURN = r"""
secrets_manager_rotation:
  description: The rotation; empty when there is none. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    function_arn:
      description: The function.
      type: str
      sample: "arn:aws:lambda:us-east-1:123456789012:function:rotate-database"
    every_days: {description: Days between two rotations., type: int, sample: 90}
    next_rotation: {description: When the next is due., type: str, sample: "2026-12-01T00:00:00+00:00"}
    last_rotated: {description: When the last was; null before the first., type: str, sample: null}
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
    from trading_platform.aws.secrets_manager_rotation import RETRIED, RotationArguments, SecretsManagerRotation
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "secret_id": {"type": "str", "required": True, "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "function_arn": {"type": "str"},
    "every_days": {"type": "int"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[["state", "present", ["function_arn", "every_days"]]],
        supports_check_mode=True,
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    params = module.params
    if params["every_days"] is not None and not 1 <= params["every_days"] <= 1000:
        module.fail_json(msg=f"every_days: {params['every_days']} is not between 1 and 1000")
    arguments = RotationArguments(
        secret_id=params["secret_id"], function_arn=params["function_arn"], every_days=params["every_days"]
    )
    client = module.client("secretsmanager", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    patient = module.client("secretsmanager", retry_decorator=AWSRetry.jittered_backoff(**RETRIED))
    run(module, SecretsManagerRotation(client, patient, arguments), "secrets_manager_rotation")


if __name__ == "__main__":
    main()
