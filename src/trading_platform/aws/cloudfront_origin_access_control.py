"""An origin access control: how CloudFront signs its requests to a bucket that nobody else may read.

It has no tags; its name is unique in the account
(https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_OriginAccessControlConfig.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws.cloudfront import find_all
from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import planned_id

LONGEST_NAME = 64


class OriginAccessControl(BaseResource):
    """The control of this name.

    Args:
        cloudfront: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "origin access control"
    placeholders = {"id": planned_id("oac")}

    def __init__(self, cloudfront: Any, params: dict[str, Any]) -> None:
        self.cloudfront = cloudfront
        self.params = params
        self.name: str = params["name"]

    def find(self) -> State | None:
        """Read the control; the list has all of it."""
        for control in find_all(self.cloudfront.list_origin_access_controls, "OriginAccessControlList"):
            if control["Name"] == self.name:
                return {
                    "id": control["Id"],
                    "name": control["Name"],
                    "description": control.get("Description") or "",
                    "origin_type": control["OriginAccessControlOriginType"],
                    "signing_behavior": control["SigningBehavior"],
                    "signing_protocol": control["SigningProtocol"],
                }
        return None

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        keys = ("name", "description", "origin_type", "signing_behavior")
        return {**{key: self.params[key] for key in keys}, "signing_protocol": "sigv4"}

    def create(self, wanted: State) -> None:
        """Make the control."""
        self.cloudfront.create_origin_access_control(OriginAccessControlConfig=_config(wanted), aws_retry=True)

    def update(self, current: State, changes: State) -> None:
        """Write the whole control."""
        self.cloudfront.update_origin_access_control(
            Id=current["id"],
            IfMatch=self._etag(current["id"]),
            OriginAccessControlConfig=_config({**current, **changes}),
            aws_retry=True,
        )

    def delete(self, current: State) -> None:
        """Remove the control; CloudFront may not have seen yet that the last distribution is gone."""
        with ignoring("NoSuchOriginAccessControl"):
            eventually(
                self.cloudfront.delete_origin_access_control,
                "OriginAccessControlInUse",
                Id=current["id"],
                IfMatch=self._etag(current["id"]),
            )

    def _etag(self, control_id: str) -> str:
        return str(self.cloudfront.get_origin_access_control(Id=control_id, aws_retry=True)["ETag"])


def _config(state: State) -> dict[str, Any]:
    return {
        "Name": state["name"],
        "Description": state["description"],
        "OriginAccessControlOriginType": state["origin_type"],
        "SigningBehavior": state["signing_behavior"],
        "SigningProtocol": state["signing_protocol"],
    }


def problems(params: dict[str, Any]) -> list[str]:
    """Say what CloudFront would refuse of a module's parameters, before it is asked."""
    length = len(params["name"])
    return [] if length <= LONGEST_NAME else [f"name: has {length} characters, and CloudFront takes {LONGEST_NAME}"]
