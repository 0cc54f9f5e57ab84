"""plugins/modules/log_group.py against the embedded AWS."""

import json
from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("log_group").main
NAME = "aws-waf-logs-production"
TAGS = {"Environment": "production"}


def key(aws: EmulatorServer) -> str:
    """Make a key that CloudWatch Logs may use and give its ARN."""
    root = {"AWS": f"arn:aws:iam::{aws.account_id}:root"}
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    service = {"Service": "logs.us-east-1.amazonaws.com"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Principal": one} for one in (root, service)]}
    arn: str = aws.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    return arn


def group(aws: EmulatorServer, name: str = NAME) -> dict[str, Any]:
    """Give the group as CloudWatch Logs sees it."""
    found: list[dict[str, Any]] = aws.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next(one for one in found if one["logGroupName"] == name)


def test_check_create_and_again(aws: EmulatorServer) -> None:
    asked = {"name": NAME, "retention_days": 90, "kms_key_arn": key(aws), "tags": TAGS}
    predicted = run_module(main, asked, check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    assert predicted["log_group"]["arn"].endswith(f"log-group:{NAME}-planned")
    made = run_module(main, asked)
    assert writes(made) == ["logs.CreateLogGroup", "logs.PutRetentionPolicy"]
    seen = group(aws)
    assert (seen["retentionInDays"], seen["kmsKeyId"], seen["logGroupClass"]) == (90, asked["kms_key_arn"], "STANDARD")
    assert made["log_group"]["arn"] == seen["logGroupArn"]
    for check in (False, True):
        again = run_module(main, asked, check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 2)


def test_a_group_with_a_longer_name_is_not_taken_for_it(aws: EmulatorServer) -> None:
    aws.client("logs").create_log_group(logGroupName=f"{NAME}-other")
    assert run_module(main, {"name": NAME})["actions"] == ["create"]


def test_drift_is_seen_and_repaired(aws: EmulatorServer) -> None:
    arn = key(aws)
    asked = {"name": NAME, "retention_days": 90, "kms_key_arn": arn, "tags": TAGS}
    made = run_module(main, asked)["log_group"]
    logs = aws.client("logs")
    logs.delete_retention_policy(logGroupName=NAME)
    logs.disassociate_kms_key(logGroupName=NAME)
    logs.tag_resource(resourceArn=made["arn"], tags={"Environment": "other", "Extra": "1"})
    shown = run_module(main, asked, check=True)
    assert (shown["actions"], writes(shown)) == (["update: kms_key_arn, retention_days, tags"], [])
    assert shown["diff"]["before"]["retention_days"] is None
    assert run_module(main, asked)["log_group"] == made
    assert (group(aws)["retentionInDays"], group(aws)["kmsKeyId"]) == (90, arn)


def test_retention_and_key_are_taken_away(aws: EmulatorServer) -> None:
    run_module(main, {"name": NAME, "retention_days": 90, "kms_key_arn": key(aws)})
    result = run_module(main, {"name": NAME})
    assert writes(result) == ["logs.DeleteRetentionPolicy", "logs.DisassociateKmsKey"]
    assert not {"retentionInDays", "kmsKeyId"} & set(group(aws))


def test_a_run_cut_off_before_the_retention_is_finished_by_the_next(aws: EmulatorServer) -> None:
    run_module(main, {"name": NAME, "retention_days": 90}, fail={"logs.PutRetentionPolicy": "AccessDeniedException"})
    assert writes(run_module(main, {"name": NAME, "retention_days": 90})) == ["logs.PutRetentionPolicy"]


def test_a_group_that_a_service_makes_in_between_is_taken_over(
    aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=NAME)
    library = load("log_group").LogGroup
    seen: list[bool] = []
    original = library._group

    def late(self: Any) -> dict[str, Any] | None:
        seen.append(True)
        return None if len(seen) == 1 else original(self)

    monkeypatch.setattr(library, "_group", late)
    result = run_module(main, {"name": NAME, "retention_days": 30, "tags": TAGS})
    assert (result["log_group"]["retention_days"], result["log_group"]["tags"]) == (30, TAGS)


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"retention_days": 91}, "91 is none of"), ({"kms_key_arn": "alias/logs"}, "takes no key ids and no aliases")],
)
def test_what_cannot_be_is_refused_before_aws_is_asked(
    aws: EmulatorServer, changed: dict[str, Any], message: str
) -> None:
    refused = run_module(main, {"name": NAME, **changed}, check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_the_class_cannot_be_changed(aws: EmulatorServer) -> None:
    run_module(main, {"name": NAME})
    assert "AWS cannot change" in run_module(main, {"name": NAME, "log_group_class": "INFREQUENT_ACCESS"})["msg"]


def test_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    run_module(main, {"name": NAME})
    gone = {"name": NAME, "state": "absent"}
    assert (run_module(main, gone, check=True)["changed"], group(aws)["logGroupName"]) == (True, NAME)
    assert writes(run_module(main, gone)) == ["logs.DeleteLogGroup"]
    assert run_module(main, gone)["changed"] is False


def test_an_api_error_names_the_group(aws: EmulatorServer) -> None:
    key_id = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    result = run_module(main, {"name": NAME, "kms_key_arn": key_id})
    assert f"log group {NAME}" in result["msg"]
    assert "not allowed to be used with Arn" in result["msg"]
