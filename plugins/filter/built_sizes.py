"""The filters of what was built, in the sizes that AWS bills; the work is done in trading_platform.built_sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import built_sizes

DOCUMENTATION = r"""
name: alarm_sizes
short_description: Tell what was built in the sizes that AWS bills
description:
  - The filters alarm_sizes, database_sizes, node_group_sizes and redis_sizes. Each takes what modules of this
    repository returned, and gives what stands in C(sizes) of a region in build/<environment>/outputs.json.
"""


def refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the function with its errors as those of a filter."""

    def called(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            raise AnsibleFilterError(f"{function.__name__}: {problem!r}") from problem

    return called


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filters."""
        functions = (
            built_sizes.alarm_sizes,
            built_sizes.database_sizes,
            built_sizes.node_group_sizes,
            built_sizes.redis_sizes,
        )
        return {function.__name__: refusing(function) for function in functions}
