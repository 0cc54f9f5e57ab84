#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: guardduty_detector
short_description: Manage GuardDuty in a region
description:
  - Manages the detector of the module's region, of which there is one; the one that is there is adopted.
  - A new detector turns on every feature that it is not told about, except runtime monitoring; so name them all.
options:
  state:
    description: V(absent) removes the detector with all its findings.
    type: str
    choices: [present, absent]
    default: present
  finding_frequency:
    description: How soon it tells of a finding that comes again.
    type: str
    choices: [FIFTEEN_MINUTES, ONE_HOUR, SIX_HOURS]
    default: FIFTEEN_MINUTES
  features:
    description: Feature to whether it is on, such as C(S3_DATA_EVENTS). Features that are not named are left alone.
    type: dict
    default: {}
  runtime_agents:
    description: Which agents runtime monitoring installs by itself, such as C(EKS_ADDON_MANAGEMENT).
    type: dict
    default: {}
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Look for threats in the buckets and the clusters
  guardduty_detector:
    features:
      S3_DATA_EVENTS: true
      EKS_AUDIT_LOGS: true
      RUNTIME_MONITORING: false
"""

RETURN = r"""
guardduty_detector:
  description: The detector; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    id: {description: The id., type: str, sample: 12abc34d567e8fa901bc2d34e56789f0}
    enabled: {description: Whether it looks., type: bool, sample: true}
    finding_frequency: {description: How soon it tells., type: str, sample: FIFTEEN_MINUTES}
    features: {description: Those named, and whether they are on., type: dict, sample: {S3_DATA_EVENTS: true}}
    runtime_agents: {description: Those named, and whether they are on., type: dict, sample: {}}
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
    from trading_platform.aws.engine import run
    from trading_platform.aws.guardduty_detector import Detector, problems
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "finding_frequency": {
        "type": "str",
        "choices": ["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"],
        "default": "FIFTEEN_MINUTES",
    },
    "features": {"type": "dict", "default": {}},
    "runtime_agents": {"type": "dict", "default": {}},
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
    guardduty = module.client("guardduty", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, Detector(guardduty, module.params), "guardduty_detector")


if __name__ == "__main__":
    main()
