"""Figures that have no counterpart in AWS: they stand in the inventory, for what is run later."""

from pathlib import Path
from typing import Any

import yaml
from estate import Estate, reader

GROUP_VARS = Path(__file__).resolve().parents[2] / "inventories/production/group_vars"


@reader
def inventory(_: Estate, __: str) -> dict[str, Any]:
    """Variable to its value as written, of every host of production."""
    found: dict[str, Any] = {}
    for path in sorted((GROUP_VARS / "all").glob("*.yml")):
        found |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
