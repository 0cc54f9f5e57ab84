"""What EKS refuses of clusters. Texts are those that AWS answers; where only the rule is published it says so."""

import ipaddress
import re
from typing import Any

from moto.ec2.models import ec2_backends
from moto.kms.models import kms_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.eks import roles
from trading_platform.emulator.services.eks.store import (
    CLUSTER,
    NODEGROUP,
    Record,
    in_use,
    invalid,
    invalid_request,
    minor,
    of_cluster,
    records,
)
from trading_platform.emulator.services.eks.updates import endpoint_after, logged_types, types_after
from trading_platform.emulator.services.eks.versions import supported

extension = Extension("eks")

NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
NOT_PUBLIC = (*PRIVATE, "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
UPDATES = {
    "logging": "LoggingUpdate",
    "accessConfig": "AccessConfigUpdate",
    "upgradePolicy": "UpgradePolicyUpdate",
    "deletionProtection": "DeletionProtectionUpdate",
}


def _cluster(call: Call) -> Record | None:
    name = call.params.get("name") or call.params.get("clusterName")
    return records(call, CLUSTER).get((str(name),))


@extension.refuses("CreateCluster")
def name_and_version(call: Call) -> None:
    """API CreateCluster: 1 to 100 characters; AWS offers the versions that still have support."""
    name, version = call.params["name"], call.params.get("version")
    if not NAME.fullmatch(name):
        raise invalid(
            f"The cluster name {name!r} must match ^[0-9A-Za-z][A-Za-z0-9\\-_]*$ and have at most 100 characters"
        )
    if (name,) in records(call, CLUSTER):
        raise in_use(f"Cluster already exists with name: {name}")
    if version and version not in supported():
        raise invalid("unsupported Kubernetes version")


@extension.refuses("CreateCluster")
def role_that_eks_cannot_assume(call: Call) -> None:
    role = roles.role_of(call.account_id, call.params["roleArn"])
    if role is None or not roles.lets_assume(role, "eks.amazonaws.com"):
        arn = call.params["roleArn"]
        raise invalid(
            f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is not correct"
        )


@extension.refuses("CreateCluster", "UpdateClusterConfig")
def subnets_and_security_groups(call: Call) -> None:
    """Two availability zones at least (EKS user guide, "network-reqs"); all in one VPC."""
    network = call.params.get("resourcesVpcConfig") or {}
    ec2 = ec2_backends[call.account_id][call.region]
    held = {subnet.id: subnet for zone in ec2.subnets.values() for subnet in zone.values()}
    asked = network.get("subnetIds") or []
    for missing in [one for one in asked if one not in held]:
        raise invalid(f"The subnet ID '{missing}' does not exist")
    if asked and len({held[one].availability_zone for one in asked}) < 2:
        raise invalid("Subnets specified must be in at least two different AZs")
    vpcs = {held[one].vpc_id for one in asked}
    if len(vpcs) > 1:
        raise invalid("Subnets must belong to one VPC")  # AWS publishes the rule, not the text
    record = _cluster(call)
    vpc_id = record.data["resourcesVpcConfig"]["vpcId"] if record else next(iter(vpcs), None)
    _check_security_groups(ec2, network.get("securityGroupIds") or [], vpc_id)


def _check_security_groups(ec2: Any, asked: list[str], vpc_id: str | None) -> None:
    for one in asked:
        if not any(one in groups and vpc == vpc_id for vpc, groups in ec2.groups.items()):
            raise invalid(f"Security group(s) [{one}] are not in the same VPC as the subnets.")


@extension.refuses("UpdateClusterConfig")
def subnets_in_zones_the_cluster_did_not_have(call: Call) -> None:
    """EKS user guide, "network-reqs": new subnets "must belong to the same set of Availability Zones"."""
    record, asked = _cluster(call), (call.params.get("resourcesVpcConfig") or {}).get("subnetIds")
    if record is None or not asked:
        return
    ec2 = ec2_backends[call.account_id][call.region]
    zones = {ec2.get_subnet(one).availability_zone for one in record.data["resourcesVpcConfig"]["subnetIds"]}
    if {ec2.get_subnet(one).availability_zone for one in asked} != zones:
        raise invalid(f"Provided subnets belong to the AZs different from cluster AZs {sorted(zones)}")


@extension.refuses("CreateCluster", "UpdateClusterConfig")
def endpoint_access(call: Call) -> None:
    """Public CIDRs must be public; and somebody must be able to reach the endpoint."""
    network = call.params.get("resourcesVpcConfig") or {}
    wrong = [cidr for cidr in network.get("publicAccessCidrs") or [] if not _public(cidr)]
    if wrong:
        raise invalid(f"The following CIDRs are invalid in publicAccessCidrs: {wrong}".replace("'", ""))
    record = _cluster(call)
    known = record.data["resourcesVpcConfig"] if record else {}
    public = network.get("endpointPublicAccess", known.get("endpointPublicAccess", True))
    private = network.get("endpointPrivateAccess", known.get("endpointPrivateAccess", False))
    if not public and not private:
        raise invalid("Private and public endpoint access cannot be false")


def _public(cidr: str) -> bool:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError:
        return False
    return not any(network.subnet_of(ipaddress.IPv4Network(one)) for one in NOT_PUBLIC)


@extension.refuses("CreateCluster")
def service_cidr(call: Call) -> None:
    """API KubernetesNetworkConfigRequest: private, /24 to /12, and outside the VPC's blocks."""
    cidr = (call.params.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr")
    if not cidr:
        return
    network = ipaddress.IPv4Network(cidr, strict=False)
    if not any(network.subnet_of(ipaddress.IPv4Network(one)) for one in PRIVATE):
        raise invalid(f"serviceIpv4Cidr {cidr} must be within one of {', '.join(PRIVATE)}")
    if not 12 <= network.prefixlen <= 24:
        raise invalid(f"serviceIpv4Cidr {cidr} must be between /24 and /12")
    ec2 = ec2_backends[call.account_id][call.region]
    vpc = ec2.vpcs[ec2.get_subnet(call.params["resourcesVpcConfig"]["subnetIds"][0]).vpc_id]
    blocks = [block["cidr_block"] for block in vpc.get_cidr_block_association_set(ipv6=False)]
    for block in blocks:
        if network.overlaps(ipaddress.ip_network(block)):
            raise invalid(f"serviceIpv4Cidr {cidr} overlaps with the CIDR block {block} of the VPC")


@extension.refuses("CreateCluster", "AssociateEncryptionConfig")
def secrets_key(call: Call) -> None:
    """API EncryptionConfig: ``secrets`` only; a symmetric key of the same Region that is enabled."""
    kms = kms_backends[call.account_id][call.region]
    for config in call.params.get("encryptionConfig") or []:
        if config.get("resources") != ["secrets"]:
            raise invalid("Encryption config resources must be [secrets]")
        arn = config["provider"]["keyArn"]
        key = kms.keys.get(kms.get_key_id(arn))
        if key is None or arn.split(":")[3] != call.region or not key.enabled or key.key_spec != "SYMMETRIC_DEFAULT":
            raise invalid(f"The KMS key {arn} does not exist in this Region, is not symmetric, or is not enabled")


@extension.refuses("AssociateEncryptionConfig")
def encryption_that_is_there_already(call: Call) -> None:
    """EKS user guide, "enable-kms": it can be neither changed nor taken away."""
    record = _cluster(call)
    if record and record.data["encryptionConfig"]:
        raise invalid_request(f"Cluster {record.data['name']} already has encryption configured")


@extension.refuses("CreateCluster")
def creator_without_access(call: Call) -> None:
    access = call.params.get("accessConfig") or {}
    mode = access.get("authenticationMode", "CONFIG_MAP")
    if mode == "CONFIG_MAP" and not access.get("bootstrapClusterCreatorAdminPermissions", True):
        raise invalid(
            "bootstrapClusterCreatorAdminPermissions must be true if cluster authentication mode is set to CONFIG_MAP"
        )


@extension.refuses("UpdateClusterConfig", "UpdateClusterVersion", "AssociateEncryptionConfig")
def one_update_at_a_time(call: Call) -> None:
    record = _cluster(call)
    if record is None:
        return
    update = record.running_update()
    if update:
        kind = "UpdateVersion" if call.action == "UpdateClusterVersion" else "Update"
        name = record.data["name"]
        raise in_use(f"Cannot {kind} because cluster {name} currently has update {update.id} in progress")
    if record.status() != "ACTIVE":
        raise invalid_request(f"Cluster '{record.data['name']}' is not in ACTIVE status")


@extension.refuses("UpdateClusterConfig")
def one_type_of_update(call: Call) -> None:
    """Subnets, endpoint access, logging and the rest are updates of their own."""
    network = call.params.get("resourcesVpcConfig") or {}
    types = {UPDATES[key] for key in UPDATES if key in call.params}
    types |= {"VpcConfigUpdate"} if {"subnetIds", "securityGroupIds"} & set(network) else set()
    types |= {"EndpointAccessUpdate"} if any(key.startswith(("endpoint", "public")) for key in network) else set()
    if not types:
        raise invalid("No update parameters are provided")
    if len(types) > 1:
        raise invalid("Only one type of update can be allowed.")


@extension.refuses("UpdateClusterConfig")
def update_that_changes_nothing(call: Call) -> None:
    record, network = _cluster(call), call.params.get("resourcesVpcConfig") or {}
    if record is None:
        return
    if any(key.startswith(("endpoint", "public")) for key in network):
        after, current = endpoint_after(record, network), record.data["resourcesVpcConfig"]
        if all(current[key] == value for key, value in after.items()):
            private, public = str(after["endpointPrivateAccess"]).lower(), str(after["endpointPublicAccess"]).lower()
            raise invalid(
                f"Cluster is already at the desired configuration with endpointPrivateAccess: {private} , "
                f"endpointPublicAccess: {public}, and Public Endpoint Restrictions: "
                f"[{', '.join(after['publicAccessCidrs'])}]"
            )
    if "logging" in call.params and types_after(record, call.params["logging"]) == logged_types(record):
        raise invalid("No changes needed for the logging config provided")


@extension.refuses("UpdateClusterConfig")
def authentication_mode_backwards(call: Call) -> None:
    """API UpdateAccessConfigRequest: one way only, and from CONFIG_MAP to API by way of both."""
    record, mode = _cluster(call), (call.params.get("accessConfig") or {}).get("authenticationMode")
    if record is None or mode is None:
        return
    current = record.data["accessConfig"]["authenticationMode"]
    if MODES.index(mode) - MODES.index(current) != 1:
        raise invalid(f"Unsupported authentication mode update from {current} to {mode}")


@extension.refuses("UpdateClusterVersion")
def version_skips(call: Call) -> None:
    """One minor version up at a time, and the node groups first (EKS user guide, "update-cluster")."""
    record, version = _cluster(call), call.params["version"]
    if record is None:
        return
    if version not in supported():
        raise invalid(f"unsupported Kubernetes version {version}")
    current = record.data["version"]
    if minor(version) != minor(current) + 1:
        raise invalid(f"Unsupported Kubernetes minor version update from {current} to {version}")
    name = record.data["name"]
    behind = [group for group, found in of_cluster(call, NODEGROUP, name) if found.data["version"] != current]
    if behind:
        raise invalid(
            f"Nodegroups {', '.join(behind)} must be updated to match cluster version {current} "
            "before updating cluster version"
        )


@extension.refuses("DeleteCluster")
def deletion(call: Call) -> None:
    """API DeleteCluster: not with deletion protection (AWS publishes the rule, not the text), nor with node groups."""
    record = _cluster(call)
    if record is None:
        return
    name = record.data["name"]
    if record.data["deletionProtection"]:
        raise invalid_request(
            f"Cluster {name} has deletion protection enabled. Disable deletion protection and try again."
        )
    if any(of_cluster(call, NODEGROUP, name)):
        raise in_use("Cluster has nodegroups attached")
    update = record.running_update()
    if update:
        raise in_use(f"Cannot DeleteCluster because cluster {name} currently has update {update.id} in progress")
