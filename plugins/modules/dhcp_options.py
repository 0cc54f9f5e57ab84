#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dhcp_options
short_description: Manage the DHCP options of a VPC
description:
  - Makes a set of DHCP options and lets the VPC use it.
  - A set cannot be changed. Other options therefore are a new set of the same name, which the VPC is given before
    the old one is deleted.
  - The Name tag is the identity; sets of this name that the VPC does not use, as a run that was cut off leaves them,
    are used if they fit and deleted if they do not.
notes:
  - In check mode before the VPC exists, an id such as V(vpc-planned) is accepted.
options:
  vpc_id:
    description: The VPC.
    type: str
    required: true
  name:
    description: The Name tag.
    type: str
    required: true
  state:
    description: With V(absent) the VPC goes back to the region's default options, and the sets of this name are
      deleted.
    type: str
    choices: [present, absent]
    default: present
  domain_name:
    description:
      - The domain that completes unqualified names. With Amazon's DNS it is C(ec2.internal) in us-east-1 and
        C(REGION.compute.internal) elsewhere.
    type: str
  domain_name_servers:
    description: Up to four DNS servers, or V(AmazonProvidedDNS). Servers are compared without regard to their order.
    type: list
    elements: str
  ntp_servers:
    description: Up to eight time servers, for example V(169.254.169.123), Amazon's own.
    type: list
    elements: str
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Instances are told Amazon's DNS and time
  dhcp_options:
    vpc_id: vpc-0123456789abcdef0
    name: trading-engine-production
    domain_name: ec2.internal
    domain_name_servers: [AmazonProvidedDNS]
    ntp_servers: [169.254.169.123]
    tags: {Environment: production}
"""

RETURN = r"""
dhcp_options:
  description: The options; empty when they are absent. In check mode, as they would be.
  returned: always
  type: dict
  contains:
    dhcp_options_id: {description: The id of the set., type: str, sample: dopt-0123456789abcdef0}
    vpc_id: {description: The VPC., type: str, sample: vpc-0123456789abcdef0}
    associated: {description: Whether the VPC uses the set., type: bool, sample: true}
    superseded: {description: Ids of other sets of this name., type: list, elements: str, sample: []}
    domain_name: {description: The domain., type: str, sample: ec2.internal}
    domain_name_servers: {description: "DNS servers, sorted.", type: list, elements: str, sample: [AmazonProvidedDNS]}
    ntp_servers: {description: "Time servers, sorted.", type: list, elements: str, sample: [169.254.169.123]}
    tags: {description: The tags., type: dict, sample: {Name: trading-engine-production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: ntp_servers"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.dhcp_options import DhcpOptions
    from trading_platform.aws.ec2 import name_problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "vpc_id": {"type": "str", "required": True},
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "domain_name": {"type": "str"},
    "domain_name_servers": {"type": "list", "elements": "str"},
    "ntp_servers": {"type": "list", "elements": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}
# EC2 makes no set without options.
REQUIRED_IF = [("state", "present", ("domain_name", "domain_name_servers", "ntp_servers"), True)]


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_if=REQUIRED_IF)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = name_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    ec2 = module.client("ec2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, DhcpOptions(ec2, module.params), "dhcp_options")


if __name__ == "__main__":
    main()
