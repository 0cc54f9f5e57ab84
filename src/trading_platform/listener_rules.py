"""The rules of a listener that lead host names to target groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Room between two rules, for one that is put there by hand in an emergency.
STEP = 10


def host_rules(groups: Mapping[str, Mapping[str, Any]], arns: Mapping[str, str]) -> list[dict[str, Any]]:
    """Give one rule for each service, in the order of their names: 10, 20, ...

    Args:
        groups: service to target group, whose ``hosts`` lead to it.
        arns: service to the ARN of its target group.

    Raises:
        ValueError: a host name leads to two services, of which only the first would ever get a request.
        KeyError: a service has no ARN.
    """
    owners: dict[str, str] = {}
    for service, group in groups.items():
        for host in group["hosts"]:
            if host in owners:
                raise ValueError(f"{host} leads to both {owners[host]} and {service}")
            owners[host] = service
    return [
        {
            "priority": STEP * number,
            "hosts": list(groups[service]["hosts"]),
            "action": {"type": "forward", "target_group_arn": arns[service]},
        }
        for number, service in enumerate(sorted(groups), start=1)
    ]
