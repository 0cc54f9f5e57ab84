"""Parts of a network for the tests of the EC2 modules, made by boto3."""

from __future__ import annotations

from typing import Any


def make_vpc(ec2: Any, cidr: str = "10.0.0.0/16") -> str:
    """Make a VPC and give its id."""
    return str(ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"])


def make_subnet(ec2: Any, vpc_id: str, cidr: str, zone: str = "us-east-1a") -> str:
    """Make a subnet and give its id."""
    answer = ec2.create_subnet(VpcId=vpc_id, CidrBlock=cidr, AvailabilityZone=zone)
    return str(answer["Subnet"]["SubnetId"])


def make_gateway(ec2: Any, vpc_id: str) -> str:
    """Make an internet gateway, attach it and give its id."""
    gateway_id = str(ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    return gateway_id


def named(name: str, resource_type: str, **more: str) -> list[dict[str, Any]]:
    """Give TagSpecifications with a Name, as an orphan of ours has them."""
    tags = {"Name": name, **more}
    return [{"ResourceType": resource_type, "Tags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]}]


def tags_of(item: dict[str, Any]) -> dict[str, str]:
    """Give the tags of what EC2 describes."""
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}
