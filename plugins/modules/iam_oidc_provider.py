#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: iam_oidc_provider
short_description: Manage an OpenID Connect provider of IAM
description:
  - The issuer of an EKS cluster's tokens, so that trust policies of roles can name service accounts.
  - IAM finds the thumbprint by itself, and it is not managed here.
notes:
  - In check mode before the cluster exists, a URL such as V(https://issuer-planned) is accepted.
options:
  url:
    description: URL of the issuer, beginning with https. It is the identity.
    type: str
    required: true
  client_ids:
    description: Audiences of the tokens.
    type: list
    elements: str
    default: [sts.amazonaws.com]
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
- name: Roles may trust the service accounts of the cluster
  iam_oidc_provider:
    url: https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF
"""

RETURN = r"""
iam_oidc_provider:
  description: The provider as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    arn: {description: Its ARN., type: str, sample: "arn:aws:iam:..."}
    url: {description: The issuer., type: str, sample: "https://oidc.eks.us-east-1.amazonaws.com/id/0123"}
    client_ids: {description: Audiences., type: list, elements: str, sample: [sts.amazonaws.com]}
    tags: {description: Its tags., type: dict, sample: {Environment: production}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: client_ids"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.engine import run
    from trading_platform.aws.iam_oidc_provider import IamOidcProvider
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "url": {"type": "str", "required": True},
    "client_ids": {"type": "list", "elements": "str", "default": ["sts.amazonaws.com"]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    iam = module.client("iam", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, IamOidcProvider(iam, module.params), "iam_oidc_provider")


if __name__ == "__main__":
    main()
