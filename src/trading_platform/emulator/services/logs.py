"""CloudWatch Logs: keys of log groups, which CloudWatch Logs must be able to use, and the periods of retention."""

from collections.abc import Callable
from typing import Any

from moto.kms.models import kms_backends
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup, logs_backends
from moto.logs.responses import LogsResponse

from trading_platform.aws.log_group import RETENTION_DAYS
from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import principals, statements

extension = Extension("logs")
EXTENSIONS = (extension,)


def _group(response: Any) -> Any:
    name = response._get_param("logGroupName")
    group = response.logs_backend.groups.get(name)
    if group is None:
        raise ResourceNotFoundException()
    return group


@extension.patches(LogsResponse, "create_log_group")
def keep_the_class(original: Callable[..., Any], self: Any) -> Any:
    """API CreateLogGroup, logGroupClass: moto forgets it."""
    answer = original(self)
    _group(self).log_group_class = self._get_param("logGroupClass") or "STANDARD"
    return answer


@extension.patches(LogGroup, "to_describe_dict")
def describe_the_class(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    return {**original(self), "logGroupClass": getattr(self, "log_group_class", "STANDARD")}


@extension.adds(LogsResponse)
def associate_kms_key(self: Any) -> str:
    """API AssociateKmsKey; with a log group, not with query results."""
    _group(self).kms_key_id = self._get_param("kmsKeyId")
    return ""


@extension.adds(LogsResponse)
def disassociate_kms_key(self: Any) -> str:
    """API DisassociateKmsKey."""
    _group(self).kms_key_id = None
    return ""


@extension.refuses("CreateLogGroup", "AssociateKmsKey")
def key_that_cloudwatch_logs_cannot_use(call: Call) -> None:
    """User guide, "Encrypt log data using AWS KMS": the key exists here, and its policy names the region's service."""
    key_arn = call.params.get("kmsKeyId")
    if not key_arn:
        return
    key = kms_backends[call.account_id][call.region].keys.get(str(key_arn).rpartition("/")[2])
    service = f"logs.{call.region}.amazonaws.com"
    allowed = key is not None and any(
        statement.get("Effect") == "Allow" and value == service
        for statement in statements(key.policy)
        for kind, value in principals(statement)
        if kind == "Service"
    )
    if not allowed:
        arn = f"arn:aws:logs:{call.region}:{call.account_id}:log-group:{call.params.get('logGroupName')}"
        raise AwsError(
            "AccessDeniedException",
            f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'",
        )


@extension.refuses("PutRetentionPolicy")
def period_that_there_is_not(call: Call) -> None:
    if int(call.params["retentionInDays"]) not in RETENTION_DAYS:
        allowed = ", ".join(map(str, RETENTION_DAYS))
        raise AwsError(
            "InvalidParameterException",
            f"1 validation error detected: Value '{call.params['retentionInDays']}' at 'retentionInDays' failed to "
            f"satisfy constraint: Member must satisfy enum value set: [{allowed}]",
        )


def log_group_of(arn: str, account_id: str) -> Any | None:
    """The group that an ARN names, with or without the ``:*`` behind it; None where there is none."""
    parts = arn.removesuffix(":*").split(":")
    if len(parts) < 7 or parts[5] != "log-group":
        return None
    return logs_backends[account_id][parts[3]].groups.get(":".join(parts[6:]))
