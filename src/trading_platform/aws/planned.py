"""Identifiers of things that a dry run would create.

``--check`` on an empty account has no VPC id to give to the subnet. Instead of failing, our modules return an id such
as ``vpc-planned``; a module that is handed one knows that nothing can exist there yet and asks AWS nothing about it.
"""

from __future__ import annotations

from typing import Any

SUFFIX = "-planned"


def planned_id(prefix: str) -> str:
    """Give the stand-in id for a resource that does not exist yet: ``planned_id("vpc") == "vpc-planned"``."""
    return prefix + SUFFIX


def is_planned(value: Any) -> bool:
    """Say whether the value, or anything inside it, is a stand-in id or an ARN that ends in one."""
    if isinstance(value, str):
        return value.endswith(SUFFIX)
    if isinstance(value, dict):
        return any(is_planned(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(is_planned(item) for item in value)
    return False
