"""What the IAM files share."""

from typing import Any

from moto.iam.models import iam_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError


def state(call: Call) -> Any:
    """moto's IAM backend of the account."""
    return iam_backends[call.account_id]["aws"]


def role_named(call: Call) -> Any | None:
    """The role of the parameter RoleName. IAM compares names of roles without regard to case."""
    wanted = str(call.params.get("RoleName", "")).lower()
    return next((role for role in state(call).roles.values() if role.name.lower() == wanted), None)


def malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocument", message)


def limit_exceeded(message: str) -> AwsError:
    return AwsError("LimitExceeded", message)


def constraint(parameter: str, value: object, bound: str) -> AwsError:
    """The error for a parameter outside its range, as every AWS query service writes it."""
    return AwsError(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{parameter}' failed to satisfy constraint: Member must have "
        f"{bound}",
    )
