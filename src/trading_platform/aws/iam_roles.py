"""IAM roles with all that decides what they may do: trust, attached and inline policies, boundary, session length.

A role's identity is its name. What a run that was cut off left out is put right as drift by the next.
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws import iam, policy
from trading_platform.aws import tags as tagging
from trading_platform.aws.engine import BaseItem, State
from trading_platform.aws.planned import planned_id
from trading_platform.aws.several import twice

UNKNOWN_ACCOUNT = "0" * 12
PAGE = 1000
"""MaxItems of both calls that read; the default is 100."""


class IamRoles:
    """The roles of these names.

    Args:
        reads: an IAM client of ``AnsibleAWSModule.client`` that takes NoSuchEntity for an answer.
        writes: one that retries on it (``iam.WRITES``).
        params: the module's parameters: roles, tags, purge_tags.
    """

    kind = "IAM roles"
    name = "of the account"

    def __init__(self, reads: Any, writes: Any, params: dict[str, Any]) -> None:
        self.reads = reads
        self.items = {asked["name"]: IamRole(reads, writes, params, asked) for asked in params["roles"]}

    def find(self) -> dict[str, State]:
        """Read the account's roles in two calls, where reading them one by one takes four or more for each.

        GetAccountAuthorizationDetails tells everything but description and session length, which ListRoles tells.
        """
        details = iam.pages(
            self.reads.get_account_authorization_details, "RoleDetailList", Filter=["Role"], MaxItems=PAGE
        )
        listed = {role["RoleName"]: role for role in iam.pages(self.reads.list_roles, "Roles", MaxItems=PAGE)}
        return {
            role["RoleName"]: read_role({**listed[role["RoleName"]], **role})
            for role in details
            if role["RoleName"] in self.items and role["RoleName"] in listed
        }


class IamRole(BaseItem):
    """One of them.

    Args:
        reads: an IAM client that takes NoSuchEntity for an answer.
        writes: one that retries on it.
        params: the module's parameters: tags, purge_tags.
        asked: one of its ``roles``.
    """

    kind = "IAM role"
    fixed = frozenset({"path"})

    def __init__(self, reads: Any, writes: Any, params: dict[str, Any], asked: dict[str, Any]) -> None:
        self.reads = reads
        self.writes = writes
        self.name: str = asked["name"]
        self.asked_tags = _asked_tags(params["tags"], asked["tags"])
        self.purge_tags: bool = params["purge_tags"]
        self.asked = {
            "path": asked["path"],
            "description": asked["description"],
            "trust_policy": policy.canonical(asked["trust_policy"]),
            "max_session_seconds": asked["max_session_seconds"],
            "permissions_boundary": asked["permissions_boundary"] or None,
            "managed_policies": sorted(set(asked["managed_policies"])),
            "inline_policies": {
                name: policy.canonical(document) for name, document in asked["inline_policies"].items()
            },
        }
        role_path = f"role{asked['path']}{self.name}"
        self.placeholders = {
            "role_arn": planned_id(f"arn:aws:iam::{UNKNOWN_ACCOUNT}:{role_path}"),
            "role_id": planned_id("AROA"),
        }

    def wanted(self, current: State | None) -> State:
        """Everything asked for; policies that nobody asked for are drift."""
        held = current["tags"] if current else {}
        return {**self.asked, "tags": tagging.wanted(held, self.asked_tags, self.purge_tags)}

    def create(self, wanted: State) -> None:
        """Make the role with its tags and its boundary, so that it is never without, then give it its policies."""
        boundary = wanted["permissions_boundary"]
        self.writes.create_role(
            RoleName=self.name,
            Path=wanted["path"],
            AssumeRolePolicyDocument=policy.as_text(wanted["trust_policy"]),
            Description=wanted["description"],
            MaxSessionDuration=wanted["max_session_seconds"],
            **({"PermissionsBoundary": boundary} if boundary else {}),
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )
        self.reads.get_waiter("role_exists").wait(RoleName=self.name)
        self._attach([], wanted["managed_policies"])
        self._put_inline({}, wanted["inline_policies"])

    def update(self, current: State, changes: State) -> None:
        """Change what differs; the boundary first, so that a new permission is never outside it."""
        self._update_boundary(changes)
        if "trust_policy" in changes:
            self.writes.update_assume_role_policy(
                RoleName=self.name, PolicyDocument=policy.as_text(changes["trust_policy"]), aws_retry=True
            )
        request = {
            api: changes[key]
            for key, api in (("description", "Description"), ("max_session_seconds", "MaxSessionDuration"))
            if key in changes
        }
        if request:
            self.writes.update_role(RoleName=self.name, **request, aws_retry=True)
        target = {**current, **changes}
        self._attach(current["managed_policies"], target["managed_policies"])
        self._put_inline(current["inline_policies"], target["inline_policies"])
        if "tags" in changes:
            iam.update_tags(
                self.writes.tag_role, self.writes.untag_role, current["tags"], changes["tags"], RoleName=self.name
            )

    def _update_boundary(self, changes: State) -> None:
        if "permissions_boundary" not in changes:
            return
        arn = changes["permissions_boundary"]
        if arn:
            self.writes.put_role_permissions_boundary(RoleName=self.name, PermissionsBoundary=arn, aws_retry=True)
        else:
            self.writes.delete_role_permissions_boundary(RoleName=self.name, aws_retry=True)

    def _attach(self, current: list[str], target: list[str]) -> None:
        """Detach first: a role takes 10 managed policies unless its quota was raised."""
        for arn in sorted(set(current) - set(target)):
            iam.or_none(self.reads.detach_role_policy, RoleName=self.name, PolicyArn=arn)
        for arn in sorted(set(target) - set(current)):
            self.writes.attach_role_policy(RoleName=self.name, PolicyArn=arn, aws_retry=True)

    def _put_inline(self, current: dict[str, Any], target: dict[str, Any]) -> None:
        """Delete first: the inline policies of a role may have 10,240 characters together."""
        for name in sorted(set(current) - set(target)):
            iam.or_none(self.reads.delete_role_policy, RoleName=self.name, PolicyName=name)
        for name, document in target.items():
            if current.get(name) != document:
                self.writes.put_role_policy(
                    RoleName=self.name, PolicyName=name, PolicyDocument=policy.as_text(document), aws_retry=True
                )

    def delete(self, current: State) -> None:
        """Take away all that IAM wants gone before a role: instance profiles, attached and inline policies."""
        profiles = iam.or_none(self.reads.list_instance_profiles_for_role, RoleName=self.name)
        for profile in profiles["InstanceProfiles"] if profiles else []:
            iam.or_none(
                self.reads.remove_role_from_instance_profile,
                InstanceProfileName=profile["InstanceProfileName"],
                RoleName=self.name,
            )
        self._attach(current["managed_policies"], [])
        self._put_inline(current["inline_policies"], {})
        iam.or_none(self.reads.delete_role, RoleName=self.name)


def _asked_tags(of_all: tagging.Tags | None, own: tagging.Tags | None) -> tagging.Tags | None:
    return None if of_all is None and own is None else {**(of_all or {}), **(own or {})}


def read_role(role: dict[str, Any]) -> State:
    """Give a role of both calls together under the names of the module's arguments."""
    return {
        "role_arn": role["Arn"],
        "role_id": role["RoleId"],
        "path": role["Path"],
        "description": role.get("Description", ""),
        "trust_policy": policy.canonical(role["AssumeRolePolicyDocument"]),
        "max_session_seconds": role["MaxSessionDuration"],
        "permissions_boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "managed_policies": sorted(one["PolicyArn"] for one in role.get("AttachedManagedPolicies", [])),
        "inline_policies": {
            one["PolicyName"]: policy.canonical(one["PolicyDocument"]) for one in role.get("RolePolicyList", [])
        },
        "tags": tagging.from_list(role.get("Tags")),
    }


def problems(params: dict[str, Any]) -> list[str]:
    """Say what is wrong with the roles asked for, before IAM is asked."""
    asked = params["roles"]
    found = twice([one["name"] for one in asked])
    if params["state"] == "present":
        found += [f"{one['name']}: trust_policy is missing" for one in asked if not one["trust_policy"]]
    return [f"roles: {problem}" for problem in found]
