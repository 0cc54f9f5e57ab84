"""Programs that have no wheel, built once from Go modules with the Go of a Python wheel, and kept outside the tree.

``toolbox.path("promtool")`` is the program, built when it is missing. ``python -m trading_platform.toolbox test``
builds a whole group. What can be built stands in tools/: a table, and per tool a Go module that pins it and all that it
is made of.
"""

from trading_platform.toolbox.builder import make, path
from trading_platform.toolbox.errors import ToolError

__all__ = ["ToolError", "make", "path"]
