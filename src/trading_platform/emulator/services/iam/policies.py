"""Managed and inline policies: what IAM refuses beyond what moto does."""

import json
import re
from collections.abc import Iterator
from typing import Any

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.policies import statements
from trading_platform.emulator.services.iam.common import limit_exceeded, malformed, role_named, state

extension = Extension("iam")

MANAGED_CHARACTERS = 6144  # white space not counted; IAM and STS quotas
INLINE_ROLE_CHARACTERS = 10_240  # all inline policies of a role together
MANAGED = ("CreatePolicy", "CreatePolicyVersion")
WRITES = (*MANAGED, "PutRolePolicy", "PutGroupPolicy", "PutUserPolicy")


def _size(document: str) -> int:
    return len(re.sub(r"\s", "", document))


def _statements(call: Call) -> Iterator[dict[str, Any]]:
    yield from statements(call.params.get("PolicyDocument"))


@extension.refuses(*MANAGED)
def managed_policy_larger_than_the_quota(call: Call) -> None:
    if _size(str(call.params.get("PolicyDocument", ""))) > MANAGED_CHARACTERS:
        raise limit_exceeded(f"Cannot exceed quota for PolicySize: {MANAGED_CHARACTERS}")


@extension.refuses("PutRolePolicy")
def inline_policies_larger_than_the_quota(call: Call) -> None:
    role = role_named(call)
    held = dict(role.policies) if role else {}
    held[call.params.get("PolicyName")] = str(call.params.get("PolicyDocument", ""))
    texts = (one if isinstance(one, str) else json.dumps(one) for one in held.values())
    if role and sum(_size(text) for text in texts) > INLINE_ROLE_CHARACTERS:
        raise limit_exceeded(f"Maximum policy size of {INLINE_ROLE_CHARACTERS} bytes exceeded for role {role.name}")


@extension.refuses("CreatePolicy")
def name_that_a_policy_has(call: Call) -> None:
    """API CreatePolicy: "names are not distinguished by case"."""
    name = str(call.params.get("PolicyName", ""))
    own = f"::{call.account_id}:"
    if any(own in arn and policy.name.lower() == name.lower() for arn, policy in state(call).managed_policies.items()):
        raise AwsError(
            "EntityAlreadyExists", f"A policy called {name} already exists. Duplicate names are not allowed.", 409
        )


@extension.refuses(*WRITES)
def policy_that_names_a_principal(call: Call) -> None:
    if any("Principal" in statement or "NotPrincipal" in statement for statement in _statements(call)):
        raise malformed("Policy document should not specify a principal.")


@extension.refuses(*WRITES)
def statement_id_with_other_characters(call: Call) -> None:
    for statement in _statements(call):
        if not re.fullmatch(r"[0-9A-Za-z]*", str(statement.get("Sid", ""))):
            raise malformed(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
                "[0-9A-Za-z]*"
            )


@extension.refuses("DeletePolicy")
def deleting_a_policy_in_use(call: Call) -> None:
    policy = state(call).managed_policies.get(call.params.get("PolicyArn"))
    if policy and policy.attachment_count:
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    if policy and len(policy.versions) > 1:
        raise AwsError(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
            "The default version is deleted with the policy.",
            409,
        )
