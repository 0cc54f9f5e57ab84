"""Reading AWS's errors."""

from __future__ import annotations

from botocore.exceptions import ClientError


def error_code(error: ClientError) -> str:
    """Give the code of an API error: ``NotFoundException``, ``InvalidVpcID.NotFound``, ``404``."""
    return str(error.response["Error"]["Code"])
