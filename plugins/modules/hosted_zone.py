#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hosted_zone
short_description: Manage a public hosted zone of Route 53
description:
  - The name is the identity. A zone that a run was cut off from tagging is found by it and tagged.
  - Several public zones of the name are refused, as only one of them can be delegated to.
  - DNSSEC is left as it is.
notes:
  - amazon.aws.route53_zone turns DNSSEC off when it is not asked for it, has no diff and returns no name servers.
options:
  name:
    description: The domain.
    type: str
    required: true
  comment:
    description: What the zone is for.
    type: str
    default: ""
  delete_records:
    description: Whether O(state=absent) removes the records first. Without it AWS keeps a zone that has any.
    type: bool
    default: false
  state:
    description: Whether it should exist.
    type: str
    choices: [present, absent]
    default: present
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: The zone of the platform
  hosted_zone:
    name: trading-engine.example.com
    tags:
      Environment: production
"""

RETURN = r"""
hosted_zone:
  description: The zone as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    zone_id: {description: Its id., type: str, sample: Z0123456789ABCDEFGHIJ}
    name_servers: {description: Those that the parent domain delegates to., type: list, sample: [ns-1.awsdns-01.com]}
    comment: {description: What it is for., type: str, sample: ""}
    tags: {description: Its tags., type: dict, sample: {Name: trading-engine.example.com}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: tags"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.ec2 import name_problems
    from trading_platform.aws.engine import run
    from trading_platform.aws.hosted_zone import HostedZone
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "comment": {"type": "str", "default": ""},
    "delete_records": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = name_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    client = module.client("route53", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, HostedZone(client, module.params), "hosted_zone")


if __name__ == "__main__":
    main()
