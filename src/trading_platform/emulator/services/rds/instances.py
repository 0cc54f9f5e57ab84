"""DB instances: what moto leaves out of them, and the time that they take to be made."""

from collections.abc import Callable
from typing import Any

from moto.moto_api._internal import mock_random
from moto.rds.models import DBInstance, RDSBackend

from trading_platform.emulator import delays
from trading_platform.emulator.extension import Extension

extension = Extension("rds")

GP3_SMALL = (3000, 125)
GP3_LARGE = (12000, 500)
GP3_STRIPED_FROM = 400  # GiB; RDS user guide, "gp3 storage": baseline IOPS and MiB/s for PostgreSQL
AUTHORITY = "rds-ca-rsa2048-g1"
EXTENDED_SUPPORT = "open-source-rds-extended-support"
PERFORMANCE_INSIGHTS_DAYS = 7


@extension.patches(RDSBackend, "create_db_instance")
def instance_with_all_that_rds_reports(original: Callable[..., Any], self: Any, kwargs: Any) -> Any:
    """API DBInstance: the fields that moto has no place for, with RDS's defaults."""
    asked = dict(kwargs.items())
    for key in ("kms_key_id", "performance_insights_kms_key_id"):
        if asked.get(key):
            asked[key] = self._validate_kms_key(asked[key])
    if asked.get("db_parameter_group_name", "").startswith("default."):
        del asked["db_parameter_group_name"]
    database = original(self, asked)
    complete(database, asked)
    return database


def complete(database: Any, asked: dict[str, Any]) -> None:
    """Give a new instance what moto's constructor does not."""
    database.created_clock = delays.now()
    database.dbi_resource_id = "db-" + mock_random.get_random_string(length=26, include_digits=True).upper()
    database.address_token = mock_random.get_random_string(length=12, lower_case=True, include_digits=True)
    database.engine_lifecycle_support = asked.get("engine_lifecycle_support") or EXTENDED_SUPPORT
    if database.ca_certificate_identifier == "rds-ca-default":
        database.ca_certificate_identifier = AUTHORITY
    database.parameter_apply_status = "in-sync"
    database.pending = {}
    database.performance_insights_enabled = False
    set_performance_insights(database, asked)
    set_gp3_performance(database)


def set_performance_insights(database: Any, asked: dict[str, Any]) -> None:
    """API CreateDBInstance, EnablePerformanceInsights: 7 days where no retention is asked for."""
    if asked.get("enable_performance_insights") is not None:
        database.performance_insights_enabled = bool(asked["enable_performance_insights"])
    if not database.performance_insights_enabled:
        database.performance_insights_retention_period = None
        database.performance_insights_kms_key_id = None
        return
    retention = asked.get("performance_insights_retention_period")
    held = getattr(database, "performance_insights_retention_period", None)
    database.performance_insights_retention_period = retention or held or PERFORMANCE_INSIGHTS_DAYS
    key = asked.get("performance_insights_kms_key_id")
    held_key = getattr(database, "performance_insights_kms_key_id", None)
    database.performance_insights_kms_key_id = key or held_key or "alias/aws/rds"


def set_gp3_performance(database: Any) -> None:
    """RDS reports the baseline that gp3 storage includes, as if it had been asked for."""
    if database.storage_type == "gp3":
        baseline = GP3_SMALL if database.allocated_storage < GP3_STRIPED_FROM else GP3_LARGE
        database.iops = max(int(database.iops or 0), baseline[0])
        database.storage_throughput = max(database.storage_throughput or 0, baseline[1])


def _status(self: Any) -> str:
    held: str = vars(self).get("_status", "available")
    clock = vars(self).get("created_clock")
    if held == "available" and clock is not None and not delays.ready(_kind(self), clock):
        return "creating"
    return held


def _set_status(self: Any, status: str) -> None:
    self._status = status


def _kind(database: Any) -> str:
    return "rds_replica" if database.source_db_instance_identifier else "rds"


# "creating" for as long as the emulator was told (delays.py).
extension.patches(DBInstance, "status")(property(_status, _set_status))  # type: ignore[type-var]


@extension.patches(DBInstance, "endpoint")
def endpoint_when_there_is_one(original: Callable[..., Any], self: Any) -> dict[str, Any] | None:
    """An instance that is being created has no endpoint yet."""
    if self.status == "creating":
        return None
    answer: dict[str, Any] = original(self)
    return answer


@extension.patches(DBInstance, "address")
def address_of_its_own(original: Callable[..., Any], self: Any) -> str:
    token = vars(self).get("address_token")
    return f"{self.db_instance_identifier}.{token}.{self.region}.rds.amazonaws.com" if token else str(original(self))


@extension.patches(DBInstance, "db_parameter_group_status_list")
def parameter_group_with_its_status(original: Callable[..., Any], self: Any) -> list[dict[str, Any]]:
    """The status belongs to the instance; moto keeps it with the group, which other instances share."""
    status = vars(self).get("parameter_apply_status", "in-sync")
    return [
        {"DBParameterGroupName": group.name, "ParameterApplyStatus": status} for group in self.db_parameter_groups()
    ]


@extension.patches(RDSBackend, "reboot_db_instance")
def reboot_that_applies_parameters(original: Callable[..., Any], self: Any, identifier: str) -> Any:
    database = original(self, identifier)
    database.parameter_apply_status = "in-sync"
    return database


def _certificate(self: Any) -> dict[str, Any]:
    return {"CAIdentifier": self.ca_certificate_identifier}


def _pending(self: Any) -> dict[str, Any]:
    return dict(vars(self).get("pending", {}))


def _replication_status(self: Any) -> list[dict[str, Any]]:
    if not self.source_db_instance_identifier:
        return []
    return [{"StatusType": "read replication", "Normal": True, "Status": "replicating"}]


extension.patches(DBInstance, "certificate_details")(property(_certificate))  # type: ignore[type-var]
extension.patches(DBInstance, "pending_modified_values")(property(_pending))  # type: ignore[type-var]
extension.patches(DBInstance, "status_infos")(property(_replication_status))  # type: ignore[type-var]
