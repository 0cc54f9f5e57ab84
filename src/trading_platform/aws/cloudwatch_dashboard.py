"""A CloudWatch dashboard, its body compared by content.

Dashboards belong to the account, not to a region (CloudWatch user guide, "Using Amazon CloudWatch dashboards"), so
those of two regions need names of their own.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.ec2 import ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code

# DashboardNotFoundError: its code in the query protocol and in the newer ones.
NOT_FOUND = ("ResourceNotFound", "DashboardNotFoundError")


class CloudWatchDashboard(BaseResource):
    """The dashboard of this name.

    Args:
        cloudwatch: a client of ``AnsibleAWSModule.client``.
        name: the dashboard's name.
        body: its body, a dict of the API reference's "Dashboard Body Structure and Syntax".
    """

    kind = "dashboard"

    def __init__(self, cloudwatch: Any, name: str, body: dict[str, Any] | None) -> None:
        self.cloudwatch = cloudwatch
        self.name = name
        self.body = body

    def find(self) -> State | None:
        """Read it."""
        try:
            found = self.cloudwatch.get_dashboard(DashboardName=self.name, aws_retry=True)
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return None
            raise
        return {"name": self.name, "body": json.loads(found["DashboardBody"])}

    def wanted(self, current: State | None) -> State:
        """Give the body as JSON would: text keys, no tuples."""
        return {"name": self.name, "body": json.loads(json.dumps(self.body or {}))}

    def create(self, wanted: State) -> None:
        """Write it."""
        text = json.dumps(wanted["body"], sort_keys=True, separators=(",", ":"))
        self.cloudwatch.put_dashboard(DashboardName=self.name, DashboardBody=text, aws_retry=True)

    def update(self, current: State, changes: State) -> None:
        """Write it anew: there is no other call."""
        self.create(self.wanted(current))

    def delete(self, current: State) -> None:
        """Remove it."""
        with ignoring(*NOT_FOUND):
            self.cloudwatch.delete_dashboards(DashboardNames=[self.name], aws_retry=True)
