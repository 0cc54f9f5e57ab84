"""Log Aggregation, option 2: off unless it is wanted, whole when it is, and each program told what the next expects."""

import fnmatch
import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from inventory import role_figures
from played_elasticsearch import PASSWORD, played
from rendering import (
    CHART,
    CLUSTER_LIST,
    POD_OWNERS,
    PRODUCTION,
    Cluster,
    Manifest,
    chart_values,
    containers,
    of_kind,
    one,
    pod_spec,
    render,
    rendered,
)

ON = {"global": {"controlPlane": {"logging": True}}}
WORKLOADS = ("logging-elasticsearch", "logstash", "kibana", "log-shipper")
FILES = CHART / "charts"


@cache
def _on() -> tuple[Manifest, ...]:
    return tuple(render(*PRODUCTION.values, ON))


def on() -> list[Manifest]:
    """What production gets when it chooses option 2."""
    return list(_on())


def owner(name: str) -> Manifest:
    """The workload of a name."""
    (found,) = [
        one for one in of_kind(on(), *POD_OWNERS) if one["metadata"]["name"] == name and one["kind"] != "CronJob"
    ]
    return found


def data(name: str) -> dict[str, str]:
    """The files of a workload."""
    return dict(one(on(), "ConfigMap", name, owner(name)["metadata"]["namespace"])["data"])


def shipper() -> dict[str, Any]:
    """Configuration of the shipper."""
    return dict(yaml.safe_load(data("log-shipper")["fluent-bit.yaml"]))


def variables(name: str) -> dict[str, str]:
    """Environment of a workload's main container."""
    return {one["name"]: one.get("value", "") for one in containers(owner(name))[-1].get("env", [])}


@pytest.mark.parametrize("cluster", CLUSTER_LIST, ids=lambda one: one.name)
def test_it_is_off_unless_it_is_wanted(cluster: Cluster) -> None:
    """Option 1, CloudWatch Logs, is what the estate has."""
    for manifest in rendered(cluster):
        meta = manifest["metadata"]
        assert meta.get("namespace") != "logging" and meta["name"] != "logging", meta
        assert not any(name in meta["name"] for name in WORKLOADS), meta


@pytest.mark.parametrize("name", WORKLOADS)
def test_all_of_it_is_there_when_it_is_wanted(name: str) -> None:
    namespace = "monitoring-agents" if name == "log-shipper" else "logging"
    assert owner(name)["metadata"]["namespace"] == namespace
    for kind in ("NetworkPolicy", "Certificate", "ServiceAccount", "ConfigMap"):
        assert one(on(), kind, name, namespace)
    if name != "log-shipper":
        assert one(on(), "Service", name, namespace)
        assert one(on(), "SecretProviderClass", name, namespace)


def test_every_connection_is_a_flow() -> None:
    """From whom to whom, at which port, by the addresses in their configuration."""
    output = shipper()["pipeline"]["outputs"][0]
    addresses = {
        "log-shipper": (output["host"], output["port"]),
        "logstash": _address(variables("logstash")["ELASTICSEARCH_URL"]),
        "kibana": _address(yaml.safe_load(data("kibana")["kibana.yml"])["elasticsearch.hosts"][0]),
    }
    values = chart_values()
    for name, (host, port) in addresses.items():
        to = host.split(".")[0]
        service = one(on(), "Service", to, host.split(".")[1])["spec"]
        assert service["ports"][0]["port"] == port
        ports = {
            values["global"]["ports"][found]
            for flow in values["networkPolicy"]["flows"]
            if name in flow["from"] and to in flow["to"]
            for found in flow["ports"]
        }
        assert ports == {port}, name


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.scheme == "https"
    assert parts.hostname and parts.port
    return parts.hostname, parts.port


@pytest.mark.parametrize(("server", "client"), [("logstash", "log-shipper"), ("logging-elasticsearch", "logstash")])
def test_the_name_that_is_called_is_in_the_certificate(server: str, client: str) -> None:
    certificate = one(on(), "Certificate", server, "logging")["spec"]
    called = (
        shipper()["pipeline"]["outputs"][0]["host"]
        if client == "log-shipper"
        else _address(variables(client)["ELASTICSEARCH_URL"])[0]
    )
    assert called in certificate["dnsNames"]
    assert certificate["privateKey"]["encoding"] == "PKCS8"


def test_the_shipper_and_logstash_verify_each_other() -> None:
    output = shipper()["pipeline"]["outputs"][0]
    # YAML's on is true.
    assert [output[key] for key in ("tls", "tls.verify", "tls.verify_hostname")] == [True, True, True]
    pipeline = data("logstash")["pipeline.conf"]
    assert 'ssl_client_authentication => "required"' in pipeline
    usages = one(on(), "Certificate", "log-shipper", "monitoring-agents")["spec"]["usages"]
    assert "client auth" in usages
    for name, paths in (
        ("log-shipper", [output["tls.ca_file"], output["tls.crt_file"], output["tls.key_file"]]),
        ("logstash", re.findall(r'"(/etc/tls/[^"]+)"', pipeline)),
    ):
        mounts = {mount["mountPath"] for mount in containers(owner(name))[-1]["volumeMounts"]}
        assert {path.rsplit("/", 1)[0] for path in paths} <= mounts, name


def test_logstash_has_every_variable_that_its_pipeline_reads() -> None:
    wanted = set(re.findall(r"\$\{([A-Z_]+)\}", data("logstash")["pipeline.conf"]))
    assert wanted == {"LISTEN_PORT", "ENVIRONMENT", "ELASTICSEARCH_URL", "ELASTICSEARCH_PASSWORD"}
    assert wanted - {"ELASTICSEARCH_PASSWORD"} <= variables("logstash").keys()  # start.sh has that
    port = containers(owner("logstash"))[-1]["ports"][0]["containerPort"]
    assert variables("logstash")["LISTEN_PORT"] == str(port)


def test_the_pipeline_is_balanced() -> None:
    """As far as that can be told without Logstash: every brace and bracket outside of texts and comments is closed."""
    depth: list[str] = []
    text = re.sub(r"#.*|/\\A[^/]*/|/\.\+/", "", data("logstash")["pipeline.conf"])
    for sign in re.sub(r'"[^"]*"', "", text):
        if sign in "{[":
            depth.append(sign)
        elif sign in "}]":
            assert depth and depth.pop() + sign in ("{}", "[]")
    assert depth == []


def test_logs_are_kept_as_long_as_those_in_cloudwatch() -> None:
    policy = json.loads(data("logstash")["lifecycle.json"])["policy"]["phases"]
    days = role_figures("production", "eks")["eks_log_retention_days"]
    assert policy["delete"] == {"min_age": f"{days}d", "actions": {"delete": {}}}
    assert "rollover" in policy["hot"]["actions"]
    other = render(*PRODUCTION.values, ON, {"logstash": {"retentionDays": 30}})
    assert '"min_age":"30d"' in one(other, "ConfigMap", "logstash", "logging")["data"]["lifecycle.json"]
    # A running Logstash says it again: it is replaced.
    before, after = (
        one(manifests, "Deployment", "logstash", "logging")["spec"]["template"]["metadata"]["annotations"]
        for manifests in (on(), other)
    )
    assert before != after


def test_the_index_template_is_of_the_index_that_is_written() -> None:
    template = json.loads(data("logstash")["index-template.json"])
    (index,) = re.findall(r'\sindex => "([^"]+)"', data("logstash")["pipeline.conf"])
    written = index.replace("${ENVIRONMENT}", variables("logstash")["ENVIRONMENT"])
    assert written == "logs-kubernetes-production"
    assert any(fnmatch.fnmatch(written, pattern) for pattern in template["index_patterns"])
    assert template["data_stream"] == {}
    # Above 100, which Elasticsearch's own template for logs-*-* has.
    assert template["priority"] > 100
    script = data("logstash")["prepare.sh"]
    assert f"put _ilm/policy/{template['template']['settings']['index.lifecycle.name']} lifecycle.json" in script


def test_the_shipper_reads_every_node_and_can_write_nothing_of_it() -> None:
    spec = pod_spec(owner("log-shipper"))
    assert spec["tolerations"] == [{"operator": "Exists"}]
    paths = {volume["name"]: volume["hostPath"]["path"] for volume in spec["volumes"] if "hostPath" in volume}
    assert sorted(paths.values()) == ["/var/log/containers", "/var/log/pods"]
    for mount in spec["containers"][0]["volumeMounts"]:
        assert mount.get("readOnly") or mount["name"] not in paths
    # The files are root's, readable for its group; the user is nobody's.
    assert (spec["securityContext"]["runAsUser"] > 0, spec["securityContext"]["runAsGroup"]) == (True, 0)
    assert "affinity" not in spec and "nodeSelector" not in spec


def test_the_shipper_may_read_pods_and_nothing_else() -> None:
    role = one(on(), "ClusterRole", "trading-engine-log-shipper")
    assert role["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    assert pod_spec(owner("log-shipper"))["automountServiceAccountToken"] is True


def test_the_shipper_reads_where_it_is_mounted_and_not_itself() -> None:
    (source,) = shipper()["pipeline"]["inputs"]
    spec = pod_spec(owner("log-shipper"))
    mounts = {mount["mountPath"]: mount["name"] for mount in spec["containers"][0]["volumeMounts"]}
    assert mounts[source["path"].rsplit("/", 1)[0]] == "containers"
    assert mounts[source["db"].rsplit("/", 1)[0]] == "state"
    excluded = source["exclude_path"].split(",")
    for name, namespace in (("log-shipper-x7x2p", "monitoring-agents"), ("logstash-6d5f-abcde", "logging")):
        file = f"/var/log/containers/{name}_{namespace}_c-0123.log"
        assert any(fnmatch.fnmatch(file, pattern) for pattern in excluded)
    assert not any(fnmatch.fnmatch("/var/log/containers/api-1_trading-engine_api-2.log", one) for one in excluded)


def test_what_waits_has_a_limit_below_the_room_for_it() -> None:
    for name, waiting, room in (
        ("log-shipper", shipper()["pipeline"]["outputs"][0]["storage.total_limit_size"].removesuffix("M"), "state"),
        ("logstash", yaml.safe_load(data("logstash")["logstash.yml"])["queue.max_bytes"].removesuffix("mb"), "data"),
    ):
        (volume,) = [volume for volume in pod_spec(owner(name))["volumes"] if volume["name"] == room]
        assert int(waiting) < int(volume["emptyDir"]["sizeLimit"].removesuffix("Mi")), name


def script(name: str, **environment: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script of the charts."""
    variables = {"PATH": os.environ["PATH"], **{key: str(value) for key, value in environment.items()}}
    return subprocess.run(["bash", FILES / name], env=variables, capture_output=True, text=True, check=False)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    """The password as the secrets driver has it."""
    (tmp_path / "password").write_text(PASSWORD)
    return tmp_path / "password"


TOKEN = "AAEAAWVsYXN0aWMva2liYW5hL2tpYmFuYTpYWFhY-_0"  # made up
TOKEN_PATH = "/_security/service/elastic/kibana/credential/token/kibana"
CREATED = {"created": True, "token": {"name": "kibana", "value": TOKEN}}


@pytest.mark.parametrize("there", [True, False], ids=["in place of one", "the first"])
def test_kibana_gets_a_token_of_its_own(tmp_path: Path, password_file: Path, there: bool) -> None:
    def answer(method: str, _: str) -> tuple[int, Any]:
        return (200, CREATED) if method == "POST" else (200 if there else 404, {"found": there})

    with played(tmp_path, answer) as elasticsearch:
        result = script(
            "kibana/files/service-token.sh",
            ELASTICSEARCH_URL=elasticsearch.url,
            CA_FILE=elasticsearch.authority,
            PASSWORD_FILE=password_file,
            TOKEN_FILE=tmp_path / "token.yml",
        )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert [request[:2] for request in elasticsearch.requests] == [("DELETE", TOKEN_PATH), ("POST", TOKEN_PATH)]
    written = tmp_path / "token.yml"
    assert yaml.safe_load(written.read_text()) == {"elasticsearch.serviceAccountToken": TOKEN}
    assert written.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("password", "delete", "post", "says"),
    [
        ("wrong", (200, {}), (200, CREATED), "Elasticsearch answers 401 to DELETE https://localhost:"),
        (PASSWORD, (403, {"error": "not allowed"}), (200, CREATED), "Elasticsearch answers 403 to DELETE"),
        (PASSWORD, (404, {}), (409, {"token": {"value": TOKEN}}), "Elasticsearch answers 409 to POST"),
        (PASSWORD, (404, {}), (200, {"created": True}), "Elasticsearch answers 200 to POST"),
    ],
)
def test_kibana_does_not_start_without_a_token_and_none_is_told(
    tmp_path: Path, password: str, delete: tuple[int, Any], post: tuple[int, Any], says: str
) -> None:
    (tmp_path / "password").write_text(password)
    with played(tmp_path, lambda method, _: delete if method == "DELETE" else post) as elasticsearch:
        result = script(
            "kibana/files/service-token.sh",
            ELASTICSEARCH_URL=elasticsearch.url,
            CA_FILE=elasticsearch.authority,
            PASSWORD_FILE=tmp_path / "password",
            TOKEN_FILE=tmp_path / "token.yml",
        )
    assert result.returncode == 1
    assert says in result.stderr
    assert TOKEN not in result.stderr + result.stdout
    assert not (tmp_path / "token.yml").exists()


def test_a_server_of_another_authority_is_not_told_the_password(tmp_path: Path, password_file: Path) -> None:
    (tmp_path / "other").mkdir()
    with (
        played(tmp_path, lambda *_: (200, CREATED)) as elasticsearch,
        played(tmp_path / "other", lambda *_: (200, {})) as other,
    ):
        result = script(
            "kibana/files/service-token.sh",
            ELASTICSEARCH_URL=elasticsearch.url,
            CA_FILE=other.authority,
            PASSWORD_FILE=password_file,
            TOKEN_FILE=tmp_path / "token.yml",
        )
    assert result.returncode != 0
    assert "certificate" in result.stderr
    assert elasticsearch.requests == []


def test_kibana_is_started_with_its_token_and_never_has_the_password() -> None:
    init, main = containers(owner("kibana"))
    mounts = {mount["mountPath"]: mount["name"] for mount in main["volumeMounts"]}
    environment = {variable["name"]: variable["value"] for variable in init["env"]}
    assert main["command"][-1] == environment["TOKEN_FILE"]
    folder = environment["TOKEN_FILE"].rsplit("/", 1)[0]
    volumes = {volume["name"]: volume for volume in pod_spec(owner("kibana"))["volumes"]}
    assert volumes[mounts[folder]]["emptyDir"]["medium"] == "Memory"
    assert "csi" not in {kind for name in mounts.values() for kind in volumes[name]}
    # Two at once would take each other's token.
    assert owner("kibana")["spec"]["strategy"] == {"type": "Recreate"}
    assert owner("kibana")["spec"]["replicas"] == 1


def _prepare(tmp_path: Path, password_file: Path, answer: Any) -> tuple[subprocess.CompletedProcess[str], list[Any]]:
    settings = tmp_path / "settings"
    settings.mkdir()
    for name in ("lifecycle.json", "index-template.json"):
        (settings / name).write_text(data("logstash")[name])
    with played(tmp_path, answer) as elasticsearch:
        result = script(
            "logstash/files/prepare.sh",
            ELASTICSEARCH_URL=elasticsearch.url,
            CA_FILE=elasticsearch.authority,
            PASSWORD_FILE=password_file,
            SETTINGS=settings,
        )
    return result, elasticsearch.requests


def test_retention_is_set_before_the_first_line_is_written(tmp_path: Path, password_file: Path) -> None:
    result, requests = _prepare(tmp_path, password_file, lambda *_: (200, {"acknowledged": True}))
    assert result.returncode == 0, result.stderr
    assert requests == [
        ("PUT", "/_ilm/policy/logs-kubernetes", json.loads(data("logstash")["lifecycle.json"])),
        ("PUT", "/_index_template/logs-kubernetes", json.loads(data("logstash")["index-template.json"])),
    ]
    assert [one["name"] for one in pod_spec(owner("logstash"))["initContainers"]] == ["prepare"]


def test_settings_that_elasticsearch_refuses_are_told_with_its_reason(tmp_path: Path, password_file: Path) -> None:
    refusal = {"error": {"reason": "unknown field [min_ages]"}}
    result, requests = _prepare(tmp_path, password_file, lambda *_: (400, refusal))
    assert result.returncode == 1
    assert "unknown field [min_ages]" in result.stderr
    assert "Elasticsearch answers 400 to PUT _ilm/policy/logs-kubernetes" in result.stderr
    assert len(requests) == 1


def test_logstash_finds_the_password_in_its_environment_alone(tmp_path: Path, password_file: Path) -> None:
    command = ["bash", FILES / "logstash/files/start.sh", "printenv", "ELASTICSEARCH_PASSWORD"]
    environment = {"PATH": os.environ["PATH"], "PASSWORD_FILE": str(password_file)}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert result.stdout == f"{PASSWORD}\n"
    (main,) = pod_spec(owner("logstash"))["containers"]
    assert main["command"] == ["bash", "/settings/start.sh", "/usr/share/logstash/bin/logstash"]
    assert variables("logstash")["PASSWORD_FILE"] == "/mnt/secrets/elasticsearch-password"


@pytest.mark.parametrize("name", ["logstash", "kibana"])
def test_pods_have_the_scripts_that_are_tested(name: str) -> None:
    for file in (FILES / name / "files").iterdir():
        assert data(name)[file.name].strip() == file.read_text(encoding="utf-8").strip()
