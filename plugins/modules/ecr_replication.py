#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ecr_replication
short_description: Manage one replication rule of an ECR registry
description:
  - A registry has one replication configuration. The module keeps the one rule in it that has exactly these
    prefixes, and leaves the rules of others alone.
  - Only images are replicated, and only those pushed from then on. Settings of repositories are not; make the
    repositories of the other regions with M(ecr_repository).
options:
  prefixes:
    description: The repositories whose names begin so are replicated. Together they are the rule's identity.
    type: list
    elements: str
    required: true
  state:
    description: Whether it should exist.
    choices: [present, absent]
    default: present
    type: str
  regions:
    description: Where to, in the same account.
    type: list
    elements: str
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Every image of the platform is in the standby region too
  ecr_replication:
    prefixes: [trading-engine/]
    regions: [us-west-2]
"""

RETURN = r"""
ecr_replication:
  description: The rule; empty when it is absent. In check mode, the rule as it would be.
  returned: always
  type: dict
  contains:
    registry_id: {description: The account., type: str, sample: "123456789012"}
    prefixes: {description: Prefixes of names., type: list, elements: str, sample: [trading-engine/]}
    regions: {description: Where to., type: list, elements: str, sample: [us-west-2]}
    other_registries: {description: Other accounts it goes to; removed., type: list, elements: str, sample: []}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: regions"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.ecr_replication import EcrReplication
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "prefixes": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "regions": {"type": "list", "elements": "str"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_if=[("state", "present", ["regions"])]
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    ecr = module.client("ecr", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EcrReplication(ecr, module.params), "ecr_replication")


if __name__ == "__main__":
    main()
