"""What the CloudFront resources share: reading lists to their end, and CloudFront's way to write a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

type Answer = dict[str, Any]


def find_all(call: Callable[..., Answer], key: str) -> list[Answer]:
    """Give the items of all pages of a list: ``find_all(client.list_distributions, "DistributionList")``."""
    found: list[Answer] = []
    page = call(aws_retry=True)[key]
    while True:
        found.extend(page.get("Items") or [])
        if not page.get("NextMarker"):
            return found
        page = call(Marker=page["NextMarker"], aws_retry=True)[key]


def items(values: list[Any]) -> Answer:
    """Give a list as CloudFront takes it: with its length, and without Items when there are none."""
    return {"Quantity": len(values), "Items": list(values)} if values else {"Quantity": 0}


def values_of(listed: Answer | None) -> list[Any]:
    """Give the values of such a list."""
    return list((listed or {}).get("Items") or [])
