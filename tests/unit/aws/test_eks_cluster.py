"""The module eks_cluster: made once, brought back from drift one update at a time, and upgraded step by step."""

from __future__ import annotations

from typing import Any

import pytest
from eks_estate import CLUSTER, TAGS, make_nodes, make_role, make_subnets
from harness import load, run_module, writes

from trading_platform.aws.eks_cluster import EksCluster, modes_between, version_problem
from trading_platform.aws.engine import RefusedError
from trading_platform.emulator.testing import EmulatorServer

main = load("eks_cluster").main
LONG, SHORT = 3600.0, 0.2


@pytest.fixture
def eks(aws: EmulatorServer) -> Any:
    return aws.client("eks")


@pytest.fixture
def arguments(aws: EmulatorServer) -> dict[str, Any]:
    return {
        "name": CLUSTER,
        "version": "1.35",
        "role_arn": make_role(aws.client("iam"), "cluster", "eks.amazonaws.com"),
        "subnet_ids": make_subnets(aws.client("ec2")),
        "service_ipv4_cidr": "172.20.0.0/16",
        "encryption_key_arn": aws.client("kms").create_key()["KeyMetadata"]["Arn"],
        "tags": TAGS,
    }


def cluster(eks: Any) -> dict[str, Any]:
    return dict(eks.describe_cluster(name=CLUSTER)["cluster"])


def test_check_then_create_then_again(eks: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and eks.list_clusters()["clusters"] == []
    assert check["eks_cluster"]["cluster_security_group_id"] == "sg-planned"
    result = run_module(main, arguments)
    assert writes(result) == ["eks.CreateCluster"] and result["diff"] == check["diff"]
    made = cluster(eks)
    assert made["accessConfig"] == {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    assert made["upgradePolicy"] == {"supportType": "STANDARD"} and made["deletionProtection"]
    network = made["resourcesVpcConfig"]
    assert (network["endpointPublicAccess"], network["endpointPrivateAccess"]) == (False, True)
    assert made["logging"]["clusterLogging"] == [
        {"types": ["api", "audit", "authenticator", "controllerManager", "scheduler"], "enabled": True}
    ]
    assert made["encryptionConfig"] == [
        {"resources": ["secrets"], "provider": {"keyArn": arguments["encryption_key_arn"]}}
    ]
    assert made["tags"] == TAGS
    assert result["eks_cluster"]["oidc_issuer"] == made["identity"]["oidc"]["issuer"]
    again = run_module(main, {**arguments, "wait": True})
    assert not again["changed"] and again["api_calls"] == ["eks.DescribeCluster"]
    assert again["eks_cluster"]["cluster_security_group_id"] == network["clusterSecurityGroupId"]


def test_parents_of_a_dry_run_are_not_asked_for(arguments: dict[str, Any]) -> None:
    planned = {
        **arguments,
        "subnet_ids": ["subnet-planned"],
        "role_arn": "arn-planned",
        "encryption_key_arn": "arn-planned",
    }
    check = run_module(main, planned, check=True)
    assert check["changed"] and check["api_calls"] == ["eks.DescribeCluster"]
    assert run_module(main, planned)["failed"]


def test_drift_is_repaired_one_update_at_a_time(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, {**arguments, "public_access_cidrs": ["203.0.113.0/24"]})
    arn = cluster(eks)["arn"]
    eks.update_cluster_config(name=CLUSTER, deletionProtection=False)
    eks.update_cluster_config(name=CLUSTER, upgradePolicy={"supportType": "EXTENDED"})
    eks.update_cluster_config(name=CLUSTER, logging={"clusterLogging": [{"types": ["audit"], "enabled": False}]})
    eks.update_cluster_config(name=CLUSTER, resourcesVpcConfig={"publicAccessCidrs": ["0.0.0.0/0"]})
    eks.untag_resource(resourceArn=arn, tagKeys=["ManagedBy"])
    check = run_module(main, arguments, check=True)
    assert writes(check) == [] and check["diff"]["before"]["public_access_cidrs"] == ["0.0.0.0/0"]
    aws.delay(eks_cluster=SHORT)
    result = run_module(main, {**arguments, "wait": True})
    assert writes(result) == ["eks.TagResource", *["eks.UpdateClusterConfig"] * 4]
    assert result["actions"] == [
        "update: deletion_protection, endpoint_public_access, log_types, public_access_cidrs, support_type, tags"
    ]
    # What it gives was read when the last update was over.
    assert result["eks_cluster"]["status"] == "ACTIVE" and result["eks_cluster"]["deletion_protection"]
    assert not run_module(main, arguments)["changed"]
    assert cluster(eks)["resourcesVpcConfig"]["endpointPublicAccess"] is False


def test_subnets_and_groups_change_in_one_update(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    vpc_id = cluster(eks)["resourcesVpcConfig"]["vpcId"]
    group = aws.client("ec2").create_security_group(GroupName="cp", Description="cp", VpcId=vpc_id)["GroupId"]
    result = run_module(main, {**arguments, "security_group_ids": [group], "wait": True})
    assert writes(result) == ["eks.UpdateClusterConfig"]
    assert cluster(eks)["resourcesVpcConfig"]["securityGroupIds"] == [group]


def test_what_cannot_change_is_refused(aws: EmulatorServer, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    other = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    for change in ({"service_ipv4_cidr": "172.21.0.0/16"}, {"encryption_key_arn": other}, {"role_arn": "arn:other"}):
        result = run_module(main, {**arguments, **change}, check=True)
        assert result["failed"] and next(iter(change)) in result["msg"] and writes(result) == []


def test_encryption_and_access_entries_are_added_to_a_cluster_without(
    aws: EmulatorServer, eks: Any, arguments: dict[str, Any]
) -> None:
    eks.create_cluster(
        name=CLUSTER,
        version="1.35",
        roleArn=arguments["role_arn"],
        resourcesVpcConfig={"subnetIds": arguments["subnet_ids"]},
    )
    result = run_module(main, {**arguments, "wait": True})
    assert not result.get("failed") and "eks.AssociateEncryptionConfig" in writes(result)
    assert cluster(eks)["accessConfig"]["authenticationMode"] == "API"
    assert not run_module(main, arguments)["changed"]


@pytest.mark.parametrize(
    ("current", "wanted", "text"),
    [("1.33", "1.35", "set 1.34"), ("1.35", "1.34", "no downgrade"), ("1.35", "1.36", None), ("1.35", "1.35", None)],
)
def test_versions_go_up_one_by_one(current: str, wanted: str, text: str | None) -> None:
    problem = version_problem(current, wanted)
    assert (text in problem) if text and problem else problem is None


def test_authentication_modes_go_one_way() -> None:
    assert modes_between("CONFIG_MAP", "API") == ["API_AND_CONFIG_MAP", "API"]
    assert modes_between("API", "API") == []
    with pytest.raises(RefusedError, match="cannot go back"):
        modes_between("API", "API_AND_CONFIG_MAP")


def test_upgrade_is_asked_for_and_then_waited_for(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, {**arguments, "version": "1.34"})
    jump = run_module(main, {**arguments, "version": "1.36"}, check=True)
    assert jump["failed"] and "set 1.35" in jump["msg"]
    check = run_module(main, arguments, check=True)
    assert check["actions"] == ["update: version"] and cluster(eks)["version"] == "1.34"
    aws.delay(eks_cluster=LONG)
    asked = run_module(main, arguments)
    assert asked["eks_cluster"]["status"] == "UPDATING" and cluster(eks)["version"] == "1.34"
    aws.delay(eks_cluster=SHORT)
    # As after a killed run: what goes on already is waited for, not asked for again.
    waited = run_module(main, {**arguments, "wait": True})
    assert not waited.get("failed") and writes(waited) == []
    assert waited["eks_cluster"]["version"] == "1.35" and waited["eks_cluster"]["status"] == "ACTIVE"
    back = run_module(main, {**arguments, "version": "1.34"}, check=True)
    assert back["failed"] and "no downgrade" in back["msg"]


def test_an_update_that_the_status_does_not_show_yet_is_not_asked_for_again(
    aws: EmulatorServer, eks: Any, arguments: dict[str, Any]
) -> None:
    run_module(main, {**arguments, "version": "1.34"})
    aws.delay(eks_cluster=SHORT)
    eks.update_cluster_version(name=CLUSTER, version="1.35")
    result = run_module(main, {**arguments, "wait": True})
    assert not result.get("failed") and result["eks_cluster"]["version"] == "1.35"
    assert len(eks.list_updates(name=CLUSTER)["updateIds"]) == 1


def test_nodes_that_are_behind_keep_the_cluster_from_going_on(aws: EmulatorServer, arguments: dict[str, Any]) -> None:
    run_module(main, {**arguments, "version": "1.33"})
    make_nodes(aws)
    run_module(main, {**arguments, "version": "1.34"})
    result = run_module(main, {**arguments, "version": "1.35"})
    assert result["failed"] and "Nodegroups nodes must be updated to match cluster version 1.34" in result["msg"]


def test_drift_while_creating_waits_for_the_creation(aws: EmulatorServer, arguments: dict[str, Any]) -> None:
    aws.delay(eks_cluster=LONG)
    asked = run_module(main, arguments)["eks_cluster"]
    assert asked["status"] == "CREATING" and asked["endpoint"] is None
    aws.delay(eks_cluster=SHORT)
    result = run_module(main, {**arguments, "support_type": "EXTENDED", "wait": True})
    assert writes(result) == ["eks.UpdateClusterConfig"] and result["eks_cluster"]["status"] == "ACTIVE"


def test_deletion_protection_guards_the_deletion(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    gone = {"name": CLUSTER, "state": "absent", "wait": True}
    refused = run_module(main, gone)
    assert refused["failed"] and "deletion protection is on" in refused["msg"]
    check = run_module(main, {**gone, "deletion_protection": False}, check=True)
    assert check["changed"] and writes(check) == []
    # Turning it off takes its time, and before it is over AWS refuses the deletion.
    aws.delay(eks_cluster=SHORT)
    result = run_module(main, {**gone, "deletion_protection": False})
    assert writes(result) == ["eks.UpdateClusterConfig", "eks.DeleteCluster"]
    assert eks.list_clusters()["clusters"] == []
    assert not run_module(main, gone)["changed"]


def test_a_cluster_that_is_going_is_waited_for_and_made_anew(
    aws: EmulatorServer, eks: Any, arguments: dict[str, Any]
) -> None:
    run_module(main, {**arguments, "deletion_protection": False})
    first = cluster(eks)["createdAt"]
    aws.delay(eks_cluster=LONG)
    eks.delete_cluster(name=CLUSTER)
    assert run_module(main, arguments, check=True)["actions"] == ["create"]
    aws.delay(eks_cluster=SHORT)
    result = run_module(main, arguments)
    assert writes(result) == ["eks.CreateCluster"] and cluster(eks)["createdAt"] > first


def test_a_role_that_eks_does_not_know_yet_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, eks: Any, arguments: dict[str, Any]
) -> None:
    monkeypatch.setattr("trading_platform.aws.eks.ROLE_SECONDS", 0.3)
    unknown = {**arguments, "role_arn": arguments["role_arn"] + "-not-yet"}
    result = run_module(main, unknown)
    assert result["failed"] and "could not be assumed" in result["msg"] and len(writes(result)) > 1


def test_an_update_that_fails_in_the_end_is_reported(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]
) -> None:
    run_module(main, arguments)
    why = [{"errorCode": "Unknown", "errorMessage": "why"}]
    answers = [{"status": "InProgress"}] * 2 + [{"type": "VersionUpdate", "status": "Failed", "errors": why}]

    def start(self: EksCluster, call: Any, **more: Any) -> None:
        super(EksCluster, self).start(call, **more)
        self.eks.describe_update = lambda **_: {"update": answers.pop(0)}

    monkeypatch.setattr("trading_platform.aws.eks_cluster.EksCluster.start", start)
    monkeypatch.setitem(main.__globals__, "EksCluster", EksCluster)
    result = run_module(main, {**arguments, "support_type": "EXTENDED", "wait": True})
    assert result["failed"] and "VersionUpdate failed: Unknown: why" in result["msg"]


def test_an_update_that_eks_does_not_find_yet_goes_on(arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    unknown = {"eks.DescribeUpdate": "ResourceNotFoundException"}
    result = run_module(main, {**arguments, "support_type": "EXTENDED"}, fail=unknown)
    assert result["changed"] and result["eks_cluster"]["status"] == "UPDATING"


def test_an_error_of_the_api_is_reported(aws: EmulatorServer, arguments: dict[str, Any]) -> None:
    one_zone = {**arguments, "subnet_ids": arguments["subnet_ids"][:1]}
    result = run_module(main, one_zone)
    assert result["failed"] and "at least two different AZs" in result["msg"]
