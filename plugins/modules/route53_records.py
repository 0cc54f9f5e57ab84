#!/usr/bin/python
# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ansible module: see DOCUMENTATION."""

from __future__ import annotations

DOCUMENTATION = r"""
module: route53_records
short_description: Manage some records of a hosted zone in one change
description:
  - Writes the records that differ, all in one change that Route 53 makes whole or not at all.
  - A record is named by its name, type and set identifier. Other records of the zone are left alone, except those that
    Route 53 does not have beside the ones asked for, as a plain record where a failover pair should be; these go in the
    same change.
notes:
  - In check mode before its parents exist, ids such as V(zone-planned) are accepted and returned.
options:
  zone_id:
    description: The zone.
    type: str
    required: true
  records:
    description: The records.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The domain name, inside the zone.
        type: str
        required: true
      type:
        description: The type of the record.
        type: str
        choices: [A, AAAA, CAA, CNAME, MX, NS, PTR, SRV, TXT]
        required: true
      ttl:
        description: Seconds that resolvers keep the answer. An alias has none of its own.
        type: int
      values:
        description: The values, each as in a zone file.
        type: list
        elements: str
      alias:
        description: The AWS resource that the record stands for, in place of values.
        type: dict
        suboptions:
          dns_name:
            description: Its domain name.
            type: str
            required: true
          zone_id:
            description: The zone of that name, which the resource's own service gives.
            type: str
            required: true
          evaluate_target_health:
            description: Whether the record is as healthy as the resource. Not for CloudFront.
            type: bool
            default: false
      set_identifier:
        description: What tells records of the same name and type apart.
        type: str
      failover:
        description: The role in a failover pair.
        type: str
        choices: [PRIMARY, SECONDARY]
      health_check_id:
        description: The health check that the record depends on.
        type: str
  wait:
    description: Whether to wait until all name servers have the change.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait.
    type: int
    default: 300
  state:
    description: Whether the records should exist.
    type: str
    choices: [present, absent]
    default: present
author: The Trading Platform maintainers
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Only Amazon may issue certificates
  route53_records:
    zone_id: Z0123456789ABCDEFGHIJ
    records:
      - name: trading-engine.example.com
        type: CAA
        ttl: 3600
        values: ['0 issue "amazon.com"']

- name: The API answers from the primary region
  route53_records:
    zone_id: Z0123456789ABCDEFGHIJ
    records:
      - name: api.trading-engine.example.com
        type: A
        set_identifier: us-east-1
        failover: PRIMARY
        health_check_id: 01234567-89ab-cdef-0123-456789abcdef
        alias:
          dns_name: production-trading-engine-1234567890.us-east-1.elb.amazonaws.com
          zone_id: Z35SXDOTRQ7X7K
          evaluate_target_health: true
"""

RETURN = r"""
route53_records:
  description: The records as they are, or in check mode as they would be; empty when they are absent.
  returned: always
  type: dict
  contains:
    records:
      description: Name, type and set identifier to record.
      type: dict
      sample: {"api.example.com A us-east-1": {"name": "api.example.com", "type": "A", "failover": "PRIMARY"}}
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
    from trading_platform.aws.engine import run
    from trading_platform.aws.route53_records import Route53Records, record_problems
except ImportError as error:
    LIBRARY_ERROR = error

ALIAS_SPEC = {
    "dns_name": {"type": "str", "required": True},
    "zone_id": {"type": "str", "required": True},
    "evaluate_target_health": {"type": "bool", "default": False},
}
RECORD_SPEC = {
    "name": {"type": "str", "required": True},
    "type": {
        "type": "str",
        "required": True,
        "choices": ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"],
    },
    "ttl": {"type": "int"},
    "values": {"type": "list", "elements": "str"},
    "alias": {"type": "dict", "options": ALIAS_SPEC},
    "set_identifier": {"type": "str"},
    "failover": {"type": "str", "choices": ["PRIMARY", "SECONDARY"]},
    "health_check_id": {"type": "str"},
}
ARGUMENT_SPEC = {
    "zone_id": {"type": "str", "required": True},
    "records": {"type": "list", "elements": "dict", "required": True, "options": RECORD_SPEC},
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 300},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    if LIBRARY_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=LIBRARY_ERROR)
    problems = record_problems(module.params["records"])
    if problems:
        module.fail_json(msg="; ".join(problems))
    # Two regions that write at once: Route 53 takes one change of a zone after the other.
    retry = AWSRetry.jittered_backoff(retries=10, catch_extra_error_codes=["PriorRequestNotComplete"])
    client = module.client("route53", retry_decorator=retry)
    run(module, Route53Records(client, module.params), "route53_records")


if __name__ == "__main__":
    main()
