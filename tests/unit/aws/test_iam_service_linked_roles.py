"""Service-linked roles are added where they are missing and never removed."""

import pytest
from harness import load, run_module, writes

from trading_platform.aws.iam_service_linked_roles import ServiceLinkedRoles
from trading_platform.emulator.testing import EmulatorServer

main = load("iam_service_linked_roles").main
BOTH = {"services": ["spot.amazonaws.com", "autoscaling.amazonaws.com"]}


def services(aws: EmulatorServer) -> list[str]:
    """Ask IAM which services have their role."""
    roles = aws.client("iam").list_roles(PathPrefix="/aws-service-role/")["Roles"]
    return sorted(role["Path"].split("/")[2] for role in roles)


def test_check_mode_predicts_and_writes_nothing(aws: EmulatorServer) -> None:
    result = run_module(main, BOTH, check=True)
    assert (result["changed"], writes(result), services(aws)) == (True, [], [])
    assert result["service_linked_roles"]["services"] == ["autoscaling.amazonaws.com", "spot.amazonaws.com"]
    assert result["diff"]["after"] == {"services": ["autoscaling.amazonaws.com", "spot.amazonaws.com"]}


def test_missing_roles_are_made_once(aws: EmulatorServer) -> None:
    aws.client("iam").create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    first = run_module(main, BOTH)
    assert first["changed"] is True
    assert services(aws) == ["autoscaling.amazonaws.com", "rds.amazonaws.com", "spot.amazonaws.com"]
    again = run_module(main, BOTH)
    assert (again["changed"], writes(again)) == (False, [])


def test_a_role_that_appears_in_between_is_no_error(aws: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.client("iam").create_service_linked_role(AWSServiceName="spot.amazonaws.com")
    monkeypatch.setattr(ServiceLinkedRoles, "find", lambda self: {"services": []})
    result = run_module(main, BOTH)
    assert "failed" not in result
    assert services(aws) == ["autoscaling.amazonaws.com", "spot.amazonaws.com"]


def test_an_error_of_the_api_names_the_resource(aws: EmulatorServer) -> None:
    result = run_module(main, BOTH, fail={"iam.ListRoles": "AccessDenied"})
    assert result["failed"] is True
    assert "service-linked roles of the account" in result["msg"]
