"""Which versions of PostgreSQL RDS still makes, as data/support_calendar.csv has it."""

from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.responses import RDSResponse

from trading_platform import lifecycle
from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
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
    """The minors of PostgreSQL that instances can be made of."""
    if self.params.get("Engine") not in (None, "postgres"):
        return ActionResult({"DBEngineVersions": []})
    asked = self.params.get("EngineVersion")
    versions = [row.version for row in lifecycle.load_calendar() if row.service == lifecycle.POSTGRESQL]
    minors = [one for one in versions if "." in one and can_be_made(one) and asked in (None, one, major(one))]
    return ActionResult({"DBEngineVersions": [_described(one) for one in sorted(minors, key=minor)]})


def _described(version: str) -> dict[str, Any]:
    return {
        "Engine": "postgres",
        "EngineVersion": version,
        "DBParameterGroupFamily": f"postgres{major(version)}",
        "DBEngineDescription": "PostgreSQL",
        "DBEngineVersionDescription": f"PostgreSQL {version}-R1",
        "Status": "available",
    }
