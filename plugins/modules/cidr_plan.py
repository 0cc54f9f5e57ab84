#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Module cidr_plan: plan and check the addresses of VPCs."""

DOCUMENTATION = r"""
---
module: cidr_plan
short_description: Plan and check the addresses of VPCs
description:
  - Plans the subnets of one or several regions from their inventory variables and checks them, alone and against each
    other. It talks to no AWS API and changes nothing.
  - Every place follows from the tier's offset and the availability zone's slot, so adding a zone, a tier, a CIDR block
    or a region never moves an existing subnet.
  - Fails with every problem of every region at once.
options:
  regions:
    description:
      - Region name to its address variables C(vpc_cidr), C(vpc_secondary_cidrs), C(vpc_availability_zones),
        C(vpc_availability_zone_slots), C(vpc_subnet_tiers), C(vpc_reserved_cidrs) and C(eks_service_cidr).
        Other keys are ignored.
    type: dict
    required: true
author:
  - Trading Platform team
requirements:
  - the Python package trading_platform of this repository on the host that runs the module
attributes:
  check_mode:
    support: full
    description: The module never changes anything.
  diff_mode:
    support: none
    description: There is nothing to compare.
"""

EXAMPLES = r"""
- name: Plan the addresses of both regions
  cidr_plan:
    regions:
      us-east-1:
        vpc_cidr: 10.0.0.0/16
        vpc_secondary_cidrs:
          pods: 100.64.0.0/16
        vpc_availability_zones: [us-east-1a, us-east-1b, us-east-1c]
        vpc_subnet_tiers: "{{ vpc_subnet_tiers }}"
      us-west-2:
        vpc_cidr: 10.1.0.0/16
        vpc_secondary_cidrs:
          pods: 100.65.0.0/16
        vpc_availability_zones: [us-west-2a, us-west-2b, us-west-2c]
        vpc_subnet_tiers: "{{ vpc_subnet_tiers }}"
  register: addresses

- name: Show the subnets of the primary region
  ansible.builtin.debug:
    var: addresses.plans['us-east-1'].subnets
"""

RETURN = r"""
plans:
  description: Region name to its plan.
  returned: success
  type: dict
  contains:
    cidrs:
      description: The CIDR blocks of the VPC, each with name and cidr; the primary one first.
      type: list
      elements: dict
      returned: always
    subnets:
      description: >-
        The subnets, each with name, tier, availability_zone, slot, cidr, cidr_name and usable_addresses
        (AWS keeps five of each).
      type: list
      elements: dict
      returned: always
    reserved:
      description: The slots that yield no subnet but stay taken, each with tier, slot, cidr and reason.
      type: list
      elements: dict
      returned: always
    free:
      description: The runs of free addresses, each with cidr_name, first, last and addresses.
      type: list
      elements: dict
      returned: always
problems:
  description: Everything that is wrong with the plan, each with region, key (the path of the variable) and message.
  returned: failure
  type: list
  elements: dict
  sample: [{"region": "us-east-1", "key": "vpc_cidr", "message": "10.0.0.1/16 has host bits set; write 10.0.0.0/16"}]
"""

import traceback
from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from trading_platform.cidr import CidrPlanError, plan_as_dict, plan_estate

    IMPORT_ERROR = None
except ImportError:
    IMPORT_ERROR = traceback.format_exc()


def main() -> None:
    """Read the arguments, plan, exit."""
    module = AnsibleModule(
        argument_spec={"regions": {"type": "dict", "required": True}},
        supports_check_mode=True,
    )
    if IMPORT_ERROR:
        module.fail_json(msg=missing_required_lib("trading_platform"), exception=IMPORT_ERROR)
    regions = module.params["regions"]
    unfit = [name for name, variables in regions.items() if not isinstance(variables, dict)]
    if unfit:
        module.fail_json(msg=f"the variables of {', '.join(unfit)} must be a mapping")
    try:
        plans = plan_estate(regions)
    except CidrPlanError as error:
        problems = [asdict(problem) for problem in error.problems]
        module.fail_json(msg=f"the address plan is not valid:\n{error}", problems=problems)
    module.exit_json(changed=False, plans={region: plan_as_dict(plan) for region, plan in plans.items()})


if __name__ == "__main__":
    main()
