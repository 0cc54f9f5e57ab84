"""Roles of role iam, by kind, as the module iam_roles takes them.

A definition is what ``roles/iam/vars/main`` says of a role, by a key such as ``eks_node``: ``description``, ``managed``
(names of AWS's policies), ``inline`` (name to policy document), and what its kind needs to tell who may take it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trading_platform.iam_trust import (
    Statement,
    irsa_statement,
    people_statement,
    pod_identity_statement,
    service_statement,
)

type Definitions = Mapping[str, Mapping[str, Any]]
type Role = dict[str, Any]

AWS_POLICIES = "arn:aws:iam::aws:policy/"


def service_roles(definitions: Definitions, prefix: str, boundary_arn: str) -> list[Role]:
    """Give the roles that AWS services take: those that have ``service``, and ``condition`` where it needs one."""
    return [_role(key, one, [service_statement(one)], prefix, boundary_arn) for key, one in definitions.items()]


def pod_roles(
    definitions: Definitions, prefix: str, boundary_arn: str, cluster_arn: str, provider_arns: Sequence[str]
) -> list[Role]:
    """Give the roles that pods take: those that have ``identity``, by Pod Identity, and by IRSA for each provider.

    Raises:
        ValueError: an ARN of ``provider_arns`` is none of an OpenID Connect provider.
    """
    roles = []
    for key, one in definitions.items():
        by_provider = [irsa_statement(arn, one["identity"]) for arn in provider_arns]
        trust = [pod_identity_statement(cluster_arn, one["identity"]), *by_provider]
        roles.append(_role(key, one, trust, prefix, boundary_arn))
    return roles


def human_roles(
    sessions: Definitions, permissions: Definitions, prefix: str, boundary_arn: str, principals: Sequence[str]
) -> list[Role]:
    """Give the roles that people take.

    Args:
        sessions: key to ``max_session_seconds``, and ``mfa_max_age_seconds`` where a second factor is asked for.
        permissions: key to the rest of the definition; those without a session are not made.
        prefix: what every name begins with, ``production-trading-engine``.
        boundary_arn: the permissions boundary of every role.
        principals: ARNs of those who may take them.
    """
    roles = []
    for key, session in sessions.items():
        trust = [people_statement(principals, session.get("mfa_max_age_seconds"))]
        role = _role(key, permissions[key], trust, prefix, boundary_arn)
        roles.append({**role, "max_session_seconds": session["max_session_seconds"]})
    return roles


def _role(key: str, definition: Mapping[str, Any], trust: list[Statement], prefix: str, boundary_arn: str) -> Role:
    name = f"{prefix}-{key.replace('_', '-')}"
    return {
        "name": name,
        "description": definition["description"],
        "trust_policy": {"Version": "2012-10-17", "Statement": trust},
        "permissions_boundary": boundary_arn,
        "managed_policies": [AWS_POLICIES + policy for policy in definition.get("managed", [])],
        "inline_policies": definition.get("inline", {}),
        "tags": {"Name": name},
    }
