"""Rules of AWS Config as an inventory names them, turned into what the module config_managed_rules takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def rules_of(
    rules: Mapping[str, Mapping[str, Any]],
    prefix: str,
    default_parameters: Mapping[str, Mapping[str, Any]],
    with_global: bool,
) -> list[dict[str, Any]]:
    """Give the rules of a region.

    Args:
        rules: name to ``identifier``, and where it has them ``parameters`` and ``global`` (about what regions share).
        prefix: what every name begins with, ``production-trading-engine``.
        default_parameters: identifier to the parameters of rules that have none of their own.
        with_global: whether global rules are kept in this region.
    """
    return [
        {
            "name": f"{prefix}-{name}",
            "identifier": rule["identifier"],
            "parameters": rule.get("parameters", default_parameters.get(rule["identifier"], {})),
        }
        for name, rule in rules.items()
        if with_global or not rule.get("global")
    ]
