"""Two things to do with ``sys.modules``."""

import importlib
import sys
import types
from collections.abc import Container


def take(packages: Container[str]) -> dict[str, types.ModuleType]:
    """Take the top-level ``packages`` and everything in them out of ``sys.modules``; return them by name."""
    names = [name for name in sys.modules if name.partition(".")[0] in packages]
    return {name: sys.modules.pop(name) for name in names}


def import_if_possible(name: str) -> bool:
    """Import ``name``; return whether that worked. Why it didn't is for the task that needs it to report."""
    try:
        importlib.import_module(name)
    except Exception:
        return False
    return True
