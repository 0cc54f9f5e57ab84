"""Dashboards: the structure of their body. CloudWatch API reference, "Dashboard Body Structure and Syntax"."""

import json
import re
from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension

extension = Extension("cloudwatch")

KINDS = ("metric", "text", "log", "alarm", "explorer", "custom")
WIDTH = 24
MOST_WIDGETS = 500


@extension.refuses("PutDashboard")
def name_with_other_characters(call: Call) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", str(call.params.get("DashboardName"))):
        raise AwsError("InvalidParameterValue", "DashboardName must contain only the characters A-Z, a-z, 0-9, - and _")


@extension.refuses("PutDashboard")
def body_that_is_no_dashboard(call: Call) -> None:
    try:
        body = json.loads(str(call.params.get("DashboardBody")))
    except ValueError:
        raise _invalid([{"message": "The field DashboardBody must be a valid JSON object", "dataPath": ""}]) from None
    problems = list(_problems(body))
    if problems:
        raise _invalid([{"dataPath": path, "message": message} for path, message in problems])


def _invalid(messages: list[dict[str, str]]) -> AwsError:
    return AwsError(
        "InvalidParameterInput",
        f"The dashboard body is invalid, there are {len(messages)} validation errors: {json.dumps(messages)}",
    )


def _problems(body: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(body, dict) or not isinstance(body.get("widgets"), list):
        yield "/", "Should have required property 'widgets'"
        return
    if len(body["widgets"]) > MOST_WIDGETS:
        yield "/widgets", f"Should NOT have more than {MOST_WIDGETS} items"
    for number, widget in enumerate(body["widgets"]):
        yield from _widget_problems(f"/widgets/{number}", widget)


def _widget_problems(path: str, widget: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(widget, dict) or widget.get("type") not in KINDS:
        yield f"{path}/type", f"Should be equal to one of the allowed values {', '.join(KINDS)}"
        return
    properties = widget.get("properties")
    if not isinstance(properties, dict):
        yield path, "Should have required property 'properties'"
        return
    if int(widget.get("x", 0)) + int(widget.get("width", 6)) > WIDTH:
        yield f"{path}/width", f"Should be <= {WIDTH}"
    needed = {"metric": ("region",), "text": ("markdown",), "log": ("query", "region"), "alarm": ("alarms",)}
    for name in needed.get(str(widget["type"]), ()):
        if name not in properties:
            yield f"{path}/properties", f"Should have required property '{name}'"
    if widget["type"] == "metric" and not {"metrics", "annotations"} & properties.keys():
        yield f"{path}/properties", "Should have required property 'metrics'"


@extension.refuses("DeleteDashboards")
def dashboards_that_do_not_exist(call: Call) -> None:
    """All or none: API DeleteDashboards."""
    held = cloudwatch_backends[call.account_id][call.region].dashboards
    for name in call.params.get("DashboardNames") or []:
        if name not in held:
            raise AwsError("ResourceNotFound", f"Dashboard {name} does not exist", 404)
