"""An EKS access entry: what a role or user of IAM may do in the cluster."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import eventually
from trading_platform.aws.eks import NOT_FOUND, all_pages, or_none, own_tags, update_tags, when_role_is_known
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned, planned_id

POLICY_PREFIX = "arn:aws:eks::aws:cluster-access-policy/"
Policies = dict[str, list[str]]


def policies_of(asked: list[dict[str, Any]]) -> Policies:
    """Give access policies as ``{ARN: [namespace, ...]}``; no namespace stands for the whole cluster."""
    return {
        one["policy"] if one["policy"].startswith("arn:") else POLICY_PREFIX + one["policy"]: sorted(
            set(one.get("namespaces") or [])
        )
        for one in asked
    }


def scope_of(namespaces: list[str]) -> dict[str, Any]:
    """Give the API's shape of where a policy holds."""
    return {"type": "namespace", "namespaces": namespaces} if namespaces else {"type": "cluster"}


class EksAccessEntry(BaseResource):
    """Its identity is the principal in the cluster."""

    kind = "EKS access entry"
    fixed = frozenset({"type"})

    def __init__(self, eks: Any, params: dict[str, Any]) -> None:
        self.eks = eks
        self.cluster: str = params["cluster_name"]
        self.name: str = params["principal_arn"]
        self.type: str = params["type"]
        self.groups: list[str] = sorted(set(params["kubernetes_groups"]))
        self.policies = policies_of(params["access_policies"])
        self.asked_tags: tagging.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]
        self.placeholders = {"access_entry_arn": planned_id("arn")}

    def find(self) -> State | None:
        """Read the entry and its policies."""
        if is_planned(self.name):
            return None
        entry = or_none(self.eks.describe_access_entry, "accessEntry", **self._names())
        if entry is None:
            return None
        held = all_pages(self.eks.list_associated_access_policies, "associatedAccessPolicies", **self._names())
        return {
            "access_entry_arn": entry["accessEntryArn"],
            "principal_arn": entry["principalArn"],
            "type": entry["type"],
            "kubernetes_groups": sorted(entry.get("kubernetesGroups") or []),
            "access_policies": {one["policyArn"]: sorted(one["accessScope"].get("namespaces") or []) for one in held},
            "tags": own_tags(entry),
        }

    def wanted(self, current: State | None) -> State:
        """Give type, groups, policies and tags."""
        return {
            "principal_arn": self.name,
            "type": self.type,
            "kubernetes_groups": self.groups,
            "access_policies": self.policies,
            "tags": tagging.wanted(current["tags"] if current else {}, self.asked_tags, self.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Create the entry, then give it its policies."""
        groups = {"kubernetesGroups": wanted["kubernetes_groups"]} if wanted["kubernetes_groups"] else {}
        when_role_is_known(
            self.eks.create_access_entry, **self._names(), type=wanted["type"], tags=wanted["tags"], **groups
        )
        self._set_policies({}, wanted["access_policies"])

    def update(self, current: State, changes: State) -> None:
        """Repair groups, policies and tags."""
        if "kubernetes_groups" in changes:
            self.eks.update_access_entry(**self._names(), kubernetesGroups=changes["kubernetes_groups"], aws_retry=True)
        if "access_policies" in changes:
            self._set_policies(current["access_policies"], changes["access_policies"])
        if "tags" in changes:
            update_tags(self.eks, current["access_entry_arn"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Delete the entry; its policies go with it."""
        try:
            self.eks.delete_access_entry(**self._names(), aws_retry=True)
        except ClientError as problem:
            if error_code(problem) != NOT_FOUND:
                raise

    def _set_policies(self, current: Policies, wanted: Policies) -> None:
        for policy in sorted(current.keys() - wanted.keys()):
            self.eks.disassociate_access_policy(**self._names(), policyArn=policy, aws_retry=True)
        for policy, namespaces in sorted(wanted.items()):
            if current.get(policy) != namespaces:
                # An entry just made may stay unknown for some seconds.
                eventually(
                    self.eks.associate_access_policy,
                    NOT_FOUND,
                    clusterName=self.cluster,
                    principalArn=self.name,
                    policyArn=policy,
                    accessScope=scope_of(namespaces),
                )

    def _names(self) -> dict[str, str]:
        return {"clusterName": self.cluster, "principalArn": self.name}
