#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: launch_template
short_description: Manage an EC2 launch template with an encrypted disk and IMDSv2
description:
  - The template of instances that others start, such as the nodes of an EKS node group. Its Name tag is its name.
  - Other contents make another version, which becomes the default; versions are never changed or deleted.
notes:
  - In check mode before its parents exist, ids such as V(sg-planned) are accepted.
options:
  name:
    description: Name of the template. It is the identity.
    type: str
    required: true
  device_name:
    description: Device of the root disk; V(/dev/xvda) on Amazon Linux. Under another name the disk would be a second
      one.
    type: str
    default: /dev/xvda
  volume_size_gb:
    description: Size of the root disk in GiB. Required when O(state=present).
    type: int
  volume_type:
    description: Type of the root disk.
    type: str
    default: gp3
  kms_key_arn:
    description: Key of the root disk. Required when O(state=present).
    type: str
  security_group_ids:
    description: Security groups of the instances.
    type: list
    elements: str
    default: []
  metadata_hop_limit:
    description: Hops that answers of the instance metadata service may take; 2 lets containers reach it. Tokens
      (IMDSv2)
      are always required.
    type: int
    default: 2
  user_data:
    description: User data, as text.
    type: str
  instance_tags:
    description: Tags of the instances, their disks and network interfaces.
    type: dict
    default: {}
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
- name: Nodes have encrypted disks
  launch_template:
    name: production-trading-engine-general
    volume_size_gb: 100
    kms_key_arn: arn:aws:kms:us-east-1:111122223333:key/01234567-89ab-cdef-0123-456789abcdef
    security_group_ids: [sg-0123456789abcdef0]
"""

RETURN = r"""
launch_template:
  description: The template as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    launch_template_id: {description: Its id., type: str, sample: lt-0123456789abcdef0}
    version: {description: Number of the newest version., type: int, sample: 1}
    default_version: {description: Number of the default version., type: int, sample: 1}
    data: {description: "Contents of the newest version, in the API's shape.", type: dict, sample: {}}
    tags: {description: Its tags., type: dict, sample: {Name: production-trading-engine-general}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: data, version"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.launch_template import LaunchTemplate
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "device_name": {"type": "str", "default": "/dev/xvda"},
    "volume_size_gb": {"type": "int"},
    "volume_type": {"type": "str", "default": "gp3"},
    "kms_key_arn": {"type": "str", "no_log": False},
    "security_group_ids": {"type": "list", "elements": "str", "default": []},
    "metadata_hop_limit": {"type": "int", "default": 2},
    "user_data": {"type": "str"},
    "instance_tags": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ["volume_size_gb", "kms_key_arn"])],
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    ec2 = module.client("ec2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, LaunchTemplate(ec2, module.params), "launch_template")


if __name__ == "__main__":
    main()
