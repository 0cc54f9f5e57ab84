"""The filter host_rules; the work is done in trading_platform.listener_rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import listener_rules

DOCUMENTATION = r"""
name: listener_rules
short_description: Turn host names of target groups into the rules of a listener
description: The filter host_rules.
"""


def host_rules(groups: Any, arns: Any) -> Any:
    """Give the rules; groups that contradict each other fail the task."""
    try:
        return listener_rules.host_rules(groups, arns)
    except (KeyError, ValueError) as problem:
        raise AnsibleFilterError(f"host_rules: {problem}") from problem


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filters."""
        return {"host_rules": host_rules}
