"""ModifyDBInstance: what is changed at once, and what waits for the maintenance window."""

from collections.abc import Callable
from typing import Any

from moto.rds.exceptions import DBParameterGroupNotFoundError
from moto.rds.models import RDSBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.rds.common import combination, instance, refuse_unless_available, value
from trading_platform.emulator.services.rds.instances import set_gp3_performance, set_performance_insights

extension = Extension("rds")

# Parameter to the field of PendingModifiedValues in which it waits, unless ApplyImmediately is given. RDS user guide,
# "Settings for DB instances".
DEFERRED = {
    "allocated_storage": "AllocatedStorage",
    "db_instance_class": "DBInstanceClass",
    "enable_iam_database_authentication": "IAMDatabaseAuthenticationEnabled",
    "engine_version": "EngineVersion",
    "iops": "Iops",
    "multi_az": "MultiAZ",
    "storage_throughput": "StorageThroughput",
    "storage_type": "StorageType",
}
ATTRIBUTES = {field: attribute for attribute, field in DEFERRED.items()}


@extension.refuses("ModifyDBInstance", "RebootDBInstance", "PromoteReadReplica", "CreateDBSnapshot")
def instance_that_is_being_made(call: Call) -> None:
    refuse_unless_available(instance(call))


@extension.patches(RDSBackend, "modify_db_instance")
def modification_in_its_time(original: Callable[..., Any], self: Any, identifier: str, kwargs: Any) -> Any:
    """moto applies everything at once, keeps no Performance Insights, and adds log exports twice."""
    database = self.describe_db_instances(identifier)[0]
    asked = {key: held for key, held in kwargs.items() if held is not None}
    at_once = asked.pop("apply_immediately", False)
    _take_log_exports(database, asked)
    _take_parameter_group(self, database, asked)
    if asked.get("performance_insights_kms_key_id"):
        asked["performance_insights_kms_key_id"] = self._validate_kms_key(asked["performance_insights_kms_key_id"])
    set_performance_insights(database, asked)
    for key in [one for one in asked if one.startswith(("performance_insights_", "enable_performance_insights"))]:
        del asked[key]
    if "db_port_number" in asked:
        asked["port"] = asked.pop("db_port_number")
    if at_once:
        asked = {**{ATTRIBUTES[field]: held for field, held in database.pending.items()}, **asked}
        database.pending = {}
    else:
        _defer(database, asked)
    original(self, identifier, asked)
    set_gp3_performance(database)
    return database


def _defer(database: Any, asked: dict[str, Any]) -> None:
    for attribute, field in DEFERRED.items():
        if attribute in asked:
            held = asked.pop(attribute)
            if held != getattr(database, attribute):
                database.pending[field] = held
            else:
                database.pending.pop(field, None)


def _take_log_exports(database: Any, asked: dict[str, Any]) -> None:
    change = asked.pop("cloudwatch_logs_export_configuration", None)
    if change is None:
        return
    enabled, disabled = change.get("EnableLogTypes") or [], change.get("DisableLogTypes") or []
    held = [one for one in database.enabled_cloudwatch_logs_exports if one not in disabled]
    database.enabled_cloudwatch_logs_exports = held + [one for one in enabled if one not in held]


def _take_parameter_group(backend: Any, database: Any, asked: dict[str, Any]) -> None:
    """API ModifyDBInstance, DBParameterGroupName: attached at once, in force after a reboot."""
    name = asked.pop("db_parameter_group_name", None)
    if name is None or name == database.db_parameter_groups()[0].name:
        return
    if not name.startswith("default.") and name not in backend.db_parameter_groups:
        raise DBParameterGroupNotFoundError(name)
    database.db_parameter_group_name = name
    database.parameter_apply_status = "pending-reboot"


@extension.refuses("ModifyDBInstance")
def less_storage(call: Call) -> None:
    """RDS user guide: storage is never made smaller."""
    database, wanted = instance(call), call.params.get("AllocatedStorage")
    if database and wanted and wanted < database.allocated_storage:
        raise combination(
            f"Requested storage size ({wanted}) cannot be less than the current storage size "
            f"({database.allocated_storage})"
        )


@extension.refuses("ModifyDBInstance")
def no_backups_for_a_source(call: Call) -> None:
    """API ModifyDBInstance, BackupRetentionPeriod: "Can't be set to 0 if the DB instance is a source to replicas"."""
    database = instance(call)
    if database and database.replicas and call.params.get("BackupRetentionPeriod") == 0:
        raise combination(
            "Cannot set backup retention period to 0 because the DB instance is a source to read replicas."
        )


@extension.refuses("ModifyDBInstance")
def password_of_a_replica(call: Call) -> None:
    database = instance(call)
    if database and database.source_db_instance_identifier and call.params.get("MasterUserPassword"):
        raise combination(
            "Cannot change master user password on an RDS postgres Read Replica because it uses physical replication "
            "and therefore cannot differ from its master."
        )


@extension.refuses("ModifyDBInstance")
def managed_password_of_a_source(call: Call) -> None:
    database = instance(call)
    if database and database.replicas and call.params.get("ManageMasterUserPassword"):
        raise value(
            f"ManageMasterUserPassword is not supported for source instance with engine {database.engine} that has "
            "read replicas."
        )


@extension.refuses("ModifyDBInstance")
def another_key_for_performance_insights(call: Call) -> None:
    database, key = instance(call), call.params.get("PerformanceInsightsKMSKeyId")
    if database and key and database.performance_insights_enabled and key != database.performance_insights_kms_key_id:
        raise combination("You cannot change your Performance Insights KMS key.")


@extension.refuses("ModifyDBInstance")
def name_that_is_taken(call: Call) -> None:
    database, name = instance(call), call.params.get("NewDBInstanceIdentifier")
    if database and name and name in database.backend.databases:
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")
