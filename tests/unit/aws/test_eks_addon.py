"""The module eks_addon: what is installed stays until it does not go with the cluster any more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eks_estate import CLUSTER, TAGS, make_cluster, make_nodes
from harness import load, run_module, writes

from trading_platform.aws.eks_addon import offers, read_configuration, version_to_install
from trading_platform.aws.engine import RefusedError
from trading_platform.emulator.testing import EmulatorServer

main = load("eks_addon").main
DEFAULT, OLDER = "v1.22.4-eksbuild.3", "v1.21.1-eksbuild.7"  # of vpc-cni, as the embedded AWS offers them
PROXY_OF_1_36 = "v1.36.0-eksbuild.17"


@pytest.fixture
def eks(aws: EmulatorServer) -> Any:
    make_cluster(aws)
    return aws.client("eks")


@pytest.fixture
def arguments(eks: Any) -> dict[str, Any]:
    return {
        "cluster_name": CLUSTER,
        "name": "vpc-cni",
        "kubernetes_version": "1.35",
        "configuration": {"enableNetworkPolicy": "true", "env": {"ENABLE_PREFIX_DELEGATION": "true"}},
        "tags": TAGS,
    }


def addon(eks: Any, name: str = "vpc-cni") -> dict[str, Any]:
    return dict(eks.describe_addon(clusterName=CLUSTER, addonName=name)["addon"])


def offered(*versions: str) -> list[dict[str, Any]]:
    return [{"version": version, "default": number == 0} for number, version in enumerate(versions)]


def test_check_then_create_then_again(eks: Any, arguments: dict[str, Any]) -> None:
    check = run_module(main, arguments, check=True)
    assert check["changed"] and writes(check) == [] and eks.list_addons(clusterName=CLUSTER)["addons"] == []
    result = run_module(main, {**arguments, "wait": True})
    assert writes(result) == ["eks.CreateAddon"] and result["diff"] == check["diff"]
    assert result["eks_addon"]["version"] == DEFAULT
    made = addon(eks)
    assert (made["status"], made["addonVersion"], made["tags"]) == ("ACTIVE", DEFAULT, TAGS)
    assert json.loads(made["configurationValues"]) == arguments["configuration"]
    again = run_module(main, arguments)
    assert not again["changed"] and again["api_calls"] == ["eks.DescribeAddon", "eks.DescribeAddonVersions"]


def test_a_dry_run_without_cluster_says_which_version_it_would_be(arguments: dict[str, Any]) -> None:
    check = run_module(main, {**arguments, "cluster_name": "not-there"}, check=True)
    assert check["changed"] and check["eks_addon"]["version"] == DEFAULT


def test_what_is_installed_stays_though_the_default_moved_on(eks: Any, arguments: dict[str, Any]) -> None:
    eks.create_addon(clusterName=CLUSTER, addonName="vpc-cni", addonVersion=OLDER)
    result = run_module(main, arguments)
    assert result["actions"] == ["update: configuration, tags"] and addon(eks)["addonVersion"] == OLDER
    pinned = run_module(main, {**arguments, "version": DEFAULT})
    assert pinned["actions"] == ["update: version"] and addon(eks)["addonVersion"] == DEFAULT


def test_what_does_not_go_with_the_cluster_any_more_is_brought_up(
    aws: EmulatorServer, eks: Any, arguments: dict[str, Any]
) -> None:
    proxy = {**arguments, "name": "kube-proxy", "kubernetes_version": "1.34", "configuration": {}}
    eks.delete_cluster(name=CLUSTER)
    aws.client("iam").delete_role(RoleName="cluster")
    make_cluster(aws, version="1.33")
    run_module(main, {**proxy, "kubernetes_version": "1.33"})
    first = addon(eks, "kube-proxy")["addonVersion"]
    eks.update_cluster_version(name=CLUSTER, version="1.34")
    assert not run_module(main, proxy)["changed"]
    for version in ("1.35", "1.36"):
        eks.update_cluster_version(name=CLUSTER, version=version)
    result = run_module(main, {**proxy, "kubernetes_version": "1.36"})
    assert result["actions"] == ["update: version"]
    assert addon(eks, "kube-proxy")["addonVersion"] == PROXY_OF_1_36 != first


def test_drift_is_repaired_and_preserved_elsewhere(eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    eks.update_addon(clusterName=CLUSTER, addonName="vpc-cni", configurationValues='{"enableNetworkPolicy": "false"}')
    eks.tag_resource(resourceArn=addon(eks)["addonArn"], tags={"stray": "1"})
    check = run_module(main, arguments, check=True)
    assert check["diff"]["before"]["configuration"] == {"enableNetworkPolicy": "false"} and writes(check) == []
    result = run_module(main, {**arguments, "wait": True})
    assert writes(result) == ["eks.UntagResource", "eks.UpdateAddon"]
    (update,) = eks.list_updates(name=CLUSTER, addonName="vpc-cni")["updateIds"][1:]
    params = eks.describe_update(name=CLUSTER, addonName="vpc-cni", updateId=update)["update"]["params"]
    assert {"type": "ResolveConflicts", "value": "PRESERVE"} in params
    assert not run_module(main, arguments)["changed"]


def test_it_is_installed_over_the_self_managed_one(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    eks.delete_cluster(name=CLUSTER)
    aws.client("iam").delete_role(RoleName="cluster")
    make_cluster(aws, bootstrapSelfManagedAddons=True)
    assert run_module(main, {**arguments, "wait": True})["eks_addon"]["status"] == "ACTIVE"


def test_what_could_not_be_installed_is_made_anew(aws: EmulatorServer, eks: Any, arguments: dict[str, Any]) -> None:
    eks.delete_cluster(name=CLUSTER)
    aws.client("iam").delete_role(RoleName="cluster")
    make_cluster(aws, bootstrapSelfManagedAddons=True)
    eks.create_addon(clusterName=CLUSTER, addonName="vpc-cni")
    assert addon(eks)["status"] == "CREATE_FAILED"
    assert run_module(main, arguments, check=True)["changed"]
    result = run_module(main, {**arguments, "wait": True})
    assert writes(result) == ["eks.DeleteAddon", "eks.CreateAddon"] and addon(eks)["status"] == "ACTIVE"


def test_without_nodes_waiting_ends_with_the_time(aws: EmulatorServer, arguments: dict[str, Any]) -> None:
    coredns = {**arguments, "name": "coredns", "configuration": {}, "wait": True, "wait_timeout": 1}
    result = run_module(main, coredns)
    assert result["failed"] and "was not ready within 1 s" in result["msg"]
    assert "coredns is DEGRADED: InsufficientNumberOfReplicas" in str(result["warnings"])
    make_nodes(aws)
    assert run_module(main, coredns)["eks_addon"]["status"] == "ACTIVE"


def test_what_is_degraded_and_as_it_should_be_is_told_and_not_waited_for(arguments: dict[str, Any]) -> None:
    coredns = {**arguments, "name": "coredns", "configuration": {}}
    assert run_module(main, coredns)["eks_addon"]["status"] == "DEGRADED"
    again = run_module(main, {**coredns, "wait": True, "wait_timeout": 1})
    assert not again.get("failed") and again["eks_addon"]["status"] == "DEGRADED"
    assert "coredns is DEGRADED: InsufficientNumberOfReplicas" in str(again["warnings"])
    changed = run_module(main, {**coredns, "wait": True, "wait_timeout": 1, "wait_until_healthy": True})
    assert changed["failed"] and "was not ready within 1 s" in changed["msg"]


def test_an_update_in_progress_is_waited_for_though_the_add_on_says_active(
    aws: EmulatorServer, eks: Any, arguments: dict[str, Any]
) -> None:
    run_module(main, arguments)
    aws.delay(eks_addon=0.2)
    result = run_module(main, {**arguments, "configuration": {}, "wait": True})
    assert result["eks_addon"]["configuration"] == {} and addon(eks)["status"] == "ACTIVE"


def test_delete_and_delete_again(eks: Any, arguments: dict[str, Any]) -> None:
    run_module(main, arguments)
    gone = {"cluster_name": CLUSTER, "name": "vpc-cni", "state": "absent", "wait": True}
    assert writes(run_module(main, gone, check=True)) == []
    assert writes(run_module(main, gone)) == ["eks.DeleteAddon"]
    assert not run_module(main, gone)["changed"]


def test_refusals_are_reported(arguments: dict[str, Any]) -> None:
    result = run_module(main, {**arguments, "configuration": {"nonsense": True}})
    assert result["failed"] and "$.nonsense: is not defined in the schema" in result["msg"]
    result = run_module(main, {**arguments, "version": "v0.0.1-eksbuild.1"}, check=True)
    assert result["failed"] and f"AWS offers {DEFAULT}" in result["msg"]
    result = run_module(main, {**arguments, "name": "no-such-addon"}, check=True)
    assert result["failed"] and "AWS offers no version" in result["msg"]


def test_vpc_cni_goes_one_minor_at_a_time() -> None:
    versions = offered("v1.22.4-eksbuild.3", "v1.21.1-eksbuild.7")
    assert version_to_install("vpc-cni", versions, None, "v1.20.4-eksbuild.3") == "v1.21.1-eksbuild.7"
    assert version_to_install("coredns", versions, None, "v1.20.4-eksbuild.3") == "v1.22.4-eksbuild.3"
    with pytest.raises(RefusedError, match=r"go by way of v1\.21\.1"):
        version_to_install("vpc-cni", versions, "v1.22.4-eksbuild.3", "v1.20.4-eksbuild.3")
    with pytest.raises(RefusedError, match="more than one minor"):
        version_to_install("vpc-cni", versions[:1], None, "v1.20.4-eksbuild.3")


def test_offers_are_those_of_the_kubernetes_version() -> None:
    def fits(*versions: str) -> list[dict[str, Any]]:
        return [{"clusterVersion": version, "defaultVersion": version == "1.35"} for version in versions]

    answer = [
        {
            "addonVersions": [
                {"addonVersion": "v3", "compatibilities": fits("1.36")},
                {"addonVersion": "v2", "compatibilities": fits("1.35", "1.36")},
            ]
        }
    ]
    assert offers(answer, "1.35") == [{"version": "v2", "default": True}]
    assert offers(answer, "1.36") == [{"version": "v3", "default": False}, {"version": "v2", "default": False}]
    assert offers([], "1.35") == []


def test_configuration_is_read_as_data() -> None:
    assert read_configuration(None) == {} and read_configuration('{"a": 1}') == {"a": 1}
    assert read_configuration("a: 1") == "a: 1"
