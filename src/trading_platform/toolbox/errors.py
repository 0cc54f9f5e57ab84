"""The one error of this package."""


class ToolError(RuntimeError):
    """A tool is unknown, wrongly described or cannot be built; the message says what to do."""
