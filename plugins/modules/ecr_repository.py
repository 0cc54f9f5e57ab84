#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ecr_repository
short_description: Manage an ECR repository
description:
  - Keeps tag mutability, scanning, policies and tags as asked for. Unlike M(community.aws.ecs_ecr) it gives the
    repository tags, and works in check mode before the repository exists.
options:
  name:
    description: The name, its identity, with its namespace.
    type: str
    required: true
  state:
    description: Whether it should exist.
    choices: [present, absent]
    default: present
    type: str
  image_tag_mutability:
    description: Whether a tag can be moved to another image.
    choices: [immutable, mutable]
    default: immutable
    type: str
  scan_on_push:
    description: Whether images are scanned for vulnerabilities when they are pushed.
    type: bool
    default: true
  kms_key_arn:
    description: The key that encrypts the images; AES-256 with ECR's own without one. Cannot be changed later.
    type: str
  lifecycle_policy:
    description: Which images expire when. Left alone when it is not given; V({}) takes it away.
    type: dict
  policy:
    description: Who else may pull and push. Left alone when it is not given; V({}) takes it away.
    type: dict
  force:
    description: Whether O(state=absent) removes a repository with images in it.
    type: bool
    default: false
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Images of the API
  ecr_repository:
    name: trading-engine/api
    lifecycle_policy:
      rules:
        - rulePriority: 1
          description: Untagged images go after 7 days
          selection: {tagStatus: untagged, countType: sinceImagePushed, countUnit: days, countNumber: 7}
          action: {type: expire}
    tags: {Environment: production}
"""

RETURN = r"""
ecr_repository:
  description: The repository; empty when it is absent. In check mode, the repository as it would be.
  returned: always
  type: dict
  contains:
    name: {description: The name., type: str, sample: trading-engine/api}
    repository_arn: {description: The ARN., type: str, sample: "arn:aws:ecr:us-east-1:123456789012:repository/a/b"}
    repository_uri: {description: What docker pulls., type: str, sample: 1.dkr.ecr.us-east-1.amazonaws.com/a/b}
    image_tag_mutability: {description: immutable or mutable., type: str, sample: immutable}
    scan_on_push: {description: Whether images are scanned., type: bool, sample: true}
    tags: {description: The tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: lifecycle_policy"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.ecr_repository import EcrRepository
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "image_tag_mutability": {"type": "str", "choices": ["immutable", "mutable"], "default": "immutable"},
    "scan_on_push": {"type": "bool", "default": True},
    "kms_key_arn": {"type": "str", "no_log": False},
    "lifecycle_policy": {"type": "dict"},
    "policy": {"type": "dict"},
    "force": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    ecr = module.client("ecr", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EcrRepository(ecr, module.params), "ecr_repository")


if __name__ == "__main__":
    main()
