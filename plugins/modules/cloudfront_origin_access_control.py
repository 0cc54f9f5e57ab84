#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_origin_access_control
short_description: Manage how CloudFront signs its requests to an origin
description:
  - Manages an origin access control, with which a distribution reads a bucket that is closed to everybody else.
options:
  name:
    description: Its name, unique in the account, at most 64 characters.
    type: str
    required: true
  state:
    description: V(absent) removes it; no distribution may use it any more.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What it is for.
    type: str
    default: ""
  origin_type:
    description: The kind of origin.
    type: str
    choices: [s3, lambda, mediastore, mediapackagev2]
    default: s3
  signing_behavior:
    description: Which requests are signed.
    type: str
    choices: [always, never, no-override]
    default: always
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Let CloudFront alone read the assets
  cloudfront_origin_access_control:
    name: production-trading-engine-assets
"""

RETURN = r"""
cloudfront_origin_access_control:
  description: The control; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    id: {description: The id that the origin of a distribution names., type: str, sample: E327GJI25M56DG}
    name: {description: The name., type: str, sample: production-trading-engine-assets}
    description: {description: The description., type: str, sample: The assets bucket}
    origin_type: {description: The kind of origin., type: str, sample: s3}
    signing_behavior: {description: Which requests are signed., type: str, sample: always}
    signing_protocol: {description: How they are signed., type: str, sample: sigv4}
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
    from trading_platform.aws.cloudfront_origin_access_control import OriginAccessControl, problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "description": {"type": "str", "default": ""},
    "origin_type": {"type": "str", "choices": ["s3", "lambda", "mediastore", "mediapackagev2"], "default": "s3"},
    "signing_behavior": {"type": "str", "choices": ["always", "never", "no-override"], "default": "always"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    wrong = problems(module.params)
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    cloudfront = module.client("cloudfront", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, OriginAccessControl(cloudfront, module.params), "cloudfront_origin_access_control")


if __name__ == "__main__":
    main()
