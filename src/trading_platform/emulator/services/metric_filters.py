"""Metric filters of CloudWatch Logs: one of a name per group, and patterns that can be read."""

from collections.abc import Callable
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.metric_filters import MetricFilters
from moto.logs.models import LogsBackend

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("logs")
EXTENSIONS = (extension,)

PAIRS = {"{": "}", "[": "]", "%": "%"}


@extension.patches(LogsBackend, "put_metric_filter")
def filter_of_a_group_that_exists(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    if (args[2] if len(args) > 2 else kwargs["log_group_name"]) not in self.groups:
        raise ResourceNotFoundException()
    original(self, *args, **kwargs)


@extension.patches(LogsBackend, "describe_metric_filters")
def filters_of_a_group_that_exists(
    original: Callable[..., Any], self: Any, prefix: Any, log_group_name: Any, *args: Any
) -> Any:
    if log_group_name and log_group_name not in self.groups:
        raise ResourceNotFoundException()
    return original(self, prefix, log_group_name, *args)


@extension.patches(MetricFilters, "add_filter")
def one_of_a_name(
    original: Callable[..., Any], self: Any, filter_name: str, filter_pattern: str, log_group_name: str, how: Any
) -> None:
    """API PutMetricFilter "creates or updates"; moto keeps the old one as well."""
    self.delete_filter(filter_name, log_group_name)
    original(self, filter_name, filter_pattern, log_group_name, how)


@extension.patches(LogsBackend, "delete_log_group")
def filters_go_with_their_group(original: Callable[..., Any], self: Any, log_group_name: str) -> None:
    original(self, log_group_name)
    kept = [one for one in self.filters.metric_filters if one["logGroupName"] != log_group_name]
    self.filters.metric_filters = kept


@extension.refuses("PutMetricFilter")
def pattern_that_cannot_be_read(call: Call) -> None:
    """User guide, "Filter pattern syntax": braces, brackets and quotes come in pairs."""
    pattern = str(call.params.get("filterPattern") or "").strip()
    closing = PAIRS.get(pattern[:1])
    if (closing and (len(pattern) < 2 or not pattern.endswith(closing))) or pattern.count('"') % 2:
        raise AwsError("InvalidParameterException", "Invalid metric filter pattern")


@extension.refuses("PutMetricFilter")
def default_value_with_dimensions(call: Call) -> None:
    """API MetricTransformation, dimensions: "if you are using dimensions, you cannot use a default value"."""
    for how in call.params.get("metricTransformations") or []:
        if how.get("dimensions") and how.get("defaultValue") is not None:
            raise AwsError(
                "InvalidParameterException",
                "Invalid metric transformation: dimensions and default value are mutually exclusive properties.",
            )
