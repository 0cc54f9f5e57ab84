"""Policy documents: reading them, and whether a principal they name exists."""

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from trading_platform.emulator.call import Call

ROLE_OR_USER = re.compile(r"arn:aws:iam::(\d{12}):(role|user)/(.+)")
ACCOUNT = re.compile(r"\d{12}|arn:aws:iam::\d{12}:root")
SESSION = re.compile(r"arn:aws:sts::(\d{12}):(assumed-role|federated-user)/.+")
SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)")


def as_list(value: Any) -> list[Any]:
    """Policies write one value where a list of one is meant."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def statements(document: str | bytes | dict[str, Any] | None) -> list[dict[str, Any]]:
    """The statements of a policy; none for what is no policy."""
    if document is None or document == "":
        return []
    try:
        content = document if isinstance(document, dict) else json.loads(document)
    except ValueError:
        return []
    held = as_list(content.get("Statement")) if isinstance(content, dict) else []
    return [one for one in held if isinstance(one, dict)]


def principals(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(type, value) of each principal of a statement: ("AWS", arn), ("Service", name), ("*", "*")."""
    for element in ("Principal", "NotPrincipal"):
        held = statement.get(element)
        if isinstance(held, dict):
            for kind, values in held.items():
                yield from ((kind, str(value)) for value in as_list(values))
        elif held is not None:
            yield "*", str(held)


def principal_exists(kind: str, value: str, account_id: str) -> bool:
    """Whether AWS would accept the principal: roles and users of this account must exist, the rest be well-formed."""
    if kind == "Service":
        return SERVICE.fullmatch(value) is not None
    if kind in ("Federated", "CanonicalUser"):
        return bool(value)
    if kind not in ("AWS", "*"):
        return False
    return value == "*" if kind == "*" else _aws_principal_exists(value, account_id)


def _aws_principal_exists(value: str, account_id: str) -> bool:
    if value == "*" or ACCOUNT.fullmatch(value) or SESSION.fullmatch(value):
        return True
    match = ROLE_OR_USER.fullmatch(value)
    if match is None:
        # Unique ids stand for a principal that has been deleted; AWS shows them, and takes them back.
        return re.fullmatch(r"A(RO|ID)A[A-Z0-9]{12,}", value) is not None
    if match[1] != account_id:
        return True  # another account's: not ours to know
    backend = iam_backends[account_id]["aws"]
    held = backend.roles.values() if match[2] == "role" else backend.users.values()
    return any(one.arn == value for one in held)


def invalid_principals(document: str | bytes | dict[str, Any] | None, account_id: str) -> list[tuple[str, str]]:
    """The principals of a policy that AWS would not accept."""
    return [
        (kind, value)
        for statement in statements(document)
        for kind, value in principals(statement)
        if not principal_exists(kind, value, account_id)
    ]


def caller_arns(call: Call) -> list[str]:
    """Who calls: a user, or a role and its session; an access key that belongs to nobody acts as the account."""
    match = re.search(r"Credential=([A-Z0-9]+)/", call.environ.get("HTTP_AUTHORIZATION", ""))
    access_key = match[1] if match else ""
    for user in iam_backends[call.account_id]["aws"].users.values():
        if any(key.access_key_id == access_key for key in user.access_keys):
            return [user.arn]
    for role in sts_backends[call.account_id]["aws"].assumed_roles:
        if role.access_key_id == access_key:
            return [role.role_arn, role.arn]
    return []


def grants_caller(statement: dict[str, Any], action: str, call: Call) -> bool:
    """Whether an Allow statement of a resource policy gives the caller ``action`` (``kms:PutKeyPolicy``).

    Conditions are taken to hold, but for ``kms:ViaService``: the caller comes by itself.
    """
    if statement.get("Effect") != "Allow" or "kms:ViaService" in json.dumps(statement.get("Condition", {})):
        return False
    patterns = [re.escape(str(one)).replace(r"\*", ".*") for one in as_list(statement.get("Action"))]
    if not any(re.fullmatch(pattern, action, re.IGNORECASE) for pattern in patterns):
        return False
    account = call.account_id
    accepted = {"*", account, f"arn:aws:iam::{account}:root", *caller_arns(call)}
    return any(value in accepted for kind, value in principals(statement) if kind in ("AWS", "*"))
