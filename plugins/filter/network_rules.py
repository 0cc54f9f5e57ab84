"""Filters of the network roles; the work is done in trading_platform.network_rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import network_rules

DOCUMENTATION = r"""
name: network_rules
short_description: Turn the names of an inventory into the rules of the network modules
description:
  - The filters C(subnet_ids_by_tier), C(subnet_cidrs_by_tier), C(tiers_by_route), C(database_acl) and
    C(security_group_rules).
"""


def security_group_rules(rules: Any, group_ids: Any, cidrs: Any) -> Any:
    """Resolve the peers of security-group rules; a rule that cannot be resolved fails the task."""
    try:
        return network_rules.security_group_rules(rules, group_ids, cidrs)
    except network_rules.RuleError as problem:
        raise AnsibleFilterError(f"security_group_rules: {problem}") from problem


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filters."""
        return {
            "database_acl": network_rules.database_acl,
            "security_group_rules": security_group_rules,
            "subnet_cidrs_by_tier": network_rules.subnet_cidrs_by_tier,
            "subnet_ids_by_tier": network_rules.subnet_ids_by_tier,
            "tiers_by_route": network_rules.tiers_by_route,
        }
