# Copyright the Trading Platform maintainers
# SPDX-License-Identifier: Apache-2.0
"""Filter: alarms from definitions, targets, topics and capacities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform.alarms import AlarmError, alarms_of


def cloudwatch_alarms(
    definitions: dict[str, Any],
    targets: dict[str, Any],
    topics: dict[str, str],
    capacities: dict[str, float],
    prefix: str,
) -> list[dict[str, Any]]:
    """Give the alarms of a region as the module cloudwatch_alarms takes them; see :mod:`trading_platform.alarms`."""
    try:
        return alarms_of(definitions, targets, topics, capacities, prefix)
    except AlarmError as problem:
        raise AnsibleFilterError(str(problem)) from problem


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to filter."""
        return {"cloudwatch_alarms": cloudwatch_alarms}
