"""Every metric of the rules is exported by what Prometheus scrapes, and may reach, and is what it is taken for."""

import re
from pathlib import Path

import promql
import pytest
import rendering
import rules
import scrapes

from trading_platform.chart_flows import read_cluster
from trading_platform.connectivity import connections

CLUSTERS = ["production", "production-standby", "staging", "staging-standby"]
LABEL = re.compile(r"\$labels\.(\w+)")


def test_expressions_ask_for_what_is_there() -> None:
    catalogue = scrapes.catalogue("production")
    wrong = []
    for rule in scrapes.deployed("production"):
        try:
            catalogue.labels(rule.expr)
        except promql.WrongError as problem:
            wrong.append(f"{rule}: {problem}")
            continue
        for use in promql.uses(rule.expr):
            wrong += [f"{rule}: {line}" for line in promql.wrong_functions(use, catalogue.metrics[use.metric])]
    assert wrong == []


@pytest.mark.parametrize("rule", rules.alerts(), ids=str)
def test_texts_name_labels_that_the_alert_has(rule: rules.Rule) -> None:
    has = scrapes.catalogue("production").labels(rule.expr) | rule.labels.keys()
    named = {label for text in rule.annotations.values() for label in LABEL.findall(text)}
    assert named <= has, f"{rule}: {sorted(named - has)} are no labels of it; it has {sorted(has)}"


def test_a_standby_expects_nothing_of_the_services() -> None:
    files = {rule.file for rule in scrapes.deployed("production-standby")}
    assert {name for name in files if name.startswith("services-")} == set()
    # What differs by the role is only that.
    everything = {rule.file for rule in scrapes.deployed("production")}
    assert {name for name in everything if not name.startswith("services-")} == files


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_nothing_alarms_because_a_job_is_not_there(cluster: str) -> None:
    """Where a part is switched off, rules about it are silent: none of them asks whether something is absent."""
    here = set().union(*(scrapes.exported(job)["metrics"] for job in scrapes.jobs(cluster)))
    elsewhere = set().union(*(scrapes.exported(job)["metrics"] for job in scrapes.jobs("production"))) - here
    for rule in scrapes.deployed(cluster):
        if any(metric in elsewhere for metric in rules.base_metrics(rule.expr)):
            assert "absent" not in rule.expr, str(rule)


def test_jobs_with_metrics_are_scraped() -> None:
    files = {path.stem for path in scrapes.METRICS.glob("*.yaml")}
    assert files <= scrapes.jobs("production").keys()
    # Of a job without a file nothing is used.
    assert scrapes.jobs("production").keys() - files == {"jaeger-query"}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_policies_let_prometheus_reach_every_job(cluster: str) -> None:
    which = rendering.BY_NAME[cluster]
    allowed = {
        (str(one.destination).rsplit("/", 1)[-1], port)
        for one in connections(read_cluster(rendering.rendered(which), rendering.all_values(which)))
        if str(one.source).rsplit("/", 1)[-1] == "prometheus" and one.protocol == "TCP"
        for port in range(one.ports.first, min(one.ports.last, one.ports.first + 10) + 1)
    }
    # Kubelets and what is on the host's network are reached at the addresses of nodes.
    nodes = {"cadvisor", "kubelet", "node-exporter"}
    wanted = {("nodes" if job.name in nodes else job.name, job.port) for job in scrapes.jobs(cluster).values()}
    assert wanted - allowed == set()


@pytest.mark.parametrize("file", sorted(scrapes.METRICS.glob("*.yaml")), ids=lambda path: path.stem)
def test_files_were_written_for_the_versions_that_run(file: Path) -> None:
    document = rendering.read(file)
    if "image" in document:
        image = rendering.chart_values()["global"]["images"][document["image"]]
        assert document["version"] == image["tag"]


def test_what_kubelets_keep_is_what_is_used() -> None:
    for name in ("cadvisor", "kubelet"):
        job = scrapes.jobs("production")[name]
        assert job.kept == set(scrapes.exported(name)["metrics"]), name


def _cloudwatch_names() -> dict[str, frozenset[str]]:
    """Name to labels of what the exporter's rendered configuration asks CloudWatch for.

    The exporter's own rules: pkg/promutil/migrate.go (BuildMetricName) and prometheus.go (PromString).
    """
    manifests = rendering.rendered(rendering.PRODUCTION)
    data = rendering.one(manifests, "ConfigMap", "cloudwatch-exporter")["data"]
    (text,) = data.values()
    found: dict[str, frozenset[str]] = {}
    for job in scrapes.yaml.safe_load(text)["discovery"]["jobs"]:
        service = job["type"].removeprefix("AWS/").lower()
        dimensions = {f"dimension_{name}" for name in job["dimensionNameRequirements"]}
        for metric in job["metrics"]:
            name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", metric["name"]).lower()
            for statistic in metric["statistics"]:
                found[f"aws_{service}_{name}_{statistic.lower()}"] = frozenset(dimensions)
    return found


def test_cloudwatch_is_asked_for_what_is_used() -> None:
    asked = _cloudwatch_names()
    listed = scrapes.exported("cloudwatch-exporter")["metrics"]
    for name, metric in listed.items():
        if name.startswith("aws_"):
            assert name in asked, (
                f"{name}: the exporter's configuration does not ask for it; it asks for {sorted(asked)}"
            )
            assert asked[name] | {"account_id", "name", "region"} == set(metric["labels"]), name


def test_histograms_have_the_buckets_of_the_objectives() -> None:
    """A bound without a bucket has no series: everything would count as too slow."""
    for rule in rules.all_rules():
        for use in promql.uses(rule.expr):
            for label, operator, value in use.matchers:
                if label == "le":
                    assert operator == "Equal"
                    _has_bucket(use, value)


def _has_bucket(use: promql.Use, bound: str) -> None:
    name = use.metric.removesuffix("_bucket")
    owners = [job for job in ("api", "websocket", "worker") if name in scrapes.exported(job)["metrics"]]
    assert owners, name
    for job in owners:
        buckets = scrapes.exported(job)["metrics"][name]["buckets"]
        # As Prometheus 3 writes them when it scrapes.
        assert bound in {str(float(one)) for one in buckets}, f"{job}: {name} has no bucket {bound}"


def test_names_of_the_services_are_those_of_the_chart() -> None:
    """Rules are plain files: what they call namespaces and workloads is what the chart calls them."""
    values = rendering.chart_values()
    namespaces = {one["name"] for one in values["global"]["namespaces"].values()}
    workloads = values["networkPolicy"]["workloads"]
    for rule in rules.all_rules():
        for use in promql.uses(rule.expr):
            for label, operator, value in use.matchers:
                named = value.split("|") if operator == "Re" else [value]
                if label == "namespace":
                    assert set(named) <= namespaces, f"{rule}: {value}"
                if label == "job":
                    assert set(named) <= scrapes.jobs("production").keys(), f"{rule}: {value}"
                if label == "deployment":
                    assert set(named) <= workloads.keys(), f"{rule}: {value}"
