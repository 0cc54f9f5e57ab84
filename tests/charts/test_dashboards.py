"""The dashboards are what their definitions make of them, show what is measured, and need no explanation of units."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import promql
import pytest
import rendering
import rules
import scrapes
from performance_targets import number, targets

DIRECTORY = rendering.CHART / "charts" / "grafana" / "files" / "dashboards"
FILES = sorted(DIRECTORY.glob("*.json"))
LABELS = re.compile(r"{{\s*(\w+)\s*}}")
VARIABLE = re.compile(r"label_values\((?P<metric>.+), (?P<label>\w+)\)")
# Stand-ins for what Grafana puts in: https://grafana.com/docs/grafana/latest/dashboards/variables/
MACROS = {"$__rate_interval": "5m"}

dashboards = pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)


def read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expression(target: dict[str, Any]) -> str:
    """The query as Prometheus gets it."""
    text = str(target["expr"])
    for macro, value in MACROS.items():
        text = text.replace(macro, value)
    return text


def test_files_are_written_from_their_definitions() -> None:
    script = rendering.ROOT / "scripts" / "dashboards.py"
    check = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert check.returncode == 0, check.stdout + check.stderr
    definitions = {rendering.read(path)["uid"] for path in (script.parent / "dashboards").glob("*.yaml")}
    assert {path.stem for path in FILES} == definitions


@dashboards
def test_queries_ask_for_what_is_there(file: Path) -> None:
    catalogue = scrapes.catalogue("production")
    for panel in panels(read(file)):
        for target in panel["targets"]:
            expr = expression(target)
            try:
                labels = catalogue.labels(expr)
            except promql.WrongError as wrong:
                raise AssertionError(f"{file.stem}: {panel['title']}: {wrong}") from wrong
            for use in promql.uses(expr):
                assert promql.wrong_functions(use, catalogue.metrics[use.metric]) == []
            shown = set(LABELS.findall(target["legendFormat"]))
            assert shown <= labels, f"{file.stem}: {panel['title']}: {sorted(shown - labels)} are no labels of it"


@dashboards
def test_variables_are_labels_of_a_metric_and_are_used(file: Path) -> None:
    dashboard = read(file)
    text = json.dumps([target["expr"] for panel in panels(dashboard) for target in panel["targets"]])
    known = {one["name"] for one in dashboard["templating"]["list"]}
    for variable in dashboard["templating"]["list"]:
        match = VARIABLE.fullmatch(variable["definition"])
        assert match, variable["definition"]
        assert match["label"] in scrapes.catalogue("production").labels(match["metric"])
        assert f"${variable['name']}" in text
    assert {name for name in re.findall(r"\$(\w+)", text) if not name.startswith("__")} <= known


@dashboards
def test_dashboard_is_provisioned_as_it_stands(file: Path) -> None:
    dashboard = read(file)
    assert dashboard["uid"] == file.stem
    # A number of its own is the database's business; with one, provisioning would take another's place.
    assert "id" not in dashboard
    assert dashboard["schemaVersion"] == 42
    assert dashboard["editable"] is False
    identities = [panel["id"] for panel in dashboard["panels"]]
    assert len(identities) == len(set(identities))


@dashboards
def test_panels_say_what_they_show(file: Path) -> None:
    for panel in panels(read(file)):
        where = f"{file.stem}: {panel['title']}"
        assert panel["title"], where
        assert panel["fieldConfig"]["defaults"]["unit"], where
        assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}, where
        assert panel["targets"], where
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"], where
            # A fixed window is too short at one zoom and too long at another; sums over a stated time are meant.
            if "rate(" in target["expr"]:
                assert "$__rate_interval" in target["expr"], where


@dashboards
def test_panels_do_not_overlap(file: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in read(file)["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells


def test_no_panel_is_there_twice() -> None:
    asked = [target["expr"] for file in FILES for panel in panels(read(file)) for target in panel["targets"]]
    assert sorted(asked) == sorted(set(asked))


def test_data_source_is_the_provisioned_one() -> None:
    manifests = rendering.rendered(rendering.PRODUCTION)
    found = [
        source
        for config in rendering.of_kind(manifests, "ConfigMap")
        for name, text in config["data"].items()
        if name.endswith("datasources.yaml") or '"datasources"' in text or "\ndatasources:" in text
        for source in scrapes.yaml.safe_load(text)["datasources"]
    ]
    assert [one["type"] for one in found if one["uid"] == "prometheus"] == ["prometheus"]


def test_every_dashboard_is_in_the_chart() -> None:
    manifests = rendering.rendered(rendering.PRODUCTION)
    rendered = {
        name
        for config in rendering.of_kind(manifests, "ConfigMap")
        if config["metadata"]["name"].startswith("grafana-")
        for name in config["data"]
        if name.endswith(".json")
    }
    assert rendered == {path.name for path in FILES}


# Panels that show what the document gives a target for.
TARGETS = {
    ("overview", "Latency"): ["API Latency (p95)", "API Latency (p99)"],
    ("overview", "Latency of messages"): ["WebSocket Latency"],
    ("overview", "Order execution"): ["Order Execution"],
    ("overview", "Requests"): ["Throughput"],
    ("overview", "Connections"): ["Concurrent WebSocket"],
    ("postgresql", "Latency of queries"): ["Database Query (p95)"],
    ("load-balancer", "Requests a second"): ["Throughput"],
    ("load-balancer", "Latency of the services"): ["API Latency (p95)"],
}
# Panels that show what an alert is about.
ALERTS = {
    ("overview", "Requests that failed"): "HighErrorRate",
    ("overview", "Handshakes that failed"): "HighErrorRate",
    ("slos", "Over 1 hour"): "ErrorBudgetBurn1h",
    ("slos", "Over 6 hours"): "ErrorBudgetBurn6h",
    ("slos", "Over 1 day"): "ErrorBudgetBurn1d",
    ("slos", "Over 3 days"): "ErrorBudgetBurn3d",
    ("nodes", "Nodes"): "ClusterNodesNearMaximum",
    ("nodes", "Oldest"): "NodeTooOld",
    ("nodes", "Requested of the nodes"): "ClusterCpuReservedHigh",
    ("nodes", "CPU"): "NodeCpuHigh",
    ("nodes", "Memory"): "NodeMemoryHigh",
    ("nodes", "Disk"): "NodeDiskHigh",
    ("nodes", "Network"): "NodeNetworkHigh",
    ("nodes", "Memory, of the limit"): "ContainerMemoryHigh",
    ("nodes", "Quotas"): "QuotaNearlyUsed",
    ("postgresql", "Connections"): "PostgresConnectionsHigh",
    ("postgresql", "Longest transactions"): "PostgresTransactionTooLong",
    ("postgresql", "CPU"): "RdsCpuHigh",
    ("postgresql", "IOPS"): "RdsIopsHigh",
    ("postgresql", "Latency of the disk"): "RdsReadLatencyHigh",
    ("postgresql", "Lag of replicas"): "RdsReplicaLagHigh",
    ("redis", "Memory"): "RedisMemoryHigh",
    ("redis", "Memory of each node"): "RedisMemoryHigh",
    ("redis", "Keys that go in 5 minutes"): "RedisEvictionsHigh",
    ("redis", "Connections"): "RedisConnectionsHigh",
    ("redis", "CPU of the engine"): "RedisCpuHigh",
    ("load-balancer", "Requests that failed"): "LoadBalancerErrorRateHigh",
    ("load-balancer", "Healthy"): "LoadBalancerNoHealthyTargets",
    ("monitoring", "Storage, of what it may take"): "PrometheusStorageNearLimit",
    ("monitoring", "Notifications that failed"): "AlertmanagerNotificationsFailing",
    ("monitoring", "Queue"): "JaegerQueueNearlyFull",
}


def steps(dashboard: str, title: str) -> set[float]:
    """Values at which a panel changes its colour."""
    (panel,) = (one for one in panels(read(DIRECTORY / f"{dashboard}.json")) if one["title"] == title)
    return {step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]}


@pytest.mark.parametrize(("dashboard", "title"), TARGETS)
def test_targets_are_where_the_colour_changes(dashboard: str, title: str) -> None:
    shown = steps(dashboard, title)
    for row in TARGETS[dashboard, title]:
        target = targets()[row]
        assert float(number(target) / (1000 if target.endswith("ms") else 1)) in shown, row


@pytest.mark.parametrize(("dashboard", "title"), ALERTS)
def test_alerts_are_where_the_colour_changes(dashboard: str, title: str) -> None:
    name = ALERTS[dashboard, title]
    rule = next(rule for rule in rules.alerts() if rule.name == name)
    # Burn rates are drawn as such; the alert compares shares.
    threshold = float(rule.labels["burn_rate"]) if "burn_rate" in rule.labels else promql.threshold(rule.expr)[1]
    assert threshold in steps(dashboard, title)


def test_alerts_name_dashboards_that_exist() -> None:
    known = {path.stem for path in FILES}
    for rule in rules.alerts():
        assert rule.annotations["dashboard"] in known, str(rule)


def test_metrics_are_listed_for_what_uses_them() -> None:
    """tests/charts/metrics lists no metric that neither rules nor dashboards use."""
    used = {use.metric for rule in rules.all_rules() for use in promql.uses(rule.expr)}
    for file in FILES:
        dashboard = read(file)
        used |= {
            use.metric
            for panel in panels(dashboard)
            for target in panel["targets"]
            for use in promql.uses(expression(target))
        }
        for variable in dashboard["templating"]["list"]:
            match = VARIABLE.fullmatch(variable["definition"])
            assert match
            used |= {use.metric for use in promql.uses(match["metric"])}
    for job in scrapes.METRICS.glob("*.yaml"):
        for name, metric in scrapes.exported(job.stem)["metrics"].items():
            assert scrapes.series(name, metric).keys() & used, f"{job.name}: {name}"
