"""DeleteDBInstance: final snapshots, and what becomes of the replicas."""

from collections.abc import Callable
from typing import Any

from moto.rds.models import DBInstance, RDSBackend, rds_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.rds.common import combination, instance

extension = Extension("rds")


@extension.refuses("DeleteDBInstance")
def final_snapshot(call: Call) -> None:
    """API DeleteDBInstance, FinalDBSnapshotIdentifier and SkipFinalSnapshot."""
    database = instance(call)
    if database is None or database.deletion_protection:
        return  # moto says so itself
    name, skipped = call.params.get("FinalDBSnapshotIdentifier"), call.params.get("SkipFinalSnapshot")
    if database.source_db_instance_identifier and (name or not skipped):
        raise combination("FinalDBSnapshotIdentifier can not be specified when deleting a replica instance")
    if skipped and name:
        raise combination("FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is enabled.")
    if not skipped and not name:
        raise combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")


@extension.patches(RDSBackend, "delete_db_instance")
def deletion_of_a_source(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """RDS user guide, "Deleting a DB instance": replicas of the region are promoted, those of others terminated."""
    database = original(self, *args, **kwargs)
    for name in list(database.replicas):
        region = name.split(":")[3] if name.startswith("arn:") else self.region_name
        replica = rds_backends[self.account_id][region].databases.get(name.rpartition(":")[2])
        if replica is None:
            continue
        if region != self.region_name:
            replica.status = "terminated"
        else:
            replica.is_replica, replica.source_db_instance_identifier = False, None
    return database


@extension.patches(DBInstance, "remove_replica")
def forget_a_replica_of_any_region(original: Callable[..., Any], self: Any, replica: Any) -> None:
    """moto looks for the name of a replica that it holds by ARN."""
    gone = (replica.db_instance_identifier, replica.db_instance_arn)
    self.replicas = [one for one in self.replicas if one not in gone]
