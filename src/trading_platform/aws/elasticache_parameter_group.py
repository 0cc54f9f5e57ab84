"""A cache parameter group: the values we set, and everything else at the engine's default."""

from __future__ import annotations

from itertools import batched
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws import tags as tagging
from trading_platform.aws.ec2 import ignoring
from trading_platform.aws.elasticache import find_all, tags_of, update_tags
from trading_platform.aws.engine import BaseResource, RefusedError, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import planned_id

GONE = "CacheParameterGroupNotFound"
MOST_A_CALL = 20
"""ModifyCacheParameterGroup: "Cannot modify more than 20 parameters in a single request"."""


class ElastiCacheParameterGroup(BaseResource):
    """Its name is its identity; family and description are fixed for life, as there is no API call that changes them.

    Parameters are compared by value, whoever set them: one that is asked for at the engine's default is no change.
    """

    kind = "cache parameter group"
    fixed = frozenset({"family", "description"})

    def __init__(self, elasticache: Any, params: dict[str, Any]) -> None:
        self.elasticache = elasticache
        self.name: str = params["name"].lower()
        self.family: str = params["family"]
        self.description: str = params["description"] or self.name
        self.asked = {str(name): text_of(value) for name, value in (params["parameters"] or {}).items()}
        self.purge_parameters: bool = params["purge_parameters"]
        self.tags: tagging.Tags | None = params["tags"]
        self.purge_tags: bool = params["purge_tags"]
        self.catalogue: dict[str, dict[str, Any]] = {}
        region = elasticache.meta.region_name
        self.placeholders = {
            "arn": f"arn:aws:elasticache:{region}:{'0' * 12}:parametergroup:{planned_id(self.name)}",
        }

    def find(self) -> State | None:
        """Read the group, its parameters and its tags."""
        try:
            answer = self.elasticache.describe_cache_parameter_groups(CacheParameterGroupName=self.name, aws_retry=True)
        except ClientError as problem:
            if error_code(problem) == GONE:
                return None
            raise
        group = answer["CacheParameterGroups"][0]
        listed = find_all(self.elasticache.describe_cache_parameters, "Parameters", CacheParameterGroupName=self.name)
        self.catalogue = {one["ParameterName"]: one for one in listed}
        return {
            "name": group["CacheParameterGroupName"],
            "family": group["CacheParameterGroupFamily"],
            "description": group["Description"],
            "arn": group["ARN"],
            "parameters": self._values(),
            "tags": tags_of(self.elasticache, group["ARN"]),
        }

    def _values(self) -> dict[str, str]:
        """Give what we ask for, as it is there, and what somebody else has set."""
        return {
            name: str(one.get("ParameterValue", ""))
            for name, one in sorted(self.catalogue.items())
            if name in self.asked or one.get("Source") == "user"
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; refuse parameters that the family does not have or take."""
        self._check_parameters()
        held = current["parameters"] if current and not self.purge_parameters else {}
        return {
            "family": self.family,
            "description": self.description,
            "parameters": dict(sorted({**held, **self.asked}.items())),
            "tags": tagging.wanted(current["tags"] if current else {}, self.tags, self.purge_tags),
        }

    def _check_parameters(self) -> None:
        """A group that does not exist yet takes what its family takes, so that a dry run finds the typing error."""
        if not self.catalogue:
            answer = self._family_defaults()
            self.catalogue = {one["ParameterName"]: one for one in answer}
        problems = [problem for name in sorted(self.asked) for problem in self._problems(name)]
        if problems:
            raise RefusedError(f"{self.kind} {self.name}: {'; '.join(problems)}")

    def _family_defaults(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        marker: dict[str, str] = {}
        while True:
            page = self.elasticache.describe_engine_default_parameters(
                CacheParameterGroupFamily=self.family, **marker, aws_retry=True
            )["EngineDefaults"]
            found.extend(page["Parameters"])
            if not page.get("Marker"):
                return found
            marker = {"Marker": page["Marker"]}

    def _problems(self, name: str) -> list[str]:
        known = self.catalogue.get(name)
        value = self.asked[name]
        if known is None:
            return [f"the family {self.family} has no parameter {name}"]
        if value == str(known.get("ParameterValue", "")):
            return []
        if not known.get("IsModifiable", True):
            return [f"{name} cannot be changed"]
        allowed = known.get("AllowedValues", "")
        return (
            [] if takes(known.get("DataType", "string"), allowed, value) else [f"{name} takes {allowed}, not {value}"]
        )

    def create(self, wanted: State) -> None:
        """Make the group with its tags, then set the parameters."""
        self.elasticache.create_cache_parameter_group(
            CacheParameterGroupName=self.name,
            CacheParameterGroupFamily=self.family,
            Description=self.description,
            Tags=tagging.to_list(wanted["tags"]),
            aws_retry=True,
        )
        self._set(wanted["parameters"])

    def update(self, current: State, changes: State) -> None:
        """Set what differs, give the rest back to the engine, repair tags."""
        if "tags" in changes:
            update_tags(self.elasticache, current["arn"], current["tags"], changes["tags"])
        if "parameters" in changes:
            held, target = current["parameters"], changes["parameters"]
            self._set({name: value for name, value in target.items() if held.get(name) != value})
            self._reset(sorted(set(held) - set(target)))

    def _set(self, values: dict[str, str]) -> None:
        for some in batched(sorted(values.items()), MOST_A_CALL, strict=False):
            self.elasticache.modify_cache_parameter_group(
                CacheParameterGroupName=self.name,
                ParameterNameValues=[{"ParameterName": name, "ParameterValue": value} for name, value in some],
                aws_retry=True,
            )

    def _reset(self, names: list[str]) -> None:
        for some in batched(names, MOST_A_CALL, strict=False):
            self.elasticache.reset_cache_parameter_group(
                CacheParameterGroupName=self.name,
                ParameterNameValues=[{"ParameterName": name} for name in some],
                aws_retry=True,
            )

    def delete(self, current: State) -> None:
        """Remove the group; AWS refuses while a cluster uses it."""
        with ignoring(GONE):
            self.elasticache.delete_cache_parameter_group(CacheParameterGroupName=self.name, aws_retry=True)


def text_of(value: Any) -> str:
    """Give a value as ElastiCache writes it: ``yes`` and ``no`` are what YAML reads as true and false."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def takes(data_type: str, allowed: str, value: str) -> bool:
    """Say whether a parameter takes the value.

    ``allowed`` is AWS's notation, commas between alternatives and ``low-high`` or ``low-`` for ranges of integers
    (``0,20-`` is 0, or 20 and more); text that this does not understand is left for AWS to judge.
    """
    if not allowed:
        return True
    parts = allowed.split(",")
    if data_type != "integer":
        return value in parts
    try:
        number = int(value)
        return any(_in_range(number, part.strip()) for part in parts)
    except ValueError:
        return not value.lstrip("-").isdigit() and value in parts


def _in_range(number: int, part: str) -> bool:
    low, dash, high = part.removeprefix("-").partition("-")
    least = -int(low) if part.startswith("-") else int(low)
    if not dash:
        return number == least
    return least <= number and (not high or number <= int(high))
