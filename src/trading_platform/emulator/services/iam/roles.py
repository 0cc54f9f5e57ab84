"""Roles: names, trust policies, boundaries and quotas."""

import json
import re
from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import as_list, invalid_principals, statements
from trading_platform.emulator.quotas import POLICIES_PER_ROLE, quota
from trading_platform.emulator.services.iam.common import constraint, limit_exceeded, malformed, role_named, state

extension = Extension("iam")

TRUSTS = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}
TRUST_BYTES = 2048  # role trust policy length, IAM quota L-C07B4B0D, without white space
LONGEST_NAME = 64
SESSION_SECONDS = (3600, 43_200)
# Principal types as IAM's error writes them.
SHOWN_TYPES = {"Service": "SERVICE", "Federated": "FEDERATED", "AWS": "AWS", "*": "AWS"}


@extension.patches(IAMBackend, "get_role")
def missing_role_in_iams_words(original: Callable[..., Any], self: Any, role_name: str) -> Any:
    try:
        return original(self, role_name)
    except NotFoundException:
        raise NotFoundException(f"The role with name {role_name} cannot be found.") from None


@extension.refuses("CreateRole")
def name_that_a_role_has(call: Call) -> None:
    """API CreateRole: "names are not distinguished by case", and a path does not tell two roles apart."""
    if role_named(call):
        raise AwsError("EntityAlreadyExists", f"Role with name {call.params['RoleName']} already exists.", 409)


@extension.refuses("CreateRole")
def name_longer_than_64(call: Call) -> None:
    name = str(call.params.get("RoleName", ""))
    if len(name) > LONGEST_NAME:
        raise constraint("roleName", name, f"length less than or equal to {LONGEST_NAME}")


@extension.refuses("CreateRole", "UpdateRole")
def session_longer_than_12_hours(call: Call) -> None:
    value, (low, high) = call.params.get("MaxSessionDuration"), SESSION_SECONDS
    if value is not None and not low <= int(value) <= high:
        side = f"greater than or equal to {low}" if int(value) < low else f"less than or equal to {high}"
        raise constraint("maxSessionDuration", value, f"value {side}")


def _trust(call: Call) -> str:
    return str(call.params.get(TRUSTS[call.action or ""], ""))


@extension.refuses(*TRUSTS)
def trust_policy_that_is_none(call: Call) -> None:
    try:
        content = json.loads(_trust(call))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise malformed("This policy contains invalid Json")
    if content.get("Version") not in (None, "2008-10-17", "2012-10-17"):
        raise malformed("The policy must contain a valid version string")
    for statement in statements(content):
        for field in ("Effect", "Principal", "Action"):
            if field not in statement and f"Not{field}" not in statement:
                raise malformed(f"Missing required field {field}")
        for field in ("Resource", "NotResource"):
            if field in statement:
                raise malformed(f"Has prohibited field {field}")


@extension.refuses(*TRUSTS)
def trust_policy_for_something_else_than_assuming(call: Call) -> None:
    for statement in statements(_trust(call)):
        for action in as_list(statement.get("Action")):
            if not str(action).lower().startswith("sts:"):
                raise malformed("AssumeRole policy may only specify STS AssumeRole actions.")


@extension.refuses(*TRUSTS)
def trust_policy_with_a_principal_that_does_not_exist(call: Call) -> None:
    for kind, value in invalid_principals(_trust(call), call.account_id):
        raise malformed(f'Invalid principal in policy: "{SHOWN_TYPES.get(kind, kind)}":"{value}"')


@extension.refuses(*TRUSTS)
def trust_policy_larger_than_the_quota(call: Call) -> None:
    """IAM and STS quotas: 2,048 characters, white space not counted."""
    if len(re.sub(r"\s", "", _trust(call))) > TRUST_BYTES:
        raise limit_exceeded(f"Cannot exceed quota for ACLSizePerRole: {TRUST_BYTES}")


@extension.refuses("CreateRole", "PutRolePermissionsBoundary")
def boundary_that_does_not_exist(call: Call) -> None:
    arn = call.params.get("PermissionsBoundary")
    if arn and arn.startswith("arn:") and arn not in state(call).managed_policies:
        raise AwsError("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", 404)


@extension.refuses("AttachRolePolicy")
def more_policies_than_a_role_takes(call: Call) -> None:
    role = role_named(call)
    if role is None or call.params.get("PolicyArn") in role.managed_policies:
        return
    if len(role.managed_policies) >= quota(POLICIES_PER_ROLE):
        raise limit_exceeded(f"Cannot exceed quota for PoliciesPerRole: {quota(POLICIES_PER_ROLE)}")
