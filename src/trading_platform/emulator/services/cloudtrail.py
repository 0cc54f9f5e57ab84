"""CloudTrail: selectors that replace each other, and what a trail needs of bucket, key, log group and role."""

import re
from collections.abc import Callable
from typing import Any

from moto.cloudtrail.models import CloudTrailBackend, Trail, cloudtrail_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, principals, statements
from trading_platform.emulator.services.logs import log_group_of

extension = Extension("cloudtrail")
EXTENSIONS = (extension,)

SERVICE = "cloudtrail.amazonaws.com"
WRITES = ("CreateTrail", "UpdateTrail")
NEEDS_HOME = ("UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "PutEventSelectors", "PutInsightSelectors")
MOST_TRAILS = 5  # a Region
BASIC = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


@extension.patches(Trail, "__init__")
def trail_with_the_selector_of_a_new_one(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """API GetEventSelectors: a new trail has a basic selector for all management events."""
    original(self, *args, **kwargs)
    self.event_selectors = [dict(BASIC)]


@extension.patches(Trail, "put_event_selectors")
def one_kind_of_selectors(
    _: Callable[..., Any], self: Any, basic: list[dict[str, Any]] | None, advanced: list[dict[str, Any]] | None
) -> None:
    """API PutEventSelectors: either kind "overwrites" the other; moto keeps both."""
    self.event_selectors, self.advanced_event_selectors = basic or [], [] if basic else advanced or []


@extension.patches(Trail, "put_insight_selectors")
def insights_that_replace(_: Callable[..., Any], self: Any, insight_selectors: list[dict[str, str]]) -> None:
    self.insight_selectors = list(insight_selectors)


@extension.patches(Trail, "description")
def description_without_what_is_not_set(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    held = original(self, *args, **kwargs)
    held["HomeRegion"] = self.region_name
    held["HasCustomEventSelectors"] = self.event_selectors != [BASIC]
    held["HasInsightSelectors"] = bool(self.insight_selectors)
    return {key: value for key, value in held.items() if value not in (None, "")}


@extension.patches(CloudTrailBackend, "delete_trail")
def delete_by_arn_too(original: Callable[..., Any], self: Any, name: str) -> None:
    trail = self.get_trail(name)
    self.tagging_service.delete_all_tags_for_resource(trail.arn)
    original(self, trail.trail_name)


def _trail(call: Call) -> Any | None:
    name = str(call.params.get("Name") or call.params.get("TrailName") or "")
    backend = cloudtrail_backends[call.account_id][call.region]
    return next((one for one in backend.trails.values() if name in (one.trail_name, one.arn)), None)


def _shadow(call: Call) -> Any | None:
    name = str(call.params.get("Name") or call.params.get("TrailName") or "")
    for backend in cloudtrail_backends[call.account_id].values():
        for one in backend.trails.values():
            if name in (one.trail_name, one.arn) and one.region_name != call.region:
                return one
    return None


@extension.refuses(*NEEDS_HOME)
def change_outside_the_home_region(call: Call) -> None:
    """API InvalidHomeRegionException: "when an operation is called on a trail from a Region other than" its own."""
    shadow = _shadow(call)
    if _trail(call) is None and shadow is not None:
        message = f"The specified trail is not in this Region. Its home Region is {shadow.region_name}."
        raise AwsError("InvalidHomeRegionException", message)


@extension.refuses("CreateTrail")
def name_that_is_taken(call: Call) -> None:
    name = call.params["Name"]
    held = cloudtrail_backends[call.account_id][call.region].trails
    if name in held:
        raise AwsError("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {call.account_id}")
    if len(held) >= MOST_TRAILS:
        message = f"User: {call.account_id} already has {MOST_TRAILS} trails in {call.region}."
        raise AwsError("MaximumNumberOfTrailsExceededException", message)


def _after(call: Call, parameter: str, attribute: str) -> Any:
    """A setting as the call leaves it: from the call, else from the trail that it changes."""
    if parameter in call.params:
        return call.params[parameter]
    return getattr(_trail(call), attribute, None)


def _arn(call: Call) -> str:
    name = str(call.params["Name"]).rpartition("/")[2]
    return f"arn:aws:cloudtrail:{call.region}:{call.account_id}:trail/{name}"


@extension.refuses(*WRITES)
def bucket_that_cloudtrail_cannot_write_to(call: Call) -> None:
    """User guide, "Amazon S3 bucket policy for CloudTrail": GetBucketAcl, and PutObject below the prefix."""
    name, prefix = _after(call, "S3BucketName", "bucket_name"), _after(call, "S3KeyPrefix", "s3_key_prefix")
    bucket = s3_backends[call.account_id]["aws"].buckets.get(name)
    if bucket is None:
        return  # moto says so
    folder = f"{prefix}/" if prefix else ""
    arn = f"arn:aws:s3:::{name}"
    needs = {"s3:GetBucketAcl": arn, "s3:PutObject": f"{arn}/{folder}AWSLogs/{call.account_id}/CloudTrail/x"}
    held = statements(bucket.policy)
    if not all(any(_allows(one, action, resource, call) for one in held) for action, resource in needs.items()):
        message = f"Incorrect S3 bucket policy is detected for bucket: {name}"
        raise AwsError("InsufficientS3BucketPolicyException", message)


def _allows(statement: dict[str, Any], action: str, resource: str, call: Call) -> bool:
    if statement.get("Effect") != "Allow" or ("Service", SERVICE) not in principals(statement):
        return False
    for operator, tests in (statement.get("Condition") or {}).items():
        for key, values in tests.items():
            given = {"aws:sourcearn": _arn(call), "aws:sourceaccount": call.account_id}.get(key.lower())
            if given and not any(_matches(str(value), given) for value in as_list(values)):
                return False
            if given is None and operator == "StringNotEquals":
                return False
    return any(_matches(str(one), action) for one in as_list(statement.get("Action"))) and any(
        _matches(str(one), resource) for one in as_list(statement.get("Resource"))
    )


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None


@extension.refuses(*WRITES)
def key_that_cloudtrail_cannot_use(call: Call) -> None:
    """User guide, "Configure AWS KMS key policies for CloudTrail": GenerateDataKey* for the service, same Region."""
    key_arn = call.params.get("KmsKeyId")
    if not key_arn:
        return
    bucket = _after(call, "S3BucketName", "bucket_name")
    key = kms_backends[call.account_id][call.region].keys.get(str(key_arn).rpartition("/")[2])
    allowed = key is not None and any(
        one.get("Effect") == "Allow"
        and ("Service", SERVICE) in principals(one)
        and any(_matches(str(action), "kms:GenerateDataKey") for action in as_list(one.get("Action")))
        for one in statements(key.policy)
    )
    if not allowed:
        message = f"Insufficient permissions to access S3 bucket {bucket} or KMS key {key_arn}."
        raise AwsError("InsufficientEncryptionPolicyException", message)


@extension.refuses(*WRITES)
def log_group_that_cannot_be_written_to(call: Call) -> None:
    """API CreateTrail: the ARN of a log group of the account, with ":*", together with a role."""
    group, role = call.params.get("CloudWatchLogsLogGroupArn"), call.params.get("CloudWatchLogsRoleArn")
    if not group and not role:
        return
    after = _after(call, "CloudWatchLogsLogGroupArn", "cw_log_group_arn")
    if not after:
        message = "You must specify a log group as well as a role ARN."
        raise AwsError("InvalidCloudWatchLogsLogGroupArnException", message)
    role = _after(call, "CloudWatchLogsRoleArn", "cw_role_arn")
    if not role:
        message = "You must specify a role ARN as well as a log group."
        raise AwsError("InvalidCloudWatchLogsRoleArnException", message)
    if not str(after).endswith(":*") or log_group_of(str(after), call.account_id) is None:
        message = "CloudTrail cannot validate the specified log group ARN."
        raise AwsError("InvalidCloudWatchLogsLogGroupArnException", message)
    held = next((one for one in iam_backends[call.account_id]["aws"].roles.values() if one.arn == role), None)
    if held is None or SERVICE not in str(held.assume_role_policy_document):
        message = "Access denied. Check the trust relationships for your role."
        raise AwsError("InvalidCloudWatchLogsRoleArnException", message)
