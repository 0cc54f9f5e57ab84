"""Compute figures: EKS, its nodes, and the images they run."""

from typing import Any

from estate import NAME, Estate, reader, short


@reader
def cluster(estate: Estate, region: str) -> dict[str, Any]:
    """``{version, support, control_plane, log_types, secrets_key, node_groups, tiers}`` of the one cluster."""
    eks = estate.client("eks", region)
    (name,) = eks.list_clusters()["clusters"]
    found = eks.describe_cluster(name=name)["cluster"]
    setup = next(one for one in found["logging"]["clusterLogging"] if one["enabled"])
    (encryption,) = found["encryptionConfig"]
    return {
        "version": found["version"],
        "support": found["upgradePolicy"]["supportType"],
        "status": found["status"],
        "control_plane": found["arn"].split(":")[2],
        "log_types": sorted(setup["types"]),
        "secrets_key": estate.purpose(region, encryption["provider"]["keyArn"]),
    }


@reader
def addons(estate: Estate, region: str) -> dict[str, str]:
    """Name to state of the cluster's add-ons."""
    eks = estate.client("eks", region)
    names = eks.list_addons(clusterName=NAME)["addons"]
    return {name: eks.describe_addon(clusterName=NAME, addonName=name)["addon"]["status"] for name in sorted(names)}


def _disk(estate: Estate, region: str, group: dict[str, Any]) -> dict[str, Any]:
    template = group["launchTemplate"]
    (version,) = estate.client("ec2", region).describe_launch_template_versions(
        LaunchTemplateId=template["id"], Versions=[template["version"]]
    )["LaunchTemplateVersions"]
    (device,) = version["LaunchTemplateData"]["BlockDeviceMappings"]
    return dict(device["Ebs"])


@reader
def node_groups(estate: Estate, region: str) -> dict[str, dict[str, Any]]:
    """``{group: {instance_type, vcpu, memory_gb, capacity, min, max, disk: [GB, type], encrypted_with, zones}}``."""
    eks, ec2 = estate.client("eks", region), estate.client("ec2", region)
    zones = {one["SubnetId"]: one["AvailabilityZone"] for one in ec2.describe_subnets()["Subnets"]}
    found = {}
    for name in eks.list_nodegroups(clusterName=NAME)["nodegroups"]:
        group = eks.describe_nodegroup(clusterName=NAME, nodegroupName=name)["nodegroup"]
        first = group["instanceTypes"][0]
        (kind,) = ec2.describe_instance_types(InstanceTypes=[first])["InstanceTypes"]
        disk = _disk(estate, region, group)
        found[name] = {
            "instance_type": first,
            "vcpu": kind["VCpuInfo"]["DefaultVCpus"],
            "memory_gb": kind["MemoryInfo"]["SizeInMiB"] // 1024,
            "capacity": group["capacityType"],
            "min": group["scalingConfig"]["minSize"],
            "max": group["scalingConfig"]["maxSize"],
            "disk": [disk["VolumeSize"], disk["VolumeType"]],
            "encrypted_with": estate.purpose(region, disk["KmsKeyId"]) if disk["Encrypted"] else "none",
            "zones": sorted(zones[subnet] for subnet in group["subnets"]),
        }
    return found


@reader
def autoscaler_groups(estate: Estate, region: str) -> list[str]:
    """Node groups whose auto scaling groups Cluster Autoscaler finds by its two tags."""
    eks, scaling = estate.client("eks", region), estate.client("autoscaling", region)
    found = []
    for name in eks.list_nodegroups(clusterName=NAME)["nodegroups"]:
        group = eks.describe_nodegroup(clusterName=NAME, nodegroupName=name)["nodegroup"]
        (scaled,) = [one["name"] for one in group["resources"]["autoScalingGroups"]]
        tags = scaling.describe_tags(Filters=[{"Name": "auto-scaling-group", "Values": [scaled]}])["Tags"]
        keys = {tag["Key"] for tag in tags if tag["Value"] in ("true", "owned")}
        if {"k8s.io/cluster-autoscaler/enabled", f"k8s.io/cluster-autoscaler/{NAME}"} <= keys:
            found.append(name)
    return sorted(found)


@reader
def service_accounts(estate: Estate, region: str) -> dict[str, str]:
    """Service account to the role its pods have (Pod Identity)."""
    eks = estate.client("eks", region)
    found = {}
    for one in estate.pages("eks", region, "list_pod_identity_associations", "associations", clusterName=NAME):
        held = eks.describe_pod_identity_association(clusterName=NAME, associationId=one["associationId"])
        role = held["association"]["roleArn"].rpartition("/")[2]
        found[one["serviceAccount"]] = short(role)
    return found


@reader
def registries(estate: Estate, region: str) -> dict[str, list[Any]]:
    """``{repository: [tag mutability, scanned on push]}``."""
    return {
        one["repositoryName"]: [one["imageTagMutability"], one["imageScanningConfiguration"]["scanOnPush"]]
        for one in estate.pages("ecr", region, "describe_repositories", "repositories")
    }


@reader
def node_limits(estate: Estate, region: str) -> dict[str, list[int]]:
    """Node group to least and most nodes."""
    return {name: [one["min"], one["max"]] for name, one in estate.read("node_groups", region).items()}


@reader
def node_maxima(estate: Estate, region: str) -> dict[str, int]:
    """Node group to most nodes."""
    return {name: one["max"] for name, one in estate.read("node_groups", region).items()}
