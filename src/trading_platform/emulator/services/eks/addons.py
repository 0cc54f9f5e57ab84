"""Add-ons: what is installed, what could be, and the health of those that have no node to run on."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.eks.responses import EKSResponse

from trading_platform.emulator import delays
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.addon_catalog import CATALOG, MINORS, Addon, default_version
from trading_platform.emulator.services.eks.store import (
    ADDON,
    NODEGROUP,
    Record,
    Update,
    arn,
    invalid,
    known,
    known_cluster,
    of_cluster,
    page,
    records,
)
from trading_platform.emulator.services.eks.updates import params_of

extension = Extension("eks")

SELF_MANAGED = ("vpc-cni", "kube-proxy", "coredns")
WITHOUT_NODES = {
    "code": "InsufficientNumberOfReplicas",
    "message": "The add-on is unhealthy because it doesn't have the desired number of replicas.",
    "resourceIds": [],
}


@extension.adds(EKSResponse)
def create_addon(self: EKSResponse) -> ActionResult:
    """API CreateAddon. Over a self-managed add-on of the same name it needs OVERWRITE, or it fails."""
    params = self.params
    cluster, name = params["clusterName"], params["addonName"]
    owner = known_cluster(self, cluster)
    now = datetime.now(UTC)
    data = {
        "addonName": name,
        "clusterName": cluster,
        "addonVersion": params.get("addonVersion") or default_version(name, owner.data["version"]),
        "addonArn": arn(self, f"addon/{cluster}/{name}/{uuid4()}"),
        "createdAt": now,
        "modifiedAt": now,
        "tags": dict(params.get("tags") or {}),
        "namespaceConfig": {"namespace": CATALOG[name].namespace},
        **{key: params[key] for key in ("serviceAccountRoleArn", "configurationValues") if params.get(key)},
    }
    record = Record(ADDON, data)
    if owner.data["_self_managed_addons"] and name in SELF_MANAGED and params.get("resolveConflicts") != "OVERWRITE":
        record.failure = {
            "code": "ConfigurationConflict",
            "message": f"Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. {name}",
            "resourceIds": [],
        }
    records(self, ADDON)[cluster, name] = record
    return ActionResult({"addon": _described(self, record)})


def _described(response: EKSResponse, record: Record) -> dict[str, Any]:
    status, issues = record.described_status(), [record.failure] if record.failure else []
    if status == "ACTIVE" and CATALOG[record.data["addonName"]].needs_nodes and not _nodes(response, record):
        status, issues = "DEGRADED", [WITHOUT_NODES]
    return {**record.data, "status": status, "health": {"issues": issues}}


def _nodes(response: EKSResponse, record: Record) -> int:
    groups = of_cluster(response, NODEGROUP, record.data["clusterName"])
    return sum(
        group.data["scalingConfig"]["desiredSize"]
        for _, group in groups
        if group.status() in ("ACTIVE", "DEGRADED", "UPDATING")
    )


@extension.adds(EKSResponse)
def describe_addon(self: EKSResponse) -> ActionResult:
    """API DescribeAddon."""
    record = known(self, ADDON, self.params["clusterName"], self.params["addonName"])
    return ActionResult({"addon": _described(self, record)})


@extension.adds(EKSResponse)
def list_addons(self: EKSResponse) -> ActionResult:
    """API ListAddons."""
    cluster = self.params["clusterName"]
    known_cluster(self, cluster)
    names, token = page([name for name, _ in of_cluster(self, ADDON, cluster)], self.params)
    return ActionResult({"addons": names, "nextToken": token})


@extension.adds(EKSResponse)
def update_addon(self: EKSResponse) -> ActionResult:
    """API UpdateAddon."""
    params = self.params
    record = known(self, ADDON, params["clusterName"], params["addonName"])
    after = {
        key: params[key]
        for key in ("addonVersion", "configurationValues", "serviceAccountRoleArn")
        if params.get(key) is not None
    }
    listed = params_of(
        AddonVersion=params.get("addonVersion"),
        ConfigurationValues=params.get("configurationValues"),
        ResolveConflicts=params.get("resolveConflicts"),
    )
    return ActionResult({"update": record.start(Update("AddonUpdate", listed, lambda: record.data.update(after)))})


@extension.adds(EKSResponse)
def delete_addon(self: EKSResponse) -> ActionResult:
    """API DeleteAddon."""
    record = known(self, ADDON, self.params["clusterName"], self.params["addonName"])
    record.deleted = delays.now()
    answer = {"addon": _described(self, record)}
    records(self, ADDON)
    return ActionResult(answer)


@extension.adds(EKSResponse)
def describe_addon_versions(self: EKSResponse) -> ActionResult:
    """API DescribeAddonVersions."""
    name, kubernetes = self.params.get("addonName"), self.params.get("kubernetesVersion")
    chosen = {key: addon for key, addon in CATALOG.items() if name in (None, key)}
    minors = (kubernetes,) if kubernetes else MINORS
    return ActionResult({"addons": [_offer(key, addon, minors) for key, addon in chosen.items()]})


def _offer(name: str, addon: Addon, minors: tuple[str, ...]) -> dict[str, Any]:
    versions = [
        {
            "addonVersion": version,
            "architecture": ["amd64", "arm64"],
            "computeTypes": ["ec2"],
            "compatibilities": [
                {
                    "clusterVersion": one,
                    "platformVersions": ["*"],
                    "defaultVersion": version == default_version(name, one),
                }
                for one in minors
                if one in fitting
            ],
            "requiresConfiguration": False,
            "requiresIamPermissions": addon.service_account is not None,
        }
        for version, fitting in addon.versions.items()
        if set(minors) & set(fitting)
    ]
    return {"addonName": name, "addonVersions": versions, "publisher": "eks", "owner": "aws"}


@extension.adds(EKSResponse)
def describe_addon_configuration(self: EKSResponse) -> ActionResult:
    """API DescribeAddonConfiguration."""
    name, version = self.params["addonName"], self.params["addonVersion"]
    addon = CATALOG.get(name)
    if addon is None or version not in addon.versions:
        raise invalid("Addon version specified is not supported")
    identity = [{"serviceAccount": addon.service_account, "recommendedManagedPolicies": list(addon.managed_policies)}]
    return ActionResult(
        {
            "addonName": name,
            "addonVersion": version,
            "configurationSchema": json.dumps(_json_schema(addon.schema)),
            "podIdentityConfiguration": identity if addon.service_account else [],
        }
    )


def _json_schema(keys: dict[str, Any]) -> dict[str, Any]:
    inner = {key: _json_schema(value) if value is not None else {} for key, value in keys.items()}
    return {"type": "object", "additionalProperties": False, "properties": inner}
