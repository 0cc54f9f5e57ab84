"""What the RDS modules are tested with: keys, a subnet group, a secret, and the arguments of an instance."""

import json
from typing import Any

from trading_platform.emulator.testing import EmulatorServer

NAME = "orders"
PASSWORD = "correct-horse-battery"
SECRET = "orders/database"
TAGS = {"Environment": "production", "ManagedBy": "ansible"}


def network(aws: EmulatorServer, region: str = "us-east-1") -> dict[str, Any]:
    """A subnet group over two zones and a security group of the same VPC."""
    ec2 = aws.client("ec2", region)
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{region}{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]
    aws.client("rds", region).create_db_subnet_group(
        DBSubnetGroupName=NAME, DBSubnetGroupDescription="databases", SubnetIds=subnets
    )
    group_id = ec2.create_security_group(GroupName="rds", Description="rds", VpcId=vpc_id)["GroupId"]
    return {"subnet_group_name": NAME, "vpc_security_group_ids": [group_id]}


def kms_key(aws: EmulatorServer, region: str = "us-east-1") -> str:
    return str(aws.client("kms", region).create_key()["KeyMetadata"]["Arn"])


def monitoring_role(aws: EmulatorServer) -> str:
    principal = {"Service": "monitoring.rds.amazonaws.com"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
    made = aws.client("iam").create_role(RoleName="rds-monitoring", AssumeRolePolicyDocument=json.dumps(trust))
    return str(made["Role"]["Arn"])


def parameter_group(aws: EmulatorServer, region: str = "us-east-1") -> str:
    aws.client("rds", region).create_db_parameter_group(
        DBParameterGroupName=NAME, DBParameterGroupFamily="postgres16", Description="orders"
    )
    return NAME


def master_secret(aws: EmulatorServer) -> str:
    content = json.dumps({"username": "trading_admin", "password": PASSWORD, "engine": "postgres"})
    aws.client("secretsmanager").create_secret(Name=SECRET, SecretString=content)
    return SECRET


def world(aws: EmulatorServer) -> dict[str, Any]:
    """Arguments of an instance as the design document has it, with all that they name made."""
    key = kms_key(aws)
    return {
        "identifier": NAME,
        "engine": "postgres",
        "engine_version": "16.14",
        "instance_class": "db.r6i.xlarge",
        "storage_type": "gp3",
        "allocated_storage": 100,
        "max_allocated_storage": 1000,
        "kms_key_id": key,
        "master_secret_id": master_secret(aws),
        "database_name": "trading_engine",
        "port": 5432,
        "multi_az": True,
        **network(aws),
        "parameter_group_name": parameter_group(aws),
        "backup_retention_days": 30,
        "backup_window": "03:00-04:00",
        "maintenance_window": "mon:04:00-mon:05:00",
        "copy_tags_to_snapshot": True,
        "auto_minor_version_upgrade": True,
        "deletion_protection": True,
        "publicly_accessible": False,
        "iam_authentication": True,
        "monitoring_interval": 60,
        "monitoring_role_arn": monitoring_role(aws),
        "performance_insights": True,
        "performance_insights_retention_days": 7,
        "performance_insights_kms_key_id": key,
        "log_exports": ["upgrade", "postgresql"],
        "engine_lifecycle_support": "open-source-rds-extended-support-disabled",
        "tags": TAGS,
        "wait_timeout": 10,
    }


def replica(arguments: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Arguments of a replica of that instance in its region."""
    shared = (
        "instance_class",
        "storage_type",
        "max_allocated_storage",
        "vpc_security_group_ids",
        "subnet_group_name",
        "parameter_group_name",
        "maintenance_window",
        "copy_tags_to_snapshot",
        "deletion_protection",
        "monitoring_interval",
        "monitoring_role_arn",
        "performance_insights",
        "performance_insights_retention_days",
        "performance_insights_kms_key_id",
        "log_exports",
        "engine_lifecycle_support",
        "tags",
        "wait_timeout",
    )
    taken = {name: arguments[name] for name in shared}
    return {"identifier": "orders-replica-1", "source_identifier": NAME, **taken, **changed}


def described(aws: EmulatorServer, name: str = NAME, region: str = "us-east-1") -> dict[str, Any]:
    found = aws.client("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    first: dict[str, Any] = found[0]
    return first
