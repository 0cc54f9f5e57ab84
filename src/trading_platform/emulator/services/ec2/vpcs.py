"""VPCs, their DHCP options and internet gateways."""

from collections.abc import Callable
from typing import Any

from moto.ec2.models.dhcp_options import DHCPOptionsSetBackend
from moto.ec2.models.vpcs import VPCBackend
from moto.ec2.responses.dhcp_options import DHCPOptions

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.quotas import VPCS_PER_REGION, quota
from trading_platform.emulator.services.ec2.common import (
    attached_internet_gateway,
    dependency_violation,
    live_endpoints,
    live_nat_gateways,
    state,
)

extension = Extension("ec2")


@extension.refuses("CreateVpc")
def more_vpcs_than_the_quota(call: Call) -> None:
    """The default VPC counts. VPC user guide, "Amazon VPC quotas"."""
    if len(state(call).vpcs) >= quota(VPCS_PER_REGION):
        raise AwsError("VpcLimitExceeded", "The maximum number of VPCs has been reached.")


@extension.refuses("DeleteVpc")
def deleting_a_vpc_that_still_holds_something(call: Call) -> None:
    """API DeleteVpc: "You must detach or delete all gateways and resources that are associated with the VPC"."""
    backend, vpc_id = state(call), call.params.get("VpcId", "")
    groups = [group for group in backend.groups.get(vpc_id, {}).values() if not group.is_default]
    acls = [acl for acl in backend.network_acls.values() if acl.vpc_id == vpc_id and not acl.default]
    if (
        groups
        or acls
        or attached_internet_gateway(backend, vpc_id)
        or live_endpoints(backend, vpc_id)
        or any(gateway.vpc_id == vpc_id for gateway in live_nat_gateways(backend))
    ):
        raise dependency_violation(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


@extension.patches(VPCBackend, "delete_vpc")
def delete_the_vpcs_default_network_acl_too(original: Callable[..., Any], self: Any, vpc_id: str) -> Any:
    """API DeleteVpc: "it deletes the default security group, network ACL, and route table". DHCP options stay."""
    vpc = self.get_vpc(vpc_id)
    self.disassociate_dhcp_options(vpc)
    deleted = original(self, vpc_id)
    for acl_id in [acl.id for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
        del self.network_acls[acl_id]
    return deleted


@extension.refuses("AttachInternetGateway")
def a_second_internet_gateway(call: Call) -> None:
    vpc_id = call.params.get("VpcId", "")
    other = attached_internet_gateway(state(call), vpc_id)
    if other and other.id != call.params.get("InternetGatewayId"):
        raise AwsError("InvalidParameterValue", f"Network {vpc_id} already has an internet gateway attached")


@extension.refuses("DetachInternetGateway")
def detaching_a_gateway_that_addresses_need(call: Call) -> None:
    backend, vpc_id = state(call), call.params.get("VpcId", "")
    if any(address.eni and address.eni.subnet.vpc_id == vpc_id for address in backend.addresses):
        raise dependency_violation(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
            "detaching the gateway."
        )


@extension.patches(DHCPOptions, "create_dhcp_options")
def tag_dhcp_options_at_creation(original: Callable[..., Any], self: Any) -> Any:
    """moto ignores the tag specification of CreateDhcpOptions."""
    result = original(self)
    result.result["DhcpOptions"].add_tags(self._parse_tag_specification().get("dhcp-options", {}))
    return result


@extension.patches(DHCPOptionsSetBackend, "associate_dhcp_options")
def let_the_former_options_go(original: Callable[..., Any], self: Any, dhcp_options: Any, vpc: Any) -> None:
    """moto keeps the former set tied to the VPC, so that it can never be deleted."""
    former = vpc.dhcp_options
    original(self, dhcp_options, vpc)
    if former and former is not dhcp_options:
        former.vpc = next((one for one in self.vpcs.values() if one.dhcp_options is former), None)


@extension.refuses("DeleteDhcpOptions")
def deleting_options_in_use(call: Call) -> None:
    options_id = call.params.get("DhcpOptionsId")
    if any(vpc.dhcp_options and vpc.dhcp_options.id == options_id for vpc in state(call).vpcs.values()):
        raise dependency_violation(f"The dhcpOptions '{options_id}' has dependencies and cannot be deleted.")
