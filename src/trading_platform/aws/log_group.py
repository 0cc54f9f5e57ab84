"""A CloudWatch Logs group: how long it keeps what it is sent, and with which key.

Retention and key can be changed at any time; what is stored already keeps the key it was written with
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import is_planned, planned_id

RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""The periods there are: API PutRetentionPolicy, retentionInDays."""
FIXED = frozenset({"log_group_class"})
# Two calls about one group at a time.
NOT_YET = ("OperationAbortedException",)


class LogGroup(BaseResource):
    """The group of this name.

    Args:
        logs: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "log group"
    fixed = FIXED

    def __init__(self, logs: Any, params: dict[str, Any]) -> None:
        self.logs = logs
        self.params = params
        self.name: str = params["name"]
        meta = logs.meta
        self.placeholders = {"arn": f"arn:{meta.partition}:logs:{meta.region_name}::log-group:{planned_id(self.name)}"}

    def find(self) -> State | None:
        """Read the group; the names are searched by prefix, so others can come before it."""
        group = self._group()
        if group is None:
            return None
        arn = group["arn"].removesuffix(":*")
        answer = self.logs.list_tags_for_resource(resourceArn=arn, aws_retry=True)
        return {
            "arn": arn,
            "name": group["logGroupName"],
            "retention_days": group.get("retentionInDays"),
            "kms_key_arn": group.get("kmsKeyId"),
            "log_group_class": group.get("logGroupClass", "STANDARD"),
            "tags": _own(answer.get("tags")),
        }

    def _group(self) -> dict[str, Any] | None:
        arguments = {"logGroupNamePrefix": self.name}
        while True:
            page = self.logs.describe_log_groups(**arguments, aws_retry=True)
            for group in page.get("logGroups", []):
                if group["logGroupName"] == self.name:
                    return dict(group)
            if not page.get("nextToken"):
                return None
            arguments["nextToken"] = page["nextToken"]

    def wanted(self, current: State | None) -> State:
        """Give the managed keys; no key asked for means that CloudWatch Logs' own is used."""
        return {
            "name": self.name,
            "retention_days": self.params["retention_days"],
            "kms_key_arn": self.params["kms_key_arn"],
            "log_group_class": self.params["log_group_class"],
            "tags": tags.wanted(current["tags"] if current else {}, self.params["tags"], self.params["purge_tags"]),
        }

    def create(self, wanted: State) -> None:
        """Make the group with its key and tags, then its retention, which has a call of its own."""
        parameters = {"logGroupName": self.name, "logGroupClass": wanted["log_group_class"], "tags": wanted["tags"]}
        if wanted["kms_key_arn"]:
            parameters["kmsKeyId"] = wanted["kms_key_arn"]
        with ignoring("ResourceAlreadyExistsException"):  # a service made it in between; the next lines repair it
            eventually(self.logs.create_log_group, *NOT_YET, **parameters)
        found = self.find() or {}
        self.update(found, {key: value for key, value in wanted.items() if found.get(key) != value})

    def update(self, current: State, changes: State) -> None:
        """Change what differs."""
        if "retention_days" in changes:
            self._set_retention(changes["retention_days"])
        if "kms_key_arn" in changes:
            self._set_key(changes["kms_key_arn"])
        if "tags" in changes and current:
            write, remove = tags.difference(current["tags"], changes["tags"])
            if remove:
                self.logs.untag_resource(resourceArn=current["arn"], tagKeys=remove, aws_retry=True)
            if write:
                self.logs.tag_resource(resourceArn=current["arn"], tags=write, aws_retry=True)

    def _set_retention(self, days: int | None) -> None:
        if days is None:
            self.logs.delete_retention_policy(logGroupName=self.name, aws_retry=True)
        else:
            eventually(self.logs.put_retention_policy, *NOT_YET, logGroupName=self.name, retentionInDays=days)

    def _set_key(self, arn: str | None) -> None:
        if arn is None:
            self.logs.disassociate_kms_key(logGroupName=self.name, aws_retry=True)
        else:
            self.logs.associate_kms_key(logGroupName=self.name, kmsKeyId=arn, aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove the group with all it holds."""
        with ignoring("ResourceNotFoundException"):
            self.logs.delete_log_group(logGroupName=self.name, aws_retry=True)


def problems(params: dict[str, Any]) -> list[str]:
    """Say what CloudWatch Logs would refuse of a module's parameters, before it is asked."""
    found = []
    days = params["retention_days"]
    if days is not None and days not in RETENTION_DAYS:
        found.append(f"retention_days: {days} is none of {', '.join(map(str, RETENTION_DAYS))}")
    key = params["kms_key_arn"]
    if key is not None and not key.startswith("arn:") and not is_planned(key):
        found.append(f"kms_key_arn: {key!r} is no ARN; CloudWatch Logs takes no key ids and no aliases")
    return found


def _own(found: dict[str, str] | None) -> tags.Tags:
    return {key: value for key, value in (found or {}).items() if not key.startswith("aws:")}
