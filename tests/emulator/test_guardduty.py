"""GuardDuty: what the emulator keeps, and what it refuses as AWS does."""

from typing import Any

import pytest
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer


@pytest.fixture
def guardduty(emulator: EmulatorServer) -> Any:
    return emulator.client("guardduty")


def features(guardduty: Any, detector: str) -> dict[str, str]:
    found = guardduty.get_detector(DetectorId=detector)["Features"]
    return {one["Name"]: one["Status"] for one in found}


def test_features_are_on_unless_told_otherwise(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True, Features=[{"Name": "RDS_LOGIN_EVENTS", "Status": "DISABLED"}])
    found = features(guardduty, detector["DetectorId"])
    assert (found["S3_DATA_EVENTS"], found["RDS_LOGIN_EVENTS"]) == ("ENABLED", "DISABLED")
    assert (found["RUNTIME_MONITORING"], found["CLOUD_TRAIL"]) == ("DISABLED", "ENABLED")


def test_an_update_leaves_what_it_does_not_name(guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    agents = [{"Name": "EKS_ADDON_MANAGEMENT", "Status": "ENABLED"}]
    runtime = {"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": agents}
    guardduty.update_detector(DetectorId=detector, Features=[runtime])
    found = guardduty.get_detector(DetectorId=detector)["Features"]
    held = {one["Name"]: one for one in found}
    assert (held["S3_DATA_EVENTS"]["Status"], held["RUNTIME_MONITORING"]["Status"]) == ("ENABLED", "ENABLED")
    managed = {one["Name"]: one["Status"] for one in held["RUNTIME_MONITORING"]["AdditionalConfiguration"]}
    assert (managed["EKS_ADDON_MANAGEMENT"], managed["EC2_AGENT_MANAGEMENT"]) == ("ENABLED", "DISABLED")


def test_one_detector_a_region(emulator: EmulatorServer, guardduty: Any) -> None:
    guardduty.create_detector(Enable=True)
    with refused("BadRequestException", "a detector already exists for the current account."):
        guardduty.create_detector(Enable=True)
    emulator.client("guardduty", "us-west-2").create_detector(Enable=True)


def test_two_kinds_of_runtime_monitoring(guardduty: Any) -> None:
    both = [{"Name": name, "Status": "ENABLED"} for name in ("RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING")]
    with refused("BadRequestException", "both RUNTIME_MONITORING and EKS_RUNTIME_MONITORING"):
        guardduty.create_detector(Enable=True, Features=both)


def test_tags(emulator: EmulatorServer, guardduty: Any) -> None:
    detector = guardduty.create_detector(Enable=True, Tags={"a": "1", "b": "2"})["DetectorId"]
    arn = f"arn:aws:guardduty:us-east-1:{emulator.account_id}:detector/{detector}"
    guardduty.tag_resource(ResourceArn=arn, Tags={"a": "3"})
    guardduty.untag_resource(ResourceArn=arn, TagKeys=["b"])
    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "3"}
    assert guardduty.get_detector(DetectorId=detector)["Tags"] == {"a": "3"}
