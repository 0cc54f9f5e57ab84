"""The variables of a host as Ansible gives them, as plain data: for JSON Schema, reckoning and messages."""

from collections.abc import Mapping
from typing import Any

from trading_platform.preflight.schema import InventorySchema


def plain(value: Any) -> Any:
    """A value without Ansible's tags. Keys become strings, as they are in JSON."""
    if isinstance(value, Mapping):
        return {str(key): plain(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [plain(content) for content in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def typed(value: Any, key: str, schema: InventorySchema) -> Any:
    """What `-e key=value` means: the command line gives strings, also for numbers and true or false."""
    if not isinstance(value, str) or schema.is_text(key):
        return value
    lowered = value.lower()
    if lowered in ("true", "yes", "on", "false", "no", "off"):
        return lowered in ("true", "yes", "on")
    return int(value) if value.isdecimal() else value
