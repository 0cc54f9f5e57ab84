"""The filter waf_rules; the work is done in trading_platform.waf_rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import waf_rules as library

DOCUMENTATION = r"""
name: waf_rules
short_description: Turn the figures of an inventory into the rules of a web ACL
description: The filter takes the managed groups, and the rate limit, countries and client addresses as arguments.
"""


def waf_rules(managed_groups: Any, rate_limit: Any, blocked_countries: Any, client_addresses: Any) -> Any:
    """Give the rules in the form of WAF's API; a figure that cannot be fails the task."""
    try:
        return library.waf_rules(managed_groups, rate_limit, blocked_countries, client_addresses)
    except (KeyError, TypeError, ValueError) as problem:
        raise AnsibleFilterError(f"waf_rules: {problem}") from problem


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filter."""
        return {"waf_rules": waf_rules}
