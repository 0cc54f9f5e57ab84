"""A network, roles and a cluster for the tests of the emulated EKS."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from trading_platform.emulator.testing import EmulatorServer

CLUSTER = "trading"
API_ONLY = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}


@dataclass
class Ground:
    """What a cluster needs, and the clients to ask with."""

    emulator: EmulatorServer
    vpc_id: str
    subnet_ids: list[str]
    cluster_role: str
    node_role: str

    @property
    def eks(self) -> Any:
        return self.emulator.client("eks")

    @property
    def ec2(self) -> Any:
        return self.emulator.client("ec2")

    def create(self, **changes: Any) -> dict[str, Any]:
        """Create the cluster; ``changes`` are arguments of CreateCluster."""
        arguments: dict[str, Any] = {
            "name": CLUSTER,
            "version": "1.35",
            "roleArn": self.cluster_role,
            "resourcesVpcConfig": {"subnetIds": self.subnet_ids},
            "accessConfig": API_ONLY,
        }
        return dict(self.eks.create_cluster(**{**arguments, **changes})["cluster"])

    def create_nodes(self, **changes: Any) -> dict[str, Any]:
        """Create a node group; ``changes`` are arguments of CreateNodegroup."""
        arguments: dict[str, Any] = {
            "clusterName": CLUSTER,
            "nodegroupName": "general",
            "subnets": self.subnet_ids,
            "nodeRole": self.node_role,
            "scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": 2},
        }
        return dict(self.eks.create_nodegroup(**{**arguments, **changes})["nodegroup"])

    def cluster(self) -> dict[str, Any]:
        return dict(self.eks.describe_cluster(name=CLUSTER)["cluster"])

    def nodes(self) -> dict[str, Any]:
        return dict(self.eks.describe_nodegroup(clusterName=CLUSTER, nodegroupName="general")["nodegroup"])

    def make_template(self, **data: Any) -> str:
        """Create a launch template with these contents, and give its id."""
        contents = {"EbsOptimized": True, **data}
        made = self.ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=contents)
        return str(made["LaunchTemplate"]["LaunchTemplateId"])


def make_role(emulator: EmulatorServer, name: str, service: str, *actions: str) -> str:
    """Make a role that a service may assume, and give its ARN."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions) or ["sts:AssumeRole"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])


def make_ground(emulator: EmulatorServer) -> Ground:
    """Make everything but the cluster."""
    ec2 = emulator.client("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for number, zone in ((1, "a"), (2, "b"), (3, "c"))
    ]
    return Ground(
        emulator,
        vpc_id,
        [subnet["Subnet"]["SubnetId"] for subnet in subnets],
        make_role(emulator, "cluster", "eks.amazonaws.com"),
        make_role(emulator, "node", "ec2.amazonaws.com"),
    )
