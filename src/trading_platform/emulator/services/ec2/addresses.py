"""Elastic IP addresses."""

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.quotas import ADDRESSES_PER_REGION, quota
from trading_platform.emulator.services.ec2.common import state

extension = Extension("ec2")


@extension.refuses("AllocateAddress")
def more_addresses_than_the_quota(call: Call) -> None:
    """VPC user guide, "Amazon VPC quotas": 5 a Region."""
    if len(state(call).addresses) >= quota(ADDRESSES_PER_REGION):
        raise AwsError("AddressLimitExceeded", "The maximum number of addresses has been reached.")


@extension.refuses("ReleaseAddress")
def releasing_an_address_in_use(call: Call) -> None:
    """API ReleaseAddress: "You must disassociate the Elastic IP address before you can release it"."""
    for address in state(call).addresses:
        named = (address.allocation_id, address.public_ip)
        if address.association_id and {call.params.get("AllocationId"), call.params.get("PublicIp")} & set(named):
            raise AwsError("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")
