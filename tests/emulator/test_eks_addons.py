"""EKS add-ons: versions by Kubernetes version, configuration, health, and what AWS refuses."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from eks_ground import CLUSTER, Ground, make_ground
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

INVALID = "InvalidParameterException"
LONG = 3600.0


@pytest.fixture
def catalog() -> Any:
    """The emulator's add-ons. Not imported above: moto comes with them, into every process that collects tests."""
    return importlib.import_module("trading_platform.emulator.services.eks.addon_catalog")


@pytest.fixture
def ground(emulator: EmulatorServer) -> Ground:
    ground = make_ground(emulator)
    ground.create(bootstrapSelfManagedAddons=False)
    return ground


def install(ground: Ground, name: str, **more: Any) -> dict[str, Any]:
    return dict(ground.eks.create_addon(clusterName=CLUSTER, addonName=name, **more)["addon"])


def addon(ground: Ground, name: str) -> dict[str, Any]:
    return dict(ground.eks.describe_addon(clusterName=CLUSTER, addonName=name)["addon"])


@pytest.mark.parametrize("kubernetes", ["1.33", "1.34", "1.35", "1.36"])
def test_every_add_on_has_one_default_for_every_version(ground: Ground, catalog: Any, kubernetes: str) -> None:
    offered = ground.eks.describe_addon_versions(kubernetesVersion=kubernetes)["addons"]
    assert {one["addonName"] for one in offered} == set(catalog.CATALOG)
    for one in offered:
        fits = [compatibility for version in one["addonVersions"] for compatibility in version["compatibilities"]]
        assert {compatibility["clusterVersion"] for compatibility in fits} == {kubernetes}
        assert sum(compatibility["defaultVersion"] for compatibility in fits) == 1, one["addonName"]


def test_the_default_is_installed_unless_asked_for_another(ground: Ground, catalog: Any) -> None:
    assert install(ground, "vpc-cni")["addonVersion"] == catalog.default_version("vpc-cni", "1.35")
    older = list(catalog.CATALOG["aws-ebs-csi-driver"].versions)[1]
    assert install(ground, "aws-ebs-csi-driver", addonVersion=older)["addonVersion"] == older
    assert ground.eks.list_addons(clusterName=CLUSTER)["addons"] == ["aws-ebs-csi-driver", "vpc-cni"]


def test_configuration_round_trip_and_update(ground: Ground) -> None:
    install(ground, "vpc-cni", configurationValues='{"enableNetworkPolicy":"true"}', tags={"a": "b"})
    assert addon(ground, "vpc-cni")["configurationValues"] == '{"enableNetworkPolicy":"true"}'
    ground.eks.update_addon(clusterName=CLUSTER, addonName="vpc-cni", configurationValues="{}")
    assert (addon(ground, "vpc-cni")["configurationValues"], addon(ground, "vpc-cni")["tags"]) == ("{}", {"a": "b"})


def test_deployments_are_unhealthy_without_nodes(ground: Ground) -> None:
    install(ground, "coredns")
    degraded = addon(ground, "coredns")
    assert degraded["status"] == "DEGRADED"
    assert degraded["health"]["issues"][0]["code"] == "InsufficientNumberOfReplicas"
    ground.create_nodes()
    assert (addon(ground, "coredns")["status"], addon(ground, "coredns")["health"]["issues"]) == ("ACTIVE", [])


def test_states_take_their_time(ground: Ground, emulator: EmulatorServer) -> None:
    names = {"clusterName": CLUSTER, "addonName": "kube-proxy"}
    emulator.delay(eks_addon=LONG)
    assert install(ground, "kube-proxy")["status"] == "CREATING"
    emulator.delay(eks_addon=0)
    assert addon(ground, "kube-proxy")["status"] == "ACTIVE"
    emulator.delay(eks_addon=LONG)
    ground.eks.update_addon(**names, configurationValues='{"mode":"iptables"}')
    assert [addon(ground, "kube-proxy")["status"] for _ in range(2)] == ["ACTIVE", "UPDATING"]
    with refused("ResourceInUseException", "in progress"):
        ground.eks.update_addon(**names, configurationValues="{}")
    emulator.delay(eks_addon=0)
    assert addon(ground, "kube-proxy")["configurationValues"] == '{"mode":"iptables"}'
    emulator.delay(eks_addon=LONG)
    ground.eks.delete_addon(**names)
    assert addon(ground, "kube-proxy")["status"] == "DELETING"


def test_over_the_self_managed_ones_only_by_overwriting(emulator: EmulatorServer) -> None:
    ground = make_ground(emulator)
    ground.create()
    install(ground, "coredns")
    failed = addon(ground, "coredns")
    assert (failed["status"], failed["health"]["issues"][0]["code"]) == ("CREATE_FAILED", "ConfigurationConflict")
    assert install(ground, "kube-proxy", resolveConflicts="OVERWRITE")["status"] == "ACTIVE"
    assert install(ground, "eks-pod-identity-agent")["status"] == "ACTIVE"


def test_unknown_add_ons_and_versions(ground: Ground, catalog: Any) -> None:
    with refused(INVALID, "Addon velero specified is not supported in 1.35 kubernetes version"):
        install(ground, "velero")
    with refused(INVALID, "Addon version specified is not supported"):
        install(ground, "kube-proxy", addonVersion=catalog.default_version("kube-proxy", "1.36"))
    install(ground, "kube-proxy")
    with refused("ResourceInUseException", "Addon already exists."):
        install(ground, "kube-proxy")
    with refused(INVALID, "Addon version specified is not supported"):
        ground.eks.update_addon(clusterName=CLUSTER, addonName="kube-proxy", addonVersion="v9.9.9-eksbuild.1")
    with refused("ResourceNotFoundException", "No addon: coredns found in cluster: trading"):
        addon(ground, "coredns")


def test_vpc_cni_goes_one_minor_version_at_a_time(ground: Ground, catalog: Any) -> None:
    newest, _, oldest = list(catalog.CATALOG["vpc-cni"].versions)
    install(ground, "vpc-cni", addonVersion=oldest)
    with refused(INVALID, "Updating VPC-CNI can only go up or down 1 minor version at a time"):
        ground.eks.update_addon(clusterName=CLUSTER, addonName="vpc-cni", addonVersion=newest)


@pytest.mark.parametrize(
    ("name", "values", "path"),
    [
        ("vpc-cni", {"enableNetworkPolicies": "true"}, "$.enableNetworkPolicies"),
        ("vpc-cni", {"eniConfig": {"zones": {}}}, "$.eniConfig.zones"),
        (
            "aws-secrets-store-csi-driver-provider",
            {"secrets-store-csi-driver": {"syncSecret": {"enable": True}}},
            "$.secrets-store-csi-driver.syncSecret.enable",
        ),
    ],
)
def test_unknown_keys_of_the_configuration(ground: Ground, name: str, values: dict[str, Any], path: str) -> None:
    text = f"Json schema validation failed with error: [{path}: is not defined in the schema"
    with refused(INVALID, text):
        install(ground, name, configurationValues=json.dumps(values))


def test_configuration_that_is_no_json(ground: Ground) -> None:
    with refused(INVALID, "ConfigurationValue provided in request is not supported"):
        install(ground, "vpc-cni", configurationValues="{broken")


def test_schemas_and_identities(ground: Ground, catalog: Any) -> None:
    version = catalog.default_version("vpc-cni", "1.35")
    answer = ground.eks.describe_addon_configuration(addonName="vpc-cni", addonVersion=version)
    schema = json.loads(answer["configurationSchema"])
    assert "enableNetworkPolicy" in schema["properties"] and schema["additionalProperties"] is False
    assert answer["podIdentityConfiguration"][0]["serviceAccount"] == "aws-node"
    with refused(INVALID, "Addon version specified is not supported"):
        ground.eks.describe_addon_configuration(addonName="vpc-cni", addonVersion="v0.0.0")
