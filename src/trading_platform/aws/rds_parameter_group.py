"""A DB parameter group: values in RDS's units, each applied the way that RDS takes it.

``ModifyDBParameterGroup`` takes 20 parameters at most, and fails as a whole when one of them is static and asked for at
once (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html). So static ones are
sent as ``pending-reboot``.

Parameters are compared by value, whoever set them: RDS says ``Source`` user only of what differs from its own default,
so that one that is asked for at the default (``rds.force_ssl`` of postgres16) would never be found among them.
https://github.com/hashicorp/terraform-provider-aws/issues/23335
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import rds, tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code

MOST_PARAMETERS = 20
NOT_FOUND = "DBParameterGroupNotFound"


@dataclass(frozen=True)
class ParameterGroupArguments:
    """What is asked for. ``parameters`` are RDS's values; with ``purge_parameters`` all others are reset."""

    name: str
    family: str
    description: str
    parameters: dict[str, str]
    purge_parameters: bool
    tags: tags.Tags | None
    purge_tags: bool


class RdsParameterGroup(BaseResource):
    """A parameter group of the client's region. Names are stored in lower case."""

    kind = "RDS parameter group"
    fixed = frozenset({"family", "description"})

    def __init__(self, client: Any, arguments: ParameterGroupArguments) -> None:
        self.client = client
        self.arguments = arguments
        self.name = arguments.name.lower()
        self.catalogue: dict[str, dict[str, Any]] = {}
        self.placeholders = {"arn": rds.stand_in_arn(client, "pg", self.name)}

    def find(self) -> State | None:
        """Read the group, its parameters and its tags."""
        try:
            answer = self.client.describe_db_parameter_groups(DBParameterGroupName=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error).startswith(NOT_FOUND):
                return None
            raise
        group = answer["DBParameterGroups"][0]
        self.catalogue = self._parameters()
        return {
            "name": group["DBParameterGroupName"],
            "arn": group["DBParameterGroupArn"],
            "family": group["DBParameterGroupFamily"],
            "description": group["Description"],
            "parameters": self._values(),
            "tags": rds.tags_of(self.client, group["DBParameterGroupArn"]),
        }

    def _parameters(self) -> dict[str, dict[str, Any]]:
        """Read all that the engine has, hundreds of them, as RDS has no filter that fits."""
        pages = self.client.get_paginator("describe_db_parameters").paginate(DBParameterGroupName=self.name)
        return {one["ParameterName"]: one for page in pages for one in page["Parameters"]}

    def _values(self) -> dict[str, str]:
        """Give what we ask for, as it is there, and what somebody else has set."""
        return {
            name: one.get("ParameterValue", "")
            for name, one in self.catalogue.items()
            if name in self.arguments.parameters or one.get("Source") == "user"
        }

    def wanted(self, current: State | None) -> State:
        """Give the group as it should be."""
        asked = self.arguments
        held = current or {"parameters": {}, "tags": {}}
        kept = {} if asked.purge_parameters else held["parameters"]
        return {
            "name": self.name,
            "family": asked.family,
            "description": asked.description,
            "parameters": {**kept, **asked.parameters},
            "tags": tags.wanted(held["tags"], asked.tags, asked.purge_tags),
        }

    def create(self, wanted: State) -> None:
        """Make the group and set its parameters; cut off in between, the next run sets them."""
        self.client.create_db_parameter_group(
            DBParameterGroupName=self.name,
            DBParameterGroupFamily=wanted["family"],
            Description=wanted["description"],
            Tags=tags.to_list(wanted["tags"]),
            aws_retry=True,
        )
        self._set({}, wanted["parameters"])

    def update(self, current: State, changes: State) -> None:
        """Set, reset and tag what differs."""
        if "parameters" in changes:
            self._set(current["parameters"], changes["parameters"])
        if "tags" in changes:
            rds.update_tags(self.client, current["arn"], current["tags"], changes["tags"])

    def _set(self, current: dict[str, str], target: dict[str, str]) -> None:
        write = {name: value for name, value in target.items() if current.get(name) != value}
        remove = sorted(set(current) - set(target))
        if not write and not remove:
            return
        methods = self._apply_methods([*write, *remove])
        for batch in _batches(sorted(write)):
            parameters = [
                {"ParameterName": name, "ParameterValue": write[name], "ApplyMethod": methods[name]} for name in batch
            ]
            self.client.modify_db_parameter_group(DBParameterGroupName=self.name, Parameters=parameters, aws_retry=True)
        for batch in _batches(remove):
            parameters = [{"ParameterName": name, "ApplyMethod": methods[name]} for name in batch]
            self.client.reset_db_parameter_group(DBParameterGroupName=self.name, Parameters=parameters, aws_retry=True)

    def _apply_methods(self, names: list[str]) -> dict[str, str]:
        """Say of each parameter whether it is applied at once or at the next reboot; refuse what RDS does not have."""
        known = self.catalogue or self._parameters()
        unknown = sorted(set(names) - set(known))
        if unknown:
            raise RefusedError(
                f"{self.kind} {self.name}: {self.arguments.family} has no parameter {', '.join(unknown)}"
            )
        fixed = sorted(name for name in names if not known[name].get("IsModifiable", True))
        if fixed:
            raise RefusedError(f"{self.kind} {self.name}: RDS sets {', '.join(fixed)} itself")
        dynamic = {name for name in names if known[name].get("ApplyType") == "dynamic"}
        return {name: "immediate" if name in dynamic else "pending-reboot" for name in names}

    def delete(self, current: State) -> None:
        """Delete the group; RDS refuses while an instance has it."""
        try:
            self.client.delete_db_parameter_group(DBParameterGroupName=self.name, aws_retry=True)
        except ClientError as error:
            if not error_code(error).startswith(NOT_FOUND):
                raise


def _batches(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), MOST_PARAMETERS):
        yield names[start : start + MOST_PARAMETERS]
