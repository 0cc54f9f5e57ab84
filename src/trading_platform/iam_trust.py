"""Trust policies: the statements that say who may take a role, by kind of role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

type Statement = dict[str, Any]


def service_statement(role: Mapping[str, Any]) -> Statement:
    """Let an AWS service take a role.

    Args:
        role: ``{"service": "ec2.amazonaws.com"}``, and ``condition`` where the service says for what it takes it.
    """
    statement = {"Effect": "Allow", "Principal": {"Service": role["service"]}, "Action": "sts:AssumeRole"}
    return {**statement, "Condition": role["condition"]} if role.get("condition") else statement


def pod_identity_statement(cluster_arn: str, identity: Mapping[str, str]) -> Statement:
    """Let a service account take a role by EKS Pod Identity.

    It tells cluster, namespace and service account in the tags of the session, so no other pod gets the role, whatever
    association somebody makes (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html).

    Args:
        cluster_arn: ARN of the cluster; ``*`` stands for any region.
        identity: ``{"namespace": ..., "service_account": ...}``.
    """
    return {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/kubernetes-namespace": identity["namespace"],
                "aws:RequestTag/kubernetes-service-account": identity["service_account"],
            },
            "ArnLike": {"aws:RequestTag/eks-cluster-arn": cluster_arn},
        },
    }


def irsa_statement(provider_arn: str, identity: Mapping[str, str]) -> Statement:
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


def people_statement(principals: Sequence[str], mfa_max_age_seconds: int | None) -> Statement:
    """Let principals of IAM take a role, with a second factor not older than that many seconds where they are given."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole"}
    if mfa_max_age_seconds is None:
        return statement
    factor = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThanEquals": {"aws:MultiFactorAuthAge": str(mfa_max_age_seconds)},
    }
    return {**statement, "Condition": factor}
