#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_account_public_access_block
short_description: Manage the public access block of an AWS account
description:
  - Blocks public access to S3 for a whole account. It holds for every bucket, whatever the bucket's own block says.
  - S3 has one such block for all regions; buckets follow within minutes.
options:
  account_id:
    description: The account, 12 digits.
    type: str
    required: true
  state:
    description: V(absent) removes the block, which leaves each bucket to its own.
    type: str
    choices: [present, absent]
    default: present
  block_public_acls:
    description: Refuse ACLs that make anything public.
    type: bool
    default: true
  ignore_public_acls:
    description: Ignore such ACLs.
    type: bool
    default: true
  block_public_policy:
    description: Refuse policies that make anything public.
    type: bool
    default: true
  restrict_public_buckets:
    description: Let only the account and AWS services use a bucket with a public policy.
    type: bool
    default: true
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Nothing of this account is public
  s3_account_public_access_block:
    account_id: "123456789012"
"""

RETURN = r"""
s3_account_public_access_block:
  description: The block; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    account_id: {description: The account., type: str, sample: "123456789012"}
    block_public_acls: {description: Whether public ACLs are refused., type: bool, sample: true}
    ignore_public_acls: {description: Whether public ACLs are ignored., type: bool, sample: true}
    block_public_policy: {description: Whether public policies are refused., type: bool, sample: true}
    restrict_public_buckets: {description: Whether public buckets are closed., type: bool, sample: true}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: block_public_policy"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.s3_account_public_access_block import (
        S3AccountPublicAccessBlock,
        without_account_in_address,
    )
    from trading_platform.aws.s3_bucket_read import FLAGS
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "account_id": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "block_public_acls": {"type": "bool", "default": True},
    "ignore_public_acls": {"type": "bool", "default": True},
    "block_public_policy": {"type": "bool", "default": True},
    "restrict_public_buckets": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    flags = {name: module.params[name] for name in FLAGS}
    retry = AWSRetry.jittered_backoff(retries=10, catch_extra_error_codes=["OperationAborted"])
    s3control = without_account_in_address(module.client("s3control", retry_decorator=retry))
    resource = S3AccountPublicAccessBlock(s3control, module.params["account_id"], flags)
    run(module, resource, "s3_account_public_access_block")


if __name__ == "__main__":
    main()
