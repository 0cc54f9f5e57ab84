"""Read replicas of the same and of another region, and their promotion."""

from collections.abc import Callable
from typing import Any

from moto.rds.exceptions import DBInstanceNotFoundError
from moto.rds.models import DBInstance, RDSBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.rds.common import (
    by_identifier,
    combination,
    refuse_unless_available,
    security_groups_in,
    value,
)
from trading_platform.emulator.services.rds.instances import complete

extension = Extension("rds")

MOST_REPLICAS = 15  # API CreateDBInstanceReadReplica
# What a replica has from its source, wherever it is.
INHERITED = (
    "allocated_storage",
    "db_name",
    "engine",
    "engine_version",
    "license_model",
    "master_username",
    "port",
    "preferred_backup_window",
    "preferred_maintenance_window",
    "storage_encrypted",
)
# What it has from its source unless it is asked for.
DEFAULTED = ("auto_minor_version_upgrade", "copy_tags_to_snapshot", "db_instance_class", "storage_type")


def _source(call: Call) -> Any | None:
    return by_identifier(call, call.params.get("SourceDBInstanceIdentifier") or "")


def _crosses(call: Call, source: Any) -> bool:
    return bool(source.region != call.region)


@extension.refuses("CreateDBInstanceReadReplica")
def source_that_cannot_be_copied(call: Call) -> None:
    source = _source(call)
    if source is None:
        return  # moto says so itself
    refuse_unless_available(source)
    if not source.backup_retention_period:
        raise AwsError(
            "InvalidDBInstanceState",
            "Automated backups are not enabled for this database instance. To enable automated backups, use "
            "ModifyDBInstance to set the backup retention period to a non-zero value.",
        )
    if source.manage_master_user_password:
        raise value(
            f"Creating read replicas for source instance with engine {source.engine} where ManageMasterUserPassword "
            "is enabled is not supported."
        )
    if len(source.replicas) >= MOST_REPLICAS:
        raise value(f"The maximum number of read replicas ({MOST_REPLICAS}) has been reached.")


@extension.refuses("CreateDBInstanceReadReplica")
def parameters_that_a_replica_does_not_take(call: Call) -> None:
    if call.params.get("DBParameterGroupName"):
        raise combination(
            "A parameter group can't be specified during Read Replica creation for the following DB engine: postgres"
        )
    if call.params.get("DatabaseInsightsMode"):
        raise combination("DatabaseInsightsMode is not supported when creating a read replica.")


@extension.refuses("CreateDBInstanceReadReplica")
def replica_of_another_region(call: Call) -> None:
    """RDS user guide, "Creating a read replica in a different AWS Region"."""
    source = _source(call)
    if source is None or not _crosses(call, source):
        return
    if source.storage_encrypted and not call.params.get("KmsKeyId"):
        raise combination("Cannot create a cross region unencrypted read replica from encrypted source.")
    if call.params.get("KmsKeyId") and not source.storage_encrypted:
        raise combination("You can't create an encrypted read replica from an unencrypted DB instance.")


@extension.refuses("CreateDBInstanceReadReplica")
def subnet_group_beside_a_source_of_the_region(call: Call) -> None:
    """API: DBSubnetGroupNotAllowedFault. Only a source given by its ARN leaves the choice in its own region.

    https://github.com/hashicorp/terraform-provider-aws/issues/528 and pull request 40426, which RDS has accepted.
    """
    source = _source(call)
    named = ":" not in (call.params.get("SourceDBInstanceIdentifier") or "")
    if source is not None and named and call.params.get("DBSubnetGroupName"):
        raise AwsError(
            "DBSubnetGroupNotAllowedFault",
            "DbSubnetGroupName should not be specified for read replicas that are created in the same region as the "
            "master",
        )


@extension.refuses("CreateDBInstanceReadReplica")
def network_of_a_replica_beside_its_source(call: Call) -> None:
    """Without a subnet group of its own it is in its source's, and so in that group's VPC."""
    source = _source(call)
    if source is None or _crosses(call, source) or call.params.get("DBSubnetGroupName"):
        return
    group = getattr(source, "db_subnet_group", None)
    if group is not None:
        security_groups_in(call, group.vpc_id)


@extension.patches(RDSBackend, "create_db_instance_read_replica")
def replica_as_an_instance_of_its_own(original: Callable[..., Any], self: Any, kwargs: Any) -> Any:
    """moto copies the source with all it has; a replica has its own backups (none), tags, groups and address."""
    asked = {key: held for key, held in kwargs.items() if held is not None}
    source = self.find_db_from_id(asked["source_db_instance_identifier"])
    crosses = source.region != self.region_name
    for key in ("kms_key_id", "performance_insights_kms_key_id"):
        if asked.get(key):
            asked[key] = self._validate_kms_key(asked[key])
    asked["source_db_instance_identifier"] = source.db_instance_arn if crosses else source.db_instance_identifier
    taken = {key: getattr(source, key) for key in INHERITED}
    taken |= {key: getattr(source, key) for key in DEFAULTED if key not in asked}
    if "kms_key_id" not in asked:
        taken["kms_key_id"] = source.kms_key_id
    taken |= {} if crosses else _of_the_region(source, asked)
    replica = DBInstance(self, **{**asked, **taken, "backup_retention_period": 0})
    complete(replica, asked)
    replica.engine_lifecycle_support = source.engine_lifecycle_support
    replica.set_as_replica()
    self.databases[replica.db_instance_identifier] = replica
    source.add_replica(replica)
    return replica


def _of_the_region(source: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """What a replica in its source's region has from it besides."""
    taken: dict[str, Any] = {"db_parameter_group_name": source.db_parameter_groups()[0].name}
    group = getattr(source, "db_subnet_group", None)
    if "db_subnet_group_name" not in asked and group is not None:
        taken["db_subnet_group_name"] = group.name
    if "vpc_security_group_ids" not in asked:
        taken["vpc_security_group_ids"] = list(source.vpc_security_group_ids)
    return taken


@extension.refuses("PromoteReadReplica")
def promotion_of_what_is_no_replica(call: Call) -> None:
    database = by_identifier(call, call.params.get("DBInstanceIdentifier") or "")
    if database is not None and not database.source_db_instance_identifier:
        raise AwsError("InvalidDBInstanceState", "DB Instance is not a read replica.")


@extension.patches(RDSBackend, "promote_read_replica")
def promotion(original: Callable[..., Any], self: Any, kwargs: Any) -> Any:
    """API PromoteReadReplica: a source of its own from then on, with a day of backups unless more are asked for."""
    identifier = kwargs["db_instance_identifier"]
    database = self.databases.get(identifier)
    if database is None:
        raise DBInstanceNotFoundError(identifier)
    self.find_db_from_id(database.source_db_instance_identifier).remove_replica(database)
    database.is_replica, database.source_db_instance_identifier = False, None
    database.backup_retention_period = kwargs.get("backup_retention_period") or 1
    if kwargs.get("preferred_backup_window"):
        database.preferred_backup_window = kwargs["preferred_backup_window"]
    return database
