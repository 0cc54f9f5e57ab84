"""What the RDS files share: the region's state, keys, roles, and errors that several calls answer with."""

from typing import Any

from moto.iam.models import iam_backends
from moto.rds.models import rds_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError

MONITORING = "monitoring.rds.amazonaws.com"


def state(call: Call) -> Any:
    """moto's RDS backend of the call's account and region."""
    return rds_backends[call.account_id][call.region]


def instance(call: Call, key: str = "DBInstanceIdentifier") -> Any | None:
    """The instance a call is about; None leaves "not found" to moto."""
    return state(call).databases.get(call.params.get(key) or "")


def by_identifier(call: Call, identifier: str) -> Any | None:
    """An instance of this region by name, or of any by ARN."""
    if identifier.startswith("arn:"):
        region, name = identifier.split(":")[3], identifier.rpartition(":")[2]
        return rds_backends[call.account_id][region].databases.get(name)
    return state(call).databases.get(identifier)


def combination(message: str) -> AwsError:
    return AwsError("InvalidParameterCombination", message)


def value(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


def refuse_unless_available(database: Any) -> None:
    """API: InvalidDBInstanceState, "The DB instance isn't in a valid state."; the text is RDS's for snapshots."""
    if database is not None and database.status != "available":
        raise AwsError(
            "InvalidDBInstanceState",
            f"Database instance {database.db_instance_identifier} is not currently in the available state.",
        )


def refuse_unusable_monitoring_role(call: Call) -> None:
    """The role must exist and trust the monitoring service: RDS user guide, "Setting up Enhanced Monitoring"."""
    arn = call.params.get("MonitoringRoleArn")
    if not arn:
        return
    roles = iam_backends[call.account_id]["aws"].roles.values()
    role = next((one for one in roles if one.arn == arn), None)
    if role is None or MONITORING not in (role.assume_role_policy_document or ""):
        raise value(
            "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING"
        )


def security_groups_in(call: Call, vpc_id: str) -> None:
    """Security groups must belong to the VPC of the subnet group."""
    from moto.ec2.models import ec2_backends

    ec2 = ec2_backends[call.account_id][call.region]
    for group_id in call.params.get("VpcSecurityGroupIds") or []:
        group = ec2.get_security_group_from_id(group_id)
        if group is None:
            raise value(f"Invalid security group , groupId= {group_id}, groupName=.")
        if group.vpc_id != vpc_id:
            raise combination(
                "The DB instance and EC2 security group are in different VPCs. "
                f"The DB instance is in {vpc_id} and the EC2 security group is in {group.vpc_id}"
            )
