"""Secrets: deletion that can be called back, policies that are not public, and where AWSCURRENT is."""

import json
import re
from collections.abc import Callable
from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import principals, statements
from trading_platform.emulator.services.secretsmanager.common import invalid_request, key_is_usable, secret, state

extension = Extension("secretsmanager")

CURRENT = "AWSCURRENT"
# API CreateSecret, Name. AWS_ conditions that keep a policy with the principal * from being public.
NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
NARROWING = frozenset({"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:sourceaccount"})


@extension.refuses("CreateSecret")
def name_that_waits_for_deletion(call: Call) -> None:
    held = secret(call, "Name")
    if held is not None and held.is_deleted():
        raise invalid_request(
            "You can't create this secret because a secret with this name is already scheduled for deletion."
        )


@extension.refuses("CreateSecret")
def name_of_a_secret(call: Call) -> None:
    if not NAME.fullmatch(call.params.get("Name") or ""):
        raise AwsError(
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
        )


@extension.refuses("CreateSecret", "UpdateSecret")
def key_that_cannot_encrypt(call: Call) -> None:
    """API: EncryptionFailure."""
    if not key_is_usable(call.account_id, call.region, call.params.get("KmsKeyId")):
        raise AwsError(
            "EncryptionFailure",
            "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS "
            "key is available, enabled, and not in an invalid state.",
        )


@extension.refuses(
    "PutSecretValue",
    "UpdateSecret",
    "TagResource",
    "UntagResource",
    "PutResourcePolicy",
    "ReplicateSecretToRegions",
    "RotateSecret",
)
def change_of_a_secret_that_waits_for_deletion(call: Call) -> None:
    held = secret(call)
    if held is not None and held.is_deleted():
        raise invalid_request("You can't perform this operation on the secret because it was marked for deletion.")


@extension.refuses("PutResourcePolicy")
def policy_that_is_public(call: Call) -> None:
    """API PutResourcePolicy, BlockPublicPolicy and PublicPolicyException."""
    try:
        document = json.loads(call.params.get("ResourcePolicy") or "")
    except ValueError:
        raise AwsError("MalformedPolicyDocumentException", "This resource policy contains invalid Json") from None
    if call.params.get("BlockPublicPolicy") and any(_is_public(one) for one in statements(document)):
        raise AwsError(
            "PublicPolicyException",
            "You can't use a policy that grants broad access to the secret when BlockPublicPolicy is on.",
        )


def _is_public(statement: dict[str, Any]) -> bool:
    if statement.get("Effect") != "Allow" or not any(one == "*" for _, one in principals(statement)):
        return False
    keys = {key.lower() for condition in (statement.get("Condition") or {}).values() for key in condition}
    return not keys & NARROWING


@extension.patches(SecretsManagerBackend, "update_secret_version_stage")
def current_where_its_label_is(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """moto goes on answering with the version that was current when the secret was last written."""
    answer = original(self, *args, **kwargs)
    held = self.secrets[kwargs.get("secret_id") or args[0]]
    for version_id, version in held.versions.items():
        if CURRENT in version["version_stages"]:
            held.set_default_version_id(version_id)
    return answer


@extension.refuses("GetSecretValue")
def value_that_is_not_there(call: Call) -> None:
    """A version that a rotation has announced has no value until the function puts one."""
    held = secret(call)
    if held is None or held.is_deleted():
        return
    stage, version_id = call.params.get("VersionStage"), call.params.get("VersionId")
    labels = [one for one in held.versions.values() if (stage or CURRENT) in one["version_stages"]]
    version = held.versions.get(version_id) if version_id else next(iter(labels), None)
    if version is None or not {"secret_string", "secret_binary"} & version.keys():
        which = f"VersionId: {version_id}" if version_id else f"staging label: {stage or CURRENT}"
        raise AwsError(
            "ResourceNotFoundException", f"Secrets Manager can't find the specified secret value for {which}"
        )


@extension.refuses("UpdateSecretVersionStage")
def label_of_a_version_that_does_not_exist(call: Call) -> None:
    held, moved_to = secret(call), call.params.get("MoveToVersionId")
    if held is not None and moved_to and moved_to not in state(call).secrets[call.params["SecretId"]].versions:
        raise AwsError("ResourceNotFoundException", f"Secrets Manager can't find the specified version: {moved_to}")
