"""plugins/modules/cloudtrail_trail.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from audit import BUCKET, bucket_policy, make_key, make_log_group, make_role, put_policy
from trading_platform.aws import engine
from trading_platform.emulator.testing import EmulatorServer

main = load("cloudtrail_trail").main
NAME = "production-trading-engine"
BACKUPS = "arn:aws:s3:::backups"
TAGS = {"Environment": "production"}


def asked(aws: EmulatorServer, **changed: Any) -> dict[str, Any]:
    """Make what the trail needs and give its arguments."""
    aws.client("s3").create_bucket(Bucket=BUCKET)
    arn = f"arn:aws:cloudtrail:us-east-1:{aws.account_id}:trail/{NAME}"
    put_policy(aws, bucket_policy(aws.account_id, arn))
    return {
        "name": NAME,
        "bucket": BUCKET,
        "kms_key_arn": make_key(aws, "cloudtrail.amazonaws.com"),
        "log_group_arn": make_log_group(aws, "cloudtrail").removesuffix(":*"),
        "logs_role_arn": make_role(aws, "to-logs", "cloudtrail.amazonaws.com"),
        "s3_data_event_bucket_arns": [BACKUPS],
        "tags": TAGS,
        **changed,
    }


def test_check_create_and_again(aws: EmulatorServer) -> None:
    want = asked(aws)
    predicted = run_module(main, want, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(main, want)
    assert writes(made) == ["cloudtrail.CreateTrail", "cloudtrail.PutEventSelectors", "cloudtrail.StartLogging"]
    cloudtrail = aws.client("cloudtrail")
    trail = cloudtrail.get_trail(Name=NAME)["Trail"]
    assert trail["IsMultiRegionTrail"] and trail["IncludeGlobalServiceEvents"] and trail["LogFileValidationEnabled"]
    assert (trail["KmsKeyId"], trail["S3BucketName"]) == (want["kms_key_arn"], BUCKET)
    assert trail["CloudWatchLogsLogGroupArn"] == f"{want['log_group_arn']}:*"
    assert cloudtrail.get_trail_status(Name=NAME)["IsLogging"] is True
    selectors = cloudtrail.get_event_selectors(TrailName=NAME)["AdvancedEventSelectors"]
    fields = {one["Name"]: {f["Field"]: f for f in one["FieldSelectors"]} for one in selectors}
    assert fields["Management events"] == {
        "eventCategory": {"Field": "eventCategory", "Equals": ["Management"]}
    }  # read and write
    assert fields["Object events"]["resources.ARN"]["StartsWith"] == [f"{BACKUPS}/"]
    for check in (False, True):
        again = run_module(main, want, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 4)


def test_drift_is_seen_and_repaired(aws: EmulatorServer) -> None:
    want = asked(aws)
    made = run_module(main, want)["cloudtrail_trail"]
    cloudtrail = aws.client("cloudtrail")
    cloudtrail.stop_logging(Name=NAME)
    cloudtrail.put_event_selectors(TrailName=NAME, EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    cloudtrail.update_trail(Name=NAME, EnableLogFileValidation=False)
    cloudtrail.remove_tags(ResourceId=made["arn"], TagsList=[{"Key": "Environment", "Value": "production"}])
    cloudtrail.add_tags(ResourceId=made["arn"], TagsList=[{"Key": "Extra", "Value": "1"}])
    shown = run_module(main, want, check=True)
    assert shown["actions"] == ["update: event_selectors, log_file_validation, logging, tags"]
    assert writes(shown) == []
    assert run_module(main, want)["cloudtrail_trail"] == made
    assert run_module(main, want)["changed"] is False


def test_key_and_log_group_are_taken_away(aws: EmulatorServer) -> None:
    want = asked(aws)
    run_module(main, want)
    less = {"name": NAME, "bucket": BUCKET}
    assert run_module(main, less)["changed"] is True
    trail = aws.client("cloudtrail").get_trail(Name=NAME)["Trail"]
    assert not {"KmsKeyId", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"} & set(trail)
    assert run_module(main, less)["changed"] is False


def test_a_run_cut_off_before_the_start_is_finished_by_the_next(aws: EmulatorServer) -> None:
    want = asked(aws)
    run_module(main, want, fail={"cloudtrail.PutEventSelectors": "AccessDenied"})
    finished = run_module(main, want)
    assert writes(finished) == ["cloudtrail.PutEventSelectors", "cloudtrail.StartLogging"]


def test_it_waits_until_the_bucket_policy_is_seen(aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    want = asked(aws)
    put_policy(aws, bucket_policy("999999999999", "arn:aws:cloudtrail:us-east-1:1:trail/none"))
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            arn = f"arn:aws:cloudtrail:us-east-1:{aws.account_id}:trail/{NAME}"
            put_policy(aws, bucket_policy(aws.account_id, arn))

    monkeypatch.setattr(engine.time, "sleep", sleep)
    made = run_module(main, want)
    assert made["api_calls"].count("cloudtrail.CreateTrail") == 4
    assert made["cloudtrail_trail"]["logging"] is True


def test_log_group_and_role_go_together(aws: EmulatorServer) -> None:
    refused = run_module(main, {"name": NAME, "bucket": BUCKET, "logs_role_arn": "arn:aws:iam::1:role/a"})
    assert "needs both or none" in refused["msg"]
    assert refused["api_calls"] == []


def test_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    want = asked(aws)
    run_module(main, want)
    gone = {**want, "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["cloudtrail.DeleteTrail"]
    assert run_module(main, gone)["changed"] is False


def test_an_api_error_names_the_trail(aws: EmulatorServer) -> None:
    assert f"trail {NAME}" in run_module(main, asked(aws), fail={"cloudtrail.CreateTrail": "AccessDenied"})["msg"]
