"""Updates: of a cluster's configuration and version, and the record of every update."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.eks.responses import EKSResponse

from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.clusters import DEFAULT_CIDRS, logging_of
from trading_platform.emulator.services.eks.store import (
    ADDON,
    NODEGROUP,
    Record,
    Update,
    known,
    known_cluster,
    page,
)

extension = Extension("eks")


def params_of(**values: Any) -> list[dict[str, str]]:
    """An update's parameters as the API lists them."""
    return [{"type": name, "value": str(value)} for name, value in values.items() if value is not None]


@extension.patches(EKSResponse, "update_cluster_config")
def update_cluster_config(_: Callable[..., Any], self: EKSResponse) -> ActionResult:
    """API UpdateClusterConfig; ``cluster_refusals`` has seen to it that it is one type of update."""
    record, params = known_cluster(self, self.params["name"]), self.params
    network = params.get("resourcesVpcConfig") or {}
    if "subnetIds" in network or "securityGroupIds" in network:
        update = _network_update(record, network)
    elif network:
        update = _endpoint_update(record, network)
    elif "logging" in params:
        update = _logging_update(record, params["logging"])
    else:
        update = _plain_update(record, params)
    return ActionResult({"update": record.start(update)})


def _network_update(record: Record, network: dict[str, Any]) -> Update:
    changed = {key: list(network[key]) for key in ("subnetIds", "securityGroupIds") if key in network}
    listed = params_of(Subnets=network.get("subnetIds"), SecurityGroups=network.get("securityGroupIds"))
    return Update("VpcConfigUpdate", listed, lambda: record.data["resourcesVpcConfig"].update(changed))


def _endpoint_update(record: Record, network: dict[str, Any]) -> Update:
    after = endpoint_after(record, network)
    listed = params_of(
        EndpointPublicAccess=after["endpointPublicAccess"],
        EndpointPrivateAccess=after["endpointPrivateAccess"],
        PublicAccessCidrs=after["publicAccessCidrs"],
    )
    return Update("EndpointAccessUpdate", listed, lambda: record.data["resourcesVpcConfig"].update(after))


def endpoint_after(record: Record, network: dict[str, Any]) -> dict[str, Any]:
    """The endpoint's access as a request would leave it."""
    current = record.data["resourcesVpcConfig"]
    keys = ("endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs")
    after = {key: network.get(key, current[key]) for key in keys}
    if not after["endpointPublicAccess"]:
        after["publicAccessCidrs"] = []
    elif not after["publicAccessCidrs"]:
        after["publicAccessCidrs"] = list(DEFAULT_CIDRS)
    return after


def logged_types(record: Record) -> set[str]:
    """The log types that are on."""
    return {kind for one in record.data["logging"]["clusterLogging"] if one["enabled"] for kind in one["types"]}


def types_after(record: Record, logging: dict[str, Any]) -> set[str]:
    """The log types that a request would leave on."""
    types = logged_types(record)
    for one in logging.get("clusterLogging") or []:
        types = types | set(one["types"]) if one.get("enabled") else types - set(one["types"])
    return types


def _logging_update(record: Record, logging: dict[str, Any]) -> Update:
    after = logging_of(types_after(record, logging))
    return Update("LoggingUpdate", params_of(ClusterLogging=after), lambda: record.data.update(logging=after))


def _plain_update(record: Record, params: dict[str, Any]) -> Update:
    if "accessConfig" in params:
        mode = params["accessConfig"]["authenticationMode"]
        return Update(
            "AccessConfigUpdate",
            params_of(AuthenticationMode=mode),
            lambda: record.data["accessConfig"].update(authenticationMode=mode),
        )
    if "upgradePolicy" in params:
        policy = dict(params["upgradePolicy"])
        return Update(
            "UpgradePolicyUpdate",
            params_of(UpgradePolicy=policy["supportType"]),
            lambda: record.data.update(upgradePolicy=policy),
        )
    if "deletionProtection" in params:
        protected = params["deletionProtection"]
        return Update(
            "DeletionProtectionUpdate",
            params_of(DeletionProtection=protected),
            lambda: record.data.update(deletionProtection=protected),
        )
    raise NotImplementedError  # a type of update that this has not got


@extension.adds(EKSResponse)
def update_cluster_version(self: EKSResponse) -> ActionResult:
    """API UpdateClusterVersion: the new version shows when the update ends."""
    record, version = known_cluster(self, self.params["name"]), self.params["version"]
    update = Update("VersionUpdate", params_of(Version=version), lambda: record.data.update(version=version))
    return ActionResult({"update": record.start(update)})


@extension.adds(EKSResponse)
def associate_encryption_config(self: EKSResponse) -> ActionResult:
    """API AssociateEncryptionConfig: for a cluster that has none yet."""
    record, config = known_cluster(self, self.params["clusterName"]), self.params["encryptionConfig"]
    update = Update(
        "AssociateEncryptionConfig",
        params_of(EncryptionConfig=config),
        lambda: record.data.update(encryptionConfig=config),
    )
    return ActionResult({"update": record.start(update)})


def _updated_record(response: EKSResponse) -> Record:
    params = response.params
    if params.get("nodegroupName"):
        return known(response, NODEGROUP, params["name"], params["nodegroupName"])
    if params.get("addonName"):
        return known(response, ADDON, params["name"], params["addonName"])
    return known_cluster(response, params["name"])


@extension.adds(EKSResponse)
def list_updates(self: EKSResponse) -> ActionResult:
    """API ListUpdates."""
    ids, token = page([update.id for update in _updated_record(self).updates], self.params)
    return ActionResult({"updateIds": ids, "nextToken": token})


@extension.adds(EKSResponse)
def describe_update(self: EKSResponse) -> ActionResult:
    """API DescribeUpdate."""
    wanted = self.params["updateId"]
    for update in _updated_record(self).updates:
        if update.id == wanted:
            return ActionResult({"update": update.described()})
    raise AwsError("ResourceNotFoundException", f"No update found for ID: {wanted}", 404)
