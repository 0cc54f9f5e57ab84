#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ebs_encryption
short_description: Encrypt every new EBS volume of a region
description:
  - Turns on encryption by default for new EBS volumes and snapshot copies of the region, and names the KMS key that
    is used where a request names none. Volumes that exist already stay as they are.
notes:
  - EC2 checks the key later and says nothing if it is wrong; instances then fail to start. The key's policy must
    admit the principals that start instances, Auto Scaling among them.
options:
  state:
    description: V(absent) is what a new account has, no encryption by default and AWS's own key.
    type: str
    choices: [present, absent]
    default: present
  kms_key_arn:
    description: ARN of the key; without it AWS's own key for EBS is used.
    type: str
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Every new volume is encrypted with our key
  ebs_encryption:
    kms_key_arn: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
"""

RETURN = r"""
ebs_encryption:
  description: The setting; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    enabled: {description: Whether new volumes are encrypted., type: bool, sample: true}
    kms_key_arn:
      description: The default key, null for AWS's own.
      type: str
      sample: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: kms_key_arn"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.ebs_encryption import EbsEncryption
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "kms_key_arn": {"type": "str", "no_log": False},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    kms_key_arn = module.params["kms_key_arn"]
    if kms_key_arn and ":key/" not in kms_key_arn:
        module.fail_json(msg=f"kms_key_arn: {kms_key_arn!r} is not the ARN of a key (arn:...:key/...)")
    ec2 = module.client("ec2", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EbsEncryption(ec2, kms_key_arn), "ebs_encryption")


if __name__ == "__main__":
    main()
