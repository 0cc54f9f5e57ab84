"""Service-linked roles: their names, and that only their service changes them.

Key policies name these roles (``AWSServiceRoleForAutoScaling``), so the names must be AWS's.
"""

from collections.abc import Callable
from typing import Any

from moto.iam.models import IAMBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.iam.common import role_named, state

extension = Extension("iam")

# Names from the services' user guides ("Using service-linked roles for ...").
NAMES = {
    "access-analyzer.amazonaws.com": "AccessAnalyzer",
    "autoscaling.amazonaws.com": "AutoScaling",
    "backup.amazonaws.com": "Backup",
    "cloudtrail.amazonaws.com": "CloudTrail",
    "config.amazonaws.com": "Config",
    "delivery.logs.amazonaws.com": "LogDelivery",
    "ecs.amazonaws.com": "ECS",
    "eks.amazonaws.com": "AmazonEKS",
    "eks-fargate.amazonaws.com": "AmazonEKSForFargate",
    "eks-nodegroup.amazonaws.com": "AmazonEKSNodegroup",
    "elasticache.amazonaws.com": "ElastiCache",
    "elasticache.application-autoscaling.amazonaws.com": "ApplicationAutoScaling_ElastiCacheRG",
    "elasticfilesystem.amazonaws.com": "AmazonElasticFileSystem",
    "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
    "guardduty.amazonaws.com": "AmazonGuardDuty",
    "inspector2.amazonaws.com": "AmazonInspector2",
    "logger.cloudfront.amazonaws.com": "CloudFrontLogger",
    "malware-protection.guardduty.amazonaws.com": "AmazonGuardDutyMalwareProtection",
    "pullthroughcache.ecr.amazonaws.com": "ECRPullThroughCache",
    "rds.amazonaws.com": "RDS",
    "replication.ecr.amazonaws.com": "ECRReplication",
    "securityhub.amazonaws.com": "SecurityHub",
    "spot.amazonaws.com": "EC2Spot",
    "spotfleet.amazonaws.com": "EC2SpotFleet",
    "ssm.amazonaws.com": "AmazonSSM",
    "support.amazonaws.com": "Support",
    "trustedadvisor.amazonaws.com": "TrustedAdvisor",
    "wafv2.amazonaws.com": "WAFV2Logging",
}
CHANGES = (
    "AttachRolePolicy",
    "DeleteRole",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
)
PATH = "/aws-service-role/"


def name_of(service: str, suffix: str | None) -> str | None:
    """The role's name; None for a service whose name this list does not have."""
    known = NAMES.get(service)
    if known is None:
        return None
    return f"AWSServiceRoleFor{known}" + (f"_{suffix}" if suffix else "")


@extension.patches(IAMBackend, "create_service_linked_role")
def role_named_as_aws_names_it(
    original: Callable[..., Any], self: Any, service_name: str, description: str, suffix: str
) -> Any:
    """moto builds the name from the service's, which is right for few."""
    role = original(self, service_name, description, suffix)
    role.name = name_of(service_name, suffix) or role.name
    return role


@extension.refuses("CreateServiceLinkedRole")
def role_that_exists_already(call: Call) -> None:
    name = name_of(str(call.params.get("AWSServiceName")), call.params.get("CustomSuffix"))
    if name and any(role.name == name for role in state(call).roles.values()):
        raise AwsError(
            "InvalidInput", f"Service role name {name} has been taken in this account, please try a different suffix."
        )


@extension.refuses(*CHANGES)
def changing_a_role_that_is_a_services(call: Call) -> None:
    """IAM user guide: a service-linked role is deleted by DeleteServiceLinkedRole, and changed by its service only."""
    role = role_named(call)
    if role and role.path.startswith(PATH):
        raise AwsError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS",
        )
