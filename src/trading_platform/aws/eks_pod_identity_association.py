"""An EKS Pod Identity association: the role that the pods of a service account get."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.eks import NOT_FOUND, all_pages, or_none, own_tags, update_tags, when_role_is_known
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id


class EksPodIdentityAssociation(BaseResource):
    """Its identity is namespace and service account in the cluster: EKS takes one association for each."""

    kind = "EKS Pod Identity association"

    def __init__(self, eks: Any, params: dict[str, Any]) -> None:
        self.eks = eks
        self.cluster: str = params["cluster_name"]
        self.namespace: str = params["namespace"]
        self.service_account: str = params["service_account"]
        self.name = f"{self.namespace}/{self.service_account}"
        self.role_arn: str | None = params["role_arn"]
        self.asked_tags: tagging.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]
        self.placeholders = {"association_id": planned_id("a"), "association_arn": planned_id("arn")}

    def find(self) -> State | None:
        """Find the association in the list, which does not tell the role, then read it."""
        listed = all_pages(self.eks.list_pod_identity_associations, "associations", **self._names())
        if not listed:
            return None
        found = or_none(
            self.eks.describe_pod_identity_association,
            "association",
            clusterName=self.cluster,
            associationId=listed[0]["associationId"],
        )
        if found is None:
            return None
        return {
            "association_id": found["associationId"],
            "association_arn": found["associationArn"],
            "namespace": found["namespace"],
            "service_account": found["serviceAccount"],
            "role_arn": found["roleArn"],
            "tags": own_tags(found),
        }

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
            **self._names(),
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

    def _names(self) -> dict[str, str]:
        return {"clusterName": self.cluster, "namespace": self.namespace, "serviceAccount": self.service_account}
