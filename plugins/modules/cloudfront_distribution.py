#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudfront_distribution
short_description: Manage a CloudFront distribution before a bucket
description:
  - Serves one bucket, read by origin access control, to the world. Other origins and behaviours that somebody added are
    removed; settings without an option here (logging, restrictions) are kept as they are.
  - A distribution is found by its caller reference, which begins with O(name).
options:
  name:
    description: Its name, kept in the caller reference and in the tag Name.
    type: str
    required: true
  state:
    description: V(absent) disables it, waits until every edge knows, and removes it.
    type: str
    choices: [present, absent]
    default: present
  comment:
    description: What it is for.
    type: str
    default: ""
  enabled:
    description: Whether it answers.
    type: bool
    default: true
  origin_domain_name:
    description:
      - Address of the bucket in its region, C(<bucket>.s3.<region>.amazonaws.com).
      - Required with O(state=present).
    type: str
  origin_path:
    description: Folder of the bucket that is served, such as C(/public).
    type: str
    default: ""
  origin_access_control_id:
    description:
      - How requests to the bucket are signed; in check mode it may be an id that ends in C(-planned).
      - Required with O(state=present).
    type: str
  aliases:
    description: Names of one's own under which it answers.
    type: list
    elements: str
    default: []
  certificate_arn:
    description: Certificate of us-east-1 for the aliases.
    type: str
  minimum_protocol_version:
    description: Oldest TLS that it speaks under its aliases.
    type: str
    choices: [TLSv1.2_2019, TLSv1.2_2021, TLSv1.2_2025, TLSv1.3_2025]
    default: TLSv1.2_2021
  default_root_object:
    description: What is served for C(/).
    type: str
    default: ""
  viewer_protocol_policy:
    description: What happens to requests without TLS.
    type: str
    choices: [redirect-to-https, https-only, allow-all]
    default: redirect-to-https
  allowed_methods:
    description: Methods that are passed on.
    type: list
    elements: str
    default: [GET, HEAD]
  compress:
    description: Whether it compresses what it serves.
    type: bool
    default: true
  cache_policy_id:
    description: What is part of the cache key, and for how long CloudFront keeps it. AWS's CachingOptimized by default.
    type: str
    default: 658327ea-f89d-4fab-a63d-7e88639e58f6
  response_headers_policy_id:
    description: What is added to responses.
    type: str
  error_responses:
    description: What is answered instead of the origin's errors.
    type: list
    elements: dict
    default: []
    suboptions:
      error_code:
        description: The origin's status.
        type: int
        required: true
      response_code:
        description: The status that is answered.
        type: int
      response_page_path:
        description: The object that is answered, with its slash.
        type: str
      min_ttl:
        description: Seconds until the origin is asked again.
        type: int
        default: 10
  web_acl_arn:
    description: ARN of a web ACL of the scope CLOUDFRONT.
    type: str
  price_class:
    description: Which edges are used.
    type: str
    choices: [PriceClass_100, PriceClass_200, PriceClass_All]
    default: PriceClass_All
  http_version:
    description: Newest HTTP that it speaks.
    type: str
    choices: [http1.1, http2, http3, http2and3]
    default: http2and3
  ipv6:
    description: Whether it answers over IPv6.
    type: bool
    default: true
  wait:
    description: Whether to wait until every edge has the configuration.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait; removal always waits.
    type: int
    default: 1800
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Serve the assets
  cloudfront_distribution:
    name: production-trading-engine-assets
    origin_domain_name: production-trading-engine-assets.s3.us-east-1.amazonaws.com
    origin_access_control_id: E327GJI25M56DG
    wait: false
"""

RETURN = r"""
cloudfront_distribution:
  description: The distribution; empty when it is absent. In check mode, as it would be. Beside these it has a key for
    each option.
  returned: always
  type: dict
  contains:
    id: {description: The id., type: str, sample: EDFDVBD632BHDS5}
    arn: {description: The ARN., type: str, sample: "arn:aws:cloudfront::111122223333:distribution/EDFDVBD632BHDS5"}
    domain_name: {description: Its own name., type: str, sample: d111111abcdef8.cloudfront.net}
    status: {description: Deployed, or InProgress while edges learn a change., type: str, sample: Deployed}
    origin_ids: {description: The ids of its origins., type: list, elements: str, sample: []}
    path_patterns: {description: Paths with a behaviour of their own., type: list, elements: str, sample: []}
    tags: {description: The tags., type: dict, sample: {Name: production-trading-engine-assets}}
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
    from trading_platform.aws.cloudfront_distribution import Distribution, problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "comment": {"type": "str", "default": ""},
    "enabled": {"type": "bool", "default": True},
    "origin_domain_name": {"type": "str"},
    "origin_path": {"type": "str", "default": ""},
    "origin_access_control_id": {"type": "str"},
    "aliases": {"type": "list", "elements": "str", "default": []},
    "certificate_arn": {"type": "str"},
    "minimum_protocol_version": {
        "type": "str",
        "choices": ["TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"],
        "default": "TLSv1.2_2021",
    },
    "default_root_object": {"type": "str", "default": ""},
    "viewer_protocol_policy": {
        "type": "str",
        "choices": ["redirect-to-https", "https-only", "allow-all"],
        "default": "redirect-to-https",
    },
    "allowed_methods": {"type": "list", "elements": "str", "default": ["GET", "HEAD"]},
    "compress": {"type": "bool", "default": True},
    "cache_policy_id": {"type": "str", "default": "658327ea-f89d-4fab-a63d-7e88639e58f6"},
    "response_headers_policy_id": {"type": "str"},
    "error_responses": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "error_code": {"type": "int", "required": True},
            "response_code": {"type": "int"},
            "response_page_path": {"type": "str"},
            "min_ttl": {"type": "int", "default": 10},
        },
    },
    "web_acl_arn": {"type": "str"},
    "price_class": {
        "type": "str",
        "choices": ["PriceClass_100", "PriceClass_200", "PriceClass_All"],
        "default": "PriceClass_All",
    },
    "http_version": {"type": "str", "choices": ["http1.1", "http2", "http3", "http2and3"], "default": "http2and3"},
    "ipv6": {"type": "bool", "default": True},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 1800},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ["origin_domain_name", "origin_access_control_id"])],
        supports_check_mode=True,
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    wrong = problems(module.params) if module.params["state"] == "present" else []
    if wrong:
        module.fail_json(msg="; ".join(wrong))
    cloudfront = module.client("cloudfront", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, Distribution(cloudfront, module.params), "cloudfront_distribution")


if __name__ == "__main__":
    main()
