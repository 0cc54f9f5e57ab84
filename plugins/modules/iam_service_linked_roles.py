#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_service_linked_roles
short_description: Make sure that AWS services have their service-linked roles
description:
  - Creates the service-linked roles of an account before anything needs them. A KMS key policy that names a role that
    does not exist is refused, and the first Auto Scaling group, Spot request or cluster of a new account otherwise
    needs the right to create its own.
  - Roles are only ever added, never removed; they belong to the account.
options:
  services:
    description: Service names, for example V(autoscaling.amazonaws.com).
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
- name: Let Auto Scaling and Spot have their roles
  iam_service_linked_roles:
    services:
      - autoscaling.amazonaws.com
      - spot.amazonaws.com
"""

RETURN = r"""
service_linked_roles:
  description: The services of the account that have their role.
  returned: always
  type: dict
  contains:
    services:
      description: Service names, sorted.
      type: list
      elements: str
      sample: [autoscaling.amazonaws.com, spot.amazonaws.com]
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: services"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.iam_service_linked_roles import ServiceLinkedRoles
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {"services": {"type": "list", "elements": "str", "required": True}}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    iam = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, ServiceLinkedRoles(iam, module.params["services"]), "service_linked_roles")


if __name__ == "__main__":
    main()
