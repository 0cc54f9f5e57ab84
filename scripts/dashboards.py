"""Write the dashboards of Grafana from scripts/dashboards/*.yaml; with --check only say which are out of date.

A definition says what a panel shows; this says how every panel looks. In a definition:

    title, uid, description, runbook    of the dashboard; runbook is a page of docs/runbooks
    variables                           name, label, metric and the label of it whose values can be chosen
    rows                                title and panels
    panels                              title, description, type (timeseries, stat or table), unit, width (of 24),
                                        queries, and thresholds: colour to the value that it begins at, rising
    queries                             legend to PromQL; ``{{label}}`` in a legend is the value of a label

The JSON is Grafana's classic model: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
DEFINITIONS = ROOT / "scripts" / "dashboards"
DASHBOARDS = ROOT / "charts" / "trading-engine" / "charts" / "grafana" / "files" / "dashboards"

# The newest that Grafana 13 knows: apps/dashboard/pkg/migration/schemaversion/migrations.go, LATEST_VERSION.
SCHEMA_VERSION = 42
SOURCE = {"type": "prometheus", "uid": "prometheus"}
HEIGHT = {"timeseries": 8, "stat": 4, "table": 8}
FULL_WIDTH = 24

LEGEND = {"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": True}
OPTIONS: dict[str, dict[str, Any]] = {
    "timeseries": {"legend": LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}},
    "stat": {
        "colorMode": "value",
        "graphMode": "area",
        "justifyMode": "auto",
        "orientation": "auto",
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "auto",
    },
    "table": {"cellHeight": "sm", "showHeader": True},
}
LINES = {"drawStyle": "line", "fillOpacity": 8, "lineWidth": 1, "showPoints": "never", "spanNulls": False}


def thresholds(panel: dict[str, Any]) -> dict[str, Any]:
    """Steps of colours; green (or the panel's base) below the first."""
    steps: list[dict[str, Any]] = [{"color": panel.get("base", "green"), "value": None}]
    steps += [{"color": colour, "value": value} for colour, value in panel.get("thresholds", {}).items()]
    return {"mode": "absolute", "steps": steps}


def field_config(panel: dict[str, Any]) -> dict[str, Any]:
    """Unit, colours and lines of a panel's values."""
    defaults: dict[str, Any] = {"unit": panel["unit"], "thresholds": thresholds(panel)}
    if panel["type"] == "timeseries":
        style = "dashed" if "thresholds" in panel else "off"
        defaults["custom"] = LINES | {"thresholdsStyle": {"mode": style}}
        defaults["color"] = {"mode": "palette-classic"}
        defaults["min"] = panel.get("min", 0)
    else:
        defaults["color"] = {"mode": "thresholds"}
    return {"defaults": defaults, "overrides": []}


def targets(panel: dict[str, Any]) -> list[dict[str, Any]]:
    """The queries: over the time shown, or for what is shown as one value, of now."""
    over_time = panel["type"] == "timeseries"
    return [
        {
            "datasource": SOURCE,
            "editorMode": "code",
            "expr": expr.strip(),
            "format": "table" if panel["type"] == "table" else "time_series",
            "instant": not over_time,
            "legendFormat": legend,
            "range": over_time,
            "refId": chr(ord("A") + index),
        }
        for index, (legend, expr) in enumerate(panel["queries"].items())
    ]


def panel_of(panel: dict[str, Any], identity: int, x: int, y: int) -> dict[str, Any]:
    """A panel at a place of the grid, which is 24 wide."""
    kind = panel["type"]
    made = {
        "datasource": SOURCE,
        "description": panel.get("description", ""),
        "fieldConfig": field_config(panel),
        "gridPos": {"h": HEIGHT[kind], "w": panel["width"], "x": x, "y": y},
        "id": identity,
        "options": OPTIONS[kind],
        "targets": targets(panel),
        "title": panel["title"],
        "type": kind,
    }
    if kind == "table":
        # Times and names of series say nothing here.
        hidden = {"Time": True, "__name__": True}
        made["transformations"] = [{"id": "organize", "options": {"excludeByName": hidden, "renameByName": {}}}]
    return made


def panels_of(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every row and its panels, side by side while they fit, then below."""
    identity, y = 1, 0
    for row in rows:
        yield {
            "collapsed": False,
            "gridPos": {"h": 1, "w": FULL_WIDTH, "x": 0, "y": y},
            "id": identity,
            "panels": [],
            "title": row["title"],
            "type": "row",
        }
        identity, x, y, height = identity + 1, 0, y + 1, 0
        for panel in row["panels"]:
            if x + panel["width"] > FULL_WIDTH:
                x, y, height = 0, y + height, 0
            yield panel_of(panel, identity, x, y)
            identity, x, height = identity + 1, x + panel["width"], max(height, HEIGHT[panel["type"]])
        y += height


def variable(definition: dict[str, Any]) -> dict[str, Any]:
    """A choice of values of a label; all of them at first."""
    query = f"label_values({definition['metric']}, {definition['of']})"
    return {
        "allValue": ".+",
        "current": {"text": ["All"], "value": ["$__all"]},
        "datasource": SOURCE,
        "definition": query,
        "includeAll": True,
        "label": definition["label"],
        "multi": True,
        "name": definition["name"],
        "query": {"qryType": 1, "query": query, "refId": "variable"},
        "refresh": 2,
        "sort": 1,
        "type": "query",
    }


def dashboard(definition: dict[str, Any]) -> dict[str, Any]:
    """The whole dashboard."""
    return {
        "annotations": {"list": []},
        "description": f"{definition['description']} Runbook: docs/runbooks/{definition['runbook']}.",
        "editable": False,
        "graphTooltip": 1,
        # To the others of the folder, which have the same tag.
        "links": [
            {
                "asDropdown": True,
                "includeVars": False,
                "keepTime": True,
                "tags": ["trading-engine"],
                "title": "Dashboards",
                "type": "dashboards",
            }
        ],
        "panels": list(panels_of(definition["rows"])),
        "refresh": "1m",
        "schemaVersion": SCHEMA_VERSION,
        "tags": ["trading-engine"],
        "templating": {"list": [variable(one) for one in definition.get("variables", [])]},
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "utc",
        "title": definition["title"],
        "uid": definition["uid"],
    }


def main(arguments: list[str]) -> int:
    """Write what differs, or with --check fail when something does."""
    check = "--check" in arguments
    stale = 0
    for path in sorted(DEFINITIONS.glob("*.yaml")):
        definition = yaml.safe_load(path.read_text(encoding="utf-8"))
        target = DASHBOARDS / f"{definition['uid']}.json"
        text = json.dumps(dashboard(definition), indent=2, ensure_ascii=False) + "\n"
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        print(f"{target.relative_to(ROOT)}: {'is out of date; run scripts/dashboards.py' if check else 'written'}")
        if not check:
            target.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
