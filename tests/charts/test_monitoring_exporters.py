"""The exporters and Grafana: connections are verified, secrets are files, and no more is asked for than is used."""

import configparser
import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jmespath
import pytest
import yaml
from monitoring import (
    DASHBOARDS,
    ENVIRONMENTS,
    PRIMARY,
    RULES,
    STANDBY,
    config_map,
    container,
    jobs,
    ports,
    run,
    workload,
)
from rendering import ROOT, Cluster, all_values, of_kind, one, pod_spec, render, rendered

MONITORING = ("monitoring", "monitoring-agents")
# What a secret of Secrets Manager may look like; nothing of it may be in a manifest.
REDIS_SECRET = {"auth_token": 'a"b\\c/<>&'}


@pytest.fixture(params=ENVIRONMENTS, ids=lambda cluster: cluster.name)
def cluster(request: pytest.FixtureRequest) -> Cluster:
    return request.param  # type: ignore[no-any-return]


def _environment(cluster: Cluster, name: str) -> dict[str, str]:
    return {one["name"]: one.get("value", "") for one in container(cluster, name).get("env", [])}


def _flags(cluster: Cluster, name: str) -> dict[str, str]:
    """Flags of a program: name to value, "" for those that have none."""
    pairs = (argument.removeprefix("--").partition("=") for argument in container(cluster, name)["args"])
    return {key: value for key, _, value in pairs}


def _secret_files(cluster: Cluster, name: str) -> dict[str, tuple[str, str]]:
    """Files that a SecretProviderClass makes: name to the secret's name and the path in it."""
    parameters = one(rendered(cluster), "SecretProviderClass", name, "monitoring")["spec"]["parameters"]
    return {
        entry["objectAlias"]: (secret["objectName"], entry["path"])
        for secret in yaml.safe_load(parameters["objects"])
        for entry in secret["jmesPath"]
    }


# Secrets


def test_secrets_are_files_and_never_in_a_manifest(cluster: Cluster) -> None:
    """Not as a Secret, nor from one in an environment; passwords are named by files alone."""
    for manifest in rendered(cluster):
        if manifest["metadata"].get("namespace") not in MONITORING:
            continue
        assert manifest["kind"] != "Secret"
        if manifest["kind"] == "SecretProviderClass":
            assert "secretObjects" not in manifest["spec"]
        if manifest["kind"] in ("Deployment", "StatefulSet", "DaemonSet"):
            text = json.dumps(pod_spec(manifest))
            assert "secretKeyRef" not in text
            assert "secretRef" not in text


def test_every_secret_file_that_is_named_is_made(cluster: Cluster) -> None:
    owners = [
        owner
        for owner in of_kind(rendered(cluster), "Deployment", "StatefulSet")
        if owner["metadata"]["namespace"] == "monitoring"
    ]
    checked = set()
    for owner in owners:
        name = owner["metadata"]["name"]
        configuration = json.dumps(config_map(cluster, name)) if name in ("alertmanager", "grafana") else ""
        named = set(re.findall(r"/mnt/secrets/([A-Za-z0-9_.-]+)", json.dumps(pod_spec(owner)) + configuration))
        if named:
            assert named == _secret_files(cluster, name).keys()
            checked.add(name)
    redis = {"redis-exporter"} if all_values(cluster)["global"]["cluster"]["redis"]["host"] else set()
    assert checked == {"alertmanager", "grafana", "postgres-exporter"} | redis


def _shell(cluster: Cluster, name: str, folder: Path) -> tuple[list[str], list[str]]:
    """An exporter's command and the command of its liveness probe, with the pod's folders in `folder`."""
    found = container(cluster, name)
    number = ports(cluster)[name]

    def here(words: list[str]) -> list[str]:
        return [
            word.replace("/tmp/", f"{folder}/")  # noqa: S108 - the pod's
            .replace("/mnt/secrets", str(folder / "secrets"))
            .replace(f"wget -q -O /dev/null http://127.0.0.1:{number}/", "true")
            for word in words
        ]

    return here(found["command"]), here(found["livenessProbe"]["exec"]["command"])


@pytest.mark.parametrize("name", ["postgres-exporter", "redis-exporter"])
def test_a_rotated_secret_starts_the_exporter_again(name: str, tmp_path: Path) -> None:
    """The rendered command and probe, run: the probe fails once a file is not what it was at the start."""
    (tmp_path / "secrets").mkdir()
    secret = tmp_path / "secrets" / "password"
    secret.write_text("old")
    command, probe = _shell(PRIMARY, name, tmp_path)
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    started = subprocess.run(
        [*command[:-1], str(program), "--one", "--two"], capture_output=True, text=True, check=True
    )
    assert started.stdout == "--one --two\n"
    # busybox has -s where coreutils have --status.
    probe = [word.replace(" -c -s ", " --check --status ") for word in probe]
    assert subprocess.run(probe, check=False).returncode == 0
    secret.write_text("new")
    assert subprocess.run(probe, check=False).returncode == 1


# PostgreSQL


def test_the_database_is_verified(cluster: Cluster) -> None:
    facts = all_values(cluster)["global"]["cluster"]["database"]
    environment = _environment(cluster, "postgres-exporter")
    address = urlsplit(f"postgresql://{environment['DATA_SOURCE_URI']}")
    assert (address.hostname, address.port, address.path) == (facts["host"], 5432, f"/{facts['name']}")
    options = parse_qs(address.query)
    assert options == {"sslmode": ["verify-full"], "sslrootcert": ["/etc/rds-ca/bundle.pem"]}
    mounts = {mount["mountPath"]: mount["name"] for mount in container(cluster, "postgres-exporter")["volumeMounts"]}
    volumes = {
        volume["name"]: volume for volume in pod_spec(workload(rendered(cluster), "postgres-exporter"))["volumes"]
    }
    assert "bundle.pem" in config_map(cluster, volumes[mounts["/etc/rds-ca"]]["configMap"]["name"])
    assert environment["DATA_SOURCE_USER_FILE"] == "/mnt/secrets/database-username"
    assert environment["DATA_SOURCE_PASS_FILE"] == "/mnt/secrets/database-password"


# Redis


def test_redis_is_spoken_to_with_tls_that_is_verified() -> None:
    flags = _flags(PRIMARY, "redis-exporter")
    host = all_values(PRIMARY)["global"]["cluster"]["redis"]["host"]
    assert flags["redis.addr"] == f"rediss://{host}:6379"
    assert "skip-tls-verification" not in flags
    # ElastiCache refuses the command.
    assert flags["config-command"] == "-"


def test_the_password_file_of_redis_is_json_by_address() -> None:
    """The path of the SecretProviderClass, put to a secret, gives what the exporter looks its address up in."""
    files = _secret_files(PRIMARY, "redis-exporter")
    file = _flags(PRIMARY, "redis-exporter")["redis.password-file"].removeprefix("/mnt/secrets/")
    secret, path = files[file]
    assert secret == all_values(PRIMARY)["global"]["cluster"]["secrets"]["redis"]
    content = jmespath.search(path, REDIS_SECRET)
    assert json.loads(content) == {_flags(PRIMARY, "redis-exporter")["redis.addr"]: REDIS_SECRET["auth_token"]}


def test_without_redis_there_is_no_exporter() -> None:
    assert all_values(STANDBY)["global"]["cluster"]["redis"]["host"] == ""
    named = [one for one in rendered(STANDBY) if one["metadata"]["name"] == "redis-exporter"]
    # Its policy stays, and selects nothing.
    assert {manifest["kind"] for manifest in named} <= {"NetworkPolicy"}


# Nodes


def test_the_node_exporter_is_on_every_node_and_on_its_address_alone(cluster: Cluster) -> None:
    owner = workload(rendered(cluster), "node-exporter")
    spec = pod_spec(owner)
    assert owner["metadata"]["namespace"] == "monitoring-agents"
    assert spec["tolerations"] == [{"operator": "Exists"}]
    assert "affinity" not in spec
    assert (spec["hostNetwork"], spec["hostPID"]) == (True, True)
    assert _flags(cluster, "node-exporter")["web.listen-address"] == f"$(HOST_IP):{ports(cluster)['node-exporter']}"
    (address,) = container(cluster, "node-exporter")["env"]
    assert (address["name"], address["valueFrom"]["fieldRef"]["fieldPath"]) == ("HOST_IP", "status.hostIP")
    for mount in container(cluster, "node-exporter")["volumeMounts"]:
        assert mount["readOnly"] is True


def test_pods_interfaces_are_no_nodes_interfaces() -> None:
    """The VPC CNI calls the node's end of a pod's interface eni and a number; ens5 and eth0 are the node's own."""
    ignored = re.compile(_flags(PRIMARY, "node-exporter")["collector.netdev.device-exclude"])
    assert [name for name in ("eni1a2b3c4d5e6", "lo", "ens5", "ens6", "eth0") if not ignored.search(name)] == [
        "ens5",
        "ens6",
        "eth0",
    ]


# The Kubernetes API


def test_kube_state_metrics_may_see_what_it_watches() -> None:
    watched = set(_flags(PRIMARY, "kube-state-metrics")["resources"].split(","))
    rules = one(rendered(PRIMARY), "ClusterRole", "trading-engine-kube-state-metrics")["rules"]
    assert {resource for rule in rules for resource in rule["resources"]} == watched
    assert all(rule["verbs"] == ["list", "watch"] for rule in rules)
    assert "secrets" not in watched
    groups = {resource: rule["apiGroups"] for rule in rules for resource in rule["resources"]}
    assert (groups["pods"], groups["jobs"], groups["deployments"]) == ([""], ["batch"], ["apps"])


def test_only_those_who_speak_to_the_api_have_a_token(cluster: Cluster) -> None:
    speakers = {
        name
        for flow in all_values(cluster)["networkPolicy"]["flows"]
        if "kubernetes-api" in flow["to"]
        for name in flow["from"]
    }
    for owner in of_kind(rendered(cluster), "Deployment", "StatefulSet", "DaemonSet"):
        if owner["metadata"]["namespace"] in MONITORING:
            token = pod_spec(owner)["automountServiceAccountToken"]
            assert token == (owner["metadata"]["name"] in speakers), owner["metadata"]["name"]


# What is used


def _used(prefix: str) -> set[str]:
    """Metrics of a prefix in rules and dashboards."""
    files = [*(file for file in RULES.glob("*.yaml") if not file.name.endswith("_test.yaml")), *DASHBOARDS.glob("*")]
    texts = (file.read_text(encoding="utf-8") for file in files)
    return {metric for text in texts for metric in re.findall(rf"\b{prefix}_[a-z0-9_]+", text)}


@pytest.mark.parametrize(("job", "prefix"), [("cadvisor", "container"), ("kubelet", "kubelet")])
def test_what_is_kept_of_kubelets_is_what_is_used(job: str, prefix: str) -> None:
    kept = jobs(PRIMARY)[job]["metric_relabel_configs"][0]["regex"].split("|")
    assert set(kept) == _used(prefix)


def test_what_is_watched_of_the_api_is_what_is_used() -> None:
    used = {metric.split("_")[1] for metric in _used("kube")}
    watched = _flags(PRIMARY, "kube-state-metrics")["resources"].split(",")
    # Metrics have the singular, and quotas one metric without more.
    assert used == {resource.removesuffix("s") for resource in watched}


# CloudWatch

# Monitoring > CloudWatch > Metrics of the design document, in CloudWatch's own names.
DOCUMENT = {
    "AWS/RDS": {
        *("CPUUtilization", "DatabaseConnections", "FreeStorageSpace", "ReadIOPS", "ReadLatency"),
        *("ReplicaLag", "WriteIOPS", "WriteLatency"),
    },
    "AWS/ElastiCache": {"CurrConnections", "DatabaseMemoryUsagePercentage", "EngineCPUUtilization", "Evictions"},
    "AWS/ApplicationELB": {
        *("HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count", "HealthyHostCount"),
        *("RequestCount", "TargetResponseTime", "UnHealthyHostCount"),
    },
}


def _cloudwatch(cluster: Cluster) -> dict[str, Any]:
    return dict(yaml.safe_load(config_map(cluster, "cloudwatch-exporter")["config.yaml"]))


def test_cloudwatch_is_asked_for_the_documents_rows_alone(cluster: Cluster) -> None:
    facts = all_values(cluster)["global"]["cluster"]
    found: dict[str, set[str]] = {}
    for job in _cloudwatch(cluster)["discovery"]["jobs"]:
        found.setdefault(job["type"], set()).update(metric["name"] for metric in job["metrics"])
        assert job["regions"] == [facts["region"]]
        assert {tag["key"]: tag["value"] for tag in job["searchTags"]} == {
            "Project": "^trading-engine$",
            "Environment": f"^{facts['environment']}$",
        }
        assert job["dimensionNameRequirements"]
    assert found == DOCUMENT


def test_cloudwatch_is_asked_as_often_as_it_has_points(cluster: Cluster) -> None:
    for job in _cloudwatch(cluster)["discovery"]["jobs"]:
        assert str(job["period"]) == _flags(cluster, "cloudwatch-exporter")["scraping-interval"]
        assert job["length"] >= job["period"]


@pytest.mark.e2e
def test_the_exporter_itself_accepts_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(config_map(PRIMARY, "cloudwatch-exporter")["config.yaml"])
    run("yace", "verify-config", "--config.file", file)


def test_the_exporter_may_do_what_it_does() -> None:
    """The role that Ansible makes allows the four calls that reading by tags takes, and is for this service account."""
    file = ROOT / "roles" / "iam" / "vars" / "main" / "pod_roles_monitoring.yml"
    role = yaml.safe_load(file.read_text(encoding="utf-8"))["iam_monitoring_pod_roles"]["cloudwatch_exporter"]
    owner = pod_spec(workload(rendered(PRIMARY), "cloudwatch-exporter"))
    assert role["identity"]["service_account"] == owner["serviceAccountName"]
    (statement,) = role["inline"]["ReadMetrics"]["Statement"]
    assert set(statement["Action"]) == {
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:ListMetrics",
        "tag:GetResources",
    }


# Grafana


def _grafana(cluster: Cluster) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(config_map(cluster, "grafana")["grafana.ini"])
    return {section: dict(parser[section]) for section in parser.sections()}


def test_nobody_gets_into_grafana_unasked_and_it_calls_nobody(cluster: Cluster) -> None:
    settings = _grafana(cluster)
    assert settings["auth.anonymous"]["enabled"] == "false"
    assert settings["users"]["allow_sign_up"] == "false"
    for key in ("reporting_enabled", "check_for_updates", "check_for_plugin_updates"):
        assert settings["analytics"][key] == "false"
    # Otherwise it replaces, at each start, the data sources that come with the image.
    assert settings["plugins"]["preinstall_disabled"] == "true"
    assert settings["plugins"]["plugin_admin_enabled"] == "false"
    environment = _environment(cluster, "grafana")
    assert environment["GF_SECURITY_ADMIN_USER__FILE"] == "/mnt/secrets/grafana-admin_user"
    assert environment["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/mnt/secrets/grafana-admin_password"
    assert not of_kind(rendered(cluster), "Ingress")


def _datasources(cluster: Cluster) -> dict[str, dict[str, Any]]:
    text = config_map(cluster, "grafana")["datasources.yaml"]
    return {source["uid"]: source for source in yaml.safe_load(text)["datasources"]}


def test_data_sources_are_services_that_are_there() -> None:
    sources = _datasources(PRIMARY)
    assert sources.keys() == {"prometheus", "alertmanager", "jaeger", "cloudwatch"}
    for uid in ("prometheus", "alertmanager", "jaeger"):
        address = urlsplit(sources[uid]["url"])
        name, namespace, *domain = str(address.hostname).split(".")
        service = one(rendered(PRIMARY), "Service", name, namespace)
        assert address.port in {port["port"] for port in service["spec"]["ports"]}
        assert domain == ["svc", "cluster", "local"]
    assert sources["cloudwatch"]["jsonData"] == {"authType": "default", "defaultRegion": "us-east-1"}
    interval = yaml.safe_load(config_map(PRIMARY, "prometheus")["prometheus.yml"])["global"]["scrape_interval"]
    assert sources["prometheus"]["jsonData"]["timeInterval"] == interval


def test_where_no_traces_are_taken_there_is_no_data_source_for_them() -> None:
    assert _datasources(STANDBY).keys() == {"prometheus", "alertmanager", "cloudwatch"}


def test_every_dashboard_is_mounted_as_it_stands() -> None:
    """Word for word: what stands in double braces in a dashboard is Grafana's, not Helm's."""
    files = {file.name: file.read_text(encoding="utf-8") for file in DASHBOARDS.glob("*.json")}
    assert files
    sources = next(
        volume["projected"]["sources"]
        for volume in pod_spec(workload(rendered(PRIMARY), "grafana"))["volumes"]
        if volume["name"] == "dashboards"
    )
    mounted: dict[str, str] = {}
    for source in sources:
        data = config_map(PRIMARY, source["configMap"]["name"])
        # Argo CD's annotation of what it applied may have no more.
        assert sum(len(text) for text in data.values()) < 250_000
        mounted |= data
    assert {name: json.loads(text) for name, text in mounted.items()} == {
        name: json.loads(text) for name, text in files.items()
    }
    (provider,) = yaml.safe_load(config_map(PRIMARY, "grafana")["dashboards.yaml"])["providers"]
    assert provider["options"]["path"] in {
        mount["mountPath"] for mount in container(PRIMARY, "grafana")["volumeMounts"]
    }


def test_grafana_starts_again_for_what_it_reads_only_then() -> None:
    def checksum(values: dict[str, Any]) -> str:
        template = workload(render(*PRIMARY.values, values), "grafana")["spec"]["template"]
        return str(template["metadata"]["annotations"]["checksum/config"])

    other = {"global": {"scrapeInterval": "60s"}}
    assert checksum({}) != checksum(other)
