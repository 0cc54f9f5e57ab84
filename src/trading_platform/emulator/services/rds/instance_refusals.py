"""What CreateDBInstance, ModifyDBInstance and CreateDBInstanceReadReplica refuse of their parameters."""

import re
from typing import Any

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.rds.common import (
    by_identifier,
    combination,
    instance,
    refuse_unusable_monitoring_role,
    security_groups_in,
    state,
    value,
)

extension = Extension("rds")

MAKES = ("CreateDBInstance", "CreateDBInstanceReadReplica")
WRITES = (*MAKES, "ModifyDBInstance")

GP3_STRIPED_FROM = 400
SMALLEST, LARGEST = 20, 65536  # GiB of gp3; RDS user guide, "Amazon RDS DB instance storage"
LOG_TYPES = frozenset({"postgresql", "upgrade", "iam-db-auth-error"})
# API CreateDBInstance, PerformanceInsightsRetentionPeriod: 7, month * 31 for 1 to 23 months, 731.
INSIGHTS_DAYS = frozenset({7, 731, *(month * 31 for month in range(1, 24))})
SUPPORT = frozenset({"open-source-rds-extended-support", "open-source-rds-extended-support-disabled"})
RESERVED_USERS = frozenset({"admin", "administrator", "rdsadmin", "rdsrepladmin", "root"})
PASSWORD = re.compile(r"[\x21-\x7e]*")


def source(call: Call) -> Any | None:
    """The instance whose settings a parameter left out is taken from: the one modified, or a replica's source."""
    identifier = call.params.get("SourceDBInstanceIdentifier")
    return by_identifier(call, identifier) if identifier else instance(call)


def setting(call: Call, parameter: str, attribute: str) -> Any:
    """What an instance will have: as asked for, else as the instance or its source has it."""
    asked, held = call.params.get(parameter), source(call)
    return asked if asked is not None else getattr(held, attribute, None)


@extension.refuses(*WRITES)
def iops_of_small_gp3(call: Call) -> None:
    """RDS user guide, "gp3 storage": below 400 GiB IOPS and throughput cannot be given; from there from 12,000 on."""
    size = setting(call, "AllocatedStorage", "allocated_storage")
    iops, throughput = call.params.get("Iops"), call.params.get("StorageThroughput")
    if setting(call, "StorageType", "storage_type") != "gp3" or size is None or (iops is None and throughput is None):
        return
    if size < GP3_STRIPED_FROM:
        raise combination(
            "You can't specify IOPS or storage throughput for engine postgres and a storage size less than "
            f"{GP3_STRIPED_FROM}."
        )
    if iops is not None and iops < 12000:
        raise combination(f"Invalid iops value for engine name postgres and storage type gp3: {iops}")


@extension.refuses(*WRITES)
def growth_limit_below_110_percent(call: Call) -> None:
    """RDS user guide, storage autoscaling: the limit is at least 10 % above the storage."""
    size, limit = setting(call, "AllocatedStorage", "allocated_storage"), call.params.get("MaxAllocatedStorage")
    kind = setting(call, "StorageType", "storage_type") or "gp2"
    if size and limit and limit * 10 < size * 11:
        raise combination(f"Invalid max storage size for engine name postgres and storage type {kind}: {limit}")


@extension.refuses("CreateDBInstance")
def size_of_storage(call: Call) -> None:
    size = call.params.get("AllocatedStorage")
    if call.params.get("StorageType") == "gp3" and (size is None or not SMALLEST <= size <= LARGEST):
        raise value(f"Invalid storage size for engine name postgres and storage type gp3: {size}")


@extension.refuses("CreateDBInstance")
def name_of_the_master_user(call: Call) -> None:
    """API CreateDBInstance, MasterUsername: 1 to 63 letters or numbers, no reserved word of the engine."""
    if call.params.get("Engine") != "postgres" or call.params.get("DBClusterIdentifier"):
        return
    name = call.params.get("MasterUsername")
    if not name:
        raise value("The parameter MasterUsername must be provided and must not be blank.")
    if name.lower() in RESERVED_USERS or name.lower().startswith("pg_"):
        raise value(f"MasterUsername {name} cannot be used as it is a reserved word used by the engine")
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]{0,62}", name):
        raise value("The parameter MasterUsername is not a valid identifier. Identifiers must begin with a letter.")


@extension.refuses("CreateDBInstance", "ModifyDBInstance")
def password_that_is_none(call: Call) -> None:
    """API CreateDBInstance, MasterUserPassword: 8 to 128 printable characters except / " @ (and no space)."""
    password, managed = call.params.get("MasterUserPassword"), call.params.get("ManageMasterUserPassword")
    if managed and password:
        raise combination("You can't specify MasterUserPassword when ManageMasterUserPassword is turned on.")
    if password is None:
        if call.action == "CreateDBInstance" and not managed and not call.params.get("DBClusterIdentifier"):
            raise value("The parameter MasterUserPassword must be provided and must not be blank.")
        return
    if not PASSWORD.fullmatch(password) or set(password) & set('/"@'):
        raise value(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides "
            "'/', '@', '\"', ' ' may be used."
        )
    if not 8 <= len(password) <= 128:
        which = "shorter than 8" if len(password) < 8 else "longer than 128"
        raise value(f"The parameter MasterUserPassword is not a valid password because it is {which} characters.")


@extension.refuses("CreateDBInstance")
def name_of_the_database(call: Call) -> None:
    """API CreateDBInstance, DBName for PostgreSQL."""
    name = call.params.get("DBName")
    if call.params.get("Engine") == "postgres" and name and not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]{0,62}", name):
        raise value("DBName must begin with a letter and contain only alphanumeric characters.")


@extension.refuses(*WRITES)
def instance_class_that_is_none(call: Call) -> None:
    name = call.params.get("DBInstanceClass")
    if name and not re.fullmatch(r"db\.[a-z0-9]+(-[a-z0-9]+)?\.[a-z0-9.-]+", name):
        raise value(f"Invalid DB Instance class: {name}")


@extension.refuses("CreateDBInstance", "ModifyDBInstance", "PromoteReadReplica")
def days_of_backups(call: Call) -> None:
    days = call.params.get("BackupRetentionPeriod")
    if days is not None and not 0 <= days <= 35:
        raise value(f"Invalid backup retention period: {days}. Must be between 0 and 35.")


@extension.refuses(*WRITES)
def days_of_performance_insights(call: Call) -> None:
    days = call.params.get("PerformanceInsightsRetentionPeriod")
    if days is not None and days not in INSIGHTS_DAYS:
        raise value(f"Invalid Performance Insights retention period. Valid values are: {sorted(INSIGHTS_DAYS)}")


@extension.refuses(*WRITES)
def logs_that_postgresql_has_not(call: Call) -> None:
    change = call.params.get("CloudwatchLogsExportConfiguration") or {}
    asked = call.params.get("EnableCloudwatchLogsExports") or change.get("EnableLogTypes") or []
    unknown = sorted(set(asked) - LOG_TYPES)
    if unknown:
        raise combination(
            f"You cannot use the log types '{', '.join(unknown)}' with engine version postgres "
            f"{setting(call, 'EngineVersion', 'engine_version')}. For supported log types, see the documentation."
        )


@extension.refuses("CreateDBInstance", "ModifyDBInstance")
def lifecycle_support(call: Call) -> None:
    asked = call.params.get("EngineLifecycleSupport")
    if asked is not None and asked not in SUPPORT:
        raise value(f"Invalid value for EngineLifecycleSupport: {asked}")


@extension.refuses(*WRITES)
def monitoring_seconds_and_role(call: Call) -> None:
    seconds = call.params.get("MonitoringInterval")
    if seconds is not None and seconds not in (0, 1, 5, 10, 15, 30, 60):
        raise value("Monitoring interval must be 0, 1, 5, 10, 15, 30 or 60.")
    role = setting(call, "MonitoringRoleArn", "monitoring_role_arn") if call.action not in MAKES else None
    role = call.params.get("MonitoringRoleArn") or role
    if seconds and not role:
        raise combination(
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
        )
    refuse_unusable_monitoring_role(call)


@extension.refuses("CreateDBInstance")
def parameter_group_of_another_family(call: Call) -> None:
    group = state(call).db_parameter_groups.get(call.params.get("DBParameterGroupName") or "")
    version = (call.params.get("EngineVersion") or "").split(".")[0]
    family = f"{call.params.get('Engine')}{version}"
    if group is not None and version and group.family != family:
        raise combination(
            f"The parameter group {group.name} with DBParameterGroupFamily {group.family} can't be used for this "
            f"instance. Please use a parameter group with DBParameterGroupFamily {family}"
        )


@extension.refuses(*MAKES)
def network_of_the_instance(call: Call) -> None:
    group = state(call).subnet_groups.get(call.params.get("DBSubnetGroupName") or "")
    if group is not None:
        security_groups_in(call, group.vpc_id)


@extension.refuses("ModifyDBInstance")
def network_of_an_existing_instance(call: Call) -> None:
    database = instance(call)
    if database and getattr(database, "db_subnet_group", None):
        security_groups_in(call, database.db_subnet_group.vpc_id)


@extension.refuses(*MAKES)
def identifier_that_is_taken(call: Call) -> None:
    if instance(call) is not None:
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")


@extension.refuses("CreateDBInstance", "ModifyDBInstance")
def storage_that_is_not_encrypted(call: Call) -> None:
    """API CreateDBInstance, StorageEncrypted: a key is for encrypted storage only."""
    if call.params.get("KmsKeyId") and call.params.get("StorageEncrypted") is False:
        raise combination("KmsKeyId can only be specified when StorageEncrypted is true.")
