"""Automatic rotation: its period, and one setting for all members of a multi-Region key."""

import json
from collections.abc import Callable
from typing import Any

from moto.core.utils import unix_time
from moto.kms.models import Key
from moto.kms.responses import KmsResponse

from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.kms.common import primary_of

extension = Extension("kms")

DEFAULT_DAYS = 365
DAY = 86_400  # seconds


@extension.patches(Key, "__init__")
def key_with_a_rotation_period(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.rotation_period_in_days = DEFAULT_DAYS
    self.rotation_enabled_at = self.creation_date


def _key(self: Any) -> Any:
    key_id = self._get_param("KeyId")
    self._validate_cmk_id(key_id)
    return primary_of(self.kms_backend.keys[self.kms_backend.get_key_id(key_id)])


@extension.patches(KmsResponse, "enable_key_rotation")
def enable_with_a_period(original: Callable[..., Any], self: Any) -> Any:
    """API EnableKeyRotation, RotationPeriodInDays: moto ignores it."""
    result = original(self)
    key = _key(self)
    key.rotation_period_in_days = self._get_param("RotationPeriodInDays") or DEFAULT_DAYS
    key.rotation_enabled_at = unix_time()
    return result


@extension.patches(KmsResponse, "get_key_rotation_status")
def status_with_period_and_next_date(_: Callable[..., Any], self: Any) -> str:
    """API GetKeyRotationStatus: KeyId, RotationPeriodInDays and NextRotationDate; replicas answer for the primary."""
    key = _key(self)
    status: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": key.key_rotation_status}
    if key.key_rotation_status:
        status["RotationPeriodInDays"] = key.rotation_period_in_days
        status["NextRotationDate"] = key.rotation_enabled_at + key.rotation_period_in_days * DAY
    return json.dumps(status)
