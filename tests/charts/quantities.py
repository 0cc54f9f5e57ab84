"""Amounts and durations as Kubernetes and Prometheus write them."""

import re

from trading_platform.quantities import amount

__all__ = ["amount", "seconds"]


def seconds(duration: str) -> float:
    """Seconds of a duration such as 1h30m or 15s."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([0-9.]+)(ms|s|m|h|d|w|y)", duration))
