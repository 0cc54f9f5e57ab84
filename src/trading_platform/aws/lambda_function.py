"""A Lambda function from a package of ours, and which services may call it.

A change is only taken when the one before has been made (``LastUpdateStatus``), and a role that was just made is not
known to Lambda at once: both are waited for
(https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags
from trading_platform.aws.engine import BaseResource, Deadline, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.lambda_package import digest

NOT_FOUND = "ResourceNotFoundException"
CONFLICT = "ResourceConflictException"
UNKNOWN_ROLE = "cannot be assumed by Lambda"
ROLE_SECONDS = 90.0
UPDATE_SECONDS = 120.0
ACTION = "lambda:InvokeFunction"

# Our key to the field of API FunctionConfiguration, and to the parameter that sets it.
FIELDS = {
    "description": "Description",
    "handler": "Handler",
    "memory_mb": "MemorySize",
    "role_arn": "Role",
    "runtime": "Runtime",
    "timeout_seconds": "Timeout",
}


@dataclass(frozen=True)
class FunctionArguments:
    """What is asked for.

    ``package``: the zip file. ``callers``: service principal to the account that it must act for.
    """

    name: str
    package: bytes
    settings: State
    subnet_ids: list[str]
    security_group_ids: list[str]
    environment: dict[str, str]
    callers: dict[str, str]
    tags: tags.Tags | None
    purge_tags: bool


class LambdaFunction(BaseResource):
    """A function of the client's region."""

    kind = "Lambda function"

    def __init__(self, client: Any, arguments: FunctionArguments) -> None:
        self.client = client
        self.arguments = arguments
        self.name = arguments.name
        region, partition = client.meta.region_name, client.meta.partition
        arn = f"arn:{partition}:lambda:{region}:{'0' * 12}:function:{self.name}-planned"
        self.placeholders = {"arn": arn, "status": "Pending", "last_update": "InProgress"}

    def find(self) -> State | None:
        """Read the function, its tags and its policy."""
        try:
            answer = self.client.get_function(FunctionName=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error) == NOT_FOUND:
                return None
            raise
        found = answer["Configuration"]
        network = found.get("VpcConfig") or {}
        return {
            **{key: found.get(field, "") for key, field in FIELDS.items()},
            "arn": found["FunctionArn"],
            "architecture": (found.get("Architectures") or ["x86_64"])[0],
            "code_sha256": found["CodeSha256"],
            "environment": (found.get("Environment") or {}).get("Variables") or {},
            "subnet_ids": sorted(network.get("SubnetIds") or []),
            "security_group_ids": sorted(network.get("SecurityGroupIds") or []),
            "status": found.get("State", "Active"),
            "last_update": found.get("LastUpdateStatus", "Successful"),
            "callers": self._callers(),
            "tags": _own_tags(answer.get("Tags") or {}),
        }

    def _callers(self) -> dict[str, str | None]:
        try:
            answer = self.client.get_policy(FunctionName=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error) == NOT_FOUND:
                return {}
            raise
        return {_service(one): _account(one) for one in json.loads(answer["Policy"])["Statement"]}

    def wanted(self, current: State | None) -> State:
        """Give the function as it should be."""
        asked = self.arguments
        held = current["tags"] if current else {}
        return {
            **asked.settings,
            "code_sha256": digest(asked.package),
            "environment": asked.environment,
            "subnet_ids": sorted(asked.subnet_ids),
            "security_group_ids": sorted(asked.security_group_ids),
            "callers": asked.callers,
            "tags": tags.wanted(held, asked.tags, asked.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Make the function once Lambda knows its role; then let its callers call it."""
        request = {
            **self._configuration(wanted),
            "Architectures": [wanted["architecture"]],
            "Code": {"ZipFile": self.arguments.package},
            "PackageType": "Zip",
            "Tags": wanted["tags"],
        }
        self._when_the_role_is_known(
            lambda: self.client.create_function(FunctionName=self.name, **request, aws_retry=True)
        )
        self._allow({}, wanted["callers"])

    def _when_the_role_is_known(self, call: Any) -> None:
        def done() -> bool:
            try:
                call()
            except ClientError as error:
                if UNKNOWN_ROLE in str(error):
                    return False
                raise
            return True

        Deadline(ROLE_SECONDS).wait_for(f"{self.kind} {self.name}: its role", done)

    def _configuration(self, wanted: State) -> dict[str, Any]:
        return {
            **{field: wanted[key] for key, field in FIELDS.items()},
            "Environment": {"Variables": wanted["environment"]},
            "VpcConfig": {"SubnetIds": wanted["subnet_ids"], "SecurityGroupIds": wanted["security_group_ids"]},
        }

    def update(self, current: State, changes: State) -> None:
        """Change what differs, one update after the other."""
        if changes.keys() & {"code_sha256", "architecture"}:
            self._when_updated()
            architecture = changes.get("architecture", current["architecture"])
            self.client.update_function_code(
                FunctionName=self.name, ZipFile=self.arguments.package, Architectures=[architecture], aws_retry=True
            )
        if changes.keys() & {*FIELDS, "environment", "subnet_ids", "security_group_ids"}:
            self._when_updated()
            request = self._configuration({**current, **changes})
            self._when_the_role_is_known(
                lambda: self.client.update_function_configuration(FunctionName=self.name, **request, aws_retry=True)
            )
        if "callers" in changes:
            self._allow(current["callers"], changes["callers"])
        if "tags" in changes:
            self._update_tags(current["arn"], current["tags"], changes["tags"])

    def _when_updated(self) -> None:
        def done() -> bool:
            found = self.client.get_function_configuration(FunctionName=self.name, aws_retry=True)
            busy = found.get("State") == "Pending" or found.get("LastUpdateStatus") == "InProgress"
            return not busy

        Deadline(UPDATE_SECONDS).wait_for(f"{self.kind} {self.name}", done)

    def _allow(self, current: dict[str, str | None], target: dict[str, str]) -> None:
        for service in sorted(current):
            if service not in target or target[service] != current[service]:
                self._forbid(service)
        for service in sorted(target):
            if current.get(service) != target[service]:
                self.client.add_permission(
                    FunctionName=self.name,
                    StatementId=_statement_id(service),
                    Action=ACTION,
                    Principal=service,
                    SourceAccount=target[service],
                    aws_retry=True,
                )

    def _forbid(self, service: str) -> None:
        """Take back every statement about a service: one written by hand has an id of its own."""
        answer = self.client.get_policy(FunctionName=self.name, aws_retry=True)
        for one in json.loads(answer["Policy"])["Statement"]:
            if _service(one) == service:
                self.client.remove_permission(FunctionName=self.name, StatementId=one["Sid"], aws_retry=True)

    def _update_tags(self, arn: str, current: tags.Tags, target: tags.Tags) -> None:
        write, remove = tags.difference(current, target)
        if remove:
            self.client.untag_resource(Resource=arn, TagKeys=remove, aws_retry=True)
        if write:
            self.client.tag_resource(Resource=arn, Tags=write, aws_retry=True)

    def delete(self, current: State) -> None:
        """Delete the function with its policy."""
        try:
            self.client.delete_function(FunctionName=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error) != NOT_FOUND:
                raise

    def settled(self, current: State | None) -> bool:
        """Say whether it can be called; in a VPC that takes up to a minute."""
        if current is None:
            return True
        if "Failed" in (current["status"], current["last_update"]):
            raise RefusedError(f"{self.kind} {self.name} could not be made ready; its StateReason says why")
        return bool(current["status"] != "Pending" and current["last_update"] != "InProgress")


def _own_tags(found: tags.Tags) -> tags.Tags:
    """Leave out the tags that AWS itself owns."""
    return {key: value for key, value in found.items() if not key.startswith("aws:")}


def _service(statement: dict[str, Any]) -> str:
    principal = statement.get("Principal")
    return str(principal.get("Service", principal) if isinstance(principal, dict) else principal)


def _account(statement: dict[str, Any]) -> str | None:
    """The account that a caller must act for; None where it may be any."""
    for operator, condition in (statement.get("Condition") or {}).items():
        for key, value in condition.items():
            if operator == "StringEquals" and key.lower() == "aws:sourceaccount":
                return str(value)
    return None


def _statement_id(service: str) -> str:
    return service.replace(".", "-")
