"""The DHCP options of a VPC: which domain, DNS servers and time servers its instances are told.

A set of options cannot be changed. Other options therefore are another set: it is made with the same Name tag,
associated with the VPC, and then the old one is deleted. Cut off in between, the next run finds both sets by their
name and goes on (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html).
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags
from trading_platform.aws.ec2 import eventually, find_all, ignoring, named_tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned, planned_id

OPTIONS = {
    "domain_name": "domain-name",
    "domain_name_servers": "domain-name-servers",
    "ntp_servers": "ntp-servers",
}
DEFAULT = "default"
"""What EC2 calls having no options of one's own."""


class DhcpOptions(BaseResource):
    """The set with this Name tag, and its association with one VPC.

    Args:
        ec2: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters; servers are compared without regard to order.
    """

    kind = "DHCP options"
    placeholders = {"dhcp_options_id": planned_id("dopt")}

    def __init__(self, ec2: Any, params: dict[str, Any]) -> None:
        self.ec2 = ec2
        self.params = params
        self.name: str = params["name"]
        self.vpc_id: str = params["vpc_id"]
        self.sets: list[State] = []

    def find(self) -> State | None:
        """Read the VPC and all sets of our name; the one in use, else the one that fits, is the current one."""
        if is_planned(self.vpc_id):
            return None
        associated = self._associated()
        everything = find_all(self.ec2.describe_dhcp_options, "DhcpOptions")
        self.sets = [_set(item) for item in everything]
        self.sets = [item for item in self.sets if self._is_ours(item, associated)]
        if not self.sets:
            return None
        options = self._options()
        current = min(
            self.sets,
            key=lambda item: (item["id"] != associated, item["options"] != options, item["id"]),
        )
        others = sorted(item["id"] for item in self.sets if item is not current)
        return {
            "dhcp_options_id": current["id"],
            "vpc_id": self.vpc_id,
            **current["options"],
            "tags": current["tags"],
            "associated": current["id"] == associated,
            "superseded": others,
        }

    def _associated(self) -> str | None:
        try:
            vpcs = self.ec2.describe_vpcs(VpcIds=[self.vpc_id], aws_retry=True)["Vpcs"]
        except ClientError as error:
            if error_code(error) == "InvalidVpcID.NotFound" and self.params["state"] == "absent":
                return None
            raise
        return str(vpcs[0]["DhcpOptionsId"])

    def _is_ours(self, item: State, associated: str | None) -> bool:
        """By name; a set that lost its name is ours when the VPC uses it and it has all our other tags."""
        name = item["tags"].get("Name")
        if name is not None or item["id"] != associated:
            return bool(name == self.name)
        asked = {key: str(value) for key, value in (self.params["tags"] or {}).items() if key != "Name"}
        return bool(asked) and asked.items() <= item["tags"].items()

    def _options(self) -> State:
        return {
            "domain_name": self.params["domain_name"],
            "domain_name_servers": sorted(set(self.params["domain_name_servers"] or [])),
            "ntp_servers": sorted(set(self.params["ntp_servers"] or [])),
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys: the options, that the VPC uses them, and that no older set is left."""
        asked = self.params
        return {
            "vpc_id": self.vpc_id,
            **self._options(),
            "tags": named_tags(current["tags"] if current else {}, asked["tags"], asked["purge_tags"], self.name),
            "associated": True,
            "superseded": [],
        }

    def create(self, wanted: State) -> None:
        """Make the set with its tags and let the VPC use it."""
        self._associate(self._make(wanted))

    def _make(self, wanted: State) -> str:
        configurations = []
        for ours, theirs in OPTIONS.items():
            value = wanted[ours]
            if value:
                # The order asked for, which is the order in which instances try the servers.
                values = [value] if isinstance(value, str) else self.params[ours]
                configurations.append({"Key": theirs, "Values": values})
        specification = tags.specification("dhcp-options", wanted["tags"])
        answer = self.ec2.create_dhcp_options(
            DhcpConfigurations=configurations, TagSpecifications=specification, aws_retry=True
        )
        return str(answer["DhcpOptions"]["DhcpOptionsId"])

    def _associate(self, dhcp_options_id: str) -> None:
        eventually(
            self.ec2.associate_dhcp_options,
            "InvalidDhcpOptionID.NotFound",
            "InvalidDhcpOptionsID.NotFound",
            DhcpOptionsId=dhcp_options_id,
            VpcId=self.vpc_id,
        )

    def update(self, current: State, changes: State) -> None:
        """Bring tags in order; where the options differ, use or make the set that has them; delete the others."""
        target = {**current, **changes}
        options = {key: target[key] for key in OPTIONS}
        fitting = [item for item in self.sets if item["options"] == options]
        used = next((item for item in fitting if item["id"] == current["dhcp_options_id"]), next(iter(fitting), None))
        if used is None:
            used_id = self._make(target)
        else:
            used_id = used["id"]
            tags.update_ec2(self.ec2, used_id, used["tags"], target["tags"])
        if used_id != current["dhcp_options_id"] or not current["associated"]:
            self._associate(used_id)
        self._delete_sets(item["id"] for item in self.sets if item["id"] != used_id)

    def _delete_sets(self, ids: Any) -> None:
        for dhcp_options_id in sorted(ids):
            try:
                with ignoring("InvalidDhcpOptionID.NotFound", "InvalidDhcpOptionsID.NotFound"):
                    self.ec2.delete_dhcp_options(DhcpOptionsId=dhcp_options_id, aws_retry=True)
            except ClientError as error:
                if error_code(error) != "DependencyViolation":
                    raise
                raise RefusedError(
                    f"{self.kind} {self.name}: {dhcp_options_id} is used by another VPC as well, and is not deleted; "
                    "give that VPC options of its own"
                ) from error

    def delete(self, current: State) -> None:
        """Let the VPC use the default again, then delete every set of our name."""
        if current["associated"]:
            self._associate(DEFAULT)
        self._delete_sets(item["id"] for item in self.sets)


def _set(item: State) -> State:
    values = {entry["Key"]: [value["Value"] for value in entry["Values"]] for entry in item["DhcpConfigurations"]}
    options = {
        "domain_name": next(iter(values.get("domain-name", [])), None),
        "domain_name_servers": sorted(values.get("domain-name-servers", [])),
        "ntp_servers": sorted(values.get("ntp-servers", [])),
    }
    return {"id": item["DhcpOptionsId"], "options": options, "tags": tags.from_list(item.get("Tags"))}
