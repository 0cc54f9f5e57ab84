"""Prometheus: what it scrapes exists and may be reached, what it keeps fits, and what it may see is little."""

from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from monitoring import (
    ENVIRONMENTS,
    PRIMARY,
    RULES,
    STANDBY,
    config_map,
    container,
    jobs,
    ports,
    prometheus_config,
    run,
    workload,
    write_prometheus,
)
from quantities import amount
from rendering import Cluster, Manifest, all_values, merged, of_kind, one, read, render, rendered

ON_NODES = {"cadvisor": "kubelet", "kubelet": "kubelet", "node-exporter": "node-exporter"}
"""Jobs whose targets have addresses of nodes, which policies know only as such, and their ports."""


@pytest.fixture(params=ENVIRONMENTS, ids=lambda cluster: cluster.name)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.param  # type: ignore[no-any-return]


def test_promtool_accepts_the_configuration(cluster: Cluster, tmp_path: Path) -> None:
    assert "SUCCESS" in run("promtool", "check", "config", write_prometheus(cluster, tmp_path))


def test_promtool_sees_a_mistake(tmp_path: Path) -> None:
    """So that the test above can fail."""
    file = write_prometheus(PRIMARY, tmp_path)
    file.write_text(file.read_text().replace("scrape_timeout: 10s", "scrape_timeout: 10m"))
    with pytest.raises(AssertionError, match="scrape timeout greater than scrape interval"):
        run("promtool", "check", "config", file)


# What is scraped


def _pod_jobs(cluster: Cluster) -> dict[str, tuple[str, str, int]]:
    """Name of each job of pods to namespace, label value and port number, all as Prometheus will ask for them."""
    found = {}
    for name, job in jobs(cluster).items():
        (discovery,) = job["kubernetes_sd_configs"]
        if discovery["role"] != "pod":
            continue
        (namespace,) = discovery["namespaces"]["names"]
        (selector,) = discovery["selectors"]
        (port,) = [
            int(rule["regex"])
            for rule in job["relabel_configs"]
            if rule.get("action") == "keep" and rule["source_labels"] == ["__meta_kubernetes_pod_container_port_number"]
        ]
        key, value = selector["label"].split("=")
        assert (selector["role"], key) == ("pod", "app.kubernetes.io/name")
        found[name] = (namespace, value, port)
    return found


def test_every_job_finds_pods_with_that_port(cluster: Cluster) -> None:
    manifests = rendered(cluster)
    for job, (namespace, name, port) in _pod_jobs(cluster).items():
        owner = workload(manifests, name)
        assert owner["metadata"]["namespace"] == namespace, job
        assert owner["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"] == name
        spec = owner["spec"]["template"]["spec"]
        numbers = [
            declared["containerPort"]
            for one in (*spec.get("initContainers", []), *spec["containers"])
            for declared in one.get("ports", [])
        ]
        assert numbers.count(port) == 1, f"{job}: {name} has {numbers}"


def _flows(values: dict[str, Any]) -> set[tuple[str, str]]:
    """Whom the flows let Prometheus reach, and at which port."""
    return {
        (to, port)
        for flow in values["networkPolicy"]["flows"]
        if "prometheus" in flow["from"]
        for to in flow["to"]
        for port in flow["ports"]
    }


def test_every_job_has_a_flow_and_every_flow_a_job() -> None:
    values, numbers = all_values(PRIMARY), ports(PRIMARY)
    wanted = {("nodes", port) for port in ON_NODES.values()} | {("kubernetes-api", "https")}
    names = {number: name for name, number in numbers.items() if name != "websocket"}
    for job, (_, name, port) in _pod_jobs(PRIMARY).items():
        if job not in ON_NODES:
            wanted.add((name, names[port]))
    assert {(job, port) for job, (_, _, port) in _pod_jobs(PRIMARY).items() if job in ON_NODES} == {
        ("node-exporter", numbers["node-exporter"])
    }
    assert _flows(values) == wanted


def test_a_standby_has_no_jobs_of_what_is_not_there() -> None:
    missing = {"api", "websocket", "worker", "redis-exporter", "jaeger-collector", "jaeger-query"}
    assert jobs(PRIMARY).keys() - jobs(STANDBY).keys() == missing
    assert jobs(STANDBY).keys() < jobs(PRIMARY).keys()


def test_targets_say_where_they_are(cluster: Cluster) -> None:
    for name, job in jobs(cluster).items():
        labels = {rule["target_label"] for rule in job["relabel_configs"] if "target_label" in rule}
        assert labels >= ({"node"} if name in ("cadvisor", "kubelet") else {"namespace", "pod", "node"}), name
    assert [name for name, job in jobs(cluster).items() if job.get("honor_labels")] == ["kube-state-metrics"]


def test_kubelets_are_verified_and_asked_for_little(cluster: Cluster) -> None:
    for name in ("cadvisor", "kubelet"):
        job = jobs(cluster)[name]
        assert job["scheme"] == "https"
        assert job["tls_config"] == {"ca_file": "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"}
        assert "credentials_file" in job["authorization"]
        address = next(rule for rule in job["relabel_configs"] if rule["target_label"] == "__address__")
        assert address["replacement"] == f"$1:{ports(cluster)['kubelet']}"
        kept = job["metric_relabel_configs"][0]
        assert (kept["source_labels"], kept["action"]) == (["__name__"], "keep")
        assert all(metric.startswith(("container_", "kubelet_")) for metric in kept["regex"].split("|"))


def test_samples_and_alerts_name_the_cluster(cluster: Cluster) -> None:
    facts = all_values(cluster)["global"]["cluster"]
    assert prometheus_config(cluster)["global"]["external_labels"] == {
        "cluster": facts["name"],
        "environment": facts["environment"],
        "region": facts["region"],
    }


# Rules


def test_rules_are_those_of_the_files() -> None:
    files = {file.name for file in RULES.glob("*.yaml") if not file.name.endswith("_test.yaml")}
    assert files
    assert config_map(PRIMARY, "prometheus-rules").keys() == files
    about_services = {name for name in files if fnmatch(name, "services-*")}
    assert about_services
    assert config_map(STANDBY, "prometheus-rules").keys() == files - about_services
    for name, text in config_map(PRIMARY, "prometheus-rules").items():
        assert text.rstrip("\n") == (RULES / name).read_text(encoding="utf-8").rstrip("\n")


def test_rules_and_configuration_are_read_where_they_are_mounted(cluster: Cluster) -> None:
    prometheus = container(cluster, "prometheus")
    mounts = {mount["mountPath"]: mount["name"] for mount in prometheus["volumeMounts"]}
    volumes = {
        volume["name"]: volume["configMap"]["name"]
        for volume in workload(rendered(cluster), "prometheus")["spec"]["template"]["spec"]["volumes"]
    }
    assert prometheus_config(cluster)["rule_files"] == ["/etc/prometheus/rules/*.yaml"]
    assert volumes[mounts["/etc/prometheus/rules"]] == "prometheus-rules"
    assert "--config.file=/etc/prometheus/config/prometheus.yml" in prometheus["args"]
    assert volumes[mounts["/etc/prometheus/config"]] == "prometheus"


def test_changes_need_neither_a_restart_nor_an_endpoint(cluster: Cluster) -> None:
    arguments = container(cluster, "prometheus")["args"]
    assert "--config.auto-reload" in arguments
    assert not [argument for argument in arguments if argument.startswith("--web.enable-")]
    template = workload(rendered(cluster), "prometheus")["spec"]["template"]
    assert "annotations" not in template["metadata"]


# What is kept


def _claim(manifests: list[Manifest]) -> Manifest:
    (claim,) = workload(manifests, "prometheus")["spec"]["volumeClaimTemplates"]
    return claim  # type: ignore[no-any-return]


def test_samples_are_kept_30_days_and_leave_room_on_the_volume(cluster: Cluster) -> None:
    retention = prometheus_config(cluster)["storage"]["tsdb"]["retention"]
    assert retention["time"] == "30d"
    # Prometheus' GB are GiB.
    limit = amount(retention["size"].replace("GB", "Gi"))
    volume = amount(_claim(rendered(cluster))["spec"]["resources"]["requests"]["storage"])
    assert 0.5 * volume < limit <= 0.85 * volume


@pytest.mark.parametrize(("size", "limit"), [("2Gi", "1GB"), ("7Gi", "5GB"), ("500Gi", "400GB")])
def test_the_limit_follows_the_volume(size: str, limit: str) -> None:
    manifests = render(*PRIMARY.values, {"prometheus": {"volume": {"size": size}}})
    text = one(manifests, "ConfigMap", "prometheus", "monitoring")["data"]["prometheus.yml"]
    assert f"size: {limit}" in text


def test_its_volume_is_of_the_default_class_which_is_gp3() -> None:
    assert "storageClassName" not in _claim(rendered(PRIMARY))["spec"]
    (storage,) = of_kind(rendered(PRIMARY), "StorageClass")
    assert storage["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true"
    assert (storage["parameters"]["type"], storage["parameters"]["encrypted"]) == ("gp3", "true")


def test_it_is_given_time_to_write_what_it_has_in_memory(cluster: Cluster) -> None:
    spec = workload(rendered(cluster), "prometheus")["spec"]["template"]["spec"]
    assert spec["terminationGracePeriodSeconds"] >= 300
    probe = container(cluster, "prometheus")["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 900


# What it may see


def test_it_sees_pods_where_it_scrapes_and_nowhere_else(cluster: Cluster) -> None:
    manifests = rendered(cluster)
    scraped = {namespace for namespace, _, _ in _pod_jobs(cluster).values()}
    roles = [role for role in of_kind(manifests, "Role") if role["metadata"]["name"] == "prometheus"]
    assert {role["metadata"]["namespace"] for role in roles} == scraped
    for role in roles:
        assert role["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}]
    bindings = [one for one in of_kind(manifests, "RoleBinding") if one["metadata"]["name"] == "prometheus"]
    assert {binding["metadata"]["namespace"] for binding in bindings} == scraped
    for binding in bindings:
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "prometheus", "namespace": "monitoring"}]


def test_of_the_whole_cluster_it_sees_nodes_and_their_metrics(cluster: Cluster) -> None:
    role = one(rendered(cluster), "ClusterRole", "trading-engine-prometheus")
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
    ]


def test_who_makes_a_namespace_lets_prometheus_see_it() -> None:
    """In two releases the services' namespace comes with the second, and the right to look into it too."""
    first = render(*PRIMARY.values, {"global": {"controlPlane": {"services": False}}})
    parts = {"cluster": False, "monitoring": False, "tracing": False, "services": True}
    second = render(*PRIMARY.values, {"global": {"controlPlane": parts}})

    def where(manifests: list[Manifest]) -> set[str]:
        return {role["metadata"]["namespace"] for role in of_kind(manifests, "Role", "RoleBinding")} & {
            "trading-engine",
            "monitoring",
        }

    assert (where(first), where(second)) == ({"monitoring"}, {"trading-engine"})


# Whom it tells


def test_it_finds_every_alertmanager(cluster: Cluster) -> None:
    (target,) = prometheus_config(cluster)["alerting"]["alertmanagers"]
    (discovery,) = target["kubernetes_sd_configs"]
    assert discovery["namespaces"]["names"] == ["monitoring"]
    assert discovery["selectors"] == [{"role": "pod", "label": "app.kubernetes.io/name=alertmanager"}]
    declared = {port["containerPort"] for port in container(cluster, "alertmanager")["ports"]}
    kept, dropped = target["relabel_configs"]
    assert int(kept["regex"]) in declared
    assert (dropped["action"], dropped["source_labels"]) == ("drop", ["__meta_kubernetes_pod_phase"])
    assert ("alertmanager", "alertmanager") in _flows(all_values(cluster))


def test_several_run_side_by_side() -> None:
    manifests = render(*PRIMARY.values, {"prometheus": {"replicas": 2}})
    owner = workload(manifests, "prometheus")
    assert owner["spec"]["replicas"] == 2
    spread = owner["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {constraint["matchLabelKeys"][0] for constraint in spread} == {"controller-revision-hash"}
    budget = one(manifests, "PodDisruptionBudget", "prometheus", "monitoring")
    assert budget["spec"]["maxUnavailable"] == 1


def test_values_of_the_environments_change_no_job() -> None:
    """A job is a figure of the chart: what an environment watches is decided by its role, not by a list of its own."""
    for cluster in ENVIRONMENTS:
        own = merged(*(read(file) for file in cluster.files))
        assert "jobs" not in own.get("prometheus", {})
