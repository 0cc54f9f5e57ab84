"""Kubernetes versions: those of the support calendar that still have support, standard or extended."""

from datetime import UTC, date, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.eks.responses import EKSResponse

from trading_platform import lifecycle
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.store import minor

extension = Extension("eks")

STATUS = {
    lifecycle.State.SUPPORTED: "STANDARD_SUPPORT",
    lifecycle.State.ENDS_WITHIN: "STANDARD_SUPPORT",
    lifecycle.State.EXTENDED: "EXTENDED_SUPPORT",
    lifecycle.State.ENDED: "UNSUPPORTED",
}


def today() -> date:
    """The day of the calendar."""
    return datetime.now(UTC).date()


def supported() -> list[str]:
    """Versions that a cluster can be created with, newest first."""
    states = {version: lifecycle.status(lifecycle.EKS, version, today()) for version in versions()}
    return [version for version, found in states.items() if STATUS[found.state] != "UNSUPPORTED"]


def versions() -> list[str]:
    """Every version of the calendar, newest first."""
    return sorted(lifecycle.known_versions(lifecycle.EKS), key=minor, reverse=True)


@extension.adds(EKSResponse)
def describe_cluster_versions(self: EKSResponse) -> ActionResult:
    """API DescribeClusterVersions. Without ``includeAll`` only versions with support."""
    asked = self.params.get("clusterVersions") or (versions() if self.params.get("includeAll") else supported())
    return ActionResult({"clusterVersions": [_described(version) for version in asked if version in versions()]})


def _described(version: str) -> dict[str, Any]:
    found = lifecycle.status(lifecycle.EKS, version, today())
    support = found.support
    return {
        "clusterVersion": version,
        "clusterType": "eks",
        "defaultVersion": version == supported()[0],
        "status": STATUS[found.state].lower().replace("_", "-"),
        "versionStatus": STATUS[found.state],
        "endOfStandardSupportDate": _moment(support.end_of_standard_support if support else None),
        "endOfExtendedSupportDate": _moment(support.end_of_extended_support if support else None),
    }


def _moment(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
