"""Clusters: what CreateCluster is told is described back, with the security group EKS makes for each."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks.responses import EKSResponse

from trading_platform.emulator import delays
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks.store import (
    CLUSTER,
    Record,
    arn,
    known_cluster,
    page,
    records,
)
from trading_platform.emulator.services.eks.versions import supported

extension = Extension("eks")

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
DEFAULT_CIDRS = ["0.0.0.0/0"]
# Known to the client only once the control plane stands.
NOT_WHILE_CREATING = ("endpoint", "certificateAuthority", "identity")
type Original = Callable[..., Any]


@extension.patches(EKSResponse, "__init__")
def parse_parameters(original: Original, self: EKSResponse) -> None:
    """The parameters of every request under the names of the API reference, in ``self.params``."""
    original(self)
    self.automated_parameter_parsing = True


@extension.patches(EKSResponse, "create_cluster")
def create_cluster(_: Original, self: EKSResponse) -> ActionResult:
    """API CreateCluster."""
    params = self.params
    network = _network(self, params["resourcesVpcConfig"])
    name = params["name"]
    ec2 = ec2_backends[self.current_account][self.region]
    group = _cluster_security_group(ec2, name, network["vpcId"])
    identity = hashlib.sha256(arn(self, name).encode()).hexdigest()[:32].upper()
    access = params.get("accessConfig") or {}
    logged = {kind for one in _log_setup(params) if one.get("enabled") for kind in one["types"]}
    data = {
        "name": name,
        "arn": arn(self, f"cluster/{name}"),
        "createdAt": datetime.now(UTC),
        "version": params.get("version") or supported()[0],
        "roleArn": params["roleArn"],
        "resourcesVpcConfig": {**network, "clusterSecurityGroupId": group.id},
        "kubernetesNetworkConfig": {
            "serviceIpv4Cidr": "172.20.0.0/16",
            "ipFamily": "ipv4",
            **(params.get("kubernetesNetworkConfig") or {}),
        },
        "logging": logging_of(logged),
        "endpoint": f"https://{identity}.gr7.{self.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=="},
        "identity": {"oidc": {"issuer": f"https://oidc.eks.{self.region}.amazonaws.com/id/{identity}"}},
        "platformVersion": "eks.1",
        "encryptionConfig": params.get("encryptionConfig") or [],
        "accessConfig": {
            # The API's default, unlike the console's (API CreateAccessConfigRequest).
            "authenticationMode": access.get("authenticationMode", "CONFIG_MAP"),
            "bootstrapClusterCreatorAdminPermissions": access.get("bootstrapClusterCreatorAdminPermissions", True),
        },
        "upgradePolicy": {"supportType": (params.get("upgradePolicy") or {}).get("supportType", "EXTENDED")},
        "deletionProtection": params.get("deletionProtection", False),
        "health": {"issues": []},
        "tags": dict(params.get("tags") or {}),
    }
    # Not described by the API, but the conflict of add-ons with the self-managed ones depends on it.
    record = Record(CLUSTER, data, on_removal=lambda: ec2.delete_security_group(group_id=group.id))
    record.data["_self_managed_addons"] = params.get("bootstrapSelfManagedAddons", True)
    records(self, CLUSTER)[(name,)] = record
    return ActionResult({"cluster": described(record)})


@extension.patches(EKSResponse, "describe_cluster")
def describe_cluster(_: Original, self: EKSResponse) -> ActionResult:
    """API DescribeCluster."""
    return ActionResult({"cluster": described(known_cluster(self, self.params["name"]))})


@extension.patches(EKSResponse, "list_clusters")
def list_clusters(_: Original, self: EKSResponse) -> ActionResult:
    """API ListClusters."""
    names, token = page(sorted(key[0] for key in records(self, CLUSTER)), self.params)
    return ActionResult({"clusters": names, "nextToken": token})


@extension.patches(EKSResponse, "delete_cluster")
def delete_cluster(_: Original, self: EKSResponse) -> ActionResult:
    """API DeleteCluster; the cluster's own security group goes with it."""
    record = known_cluster(self, self.params["name"])
    record.deleted = delays.now()
    answer = {"cluster": described(record)}
    records(self, CLUSTER)
    return ActionResult(answer)


def described(record: Record) -> dict[str, Any]:
    """The cluster as the API shows it."""
    status = record.described_status()
    hidden = NOT_WHILE_CREATING if status == "CREATING" else ()
    shown = {key: value for key, value in record.data.items() if key not in hidden and not key.startswith("_")}
    return {**shown, "status": status}


def logging_of(types: set[str]) -> dict[str, Any]:
    """Which log types are on, in the API's shape."""
    parts = ((True, sorted(types)), (False, sorted(set(LOG_TYPES) - types)))
    return {"clusterLogging": [{"types": names, "enabled": on} for on, names in parts if names]}


def _log_setup(params: dict[str, Any]) -> list[dict[str, Any]]:
    setup: list[dict[str, Any]] = (params.get("logging") or {}).get("clusterLogging") or []
    return setup


def _network(response: EKSResponse, asked: dict[str, Any]) -> dict[str, Any]:
    ec2 = ec2_backends[response.current_account][response.region]
    public = asked.get("endpointPublicAccess", True)
    return {
        "subnetIds": list(asked["subnetIds"]),
        "securityGroupIds": list(asked.get("securityGroupIds") or []),
        "vpcId": ec2.get_subnet(asked["subnetIds"][0]).vpc_id,
        "endpointPublicAccess": public,
        "endpointPrivateAccess": asked.get("endpointPrivateAccess", False),
        "publicAccessCidrs": list(asked.get("publicAccessCidrs") or DEFAULT_CIDRS) if public else [],
    }


def _cluster_security_group(ec2: Any, name: str, vpc_id: str) -> Any:
    """The group EKS makes and names itself: traffic among its members, and out (EKS user guide, "sec-group-reqs")."""
    number = int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10**9
    group_name = f"eks-cluster-sg-{name}-{number}"
    description = (
        "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, as well as "
        "any managed workloads."
    )
    group = ec2.create_security_group(group_name, description, vpc_id=vpc_id, force=True)
    group.add_tags({"Name": group_name, f"kubernetes.io/cluster/{name}": "owned", "aws:eks:cluster-name": name})
    ec2.authorize_security_group_ingress(
        group.id, "-1", None, None, [], source_groups=[{"GroupId": group.id}], vpc_id=vpc_id
    )
    return group
