"""Policy documents in one form, so that two that mean the same compare equal.

AWS stores a policy and gives it back rearranged: lists in another order, a list of one as a string, an account id as
the ARN of its root, numbers and booleans as strings
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). A principal that was deleted comes
back as its unique id (``AROA...``, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html): that
one does differ from the ARN asked for, on purpose, because the policy must be written again for a principal that was
made anew.
"""

from __future__ import annotations

import json
import re
from typing import Any

Policy = dict[str, Any]

OLDEST_VERSION = "2008-10-17"
"""What AWS takes a policy without a Version for."""
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")
_ACCOUNT = re.compile(r"[0-9]{12}")


def canonical(policy: str | Policy | None, partition: str = "aws") -> Policy | None:
    """Give the one form of a policy, None for none.

    Args:
        policy: the document, as JSON text or as a dict.
        partition: the AWS partition, for the root ARN that an account id stands for.

    Raises:
        ValueError: the text is no JSON object.
    """
    if policy is None:
        return None
    document = json.loads(policy) if isinstance(policy, str) else policy
    if not isinstance(document, dict):
        raise ValueError("a policy document is a JSON object")
    statements = [_statement(item, partition) for item in as_list(document.get("Statement", []))]
    return {
        **{key: value for key, value in document.items() if value not in (None, "")},
        "Version": document.get("Version", OLDEST_VERSION),
        "Statement": sorted(statements, key=lambda item: json.dumps(item, sort_keys=True)),
    }


def as_text(policy: Policy) -> str:
    """Give the document as AWS takes it: compact, as policies are limited in length, and the same from run to run."""
    return json.dumps(policy, sort_keys=True, separators=(",", ":"))


def as_list(value: Any) -> list[Any]:
    """Give a list as it is, and anything else as a list of one."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _statement(statement: Policy, partition: str) -> Policy:
    result: Policy = {}
    for key, value in statement.items():
        if key in _LISTS:
            result[key] = _strings(value)
        elif key in _PRINCIPALS:
            result[key] = _principal(value, partition)
        elif key == "Condition":
            result[key] = _condition(value or {})
        elif value not in (None, ""):
            result[key] = value
    return {key: value for key, value in result.items() if key != "Condition" or value}


def _principal(principal: Any, partition: str) -> dict[str, list[str]]:
    if principal == "*":
        return {"AWS": ["*"]}
    return {kind: sorted({_identity(item, partition) for item in _strings(ids)}) for kind, ids in principal.items()}


def _identity(value: str, partition: str) -> str:
    return f"arn:{partition}:iam::{value}:root" if _ACCOUNT.fullmatch(value) else value


def _condition(condition: Policy) -> dict[str, dict[str, list[str]]]:
    return {operator: {key: _strings(values) for key, values in tests.items()} for operator, tests in condition.items()}


def _strings(values: Any) -> list[str]:
    return sorted({_string(value) for value in as_list(values)})


def _string(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
