"""A metric filter of a log group: what turns log events into a metric."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from trading_platform.aws.ec2 import ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.errors import error_code


class LogMetricFilter(BaseResource):
    """The filter of this name in this group.

    Args:
        logs: a client of ``AnsibleAWSModule.client``.
        params: the module's parameters.
    """

    kind = "metric filter"

    def __init__(self, logs: Any, params: dict[str, Any]) -> None:
        self.logs = logs
        self.params = params
        self.name: str = params["name"]
        self.log_group: str = params["log_group"]

    def find(self) -> State | None:
        """Read it; in a dry run the group need not exist yet."""
        arguments = {"logGroupName": self.log_group, "filterNamePrefix": self.name}
        try:
            while True:
                page = self.logs.describe_metric_filters(**arguments, aws_retry=True)
                for found in page.get("metricFilters", []):
                    if found["filterName"] == self.name:
                        return self._read(found)
                if not page.get("nextToken"):
                    return None
                arguments["nextToken"] = page["nextToken"]
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise

    def _read(self, found: dict[str, Any]) -> State:
        how = found["metricTransformations"][0]
        default = how.get("defaultValue")
        return {
            "name": self.name,
            "log_group": self.log_group,
            "pattern": found.get("filterPattern", ""),
            "metric": how["metricName"],
            "namespace": how["metricNamespace"],
            "value": how["metricValue"],
            "default_value": None if default is None else float(default),
            "unit": how.get("unit") or "None",
        }

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        keys = ("name", "log_group", "pattern", "metric", "namespace", "value", "default_value", "unit")
        return {key: self.params[key] for key in keys}

    def create(self, wanted: State) -> None:
        """Write it."""
        how: dict[str, Any] = {
            "metricName": wanted["metric"],
            "metricNamespace": wanted["namespace"],
            "metricValue": wanted["value"],
            "unit": wanted["unit"],
        }
        if wanted["default_value"] is not None:
            how["defaultValue"] = wanted["default_value"]
        self.logs.put_metric_filter(
            logGroupName=self.log_group,
            filterName=self.name,
            filterPattern=wanted["pattern"],
            metricTransformations=[how],
            aws_retry=True,
        )

    def update(self, current: State, changes: State) -> None:
        """Write it anew: the call replaces what is there."""
        self.create(self.wanted(current))

    def delete(self, current: State) -> None:
        """Remove it."""
        with ignoring("ResourceNotFoundException"):
            self.logs.delete_metric_filter(logGroupName=self.log_group, filterName=self.name, aws_retry=True)
