"""Settings of a region, which moto does not have: kinds of resources that may be backed up."""

import json
from typing import Any

from moto.backup.responses import BackupResponse

from trading_platform.emulator.extension import Extension, state_of

extension = Extension("backup")

# Developer guide, "Service opt-in": kinds; in a new account only some are on.
KINDS = {
    "Aurora": True,
    "CloudFormation": True,
    "DocumentDB": False,
    "DynamoDB": True,
    "EBS": True,
    "EC2": True,
    "EFS": False,
    "EKS": False,
    "FSx": False,
    "Neptune": False,
    "RDS": True,
    "Redshift": False,
    "S3": False,
    "SAP HANA on Amazon EC2": False,
    "Storage Gateway": True,
    "Timestream": False,
    "VirtualMachine": True,
}


def _settings(response: Any) -> dict[str, bool]:
    held = state_of(response.backup_backend, "region-settings")
    if not held:
        held.update(KINDS)
    return held


@extension.adds(BackupResponse)
def describe_region_settings(self: Any) -> str:
    return json.dumps({"ResourceTypeOptInPreference": _settings(self), "ResourceTypeManagementPreference": {}})


@extension.adds(BackupResponse)
def update_region_settings(self: Any) -> str:
    _settings(self).update(json.loads(self.body).get("ResourceTypeOptInPreference") or {})
    return "{}"
