"""A VPC with what a load balancer needs, made by boto3."""

import json
from typing import Any

from trading_platform.emulator.testing import EmulatorServer

ELB_ACCOUNTS = {"us-east-1": "127311923021", "us-west-2": "797873946194"}


class Estate:
    """A VPC with an internet gateway, subnets in three zones and a security group, in one region."""

    def __init__(self, emulator: EmulatorServer, region: str = "us-east-1", cidr: str = "10.0") -> None:
        self.emulator, self.region = emulator, region
        self.elbv2 = emulator.client("elbv2", region)
        self.ec2 = emulator.client("ec2", region)
        self.vpc_id: str = self.ec2.create_vpc(CidrBlock=f"{cidr}.0.0/16")["Vpc"]["VpcId"]
        self.gateway_id: str = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway_id, VpcId=self.vpc_id)
        self.subnet_ids = [self.subnet(f"{cidr}.{10 + n}.0/24", f"{region}{zone}") for n, zone in enumerate("abc")]
        self.group_id = self.group("alb")

    def subnet(self, cidr: str, zone: str) -> str:
        made = self.ec2.create_subnet(VpcId=self.vpc_id, CidrBlock=cidr, AvailabilityZone=zone)
        return str(made["Subnet"]["SubnetId"])

    def group(self, name: str) -> str:
        return str(self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc_id)["GroupId"])

    def balancer(self, name: str = "production", **more: Any) -> dict[str, Any]:
        arguments = {"Subnets": self.subnet_ids, "SecurityGroups": [self.group_id], **more}
        made: dict[str, Any] = self.elbv2.create_load_balancer(Name=name, Scheme="internet-facing", **arguments)
        balancer: dict[str, Any] = made["LoadBalancers"][0]
        return balancer

    def target_group(self, name: str = "te-api", **more: Any) -> str:
        arguments = {"Protocol": "HTTPS", "Port": 7999, "VpcId": self.vpc_id, "TargetType": "ip", **more}
        return str(self.elbv2.create_target_group(Name=name, **arguments)["TargetGroups"][0]["TargetGroupArn"])

    def listener(self, balancer_arn: str, port: int = 80, **more: Any) -> str:
        fixed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        arguments = {"Protocol": "HTTP", "DefaultActions": [fixed], **more}
        made = self.elbv2.create_listener(LoadBalancerArn=balancer_arn, Port=port, **arguments)
        return str(made["Listeners"][0]["ListenerArn"])

    def certificate(self, issued: bool = True) -> str:
        """A certificate, with its records in a zone when it should be issued; waits for that."""
        acm = self.emulator.client("acm", self.region)
        name = "te.example.com" if issued else "waiting.example.com"
        arn = str(acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"])
        if issued:
            self._prove(acm, arn)
            acm.get_waiter("certificate_validated").wait(
                CertificateArn=arn, WaiterConfig={"Delay": 1, "MaxAttempts": 5}
            )
        return arn

    def _prove(self, acm: Any, arn: str) -> None:
        options = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
        record = options[0]["ResourceRecord"]
        route53 = self.emulator.client("route53")
        zone_id = route53.create_hosted_zone(Name="te.example.com", CallerReference=arn)["HostedZone"]["Id"]
        values = {"TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
        record_set = {"Name": record["Name"], "Type": "CNAME", **values}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record_set}]}
        route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch=batch)

    def bucket(self, name: str = "logs", principal: Any = None, prefix: str = "alb/") -> str:
        """A bucket that takes the access logs of the region's load balancers, or of ``principal``."""
        s3 = self.emulator.client("s3", self.region)
        place = {"LocationConstraint": self.region}
        s3.create_bucket(Bucket=name, **({} if self.region == "us-east-1" else {"CreateBucketConfiguration": place}))
        statement = {
            "Effect": "Allow",
            "Principal": principal or {"AWS": f"arn:aws:iam::{ELB_ACCOUNTS[self.region]}:root"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/{prefix}AWSLogs/{self.emulator.account_id}/*",
        }
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        return name

    def attributes(self, arn: str, **values: str) -> None:
        """Set attributes of a load balancer; ``__`` stands for a dot."""
        pairs = [{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()]
        self.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=pairs)
