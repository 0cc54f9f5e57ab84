"""The filter kubernetes_leftovers: see trading_platform.kubernetes_leftovers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trading_platform.kubernetes_leftovers import leftovers

DOCUMENTATION = r"""
name: kubernetes_leftovers
short_description: Name what controllers of a cluster made in AWS and left there
description:
  - Takes the cluster's name, and lists of load balancers, security groups and volumes as amazon.aws gives them.
"""


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filter."""
        return {"kubernetes_leftovers": leftovers}
