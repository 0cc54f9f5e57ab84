"""A public NAT gateway and the Elastic IP address that belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import (
    eventually,
    filters,
    find_all,
    ignoring,
    name_filter,
    named_tags,
    text_tags,
)
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State
from trading_platform.aws.planned import is_planned, planned_id

GONE = "NatGatewayNotFound"
NOT_DELETED = ["pending", "available", "failed", "deleting"]


def name_of(item: dict[str, Any]) -> str | None:
    """Give the Name tag of anything EC2 describes."""
    return tagging.from_list(item.get("Tags")).get("Name")


def primary_address(gateway: dict[str, Any]) -> dict[str, Any]:
    """Give the gateway's own address: IsPrimary marks it where there are several."""
    addresses: list[dict[str, Any]] = gateway.get("NatGatewayAddresses", [])
    return next((one for one in addresses if one.get("IsPrimary")), addresses[0] if addresses else {})


def failure_of(gateway: dict[str, Any]) -> str:
    """Give AWS's reason for a failed gateway: ``Gateway.NotAttached: Network vpc-1 has no Internet gateway``."""
    return f"{gateway.get('FailureCode', 'failed')}: {gateway.get('FailureMessage', 'AWS gives no reason')}"


class NatGateway(BaseResource):
    """Its identity is the Name tag inside the VPC of its subnet; the address carries the same tags.

    - A gateway that failed is deleted and made anew with the same address, and AWS's reason is given as a warning.
    - An unassociated address with our name is used before a new one is allocated: an account has five per Region.
    - Deleting takes minutes and frees the address only at its end, so deletion always waits.
    """

    kind = "NAT gateway"
    fixed = frozenset({"subnet_id", "connectivity_type"})

    def __init__(self, ec2: Any, params: dict[str, Any], warn: Callable[[str], None]) -> None:
        self.ec2 = ec2
        self.name: str = params["name"]
        self.subnet_id: str = params["subnet_id"]
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.present: bool = params["state"] == "present"
        self.timeout = float(params["wait_timeout"])
        self.warn = warn
        self.leaving: list[dict[str, Any]] = []
        self.warned: set[str] = set()
        self.placeholders = {
            "nat_gateway_id": planned_id("nat"),
            "allocation_id": planned_id("eipalloc"),
            "public_ip": planned_id("ip"),
            "state": "pending",
        }

    def find(self) -> State | None:
        """Read the gateway and its address; when it should go, also an address that was left behind."""
        if is_planned(self.subnet_id):
            return None
        gateways = self._gateways()
        self.leaving = [one for one in gateways if one["State"] == "deleting"]
        alive = [one for one in gateways if one["State"] in ("pending", "available")]
        failed = [one for one in gateways if one["State"] == "failed"]
        if len(alive) > 1:
            ids = ", ".join(sorted(one["NatGatewayId"] for one in alive))
            raise RefusedError(f"NAT gateway {self.name}: there are several with this Name tag: {ids}")
        # One that failed carries nothing: its replacement may stand elsewhere.
        self.fixed = NatGateway.fixed if alive else frozenset()
        if alive or failed:
            return self._state((alive + failed)[0])
        return None if self.present else self._leftover()

    def wanted(self, current: State | None) -> State:
        """Give subnet and tags; after a failure also another gateway in the place of the failed one."""
        tags, address_tags = (current["tags"], current["address_tags"]) if current else ({}, {})
        state: State = {
            "subnet_id": self.subnet_id,
            "connectivity_type": "public",
            "tags": named_tags(tags, self.asked_tags, self.purge_tags, self.name),
            "address_tags": named_tags(address_tags, self.asked_tags, self.purge_tags, self.name),
        }
        if current and current["state"] == "failed":
            state.update(nat_gateway_id=planned_id("nat"), state="pending")
        return state

    def create(self, wanted: State) -> None:
        """Find or allocate the address, then ask for the gateway."""
        self._await_deletion()
        address = self._free_address()
        if address:
            current_tags = tagging.from_list(address.get("Tags"))
            tagging.update_ec2(self.ec2, address["AllocationId"], current_tags, wanted["address_tags"])
        else:
            address = self.ec2.allocate_address(
                Domain="vpc",
                TagSpecifications=tagging.specification("elastic-ip", wanted["address_tags"]),
                aws_retry=True,
            )
        self._create_gateway(address["AllocationId"], wanted["tags"])

    def update(self, current: State, changes: State) -> None:
        """Repair tags; replace a failed gateway."""
        if "nat_gateway_id" in changes:
            self._delete_gateway(current["nat_gateway_id"])
            self.create(self.wanted(current))
            return
        if "tags" in changes:
            tagging.update_ec2(self.ec2, current["nat_gateway_id"], current["tags"], changes["tags"])
        if "address_tags" in changes:
            tagging.update_ec2(self.ec2, current["allocation_id"], current["address_tags"], changes["address_tags"])

    def delete(self, current: State) -> None:
        """Delete the gateway, wait until it is gone, release its address."""
        if current["nat_gateway_id"]:
            self._delete_gateway(current["nat_gateway_id"])
        self._await_deletion()
        if current["allocation_id"]:
            # The address can stay associated for a moment after its gateway is gone.
            with ignoring("InvalidAllocationID.NotFound"):
                eventually(self.ec2.release_address, "InvalidIPAddress.InUse", AllocationId=current["allocation_id"])

    def settled(self, current: State | None) -> bool:
        """Available, or when it should go: gone."""
        if not self.present:
            return current is None
        if current is not None and current["state"] == "failed":
            raise RefusedError(f"NAT gateway {self.name}: {current['nat_gateway_id']} failed: {current['failure']}")
        return current is not None and current["state"] == "available"

    def _gateways(self) -> list[dict[str, Any]]:
        """Give all gateways of our name in the VPC of our subnet that AWS still holds."""
        named = find_all(
            self.ec2.describe_nat_gateways,
            "NatGateways",
            Filter=[name_filter(self.name), *filters(state=NOT_DELETED)],
        )
        named = [one for one in named if name_of(one) == self.name]
        if all(one["SubnetId"] == self.subnet_id for one in named):
            return named
        with ignoring("InvalidSubnetID.NotFound"):
            subnets = find_all(self.ec2.describe_subnets, "Subnets", SubnetIds=[self.subnet_id])
            return [one for one in named if one["VpcId"] == subnets[0]["VpcId"]]
        return []

    def _state(self, gateway: dict[str, Any]) -> State:
        allocation_id = primary_address(gateway).get("AllocationId")
        address = self._addresses(filters(allocation_id=allocation_id))[:1] if allocation_id else []
        state: State = {
            "nat_gateway_id": gateway["NatGatewayId"],
            "subnet_id": gateway["SubnetId"],
            "connectivity_type": gateway.get("ConnectivityType") or "public",
            "allocation_id": allocation_id,
            "public_ip": address[0]["PublicIp"] if address else None,
            "state": gateway["State"],
            "tags": tagging.from_list(gateway.get("Tags")),
            "address_tags": tagging.from_list(address[0].get("Tags")) if address else {},
        }
        if gateway["State"] == "failed":
            self._report(gateway)
            state["failure"] = failure_of(gateway)
        return state

    def _leftover(self) -> State | None:
        """Give what an earlier deletion did not finish: a gateway that is going, or a free address of ours."""
        address = self._free_address()
        if not self.leaving and address is None:
            return None
        return {
            "nat_gateway_id": None,
            "allocation_id": address["AllocationId"] if address else None,
            "public_ip": address["PublicIp"] if address else None,
            "state": "deleting" if self.leaving else "deleted",
        }

    def _addresses(self, chosen: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return find_all(self.ec2.describe_addresses, "Addresses", Filters=chosen)

    def _free_address(self) -> dict[str, Any] | None:
        """Give an address of our name that nothing uses, or only the interface of a gateway that is going."""
        going = {primary_address(gateway).get("NetworkInterfaceId") for gateway in self.leaving}
        named = sorted(self._addresses([name_filter(self.name)]), key=lambda one: str(one["AllocationId"]))
        free = (one for one in named if not one.get("AssociationId") or one.get("NetworkInterfaceId") in going)
        return next(free, None)

    def _create_gateway(self, allocation_id: str, tags: tagging.Tags) -> None:
        eventually(
            self.ec2.create_nat_gateway,
            "InvalidAllocationID.NotFound",
            SubnetId=self.subnet_id,
            AllocationId=allocation_id,
            TagSpecifications=tagging.specification("natgateway", tags),
        )

    def _delete_gateway(self, gateway_id: str) -> None:
        found = find_all(self.ec2.describe_nat_gateways, "NatGateways", NatGatewayIds=[gateway_id])
        with ignoring(GONE):
            self.ec2.delete_nat_gateway(NatGatewayId=gateway_id, aws_retry=True)
        self.leaving += found

    def _await_deletion(self) -> None:
        ids = [gateway["NatGatewayId"] for gateway in self.leaving]
        if not ids:
            return

        def gone() -> bool:
            chosen = filters(nat_gateway_id=ids, state=NOT_DELETED)
            return not find_all(self.ec2.describe_nat_gateways, "NatGateways", Filter=chosen)

        Deadline(self.timeout).wait_for(f"the deletion of {self.kind} {self.name}", gone)

    def _report(self, gateway: dict[str, Any]) -> None:
        if self.present and gateway["NatGatewayId"] not in self.warned:
            self.warned.add(gateway["NatGatewayId"])
            self.warn(f"NAT gateway {self.name}: {gateway['NatGatewayId']} failed ({failure_of(gateway)})")
