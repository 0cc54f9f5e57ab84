"""Which kinds of resources AWS Backup may back up in a region: what is not opted in is left out without a word.

The settings are the account's, so kinds that are not named are left as they are
(https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRegionSettings.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws.engine import BaseResource, State


class BackupRegionSettings(BaseResource):
    """The settings of the client's region.

    Args:
        backup: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "AWS Backup settings of"

    def __init__(self, backup: Any, params: dict[str, Any]) -> None:
        self.backup = backup
        self.opt_in: dict[str, bool] = {str(key): bool(value) for key, value in params["opt_in"].items()}
        self.name: str = backup.meta.region_name

    def find(self) -> State | None:
        """Read the settings of the kinds that are named; one that AWS does not tell is off."""
        found = self.backup.describe_region_settings(aws_retry=True).get("ResourceTypeOptInPreference") or {}
        return {"opt_in": {kind: found.get(kind, False) for kind in sorted(self.opt_in)}}

    def wanted(self, current: State | None) -> State:
        """Give the settings of the kinds that are named."""
        return {"opt_in": {kind: self.opt_in[kind] for kind in sorted(self.opt_in)}}

    def create(self, wanted: State) -> None:
        """Write the settings that are named; AWS keeps the others."""
        self.backup.update_region_settings(ResourceTypeOptInPreference=wanted["opt_in"], aws_retry=True)

    def update(self, current: State, changes: State) -> None:
        """Write the settings that are named."""
        self.create(changes)

    def delete(self, current: State) -> None:
        """Never called: settings cannot be removed."""
