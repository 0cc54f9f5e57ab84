"""Make a load balancer over two subnets."""

import os

import boto3

region = os.environ["AWS_REGION"]
ec2 = boto3.client("ec2")
vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{region}{zone}")["Subnet"]["SubnetId"]
    for n, zone in enumerate("ab")
]
boto3.client("elbv2").create_load_balancer(Name="protected", Subnets=subnets)
