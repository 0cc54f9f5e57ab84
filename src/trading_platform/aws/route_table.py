"""A route table of a VPC: its routes and the subnets that use it."""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import (
    canonical_network,
    changes_between,
    eventually,
    filters,
    find_all,
    ignoring,
    name_problems,
    named_tags,
    network_problems,
    read_new,
    sorted_ids,
    text_tags,
)
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.planned import is_planned, planned_id

GONE = "InvalidRouteTableID.NotFound"
# What a new route may name before all of EC2 knows of it.
TARGETS_GONE = (
    GONE,
    "InvalidGatewayID.NotFound",
    "InvalidInternetGatewayID.NotFound",
    "InvalidNatGatewayID.NotFound",
    "NatGatewayNotFound",
    "InvalidTransitGatewayID.NotFound",
    "InvalidVpcPeeringConnectionID.NotFound",
)
# The module's name of a target and the API's.
TARGETS = {
    "gateway_id": "GatewayId",
    "nat_gateway_id": "NatGatewayId",
    "transit_gateway_id": "TransitGatewayId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
}
# What the module cannot make but may meet: shown in the diff, replaced or purged like any other drift.
OTHER_TARGETS = (
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "OdbNetworkArn",
)

Route = dict[str, Any]


def destination_of(route: dict[str, Any]) -> str:
    """Give the destination of a route as AWS describes it: a CIDR in canonical form, or a prefix list id."""
    keys = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    return canonical_network(next((route[key] for key in keys if route.get(key)), ""))


def destination_argument(destination: str) -> dict[str, Any]:
    """Give a destination as the API's argument."""
    if destination.startswith("pl-"):
        return {"DestinationPrefixListId": destination}
    return {"DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock": destination}


def is_managed(route: dict[str, Any]) -> bool:
    """Say whether a route is for us to make or remove.

    AWS's own are the local routes (``CreateRouteTable``), routes propagated by a VPN gateway or a route server, and
    those to the prefix list of a gateway endpoint, which come and go with the endpoint.
    """
    if route.get("GatewayId") == "local" or route.get("Origin", "CreateRoute") != "CreateRoute":
        return False
    return not (route.get("DestinationPrefixListId") and str(route.get("GatewayId", "")).startswith("vpce-"))


def describe_route(route: dict[str, Any]) -> Route:
    """Give a route as AWS describes it in the names of the module; ``state`` only where it is not active."""
    known = {ours: route[theirs] for ours, theirs in TARGETS.items() if route.get(theirs)}
    other = next((str(route[key]) for key in OTHER_TARGETS if route.get(key)), "")
    target = known or {"target": other}
    state = {} if route.get("State", "active") == "active" else {"state": route["State"]}
    return {"destination": destination_of(route), **target, **state}


def asked_route(route: dict[str, Any]) -> Route:
    """Give a route as the module was asked for it, without what was not given."""
    given = {key: route[key] for key in TARGETS if route.get(key)}
    return {"destination": canonical_network(route["destination"]), **given}


def sorted_routes(routes: list[Route]) -> list[Route]:
    """Give routes in the one order that is compared and shown."""
    return sorted(routes, key=lambda route: route["destination"])


def find_problems(params: dict[str, Any]) -> list[str]:
    """Say what no route table can be: bad CIDRs, a destination twice, no target or two."""
    problems = name_problems(params)
    seen: set[str] = set()
    for number, route in enumerate(params["routes"] or []):
        where = f"routes[{number}]"
        destination = route["destination"]
        if not destination.startswith("pl-"):
            problems += network_problems(where, destination)
        targets = [key for key in TARGETS if route.get(key)]
        if len(targets) != 1:
            problems.append(f"{where}: {destination} needs exactly one target, not {', '.join(targets) or 'none'}")
        if canonical_network(destination) in seen:
            problems.append(f"{where}: {destination} has a route already")
        seen.add(canonical_network(destination))
    return problems


class RouteTable(BaseResource):
    """Its identity is the Name tag inside its VPC. Routes are changed in place, never removed and made again."""

    kind = "route table"

    def __init__(self, ec2: Any, params: dict[str, Any]) -> None:
        self.ec2 = ec2
        self.vpc_id: str = params["vpc_id"]
        self.name: str = params["name"]
        self.routes = None if params["routes"] is None else [asked_route(route) for route in params["routes"]]
        self.purge_routes: bool = params["purge_routes"]
        self.subnet_ids = sorted_ids(params["subnet_ids"])
        self.purge_subnets: bool = params["purge_subnets"]
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.associations: dict[str, str] = {}
        self.placeholders = {"route_table_id": planned_id("rtb"), "routes": [], "subnet_ids": []}

    def find(self) -> State | None:
        """Read the table, and which table every subnet of the VPC uses: one call gives both."""
        if is_planned(self.vpc_id):
            return None
        tables = find_all(self.ec2.describe_route_tables, "RouteTables", Filters=filters(vpc_id=self.vpc_id))
        self.associations = {
            association["SubnetId"]: association["RouteTableAssociationId"]
            for table in tables
            for association in table.get("Associations", [])
            if "SubnetId" in association
        }
        mine = [table for table in tables if tagging.from_list(table.get("Tags")).get("Name") == self.name]
        if len(mine) > 1:
            ids = ", ".join(sorted(table["RouteTableId"] for table in mine))
            raise RefusedError(f"route table {self.name}: {self.vpc_id} has several with this Name tag: {ids}")
        return self._state(mine[0]) if mine else None

    def wanted(self, current: State | None) -> State:
        """Give routes, subnets and tags; without purge what is there stays."""
        now: State = current or {"routes": [], "subnet_ids": [], "tags": {}}
        wanted: State = {"vpc_id": self.vpc_id}
        if self.routes is not None:
            asked = {route["destination"] for route in self.routes}
            kept = [] if self.purge_routes else [one for one in now["routes"] if one["destination"] not in asked]
            wanted["routes"] = sorted_routes([*self.routes, *kept])
        if self.subnet_ids is not None:
            wanted["subnet_ids"] = sorted(set(self.subnet_ids) | set([] if self.purge_subnets else now["subnet_ids"]))
        wanted["tags"] = named_tags(now["tags"], self.asked_tags, self.purge_tags, self.name)
        return wanted

    def create(self, wanted: State) -> None:
        """Create it with its tags, then its routes, then move the subnets to it."""
        specification = tagging.specification("route-table", wanted["tags"])
        self.ec2.create_route_table(VpcId=self.vpc_id, TagSpecifications=specification, aws_retry=True)
        current = read_new(self)
        self.update(current, changes_between(current, wanted))

    def update(self, current: State, changes: State) -> None:
        """Change what differs; routes before subnets, so that no subnet is without its routes."""
        table_id = current["route_table_id"]
        if "routes" in changes:
            self._update_routes(table_id, current["routes"], changes["routes"])
        if "subnet_ids" in changes:
            self._update_subnets(table_id, current["subnet_ids"], changes["subnet_ids"])
        if "tags" in changes:
            tagging.update_ec2(self.ec2, table_id, current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Disassociate its subnets, which then use the VPC's main table, and delete it."""
        for subnet_id in current["subnet_ids"]:
            self._disassociate(subnet_id)
        with ignoring(GONE):
            self.ec2.delete_route_table(RouteTableId=current["route_table_id"], aws_retry=True)

    def _state(self, table: dict[str, Any]) -> State:
        routes = [describe_route(route) for route in table.get("Routes", []) if is_managed(route)]
        subnets = [one["SubnetId"] for one in table.get("Associations", []) if "SubnetId" in one]
        return {
            "route_table_id": table["RouteTableId"],
            "vpc_id": table["VpcId"],
            "routes": sorted_routes(routes),
            "subnet_ids": sorted(subnets),
            "tags": tagging.from_list(table.get("Tags")),
        }

    def _update_routes(self, table_id: str, current: list[Route], target: list[Route]) -> None:
        now = {route["destination"]: route for route in current}
        for route in target:
            if now.get(route["destination"]) == route:
                continue
            call = self.ec2.replace_route if route["destination"] in now else self.ec2.create_route
            arguments = {TARGETS[key]: value for key, value in route.items() if key in TARGETS}
            destination = destination_argument(route["destination"])
            eventually(call, *TARGETS_GONE, RouteTableId=table_id, **destination, **arguments)
        for gone in sorted(now.keys() - {route["destination"] for route in target}):
            with ignoring("InvalidRoute.NotFound"):
                self.ec2.delete_route(RouteTableId=table_id, **destination_argument(gone), aws_retry=True)

    def _update_subnets(self, table_id: str, current: list[str], target: list[str]) -> None:
        for subnet_id in sorted(set(target) - set(current)):
            association = self.associations.get(subnet_id)
            if association:
                self.ec2.replace_route_table_association(
                    AssociationId=association, RouteTableId=table_id, aws_retry=True
                )
            else:
                eventually(
                    self.ec2.associate_route_table,
                    GONE,
                    "InvalidSubnetID.NotFound",
                    RouteTableId=table_id,
                    SubnetId=subnet_id,
                )
        for subnet_id in sorted(set(current) - set(target)):
            self._disassociate(subnet_id)

    def _disassociate(self, subnet_id: str) -> None:
        with ignoring("InvalidAssociationID.NotFound"):
            self.ec2.disassociate_route_table(AssociationId=self.associations[subnet_id], aws_retry=True)
