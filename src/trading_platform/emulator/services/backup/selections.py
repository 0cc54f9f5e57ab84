"""Selections of a plan, which moto does not have."""

import json
import uuid
from typing import Any

from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time

from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension, state_of

extension = Extension("backup")

type Selections = dict[str, dict[str, Any]]


def selections_of(backend: Any, plan_id: str) -> Selections:
    """Selections of a plan by id: ``{"selection", "created"}``."""
    plans: dict[Any, Any] = state_of(backend, "selections")
    held: Selections = plans.setdefault(plan_id, {})
    return held


def _of_path(response: Any) -> tuple[Selections, str, str]:
    parts = response.path.strip("/").split("/")
    plan_id, selection_id = parts[2], parts[4] if len(parts) > 4 else ""
    response.backup_backend.get_backup_plan(plan_id, None)
    return selections_of(response.backup_backend, plan_id), plan_id, selection_id


def _one(response: Any) -> dict[str, Any]:
    held, _, selection_id = _of_path(response)
    if selection_id not in held:
        message = "Cannot find Backup plan selection with the given plan and selection id."
        raise AwsError("ResourceNotFoundException", message, 400)
    return held[selection_id]


@extension.adds(BackupResponse)
def create_backup_selection(self: Any) -> str:
    held, plan_id, _ = _of_path(self)
    selection_id, now = str(uuid.uuid4()), unix_time()
    held[selection_id] = {"selection": json.loads(self.body)["BackupSelection"], "created": now}
    return json.dumps({"SelectionId": selection_id, "BackupPlanId": plan_id, "CreationDate": now})


@extension.adds(BackupResponse)
def get_backup_selection(self: Any) -> str:
    one = _one(self)
    _, plan_id, selection_id = _of_path(self)
    own = {"SelectionId": selection_id, "BackupPlanId": plan_id, "CreationDate": one["created"]}
    return json.dumps({**own, "BackupSelection": one["selection"]})


@extension.adds(BackupResponse)
def list_backup_selections(self: Any) -> str:
    held, plan_id, _ = _of_path(self)
    members = [
        {
            "SelectionId": selection_id,
            "SelectionName": one["selection"]["SelectionName"],
            "BackupPlanId": plan_id,
            "CreationDate": one["created"],
            "IamRoleArn": one["selection"]["IamRoleArn"],
        }
        for selection_id, one in held.items()
    ]
    return json.dumps({"BackupSelectionsList": members})


@extension.adds(BackupResponse)
def delete_backup_selection(self: Any) -> str:
    _one(self)
    held, _, selection_id = _of_path(self)
    del held[selection_id]
    return "{}"
