"""The module eks_pod_identity_associations: one role for each service account of a list."""

from __future__ import annotations

from typing import Any

import pytest
from eks_estate import CLUSTER, TAGS, make_cluster, make_pod_role, make_role
from harness import load, run_module, writes

from trading_platform.emulator.testing import EmulatorServer

main = load("eks_pod_identity_associations").main
READS = ["eks.ListPodIdentityAssociations", "eks.DescribePodIdentityAssociation", "eks.DescribePodIdentityAssociation"]


@pytest.fixture
def eks(aws: EmulatorServer) -> Any:
    make_cluster(aws)
    return aws.client("eks")


@pytest.fixture
def arguments(aws: EmulatorServer, eks: Any) -> dict[str, Any]:
    """The API and the worker, each with a role of its own."""
    asked = [
        {"namespace": "trading", "service_account": name, "role_arn": make_pod_role(aws.client("iam"), name)}
        for name in ("api", "worker")
    ]
    return {"cluster_name": CLUSTER, "associations": asked, "tags": TAGS}


def held(eks: Any) -> dict[str, dict[str, Any]]:
    """Give what the API has, by service account."""
    listed = eks.list_pod_identity_associations(clusterName=CLUSTER)["associations"]
    found = [
        eks.describe_pod_identity_association(clusterName=CLUSTER, associationId=one["associationId"])["association"]
        for one in listed
    ]
    assert len({one["serviceAccount"] for one in found}) == len(found)
    return {one["serviceAccount"]: one for one in found}


def test_check_then_create_then_again(eks: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and held(eks) == {}
    assert check["actions"] == ["create trading/api", "create trading/worker"]
    assert (check["diff"]["before"], list(check["diff"]["after"])) == ({}, ["trading/api", "trading/worker"])
    result = run_module(main, arguments)
    assert writes(result) == ["eks.CreatePodIdentityAssociation"] * 2
    assert (result["diff"], result["actions"]) == (check["diff"], check["actions"])
    made = held(eks)
    for asked in arguments["associations"]:
        one = made[asked["service_account"]]
        assert (one["roleArn"], one["namespace"], one["tags"]) == (asked["role_arn"], "trading", TAGS)
    for mode in (False, True):
        again = run_module(main, arguments, check=mode)
        assert (again["changed"], again["actions"], again["api_calls"]) == (False, [], READS)
        assert "diff" not in again
        returned = again["eks_pod_identity_associations"]["trading/api"]
        assert returned["association_id"] == made["api"]["associationId"]


def test_parents_of_a_dry_run(arguments: dict[str, Any]) -> None:
    asked = [{**one, "role_arn": "arn-planned"} for one in arguments["associations"]]
    planned = {**arguments, "associations": asked, "cluster_name": "not-there"}
    assert run_module(main, planned, check=True)["changed"]
    refused = run_module(main, planned)
    assert refused["failed"] and refused["api_calls"] == []


def test_drift_of_one_is_repaired(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    made = run_module(main, arguments)["eks_pod_identity_associations"]["trading/worker"]
    other = make_pod_role(aws.client("iam"), "other")
    eks.update_pod_identity_association(clusterName=CLUSTER, associationId=made["association_id"], roleArn=other)
    eks.untag_resource(resourceArn=made["association_arn"], tagKeys=["ManagedBy"])
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update trading/worker: role_arn, tags"] and writes(check) == []
    result = run_module(main, arguments)
    assert writes(result) == ["eks.UpdatePodIdentityAssociation", "eks.TagResource"]
    assert (result["actions"], result["diff"]) == (check["actions"], check["diff"])
    # What is as it should be is not in the diff.
    assert list(result["diff"]["before"]) == list(result["diff"]["after"]) == ["trading/worker"]
    assert result["diff"]["before"]["trading/worker"]["role_arn"] == other
    assert held(eks)["worker"]["roleArn"] == arguments["associations"][1]["role_arn"]
    assert held(eks)["worker"]["tags"] == TAGS and len(held(eks)) == 2
    assert not run_module(main, arguments)["changed"]


def test_associations_of_others_stay(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    theirs = {"namespace": "other", "serviceAccount": "theirs", "roleArn": make_pod_role(aws.client("iam"), "theirs")}
    eks.create_pod_identity_association(clusterName=CLUSTER, **theirs)
    run_module(main, arguments)
    again = run_module(main, arguments)
    assert (again["changed"], again["api_calls"]) == (False, READS)
    assert list(again["eks_pod_identity_associations"]) == ["trading/api", "trading/worker"]
    run_module(main, {**arguments, "state": "absent"})
    assert list(held(eks)) == ["theirs"] and held(eks)["theirs"]["roleArn"] == theirs["roleArn"]


def test_more_associations_than_a_page(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    role_arn = arguments["associations"][0]["role_arn"]
    many = [{"namespace": "many", "service_account": f"a{n}", "role_arn": role_arn} for n in range(103)]
    run_module(main, {**arguments, "associations": many})
    again = run_module(main, {**arguments, "associations": many})
    assert (again["changed"], again["api_calls"].count("eks.ListPodIdentityAssociations")) == (False, 2)


def test_no_associations_ask_nothing(arguments: dict[str, Any]) -> None:
    result = run_module(main, {**arguments, "associations": []})
    assert (result["changed"], result["api_calls"], result["eks_pod_identity_associations"]) == (False, [], {})


def test_delete_and_delete_again(eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    names = [{key: one[key] for key in ("namespace", "service_account")} for one in arguments["associations"]]
    gone = {"cluster_name": CLUSTER, "associations": names, "state": "absent"}
    check = run_module(main, gone, check=True)
    assert check["changed"] and writes(check) == [] and len(held(eks)) == 2
    result = run_module(main, gone)
    assert writes(result) == ["eks.DeletePodIdentityAssociation"] * 2
    assert (result["actions"], result["diff"]) == (check["actions"], check["diff"])
    assert result["diff"]["after"] == result["eks_pod_identity_associations"] == {}
    assert not run_module(main, gone)["changed"] and held(eks) == {}


def test_a_role_that_pods_cannot_assume_is_reported(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    """With what was done before it; the next run does the rest."""
    first, second = arguments["associations"]
    plain = make_role(aws.client("iam"), "plain", "ec2.amazonaws.com")
    result = run_module(main, {**arguments, "associations": [first, {**second, "role_arn": plain}]})
    assert result["failed"] and "sts:TagSession" in result["msg"]
    assert "EKS Pod Identity association trading/worker" in result["msg"]
    assert (result["changed"], result["actions"]) == (True, ["create trading/api"])
    assert list(held(eks)) == ["api"]
    assert run_module(main, arguments)["actions"] == ["create trading/worker"]


def test_what_cannot_be_read_names_the_cluster(arguments: dict[str, Any]) -> None:
    result = run_module(main, arguments, fail={"eks.ListPodIdentityAssociations": "AccessDeniedException"})
    assert result["failed"] and f"EKS Pod Identity associations of cluster {CLUSTER}" in result["msg"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"service_account": "api"}, "trading/api stands twice"),
        ({"role_arn": None}, "trading/worker: role_arn is missing"),
    ],
)
def test_what_cannot_be_is_refused_before_aws_is_asked(
    arguments: dict[str, Any], changed: dict[str, Any], message: str
) -> None:
    first, second = arguments["associations"]
    refused = run_module(main, {**arguments, "associations": [first, {**second, **changed}]})
    assert refused["failed"] and refused["msg"] == f"associations: {message}"
    assert refused["api_calls"] == []
