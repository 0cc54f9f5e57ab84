"""The module eks_pod_identity_association: one role for one service account."""

from __future__ import annotations

from typing import Any

import pytest
from eks_estate import CLUSTER, TAGS, make_cluster, make_pod_role, make_role
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("eks_pod_identity_association").main


@pytest.fixture
def eks(aws: EmulatorServer) -> Any:
    make_cluster(aws)
    return aws.client("eks")


@pytest.fixture
def arguments(aws: EmulatorServer, eks: Any) -> dict[str, Any]:
    role_arn = make_pod_role(aws.client("iam"), "api")
    return {
        "cluster_name": CLUSTER,
        "namespace": "trading",
        "service_account": "api",
        "role_arn": role_arn,
        "tags": TAGS,
    }


def associations(eks: Any) -> list[dict[str, Any]]:
    listed = eks.list_pod_identity_associations(clusterName=CLUSTER)["associations"]
    return [
        eks.describe_pod_identity_association(clusterName=CLUSTER, associationId=one["associationId"])["association"]
        for one in listed
    ]


def test_check_then_create_then_again(eks: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and associations(eks) == []
    result = run_module(main, arguments)
    assert writes(result) == ["eks.CreatePodIdentityAssociation"] and result["diff"] == check["diff"]
    (made,) = associations(eks)
    assert (made["roleArn"], made["namespace"], made["serviceAccount"]) == (arguments["role_arn"], "trading", "api")
    assert made["tags"] == TAGS
    again = run_module(main, arguments)
    assert not again["changed"] and again["eks_pod_identity_association"]["association_id"] == made["associationId"]


def test_parents_of_a_dry_run(arguments: dict[str, Any]) -> None:
    planned = {**arguments, "role_arn": "arn-planned", "cluster_name": "not-there"}
    assert run_module(main, planned, check=True)["changed"]
    assert run_module(main, planned)["failed"]


def test_drift_is_repaired(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    made = run_module(main, arguments)["eks_pod_identity_association"]
    other = make_pod_role(aws.client("iam"), "other")
    eks.update_pod_identity_association(clusterName=CLUSTER, associationId=made["association_id"], roleArn=other)
    eks.untag_resource(resourceArn=made["association_arn"], tagKeys=["ManagedBy"])
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: role_arn, tags"] and writes(check) == []
    result = run_module(main, arguments)
    assert writes(result) == ["eks.UpdatePodIdentityAssociation", "eks.TagResource"]
    assert associations(eks)[0]["roleArn"] == arguments["role_arn"] and len(associations(eks)) == 1
    assert not run_module(main, arguments)["changed"]


def test_delete_and_delete_again(eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    gone = {key: arguments[key] for key in ("cluster_name", "namespace", "service_account")} | {"state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["eks.DeletePodIdentityAssociation"]
    assert not run_module(main, gone)["changed"] and associations(eks) == []


def test_a_role_that_pods_cannot_assume_is_reported(aws: EmulatorServer, arguments: dict[str, Any]) -> None:
    plain = make_role(aws.client("iam"), "plain", "ec2.amazonaws.com")
    result = run_module(main, {**arguments, "role_arn": plain})
    assert result["failed"] and "sts:TagSession" in result["msg"]
