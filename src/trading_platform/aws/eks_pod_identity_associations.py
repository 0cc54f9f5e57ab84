"""EKS Pod Identity associations of one cluster: the roles that the pods of service accounts get."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.eks import NOT_FOUND, all_pages, or_none, own_tags, update_tags, when_role_is_known
from trading_platform.aws.engine import BaseItem, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id
from trading_platform.aws.several import twice


class EksPodIdentityAssociations:
    """Those asked for, by ``namespace/service account``: EKS takes one association for each.

    Args:
        eks: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters: cluster_name, associations, tags, purge_tags.
    """

    kind = "EKS Pod Identity associations"

    def __init__(self, eks: Any, params: dict[str, Any]) -> None:
        self.eks = eks
        self.cluster: str = params["cluster_name"]
        self.name = f"of cluster {self.cluster}"
        self.items = {account_of(asked): Association(eks, params, asked) for asked in params["associations"]}

    def find(self) -> dict[str, State]:
        """List the cluster's associations, which does not tell their roles, then read those asked for."""
        found: dict[str, State] = {}
        for listed in all_pages(self.eks.list_pod_identity_associations, "associations", clusterName=self.cluster):
            name = f"{listed['namespace']}/{listed['serviceAccount']}"
            if name not in self.items:
                continue
            held = or_none(
                self.eks.describe_pod_identity_association,
                "association",
                clusterName=self.cluster,
                associationId=listed["associationId"],
            )
            if held is not None:
                found[name] = read_association(held)
        return found


class Association(BaseItem):
    """One of them.

    Args:
        eks: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters: cluster_name, tags, purge_tags.
        asked: one of its ``associations``.
    """

    kind = "EKS Pod Identity association"
    placeholders = {"association_id": planned_id("a"), "association_arn": planned_id("arn")}

    def __init__(self, eks: Any, params: dict[str, Any], asked: dict[str, Any]) -> None:
        self.eks = eks
        self.cluster: str = params["cluster_name"]
        self.name = account_of(asked)
        self.namespace: str = asked["namespace"]
        self.service_account: str = asked["service_account"]
        self.role_arn: str | None = asked["role_arn"]
        self.asked_tags: tagging.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]

    def wanted(self, current: State | None) -> State:
        """Give role and tags."""
        return {
            "namespace": self.namespace,
            "service_account": self.service_account,
            "role_arn": self.role_arn,
            "tags": tagging.wanted(current["tags"] if current else {}, self.asked_tags, self.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Associate the role. Neither namespace nor service account need exist yet."""
        when_role_is_known(
            self.eks.create_pod_identity_association,
            clusterName=self.cluster,
            namespace=self.namespace,
            serviceAccount=self.service_account,
            roleArn=wanted["role_arn"],
            tags=wanted["tags"],
        )

    def update(self, current: State, changes: State) -> None:
        """Repair role and tags."""
        if "role_arn" in changes:
            self.eks.update_pod_identity_association(
                clusterName=self.cluster,
                associationId=current["association_id"],
                roleArn=changes["role_arn"],
                aws_retry=True,
            )
        if "tags" in changes:
            update_tags(self.eks, current["association_arn"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Delete the association."""
        try:
            self.eks.delete_pod_identity_association(
                clusterName=self.cluster, associationId=current["association_id"], aws_retry=True
            )
        except ClientError as problem:
            if error_code(problem) != NOT_FOUND:
                raise


def read_association(held: dict[str, Any]) -> State:
    """Give an association of DescribePodIdentityAssociation under the names of the module's arguments."""
    return {
        "association_id": held["associationId"],
        "association_arn": held["associationArn"],
        "namespace": held["namespace"],
        "service_account": held["serviceAccount"],
        "role_arn": held["roleArn"],
        "tags": own_tags(held),
    }


def account_of(asked: dict[str, Any]) -> str:
    """Give the service account as a person writes it: ``trading/api``."""
    return f"{asked['namespace']}/{asked['service_account']}"


def problems(params: dict[str, Any]) -> list[str]:
    """Say what is wrong with the associations asked for, before EKS is asked."""
    asked = params["associations"]
    found = twice([account_of(one) for one in asked])
    if params["state"] == "present":
        found += [f"{account_of(one)}: role_arn is missing" for one in asked if not one["role_arn"]]
    return [f"associations: {problem}" for problem in found]
