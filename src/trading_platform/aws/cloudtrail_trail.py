"""A CloudTrail trail: which API calls are written down, and where.

A trail is made stopped, and only its home Region changes it. Its log group is named with the ``:*`` that CloudWatch
Logs shows (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html).
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags
from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id

# Bucket policy, key policy and role may be seconds old.
NOT_YET = (
    "InsufficientS3BucketPolicyException",
    "InsufficientEncryptionPolicyException",
    "InvalidCloudWatchLogsRoleArnException",
    "InvalidCloudWatchLogsLogGroupArnException",
    "ConflictException",
)
SECONDS = 60.0
REQUEST = {
    "bucket": "S3BucketName",
    "key_prefix": "S3KeyPrefix",
    "kms_key_arn": "KmsKeyId",
    "log_group_arn": "CloudWatchLogsLogGroupArn",
    "logs_role_arn": "CloudWatchLogsRoleArn",
    "multi_region": "IsMultiRegionTrail",
    "log_file_validation": "EnableLogFileValidation",
}
OBJECT = "AWS::S3::Object"


class Trail(BaseResource):
    """The trail of this name, of this region.

    Args:
        cloudtrail: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "trail"

    def __init__(self, cloudtrail: Any, params: dict[str, Any]) -> None:
        self.cloudtrail = cloudtrail
        self.params = params
        self.name: str = params["name"]
        meta = cloudtrail.meta
        self.placeholders = {
            "arn": f"arn:{meta.partition}:cloudtrail:{meta.region_name}::trail/{planned_id(self.name)}"
        }

    def find(self) -> State | None:
        """Read the trail, whether it is on, what it records, and its tags."""
        try:
            trail = self.cloudtrail.get_trail(Name=self.name, aws_retry=True)["Trail"]
        except ClientError as error:
            if error_code(error) == "TrailNotFoundException":
                return None
            raise
        arn = trail["TrailARN"]
        status = self.cloudtrail.get_trail_status(Name=arn, aws_retry=True)
        events = self.cloudtrail.get_event_selectors(TrailName=arn, aws_retry=True)
        listed = self.cloudtrail.list_tags(ResourceIdList=[arn], aws_retry=True)
        return {
            "arn": arn,
            "name": trail["Name"],
            "bucket": trail["S3BucketName"],
            "key_prefix": trail.get("S3KeyPrefix") or "",
            "kms_key_arn": trail.get("KmsKeyId") or None,
            "log_group_arn": trail.get("CloudWatchLogsLogGroupArn") or None,
            "logs_role_arn": trail.get("CloudWatchLogsRoleArn") or None,
            "multi_region": trail["IsMultiRegionTrail"],
            "global_service_events": trail["IncludeGlobalServiceEvents"],
            "log_file_validation": trail.get("LogFileValidationEnabled", False),
            "logging": status["IsLogging"],
            "event_selectors": canonical_selectors(events),
            "tags": tags.from_list(listed["ResourceTagList"][0].get("TagsList")),
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        asked = self.params
        group = asked["log_group_arn"]
        return {
            "name": self.name,
            "bucket": asked["bucket"],
            "key_prefix": asked["key_prefix"],
            "kms_key_arn": asked["kms_key_arn"],
            "log_group_arn": f"{group.removesuffix(':*')}:*" if group else None,
            "logs_role_arn": asked["logs_role_arn"],
            "multi_region": asked["multi_region"],
            "global_service_events": True,
            "log_file_validation": asked["log_file_validation"],
            "logging": asked["logging"],
            "event_selectors": selectors(asked["s3_data_event_bucket_arns"]),
            "tags": tags.wanted(current["tags"] if current else {}, asked["tags"], asked["purge_tags"]),
        }

    def create(self, wanted: State) -> None:
        """Make the trail with its tags, say what it records, and start it."""
        request = {name: wanted[key] for key, name in REQUEST.items() if wanted[key] not in (None, "")}
        eventually(
            self.cloudtrail.create_trail,
            *NOT_YET,
            seconds=SECONDS,
            Name=self.name,
            IncludeGlobalServiceEvents=True,
            TagsList=tags.to_list(wanted["tags"]),
            **request,
        )
        self._record(wanted["event_selectors"])
        if wanted["logging"]:
            self._switch(True)

    def update(self, current: State, changes: State) -> None:
        """Change what differs; an empty text takes a key, a prefix or a log group away."""
        request = {
            name: "" if changes[key] is None else changes[key] for key, name in REQUEST.items() if key in changes
        }
        if "global_service_events" in changes:
            request["IncludeGlobalServiceEvents"] = True
        if request:
            eventually(self.cloudtrail.update_trail, *NOT_YET, seconds=SECONDS, Name=self.name, **request)
        if "event_selectors" in changes:
            self._record(changes["event_selectors"])
        if "logging" in changes:
            self._switch(changes["logging"])
        if "tags" in changes:
            self._tag(current, changes["tags"])

    def _record(self, asked: list[State]) -> None:
        eventually(self.cloudtrail.put_event_selectors, *NOT_YET, TrailName=self.name, AdvancedEventSelectors=asked)

    def _switch(self, on: bool) -> None:
        call = self.cloudtrail.start_logging if on else self.cloudtrail.stop_logging
        call(Name=self.name, aws_retry=True)

    def _tag(self, current: State, target: tags.Tags) -> None:
        write, remove = tags.difference(current["tags"], target)
        if remove:
            gone = [{"Key": key, "Value": current["tags"][key]} for key in remove]
            self.cloudtrail.remove_tags(ResourceId=current["arn"], TagsList=gone, aws_retry=True)
        if write:
            self.cloudtrail.add_tags(ResourceId=current["arn"], TagsList=tags.to_list(write), aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove the trail; what it has written stays."""
        with ignoring("TrailNotFoundException"):
            self.cloudtrail.delete_trail(Name=current["arn"], aws_retry=True)


def selectors(bucket_arns: list[str]) -> list[State]:
    """Give the advanced selectors: every management event, and those about objects of the buckets."""
    found = [_selector("Management events", [_field("eventCategory", Equals=["Management"])])]
    if bucket_arns:
        objects = [
            _field("eventCategory", Equals=["Data"]),
            _field("resources.type", Equals=[OBJECT]),
            _field("resources.ARN", StartsWith=sorted(f"{arn}/" for arn in bucket_arns)),
        ]
        found.append(_selector("Object events", objects))
    return sorted(found, key=lambda one: str(one["Name"]))


def canonical_selectors(answer: State) -> list[State]:
    """Give selectors in one form; basic ones, which a new trail has, stay as they are and so differ from ours."""
    found = [_canonical(one) for one in answer.get("AdvancedEventSelectors") or []]
    return sorted(found, key=lambda one: str(one.get("Name"))) or list(answer.get("EventSelectors") or [])


def _canonical(selector: State) -> State:
    fields = [{key: value for key, value in one.items() if value} for one in selector["FieldSelectors"]]
    return _selector(selector.get("Name") or "", [{**one, **_sorted_lists(one)} for one in fields])


def _selector(name: str, fields: list[State]) -> State:
    return {"Name": name, "FieldSelectors": sorted(fields, key=lambda one: str(one["Field"]))}


def _field(field: str, **tests: list[str]) -> State:
    return {"Field": field, **tests}


def _sorted_lists(field: State) -> State:
    return {key: sorted(value) for key, value in field.items() if isinstance(value, list)}


def problems(params: dict[str, Any]) -> list[str]:
    """Say what CloudTrail would refuse of a module's parameters, before it is asked."""
    if bool(params["log_group_arn"]) != bool(params["logs_role_arn"]):
        return ["log_group_arn, logs_role_arn: CloudTrail needs both or none"]
    return []
