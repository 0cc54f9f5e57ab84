"""EKS clusters: what is kept and described back, how long things take, and what AWS refuses."""

from __future__ import annotations

from typing import Any

import pytest
from eks_ground import CLUSTER, Ground, make_ground
from emulator_asserts import refused

from trading_platform.emulator.testing import EmulatorServer

INVALID, IN_USE = "InvalidParameterException", "ResourceInUseException"
LONG = 3600.0


@pytest.fixture
def ground(emulator: EmulatorServer) -> Ground:
    return make_ground(emulator)


def test_what_was_asked_for_is_described(ground: Ground, emulator: EmulatorServer) -> None:
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    network = {"endpointPrivateAccess": True, "publicAccessCidrs": ["198.51.100.0/24"]}
    asked = {
        "upgradePolicy": {"supportType": "STANDARD"},
        "deletionProtection": True,
        "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.21.0.0/16"},
        "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": key}}],
        "tags": {"a": "b"},
    }
    ground.create(resourcesVpcConfig={"subnetIds": ground.subnet_ids, **network}, **asked)
    cluster = ground.cluster()
    assert cluster["upgradePolicy"] == asked["upgradePolicy"] and cluster["deletionProtection"]
    assert cluster["encryptionConfig"] == asked["encryptionConfig"] and cluster["tags"] == {"a": "b"}
    assert cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.21.0.0/16"
    assert cluster["resourcesVpcConfig"]["publicAccessCidrs"] == ["198.51.100.0/24"]
    assert cluster["resourcesVpcConfig"]["vpcId"] == ground.vpc_id
    assert cluster["identity"]["oidc"]["issuer"].startswith("https://oidc.eks.us-east-1.amazonaws.com/id/")
    assert (cluster["status"], cluster["health"]) == ("ACTIVE", {"issues": []})


def test_defaults_are_the_apis(ground: Ground) -> None:
    created = ground.create(version="1.35", accessConfig={})
    assert created["accessConfig"]["authenticationMode"] == "CONFIG_MAP"
    assert created["upgradePolicy"] == {"supportType": "EXTENDED"} and not created["deletionProtection"]
    network = created["resourcesVpcConfig"]
    assert (network["endpointPublicAccess"], network["endpointPrivateAccess"]) == (True, False)
    assert network["publicAccessCidrs"] == ["0.0.0.0/0"]


def test_the_clusters_own_group_comes_and_goes_with_it(ground: Ground) -> None:
    group_id = ground.create()["resourcesVpcConfig"]["clusterSecurityGroupId"]
    (group,) = ground.ec2.describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    assert group["GroupName"].startswith(f"eks-cluster-sg-{CLUSTER}-") and group["VpcId"] == ground.vpc_id
    (rule,) = group["IpPermissions"]
    assert rule["IpProtocol"] == "-1" and rule["UserIdGroupPairs"][0]["GroupId"] == group_id
    ground.eks.delete_cluster(name=CLUSTER)
    names = [one["GroupName"] for one in ground.ec2.describe_security_groups()["SecurityGroups"]]
    assert not any(name.startswith("eks-cluster-sg") for name in names)


def test_creation_and_deletion_take_their_time(ground: Ground, emulator: EmulatorServer) -> None:
    emulator.delay(eks_cluster=LONG)
    assert ground.create()["status"] == "CREATING"
    assert "endpoint" not in ground.cluster() and "identity" not in ground.cluster()
    with refused("InvalidRequestException", "is not in ACTIVE status"):
        ground.create_nodes()
    emulator.delay(eks_cluster=0)
    assert ground.cluster()["status"] == "ACTIVE" and ground.cluster()["endpoint"].endswith(".eks.amazonaws.com")
    emulator.delay(eks_cluster=LONG)
    ground.eks.delete_cluster(name=CLUSTER)
    assert ground.cluster()["status"] == "DELETING"
    emulator.delay(eks_cluster=0)
    with refused("ResourceNotFoundException", "No cluster found for name: trading."):
        ground.cluster()


def test_updates_take_their_time(ground: Ground, emulator: EmulatorServer) -> None:
    ground.create()
    emulator.delay(eks_cluster=LONG)
    update = ground.eks.update_cluster_version(name=CLUSTER, version="1.36")["update"]
    assert update["status"] == "InProgress"
    # API UpdateClusterVersion: "this status transition is eventually consistent".
    assert [ground.cluster()["status"] for _ in range(3)] == ["ACTIVE", "UPDATING", "UPDATING"]
    assert ground.cluster()["version"] == "1.35"
    with refused(IN_USE, f"because cluster {CLUSTER} currently has update {update['id']} in progress"):
        ground.eks.update_cluster_config(name=CLUSTER, deletionProtection=True)
    emulator.delay(eks_cluster=0)
    assert ground.cluster()["version"] == "1.36"
    found = ground.eks.describe_update(name=CLUSTER, updateId=update["id"])["update"]
    assert (found["status"], found["type"]) == ("Successful", "VersionUpdate")


def test_versions_are_those_with_support(ground: Ground) -> None:
    versions = {
        one["clusterVersion"]: one["versionStatus"] for one in ground.eks.describe_cluster_versions()["clusterVersions"]
    }
    assert versions["1.35"] == "STANDARD_SUPPORT" and versions["1.33"] == "EXTENDED_SUPPORT" and "1.28" not in versions
    (old,) = ground.eks.describe_cluster_versions(clusterVersions=["1.28"])["clusterVersions"]
    assert old["versionStatus"] == "UNSUPPORTED"
    with refused(INVALID, "unsupported Kubernetes version"):
        ground.create(version="1.28")


@pytest.mark.parametrize(("start", "target"), [("1.33", "1.35"), ("1.35", "1.35"), ("1.35", "1.34")])
def test_version_steps(ground: Ground, start: str, target: str) -> None:
    ground.create(version=start)
    with refused(INVALID, f"Unsupported Kubernetes minor version update from {start} to {target}"):
        ground.eks.update_cluster_version(name=CLUSTER, version=target)


def test_nodes_that_are_behind(ground: Ground) -> None:
    ground.create(version="1.33")
    ground.create_nodes()
    ground.eks.update_cluster_version(name=CLUSTER, version="1.34")
    with refused(INVALID, "Nodegroups general must be updated to match cluster version 1.34 before updating"):
        ground.eks.update_cluster_version(name=CLUSTER, version="1.35")
    ground.eks.update_nodegroup_version(clusterName=CLUSTER, nodegroupName="general", version="1.34")
    ground.eks.update_cluster_version(name=CLUSTER, version="1.35")


def test_names(ground: Ground) -> None:
    with refused(INVALID, "must match"):
        ground.create(name="-trading")
    ground.create()
    with refused(IN_USE, "Cluster already exists with name: trading"):
        ground.create()


def test_roles(ground: Ground) -> None:
    for role in (ground.node_role, ground.cluster_role + "-none"):
        with refused(INVALID, "could not be assumed because it does not exist or the trusted entity is not correct"):
            ground.create(roleArn=role)


def test_subnets(ground: Ground) -> None:
    other = ground.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    stray = ground.ec2.create_subnet(VpcId=other, CidrBlock="10.1.1.0/24", AvailabilityZone="us-east-1b")["Subnet"][
        "SubnetId"
    ]
    for subnets, text in (
        (ground.subnet_ids[:1], "Subnets specified must be in at least two different AZs"),
        (["subnet-0123456789abcdef0", *ground.subnet_ids], "The subnet ID 'subnet-0123456789abcdef0' does not exist"),
        ([ground.subnet_ids[0], stray], "Subnets must belong to one VPC"),
    ):
        with refused(INVALID, text):
            ground.create(resourcesVpcConfig={"subnetIds": subnets})
    ground.create(resourcesVpcConfig={"subnetIds": ground.subnet_ids[:2]})
    with refused(INVALID, "belong to the AZs different from cluster AZs"):
        ground.eks.update_cluster_config(name=CLUSTER, resourcesVpcConfig={"subnetIds": ground.subnet_ids[1:]})


def test_security_groups_of_another_vpc(ground: Ground) -> None:
    other = ground.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    group = ground.ec2.create_security_group(GroupName="g", Description="g", VpcId=other)["GroupId"]
    with refused(INVALID, "are not in the same VPC as the subnets"):
        ground.create(resourcesVpcConfig={"subnetIds": ground.subnet_ids, "securityGroupIds": [group]})


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "192.168.1.0/24", "100.64.0.0/16", "2001:db8::/32"])
def test_public_cidrs_must_be_public(ground: Ground, cidr: str) -> None:
    with refused(INVALID, f"The following CIDRs are invalid in publicAccessCidrs: [{cidr}]"):
        ground.create(resourcesVpcConfig={"subnetIds": ground.subnet_ids, "publicAccessCidrs": [cidr]})


def test_somebody_must_reach_the_endpoint(ground: Ground) -> None:
    with refused(INVALID, "Private and public endpoint access cannot be false"):
        ground.create(resourcesVpcConfig={"subnetIds": ground.subnet_ids, "endpointPublicAccess": False})


@pytest.mark.parametrize(
    ("cidr", "text"),
    [
        ("10.0.0.0/20", "overlaps with the CIDR block 10.0.0.0/16"),
        ("8.8.0.0/16", "must be within one of"),
        ("172.20.0.0/25", "must be between /24 and /12"),
    ],
)
def test_service_addresses(ground: Ground, cidr: str, text: str) -> None:
    with refused(INVALID, text):
        ground.create(kubernetesNetworkConfig={"serviceIpv4Cidr": cidr})


def test_keys_of_secrets(ground: Ground, emulator: EmulatorServer) -> None:
    elsewhere = emulator.client("kms", "us-west-2").create_key()["KeyMetadata"]["Arn"]
    with refused(INVALID, "does not exist in this Region"):
        ground.create(encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": elsewhere}}])
    config = [
        {"resources": ["secrets"], "provider": {"keyArn": emulator.client("kms").create_key()["KeyMetadata"]["Arn"]}}
    ]
    ground.create(encryptionConfig=config)
    with refused("InvalidRequestException", "already has encryption configured"):
        ground.eks.associate_encryption_config(clusterName=CLUSTER, encryptionConfig=config)


def test_the_creator_needs_a_way_in(ground: Ground) -> None:
    with refused(INVALID, "bootstrapClusterCreatorAdminPermissions must be true"):
        ground.create(accessConfig={"bootstrapClusterCreatorAdminPermissions": False})


def test_authentication_goes_one_way_step_by_step(ground: Ground) -> None:
    ground.create(accessConfig={})

    def change(mode: str) -> None:
        ground.eks.update_cluster_config(name=CLUSTER, accessConfig={"authenticationMode": mode})

    with refused(INVALID, "Unsupported authentication mode update from CONFIG_MAP to API"):
        change("API")
    change("API_AND_CONFIG_MAP")
    change("API")
    with refused(INVALID, "Unsupported authentication mode update from API to CONFIG_MAP"):
        change("CONFIG_MAP")


def test_one_type_of_update_in_a_call_and_none_without_change(ground: Ground) -> None:
    ground.create()
    both: dict[str, Any] = {"deletionProtection": True, "upgradePolicy": {"supportType": "STANDARD"}}
    for arguments, text in (
        (both, "Only one type of update can be allowed."),
        ({}, "No update parameters are provided"),
        (
            {"resourcesVpcConfig": {"endpointPublicAccess": True}},
            "Cluster is already at the desired configuration with endpointPrivateAccess: false , endpointPublicAccess",
        ),
        (
            {"logging": {"clusterLogging": [{"types": ["api"], "enabled": False}]}},
            "No changes needed for the logging config provided",
        ),
    ):
        with refused(INVALID, text):
            ground.eks.update_cluster_config(name=CLUSTER, **arguments)


def test_deletion(ground: Ground) -> None:
    ground.create(deletionProtection=True)
    with refused("InvalidRequestException", "has deletion protection enabled"):
        ground.eks.delete_cluster(name=CLUSTER)
    ground.eks.update_cluster_config(name=CLUSTER, deletionProtection=False)
    ground.create_nodes()
    with refused(IN_USE, "Cluster has nodegroups attached"):
        ground.eks.delete_cluster(name=CLUSTER)
    ground.eks.delete_nodegroup(clusterName=CLUSTER, nodegroupName="general")
    ground.eks.delete_cluster(name=CLUSTER)
    assert ground.eks.list_clusters()["clusters"] == []


def test_tags_of_everything(ground: Ground) -> None:
    names = {"clusterName": CLUSTER}
    arns = [ground.create()["arn"], ground.create_nodes()["nodegroupArn"]]
    arns.append(ground.eks.create_addon(**names, addonName="eks-pod-identity-agent")["addon"]["addonArn"])
    entry = ground.eks.create_access_entry(**names, principalArn=ground.node_role)["accessEntry"]
    arns.append(entry["accessEntryArn"])
    for arn in arns:
        ground.eks.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        ground.eks.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert ground.eks.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    with refused("NotFoundException", "Resource was not found"):
        ground.eks.tag_resource(resourceArn=arns[0] + "-none", tags={"a": "1"})
