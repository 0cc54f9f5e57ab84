"""What Prometheus scrapes, read from its rendered configuration, and the series that come of it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql
import rendering
import rules
import yaml

METRICS = Path(__file__).with_name("metrics")
PROBED = {"scrape_duration_seconds", "scrape_samples_post_metric_relabeling", "up"}
"""Gauges that Prometheus itself writes for every target.

https://prometheus.io/docs/concepts/jobs_instances/
"""


@dataclass(frozen=True)
class Job:
    """A job: the labels that its targets get, whether theirs win, and the metrics that are kept (None: all)."""

    name: str
    port: int
    target_labels: frozenset[str]
    honor_labels: bool
    kept: frozenset[str] | None


@functools.cache
def configuration(cluster: str) -> dict[str, Any]:
    """prometheus.yml of a cluster."""
    manifests = rendering.rendered(rendering.BY_NAME[cluster])
    return yaml.safe_load(rendering.one(manifests, "ConfigMap", "prometheus")["data"]["prometheus.yml"])


@functools.cache
def jobs(cluster: str) -> dict[str, Job]:
    """Every job of a cluster by name."""
    return {one["job_name"]: _job(one) for one in configuration(cluster)["scrape_configs"]}


def _job(config: dict[str, Any]) -> Job:
    relabeled = config.get("relabel_configs", [])
    labels = {one["target_label"] for one in relabeled if not one.get("target_label", "__").startswith("__")}
    keeps = [
        frozenset(one["regex"].split("|"))
        for one in config.get("metric_relabel_configs", [])
        if one.get("action") == "keep" and one["source_labels"] == ["__name__"]
    ]
    return Job(
        name=config["job_name"],
        port=_port(relabeled),
        target_labels=frozenset(labels | {"job", "instance"}),
        honor_labels=config.get("honor_labels", False),
        kept=keeps[0] if keeps else None,
    )


def _port(relabeled: list[dict[str, Any]]) -> int:
    for one in relabeled:
        if one.get("action") == "keep" and one["source_labels"] == ["__meta_kubernetes_pod_container_port_number"]:
            return int(one["regex"])
        if one.get("target_label") == "__address__":
            return int(one["replacement"].rsplit(":", 1)[1])
    raise AssertionError("a job without a port")


@functools.cache
def exported(job: str) -> dict[str, Any]:
    """The file of a job's metrics; without one nothing of it is used but what Prometheus writes itself."""
    path = METRICS / f"{job}.yaml"
    return rendering.read(path) if path.exists() else {"metrics": {}}


def series(name: str, metric: dict[str, Any]) -> dict[str, tuple[str, frozenset[str]]]:
    """Series of a metric: name to kind and labels."""
    labels = frozenset(metric["labels"])
    if metric["type"] != "histogram":
        return {name: (metric["type"], labels)}
    return {
        f"{name}_bucket": ("bucket", labels | {"le"}),
        f"{name}_count": ("counter", labels),
        f"{name}_sum": ("counter", labels),
    }


@functools.cache
def catalogue(cluster: str) -> promql.Catalogue:
    """Every series that a cluster's Prometheus has: scraped, written by itself, and recorded by its rules."""
    found: dict[str, promql.Metric] = {}

    def add(name: str, kind: str, labels: frozenset[str]) -> None:
        known = found.get(name)
        assert known is None or known.kind == kind, f"{name} is a {kind} and a {known.kind if known else ''}"
        found[name] = promql.Metric(kind, labels | (known.labels if known else frozenset()))

    for job in jobs(cluster).values():
        for name in PROBED:
            add(name, "gauge", job.target_labels)
        # Of a target whose own labels win, those of the pod that was asked say nothing of what it tells.
        target = job.target_labels - {"namespace", "pod", "node"} if job.honor_labels else job.target_labels
        for metric, what in exported(job.name)["metrics"].items():
            for name, (kind, labels) in series(metric, what).items():
                if job.kept is None or name in job.kept:
                    add(name, kind, labels | target)
    result = promql.Catalogue(found)
    _record(result, found, cluster)
    alerting = [rule for rule in deployed(cluster) if "alert" in rule.body]
    labels = frozenset().union(*(_labels(result, rule) | rule.labels.keys() for rule in alerting))
    add("ALERTS", "gauge", labels | {"alertname", "alertstate"})
    return result


def _labels(result: promql.Catalogue, rule: rules.Rule) -> frozenset[str]:
    """Labels of an alert; none where it is wrong, which a test says of it by its name."""
    try:
        return result.labels(rule.expr)
    except promql.WrongError:
        return frozenset()


def _record(result: promql.Catalogue, found: dict[str, promql.Metric], cluster: str) -> None:
    """Add recorded series; a rule may use one that a later rule records, so until nothing is new."""
    waiting = [rule for rule in deployed(cluster) if "record" in rule.body]
    while waiting:
        names = {rule.name for rule in waiting}
        ready = [rule for rule in waiting if not {use.metric for use in promql.uses(rule.expr)} & names]
        assert ready, f"{', '.join(sorted(names))} are recorded from each other"
        for rule in ready:
            try:
                labels = result.labels(rule.expr) | rule.labels.keys()
            except promql.WrongError as wrong:
                raise AssertionError(f"{rule}: {wrong}") from wrong
            known = found.get(rule.name)
            assert known is None or known.labels == labels, f"{rule}: {sorted(labels)} and {sorted(known.labels)}"
            found[rule.name] = promql.Metric("gauge", labels)
        waiting = [rule for rule in waiting if rule not in ready]


@functools.cache
def deployed(cluster: str) -> list[rules.Rule]:
    """The rules that a cluster's Prometheus loads."""
    manifests = rendering.rendered(rendering.BY_NAME[cluster])
    files = rendering.one(manifests, "ConfigMap", "prometheus-rules")["data"]
    return [rule for rule in rules.all_rules() if rule.file in files]
