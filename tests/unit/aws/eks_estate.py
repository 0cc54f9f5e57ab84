"""What an EKS cluster needs and is, for the tests of the EKS modules, made by boto3."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from network import make_subnet, make_vpc

from trading_platform.emulator.testing import EmulatorServer

CLUSTER = "trading"
TAGS = {"Environment": "production", "ManagedBy": "ansible"}
AUTO_SCALING = "arn:aws:iam::{0}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


def make_role(iam: Any, name: str, service: str, *actions: str) -> str:
    """Make a role that a service may assume, and give its ARN."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions) or ["sts:AssumeRole"]}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])


def make_pod_role(iam: Any, name: str) -> str:
    """Make a role for pods, and give its ARN."""
    return make_role(iam, name, "pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession")


def make_subnets(ec2: Any) -> list[str]:
    """Make a VPC with subnets in two zones, and give their ids."""
    vpc_id = make_vpc(ec2)
    return [make_subnet(ec2, vpc_id, f"10.0.{n}.0/24", f"us-east-1{zone}") for n, zone in ((1, "a"), (2, "b"))]


def make_cluster(aws: EmulatorServer, **more: Any) -> dict[str, Any]:
    """Make a cluster, and give it as described."""
    iam = aws.client("iam")
    role_arn = make_role(iam, "cluster", "eks.amazonaws.com")
    settings: dict[str, Any] = {
        "name": CLUSTER,
        "version": "1.35",
        "roleArn": role_arn,
        "resourcesVpcConfig": {"subnetIds": make_subnets(aws.client("ec2"))},
        "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        "bootstrapSelfManagedAddons": False,
        **more,
    }
    return dict(aws.client("eks").create_cluster(**settings)["cluster"])


def make_nodes(aws: EmulatorServer, desired: int = 2) -> None:
    """Make a node group in the cluster."""
    cluster = aws.client("eks").describe_cluster(name=CLUSTER)["cluster"]
    aws.client("eks").create_nodegroup(
        clusterName=CLUSTER,
        nodegroupName="nodes",
        subnets=cluster["resourcesVpcConfig"]["subnetIds"],
        nodeRole=make_role(aws.client("iam"), "nodes", "ec2.amazonaws.com"),
        scalingConfig={"minSize": 0, "maxSize": 5, "desiredSize": desired},
    )


def make_volume_key(aws: EmulatorServer, for_auto_scaling: bool = True) -> str:
    """Make a key, and give its ARN; with a policy that lets Auto Scaling use it for volumes unless told otherwise."""
    iam = aws.client("iam")
    with suppress(iam.exceptions.InvalidInputException):  # there already
        iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    account = {"AWS": f"arn:aws:iam::{aws.account_id}:root"}
    statements = [{"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"}]
    if for_auto_scaling:
        principal = {"AWS": AUTO_SCALING.format(aws.account_id)}
        statements.append({"Effect": "Allow", "Principal": principal, "Action": "kms:CreateGrant", "Resource": "*"})
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return str(aws.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])
