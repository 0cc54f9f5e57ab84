"""All alarms whose names begin with one prefix, as one resource: read together, compared one by one.

A region has dozens of alarms. DescribeAlarms gives a hundred at a time and the Resource Groups Tagging API as many
tags, so a run that changes nothing makes two calls, where a call per alarm would meet CloudWatch's limit on the rate of
ListTagsForResource. An alarm of the prefix that is not asked for any more is deleted.
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.several import twice

Alarm = dict[str, Any]

PAGE = 100
"""MaxRecords of DescribeAlarms, ResourcesPerPage of GetResources, and names that DeleteAlarms takes."""
# The module's options that are an argument of PutMetricAlarm and PutCompositeAlarm under another name.
COMMON = {
    "description": "AlarmDescription",
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
    "actions_enabled": "ActionsEnabled",
}
METRIC = {
    "metric": "MetricName",
    "namespace": "Namespace",
    "period": "Period",
    "evaluation_periods": "EvaluationPeriods",
    "datapoints_to_alarm": "DatapointsToAlarm",
    "threshold": "Threshold",
    "comparison": "ComparisonOperator",
    "treat_missing_data": "TreatMissingData",
}
SIMPLE_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


class CloudWatchAlarms(BaseResource):
    """The alarms of a prefix; the state's keys are the alarms' names.

    Args:
        cloudwatch: a client of ``AnsibleAWSModule.client``.
        tagging: a client of ``resourcegroupstaggingapi``.
        params: the module's parameters: prefix, alarms, tags, purge_tags.
    """

    kind = "CloudWatch alarms"

    def __init__(self, cloudwatch: Any, tagging: Any, params: dict[str, Any]) -> None:
        self.cloudwatch = cloudwatch
        self.tagging = tagging
        self.params = params
        self.name: str = params["prefix"]
        self.arns: dict[str, str] = {}

    def find(self) -> State | None:
        """Read the alarms of the prefix with their tags; None when there are none."""
        found: State = {}
        self.arns = {}
        arguments: dict[str, Any] = {"AlarmNamePrefix": self.name, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
        for page in self._pages(arguments):
            for one in [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]:
                self.arns[one["AlarmName"]] = one["AlarmArn"]
                found[one["AlarmName"]] = from_aws(one)
        held = self._tags() if found else {}
        for name, alarm in found.items():
            alarm["tags"] = held.get(self.arns[name], {})
        return found or None

    def _pages(self, arguments: dict[str, Any]) -> Any:
        more: dict[str, Any] = {}
        while True:
            page = self.cloudwatch.describe_alarms(**arguments, **more, MaxRecords=PAGE, aws_retry=True)
            yield page
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}

    def _tags(self) -> dict[str, tags.Tags]:
        found: dict[str, tags.Tags] = {}
        token = ""
        while True:
            page = self.tagging.get_resources(
                ResourceTypeFilters=["cloudwatch:alarm"], ResourcesPerPage=PAGE, PaginationToken=token, aws_retry=True
            )
            for one in page["ResourceTagMappingList"]:
                found[one["ResourceARN"]] = tags.from_list(one["Tags"])
            token = page.get("PaginationToken", "")
            if not token:
                return found

    def wanted(self, current: State | None) -> State:
        """Give every alarm asked for, and None for those of the prefix that are not."""
        held = current or {}
        state: State = dict.fromkeys(held)
        for asked in self.params["alarms"]:
            before = (held.get(asked["name"]) or {}).get("tags", {})
            after = tags.wanted(before, self.params["tags"], self.params["purge_tags"])
            state[asked["name"]] = {**normal(asked), "tags": after}
        return state

    def create(self, wanted: State) -> None:
        """Make them all; metric alarms first, as the rules of composite ones name them."""
        self.update({}, wanted)

    def update(self, current: State, changes: State) -> None:
        """Write the alarms that differ, and delete those that are not wanted: composite ones before what they name."""
        for name in sorted(changes, key=lambda name: (_is_composite(changes[name]), name)):
            if changes[name] is not None:
                self._put(name, changes[name], current.get(name))
        self._delete([name for name in changes if changes[name] is None], current)

    def _put(self, name: str, alarm: Alarm, before: Alarm | None) -> None:
        if before and _is_composite(before) != _is_composite(alarm):
            self._delete([name], {name: before})
            before = None
        unchanged = before is not None and {**before, "tags": None} == {**alarm, "tags": None}
        if not unchanged:
            arguments = {"AlarmName": name, **to_aws(alarm)}
            if before is None:  # afterwards the call takes no tags
                arguments["Tags"] = tags.to_list(alarm["tags"])
            put = self.cloudwatch.put_composite_alarm if _is_composite(alarm) else self.cloudwatch.put_metric_alarm
            put(**arguments, aws_retry=True)
        if before is not None:
            self._put_tags(self.arns[name], before["tags"], alarm["tags"])

    def _put_tags(self, arn: str, before: tags.Tags, after: tags.Tags) -> None:
        write, remove = tags.difference(before, after)
        if remove:
            self.cloudwatch.untag_resource(ResourceARN=arn, TagKeys=remove, aws_retry=True)
        if write:
            self.cloudwatch.tag_resource(ResourceARN=arn, Tags=tags.to_list(write), aws_retry=True)

    def _delete(self, names: list[str], current: State) -> None:
        """CloudWatch deletes one composite alarm a call, and none that another's rule names."""
        for name in sorted(names):
            if _is_composite(current[name]):
                self.cloudwatch.delete_alarms(AlarmNames=[name], aws_retry=True)
        rest = sorted(name for name in names if not _is_composite(current[name]))
        for start in range(0, len(rest), PAGE):
            self.cloudwatch.delete_alarms(AlarmNames=rest[start : start + PAGE], aws_retry=True)

    def delete(self, current: State) -> None:
        """Remove every alarm of the prefix."""
        self._delete(list(current), current)


def _is_composite(alarm: Alarm | None) -> bool:
    return bool(alarm and alarm.get("rule"))


def normal(asked: Alarm) -> Alarm:
    """Give an alarm of the module's arguments in the form to compare: only what is set, lists sorted."""
    if asked.get("rule"):
        kept = {key: asked.get(key) for key in (*COMMON, "rule")}
        kept["rule"] = " ".join(str(asked["rule"]).split())
    else:
        kept = {key: asked.get(key) for key in (*COMMON, *METRIC, "statistic")}
        kept["dimensions"] = _dimensions(asked.get("dimensions"))
        kept["metrics"] = sorted((_query(one) for one in asked.get("metrics") or []), key=lambda one: str(one["id"]))
        kept["datapoints_to_alarm"] = asked.get("datapoints_to_alarm") or asked.get("evaluation_periods")
        kept["threshold"] = float(asked["threshold"])
    kept["alarm_actions"] = sorted(asked.get("alarm_actions") or [])
    kept["ok_actions"] = sorted(asked.get("ok_actions") or [])
    return _set(kept)


def _query(asked: dict[str, Any]) -> dict[str, Any]:
    keys = ("id", "expression", "label", "metric", "namespace", "statistic", "period")
    query = {key: asked.get(key) for key in keys}
    query["dimensions"] = _dimensions(asked.get("dimensions"))
    return {**_set(query), "return_data": bool(asked.get("return_data"))}


def _dimensions(asked: dict[str, Any] | None) -> dict[str, str]:
    return {str(key): str(value) for key, value in sorted((asked or {}).items())}


def _set(alarm: Alarm) -> Alarm:
    return {key: value for key, value in alarm.items() if value not in (None, [], {}, "")}


def to_aws(alarm: Alarm) -> dict[str, Any]:
    """Give an alarm of :func:`normal` as CloudWatch takes it."""
    result = {theirs: alarm[ours] for ours, theirs in COMMON.items() if ours in alarm}
    if _is_composite(alarm):
        return {**result, "AlarmRule": alarm["rule"]}
    result |= {theirs: alarm[ours] for ours, theirs in METRIC.items() if ours in alarm}
    if alarm.get("dimensions"):
        result["Dimensions"] = _to_list(alarm["dimensions"])
    if "statistic" in alarm:
        simple = alarm["statistic"] in SIMPLE_STATISTICS
        result["Statistic" if simple else "ExtendedStatistic"] = alarm["statistic"]
    if alarm.get("metrics"):
        result["Metrics"] = [_query_to_aws(one) for one in alarm["metrics"]]
    return result


def _query_to_aws(query: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"Id": query["id"], "ReturnData": query["return_data"]}
    if "label" in query:
        result["Label"] = query["label"]
    if "expression" in query:
        return {**result, "Expression": query["expression"]}
    metric: dict[str, Any] = {"Namespace": query["namespace"], "MetricName": query["metric"]}
    if "dimensions" in query:
        metric["Dimensions"] = _to_list(query["dimensions"])
    result["MetricStat"] = {"Metric": metric, "Period": query["period"], "Stat": query["statistic"]}
    return result


def _to_list(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(dimensions.items())]


def from_aws(alarm: dict[str, Any]) -> Alarm:
    """Give an alarm of DescribeAlarms in the form of :func:`normal`, without its tags."""
    found = {ours: alarm.get(theirs) for ours, theirs in (COMMON | METRIC).items()}
    found["statistic"] = alarm.get("Statistic") or alarm.get("ExtendedStatistic")
    found["dimensions"] = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []}
    found["metrics"] = [_query_from_aws(one) for one in alarm.get("Metrics") or []]
    found["rule"] = alarm.get("AlarmRule")
    return normal(found)


def _query_from_aws(query: dict[str, Any]) -> dict[str, Any]:
    stat = query.get("MetricStat") or {}
    metric = stat.get("Metric") or {}
    return {
        "id": query["Id"],
        "expression": query.get("Expression"),
        "label": query.get("Label"),
        "metric": metric.get("MetricName"),
        "namespace": metric.get("Namespace"),
        "statistic": stat.get("Stat"),
        "period": stat.get("Period") or query.get("Period"),
        "dimensions": {one["Name"]: one["Value"] for one in metric.get("Dimensions") or []},
        "return_data": query.get("ReturnData", True),
    }


def problems(params: dict[str, Any]) -> list[str]:
    """Say what CloudWatch would refuse, or never alarm on, before it is asked."""
    found = twice([one["name"] for one in params["alarms"]])
    for alarm in params["alarms"]:
        found += [f"{alarm['name']}: {why}" for why in _alarm_problems(alarm, params["prefix"])]
    return found


def _alarm_problems(alarm: Alarm, prefix: str) -> list[str]:
    found = [] if alarm["name"].startswith(prefix) else [f"the name does not begin with {prefix!r}"]
    kinds = [key for key in ("rule", "metric", "metrics") if alarm.get(key)]
    if len(kinds) != 1:
        return [*found, "it needs exactly one of rule, metric and metrics"]
    if kinds == ["rule"]:
        return found
    needed = ["evaluation_periods", "threshold", "comparison"]
    needed += ["namespace", "statistic", "period"] if kinds == ["metric"] else []
    found += [f"{key} is missing" for key in needed if alarm.get(key) is None]
    if sum(bool(one.get("return_data")) for one in alarm.get("metrics") or []) > 1:
        found.append("only one of metrics may have return_data")
    return found
