"""The cluster of one region, its nodes, its add-ons and who may use it, as the AWS APIs describe them."""

import json
import os
import sys
from base64 import b64decode

import boto3

NAME = "production-trading-engine"
account, region = sys.argv[1], os.environ["AWS_REGION"]
primary = region == "us-east-1"
eks, ec2, iam = boto3.client("eks"), boto3.client("ec2"), boto3.client("iam")


def assert_tags(tags: dict) -> None:
    """Check the tags of the document."""
    assert tags["ManagedBy"] == "ansible" and tags["Compliance"] == "PCI-DSS", tags


# The log group is there before the cluster writes to it.
(group,) = boto3.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/eks/{NAME}/cluster")["logGroups"]
assert group["retentionInDays"] == 90 and group["kmsKeyId"].startswith(f"arn:aws:kms:{region}:{account}:"), group

cluster = eks.describe_cluster(name=NAME)["cluster"]
network = cluster["resourcesVpcConfig"]
assert (cluster["version"], cluster["status"]) == ("1.35", "ACTIVE"), cluster
assert cluster["upgradePolicy"] == {"supportType": "STANDARD"} and cluster["deletionProtection"], cluster
assert cluster["accessConfig"]["authenticationMode"] == "API", cluster
assert not cluster["accessConfig"]["bootstrapClusterCreatorAdminPermissions"], cluster
assert network["endpointPrivateAccess"] and not network["endpointPublicAccess"], network
assert cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16", cluster
(setup,) = cluster["logging"]["clusterLogging"]
assert setup["enabled"] and len(setup["types"]) == 5, setup
(encryption,) = cluster["encryptionConfig"]
aliases = boto3.client("kms").list_aliases()["Aliases"]
keys = {alias["AliasName"].removeprefix(f"alias/{NAME}-"): alias.get("TargetKeyId") for alias in aliases}
assert encryption["provider"]["keyArn"].endswith(keys["eks"]) and encryption["resources"] == ["secrets"], encryption
assert_tags(cluster["tags"])
groups = {one["GroupId"]: one["GroupName"] for one in ec2.describe_security_groups()["SecurityGroups"]}
assert [groups[one] for one in network["securityGroupIds"]] == [f"{NAME}-eks-control-plane"], network
subnets = {one["SubnetId"]: one for one in ec2.describe_subnets()["Subnets"]}
assert sorted(subnets[one]["AvailabilityZone"][-1] for one in network["subnetIds"]) == ["a", "b", "c"], network

# Every issuer is trusted, those of both regions by one IAM.
(provider,) = [
    one["Arn"]
    for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    if one["Arn"].endswith(cluster["identity"]["oidc"]["issuer"].removeprefix("https://"))
]
assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)["ClientIDList"] == ["sts.amazonaws.com"]

devops = f"arn:aws:iam::{account}:role/{NAME}-devops"
assert eks.list_access_entries(clusterName=NAME)["accessEntries"] == [devops]
(policy,) = eks.list_associated_access_policies(clusterName=NAME, principalArn=devops)["associatedAccessPolicies"]
assert policy["policyArn"].endswith("/AmazonEKSClusterAdminPolicy"), policy
(association,) = eks.list_pod_identity_associations(clusterName=NAME)["associations"]
assert (association["namespace"], association["serviceAccount"]) == ("kube-system", "ebs-csi-controller-sa")

# Node groups: the document's sizes, but a node in each zone where volumes are; fewer at least in the standby region.
shapes = {
    "general": ("ON_DEMAND", "t3.xlarge", 3, 10, []),
    "compute": ("SPOT", "c6i.2xlarge", 2 if primary else 0, 20, ["compute"]),
    "memory": ("ON_DEMAND", "r6i.xlarge", 3 if primary else 0, 5, ["memory"]),
}
assert sorted(eks.list_nodegroups(clusterName=NAME)["nodegroups"]) == sorted(shapes)
scaling = boto3.client("autoscaling")
for name, (capacity, first_type, least, most, taints) in shapes.items():
    nodes = eks.describe_nodegroup(clusterName=NAME, nodegroupName=name)["nodegroup"]
    assert (nodes["status"], nodes["version"], nodes["capacityType"]) == ("ACTIVE", "1.35", capacity), nodes
    assert nodes["instanceTypes"][0] == first_type and (capacity == "ON_DEMAND" or len(nodes["instanceTypes"]) > 3)
    assert nodes["scalingConfig"] == {"minSize": least, "maxSize": most, "desiredSize": least}, nodes
    assert nodes["labels"] == {"workload": name} and nodes["amiType"] == "AL2023_x86_64_STANDARD", nodes
    assert [(one["key"], one["value"], one["effect"]) for one in nodes["taints"]] == [
        ("workload", value, "NO_SCHEDULE") for value in taints
    ]
    assert nodes["updateConfig"] == {"maxUnavailablePercentage": 33}, nodes
    assert set(nodes["subnets"]) == set(network["subnetIds"]), nodes
    assert_tags(nodes["tags"])

    template = nodes["launchTemplate"]
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateId=template["id"], Versions=[template["version"]])[
        "LaunchTemplateVersions"
    ]
    data = version["LaunchTemplateData"]
    (disk,) = data["BlockDeviceMappings"]
    assert disk["DeviceName"] == "/dev/xvda" and disk["Ebs"]["Encrypted"], disk
    assert (disk["Ebs"]["VolumeType"], disk["Ebs"]["VolumeSize"]) == ("gp3", 100), disk
    assert disk["Ebs"]["KmsKeyId"].endswith(keys["ebs"]), disk
    assert data["MetadataOptions"]["HttpTokens"] == "required", data
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 2, data
    assert {groups[one] for one in data["SecurityGroupIds"]} == {
        f"{NAME}-eks-nodes",
        groups[network["clusterSecurityGroupId"]],
    }
    user_data = b64decode(data["UserData"]).decode()
    assert user_data.startswith("MIME-Version: 1.0") and "maxPods: 110" in user_data, user_data
    for specification in data["TagSpecifications"]:
        assert_tags({tag["Key"]: tag["Value"] for tag in specification["Tags"]})
    assert len(data["TagSpecifications"]) == 3, data

    (group_name,) = [one["name"] for one in nodes["resources"]["autoScalingGroups"]]
    found = scaling.describe_tags(Filters=[{"Name": "auto-scaling-group", "Values": [group_name]}])["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in found}
    assert tags["k8s.io/cluster-autoscaler/enabled"] == "true" and f"k8s.io/cluster-autoscaler/{NAME}" in tags, tags
    assert tags["k8s.io/cluster-autoscaler/node-template/label/workload"] == name, tags
    assert tags.get("k8s.io/cluster-autoscaler/node-template/taint/workload") == (
        f"{name}:NoSchedule" if taints else None
    ), tags

# Add-ons, all healthy. Pods get addresses of the pod subnet of their zone, in blocks.
addons = {
    "amazon-cloudwatch-observability",
    "aws-ebs-csi-driver",
    "aws-secrets-store-csi-driver-provider",
    "cert-manager",
    "coredns",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "vpc-cni",
}
assert set(eks.list_addons(clusterName=NAME)["addons"]) == addons
configuration = {}
for name in addons:
    addon = eks.describe_addon(clusterName=NAME, addonName=name)["addon"]
    assert addon["status"] == "ACTIVE", addon
    assert_tags(addon["tags"])
    configuration[name] = json.loads(addon["configurationValues"])
cni = configuration["vpc-cni"]
assert cni["enableNetworkPolicy"] == "true", cni
assert cni["env"] == {
    "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
    "ENABLE_PREFIX_DELEGATION": "true",
    "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
}, cni
assert cni["eniConfig"]["create"] and cni["eniConfig"]["region"] == region, cni
for zone, place in cni["eniConfig"]["subnets"].items():
    assert subnets[place["id"]]["AvailabilityZone"] == zone and subnets[place["id"]]["CidrBlock"].startswith("100."), (
        place
    )
    assert [groups[one] for one in place["securityGroups"]] == [f"{NAME}-eks-nodes"], place
assert len(cni["eniConfig"]["subnets"]) == 3, cni
# On every node, those of dedicated groups too.
everywhere = [{"operator": "Exists"}]
provider = configuration["aws-secrets-store-csi-driver-provider"]
assert provider["tolerations"] == everywhere, provider
assert provider["secrets-store-csi-driver"] == {
    "linux": {"tolerations": everywhere},
    "enableSecretRotation": True,
    "syncSecret": {"enabled": True},
}, provider
