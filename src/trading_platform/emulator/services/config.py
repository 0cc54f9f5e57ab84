"""AWS Config: recorders with ARN, mode and tags, rules that keep theirs, and what Config needs of role and bucket."""

import re
import secrets
from collections.abc import Callable
from typing import Any

from moto.config.exceptions import NoSuchConfigRuleException
from moto.config.models import ConfigBackend, ConfigRecorder, ConfigRule, config_backends
from moto.config.responses import ConfigResponse
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, principals, statements

extension = Extension("config")
EXTENSIONS = (extension,)

SERVICE = "config.amazonaws.com"
SERVICE_ROLE = "/aws-service-role/config.amazonaws.com/"


@extension.patches(ConfigResponse, "put_configuration_recorder")
def recorder_with_mode_arn_and_tags(original: Callable[..., Any], self: Any) -> Any:
    """API ConfigurationRecorder: recordingMode and arn; PutConfigurationRecorder takes tags of a new one."""
    asked = self._get_param("ConfigurationRecorder")
    held = self.config_backend.recorders.get(asked["name"])
    answer = original(self)
    recorder = self.config_backend.recorders[asked["name"]]
    own = f"arn:aws:config:{self.region}:{self.current_account}:configuration-recorder/{asked['name']}/"
    recorder.arn = held.arn if held else own + secrets.token_hex(4)
    recorder.recording_mode = asked.get("recordingMode") or {"recordingFrequency": "CONTINUOUS"}
    given = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []}
    recorder.tags = held.tags if held else given
    return answer


@extension.patches(ConfigRecorder, "to_dict")
def recorder_whole(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    held = original(self)
    held.pop("tags", None)
    return {**held, "arn": self.arn, "recordingMode": self.recording_mode}


@extension.patches(ConfigBackend, "_match_arn")
def recorders_have_tags_too(original: Callable[..., Any], self: Any, resource_arn: str) -> Any:
    for recorder in self.recorders.values():
        if recorder.arn == resource_arn:
            return recorder
    return original(self, resource_arn)


@extension.patches(ConfigRule, "modify_fields")
def tags_that_stay(
    original: Callable[..., Any], self: Any, region: str, config_rule: dict[str, Any], tags: dict[str, str]
) -> None:
    """API PutConfigRule: tags are added to a new rule only; moto drops those of one that is written again."""
    held = getattr(self, "tags", None)
    original(self, region, config_rule, tags)
    self.tags = tags if held is None else held


@extension.patches(ConfigRule, "to_dict")
def rule_with_its_evaluation_mode(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    held = original(self)
    held.setdefault("EvaluationModes", [{"Mode": "DETECTIVE"}])
    return dict(held)


@extension.patches(ConfigBackend, "describe_config_rules")
def rules_that_are_not_there(
    original: Callable[..., Any], self: Any, config_rule_names: list[str] | None, next_token: str | None
) -> Any:
    """moto answers with nothing, not with an error, where there is no rule at all."""
    for name in config_rule_names or []:
        if name not in self.config_rules:
            raise NoSuchConfigRuleException(name)
    return original(self, config_rule_names, next_token)


def _backend(call: Call) -> Any:
    return config_backends[call.account_id][call.region]


def _role(arn: str, call: Call) -> Any | None:
    return next((one for one in iam_backends[call.account_id]["aws"].roles.values() if one.arn == arn), None)


@extension.refuses("PutConfigurationRecorder")
def role_that_config_cannot_take(call: Call) -> None:
    """API InvalidRoleException: the role does not exist or does not trust Config; AWS does not publish the text."""
    arn = str(call.params["ConfigurationRecorder"].get("roleARN") or "")
    held = _role(arn, call)
    if held is None or (SERVICE_ROLE not in arn and SERVICE not in str(held.assume_role_policy_document)):
        raise AwsError("InvalidRoleException", f"AWS Config cannot assume the role {arn or 'null'}.")


@extension.refuses("PutDeliveryChannel")
def bucket_that_config_cannot_write_to(call: Call) -> None:
    """Developer guide, "Permissions for the Amazon S3 Bucket": GetBucketAcl, and PutObject below AWSLogs."""
    channel = call.params["DeliveryChannel"]
    if not _backend(call).recorders or not channel.get("s3BucketName"):
        return  # moto says so
    name, prefix = channel["s3BucketName"], channel.get("s3KeyPrefix")
    bucket = s3_backends[call.account_id]["aws"].buckets.get(name)
    folder = f"{prefix}/" if prefix else ""
    arn = f"arn:aws:s3:::{name}"
    needs = {"s3:GetBucketAcl": arn, "s3:PutObject": f"{arn}/{folder}AWSLogs/{call.account_id}/Config/x"}
    held = statements(bucket.policy) if bucket else []
    if not all(any(_allows(one, action, resource, call) for one in held) for action, resource in needs.items()):
        message = (
            f"Insufficient delivery policy to s3 bucket: {name}, unable to write to bucket, provided s3 key prefix is "
            f"'{prefix or 'null'}'."
        )
        raise AwsError("InsufficientDeliveryPolicyException", message)


def _allows(statement: dict[str, Any], action: str, resource: str, call: Call) -> bool:
    if statement.get("Effect") != "Allow" or ("Service", SERVICE) not in principals(statement):
        return False
    for tests in (statement.get("Condition") or {}).values():
        for key, values in tests.items():
            given = {"aws:sourceaccount": call.account_id}.get(key.lower())
            if given and given not in as_list(values):
                return False
    return any(_matches(str(one), action) for one in as_list(statement.get("Action"))) and any(
        _matches(str(one), resource) for one in as_list(statement.get("Resource"))
    )


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None


@extension.refuses("PutConfigRule")
def rule_without_a_recorder(call: Call) -> None:
    """API PutConfigRule: NoAvailableConfigurationRecorderException."""
    if not _backend(call).recorders:
        message = "Configuration recorder is not available to put config rule."
        raise AwsError("NoAvailableConfigurationRecorderException", message)
