"""An EKS cluster: the control plane, who reaches it, what it logs and how its secrets are encrypted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from trading_platform.aws import tags as tagging
from trading_platform.aws.eks import EksResource, minor_of, or_none, own_tags, update_tags, when_role_is_known
from trading_platform.aws.engine import RefusedError, State
from trading_platform.aws.planned import planned_id

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
ENDPOINT_KEYS = frozenset({"endpoint_public_access", "endpoint_private_access", "public_access_cidrs"})
NETWORK_KEYS = frozenset({"subnet_ids", "security_group_ids"})


def version_problem(current: str, wanted: str) -> str | None:
    """Say why a cluster cannot go from one Kubernetes version to another; None when it can."""
    if minor_of(wanted) < minor_of(current):
        return f"is on Kubernetes {current} and cannot go back to {wanted}; EKS has no downgrade. Set {current} again."
    if minor_of(wanted) > minor_of(current) + 1:
        step = f"1.{minor_of(current) + 1}"
        return (
            f"is on Kubernetes {current} and goes up one minor version at a time: set {step}, run until its node "
            f"groups and add-ons are on it, and go on from there to {wanted}."
        )
    return None


def modes_between(current: str, wanted: str) -> list[str]:
    """Give the authentication modes to set one after the other.

    Raises:
        RefusedError: the way leads back, which EKS does not have.
    """
    if MODES.index(wanted) < MODES.index(current):
        raise RefusedError(f"the authentication mode is {current} and cannot go back to {wanted}")
    return list(MODES[MODES.index(current) + 1 : MODES.index(wanted) + 1])


def log_setup(types: list[str]) -> dict[str, Any]:
    """Give the API's shape of "these log types and no others"."""
    parts = ((True, types), (False, [one for one in LOG_TYPES if one not in types]))
    return {"clusterLogging": [{"types": list(names), "enabled": on} for on, names in parts if names]}


def logged(raw: dict[str, Any]) -> list[str]:
    """Give the log types that are on, sorted."""
    setup = (raw.get("logging") or {}).get("clusterLogging") or []
    return sorted(kind for one in setup if one.get("enabled") for kind in one["types"])


class EksCluster(EksResource):
    """Its identity is its name. The version goes up one minor at a time; what cannot change is refused."""

    kind = "EKS cluster"

    def __init__(self, eks: Any, params: dict[str, Any], warn: Callable[[str], None]) -> None:
        super().__init__(eks, params, warn)
        self.params = params
        self.placeholders = {
            "arn": planned_id("arn"),
            "status": "CREATING",
            "endpoint": planned_id("endpoint"),
            "certificate_authority": planned_id("certificate-authority"),
            "oidc_issuer": planned_id("https://issuer"),
            "cluster_security_group_id": planned_id("sg"),
        }

    def describe(self) -> dict[str, Any] | None:
        """Ask for the cluster; decide what cannot change any more."""
        raw = or_none(self.eks.describe_cluster, "cluster", name=self.name)
        encrypted = bool(raw and raw.get("encryptionConfig"))
        self.fixed = frozenset({"role_arn", "service_ipv4_cidr"} | ({"encryption_key_arn"} if encrypted else set()))
        return raw

    def state(self, raw: dict[str, Any]) -> State:
        """Give the cluster under the names of the arguments."""
        network = raw["resourcesVpcConfig"]
        encryption = raw.get("encryptionConfig") or []
        public = bool(network.get("endpointPublicAccess"))
        return {
            "arn": raw["arn"],
            "endpoint": raw.get("endpoint"),
            "certificate_authority": (raw.get("certificateAuthority") or {}).get("data"),
            "oidc_issuer": ((raw.get("identity") or {}).get("oidc") or {}).get("issuer"),
            "cluster_security_group_id": network.get("clusterSecurityGroupId"),
            "version": raw["version"],
            "role_arn": raw["roleArn"],
            "subnet_ids": sorted(network["subnetIds"]),
            "security_group_ids": sorted(network.get("securityGroupIds") or []),
            "endpoint_public_access": public,
            "endpoint_private_access": bool(network.get("endpointPrivateAccess")),
            # Where nobody outside can reach the endpoint, AWS may still list the CIDRs of before.
            "public_access_cidrs": sorted(network.get("publicAccessCidrs") or []) if public else [],
            "service_ipv4_cidr": (raw.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr"),
            "log_types": logged(raw),
            "encryption_key_arn": encryption[0]["provider"]["keyArn"] if encryption else None,
            "authentication_mode": (raw.get("accessConfig") or {}).get("authenticationMode", "CONFIG_MAP"),
            "support_type": (raw.get("upgradePolicy") or {}).get("supportType"),
            "deletion_protection": bool(raw.get("deletionProtection")),
            "tags": own_tags(raw),
        }

    def target(self, current: State | None) -> State:
        """Give the cluster as it should be; refuse a way that EKS does not have."""
        asked = self.params
        if current:
            problem = version_problem(current["version"], asked["version"])
            if problem:
                raise RefusedError(f"{self.kind} {self.name} {problem}")
            modes_between(current["authentication_mode"], asked["authentication_mode"])
        return {
            "version": asked["version"],
            "role_arn": asked["role_arn"],
            "subnet_ids": sorted(set(asked["subnet_ids"])),
            "security_group_ids": sorted(set(asked["security_group_ids"])),
            "endpoint_public_access": bool(asked["public_access_cidrs"]),
            "endpoint_private_access": True,
            "public_access_cidrs": sorted(set(asked["public_access_cidrs"])),
            "service_ipv4_cidr": asked["service_ipv4_cidr"],
            "log_types": sorted(asked["log_types"]),
            "encryption_key_arn": asked["encryption_key_arn"],
            "authentication_mode": asked["authentication_mode"],
            "support_type": asked["support_type"],
            "deletion_protection": asked["deletion_protection"],
            "tags": tagging.wanted(current["tags"] if current else {}, self.asked_tags, self.purge_tags),
        }

    def request(self, wanted: State) -> dict[str, Any]:
        """Ask for the cluster. Its creator gets no rights in it: who may do what is in the access entries."""
        network = {"subnetIds": wanted["subnet_ids"], "securityGroupIds": wanted["security_group_ids"]}
        key = wanted["encryption_key_arn"]
        return when_role_is_known(
            self.eks.create_cluster,
            name=self.name,
            version=wanted["version"],
            roleArn=wanted["role_arn"],
            resourcesVpcConfig={**network, **endpoint_of(wanted)},
            kubernetesNetworkConfig={"serviceIpv4Cidr": wanted["service_ipv4_cidr"]},
            logging=log_setup(wanted["log_types"]),
            accessConfig={
                "authenticationMode": wanted["authentication_mode"],
                "bootstrapClusterCreatorAdminPermissions": False,
            },
            # The add-ons of EKS take their place: nothing of the same name is there to conflict with.
            bootstrapSelfManagedAddons=False,
            upgradePolicy={"supportType": wanted["support_type"]},
            deletionProtection=wanted["deletion_protection"],
            tags=wanted["tags"],
            **({"encryptionConfig": encryption_of(key)} if key else {}),
        )

    def ask(self, current: State, changes: State) -> None:
        """Tags, then the settings one by one, then the version, which takes longest."""
        if "tags" in changes:
            update_tags(self.eks, current["arn"], current["tags"], changes["tags"])
        for request in settings(current, self.target(current), changes):
            self.start(self.eks.update_cluster_config, name=self.name, **request)
        if "encryption_key_arn" in changes:
            config = encryption_of(changes["encryption_key_arn"])
            self.start(self.eks.associate_encryption_config, clusterName=self.name, encryptionConfig=config)
        if "version" in changes:
            self.start(self.eks.update_cluster_version, name=self.name, version=changes["version"])

    def remove(self) -> None:
        """Delete the cluster, which deletion protection forbids unless the arguments turn it off."""
        self.when_taken(self._unprotect)
        self.eks.delete_cluster(name=self.name, aws_retry=True)

    def _unprotect(self) -> None:
        raw = self.describe()
        if not raw or not raw.get("deletionProtection"):
            return
        if self.params["deletion_protection"] is not False:
            raise RefusedError(
                f"{self.kind} {self.name}: deletion protection is on. Turn it off in the inventory first."
            )
        self.start(self.eks.update_cluster_config, name=self.name, deletionProtection=False)
        self.await_idle()

    def update_names(self) -> dict[str, str]:
        """DescribeUpdate finds it by the cluster's name."""
        return {"name": self.name}


def endpoint_of(wanted: State) -> dict[str, Any]:
    """Give the API's shape of who reaches the endpoint."""
    cidrs = {"publicAccessCidrs": wanted["public_access_cidrs"]} if wanted["endpoint_public_access"] else {}
    return {
        "endpointPublicAccess": wanted["endpoint_public_access"],
        "endpointPrivateAccess": wanted["endpoint_private_access"],
        **cidrs,
    }


def encryption_of(key_arn: str) -> list[dict[str, Any]]:
    """Give the API's shape of "secrets are encrypted with this key"."""
    return [{"resources": ["secrets"], "provider": {"keyArn": key_arn}}]


def settings(current: State, wanted: State, changes: State) -> Iterator[dict[str, Any]]:
    """Give the arguments of UpdateClusterConfig, one call per type of update: EKS takes no two in one."""
    if NETWORK_KEYS & changes.keys():
        network = {"subnetIds": wanted["subnet_ids"], "securityGroupIds": wanted["security_group_ids"]}
        yield {"resourcesVpcConfig": network}
    if ENDPOINT_KEYS & changes.keys():
        yield {"resourcesVpcConfig": endpoint_of(wanted)}
    if "log_types" in changes:
        yield {"logging": log_setup(wanted["log_types"])}
    if "authentication_mode" in changes:
        for mode in modes_between(current["authentication_mode"], wanted["authentication_mode"]):
            yield {"accessConfig": {"authenticationMode": mode}}
    if "support_type" in changes:
        yield {"upgradePolicy": {"supportType": wanted["support_type"]}}
    if "deletion_protection" in changes:
        yield {"deletionProtection": wanted["deletion_protection"]}
