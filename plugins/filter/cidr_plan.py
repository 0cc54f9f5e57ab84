"""Filters cidr_plan and eks_capacity_plan: the address plan of a VPC and the address capacity of its EKS cluster."""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform.capacity import CapacityError, capacity_as_dict, plan_inventory_capacity
from trading_platform.cidr import CidrPlanError, VpcPlan, plan_as_dict, plan_vpc

DOCUMENTATION = r"""
name: cidr_plan
short_description: Plan the subnets of a VPC from its inventory variables
description:
  - Says which subnet of which tier lies where, what stays reserved and what is free.
  - Every place follows from the tier's offset and the availability zone's slot, so adding a zone, a tier or a CIDR
    block never moves an existing subnet.
  - Fails with every problem of the plan at once.
  - The same file holds the filter C(eks_capacity_plan). It takes the same mapping and, as named arguments,
    C(node_groups) (the variable C(eks_node_groups)), C(pod_networking) (C(eks_pod_networking), optional) and
    C(node_tier) (default C(private)). It returns C(fits), C(max_nodes), C(max_pods), C(nodes_that_fit), C(message),
    C(groups) and C(tiers).
options:
  _input:
    description:
      - The variables C(vpc_cidr), C(vpc_secondary_cidrs), C(vpc_availability_zones), C(vpc_availability_zone_slots),
        C(vpc_subnet_tiers), C(vpc_reserved_cidrs) and C(eks_service_cidr). Other keys are ignored.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Plan the subnets
  ansible.builtin.set_fact:
    vpc_plan: "{{ vpc_addresses | cidr_plan }}"
  vars:
    vpc_addresses:
      vpc_cidr: 10.0.0.0/16
      vpc_availability_zones: [us-east-1a, us-east-1b, us-east-1c]
      vpc_subnet_tiers:
        private: {prefix_length: 24, offset: 1}
# vpc_plan.subnets[0]: {name: private-us-east-1a, tier: private, availability_zone: us-east-1a, slot: 0,
#                       cidr: 10.0.1.0/24, cidr_name: primary, usable_addresses: 251}

- name: Stop where the cluster would run out of addresses
  ansible.builtin.assert:
    that: capacity.fits
    fail_msg: "{{ capacity.message }}"
  vars:
    capacity: "{{ vpc_addresses | eks_capacity_plan(node_groups=eks_node_groups, pod_networking=eks_pod_networking) }}"
"""

RETURN = r"""
_value:
  description:
    - C(cidrs) (name, cidr), C(subnets) (name, tier, availability_zone, slot, cidr, cidr_name, usable_addresses),
      C(reserved) (tier, slot, cidr, reason) and C(free) (cidr_name, first, last, addresses).
  type: dict
"""


def _plan(spec: Any) -> VpcPlan:
    if not isinstance(spec, Mapping):
        raise AnsibleFilterError(f"the address variables must be a mapping, not {type(spec).__name__}")
    try:
        return plan_vpc(spec)
    except CidrPlanError as error:
        raise AnsibleFilterError(f"the address plan is not valid:\n{error}") from error


def cidr_plan(spec: Any) -> dict[str, Any]:
    """The plan of one VPC as plain data. Raises AnsibleFilterError with every problem."""
    return plan_as_dict(_plan(spec))


def eks_capacity_plan(
    spec: Any, node_groups: Any, pod_networking: Any = None, node_tier: str = "private"
) -> dict[str, Any]:
    """The addresses of a cluster at full scale as plain data. Raises AnsibleFilterError with every problem."""
    variables = {"eks_node_groups": node_groups, "eks_pod_networking": pod_networking}
    try:
        return capacity_as_dict(plan_inventory_capacity(variables, _plan(spec), node_tier=node_tier))
    except CapacityError as error:
        raise AnsibleFilterError(f"the node groups cannot be planned:\n{error}") from error


class FilterModule:
    """Tells Ansible the names of the filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"cidr_plan": cidr_plan, "eks_capacity_plan": eks_capacity_plan}
