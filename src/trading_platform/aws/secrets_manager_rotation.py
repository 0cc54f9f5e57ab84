"""The rotation of a secret: which function rotates it, and how often.

Turned on with ``RotateImmediately: false``: Secrets Manager then only lets the function test the present value.
Otherwise it would rotate at once, and a function that cannot reach its database would leave a half-rotated secret
(https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned

NOT_FOUND = "ResourceNotFoundException"
# For about a minute: a permission that the function was just given is not known everywhere at once.
RETRIED: dict[str, Any] = {
    "retries": 12,
    "delay": 2,
    "max_delay": 8,
    "catch_extra_error_codes": ["AccessDeniedException", "ThrottlingException"],
}


@dataclass(frozen=True)
class RotationArguments:
    """What is asked for."""

    secret_id: str
    function_arn: str | None
    every_days: int | None


class SecretsManagerRotation(BaseResource):
    """The rotation of one secret."""

    kind = "rotation of secret"

    def __init__(self, client: Any, patient_client: Any, arguments: RotationArguments) -> None:
        self.client = client
        self.patient_client = patient_client
        self.arguments = arguments
        self.name = arguments.secret_id
        self.placeholders = {"next_rotation": None, "last_rotated": None}

    def find(self) -> State | None:
        """Read the rotation; None when there is none."""
        if is_planned(self.arguments.secret_id):
            return None
        try:
            described = self.client.describe_secret(SecretId=self.arguments.secret_id, aws_retry=True)
        except ClientError as error:
            if error_code(error) == NOT_FOUND:
                return None
            raise
        if not described.get("RotationEnabled"):
            return None
        return {
            "function_arn": described.get("RotationLambdaARN"),
            "every_days": (described.get("RotationRules") or {}).get("AutomaticallyAfterDays"),
            "next_rotation": _text(described.get("NextRotationDate")),
            "last_rotated": _text(described.get("LastRotatedDate")),
        }

    def wanted(self, current: State | None) -> State:
        """Give the rotation as it should be."""
        return {"function_arn": self.arguments.function_arn, "every_days": self.arguments.every_days}

    def create(self, wanted: State) -> None:
        """Turn rotation on; nothing is rotated by it."""
        if wanted["function_arn"] is None or wanted["every_days"] is None:
            raise RefusedError(f"{self.kind} {self.name}: function_arn and every_days are needed")
        self.patient_client.rotate_secret(
            SecretId=self.arguments.secret_id,
            RotationLambdaARN=wanted["function_arn"],
            RotationRules={"AutomaticallyAfterDays": wanted["every_days"]},
            RotateImmediately=False,
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """The same call changes it."""
        self.create({**current, **changes})

    def delete(self, current: State) -> None:
        """Turn rotation off; the value stays."""
        self.client.cancel_rotate_secret(SecretId=self.arguments.secret_id, aws_retry=True)


def _text(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None
