#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_response_headers_policy
short_description: Manage the headers that CloudFront adds to responses
description:
  - Manages a custom response headers policy. Its CORS, Server-Timing and removed headers are kept as they are.
options:
  name:
    description: Its name, unique in the account.
    type: str
    required: true
  state:
    description: V(absent) removes it; no distribution may use it any more.
    type: str
    choices: [present, absent]
    default: present
  comment:
    description: What it is for.
    type: str
    default: ""
  custom_headers:
    description: Headers of one's own, such as C(Cache-Control).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The header.
        type: str
        required: true
      value:
        description: Its value.
        type: str
        required: true
      override:
        description: Whether it wins over what the origin sends.
        type: bool
        default: true
  security_headers:
    description: Headers that make a browser careful; they win over those of the origin.
    type: dict
    suboptions:
      strict_transport_security:
        description: For how long a browser uses TLS only.
        type: dict
        suboptions:
          max_age:
            description: Seconds.
            type: int
            required: true
          include_subdomains:
            description: Whether it holds for all names below.
            type: bool
            default: false
          preload:
            description: Whether browsers may know it beforehand.
            type: bool
            default: false
      content_type_options:
        description: Whether browsers must believe the content type (C(nosniff)).
        type: bool
      frame_options:
        description: Who may show the page in a frame.
        type: str
        choices: [DENY, SAMEORIGIN]
      referrer_policy:
        description: What other sites learn about where a visitor comes from.
        type: str
      content_security_policy:
        description: Where the page may load things from.
        type: str
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Let browsers keep the assets for a year
  cloudfront_response_headers_policy:
    name: production-trading-engine-assets
    custom_headers:
      - {name: Cache-Control, value: max-age=31536000, override: false}
    security_headers:
      content_type_options: true
      frame_options: DENY
"""

RETURN = r"""
cloudfront_response_headers_policy:
  description: The policy; empty when it is absent. In check mode, as it would be.
  returned: always
  type: dict
  contains:
    id: {description: The id that a distribution names., type: str, sample: 12345678-1234-1234-1234-123456789012}
    name: {description: The name., type: str, sample: production-trading-engine-assets}
    comment: {description: The comment., type: str, sample: Headers of the assets}
    custom_headers: {description: Headers of one's own., type: list, elements: dict, sample: []}
    security_headers: {description: Those that are set., type: dict, sample: {frame_options: DENY}}
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
    from trading_platform.aws.cloudfront_response_headers_policy import ResponseHeadersPolicy
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "comment": {"type": "str", "default": ""},
    "custom_headers": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "value": {"type": "str", "required": True},
            "override": {"type": "bool", "default": True},
        },
    },
    "security_headers": {
        "type": "dict",
        "options": {
            "strict_transport_security": {
                "type": "dict",
                "options": {
                    "max_age": {"type": "int", "required": True},
                    "include_subdomains": {"type": "bool", "default": False},
                    "preload": {"type": "bool", "default": False},
                },
            },
            "content_type_options": {"type": "bool"},
            "frame_options": {"type": "str", "choices": ["DENY", "SAMEORIGIN"]},
            "referrer_policy": {"type": "str"},
            "content_security_policy": {"type": "str"},
        },
    },
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    cloudfront = module.client("cloudfront", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, ResponseHeadersPolicy(cloudfront, module.params), "cloudfront_response_headers_policy")


if __name__ == "__main__":
    main()
