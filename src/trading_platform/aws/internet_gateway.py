"""The internet gateway of a VPC."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import eventually, filters, find_all, ignoring, name_filter, named_tags, text_tags
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import is_planned, planned_id

GONE = "InvalidInternetGatewayID.NotFound"


def describe_state(gateway: dict[str, Any]) -> State:
    """Give a gateway as AWS describes it in the names of the module; ``vpc_id`` is None when it is not attached."""
    attachments = gateway.get("Attachments", [])
    return {
        "internet_gateway_id": gateway["InternetGatewayId"],
        "vpc_id": attachments[0]["VpcId"] if attachments else None,
        "tags": tagging.from_list(gateway.get("Tags")),
    }


class InternetGateway(BaseResource):
    """A VPC has at most one internet gateway: whatever is attached to it is ours to keep.

    An unattached gateway with our Name tag is what a run left that ended between its two calls; it is attached.
    """

    kind = "internet gateway"

    def __init__(self, ec2: Any, params: dict[str, Any]) -> None:
        self.ec2 = ec2
        self.vpc_id: str = params["vpc_id"]
        self.name: str = params["name"]
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.placeholders = {"internet_gateway_id": planned_id("igw")}

    def find(self) -> State | None:
        """Read the gateway of the VPC, else an unattached one with our name."""
        describe = self.ec2.describe_internet_gateways
        if not is_planned(self.vpc_id):
            attached = find_all(describe, "InternetGateways", Filters=filters(**{"attachment.vpc_id": self.vpc_id}))
            if attached:
                return describe_state(attached[0])
        named = find_all(describe, "InternetGateways", Filters=[name_filter(self.name)])
        orphans = sorted((describe_state(one) for one in named), key=lambda state: str(state["internet_gateway_id"]))
        return next((state for state in orphans if state["vpc_id"] is None), None)

    def wanted(self, current: State | None) -> State:
        """Give its VPC and tags."""
        tags = current["tags"] if current else {}
        return {
            "vpc_id": self.vpc_id,
            "tags": named_tags(tags, self.asked_tags, self.purge_tags, self.name),
        }

    def create(self, wanted: State) -> None:
        """Create it with its tags, then attach it."""
        answer = self.ec2.create_internet_gateway(
            TagSpecifications=tagging.specification("internet-gateway", wanted["tags"]), aws_retry=True
        )
        self._attach(answer["InternetGateway"]["InternetGatewayId"])

    def update(self, current: State, changes: State) -> None:
        """Attach an orphan, repair tags."""
        if "vpc_id" in changes:
            self._attach(current["internet_gateway_id"])
        if "tags" in changes:
            tagging.update_ec2(self.ec2, current["internet_gateway_id"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Detach and delete it. AWS refuses while addresses of the VPC are mapped to the internet."""
        gateway_id = current["internet_gateway_id"]
        if current["vpc_id"]:
            with ignoring(GONE, "Gateway.NotAttached"):
                self.ec2.detach_internet_gateway(InternetGatewayId=gateway_id, VpcId=current["vpc_id"], aws_retry=True)
        with ignoring(GONE):
            self.ec2.delete_internet_gateway(InternetGatewayId=gateway_id, aws_retry=True)

    def _attach(self, gateway_id: str) -> None:
        eventually(self.ec2.attach_internet_gateway, GONE, InternetGatewayId=gateway_id, VpcId=self.vpc_id)
