"""Figures of the rules are those of the document, and agree with the alarms of CloudWatch on the same things."""

import json
import re
from decimal import Decimal
from typing import Any

import promql
import pytest
import rendering
import rules
from inventory import role_figures
from performance_targets import DOCUMENT, number, targets

from trading_platform import slo
from trading_platform.slo_spec import Slo, load

SLOS = load(slo.SPEC).slos
ALARMS = role_figures("production", "cloudwatch")["cloudwatch_alarms"]
VALUES = rendering.all_values(rendering.PRODUCTION)
# Seconds from one reading of CloudWatch to the next.
READING = VALUES["cloudwatch-exporter"]["periodSeconds"]

# Monitoring > CloudWatch > Metrics and Alarms: what the document wants to be watched, and what watches it.
WATCHED = {
    "EC2": {
        "CPU": {"NodeCpuHigh"},
        "Memory": {"NodeMemoryHigh"},
        "Disk": {"NodeDiskHigh"},
        "Network": {"NodeNetworkHigh"},
    },
    "RDS": {
        "CPU": {"RdsCpuHigh"},
        "Connections": {"PostgresConnectionsHigh"},
        "IOPS": {"RdsIopsHigh"},
        "Latency": {"RdsReadLatencyHigh", "RdsWriteLatencyHigh"},
    },
    "Redis": {
        "CPU": {"RedisCpuHigh"},
        "Memory": {"RedisMemoryHigh"},
        "Evictions": {"RedisEvictionsHigh"},
        "Connections": {"RedisConnectionsHigh", "RedisConnectionsRejected"},
    },
    "ALB": {
        "Request count": {"LoadBalancerRequestCountHigh"},
        "Latency": {"LoadBalancerLatencyHigh"},
        "Error rate": {"LoadBalancerErrorRateHigh"},
    },
    "EKS": {
        "Pod count": {"PodsBelowMinimum", "AutoscalerAtMaximum"},
        "Node count": {"ClusterNodesNearMaximum", "NodeNotReady"},
        "Resource usage": {"ClusterCpuReservedHigh", "ClusterMemoryReservedHigh"},
    },
    "Critical (PagerDuty)": {"Service down": {"ServiceDown"}, "High error rate": {"HighErrorRate"}},
    "Warning (Slack)": {"High CPU": {"NodeCpuHigh"}, "High memory": {"NodeMemoryHigh", "ContainerMemoryHigh"}},
}


@pytest.mark.parametrize("one", SLOS, ids=lambda one: one.name)
def test_objectives_are_those_of_the_document(one: Slo) -> None:
    target = targets()[one.target]
    if target.endswith("%"):
        assert one.objective == number(target)
        return
    # Milliseconds; the percentile stands in the row, and where it does not, it is 95 as for the database.
    bounds = re.findall(r'le="([\d.]+)"', one.good)
    assert [Decimal(bound) * 1000 for bound in bounds] == [number(target)]
    percentile = re.search(r"\(p(\d+)\)", one.target)
    assert one.objective == int(percentile[1] if percentile else 95)


def test_every_target_is_an_objective_or_a_capacity() -> None:
    capacities = {"Throughput", "Concurrent WebSocket"}
    assert {one.target for one in SLOS} | capacities == targets().keys()


@pytest.mark.parametrize(
    ("row", "near", "above"),
    [
        ("Throughput", "ThroughputNearTarget", "ThroughputAboveTarget"),
        ("Concurrent WebSocket", "WebSocketConnectionsNearTarget", "WebSocketConnectionsAboveTarget"),
    ],
)
def test_capacities_are_those_of_the_document(row: str, near: str, above: str) -> None:
    built_for = float(number(targets()[row]))
    assert promql.comparisons(rules.alert(above).expr) == [(">", built_for)]
    assert promql.comparisons(rules.alert(near).expr) == [(">", 0.8 * built_for), ("<=", built_for)]


def test_everything_that_the_document_watches_has_an_alert() -> None:
    section = DOCUMENT.split("### CloudWatch")[1].split("### Prometheus Stack")[0]
    for thing, metrics in WATCHED.items():
        line = re.search(rf"^- {re.escape(thing)}: (.+)$", section, re.MULTILINE)
        assert line, thing
        assert list(metrics) == line[1].split(", ")
        for alerts in metrics.values():
            assert alerts <= {rule.name for rule in rules.alerts()}
    listed = set(
        re.findall(r"^- ([^:]+): ", section.split("**Logs:**")[0] + section.split("**Alarms:**")[1], re.MULTILINE)
    )
    # Deployments are told of by Argo CD.
    assert listed - WATCHED.keys() == {"Info (Email)"}


@pytest.mark.parametrize(("name", "severity"), [("Critical (PagerDuty)", "critical"), ("Warning (Slack)", "warning")])
def test_severities_are_those_of_the_document(name: str, severity: str) -> None:
    for alerts in WATCHED[name].values():
        assert {rules.alert(alert).labels["severity"] for alert in alerts} == {severity}


# Alert to the alarm of CloudWatch that speaks of the same thing, and what its figure is multiplied by.
AGREEING = {
    "HighErrorRate": ("alb-error-rate", 1),
    "LoadBalancerErrorRateHigh": ("alb-error-rate", 1),
    "LoadBalancerLatencyHigh": ("alb-latency", 1),
    "LoadBalancerNoHealthyTargets": ("alb-healthy-hosts", 1),
    # Requests of a minute, and of five.
    "LoadBalancerRequestCountHigh": ("alb-request-count", 5),
    "LoadBalancerUnhealthyTargets": ("alb-unhealthy-hosts", 1),
    "NodeCpuHigh": ("node-cpu", 1),
    "NodeDiskHigh": ("node-disk", 1),
    "NodeMemoryHigh": ("node-memory", 1),
    "NodeNetworkHigh": ("node-network", 1),
    "ClusterCpuReservedHigh": ("eks-cpu-reserved", 1),
    "ClusterMemoryReservedHigh": ("eks-memory-reserved", 1),
    # Percent of the nodes that there may be.
    "ClusterNodesNearMaximum": ("eks-node-count", 0.01 * 35),
    "PostgresConnectionsHigh": ("rds-connections", 1),
    "RdsCpuHigh": ("rds-cpu", 1),
    # Percent of the operations that the disk has.
    "RdsIopsHigh": ("rds-iops", 0.01 * 3000),
    "RdsReadLatencyHigh": ("rds-read-latency", 1),
    "RdsReplicaLagHigh": ("rds-replica-lag", 1),
    "RdsWriteLatencyHigh": ("rds-write-latency", 1),
    "RedisConnectionsHigh": ("redis-connections", 1),
    "RedisCpuHigh": ("redis-cpu", 1),
    "RedisEvictionsHigh": ("redis-evictions", 1),
    "RedisMemoryHigh": ("redis-memory", 1),
}
# Alarms whose figure is not comparable, or that Prometheus has no metric of.
OTHERS = {
    "service-down": "of target groups and health checks; ServiceDown is of Deployments",
    "health-check": "Route 53 looks from outside",
    "eks-failed-nodes": "counts nodes; NodeNotReady names each",
    "eks-pod-count": "a sum of minima; PodsBelowMinimum compares each service with its own",
    "rds-storage": "CloudWatch has no metric of the storage that is allocated",
    "rds-slow-queries": "counted in logs",
    "api-errors": "counted in logs",
    "websocket-errors": "counted in logs",
    "worker-errors": "counted in logs",
    "sqs-age": "queues are not scraped",
    "sqs-dead-letters": "queues are not scraped",
    "s3-replication-failed": "buckets are not scraped",
    "heartbeat": "of Prometheus itself; it rings when Watchdog is not heard",
}
OPERATORS = {"above": ">", "at_least": ">=", "below": "<"}


def test_every_alarm_is_compared_or_said_why_not() -> None:
    assert {alarm for alarm, _ in AGREEING.values()} | OTHERS.keys() == ALARMS.keys()


@pytest.mark.parametrize("name", AGREEING)
def test_figures_agree_with_the_alarm_of_cloudwatch(name: str) -> None:
    alarm_name, factor = AGREEING[name]
    alarm: dict[str, Any] = ALARMS[alarm_name]
    rule = rules.alert(name)
    ((word, figure),) = ((word, alarm[word]) for word in OPERATORS if word in alarm)
    operator, threshold = promql.threshold(rule.expr)
    assert operator == OPERATORS[word]
    assert threshold == pytest.approx(figure * factor)
    # Parts of a composite alarm tell nobody themselves.
    severity = alarm.get("severity") or ALARMS["service-down"]["severity"]
    assert rule.labels["severity"] == severity
    waits = promql.parse_seconds(rule.body["for"])
    least, most = alarm["period"] * alarm.get("datapoints", alarm["periods"]), alarm["period"] * alarm["periods"]
    if _reads_cloudwatch(rule):
        # It sees only every fifth minute: two readings are as near as it comes to an alarm of few minutes.
        most = max(most, 2 * READING)
    assert least <= waits <= most


def _reads_cloudwatch(rule: rules.Rule) -> bool:
    return any(metric.startswith("aws_") for metric in rules.base_metrics(rule.expr))


# Objectives have a long window beside the short one, and no `for`.
@pytest.mark.parametrize(
    "rule", [one for one in rules.alerts() if _reads_cloudwatch(one) and "slo" not in one.labels], ids=str
)
def test_one_reading_of_cloudwatch_is_no_alert(rule: rules.Rule) -> None:
    """The exporter shows a reading until the next; scraping and evaluation may see it a little longer."""
    seen = promql.parse_seconds(VALUES["global"]["scrapeInterval"])
    seen += promql.parse_seconds(VALUES["prometheus"]["scrape"]["evaluationInterval"])
    assert promql.parse_seconds(rule.body["for"]) > READING + seen


def test_capacities_of_the_estate_are_those_of_the_inventory() -> None:
    groups = role_figures("production", "eks")["eks_node_groups"]
    assert sum(group["max_size"] for group in groups.values()) == 35
    assert role_figures("production", "rds")["rds_baseline_iops"] == 3000
    document = re.search(r"\*\*IOPS:\*\* (\d+)", DOCUMENT)
    assert document and int(document[1]) == 3000
    assert sum(map(int, re.findall(r"^Max Nodes: (\d+)$", DOCUMENT, re.MULTILINE))) == 35


def test_few_requests_are_no_error_rate_anywhere() -> None:
    """A hundred requests a minute, below which an error is no alarm: in CloudWatch and in both alerts."""
    minimum = re.search(r"requests, 0\) >= (\d+)", ALARMS["alb-error-rate"]["expression"])
    assert minimum and ALARMS["alb-error-rate"]["period"] == 60
    assert promql.comparisons(rules.alert("HighErrorRate").expr)[1] == (">=", int(minimum[1]))
    assert promql.comparisons(rules.alert("LoadBalancerErrorRateHigh").expr)[1] == (">=", 5 * int(minimum[1]))


def test_pods_that_cloudwatch_expects_are_the_minima_of_the_autoscalers() -> None:
    values = rendering.chart_values()
    minima = sum(values[name]["autoscaling"]["minReplicas"] for name in ("api", "websocket"))
    assert ALARMS["eks-pod-count"]["below"] == minima


def test_retention_is_the_documents() -> None:
    """PrometheusStorageNearLimit and its text say 30 days."""
    days = re.search(r"- Prometheus: (\d+) days", DOCUMENT)
    assert days and f"{days[1]} days" in json.dumps(rules.alert("PrometheusStorageNearLimit").annotations)
