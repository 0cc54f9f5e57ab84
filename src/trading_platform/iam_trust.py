"""Trust policies that name a Kubernetes service account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def irsa_statement(provider_arn: str, identity: Mapping[str, str]) -> dict[str, Any]:
    """Give the statement that lets a service account take a role through a cluster's OpenID Connect provider.

    Both the subject and the audience are asked for: with the subject alone, a token that the cluster made for another
    purpose would do (https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html).

    Args:
        provider_arn: ``arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE``.
        identity: ``{"namespace": ..., "service_account": ...}``.

    Raises:
        ValueError: the ARN is none of an OpenID Connect provider.
    """
    _, found, issuer = provider_arn.partition(":oidc-provider/")
    if not found or not issuer:
        raise ValueError(f"{provider_arn!r} is not the ARN of an OpenID Connect provider")
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{issuer}:sub": f"system:serviceaccount:{identity['namespace']}:{identity['service_account']}",
                f"{issuer}:aud": "sts.amazonaws.com",
            }
        },
    }
