"""Lambda: functions inside a VPC, and the role that they run with."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from moto.awslambda.models import LambdaFunction
from moto.awslambda.utils import get_backend
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, statements

extension = Extension("lambda")
EXTENSIONS = (extension,)

SERVICE = "lambda.amazonaws.com"
MOST_SECONDS = 900  # Lambda quotas: timeout of a function
LARGEST_UPLOAD = 50 * 2**20  # Lambda quotas: deployment package uploaded directly, zipped


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValueException", message)


def _role(call: Call, arn: str | None) -> Any | None:
    roles = iam_backends[call.account_id]["aws"].roles.values()
    return next((one for one in roles if one.arn == arn), None)


@extension.refuses("CreateFunction", "UpdateFunctionConfiguration")
def role_that_lambda_cannot_assume(call: Call) -> None:
    """The role must exist and trust the service; a role just made is not known at once either."""
    arn = call.params.get("Role")
    if arn is None:
        return
    role = _role(call, arn)
    trust = unquote(role.assume_role_policy_document or "") if role is not None else ""
    if SERVICE not in trust:
        raise _invalid("The role defined for the function cannot be assumed by Lambda.")


@extension.refuses("CreateFunction", "UpdateFunctionConfiguration")
def network_that_does_not_exist(call: Call) -> None:
    """Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC"."""
    config = call.params.get("VpcConfig") or {}
    ec2 = ec2_backends[call.account_id][call.region]
    subnets = {one.id: one for zone in ec2.subnets.values() for one in zone.values()}
    for subnet_id in config.get("SubnetIds") or []:
        if subnet_id not in subnets:
            raise _invalid(f"Error occurred while DescribeSubnets. The subnet ID '{subnet_id}' does not exist")
    vpcs = {subnets[one].vpc_id for one in config.get("SubnetIds") or []}
    for group_id in config.get("SecurityGroupIds") or []:
        group = ec2.get_security_group_from_id(group_id)
        if group is None or group.vpc_id not in vpcs:
            raise _invalid(
                f"Error occurred while DescribeSecurityGroups. The security group '{group_id}' does not exist"
            )
    if vpcs:
        _refuse_role_without_interfaces(call)


def _refuse_role_without_interfaces(call: Call) -> None:
    arn = call.params.get("Role")
    if arn is None:
        return
    role = _role(call, arn)
    if role is not None and not any(_makes_interfaces(one) for one in _statements_of(role)):
        raise _invalid("The provided execution role does not have permissions to call CreateNetworkInterface on EC2")


def _statements_of(role: Any) -> Iterator[dict[str, Any]]:
    for policy in role.managed_policies.values():
        current = next(one for one in policy.versions if one.version_id == policy.default_version_id)
        yield from statements(current.document)
    for document in role.policies.values():
        yield from statements(document)


def _makes_interfaces(statement: dict[str, Any]) -> bool:
    actions = as_list(statement.get("Action"))
    return statement.get("Effect") == "Allow" and bool({"*", "ec2:*", "ec2:CreateNetworkInterface"} & set(actions))


@extension.refuses("CreateFunction", "UpdateFunctionConfiguration")
def too_long_a_timeout(call: Call) -> None:
    seconds = call.params.get("Timeout")
    if seconds is not None and not 1 <= seconds <= MOST_SECONDS:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{seconds}' at 'timeout' failed to satisfy constraint: Member must "
            f"have value less than or equal to {MOST_SECONDS}",
        )


@extension.refuses("CreateFunction")
def name_that_is_taken(call: Call) -> None:
    name = call.params.get("FunctionName") or ""
    held = get_backend(call.account_id, call.region).list_functions()
    if any(name in (one.function_name, one.function_arn) for one in held):
        raise AwsError("ResourceConflictException", f"Function already exist: {name}")


@extension.refuses("AddPermission")
def statement_that_is_there(call: Call) -> None:
    """API AddPermission: ResourceConflictException."""
    name, sid = call.params.get("FunctionName") or "", call.params.get("StatementId")
    for function in get_backend(call.account_id, call.region).list_functions():
        held = [one.get("Sid") for one in function.policy.statements]
        if name in (function.function_name, function.function_arn) and sid in held:
            raise AwsError(
                "ResourceConflictException",
                f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the "
                "existing statement.",
            )


@extension.patches(LambdaFunction, "vpc_config")
def vpc_of_its_subnets(original: Callable[..., Any], self: Any) -> dict[str, Any] | None:
    """moto answers with a VPC id of its own making."""
    config: dict[str, Any] | None = original(self)
    if config and config.get("SubnetIds"):
        ec2 = ec2_backends[self.account_id][self.region]
        config["VpcId"] = ec2.get_subnet(config["SubnetIds"][0]).vpc_id
    return config


@extension.patches(LambdaFunction, "update_configuration")
def update_of_all_that_was_given(original: Callable[..., Any], self: Any, changes: dict[str, Any]) -> Any:
    """moto leaves out tracing and the key of the environment variables."""
    if "TracingConfig" in changes:
        self.tracing_config = changes["TracingConfig"]
    if "KMSKeyArn" in changes:
        self.kms_key_arn = changes["KMSKeyArn"]
    return json.loads(json.dumps(original(self, changes)))
