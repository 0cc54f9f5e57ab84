"""Filter account_problems: what the account says against an inventory, as roles/preflight prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trading_platform.preflight.account import Answers, find_account_problems

DOCUMENTATION = r"""
name: account_problems
short_description: Versions that RDS does not offer, and quotas without room
description:
  - Compares what roles/preflight asked AWS in each region (preflight_versions and preflight_quotas) with the inventory.
positional: hosts, inventory
options:
  _input:
    description: hostvars.
    type: dict
    required: true
  hosts:
    description: Hosts of the run, of which each is a region.
    type: list
    elements: str
    required: true
  inventory:
    description: The inventory, as shown in messages.
    type: str
    required: true
"""
EXAMPLES = r"""
problems: "{{ hostvars | account_problems(ansible_play_hosts, 'inventories/production') }}"
"""
RETURN = r"""
_value:
  description: One dict per problem, with severity (error or warning), file, key, message and line (how it is printed).
  type: list
  elements: dict
"""

VARIABLES = (
    "eks_node_groups",
    "rds_engine_version",
    "rds_replica_count",
    "vpc_availability_zones",
    "vpc_interface_endpoints",
    "vpc_nat_gateway_mode",
)


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Any]:
        """Name the filters."""
        return {"account_problems": account_problems}


def account_problems(
    hostvars: Mapping[str, Mapping[str, Any]], hosts: list[str], inventory: str
) -> list[dict[str, str]]:
    """Compare the answers of all regions with what the inventory asks for."""
    regions = [_answers(str(host), hostvars[host]) for host in hosts]
    return [
        {
            "severity": problem.severity,
            "file": problem.file,
            "key": problem.key,
            "message": problem.message,
            "line": str(problem),
        }
        for problem in find_account_problems(regions, inventory)
    ]


def _answers(host: str, variables: Mapping[str, Any]) -> Answers:
    """What was asked; a task that was skipped has asked nothing."""
    versions, quotas = (variables.get(f"preflight_{name}") for name in ("versions", "quotas"))
    return Answers(
        region=str(variables.get("platform_region", host)),
        values={name: variables[name] for name in VARIABLES if name in variables},
        versions=versions if versions and not versions.get("skipped") else None,
        quotas=quotas if quotas and not quotas.get("skipped") else None,
    )
