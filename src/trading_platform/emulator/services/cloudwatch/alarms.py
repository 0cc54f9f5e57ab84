"""Alarms: composite ones, which moto lacks, and DescribeAlarms as AWS pages and filters it."""

from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from trading_platform.emulator.call import call_of
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("cloudwatch")

DEFAULT_PAGE = 50  # API DescribeAlarms, MaxRecords: 1 to 100, "if this parameter is not specified, ..." 50


@extension.patches(Alarm, "__init__")
def nothing_is_known_of_a_new_alarm(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> None:
    """A new alarm is INSUFFICIENT_DATA (user guide, "Alarm states"), where moto says OK."""
    original(self, *args, **kwargs)
    self.state_value = "INSUFFICIENT_DATA"


@extension.patches(CloudWatchBackend, "put_metric_alarm")
def keep_what_a_change_does_not_touch(original: Callable[..., Any], self: Any, **arguments: Any) -> Any:
    """API PutMetricAlarm: the state stays, and Tags are for a new alarm only ("... use TagResource")."""
    held = self.alarms.get(arguments["name"])
    if held is None:
        return original(self, **arguments)
    alarm = original(self, **{**arguments, "tags": None})
    alarm.state_value, alarm.state_updated_timestamp = held.state_value, held.state_updated_timestamp
    alarm.state_reason, alarm.history = held.state_reason, held.history
    return alarm


@extension.patches(CloudWatchBackend, "delete_alarms")
def forget_the_tags(original: Callable[..., Any], self: Any, alarm_names: list[str]) -> None:
    for name in alarm_names:
        if name in self.alarms:
            self.tagger.delete_all_tags_for_resource(self.alarms[name].alarm_arn)
    original(self, alarm_names)


@extension.adds(CloudWatchResponse)
def put_composite_alarm(self: Any) -> ActionResult:
    """API PutCompositeAlarm. moto's alarms have a rule already, and PutMetricAlarm reads it."""
    return ActionResult(self.put_metric_alarm().result)


@extension.patches(CloudWatchResponse, "describe_alarms")
def metric_alarms_unless_asked(original: Callable[..., Any], self: Any) -> ActionResult:
    """Without AlarmTypes only metric alarms are given; a name prefix and a state apply together; pages have an end."""
    asked = call_of(self).params
    types = asked.get("AlarmTypes") or ["MetricAlarm"]
    found = [one for one in self.cloudwatch_backend.alarms.values() if _matches(one, asked)]
    found = sorted((one for one in found if _type_of(one) in types), key=lambda one: str(one.name))
    start = int(asked.get("NextToken") or 0)
    end = start + int(asked.get("MaxRecords") or DEFAULT_PAGE)
    page = found[start:end]
    result: dict[str, Any] = {
        "MetricAlarms": [one for one in page if one.rule is None],
        "CompositeAlarms": [one for one in page if one.rule is not None],
    }
    if end < len(found):
        result["NextToken"] = str(end)
    return ActionResult(result)


def _type_of(alarm: Any) -> str:
    return "MetricAlarm" if alarm.rule is None else "CompositeAlarm"


def _matches(alarm: Any, asked: dict[str, Any]) -> bool:
    names, prefix = asked.get("AlarmNames"), asked.get("AlarmNamePrefix")
    if names and prefix:
        raise AwsError("ValidationError", "AlarmNamePrefix and AlarmNames are mutually exclusive")
    action = asked.get("ActionPrefix")
    return (
        (not names or alarm.name in names)
        and alarm.name.startswith(prefix or "")
        and (not asked.get("StateValue") or alarm.state_value == asked["StateValue"])
        and (not action or any(one.startswith(action) for one in alarm.alarm_actions))
    )
