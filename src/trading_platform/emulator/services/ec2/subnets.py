"""Subnets: launch attributes, and what must be gone before one is deleted."""

from collections.abc import Callable
from typing import Any

from moto.ec2.models.subnets import Subnet, SubnetBackend
from moto.ec2.responses.subnets import Subnets

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.ec2.common import (
    dependency_violation,
    interfaces_in_subnet,
    live_nat_gateways,
    state,
)

extension = Extension("ec2")


@extension.patches(Subnet, "__init__")
def subnet_knows_dns64(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """``EnableDns64`` is part of DescribeSubnets (API Subnet); moto has no such attribute."""
    original(self, *args, **kwargs)
    self.enable_dns64 = False


@extension.patches(Subnets, "modify_subnet_attribute")
def keep_every_launch_attribute(original: Callable[..., Any], self: Any) -> Any:
    """API ModifySubnetAttribute: moto drops the host name type, the AAAA record and DNS64."""
    result = original(self)
    subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
    options = subnet.private_dns_name_options_on_launch
    host_name_type = self._get_param("PrivateDnsHostnameTypeOnLaunch")
    if host_name_type is not None:
        options["HostnameType"] = host_name_type
    aaaa_record = self._get_param("EnableResourceNameDnsAAAARecordOnLaunch.Value")
    if aaaa_record is not None:
        options["EnableResourceNameDnsAAAARecord"] = aaaa_record
    dns64 = self._get_param("EnableDns64.Value")
    if dns64 is not None:
        subnet.enable_dns64 = dns64
    return result


@extension.refuses("DeleteSubnet")
def deleting_a_subnet_in_use(call: Call) -> None:
    backend, subnet_id = state(call), call.params.get("SubnetId", "")
    if interfaces_in_subnet(backend, subnet_id) or any(
        gateway.subnet_id == subnet_id for gateway in live_nat_gateways(backend)
    ):
        raise dependency_violation(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


@extension.patches(SubnetBackend, "delete_subnet")
def forget_the_associations_of_a_deleted_subnet(original: Callable[..., Any], self: Any, subnet_id: str) -> Any:
    """Network ACL and route table associations go with the subnet; moto keeps showing them."""
    deleted = original(self, subnet_id)
    for acl in self.network_acls.values():
        acl._associations = {key: one for key, one in acl._associations.items() if one.subnet_id != subnet_id}
    for table in self.route_tables.values():
        table._associations = {key: one for key, one in table._associations.items() if one != subnet_id}
    return deleted
