"""What EKS refuses of access entries and Pod Identity associations."""

import re
from typing import Any

from moto.iam.models import iam_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks import roles
from trading_platform.emulator.services.eks.access_entries import POLICIES, POLICY_ARN, entries_of
from trading_platform.emulator.services.eks.pod_identity import associations_of
from trading_platform.emulator.services.eks.store import CLUSTER, Record, in_use, invalid, invalid_request, records

extension = Extension("eks")

WITH_API = ("API", "API_AND_CONFIG_MAP")
PRINCIPAL = re.compile(r"arn:aws:iam::\d{12}:(role|user)/.+")
GROUPLESS = ("EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX")


def _cluster(call: Call) -> Record | None:
    return records(call, CLUSTER).get((call.params["clusterName"],))


@extension.refuses(
    "CreateAccessEntry",
    "DescribeAccessEntry",
    "ListAccessEntries",
    "UpdateAccessEntry",
    "DeleteAccessEntry",
    "AssociateAccessPolicy",
    "ListAssociatedAccessPolicies",
)
def cluster_that_reads_the_config_map_only(call: Call) -> None:
    record = _cluster(call)
    if record and record.data["accessConfig"]["authenticationMode"] not in WITH_API:
        raise invalid_request(
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] "
            "to perform this operation."
        )


@extension.refuses("CreateAccessEntry")
def principal(call: Call) -> None:
    """API CreateAccessEntry: a role or user, once per cluster; no service-linked role."""
    arn = call.params["principalArn"]
    if _cluster(call) is None:
        return
    if arn in entries_of(call, call.params["clusterName"]):
        raise in_use("The specified access entry resource is already in use on this cluster.")
    if not PRINCIPAL.fullmatch(arn) or not _exists(call.account_id, arn):
        raise invalid("The specified principalArn is invalid: invalid principal.")
    if ":role/aws-service-role/" in arn:
        raise invalid("The specified principalArn is invalid: service-linked roles are not supported.")


def _exists(account_id: str, arn: str) -> bool:
    if arn.split(":")[4] != account_id:
        return True  # another account's: not ours to know
    iam = iam_backends[account_id]["aws"]
    return any(one.arn == arn for held in (iam.roles, iam.users) for one in held.values())


@extension.refuses("CreateAccessEntry", "UpdateAccessEntry")
def groups(call: Call) -> None:
    """The groups of Kubernetes itself are not given away like this (EKS user guide, "creating-access-entries")."""
    asked = call.params.get("kubernetesGroups") or []
    for name in asked:
        if name.startswith(("system:", "eks:", "aws:", "amazon:", "iam:")):
            raise invalid(f"The kubernetes group name {name} is invalid, it cannot start with {name.split(':')[0]}:")
    if asked and call.params.get("type") in GROUPLESS:
        raise invalid(f"The kubernetesGroups parameter is not supported for entries of type {call.params['type']}")


@extension.refuses("AssociateAccessPolicy")
def policy_and_scope(call: Call) -> None:
    policy, scope = call.params["policyArn"], call.params["accessScope"]
    if policy.removeprefix(POLICY_ARN) not in POLICIES:
        raise invalid("The policyArn parameter format is not valid")
    if scope.get("type") == "namespace" and not scope.get("namespaces"):
        raise invalid("The namespaces parameter must have at least one namespace for the access scope type namespace")
    if scope.get("type") == "cluster" and scope.get("namespaces"):
        raise invalid("The namespaces parameter must be empty for the access scope type cluster")


@extension.refuses("CreatePodIdentityAssociation")
def service_account_that_has_a_role(call: Call) -> None:
    if _cluster(call) is None:
        return
    wanted = (call.params["namespace"], call.params["serviceAccount"])
    for held in associations_of(call, call.params["clusterName"]).values():
        if (held["namespace"], held["serviceAccount"]) == wanted:
            raise in_use(f"Association already exists: {held['associationId']}")


@extension.refuses("CreatePodIdentityAssociation", "UpdatePodIdentityAssociation")
def role_that_pods_cannot_assume(call: Call) -> None:
    """EKS user guide, "pod-id-role": both actions for pods.eks.amazonaws.com (the rule is published, not the text)."""
    arn: Any = call.params.get("roleArn")
    if not arn or arn.split(":")[4] != call.account_id:
        return
    role = roles.role_of(call.account_id, arn)
    if role is None:
        raise invalid(f"Role provided in the request does not exist: {arn}")
    if not roles.lets_assume(role, "pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession"):
        raise invalid(
            "Trust policy of the role must allow pods.eks.amazonaws.com the actions sts:AssumeRole and sts:TagSession"
        )
