"""What an RDS instance of the tests needs around it: subnets in two zones, keys, a role."""

import json
from typing import Any

from trading_platform.emulator.testing import EmulatorServer

NAME = "orders"
GROUP = "orders-group"
PASSWORD = "correct-horse-battery"
ARN = "arn:aws:rds:us-east-1:123456789012:db:orders"
EAST, WEST = "us-east-1", "us-west-2"


def subnet_group(emulator: EmulatorServer, region: str = EAST, name: str = NAME) -> list[str]:
    """A subnet group over two zones of a new VPC; returns its subnets."""
    ec2 = emulator.client("ec2", region)
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{region}{zone}")["Subnet"][
            "SubnetId"
        ]
        for number, zone in enumerate("ab")
    ]
    emulator.client("rds", region).create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="databases", SubnetIds=subnets
    )
    return subnets


def key(emulator: EmulatorServer, region: str = EAST) -> str:
    return str(emulator.client("kms", region).create_key()["KeyMetadata"]["Arn"])


def role(emulator: EmulatorServer, service: str, name: str = "monitoring") -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    made = emulator.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    return str(made["Role"]["Arn"])


def instance(**changed: Any) -> dict[str, Any]:
    """Arguments of CreateDBInstance; a value of None leaves one out."""
    arguments = {
        "DBInstanceIdentifier": NAME,
        "Engine": "postgres",
        "EngineVersion": "16.14",
        "DBInstanceClass": "db.r6i.xlarge",
        "AllocatedStorage": 100,
        "StorageType": "gp3",
        "MasterUsername": "trading_admin",
        "MasterUserPassword": PASSWORD,
        "BackupRetentionPeriod": 30,
        **changed,
    }
    return {name: value for name, value in arguments.items() if value is not None}


def described(emulator: EmulatorServer, name: str = NAME, region: str = EAST) -> dict[str, Any]:
    found: dict[str, Any] = emulator.client("rds", region).describe_db_instances(DBInstanceIdentifier=name)
    first: dict[str, Any] = found["DBInstances"][0]
    return first
