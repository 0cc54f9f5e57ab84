"""The module eks_access_entry: who may do what in the cluster, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from eks_estate import CLUSTER, TAGS, make_cluster, make_role
from harness import load, run_module, writes

from trading_platform.aws.eks_access_entry import POLICY_PREFIX, policies_of
from trading_platform.emulator.testing import EmulatorServer

main = load("eks_access_entry").main
VIEW, EDIT = POLICY_PREFIX + "AmazonEKSViewPolicy", POLICY_PREFIX + "AmazonEKSEditPolicy"


@pytest.fixture
def eks(aws: EmulatorServer) -> Any:
    make_cluster(aws)
    return aws.client("eks")


@pytest.fixture
def names(aws: EmulatorServer, eks: Any) -> dict[str, str]:
    return {
        "clusterName": CLUSTER,
        "principalArn": make_role(aws.client("iam"), "developers", "ec2.amazonaws.com"),
    }


@pytest.fixture
def arguments(names: dict[str, str]) -> dict[str, Any]:
    return {
        "cluster_name": CLUSTER,
        "principal_arn": names["principalArn"],
        "kubernetes_groups": ["viewers", "developers"],
        "access_policies": [{"policy": "AmazonEKSViewPolicy"}],
        "tags": TAGS,
    }


def policies(eks: Any, names: dict[str, str]) -> dict[str, Any]:
    held = eks.list_associated_access_policies(**names)["associatedAccessPolicies"]
    return {one["policyArn"]: one["accessScope"] for one in held}


def test_check_then_create_then_again(eks: Any, names: dict[str, str], arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert (
        check["changed"] and writes(check) == [] and eks.list_access_entries(clusterName=CLUSTER)["accessEntries"] == []
    )
    result = run_module(main, arguments)
    assert writes(result) == ["eks.CreateAccessEntry", "eks.AssociateAccessPolicy"] and result["diff"] == check["diff"]
    entry = eks.describe_access_entry(**names)["accessEntry"]
    assert sorted(entry["kubernetesGroups"]) == ["developers", "viewers"] and entry["tags"] == TAGS
    assert policies(eks, names) == {VIEW: {"type": "cluster", "namespaces": []}}
    again = run_module(main, arguments)
    assert not again["changed"]
    assert again["api_calls"] == ["eks.DescribeAccessEntry", "eks.ListAssociatedAccessPolicies"]


def test_parents_of_a_dry_run(arguments: dict[str, Any]) -> None:
    planned = run_module(main, {**arguments, "principal_arn": "arn-planned"}, check=True)
    assert planned["changed"] and planned["api_calls"] == []
    assert run_module(main, {**arguments, "cluster_name": "not-there"}, check=True)["changed"]


def test_a_run_killed_halfway_is_completed(eks: Any, names: dict[str, str], arguments: dict[str, Any]) -> None:
    assert run_module(main, arguments, fail={"eks.AssociateAccessPolicy": "ServerException"})["failed"]
    result = run_module(main, arguments)
    assert writes(result) == ["eks.AssociateAccessPolicy"] and list(policies(eks, names)) == [VIEW]


def test_drift_is_repaired(eks: Any, names: dict[str, str], arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    eks.update_access_entry(**names, kubernetesGroups=["owners"])
    eks.associate_access_policy(**names, policyArn=EDIT, accessScope={"type": "cluster"})
    eks.associate_access_policy(**names, policyArn=VIEW, accessScope={"type": "namespace", "namespaces": ["a"]})
    arn = eks.describe_access_entry(**names)["accessEntry"]["accessEntryArn"]
    eks.tag_resource(resourceArn=arn, tags={"ManagedBy": "hand"})
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: access_policies, kubernetes_groups, tags"] and writes(check) == []
    result = run_module(main, arguments)
    assert writes(result) == [
        "eks.UpdateAccessEntry",
        "eks.DisassociateAccessPolicy",
        "eks.AssociateAccessPolicy",
        "eks.TagResource",
    ]
    assert policies(eks, names) == {VIEW: {"type": "cluster", "namespaces": []}}
    assert not run_module(main, arguments)["changed"]


def test_a_policy_may_hold_in_some_namespaces(eks: Any, names: dict[str, str], arguments: dict[str, Any]) -> None:
    scoped = {**arguments, "access_policies": [{"policy": EDIT, "namespaces": ["trading", "jobs"]}]}
    run_module(main, scoped)
    scope = policies(eks, names)[EDIT]
    assert scope["type"] == "namespace" and sorted(scope["namespaces"]) == ["jobs", "trading"]
    assert not run_module(main, scoped)["changed"]
    assert policies_of(scoped["access_policies"]) == {EDIT: ["jobs", "trading"]}


def test_the_type_cannot_change(arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    result = run_module(main, {**arguments, "type": "EC2_LINUX"})
    assert result["failed"] and "type is 'STANDARD'" in result["msg"]


def test_delete_and_delete_again(eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    gone = {**arguments, "state": "absent"}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["eks.DeleteAccessEntry"]
    assert not run_module(main, gone)["changed"]
    assert eks.list_access_entries(clusterName=CLUSTER)["accessEntries"] == []


def test_refusals_are_reported(arguments: dict[str, Any]) -> None:
    result = run_module(main, {**arguments, "kubernetes_groups": ["system:masters"]})
    assert result["failed"] and "cannot start with system:" in result["msg"]
