"""Filter of role iam; the work is done in trading_platform.iam_trust."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import iam_trust

DOCUMENTATION = r"""
name: iam_trust
short_description: Trust policies of roles that pods take
description: The filter iam_irsa_statement.
"""


def iam_irsa_statement(provider_arn: Any, identity: Any) -> Any:
    """Let a service account take a role through an OpenID Connect provider; a wrong ARN fails the task."""
    try:
        return iam_trust.irsa_statement(provider_arn, identity)
    except ValueError as problem:
        raise AnsibleFilterError(f"iam_irsa_statement: {problem}") from problem


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filters."""
        return {"iam_irsa_statement": iam_irsa_statement}
