"""CloudWatch Logs: what the emulator keeps, and what it refuses as AWS does."""

import json
from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

NOT_ALLOWED = "The specified KMS key does not exist or is not allowed to be used with Arn"


@pytest.fixture
def logs(emulator: EmulatorServer) -> Any:
    return emulator.client("logs")


def make_key(emulator: EmulatorServer, service: str, region: str = "us-east-1") -> str:
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    root = {"AWS": f"arn:aws:iam::{emulator.account_id}:root"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Principal": p} for p in (root, {"Service": service})]}
    arn: str = emulator.client("kms", region).create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    return arn


def test_key_can_be_given_and_taken_away(emulator: EmulatorServer, logs: Any) -> None:
    key = make_key(emulator, "logs.us-east-1.amazonaws.com")
    logs.create_log_group(logGroupName="a")
    logs.associate_kms_key(logGroupName="a", kmsKeyId=key)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    logs.disassociate_kms_key(logGroupName="a")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]
    with refused("ResourceNotFoundException", "does not exist"):
        logs.associate_kms_key(logGroupName="b", kmsKeyId=key)


def test_class_is_kept(logs: Any) -> None:
    logs.create_log_group(logGroupName="a", logGroupClass="INFREQUENT_ACCESS")
    assert logs.describe_log_groups()["logGroups"][0]["logGroupClass"] == "INFREQUENT_ACCESS"


def test_keys_that_cloudwatch_logs_cannot_use(emulator: EmulatorServer, logs: Any) -> None:
    with refused("AccessDeniedException", NOT_ALLOWED):
        logs.create_log_group(logGroupName="a", kmsKeyId="arn:aws:kms:us-east-1:123456789012:key/none")
    with refused("AccessDeniedException", NOT_ALLOWED):
        logs.create_log_group(logGroupName="a", kmsKeyId=make_key(emulator, "logs.us-west-2.amazonaws.com"))
    there = make_key(emulator, "logs.us-east-1.amazonaws.com", "us-west-2")
    with refused("AccessDeniedException", NOT_ALLOWED):
        logs.create_log_group(logGroupName="a", kmsKeyId=there)
    assert logs.describe_log_groups()["logGroups"] == []


def test_retention_periods(logs: Any) -> None:
    logs.create_log_group(logGroupName="a")
    with refused("InvalidParameterException", "Member must satisfy enum value set"):
        logs.put_retention_policy(logGroupName="a", retentionInDays=91)
