"""Filters of role iam; the work is done in trading_platform.iam_roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from trading_platform import iam_roles

DOCUMENTATION = r"""
name: iam_roles
short_description: Turn what role iam says of roles into what the module iam_roles takes
description: The filters C(iam_service_role_list), C(iam_pod_role_list) and C(iam_human_role_list).
"""


def iam_pod_role_list(definitions: Any, prefix: Any, boundary_arn: Any, cluster_arn: Any, provider_arns: Any) -> Any:
    """Give the roles that pods take; a wrong ARN of an OpenID Connect provider fails the task."""
    try:
        return iam_roles.pod_roles(definitions, prefix, boundary_arn, cluster_arn, provider_arns)
    except ValueError as problem:
        raise AnsibleFilterError(f"iam_pod_role_list: {problem}") from problem


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name the filters."""
        return {
            "iam_service_role_list": iam_roles.service_roles,
            "iam_pod_role_list": iam_pod_role_list,
            "iam_human_role_list": iam_roles.human_roles,
        }
