"""STS: assuming a role needs the role, its consent, and no longer a session than it allows."""

import json
from typing import Any

from moto.iam.models import iam_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, caller_arns, grants_caller, statements

extension = Extension("sts")
EXTENSIONS = (extension,)

HOUR = 3600


def _role(call: Call) -> Any | None:
    wanted = call.params.get("RoleArn")
    return next((one for one in iam_backends[call.account_id]["aws"].roles.values() if one.arn == wanted), None)


def _is_ours(call: Call) -> bool:
    return f":iam::{call.account_id}:role/" in str(call.params.get("RoleArn"))


@extension.refuses("AssumeRole")
def role_that_does_not_let_the_caller(call: Call) -> None:
    """A role that does not exist answers the same as one whose trust policy does not name the caller."""
    role = _role(call)
    if _is_ours(call) and not (role and any(_trusts(one, call) for one in statements(_trust(role)))):
        caller = (caller_arns(call) or [f"arn:aws:iam::{call.account_id}:root"])[-1]
        raise AwsError(
            "AccessDenied",
            f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {call.params.get('RoleArn')}",
            403,
        )


def _trust(role: Any) -> str:
    document = role.assume_role_policy_document
    return document if isinstance(document, str) else json.dumps(document)


def _trusts(statement: dict[str, Any], call: Call) -> bool:
    """Whether a trust statement names the caller, and gets the second factor if it asks for one."""
    asked = as_list((statement.get("Condition") or {}).get("Bool", {}).get("aws:MultiFactorAuthPresent"))
    if any(str(one).lower() == "true" for one in asked) and not call.params.get("TokenCode"):
        return False
    return grants_caller(statement, "sts:AssumeRole", call)


@extension.refuses("AssumeRole")
def session_longer_than_the_role_allows(call: Call) -> None:
    role, wanted = _role(call), int(call.params.get("DurationSeconds") or HOUR)
    if role and wanted > int(role.max_session_duration or HOUR):
        raise AwsError(
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
