"""CloudTrail: what the emulator keeps, and what it refuses as AWS does."""

from typing import Any

import pytest
from emulator_asserts import refused

from audit import BUCKET, bucket_policy, make_key, make_log_group, make_role, put_policy
from trading_platform.emulator.testing import EmulatorServer

TRAIL = "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit"


@pytest.fixture
def cloudtrail(emulator: EmulatorServer) -> Any:
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    put_policy(emulator, bucket_policy(emulator.account_id, TRAIL))
    return emulator.client("cloudtrail")


def make(cloudtrail: Any, **changed: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloudtrail.create_trail(**{"Name": "audit", "S3BucketName": BUCKET, **changed})
    return answer


def test_a_new_trail_is_stopped_and_records_management_events(cloudtrail: Any) -> None:
    make(cloudtrail)
    assert cloudtrail.get_trail_status(Name="audit")["IsLogging"] is False
    selector = cloudtrail.get_event_selectors(TrailName="audit")["EventSelectors"][0]
    assert (selector["ReadWriteType"], selector["IncludeManagementEvents"]) == ("All", True)
    trail = cloudtrail.get_trail(Name="audit")["Trail"]
    assert (trail["HomeRegion"], trail["HasCustomEventSelectors"]) == ("us-east-1", False)
    assert not {"KmsKeyId", "CloudWatchLogsLogGroupArn", "S3KeyPrefix"} & set(trail)


def test_selectors_of_one_kind_replace_the_other(cloudtrail: Any) -> None:
    make(cloudtrail)
    field = {"Field": "eventCategory", "Equals": ["Management"]}
    cloudtrail.put_event_selectors(TrailName="audit", AdvancedEventSelectors=[{"Name": "a", "FieldSelectors": [field]}])
    held = cloudtrail.get_event_selectors(TrailName="audit")
    assert (held.get("EventSelectors", []), len(held["AdvancedEventSelectors"])) == ([], 1)
    assert cloudtrail.get_trail(Name="audit")["Trail"]["HasCustomEventSelectors"] is True
    cloudtrail.put_event_selectors(TrailName="audit", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    held = cloudtrail.get_event_selectors(TrailName="audit")
    assert (len(held["EventSelectors"]), held.get("AdvancedEventSelectors", [])) == (1, [])


def test_insights_replace_each_other(cloudtrail: Any) -> None:
    make(cloudtrail)
    for kind in ("ApiCallRateInsight", "ApiErrorRateInsight"):
        cloudtrail.put_insight_selectors(TrailName="audit", InsightSelectors=[{"InsightType": kind}])
    held = cloudtrail.get_insight_selectors(TrailName="audit")["InsightSelectors"]
    assert held == [{"InsightType": "ApiErrorRateInsight"}]


def test_trail_is_deleted_by_arn_with_its_tags(cloudtrail: Any) -> None:
    arn = make(cloudtrail, TagsList=[{"Key": "a", "Value": "1"}])["TrailARN"]
    cloudtrail.delete_trail(Name=arn)
    assert cloudtrail.describe_trails()["trailList"] == []
    assert cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"] == []
    with refused("TrailNotFoundException", "Unknown trail"):
        cloudtrail.delete_trail(Name=arn)


def test_name_is_taken_once(cloudtrail: Any) -> None:
    make(cloudtrail)
    with refused("TrailAlreadyExistsException", "Trail audit already exists for customer: 123456789012"):
        make(cloudtrail)


def test_five_trails_a_region(emulator: EmulatorServer, cloudtrail: Any) -> None:
    statements = [s for n in range(6) for s in bucket_policy(emulator.account_id, f"{TRAIL}{n}")]
    put_policy(emulator, statements)
    for number in range(5):
        make(cloudtrail, Name=f"audit{number}")
    with refused("MaximumNumberOfTrailsExceededException", "already has 5 trails"):
        make(cloudtrail, Name="audit5")


def test_only_the_home_region_changes_a_trail(emulator: EmulatorServer, cloudtrail: Any) -> None:
    arn = make(cloudtrail, IsMultiRegionTrail=True)["TrailARN"]
    west = emulator.client("cloudtrail", "us-west-2")
    for call in (west.start_logging, west.delete_trail, west.update_trail):
        with refused("InvalidHomeRegionException", "home Region is us-east-1"):
            call(Name=arn)


@pytest.mark.parametrize("wrong", ["none", "other trail", "no acl", "other prefix"])
def test_bucket_must_let_the_trail_write(emulator: EmulatorServer, cloudtrail: Any, wrong: str) -> None:
    account = emulator.account_id
    policies = {
        "none": bucket_policy("999999999999", TRAIL),
        "other trail": bucket_policy(account, f"{TRAIL}-other"),
        "no acl": bucket_policy(account, TRAIL)[1:],
        "other prefix": bucket_policy(account, TRAIL, "cloudtrail/"),
    }
    put_policy(emulator, policies[wrong])
    with refused("InsufficientS3BucketPolicyException", f"Incorrect S3 bucket policy is detected for bucket: {BUCKET}"):
        make(cloudtrail)
    if wrong == "other prefix":
        make(cloudtrail, S3KeyPrefix="cloudtrail")


def test_key_must_let_cloudtrail_use_it(emulator: EmulatorServer, cloudtrail: Any) -> None:
    there = make_key(emulator, "cloudtrail.amazonaws.com", region="us-west-2")
    for key in (make_key(emulator, "logs.us-east-1.amazonaws.com"), there):
        with refused("InsufficientEncryptionPolicyException", f"Insufficient permissions to access S3 bucket {BUCKET}"):
            make(cloudtrail, KmsKeyId=key)
    key = make_key(emulator, "cloudtrail.amazonaws.com")
    assert make(cloudtrail, KmsKeyId=key)["KmsKeyId"] == key


def test_log_group_and_role(emulator: EmulatorServer, cloudtrail: Any) -> None:
    group = make_log_group(emulator, "audit")
    role = make_role(emulator, "to-logs", "cloudtrail.amazonaws.com")
    other = make_role(emulator, "other", "ec2.amazonaws.com")
    no_group, no_role = "InvalidCloudWatchLogsLogGroupArnException", "InvalidCloudWatchLogsRoleArnException"
    with refused(no_role, "You must specify a role ARN as well as a log group."):
        make(cloudtrail, CloudWatchLogsLogGroupArn=group)
    with refused(no_group, "You must specify a log group"):
        make(cloudtrail, CloudWatchLogsRoleArn=role)
    for wrong in (group.removesuffix(":*"), group.replace("audit", "none")):
        with refused(no_group, "cannot validate the specified log group ARN"):
            make(cloudtrail, CloudWatchLogsLogGroupArn=wrong, CloudWatchLogsRoleArn=role)
    for wrong in (other, f"{role}-none"):
        with refused(no_role, "Check the trust relationships"):
            make(cloudtrail, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=wrong)
    assert make(cloudtrail, CloudWatchLogsLogGroupArn=group, CloudWatchLogsRoleArn=role)["Name"] == "audit"
