"""The filter backup_rules; the work is done in trading_platform.backup_rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import backup_rules as library

DOCUMENTATION = r"""
name: backup_rules
short_description: Turn the figures of an inventory into the rules of a backup plan
description: The filter takes the rules, and the vault and the ARN of the vault for copies as arguments.
"""


def backup_rules(rules: Any, vault: Any, copy_vault_arn: Any) -> Any:
    """Give the rules as the module backup_plan takes them; a rule that cannot be fails the task."""
    try:
        return library.backup_rules(rules, vault, copy_vault_arn)
    except (KeyError, TypeError, ValueError) as problem:
        raise AnsibleFilterError(f"backup_rules: {problem}") from problem


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filter."""
        return {"backup_rules": backup_rules}
