#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: acm_certificate
short_description: Request a certificate that is validated through DNS
description:
  - The Name tag, the domain names and the key algorithm are the identity. None of them can be changed, so a certificate
    that differs in names or key is requested beside the old one, which is returned as superseded and removed by a later
    call with O(remove_superseded=true), when nothing uses it any more.
  - The records that prove the domains are returned, and written by whoever manages the zone. A later call with
    O(wait=true) waits until the certificate is issued. ACM renews it as long as the records stay.
  - A certificate whose validation failed, or that expired, is superseded by a new one.
notes:
  - Each region needs its own certificate. CloudFront takes those of us-east-1 only.
  - community.aws.acm_certificate only imports certificates.
options:
  name:
    description: The Name tag.
    type: str
    required: true
  domain_name:
    description: The first domain name. Required unless O(state=absent).
    type: str
  subject_alternative_names:
    description: More domain names.
    type: list
    elements: str
    default: []
  key_algorithm:
    description: The kind of key.
    type: str
    choices: [RSA_2048, RSA_3072, RSA_4096, EC_prime256v1, EC_secp384r1, EC_secp521r1]
    default: RSA_2048
  transparency_logging:
    description: Whether the certificate is published in transparency logs. Browsers refuse one that is not.
    type: bool
    default: true
  name_servers:
    description: Name servers of the zone, for the message when the certificate is not validated in time.
    type: list
    elements: str
    default: []
  remove_superseded:
    description: Whether to remove certificates that a newer one took the place of. One that is in use stays.
    type: bool
    default: false
  wait:
    description: Whether to wait until it is issued.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait.
    type: int
    default: 900
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
- name: A certificate for the names of the platform
  acm_certificate:
    name: production-trading-engine
    domain_name: trading-engine.example.com
    subject_alternative_names: [api.trading-engine.example.com]
  register: certificate

- name: The records that prove the domains
  route53_records:
    zone_id: Z0123456789ABCDEFGHIJ
    records: "{{ certificate.acm_certificate.validation_records | map('combine', {'ttl': 300}) | list }}"
"""

RETURN = r"""
acm_certificate:
  description: The certificate as it is, or in check mode as it would be; empty when it is absent.
  returned: always
  type: dict
  contains:
    certificate_arn: {description: Its ARN., type: str, sample: "arn:aws:acm:us-east-1:111122223333:certificate/1234"}
    domain_name: {description: Its first name., type: str, sample: trading-engine.example.com}
    subject_alternative_names: {description: All its names., type: list, sample: [trading-engine.example.com]}
    key_algorithm: {description: The kind of key., type: str, sample: RSA_2048}
    transparency_logging: {description: Whether it is in transparency logs., type: bool, sample: true}
    status: {description: "ACM's status of it.", type: str, sample: ISSUED}
    failure: {description: Why it was not issued., type: str, sample: CAA_ERROR}
    validation_records:
      description: The records that prove its domains, each with name, type and values.
      type: list
      sample: [{name: _a.trading-engine.example.com, type: CNAME, values: [_b.acm-validations.aws]}]
    renewal_eligibility: {description: Whether ACM will renew it; only one in use., type: str, sample: ELIGIBLE}
    in_use_by: {description: ARNs of what uses it., type: list, sample: []}
    superseded_arns: {description: Older certificates of the name., type: list, sample: []}
    tags: {description: Its tags., type: dict, sample: {Name: production-trading-engine}}
actions:
  description: What was done, or in check mode would be done.
  returned: always
  type: list
  elements: str
  sample: ["update: tags"]
"""

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

LIBRARY_ERROR: ImportError | None = None
try:
    from trading_platform.aws.acm_certificate import AcmCertificate
    from trading_platform.aws.ec2 import name_problems
    from trading_platform.aws.engine import run
except ImportError as error:
    LIBRARY_ERROR = error

ARGUMENT_SPEC = {
    "name": {"type": "str", "required": True},
    "domain_name": {"type": "str"},
    "subject_alternative_names": {"type": "list", "elements": "str", "default": []},
    "key_algorithm": {
        "type": "str",
        "choices": ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"],
        "default": "RSA_2048",
    },
    "transparency_logging": {"type": "bool", "default": True},
    "name_servers": {"type": "list", "elements": "str", "default": []},
    "remove_superseded": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 900},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=ARGUMENT_SPEC,
        required_if=[("state", "present", ("domain_name",))],
        supports_check_mode=True,
    )
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = name_problems(module.params)
    if problems:
        module.fail_json(msg="; ".join(problems))
    acm = module.client("acm", retry_decorator=AWSRetry.jittered_backoff(retries=10))
    run(module, AcmCertificate(acm, module.params), "acm_certificate")


if __name__ == "__main__":
    main()
