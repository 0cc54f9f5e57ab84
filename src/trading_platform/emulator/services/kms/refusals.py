"""What KMS refuses."""

import json

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import (
    ROLE_OR_USER,
    grants_caller,
    invalid_principals,
    principal_exists,
    statements,
)
from trading_platform.emulator.services.kms.common import invalid_state, is_replica, key_of, unsupported
from trading_platform.emulator.services.kms.multi_region import members

extension = Extension("kms")

PUTS_POLICY = ("CreateKey", "PutKeyPolicy", "ReplicateKey")
ROTATION_DAYS = (90, 2560)
# KMS developer guide, "Key states of AWS KMS keys": operations that need a key that is not pending deletion.
NOT_PENDING_DELETION = (
    "CreateAlias",
    "CreateGrant",
    "Decrypt",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReplicateKey",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
    "UpdatePrimaryRegion",
)
NEEDS_ENABLED = (
    "CreateGrant",
    "EnableKeyRotation",
    "DisableKeyRotation",
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
)
NAMES_A_KEY = (*NOT_PENDING_DELETION, "CancelKeyDeletion", "DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus")


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", message)


@extension.refuses(*NAMES_A_KEY, "PutKeyPolicy", "ListResourceTags")
def key_of_another_region(call: Call) -> None:
    """An ARN carries its Region; only that Region's KMS knows it."""
    for parameter in ("KeyId", "TargetKeyId"):
        parts = str(call.params.get(parameter) or "").split(":")
        if len(parts) > 4 and parts[3] != call.region:
            raise AwsError("NotFoundException", f"Invalid arn {parts[3]}")


@extension.refuses(*PUTS_POLICY)
def policy_that_is_no_policy(call: Call) -> None:
    """AWS publishes the code; its text is about the first error it finds."""
    policy = call.params.get("Policy")
    if policy is None:
        return
    try:
        content = json.loads(policy)
    except ValueError:
        raise _malformed("The policy document is not valid JSON.") from None
    if not isinstance(content, dict) or not statements(content):
        raise _malformed("The policy document has no statement.")


@extension.refuses(*PUTS_POLICY)
def policy_with_principals_that_do_not_exist(call: Call) -> None:
    """API CreateKey: "principals in the key policy must exist and be visible to AWS KMS"."""
    if invalid_principals(call.params.get("Policy"), call.account_id):
        raise _malformed("Policy contains a statement with one or more invalid principals.")


@extension.refuses(*PUTS_POLICY)
def policy_that_locks_the_caller_out(call: Call) -> None:
    """API CreateKey: the policy "must allow the calling principal to make a subsequent PutKeyPolicy request"."""
    policy = call.params.get("Policy")
    bypassed = call.params.get("BypassPolicyLockoutSafetyCheck")
    if policy is None or bypassed:
        return
    if not any(grants_caller(statement, "kms:PutKeyPolicy", call) for statement in statements(policy)):
        raise _malformed("The new key policy will not allow you to update the key policy in the future.")


@extension.refuses(*NOT_PENDING_DELETION)
def key_that_is_pending_deletion(call: Call) -> None:
    key = key_of(call) or key_of(call, "TargetKeyId")
    if key and key.key_state in ("PendingDeletion", "PendingReplicaDeletion"):
        raise invalid_state(key, "is pending deletion")


@extension.refuses("CancelKeyDeletion")
def cancelling_what_is_not_pending(call: Call) -> None:
    key = key_of(call)
    if key and key.key_state not in ("PendingDeletion", "PendingReplicaDeletion"):
        raise invalid_state(key, "is not pending deletion")


@extension.refuses(*NEEDS_ENABLED)
def key_that_is_disabled(call: Call) -> None:
    key = key_of(call)
    if key and key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.")


@extension.refuses("ScheduleKeyDeletion")
def waiting_period_outside_7_to_30_days(call: Call) -> None:
    _refuse_outside(call, "PendingWindowInDays", (7, 30))


@extension.refuses("EnableKeyRotation")
def rotation_period_outside_90_to_2560_days(call: Call) -> None:
    _refuse_outside(call, "RotationPeriodInDays", ROTATION_DAYS)


def _refuse_outside(call: Call, parameter: str, allowed: tuple[int, int]) -> None:
    value = call.params.get(parameter)
    if value is None or allowed[0] <= int(value) <= allowed[1]:
        return
    bound = (
        f"greater than or equal to {allowed[0]}" if int(value) < allowed[0] else f"less than or equal to {allowed[1]}"
    )
    name = parameter[0].lower() + parameter[1:]
    raise AwsError(
        "ValidationException",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must have "
        f"value {bound}",
    )


@extension.refuses("EnableKeyRotation", "DisableKeyRotation")
def rotation_where_there_is_none(call: Call) -> None:
    """Only symmetric keys rotate, and a replica rotates with its primary. AWS does not publish the texts."""
    key = key_of(call)
    if key and key.key_spec != "SYMMETRIC_DEFAULT":
        raise unsupported(f"{key.arn} is not a symmetric encryption key.")
    if key and is_replica(key):
        raise unsupported(f"{key.arn} is a multi-Region replica key.")


@extension.refuses("ReplicateKey", "UpdatePrimaryRegion")
def replicating_what_is_no_primary(call: Call) -> None:
    key = key_of(call)
    if key and (not key.multi_region or is_replica(key)):
        raise unsupported(f"{key.arn} is not a multi-Region primary key.")


@extension.refuses("ReplicateKey")
def replicating_to_where_the_key_is(call: Call) -> None:
    """API ReplicateKey: AlreadyExistsException if "a related multi-Region key" is there; the text is not published."""
    key, region = key_of(call), call.params.get("ReplicaRegion")
    if key and any(one.region == region for one in members(key)):
        raise AwsError("AlreadyExistsException", f"A related multi-Region key already exists in {region}.")


@extension.refuses("UpdatePrimaryRegion")
def primary_where_there_is_no_replica(call: Call) -> None:
    key, region = key_of(call), call.params.get("PrimaryRegion")
    if key and not any(one.region == region for one in members(key)):
        raise AwsError("NotFoundException", f"Key '{key.arn.replace(key.region, str(region))}' does not exist")


@extension.refuses("CreateGrant")
def grant_to_a_principal_that_does_not_exist(call: Call) -> None:
    arn = str(call.params.get("GranteePrincipal") or "")
    if ROLE_OR_USER.fullmatch(arn) and not principal_exists("AWS", arn, call.account_id):
        raise AwsError("InvalidArnException", f"ARN does not refer to a valid principal: {arn}")
