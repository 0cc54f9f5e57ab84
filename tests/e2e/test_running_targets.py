"""Prometheus finds every pod that the chart has for it, with the rights it has, and reads what is to be read."""

from typing import Any

import pytest
import yaml
from loopback_pods import NODE
from monitoring_stack import DEBIAN, Stack, configuration, get, ready
from rendering import one
from waiting import until

pytestmark = pytest.mark.e2e

KUBELETS = ("cadvisor", "kubelet")


def found(stack: Stack) -> dict[str, list[dict[str, Any]]]:
    """Targets that Prometheus has, by job."""
    targets = get(f"{stack.prometheus}/api/v1/targets")["data"]["activeTargets"]
    jobs: dict[str, list[dict[str, Any]]] = {}
    for target in targets:
        jobs.setdefault(target["labels"]["job"], []).append(target)
    return jobs


def jobs(stack: Stack) -> list[str]:
    """Jobs of the rendered configuration, but for those that cannot run here."""
    names = [job["job_name"] for job in configuration(stack)["scrape_configs"]]
    return [name for name in names if not (stack.unavailable and name in DEBIAN)]


def test_every_target_is_up(stack: Stack) -> None:
    def all_up() -> bool:
        states = {
            job: [(one["labels"]["instance"], one["health"], one["lastError"]) for one in targets]
            for job, targets in found(stack).items()
        }
        for job in jobs(stack):
            assert states.get(job), f"{job}: no target"
            assert {health for _, health, _ in states[job]} == {"up"}, f"{job}: {states[job]}"
        return True

    until(all_up, "every target is up")


@pytest.mark.usefixtures("debian_exporters")
@pytest.mark.parametrize("job", DEBIAN)
def test_exporters_of_the_data_stores_reach_them_with_tls_and_password(stack: Stack, job: str) -> None:
    metric = {"postgres-exporter": "pg_up", "redis-exporter": "redis_up"}[job]
    until(lambda: [one["value"][1] for one in stack.query(metric)] == ["1"], f"{metric} is 1")


def test_targets_have_the_labels_that_rules_and_dashboards_go_by(stack: Stack) -> None:
    until(lambda: set(jobs(stack)) <= found(stack).keys(), "every job has targets")
    for job, targets in found(stack).items():
        labels = [{key: one["labels"].get(key) for key in ("namespace", "pod", "node")} for one in targets]
        if job in KUBELETS:
            assert labels == [{"namespace": None, "pod": None, "node": NODE}]
        else:
            wanted = [{"namespace": pod.namespace, "pod": pod.name, "node": NODE} for pod in stack.pods_of(job)]
            assert sorted(labels, key=str) == sorted(wanted, key=str), job


def test_prometheus_asks_for_what_its_roles_allow_and_for_nothing_less(stack: Stack) -> None:
    """Who may see more than Prometheus asks for, may see too much."""
    until(lambda: set(jobs(stack)) <= found(stack).keys(), "every job has targets")
    assert stack.cluster.refused == set()
    used = {(namespace, resource) for namespace, resource, _ in stack.cluster.used}
    kubelets = {(None, "nodes/metrics")}  # what kubelets ask the API server for when somebody reads their metrics
    assert {(namespace, resource) for namespace, resource, _ in stack.cluster.allowed} == used | kubelets


def test_every_pod_answers_at_its_probes(stack: Stack) -> None:
    running = [pod for pod in stack.pods if pod.name in stack.processes]
    assert {pod.workload for pod in running} >= {"prometheus", "alertmanager", "jaeger-collector", "node-exporter"}
    for pod in running:
        assert ready(stack, pod), pod.name


def test_kubelets_are_asked_with_the_token_of_the_service_account(stack: Stack) -> None:
    status, _ = stack.exporters["kubelet"].answer("/metrics", "")
    assert status == 401
    until(lambda: stack.query('up{job="kubelet"} == 1'), "the kubelet is up")


def test_of_kubelets_only_what_is_used_is_kept(stack: Stack) -> None:
    """The played ones have, besides, a metric that is not used, and the whole machine's."""
    every = '{job=~"cadvisor|kubelet", __name__=~"(container|kubelet)_.*"}'
    kept = f"count by (__name__, pod, persistentvolumeclaim) ({every})"
    until(lambda: len(stack.query(kept)) == 2, "two series are kept")
    assert sorted((one["metric"]["__name__"], len(one["metric"])) for one in stack.query(kept)) == [
        ("container_memory_working_set_bytes", 2),
        ("kubelet_volume_stats_capacity_bytes", 2),
    ]


def test_what_kube_state_metrics_tells_of_others_stays_theirs(stack: Stack) -> None:
    metric = 'kube_deployment_status_replicas_available{deployment="api"}'
    (series,) = until(lambda: stack.query(metric), "kube-state-metrics is read")
    assert series["metric"]["namespace"] == "trading-engine"
    assert not [label for label in series["metric"] if label.startswith("exported_")]


def test_every_rule_is_loaded_and_evaluated(stack: Stack) -> None:
    files = one(stack.manifests, "ConfigMap", "prometheus-rules", "monitoring")["data"].values()
    rendered = [rule for file in files for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]

    def states() -> list[tuple[str, str, str]]:
        groups = get(f"{stack.prometheus}/api/v1/rules")["data"]["groups"]
        return [
            (rule["name"], rule["health"], rule.get("lastError", "")) for group in groups for rule in group["rules"]
        ]

    until(lambda: all(health != "unknown" for _, health, _ in states()), "every rule is evaluated")
    assert sorted(name for name, _, _ in states()) == sorted(rule.get("alert") or rule["record"] for rule in rendered)
    assert [state for state in states() if state[1] != "ok"] == []


def test_changed_rules_are_read_without_a_restart_and_broken_ones_are_refused(stack: Stack) -> None:
    (pod,) = stack.pods_of("prometheus")

    def recorded(value: str) -> bool:
        return [one["value"][1] for one in stack.query("added:by_the_test")] == [value]

    def refused() -> bool:
        return [one["value"][1] for one in stack.query("prometheus_config_last_reload_successful")] == ["0"]

    file = pod.root / "etc" / "prometheus" / "rules" / "added-by-the-test.yaml"
    try:
        file.write_text("groups: [{name: added, rules: [{record: 'added:by_the_test', expr: vector(1)}]}]")
        until(lambda: recorded("1"), "the added rule is evaluated")
        file.write_text("groups: [{name: added, rules: [{record: 'added:by_the_test', expr: vector(2}]}]")
        until(refused, "Prometheus says that it refused the file")
        assert recorded("1")
    finally:
        file.unlink()
    until(lambda: not refused() and not stack.query("added:by_the_test"), "all is as before")
