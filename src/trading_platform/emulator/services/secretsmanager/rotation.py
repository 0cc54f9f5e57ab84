"""Rotation: what is recorded, and what a rotation that begins does to the versions. No function is run here."""

import time
from collections.abc import Callable
from typing import Any

from moto.awslambda.utils import get_backend
from moto.moto_api._internal import mock_random
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list
from trading_platform.emulator.services.secretsmanager.common import invalid_request, secret

extension = Extension("secretsmanager")

PRINCIPAL = "secretsmanager.amazonaws.com"
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
DAY = 86400


def _function(call: Call, arn: str) -> Any | None:
    functions = get_backend(call.account_id, call.region).list_functions()
    return next((one for one in functions if arn in (one.function_arn, one.function_name)), None)


@extension.refuses("RotateSecret")
def function_that_may_not_be_called(call: Call) -> None:
    """Secrets Manager user guide, "Permissions for rotation": the function's policy must let the service call it."""
    held = secret(call)
    if held is None:
        return
    arn = call.params.get("RotationLambdaARN") or held.rotation_lambda_arn
    if not arn:
        raise invalid_request("No Lambda rotation function ARN is associated with this secret.")
    function = _function(call, arn)
    if function is None or not _may_be_called(function, call.account_id):
        raise AwsError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
            f"access to the principal {PRINCIPAL}",
        )


def _may_be_called(function: Any, account_id: str) -> bool:
    return any(_allows(one, account_id) for one in function.policy.statements)


def _allows(statement: dict[str, Any], account_id: str) -> bool:
    principal = statement.get("Principal")
    services = as_list(principal.get("Service")) if isinstance(principal, dict) else []
    actions = as_list(statement.get("Action"))
    accounts = (statement.get("Condition") or {}).get("StringEquals", {}).get("AWS:SourceAccount")
    return PRINCIPAL in services and "lambda:InvokeFunction" in actions and accounts in (None, account_id)


@extension.refuses("RotateSecret")
def rotation_before_the_last_is_done(call: Call) -> None:
    """API RotateSecret: AWSPENDING on another version than AWSCURRENT is a rotation that is not complete."""
    held = secret(call)
    if held is None or call.params.get("RotateImmediately") is False:
        return
    for version in held.versions.values():
        if PENDING in version["version_stages"] and CURRENT not in version["version_stages"]:
            raise invalid_request("A previous rotation isn't complete. That rotation will be reattempted.")


@extension.patches(SecretsManagerBackend, "rotate_secret")
def rotation_that_keeps_the_current_value(
    original: Callable[..., Any],
    self: Any,
    secret_id: str,
    client_request_token: str | None = None,
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, Any] | None = None,
    rotate_immediately: bool = True,
) -> Any:
    """moto calls its function, which does nothing, and makes a version without a value the current one."""
    held = self.secrets.get(secret_id)
    days = (rotation_rules or {}).get("AutomaticallyAfterDays")
    if not isinstance(held, FakeSecret) or (days is not None and not 1 <= days <= 1000):
        return original(self, secret_id, client_request_token, rotation_lambda_arn, rotation_rules, rotate_immediately)
    held.rotation_requested = held.rotation_enabled = True
    held.rotation_lambda_arn = rotation_lambda_arn or held.rotation_lambda_arn
    if days:
        held.auto_rotate_after_days = days
        held.next_rotation_date = int(time.time()) + days * DAY
    if rotation_rules:
        vars(held)["rotation_rules"] = dict(rotation_rules)
    version_id = client_request_token or str(mock_random.uuid4())
    if rotate_immediately and version_id not in held.versions:
        held.versions[version_id] = {
            "createdate": int(time.time()),
            "version_id": version_id,
            "version_stages": [PENDING],
        }
        return held.to_short_dict(version_id=version_id)
    return held.to_short_dict()


@extension.patches(FakeSecret, "to_dict")
def rules_as_they_were_given(original: Callable[..., Any], self: Any) -> Any:
    """API RotationRulesType: Duration and ScheduleExpression as well."""
    described = original(self)
    if "RotationRules" in described:
        described["RotationRules"] = vars(self).get("rotation_rules", described["RotationRules"])
    return described


@extension.patches(SecretsManagerBackend, "cancel_rotate_secret")
def cancelling_that_keeps_the_versions(original: Callable[..., Any], self: Any, secret_id: str) -> Any:
    """API CancelRotateSecret: turns rotation off; a version in AWSPENDING stays for the user to remove."""
    answer = original(self, secret_id)
    self.secrets[secret_id].next_rotation_date = None
    return answer
