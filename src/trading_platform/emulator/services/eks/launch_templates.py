"""What EKS reads of a node group's launch template."""

from typing import Any

from moto.ec2.models import ec2_backends
from moto.eks.responses import EKSResponse
from moto.kms.models import kms_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.policies import as_list, principals, statements
from trading_platform.emulator.services.eks.store import backend_of

AUTO_SCALING_ROLE = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


def template_of(source: Call | EKSResponse, asked: dict[str, Any]) -> tuple[Any, Any]:
    """moto's (template, version) of a LaunchTemplateSpecification; moto's own error when there is none."""
    backend = backend_of(source)
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    if asked.get("id"):
        template = ec2.get_launch_template(asked["id"])
    else:
        template = ec2.get_launch_template_by_name(asked["name"])
    return template, template.get_version(asked.get("version") or "$Default")


def specified_template(source: Call | EKSResponse, asked: dict[str, Any] | None) -> dict[str, str] | None:
    """The specification with id, name and the number of the version, as the API shows it."""
    if not asked:
        return None
    template, version = template_of(source, asked)
    return {"id": template.id, "name": template.name, "version": str(version.number)}


def volume_key_failure(source: Call | EKSResponse, template: dict[str, str]) -> dict[str, Any] | None:
    """The health issue of instances that cannot start since Auto Scaling may not use the key of their volumes.

    EC2 Auto Scaling user guide, "key-policy-requirements-EBS-encryption": the key's policy itself must name the
    service-linked role, with CreateGrant among what it may do.
    """
    _, version = template_of(source, template)
    backend = backend_of(source)
    kms = kms_backends[backend.account_id][backend.region_name]
    for mapping in version.data.get("BlockDeviceMappings") or []:
        key_arn = (mapping.get("Ebs") or {}).get("KmsKeyId")
        if key_arn and not _grants_to_auto_scaling(kms.keys.get(kms.get_key_id(key_arn))):
            return {
                "code": "AsgInstanceLaunchFailures",
                "message": "Instance became unhealthy while waiting for instance to be in InService state. Termination "
                "Reason: Client.InvalidKMSKey.InvalidState: The KMS key provided is in an incorrect state",
                "resourceIds": [template["id"]],
            }
    return None


def _grants_to_auto_scaling(key: Any) -> bool:
    for statement in statements(key.policy) if key else []:
        named = any(value.endswith(AUTO_SCALING_ROLE) for _, value in principals(statement))
        if named and {"kms:CreateGrant", "kms:*"} & set(as_list(statement.get("Action"))):
            return True
    return False
