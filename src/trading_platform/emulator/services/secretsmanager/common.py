"""What the Secrets Manager files share: the region's state, secrets and keys."""

from typing import Any

from moto.kms.models import kms_backends
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError

DEFAULT_KEY = "aws/secretsmanager"


def state(call: Call) -> Any:
    """moto's Secrets Manager backend of the call's account and region."""
    return secretsmanager_backends[call.account_id][call.region]


def secret(call: Call, key: str = "SecretId") -> Any | None:
    """The secret a call is about, by name or ARN; None leaves "not found" (and replicas) to moto."""
    identifier = call.params.get(key) or ""
    held = state(call).secrets
    found = held.get(identifier)
    return found if isinstance(found, FakeSecret) else None


def invalid_request(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)


def key_is_usable(account_id: str, region: str, key_id: str | None) -> bool:
    """Whether the key exists in the region and is enabled; the service's own key always is."""
    if not key_id or DEFAULT_KEY in key_id:
        return True
    if key_id.startswith("arn:") and key_id.split(":")[3] != region:
        return False
    backend = kms_backends[account_id][region]
    name = key_id.rpartition(":")[2] if key_id.startswith("arn:") else key_id
    if name.startswith("alias/"):
        found = backend.get_key_id_from_alias(name)
        return found is not None and backend.keys[found].enabled
    key = backend.keys.get(name.removeprefix("key/"))
    return key is not None and key.key_state == "Enabled"
