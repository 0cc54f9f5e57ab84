"""Which versions of PostgreSQL RDS still makes, as data/support_calendar.csv has it."""

from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.responses import RDSResponse

from trading_platform import lifecycle
from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.quotas import DATABASES_PER_REGION, quota
from trading_platform.emulator.services.rds.common import combination, state

extension = Extension("rds")


def can_be_made(version: str) -> bool:
    """Whether RDS makes instances of this minor version today."""
    status = lifecycle.status(lifecycle.POSTGRESQL, version, datetime.now(UTC).date())
    return status.state not in (lifecycle.State.ENDED, lifecycle.State.UNKNOWN)


def major(version: str) -> str:
    return version.split(".")[0]


def minor(version: str) -> tuple[int, ...]:
    """A version to compare: (16, 14)."""
    return tuple(int(part) for part in version.split("."))


@extension.refuses("CreateDBInstance")
def version_that_rds_makes_no_more(call: Call) -> None:
    version = call.params.get("EngineVersion")
    if call.params.get("Engine") == "postgres" and version and not can_be_made(version):
        raise combination(f"Cannot find version {version} for postgres")


@extension.refuses("ModifyDBInstance")
def upgrade_that_rds_does_not_make(call: Call) -> None:
    """API ModifyDBInstance, EngineVersion and AllowMajorVersionUpgrade. There is no way back to an older version."""
    wanted = call.params.get("EngineVersion")
    database = state(call).databases.get(call.params.get("DBInstanceIdentifier") or "")
    if not wanted or database is None or wanted == database.engine_version:
        return
    if minor(wanted) < minor(database.engine_version) or not can_be_made(wanted):
        raise combination(f"Cannot upgrade postgres from {database.engine_version} to {wanted}")
    if major(wanted) != major(database.engine_version) and not call.params.get("AllowMajorVersionUpgrade"):
        raise combination("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")


@extension.adds(RDSResponse)
def describe_db_engine_versions(self: Any) -> ActionResult:
    """PostgreSQL's minor versions that the calendar has: those that can be made, with IncludeAll the others as well.

    They fit on the smallest page that the API has, 20 records.
    """
    asked = self.params
    versions = [row.version for row in lifecycle.load_calendar() if row.service == lifecycle.POSTGRESQL]
    minors = sorted((one for one in versions if "." in one), key=minor)
    found = [one for one in minors if (asked.get("IncludeAll") or can_be_made(one)) and _is_asked_for(one, asked)]
    return ActionResult({"DBEngineVersions": [_described(one, minors) for one in found]})


def _is_asked_for(version: str, asked: dict[str, Any]) -> bool:
    """API: engine, version (a major one stands for its minors) and family, given by themselves or as filters."""
    filters = {one["Name"]: one["Values"] for one in asked.get("Filters") or []}
    named = {
        "engine": ({"postgres"}, asked.get("Engine")),
        "engine-version": ({version, major(version)}, asked.get("EngineVersion")),
        "db-parameter-group-family": ({f"postgres{major(version)}"}, asked.get("DBParameterGroupFamily")),
    }
    return all(
        (wanted is None or wanted in has) and (name not in filters or has & set(filters[name]))
        for name, (has, wanted) in named.items()
    )


def _described(version: str, minors: list[str]) -> dict[str, Any]:
    """API DBEngineVersion. RDS upgrades by itself to one version only, the newest minor."""
    newer = [one for one in minors if minor(one) > minor(version) and major(one) == major(version) and can_be_made(one)]
    return {
        "Engine": "postgres",
        "MajorEngineVersion": major(version),
        "EngineVersion": version,
        "DBParameterGroupFamily": f"postgres{major(version)}",
        "DBEngineDescription": "PostgreSQL",
        "DBEngineVersionDescription": f"PostgreSQL {version}-R1",
        "ValidUpgradeTarget": [
            {
                "Engine": "postgres",
                "EngineVersion": one,
                "Description": f"PostgreSQL {one}-R1",
                "AutoUpgrade": one == newer[-1],
                "IsMajorVersionUpgrade": False,
            }
            for one in newer
        ],
        "ExportableLogTypes": ["postgresql", "upgrade"],
        "SupportsLogExportsToCloudwatchLogs": True,
        "SupportsReadReplica": True,
        "SupportedFeatureNames": ["s3Import", "s3Export", "Lambda"],
        "SupportsGlobalDatabases": False,
        "SupportsParallelQuery": False,
        "SupportsBabelfish": False,
        "Status": "available" if can_be_made(version) else "deprecated",
    }


@extension.refuses("CreateDBInstance", "CreateDBInstanceReadReplica")
def more_instances_than_the_quota(call: Call) -> None:
    """API CreateDBInstance, InstanceQuotaExceeded, with the text of its description."""
    if len(state(call).databases) >= quota(DATABASES_PER_REGION):
        message = "The request would result in the user exceeding the allowed number of DB instances."
        raise AwsError("InstanceQuotaExceeded", message)
