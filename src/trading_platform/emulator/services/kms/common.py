"""What the KMS files share."""

from typing import Any

from moto.kms.models import kms_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError


def key_of(call: Call, parameter: str = "KeyId") -> Any | None:
    """The key a parameter names, by id, ARN or alias; None if it is not found."""
    backend = kms_backends[call.account_id][call.region]
    name = str(call.params.get(parameter) or "")
    if name.startswith("alias/") or ":alias/" in name:
        alias = backend.get_alias_name(name)
        return next((key for key in backend.keys.values() if alias in key.aliases), None)
    return backend.keys.get(backend.get_key_id(name))


def primary_of(key: Any) -> Any:
    """The primary of a multi-Region key; any other key itself."""
    if not key.multi_region:
        return key
    region = key.multi_region_configuration["PrimaryKey"]["Region"]
    return kms_backends[key.account_id][region].keys.get(key.id, key)


def is_replica(key: Any) -> bool:
    return bool(key.multi_region) and primary_of(key) is not key


def invalid_state(key: Any, what: str) -> AwsError:
    return AwsError("KMSInvalidStateException", f"{key.arn} {what}.")


def unsupported(message: str) -> AwsError:
    return AwsError("UnsupportedOperationException", message)
