"""Roles that AWS services own in an account (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html).

They are made once for the whole account and belong to it, not to one environment: nothing here removes them.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.engine import BaseResource, RefusedError, State

PATH = "/aws-service-role/"


class ServiceLinkedRoles(BaseResource):
    """The service-linked roles that must exist, as a sorted list of service names under ``services``."""

    kind = "service-linked roles"

    def __init__(self, iam: Any, services: list[str]) -> None:
        self.iam = iam
        self.name = "of the account"
        self.asked = services

    def find(self) -> State | None:
        """List the services that have their role, from the roles' paths: /aws-service-role/<service>/."""
        services: set[str] = set()
        request: dict[str, Any] = {"PathPrefix": PATH}
        while True:
            answer = self.iam.list_roles(**request, aws_retry=True)
            services.update(role["Path"].removeprefix(PATH).strip("/") for role in answer["Roles"])
            if not answer.get("IsTruncated"):
                return {"services": sorted(services)}
            request["Marker"] = answer["Marker"]

    def wanted(self, current: State | None) -> State:
        """Those asked for and those that other tools made: roles are only ever added."""
        existing = current["services"] if current else []
        return {"services": sorted({*existing, *self.asked})}

    def create(self, wanted: State) -> None:
        """Never called: the list of an account always exists, even when it is empty."""
        self.update({"services": []}, wanted)

    def update(self, current: State, changes: State) -> None:
        """Create each missing role; one that appeared in between is as good as one of ours."""
        for service in sorted(set(changes["services"]) - set(current["services"])):
            try:
                self.iam.create_service_linked_role(AWSServiceName=service, aws_retry=True)
            except ClientError as problem:
                if not _exists_already(problem):
                    raise

    def delete(self, current: State) -> None:
        """Refuse: other estates of the account need them too."""
        raise RefusedError("service-linked roles belong to the account and are not removed by this repository")


def _exists_already(problem: ClientError) -> bool:
    """IAM says InvalidInput with this text; its reference also lists EntityAlreadyExists."""
    error = problem.response["Error"]
    return error["Code"] == "EntityAlreadyExists" or "has been taken in this account" in error["Message"]
