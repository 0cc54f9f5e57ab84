"""Plans and vaults: new versions of a plan, names that are free again, and vaults one may not know about."""

import json
from collections.abc import Callable
from typing import Any

from moto.backup.models import BackupBackend, Plan
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("backup")


@extension.patches(BackupBackend, "create_backup_plan")
def name_of_a_plan_that_is_gone(original: Callable[..., Any], self: Any, **kwargs: Any) -> Any:
    """moto keeps a deleted plan under its name, and so refuses another of that name."""
    gone = {key: plan for key, plan in self.plans.items() if plan.deletion_date is not None}
    for key in gone:
        del self.plans[key]
    try:
        return original(self, **kwargs)
    finally:
        self.plans.update(gone)


@extension.patches(BackupBackend, "list_backup_plans")
def plans_without_a_copy(_: Callable[..., Any], self: Any, include_deleted: Any) -> list[Any]:
    return [plan for plan in self.plans.values() if include_deleted or plan.deletion_date is None]


@extension.adds(BackupResponse)
def update_backup_plan(self: Any) -> str:
    """API UpdateBackupPlan: a new version under the same id."""
    plan = self.backup_backend.get_backup_plan(self.path.rstrip("/").rpartition("/")[2], None)
    fresh = Plan(json.loads(self.body)["BackupPlan"], plan.creator_request_id, self.backup_backend)
    plan.backup_plan, plan.version_id = fresh.backup_plan, mock_random.get_random_string(length=48)
    plan.advanced_backup_settings = fresh.advanced_backup_settings
    return json.dumps({**plan.to_dict(), "CreationDate": unix_time()})


@extension.patches(BackupBackend, "describe_backup_vault")
def vault_one_may_not_know_about(original: Callable[..., Any], self: Any, backup_vault_name: str) -> Any:
    """AWS answers to whoever asks for a vault that is not there that access is denied."""
    if backup_vault_name not in self.vaults:
        raise AwsError("AccessDeniedException", "Insufficient privileges to perform this action.", 403)
    return original(self, backup_vault_name)


@extension.patches(BackupBackend, "delete_backup_vault")
def forget_its_tags(original: Callable[..., Any], self: Any, backup_vault_name: str) -> None:
    vault = self.vaults.get(backup_vault_name)
    original(self, backup_vault_name)
    if vault is not None:
        self.tagger.delete_all_tags_for_resource(vault.backup_vault_arn)
