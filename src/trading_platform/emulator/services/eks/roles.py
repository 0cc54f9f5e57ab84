"""Whether a role exists and the service may assume it."""

from typing import Any
from urllib.parse import unquote

from moto.iam.models import iam_backends

from trading_platform.emulator.policies import as_list, principals, statements


def role_of(account_id: str, arn: str) -> Any | None:
    """moto's role of an ARN."""
    return next((role for role in iam_backends[account_id]["aws"].roles.values() if role.arn == arn), None)


def lets_assume(role: Any, service: str, *actions: str) -> bool:
    """Whether the role's trust policy lets the service do all of the actions (``sts:AssumeRole`` unless given)."""
    document = role.assume_role_policy_document
    held = statements(unquote(document) if isinstance(document, str) else document)
    allowed = {
        str(action)
        for statement in held
        if statement.get("Effect") == "Allow" and ("Service", service) in principals(statement)
        for action in as_list(statement.get("Action"))
    }
    return all(action in allowed or "sts:*" in allowed for action in actions or ("sts:AssumeRole",))
