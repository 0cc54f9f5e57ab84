"""plugins/modules/guardduty_detector.py against the embedded AWS."""

from typing import Any

import pytest
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("guardduty_detector").main
TAGS = {"Environment": "production"}
FEATURES = {"S3_DATA_EVENTS": True, "EKS_AUDIT_LOGS": True, "RDS_LOGIN_EVENTS": False, "RUNTIME_MONITORING": False}


def asked(**changed: Any) -> dict[str, Any]:
    """Give the module's arguments."""
    return {"features": FEATURES, "tags": TAGS, **changed}


def detector(aws: EmulatorServer) -> dict[str, Any]:
    """Give the detector as GuardDuty sees it."""
    guardduty = aws.client("guardduty")
    (detector_id,) = guardduty.list_detectors()["DetectorIds"]
    answer: dict[str, Any] = guardduty.get_detector(DetectorId=detector_id)
    return {**answer, "Id": detector_id, "Names": {one["Name"]: one["Status"] for one in answer["Features"]}}


def test_check_create_and_again(aws: EmulatorServer) -> None:
    predicted = run_module(main, asked(), check=True)
    assert (predicted["changed"], writes(predicted)) == (True, [])
    made = run_module(main, asked())
    assert writes(made) == ["guardduty.CreateDetector"]
    found = detector(aws)
    assert (found["FindingPublishingFrequency"], found["Tags"]) == ("FIFTEEN_MINUTES", TAGS)
    assert (found["Names"]["S3_DATA_EVENTS"], found["Names"]["RDS_LOGIN_EVENTS"]) == ("ENABLED", "DISABLED")
    for check in (False, True):
        again = run_module(main, asked(), check=check)
        assert (again["changed"], len(again["api_calls"])) == (False, 2)


def test_the_detector_that_is_there_is_adopted(aws: EmulatorServer) -> None:
    there = aws.client("guardduty").create_detector(Enable=False, FindingPublishingFrequency="SIX_HOURS")["DetectorId"]
    shown = run_module(main, asked(), check=True)
    assert shown["actions"] == ["update: enabled, features, finding_frequency, tags"]
    assert run_module(main, asked())["guardduty_detector"]["id"] == there
    assert run_module(main, asked())["changed"] is False


def test_drift_is_seen_and_repaired(aws: EmulatorServer) -> None:
    made = run_module(main, asked())["guardduty_detector"]
    guardduty = aws.client("guardduty")
    off = [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    guardduty.update_detector(DetectorId=made["id"], Enable=False, Features=off)
    arn = f"arn:aws:guardduty:us-east-1:{aws.account_id}:detector/{made['id']}"
    guardduty.tag_resource(ResourceArn=arn, Tags={"Extra": "1", "Environment": "other"})
    shown = run_module(main, asked(), check=True)
    assert (shown["actions"], writes(shown)) == (["update: enabled, features, tags"], [])
    assert run_module(main, asked())["guardduty_detector"] == made


def test_features_that_are_not_named_are_left_alone(aws: EmulatorServer) -> None:
    run_module(main, asked())
    assert detector(aws)["Names"]["LAMBDA_NETWORK_LOGS"] == "ENABLED"
    assert run_module(main, asked(features={"S3_DATA_EVENTS": False}))["actions"] == ["update: features"]
    assert detector(aws)["Names"]["LAMBDA_NETWORK_LOGS"] == "ENABLED"


def test_runtime_monitoring_with_its_agents(aws: EmulatorServer) -> None:
    features = {**FEATURES, "RUNTIME_MONITORING": True}
    want = asked(features=features, runtime_agents={"EKS_ADDON_MANAGEMENT": True, "EC2_AGENT_MANAGEMENT": False})
    made = run_module(main, want)["guardduty_detector"]
    assert made["runtime_agents"] == {"EC2_AGENT_MANAGEMENT": False, "EKS_ADDON_MANAGEMENT": True}
    assert run_module(main, want)["changed"] is False


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"features": {"RUNTIME_MONITORING": True, "EKS_RUNTIME_MONITORING": True}}, "name one of them"),
        ({"runtime_agents": {"NONE": True}}, "NONE is none of"),
        ({"features": {}, "runtime_agents": {"EKS_ADDON_MANAGEMENT": True}}, "need RUNTIME_MONITORING"),
    ],
)
def test_arguments_that_cannot_be(aws: EmulatorServer, changed: dict[str, Any], message: str) -> None:
    refused = run_module(main, asked(**changed), check=True)
    assert message in refused["msg"]
    assert refused["api_calls"] == []


def test_delete_check_delete_and_delete_again(aws: EmulatorServer) -> None:
    run_module(main, asked())
    gone = asked(state="absent")
    assert writes(run_module(main, gone, check=True)) == []
    assert [run_module(main, gone)["changed"] for _ in range(2)] == [True, False]


def test_an_api_error_names_the_region(aws: EmulatorServer) -> None:
    failed = run_module(main, asked(), fail={"guardduty.CreateDetector": "BadRequestException"})
    assert "GuardDuty detector of us-east-1" in failed["msg"]
