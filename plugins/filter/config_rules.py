"""Filter of role config; the work is done in trading_platform.config_rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trading_platform.config_rules import rules_of

DOCUMENTATION = r"""
name: config_rules
short_description: Turn the rules of an inventory into what the module config_managed_rules takes
description: The filter C(config_rule_list).
"""


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filter."""
        return {"config_rule_list": rules_of}
