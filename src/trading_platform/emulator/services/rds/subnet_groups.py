"""DB subnet groups: two zones at least, one VPC, and not lost when they are changed."""

from collections.abc import Callable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.rds.exceptions import DBSubnetGroupNotFoundError
from moto.rds.models import RDSBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.rds.common import state

extension = Extension("rds")


@extension.patches(RDSBackend, "modify_db_subnet_group")
def change_that_keeps_the_group(original: Callable[..., Any], self: Any, name: str, *args: Any) -> Any:
    """moto takes the group out to change it and does not put it back."""
    if name not in self.subnet_groups:
        raise DBSubnetGroupNotFoundError(name)
    group = self.subnet_groups[name]
    try:
        original(self, name, *args)
    finally:
        self.subnet_groups[name] = group
    return group


@extension.refuses("CreateDBSubnetGroup")
def name_that_is_taken(call: Call) -> None:
    name = call.params.get("DBSubnetGroupName") or ""
    if name in state(call).subnet_groups:
        raise AwsError("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.")


@extension.refuses("CreateDBSubnetGroup", "ModifyDBSubnetGroup")
def zones_that_it_covers(call: Call) -> None:
    """RDS user guide, "Working with a DB instance in a VPC": subnets in at least two Availability Zones."""
    held = ec2_backends[call.account_id][call.region].subnets
    zones, vpcs = set(), set()
    for subnet_id in call.params.get("SubnetIds") or []:
        found = next((one for zone in held.values() for one in zone.values() if one.id == subnet_id), None)
        if found is None:
            raise AwsError("InvalidSubnet", f"Subnet '{subnet_id}' is invalid or does not exist.")
        zones.add(found.availability_zone)
        vpcs.add(found.vpc_id)
    if len(vpcs) > 1:
        raise AwsError("InvalidSubnet", "The requested subnets are not all in a common VPC.")
    if len(zones) < 2:
        raise AwsError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(sorted(zones))}. Add subnets to cover at least 2 AZs.",
        )


@extension.refuses("DeleteDBSubnetGroup")
def group_in_use(call: Call) -> None:
    backend, name = state(call), call.params.get("DBSubnetGroupName") or ""
    for database in backend.databases.values():
        group = getattr(database, "db_subnet_group", None)
        if group is not None and group.name == name.lower():
            raise AwsError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{name}' because at least one database instance: "
                f"{database.db_instance_identifier} is still using it.",
            )
