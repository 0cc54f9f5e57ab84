"""What the monitoring tests share: configurations as rendered, as files that Prometheus's own programs can read.

What is given is the same object to everybody: to be looked at, not changed.
"""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rendering import BY_NAME, CHART, Cluster, Manifest, all_values, one, rendered

from trading_platform import toolbox

PRIMARY = BY_NAME["production"]
STANDBY = BY_NAME["production-standby"]
ENVIRONMENTS = [BY_NAME[name] for name in ("production", "production-standby", "staging", "staging-standby")]
RULES = CHART / "charts" / "prometheus" / "files" / "rules"
DASHBOARDS = CHART / "charts" / "grafana" / "files" / "dashboards"
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


@cache
def config_map(cluster: Cluster, name: str) -> dict[str, str]:
    """Files of a ConfigMap of the monitoring namespace."""
    return dict(one(rendered(cluster), "ConfigMap", name, "monitoring").get("data") or {})


@cache
def prometheus_config(cluster: Cluster) -> dict[str, Any]:
    """Prometheus's configuration."""
    return dict(yaml.safe_load(config_map(cluster, "prometheus")["prometheus.yml"]))


def jobs(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """Name of each scrape job to its configuration."""
    return {job["job_name"]: job for job in prometheus_config(cluster)["scrape_configs"]}


@cache
def alertmanager_config(cluster: Cluster) -> dict[str, Any]:
    """Alertmanager's configuration."""
    return dict(yaml.safe_load(config_map(cluster, "alertmanager")["alertmanager.yml"]))


def ports(cluster: Cluster) -> dict[str, int]:
    """Name of each port to its number."""
    return dict(all_values(cluster)["global"]["ports"])


def workload(manifests: list[Manifest], name: str) -> Manifest:
    """The one Deployment, StatefulSet or DaemonSet of a name."""
    found = [
        one
        for one in manifests
        if one["kind"] in ("Deployment", "StatefulSet", "DaemonSet") and one["metadata"]["name"] == name
    ]
    assert len(found) == 1, f"{len(found)} workloads {name}"
    return found[0]


@cache
def container(cluster: Cluster, name: str) -> dict[str, Any]:
    """The one container of a workload's pods."""
    found = workload(rendered(cluster), name)["spec"]["template"]["spec"]["containers"]
    assert len(found) == 1
    return dict(found[0])


def write_prometheus(cluster: Cluster, folder: Path) -> Path:
    """Write Prometheus's configuration and rules so that promtool finds every file that they name."""
    text = config_map(cluster, "prometheus")["prometheus.yml"]
    for path, name in ((SERVICE_ACCOUNT, "account"), ("/etc/prometheus/rules", "rules")):
        assert path in text
        text = text.replace(path, str(folder / name))
        (folder / name).mkdir()
    for name in ("token", "ca.crt"):
        (folder / "account" / name).write_text("")
    for name, rules in config_map(cluster, "prometheus-rules").items():
        (folder / "rules" / name).write_text(rules, encoding="utf-8")
    (folder / "prometheus.yml").write_text(text, encoding="utf-8")
    return folder / "prometheus.yml"


def write_alertmanager(cluster: Cluster, folder: Path) -> Path:
    """Write Alertmanager's configuration and templates so that amtool finds them."""
    for name, text in config_map(cluster, "alertmanager").items():
        (folder / name).write_text(text.replace("/etc/alertmanager", str(folder)), encoding="utf-8")
    return folder / "alertmanager.yml"


def run(tool: str, *arguments: str | Path) -> str:
    """Run a program of the toolbox; fails with what it says."""
    result = subprocess.run([toolbox.path(tool), *arguments], capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{tool} {' '.join(map(str, arguments))}: {result.stdout}{result.stderr}"
    return result.stdout
