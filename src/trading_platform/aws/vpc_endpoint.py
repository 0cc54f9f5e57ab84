"""A gateway or interface endpoint of a VPC for one AWS service."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import (
    eventually,
    filters,
    find_all,
    name_problems,
    named_tags,
    sorted_ids,
    text_tags,
)
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State
from trading_platform.aws.planned import is_planned, planned_id
from trading_platform.aws.policy import as_text, canonical

GONE = "InvalidVpcEndpointId.NotFound"
# EC2 spells these both ways, by the call.
PARENTS_GONE = tuple(
    f"Invalid{kind}.NotFound"
    for kind in ("RouteTableId", "RouteTableID", "SubnetId", "SubnetID", "SecurityGroupId", "SecurityGroupID", "Group")
)
# An endpoint in one of these states is no endpoint any more.
ENDED = ("deleting", "deleted", "rejected", "expired")
# The lists that ModifyVpcEndpoint changes by additions and removals.
LISTS = {"route_table_ids": "RouteTableIds", "subnet_ids": "SubnetIds", "security_group_ids": "SecurityGroupIds"}
BELONGS_TO = {
    "route_table_ids": "gateway",
    "subnet_ids": "interface",
    "security_group_ids": "interface",
    "private_dns_enabled": "interface",
}


def state_name(endpoint: dict[str, Any]) -> str:
    """Give the state in lower case: AWS writes ``available`` in answers and ``Available`` in its reference."""
    return str(endpoint["State"]).lower()


def describe_state(endpoint: dict[str, Any]) -> State:
    """Give an endpoint as AWS describes it in the names of the module."""
    state: State = {
        "vpc_endpoint_id": endpoint["VpcEndpointId"],
        "vpc_id": endpoint["VpcId"],
        "service": endpoint["ServiceName"],
        "type": str(endpoint["VpcEndpointType"]).lower(),
        "state": state_name(endpoint),
        "route_table_ids": sorted(endpoint.get("RouteTableIds", [])),
        "subnet_ids": sorted(endpoint.get("SubnetIds", [])),
        "security_group_ids": sorted(group["GroupId"] for group in endpoint.get("Groups", [])),
        "private_dns_enabled": bool(endpoint.get("PrivateDnsEnabled")),
        "policy": canonical(endpoint.get("PolicyDocument")),
        "dns_names": [entry["DnsName"] for entry in endpoint.get("DnsEntries", []) if "DnsName" in entry],
        "network_interface_ids": sorted(endpoint.get("NetworkInterfaceIds", [])),
        "tags": tagging.from_list(endpoint.get("Tags")),
    }
    return {key: value for key, value in state.items() if BELONGS_TO.get(key, state["type"]) == state["type"]}


def find_problems(params: dict[str, Any]) -> list[str]:
    """Say what no endpoint can be: options of the other type, a service by its short name, a policy that is no JSON."""
    problems = name_problems(params)
    for key, kind in BELONGS_TO.items():
        if params[key] not in (None, []) and params["type"] != kind:
            problems.append(f"{key}: only an endpoint of type {kind} has this")
    if params["security_group_ids"] == []:
        problems.append("security_group_ids: an interface endpoint needs one; leave it out for the VPC's default group")
    if "." not in params["service"]:
        problems.append(f"service: {params['service']!r} is no full name such as com.amazonaws.us-east-1.s3")
    try:
        canonical(params["policy"])
    except ValueError as problem:
        problems.append(f"policy: {problem}")
    return problems


class VpcEndpoint(BaseResource):
    """Its identity is VPC, service and type, and where a VPC has several of these, the Name tag."""

    kind = "VPC endpoint"

    def __init__(self, ec2: Any, params: dict[str, Any]) -> None:
        self.ec2 = ec2
        self.vpc_id: str = params["vpc_id"]
        self.name: str = params["name"]
        self.service: str = params["service"]
        self.type: str = params["type"]
        self.asked: State = {
            **{key: sorted_ids(params[key]) for key in LISTS},
            "private_dns_enabled": params["private_dns_enabled"],
            "policy": canonical(params["policy"]),
        }
        self.asked = {key: value for key, value in self.asked.items() if BELONGS_TO.get(key, self.type) == self.type}
        self.asked_tags = text_tags(params["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.present: bool = params["state"] == "present"
        self.timeout = float(params["wait_timeout"])
        self.deleting = False
        self.predecessors = False
        self.placeholders = {"vpc_endpoint_id": planned_id("vpce"), "state": "pending", **self._defaults()}

    def _defaults(self) -> State:
        """Give what AWS sets where nothing is asked, as far as that is known beforehand."""
        if self.type == "gateway":
            return {"route_table_ids": []}
        return {"subnet_ids": [], "security_group_ids": [], "private_dns_enabled": True, "dns_names": []}

    def find(self) -> State | None:
        """Read the endpoint. One that is being deleted counts only while we wait for that."""
        if is_planned(self.vpc_id):
            return None
        chosen = filters(vpc_id=self.vpc_id, service_name=self.service)
        endpoints = [
            endpoint
            for endpoint in find_all(self.ec2.describe_vpc_endpoints, "VpcEndpoints", Filters=chosen)
            if str(endpoint["VpcEndpointType"]).lower() == self.type
        ]
        going = [endpoint for endpoint in endpoints if state_name(endpoint) == "deleting"]
        self.predecessors = self.predecessors or bool(going)
        alive = [endpoint for endpoint in endpoints if state_name(endpoint) not in ENDED]
        if len(alive) > 1:
            alive = self._by_name(alive)
        if not alive and self.deleting:
            alive = going
        return describe_state(alive[0]) if alive else None

    def _by_name(self, endpoints: list[dict[str, Any]]) -> list[dict[str, Any]]:
        named = [one for one in endpoints if tagging.from_list(one.get("Tags")).get("Name") == self.name]
        if len(named) != 1:
            ids = ", ".join(sorted(one["VpcEndpointId"] for one in endpoints))
            raise RefusedError(f"VPC endpoint {self.name}: {self.vpc_id} has several for {self.service}: {ids}")
        return named

    def wanted(self, current: State | None) -> State:
        """Give what was asked for, and tags."""
        wanted: State = {"vpc_id": self.vpc_id, "service": self.service, "type": self.type}
        wanted.update({key: value for key, value in self.asked.items() if value is not None})
        tags = current["tags"] if current else {}
        wanted["tags"] = named_tags(tags, self.asked_tags, self.purge_tags, self.name)
        return wanted

    def create(self, wanted: State) -> None:
        """Create it with everything in one call."""
        arguments: dict[str, Any] = {name: wanted[key] for key, name in LISTS.items() if wanted.get(key)}
        if "private_dns_enabled" in wanted:
            arguments["PrivateDnsEnabled"] = wanted["private_dns_enabled"]
        if "policy" in wanted:
            arguments["PolicyDocument"] = as_text(wanted["policy"])

        def done() -> bool:
            try:
                eventually(
                    self.ec2.create_vpc_endpoint,
                    *PARENTS_GONE,
                    VpcId=self.vpc_id,
                    ServiceName=self.service,
                    VpcEndpointType=self.type.capitalize(),
                    TagSpecifications=tagging.specification("vpc-endpoint", wanted["tags"]),
                    **arguments,
                )
            except ClientError as problem:
                # The private DNS name of a predecessor lives on for minutes; any other owner of it is a real conflict.
                if not self.predecessors or "conflicting DNS domain" not in str(problem):
                    raise
                return False
            return True

        Deadline(self.timeout).wait_for(f"the DNS name of the former endpoint for {self.service}", done)

    def update(self, current: State, changes: State) -> None:
        """Change what differs in place, in one call."""
        arguments: dict[str, Any] = {}
        for key in LISTS.keys() & changes.keys():
            now, then = set(current[key]), set(changes[key])
            arguments |= {f"Add{LISTS[key]}": sorted(then - now)} if then - now else {}
            arguments |= {f"Remove{LISTS[key]}": sorted(now - then)} if now - then else {}
        if "private_dns_enabled" in changes:
            arguments["PrivateDnsEnabled"] = changes["private_dns_enabled"]
        if "policy" in changes:
            arguments["PolicyDocument"] = as_text(changes["policy"])
        if arguments:
            self._await_modifiable(current)
            self.ec2.modify_vpc_endpoint(VpcEndpointId=current["vpc_endpoint_id"], **arguments, aws_retry=True)
        if "tags" in changes:
            tagging.update_ec2(self.ec2, current["vpc_endpoint_id"], current["tags"], changes["tags"])

    def delete(self, current: State) -> None:
        """Delete it. AWS answers this call with success and lists what it refused."""
        self.deleting = True
        answer = self.ec2.delete_vpc_endpoints(VpcEndpointIds=[current["vpc_endpoint_id"]], aws_retry=True)
        for item in answer.get("Unsuccessful", []):
            error = item.get("Error", {})
            if error.get("Code") != GONE:
                raise RefusedError(f"VPC endpoint {self.name}: {error.get('Code')}: {error.get('Message')}")

    def settled(self, current: State | None) -> bool:
        """Available, or when it should go: gone."""
        if not self.present:
            return current is None
        if current is not None and current["state"] == "failed":
            raise RefusedError(
                f"VPC endpoint {self.name}: {current['vpc_endpoint_id']} failed; remove it and run again"
            )
        return current is not None and current["state"] == "available"

    def _await_modifiable(self, current: State) -> None:
        """Wait until AWS has made it: an endpoint that is pending cannot be modified."""
        if current["state"] != "pending":
            return

        def made() -> bool:
            state = self.find()
            return state is not None and state["state"] != "pending"

        Deadline(self.timeout).wait_for(f"{self.kind} {self.name}", made)
