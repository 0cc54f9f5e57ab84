#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ecr_pull_through_cache
short_description: Manage a pull through cache rule of an ECR registry
description:
  - With a rule, who pulls I(prefix)/I(name) from the registry gets I(name) of an upstream registry, which ECR fetches
    when it is first pulled. The puller needs C(ecr:BatchImportUpstreamImage) and C(ecr:CreateRepository) for that.
  - AWS can exchange the credential of a rule. When anything else differs the rule is removed and made anew, which loses
    no image.
options:
  prefix:
    description: What the names of the repositories begin with, its identity. A slash at its end is assumed.
    type: str
    required: true
  state:
    description: Whether it should exist.
    choices: [present, absent]
    default: present
    type: str
  upstream_registry_url:
    description: Host name of the upstream registry, V(registry-1.docker.io) for Docker Hub.
    type: str
  credential_arn:
    description:
      - ARN of the secret that ECR logs in with at the upstream, of the account and the region of the rule. Its name
        begins with C(ecr-pullthroughcache/), its value has the keys C(username) and C(accessToken), and it is encrypted
        with C(aws/secretsmanager).
      - Docker Hub wants one; Quay and Kubernetes do not.
    type: str
  remove_repositories:
    description: Whether O(state=absent) also removes the repositories under the prefix with their images.
    type: bool
    default: false
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Images of Quay come through the account's registry
  ecr_pull_through_cache:
    prefix: quay
    upstream_registry_url: quay.io

- name: Those of Docker Hub too
  ecr_pull_through_cache:
    prefix: docker-hub
    upstream_registry_url: registry-1.docker.io
    credential_arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/docker-hub-a1b2c3"
"""

RETURN = r"""
ecr_pull_through_cache:
  description: The rule; empty when it is absent. In check mode, the rule as it would be.
  returned: always
  type: dict
  contains:
    prefix: {description: The prefix., type: str, sample: quay}
    upstream_registry_url: {description: The upstream registry., type: str, sample: quay.io}
    credential_arn: {description: Secret with the credential., type: str, sample: null}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: credential_arn"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.ecr_pull_through_cache import EcrPullThroughCache
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "prefix": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "upstream_registry_url": {"type": "str"},
    "credential_arn": {"type": "str", "no_log": False},
    "remove_repositories": {"type": "bool", "default": False},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        supports_check_mode=True,
        required_if=[("state", "present", ["upstream_registry_url"])],
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    ecr = module.client("ecr", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, EcrPullThroughCache(ecr, module.params), "ecr_pull_through_cache")


if __name__ == "__main__":
    main()
