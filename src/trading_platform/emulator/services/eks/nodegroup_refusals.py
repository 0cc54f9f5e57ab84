"""What EKS refuses of node groups. Texts are those that AWS answers; where only the rule is published it says so."""

from moto.ec2.models import ec2_backends

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
    records,
)

extension = Extension("eks")

LONGEST_NAME = 63
LAST_AL2_MINOR = 32


def _cluster(call: Call) -> Record | None:
    return records(call, CLUSTER).get((call.params["clusterName"],))


def _nodegroup(call: Call) -> Record | None:
    return records(call, NODEGROUP).get((call.params["clusterName"], call.params["nodegroupName"]))


@extension.refuses("CreateNodegroup")
def name(call: Call) -> None:
    cluster, asked = call.params["clusterName"], call.params["nodegroupName"]
    if len(asked) > LONGEST_NAME:
        raise invalid(f"nodeGroupName can't be longer than {LONGEST_NAME} characters!")
    if _nodegroup(call):
        raise in_use(f"NodeGroup already exists with name {asked} and cluster name {cluster}")


@extension.refuses("CreateNodegroup", "CreateAddon")
def cluster_that_is_not_active(call: Call) -> None:
    record = _cluster(call)
    if record and record.status() != "ACTIVE":
        raise invalid_request(f"Cluster '{call.params['clusterName']}' is not in ACTIVE status")


@extension.refuses("CreateNodegroup")
def role_that_nodes_cannot_assume(call: Call) -> None:
    arn = call.params["nodeRole"]
    role = roles.role_of(call.account_id, arn)
    if role is None or not roles.lets_assume(role, "ec2.amazonaws.com"):
        raise invalid(
            f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is not correct"
        )


@extension.refuses("CreateNodegroup")
def subnets_of_another_vpc(call: Call) -> None:
    """AWS publishes the rule, not the text."""
    record, ec2 = _cluster(call), ec2_backends[call.account_id][call.region]
    held = {subnet.id: subnet.vpc_id for zone in ec2.subnets.values() for subnet in zone.values()}
    for subnet in call.params["subnets"]:
        if subnet not in held:
            raise invalid(f"The subnet ID '{subnet}' does not exist")
        if record and held[subnet] != record.data["resourcesVpcConfig"]["vpcId"]:
            raise invalid(f"Subnet {subnet} is not in the VPC of the cluster")


@extension.refuses("CreateNodegroup", "UpdateNodegroupConfig")
def sizes(call: Call) -> None:
    asked, record = call.params.get("scalingConfig"), _nodegroup(call)
    if not asked:
        return
    known = record.data["scalingConfig"] if record else {"minSize": 1, "maxSize": 2, "desiredSize": 2}
    least, most, wanted = ({**known, **asked}[key] for key in ("minSize", "maxSize", "desiredSize"))
    if least > wanted:
        raise invalid(f"Minimum capacity {least} can't be greater than desired size {wanted}")
    if wanted > most:
        raise invalid(f"Desired capacity {wanted} can't be greater than max size {most}")


@extension.refuses("CreateNodegroup")
def images(call: Call) -> None:
    record, ami = _cluster(call), call.params.get("amiType", "")
    if record is None:
        return
    version = call.params.get("version") or record.data["version"]
    if ami.startswith("AL2_") and minor(version) > LAST_AL2_MINOR:
        raise invalid(f"AMI Type {ami} is only supported for kubernetes versions 1.{LAST_AL2_MINOR} or earlier")


@extension.refuses("CreateNodegroup", "UpdateNodegroupVersion")
def version_ahead_of_the_cluster(call: Call) -> None:
    """Kubernetes version skew: a kubelet is never newer than its API server (AWS publishes the rule, not the text)."""
    record, version = _cluster(call), call.params.get("version")
    if record and version and minor(version) > minor(record.data["version"]):
        raise invalid(f"Requested Nodegroup version {version} is ahead of cluster version {record.data['version']}")
    current = _nodegroup(call)
    if current and version and minor(version) < minor(current.data["version"]):
        raise invalid(f"Unsupported nodegroup version update from {current.data['version']} to {version}")


@extension.refuses("UpdateNodegroupConfig", "UpdateNodegroupVersion", "DeleteNodegroup")
def one_update_at_a_time(call: Call) -> None:
    record = _nodegroup(call)
    if record is None or (call.action == "DeleteNodegroup" and record.failure):
        return
    update = record.running_update()
    if update:
        raise in_use(
            f"Nodegroup cannot be updated as it is currently not in Active State: {call.params['nodegroupName']} "
            f"has update {update.id} in progress"
        )
    if call.action != "DeleteNodegroup" and record.status() != "ACTIVE":
        raise in_use("Nodegroup cannot be updated as it is currently not in Active State")
