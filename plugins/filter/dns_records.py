"""Filters of the role route53; the work is done in trading_platform.dns_records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import dns_records

DOCUMENTATION = r"""
name: dns_records
short_description: Turn names of an inventory into the records that lead to load balancers and distributions
description: The filters service_records and distribution_records.
"""


def service_records(hosts: Any, sides: Any, health_check_ids: Any) -> Any:
    """Give the records of ``route53_hosts | service_records([primary, secondary], ids)``; an empty side is left out."""
    try:
        return dns_records.service_records(hosts, [side for side in sides if side], health_check_ids)
    except (KeyError, ValueError) as problem:
        raise AnsibleFilterError(f"service_records: {problem}") from problem


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filters."""
        return {"service_records": service_records, "distribution_records": dns_records.distribution_records}
