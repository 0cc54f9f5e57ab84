"""An OpenID Connect provider of IAM: whose tokens the trust policies of roles may name."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import is_planned, planned_id


def provider_path(url: str) -> str:
    """Give what an issuer's ARN ends with: ``https://oidc.eks.../id/1`` becomes ``oidc.eks.../id/1``."""
    return url.removeprefix("https://").rstrip("/")


class IamOidcProvider(BaseResource):
    """Its identity is the issuer's URL. The thumbprint is left to IAM, which trusts the issuer's certificate chain."""

    kind = "OpenID Connect provider"

    def __init__(self, iam: Any, params: dict[str, Any]) -> None:
        self.iam = iam
        self.name: str = params["url"]
        self.client_ids: list[str] = sorted(set(params["client_ids"]))
        self.asked_tags: tagging.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]
        self.placeholders = {"arn": planned_id("arn")}

    def find(self) -> State | None:
        """Find the provider's ARN by its end, then read it."""
        if is_planned(self.name):
            return None
        ending = f":oidc-provider/{provider_path(self.name)}"
        listed = self.iam.list_open_id_connect_providers(aws_retry=True)["OpenIDConnectProviderList"]
        arn = next((one["Arn"] for one in listed if one["Arn"].endswith(ending)), None)
        if arn is None:
            return None
        with ignoring("NoSuchEntity"):
            found = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn, aws_retry=True)
            return {
                "arn": arn,
                "url": self.name,
                "client_ids": sorted(found.get("ClientIDList") or []),
                "tags": tagging.from_list(found.get("Tags")),
            }
        return None

    def wanted(self, current: State | None) -> State:
        """Give client ids and tags."""
        return {
            "url": self.name,
            "client_ids": self.client_ids,
            "tags": tagging.wanted(current["tags"] if current else {}, self.asked_tags, self.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Create the provider with its tags."""
        self.iam.create_open_id_connect_provider(
            Url=self.name,
            ClientIDList=wanted["client_ids"],
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """Repair client ids and tags."""
        arn = current["arn"]
        if "client_ids" in changes:
            self._set_client_ids(arn, current["client_ids"], changes["client_ids"])
        if "tags" in changes:
            write, remove = tagging.difference(current["tags"], changes["tags"])
            if remove:
                self.iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=remove, aws_retry=True)
            if write:
                self.iam.tag_open_id_connect_provider(
                    OpenIDConnectProviderArn=arn, Tags=tagging.to_list(write), aws_retry=True
                )

    def delete(self, current: State) -> None:
        """Delete the provider; roles that name it stay and cannot be assumed with its tokens any more."""
        with ignoring("NoSuchEntity"):
            self.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=current["arn"], aws_retry=True)

    def _set_client_ids(self, arn: str, current: list[str], wanted: list[str]) -> None:
        for one in sorted(set(wanted) - set(current)):
            self.iam.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=arn, ClientID=one, aws_retry=True
            )
        for one in sorted(set(current) - set(wanted)):
            self.iam.remove_client_id_from_open_id_connect_provider(
                OpenIDConnectProviderArn=arn, ClientID=one, aws_retry=True
            )
