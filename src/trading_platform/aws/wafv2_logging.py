"""Where WAF writes down the requests that an ACL has seen.

An ACL has one destination, whose name begins with ``aws-waf-logs-``; the ARN of a log group is given without the ``:*``
that CloudWatch Logs itself shows (https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html).
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code
from trading_platform.aws.planned import is_planned
from trading_platform.aws.wafv2 import canonical

PREFIX = "aws-waf-logs-"
# WAF makes a policy or a role for itself, and the destination may be seconds old.
NOT_YET = (
    "WAFLogDestinationPermissionIssueException",
    "WAFServiceLinkedRoleErrorException",
    "WAFUnavailableEntityException",
)


class WebAclLogging(BaseResource):
    """The logging configuration of one ACL.

    Args:
        wafv2: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "logging of web ACL"

    def __init__(self, wafv2: Any, params: dict[str, Any]) -> None:
        self.wafv2 = wafv2
        self.params = params
        self.arn: str = params["web_acl_arn"]
        self.name = name_of(self.arn)

    def find(self) -> State | None:
        """Read the configuration; None when the ACL has none, or does not exist yet."""
        if is_planned(self.arn):
            return None
        try:
            answer = self.wafv2.get_logging_configuration(ResourceArn=self.arn, aws_retry=True)
        except ClientError as error:
            if error_code(error) == "WAFNonexistentItemException":
                return None
            raise
        held = answer["LoggingConfiguration"]
        return {
            "web_acl_arn": held["ResourceArn"],
            "destination_arn": held["LogDestinationConfigs"][0],
            "redacted_fields": _sorted(held.get("RedactedFields")),
            "logging_filter": canonical(held.get("LoggingFilter") or {}),
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        headers = [{"SingleHeader": {"Name": name.lower()}} for name in self.params["redacted_headers"]]
        return {
            "web_acl_arn": self.arn,
            "destination_arn": self.params["destination_arn"].removesuffix(":*"),
            "redacted_fields": _sorted(headers),
            "logging_filter": canonical(self.params["logging_filter"] or {}),
        }

    def create(self, wanted: State) -> None:
        """Write the whole configuration; there is no other call."""
        configuration = {
            "ResourceArn": self.arn,
            "LogDestinationConfigs": [wanted["destination_arn"]],
            "RedactedFields": wanted["redacted_fields"],
        }
        if wanted["logging_filter"]:
            configuration["LoggingFilter"] = wanted["logging_filter"]
        eventually(self.wafv2.put_logging_configuration, *NOT_YET, LoggingConfiguration=configuration)

    def update(self, current: State, changes: State) -> None:
        """Write the whole configuration."""
        self.create({**current, **changes})

    def delete(self, current: State) -> None:
        """Write nothing down any more; what was written stays."""
        with ignoring("WAFNonexistentItemException"):
            self.wafv2.delete_logging_configuration(ResourceArn=self.arn, aws_retry=True)


def name_of(arn: str) -> str:
    """Give an ACL's name: ``arn:aws:wafv2:us-east-1:111122223333:regional/webacl/<name>/<id>``."""
    parts = arn.split("/")
    return parts[-2] if len(parts) > 2 else arn


def problems(params: dict[str, Any]) -> list[str]:
    """Say what WAF would refuse of a module's parameters, before it is asked."""
    destination = params["destination_arn"]
    if params["state"] == "absent":
        return []
    last = destination.removesuffix(":*").rpartition(":")[2].rpartition("/")[2]
    if not last.startswith(PREFIX):
        return [f"destination_arn: the name of what WAF writes to begins with {PREFIX}, and this is {destination}"]
    return []


def _sorted(fields: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return sorted((canonical(field) for field in fields or []), key=str)
