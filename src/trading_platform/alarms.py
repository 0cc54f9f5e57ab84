"""CloudWatch alarms from the definitions of the inventory: one alarm per definition and thing it watches.

A definition says what is measured and what is too much; where it is measured (the dimensions) and whom to tell (the
topics) are known only when the estate is there. Shapes, as in roles/cloudwatch:

* definitions: ``{"rds-cpu": {"target": "rds", "severity": "warning", "metric": "CPUUtilization", "above": 80, ...}}``
* targets: ``{"rds": {"production-trading-engine": {"DBInstanceIdentifier": "production-trading-engine"}}}``
* topics: ``{"critical": arn, "warning": arn, "info": arn}``
* capacities: ``{"rds_connections": 1000}``, what ``percent_of`` names
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

type Definition = Mapping[str, Any]
type Targets = Mapping[str, Mapping[str, Mapping[str, str]]]

COMPARISONS = {
    "above": "GreaterThanThreshold",
    "at_least": "GreaterThanOrEqualToThreshold",
    "below": "LessThanThreshold",
}


class AlarmError(Exception):
    """A definition that cannot become an alarm; the message names it and says why."""


def alarms_of(
    definitions: Mapping[str, Definition],
    targets: Targets,
    topics: Mapping[str, str],
    capacities: Mapping[str, float],
    prefix: str,
) -> list[dict[str, Any]]:
    """Give the alarms of a region, as the module cloudwatch_alarms takes them.

    A definition whose target has no entries in this region makes no alarm there; neither does a composite one of which
    nothing is there. ``prefix`` begins every name (``production-trading-engine-``).

    Raises:
        AlarmError: an unknown target, severity, capacity or alarm, or not exactly one of above, at_least and below.
    """
    names: dict[str, list[str]] = {}
    alarms = []
    for name, definition in definitions.items():
        if "any_of" in definition:
            continue
        for entry, dimensions in _entries(name, definition, targets).items():
            alarm = _alarm(name, definition, dimensions, topics, capacities)
            alarm["name"] = prefix + name + (f"-{entry}" if entry else "")
            names.setdefault(name, []).append(alarm["name"])
            alarms.append(alarm)
    for name, definition in definitions.items():
        if "any_of" in definition:
            alarms += _composite(name, definition, definitions, names, topics, prefix)
    return alarms


def _entries(name: str, definition: Definition, targets: Targets) -> Mapping[str, Mapping[str, str]]:
    target = definition["target"]
    if target not in targets:
        raise AlarmError(f"alarm {name}: there is no target {target}; there are {', '.join(sorted(targets))}")
    return targets[target] or {}


def _alarm(
    name: str,
    definition: Definition,
    dimensions: Mapping[str, str],
    topics: Mapping[str, str],
    capacities: Mapping[str, float],
) -> dict[str, Any]:
    alarm: dict[str, Any] = {
        **_common(name, definition, topics),
        "evaluation_periods": definition["periods"],
        "datapoints_to_alarm": definition.get("datapoints", definition["periods"]),
        "treat_missing_data": definition["missing"],
        **_threshold(name, definition, capacities),
    }
    if "expression" in definition:
        return {**alarm, "metrics": _queries(definition, dimensions)}
    keys = ("namespace", "metric", "statistic", "period")
    return {**alarm, **{key: definition[key] for key in keys}, "dimensions": dict(dimensions)}


def _common(name: str, definition: Definition, topics: Mapping[str, str]) -> dict[str, Any]:
    """Description and actions; an alarm without a severity only feeds a composite one."""
    severity = definition.get("severity")
    if severity is not None and severity not in topics:
        raise AlarmError(f"alarm {name}: there is no topic for the severity {severity}")
    actions = [topics[severity]] if severity else []
    return {"description": definition["description"], "alarm_actions": actions, "ok_actions": list(actions)}


def _threshold(name: str, definition: Definition, capacities: Mapping[str, float]) -> dict[str, Any]:
    given = [key for key in COMPARISONS if key in definition]
    if len(given) != 1:
        raise AlarmError(f"alarm {name}: it needs exactly one of {', '.join(COMPARISONS)}")
    figure = float(definition[given[0]])
    whole = definition.get("percent_of")
    if whole is not None:
        if whole not in capacities:
            raise AlarmError(f"alarm {name}: there is no capacity {whole} to take {figure:g} % of")
        figure = figure * float(capacities[whole]) / 100
    return {"threshold": figure, "comparison": COMPARISONS[given[0]]}


def _queries(definition: Definition, dimensions: Mapping[str, str]) -> list[dict[str, Any]]:
    queries: list[dict[str, Any]] = [
        {
            "id": query_id,
            "namespace": definition["namespace"],
            "metric": query["metric"],
            "statistic": query["statistic"],
            "period": definition["period"],
            "dimensions": dict(dimensions),
        }
        for query_id, query in sorted(definition["metrics"].items())
    ]
    label = definition.get("label", "result")
    return [*queries, {"id": "result", "expression": definition["expression"], "label": label, "return_data": True}]


def _composite(
    name: str,
    definition: Definition,
    definitions: Mapping[str, Definition],
    names: Mapping[str, list[str]],
    topics: Mapping[str, str],
    prefix: str,
) -> list[dict[str, Any]]:
    unknown = [one for one in definition["any_of"] if one not in definitions]
    if unknown:
        raise AlarmError(f"alarm {name}: there is no alarm {', '.join(unknown)}")
    parts = [f'ALARM("{alarm}")' for one in definition["any_of"] for alarm in names.get(one, [])]
    if not parts:
        return []
    return [{**_common(name, definition, topics), "name": prefix + name, "rule": " OR ".join(parts)}]
