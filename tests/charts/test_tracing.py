"""Jaeger and its Elasticsearch: what one says of the other, and the document's figures in all places they have."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from inventory import role_figures
from quantities import amount, seconds
from rendering import (
    CHART,
    CLUSTER_LIST,
    POD_OWNERS,
    PRODUCTION,
    ROOT,
    Cluster,
    Manifest,
    containers,
    merged,
    of_kind,
    one,
    pod_spec,
    render,
    rendered,
)

TRACED = [cluster for cluster in CLUSTER_LIST if "standby" not in cluster.name]
COMPONENTS = ("jaeger-collector", "jaeger-query")
PREPARE = CHART / "charts" / "elasticsearch" / "files" / "prepare.sh"


def configuration(manifests: list[Manifest], name: str) -> dict[str, Any]:
    """The file that a component of Jaeger is started with."""
    return dict(yaml.safe_load(one(manifests, "ConfigMap", name, "tracing")["data"]["config.yaml"]))


def storage(manifests: list[Manifest], name: str) -> dict[str, Any]:
    """The one storage of a component."""
    backends = configuration(manifests, name)["extensions"]["jaeger_storage"]["backends"]
    assert list(backends) == ["traces"]
    return dict(backends["traces"]["elasticsearch"])


def cleaner(manifests: list[Manifest]) -> list[str]:
    """Arguments of the cleaner of old indices."""
    return list(containers(one(manifests, "CronJob", "jaeger-es-index-cleaner", "tracing"))[0]["args"])


def settings(manifests: list[Manifest], name: str = "tracing-elasticsearch") -> dict[str, Any]:
    """elasticsearch.yml."""
    return dict(yaml.safe_load(one(manifests, "ConfigMap", name)["data"]["elasticsearch.yml"]))


@pytest.mark.parametrize("name", COMPONENTS)
def test_what_is_used_is_defined_and_what_is_defined_is_used(name: str) -> None:
    """An extension that is defined and not listed is not started, and says nothing."""
    config = configuration(rendered(PRODUCTION), name)
    assert sorted(config["service"]["extensions"]) == sorted(config["extensions"])
    for kind in ("receivers", "processors", "exporters"):
        used = {name for pipeline in config["service"]["pipelines"].values() for name in pipeline.get(kind, [])}
        assert used == set(config.get(kind) or {}), kind


def test_all_speak_of_one_storage() -> None:
    """So that another takes its place by one key, as in a test with one in memory."""
    manifests = rendered(PRODUCTION)
    assert storage(manifests, "jaeger-collector") == storage(manifests, "jaeger-query")
    collector, query = (configuration(manifests, name) for name in COMPONENTS)
    assert collector["exporters"]["jaeger_storage_exporter"]["trace_storage"] == "traces"
    assert query["extensions"]["jaeger_query"]["storage"] == {"traces": "traces"}


@pytest.mark.parametrize("name", COMPONENTS)
def test_elasticsearch_is_verified_and_the_password_is_a_file(name: str) -> None:
    manifests = rendered(PRODUCTION)
    backend = storage(manifests, name)
    (url,) = backend["server_urls"]
    scheme, host, port = url.replace("//", "").split(":")
    certificate = one(manifests, "Certificate", "tracing-elasticsearch", "tracing")["spec"]
    assert (scheme, int(port)) == ("https", settings(manifests)["http.port"])
    assert host in certificate["dnsNames"]
    owner = one(manifests, "Deployment", name, "tracing")
    mounts = {mount["mountPath"]: mount["name"] for mount in containers(owner)[0]["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod_spec(owner)["volumes"]}
    # Of the Secret with the server's key only the authority.
    folder, file = backend["tls"]["ca_file"].rsplit("/", 1)
    secret = volumes[mounts[folder]]["secret"]
    assert secret == {"secretName": certificate["secretName"], "items": [{"key": file, "path": file}]}
    basic = backend["auth"]["basic"]
    assert set(basic) == {"username", "password_file", "reload_interval"}
    folder, file = basic["password_file"].rsplit("/", 1)
    provider = volumes[mounts[folder]]["csi"]["volumeAttributes"]["secretProviderClass"]
    objects = one(manifests, "SecretProviderClass", provider, "tracing")["spec"]["parameters"]["objects"]
    assert f"objectAlias: {file}\n" in objects


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_port_that_is_listened_on_is_the_containers(name: str) -> None:
    manifests = rendered(PRODUCTION)
    text = one(manifests, "ConfigMap", name, "tracing")["data"]["config.yaml"]
    listened = {int(part.split()[0]) for part in text.split("endpoint: 0.0.0.0:")[1:]}
    reader = configuration(manifests, name)["service"]["telemetry"]["metrics"]["readers"][0]
    listened.add(reader["pull"]["exporter"]["prometheus"]["port"])
    ports = {port["name"]: port["containerPort"] for port in containers(one(manifests, "Deployment", name))[0]["ports"]}
    assert set(ports.values()) == listened
    for port in one(manifests, "Service", name, "tracing")["spec"]["ports"]:
        assert ports[port["targetPort"]] == port["port"]


def test_services_send_to_the_collector() -> None:
    manifests = rendered(PRODUCTION)
    service = one(manifests, "Service", "jaeger-collector", "tracing")["spec"]
    (port,) = [port["port"] for port in service["ports"] if port["name"] == "otlp"]
    for name in ("api", "websocket", "worker"):
        endpoint = one(manifests, "ConfigMap", name, "trading-engine")["data"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
        assert endpoint == f"http://jaeger-collector.tracing.svc.cluster.local:{port}"


@pytest.mark.parametrize("changed", [{}, {"jaeger": {"storage": {"indexPrefix": "other"}}}])
def test_all_have_one_prefix(changed: dict[str, Any]) -> None:
    """A cleaner with another prefix finds nothing to remove, and the disk fills."""
    manifests = render(*PRODUCTION.values, changed)
    prefixes = {storage(manifests, name)["indices"]["index_prefix"] for name in COMPONENTS}
    prefixes |= {one.removeprefix("--index-prefix=") for one in cleaner(manifests) if one.startswith("--index-prefix=")}
    assert prefixes == {
        merged({"jaeger": {"storage": {"indexPrefix": "trading-engine"}}}, changed)["jaeger"]["storage"]["indexPrefix"]
    }


def test_the_cleaner_is_told_by_flags() -> None:
    """A variable by another name, such as ES_INDEX_PREFIX, it ignores; a flag by another name is an error."""
    job = one(rendered(PRODUCTION), "CronJob", "jaeger-es-index-cleaner", "tracing")
    assert [variable["name"] for variable in containers(job)[0]["env"]] == ["ES_PASSWORD"]
    flags = [argument.split("=")[0] for argument in cleaner(rendered(PRODUCTION))[2:]]
    assert flags == ["--index-prefix", "--es.tls.enabled", "--es.tls.ca", "--es.username"]


def test_the_password_of_the_cleaner_comes_from_the_secret_that_the_driver_makes() -> None:
    manifests = rendered(PRODUCTION)
    job = one(manifests, "CronJob", "jaeger-es-index-cleaner", "tracing")
    (made,) = one(manifests, "SecretProviderClass", "jaeger", "tracing")["spec"]["secretObjects"]
    reference = containers(job)[0]["env"][0]["valueFrom"]["secretKeyRef"]
    assert (reference["name"], reference["key"]) == (made["secretName"], made["data"][0]["key"])
    # The driver makes it for pods that have the volume.
    assert "jaeger" in [
        volume["csi"]["volumeAttributes"]["secretProviderClass"]
        for volume in pod_spec(job)["volumes"]
        if "csi" in volume
    ]


@pytest.mark.parametrize("days", [7, 14])
def test_traces_are_kept_and_found_for_as_many_days_as_the_document_says(days: int) -> None:
    values = [*PRODUCTION.values] + ([{"jaeger": {"retention": {"days": days}}}] if days != 7 else [])
    manifests = render(*values)
    assert cleaner(manifests)[0] == str(days)
    for name in COMPONENTS:
        assert seconds(storage(manifests, name)["max_span_age"]) == days * 86400


def test_the_cleaner_runs_once_a_day_and_never_twice_at_once() -> None:
    spec = one(rendered(PRODUCTION), "CronJob", "jaeger-es-index-cleaner", "tracing")["spec"]
    minute, hour, *rest = spec["schedule"].split()
    assert minute.isdigit() and hour.isdigit()
    assert rest == ["*", "*", "*"]
    assert (spec["timeZone"], spec["concurrencyPolicy"]) == ("Etc/UTC", "Forbid")
    assert spec["startingDeadlineSeconds"] > 0
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] > 0


@pytest.mark.parametrize("ratio", [0.1, 0.25])
def test_one_sampling_rate_in_all_places(ratio: float) -> None:
    changed = {"global": {"tracing": {"samplingRatio": ratio}}} if ratio != 0.1 else {}
    manifests = render(*PRODUCTION.values, changed)
    offered = json.loads(one(manifests, "ConfigMap", "jaeger-collector", "tracing")["data"]["sampling.json"])
    assert offered == {"default_strategy": {"type": "probabilistic", "param": ratio}}
    extensions = configuration(manifests, "jaeger-collector")["extensions"]
    assert extensions["remote_sampling"]["file"]["path"] == "/etc/jaeger/sampling.json"
    for name in ("api", "websocket", "worker"):
        variables = one(manifests, "ConfigMap", name, "trading-engine")["data"]
        assert variables["OTEL_TRACES_SAMPLER"] == "parentbased_traceidratio"
        assert float(variables["OTEL_TRACES_SAMPLER_ARG"]) == ratio


@pytest.mark.parametrize("cluster", TRACED, ids=lambda one: one.name)
def test_a_collector_may_be_away(cluster: Cluster) -> None:
    manifests = rendered(cluster)
    assert one(manifests, "Deployment", "jaeger-collector", "tracing")["spec"]["replicas"] >= 2
    assert one(manifests, "PodDisruptionBudget", "jaeger-collector", "tracing")["spec"]["maxUnavailable"] == 1


def test_a_collector_refuses_before_it_is_killed_and_keeps_what_waits() -> None:
    config = configuration(rendered(PRODUCTION), "jaeger-collector")
    assert config["service"]["pipelines"]["traces"]["processors"][0] == "memory_limiter"
    exporter = config["exporters"]["jaeger_storage_exporter"]
    assert exporter["queue"]["enabled"] is True
    assert exporter["retry_on_failure"]["enabled"] is True
    memory = amount(
        containers(one(rendered(PRODUCTION), "Deployment", "jaeger-collector"))[0]["resources"]["limits"]["memory"]
    )
    # Spans of 2 kB in memory: the queue fits below what the limiter lets in.
    assert exporter["queue"]["queue_size"] * 2000 < 0.6 * memory


@pytest.mark.parametrize("cluster", TRACED, ids=lambda one: one.name)
def test_there_are_nodes_for_every_copy(cluster: Cluster) -> None:
    """A copy without a node leaves every index yellow."""
    manifests = rendered(cluster)
    nodes = one(manifests, "StatefulSet", "tracing-elasticsearch", "tracing")["spec"]["replicas"]
    for name, index in storage(manifests, "jaeger-collector")["indices"].items():
        if name != "index_prefix":
            assert 0 <= index["replicas"] < nodes, name
    assert (index["replicas"] > 0) == (nodes > 1)


@pytest.mark.parametrize("cluster", TRACED, ids=lambda one: one.name)
def test_elasticsearch_founds_one_cluster_of_all_its_nodes(cluster: Cluster) -> None:
    manifests = rendered(cluster)
    owner = one(manifests, "StatefulSet", "tracing-elasticsearch", "tracing")["spec"]
    config = settings(manifests)
    assert config["cluster.initial_master_nodes"] == [f"tracing-elasticsearch-{n}" for n in range(owner["replicas"])]
    assert config["node.name"] == "${POD_NAME}"
    service = one(manifests, "Service", owner["serviceName"], "tracing")["spec"]
    assert config["discovery.seed_hosts"] == [f"{owner['serviceName']}.tracing.svc.cluster.local"]
    assert (service["clusterIP"], service["publishNotReadyAddresses"]) == ("None", True)
    assert service["ports"][0]["port"] == config["transport.port"]
    # All at once, as none is ready before they have met, and each in another zone, as volumes stay in theirs.
    assert owner["podManagementPolicy"] == "Parallel"
    (spread,) = owner["template"]["spec"]["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    assert spread["minDomains"] == owner["replicas"]


@pytest.mark.parametrize("layer", ["http", "transport"])
def test_elasticsearch_speaks_tls_and_asks_for_passwords(layer: str) -> None:
    manifests = rendered(PRODUCTION)
    config = settings(manifests)
    assert config["xpack.security.enabled"] is True
    tls = config[f"xpack.security.{layer}.ssl"]
    assert tls["enabled"] is True
    owner = one(manifests, "StatefulSet", "tracing-elasticsearch", "tracing")
    mounts = {
        mount["mountPath"]: mount["name"]
        for mount in owner["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    }
    # Below the configuration, where alone it may read, and not as files of their own, which would never change.
    assert mounts["/usr/share/elasticsearch/config/certs"] == "certificate"
    assert {tls["key"], tls["certificate"], *tls["certificate_authorities"]} == {
        f"certs/{file}" for file in ("tls.key", "tls.crt", "ca.crt")
    }


def test_elasticsearch_needs_nothing_of_its_host() -> None:
    """No mapping of memory, which would need vm.max_map_count, and so no privileged container."""
    manifests = rendered(PRODUCTION)
    assert settings(manifests)["node.store.allow_mmap"] is False
    owner = one(manifests, "StatefulSet", "tracing-elasticsearch", "tracing")
    assert all("hostPath" not in volume for volume in pod_spec(owner)["volumes"])


@pytest.mark.parametrize("cluster", TRACED, ids=lambda one: one.name)
def test_elasticsearch_fits_on_its_nodes(cluster: Cluster) -> None:
    """The document's r6i.xlarge has 32 GiB, staging's r6i.large 16; kubelet and agents take some of it."""
    manifests = rendered(cluster)
    owner = one(manifests, "StatefulSet", "tracing-elasticsearch", "tracing")
    group = role_figures(cluster.name, "eks")["eks_node_groups"]["memory"]
    resources = owner["spec"]["template"]["spec"]["containers"][0]["resources"]
    memory = {"r6i.xlarge": 32, "r6i.large": 16}[group["instance_types"][0]] * 2**30
    assert amount(resources["limits"]["memory"]) == amount(resources["requests"]["memory"]) < 0.5 * memory
    assert owner["spec"]["replicas"] <= group["max_size"]
    (options,) = [
        one["value"]
        for one in owner["spec"]["template"]["spec"]["containers"][0]["env"]
        if one["name"] == "ES_JAVA_OPTS"
    ]
    heap = amount(resources["limits"]["memory"]) / 2 / 2**20
    assert options.split()[:2] == [f"-Xms{heap:.0f}m", f"-Xmx{heap:.0f}m"]


def prepare(folder: Path, secret: str) -> subprocess.CompletedProcess[str]:
    """Run the script of Elasticsearch's init container."""
    for name in ("image/jvm.options.d", "config", "run", "driver"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "image" / "elasticsearch.yml").write_text("of the image")
    (folder / "image" / "jvm.options").write_text("-Xfoo")
    (folder / "settings.yml").write_text("ours")
    # As the driver has it: a link to a file that all may read.
    (folder / "driver" / "content").write_text(secret)
    (folder / "driver" / "password").unlink(missing_ok=True)
    (folder / "driver" / "password").symlink_to("content")
    arguments = [folder / name for name in ("image", "settings.yml", "driver/password", "config", "run/password")]
    return subprocess.run(["bash", PREPARE, *arguments], capture_output=True, text=True, check=False)


def test_elasticsearch_gets_its_configuration_and_the_password_as_it_insists_on(tmp_path: Path) -> None:
    """A file of its own user that nobody else may read; again when the container runs again."""
    for secret in ("first", "second"):
        result = prepare(tmp_path, secret)
        assert result.returncode == 0, result.stderr
        password = tmp_path / "run" / "password"
        assert (password.read_text(), password.stat().st_mode & 0o777) == (secret, 0o400)
        assert not password.is_symlink()
    config = tmp_path / "config"
    assert (config / "elasticsearch.yml").read_text() == "ours"
    assert (config / "jvm.options").read_text() == "-Xfoo"
    assert (config / "jvm.options.d").is_dir()


def test_a_secret_without_a_password_is_told(tmp_path: Path) -> None:
    result = prepare(tmp_path, "")
    assert result.returncode == 1
    assert "is empty or missing; Secrets Manager has no password for Elasticsearch" in result.stderr


def test_the_init_container_is_given_what_the_script_takes() -> None:
    owner = one(rendered(PRODUCTION), "StatefulSet", "tracing-elasticsearch", "tracing")
    init, main = containers(owner)
    image, settings_file, secret, config, password = init["command"][2:]
    mounts = {mount["mountPath"]: mount["name"] for mount in init["volumeMounts"]}
    own = {mount["mountPath"]: mount["name"] for mount in main["volumeMounts"]}
    # What it fills is what Elasticsearch has in the place of the image's.
    assert own[image] == mounts[config]
    assert own[password.rsplit("/", 1)[0]] == mounts[password.rsplit("/", 1)[0]]
    assert {"name": "ELASTIC_PASSWORD_FILE", "value": password} in main["env"]
    assert (secret, settings_file) == ("/mnt/secrets/elasticsearch-password", "/settings/elasticsearch.yml")
    data = one(rendered(PRODUCTION), "ConfigMap", "tracing-elasticsearch", "tracing")["data"]
    assert data["prepare.sh"].strip() == PREPARE.read_text(encoding="utf-8").strip()


def test_a_standby_traces_nothing() -> None:
    for cluster in CLUSTER_LIST:
        if cluster not in TRACED:
            assert [
                one
                for one in rendered(cluster)
                if "tracing" in (one["metadata"]["name"], one["metadata"].get("namespace"))
            ] == []


def test_who_mounts_the_password_has_a_role_that_may_read_it_and_nobody_else() -> None:
    """Of traces and logs; the service accounts are those that the IAM roles are for."""
    roles = yaml.safe_load((ROOT / "roles/iam/vars/main/pod_roles_tracing.yml").read_text(encoding="utf-8"))
    accounts = {role["identity"]["service_account"] for role in roles["iam_tracing_pod_roles"].values()}
    everything = render(*PRODUCTION.values, {"global": {"controlPlane": {"logging": True}}})
    readers = {
        found["metadata"]["name"]
        for found in of_kind(everything, "SecretProviderClass")
        if "/elasticsearch" in found["spec"]["parameters"]["objects"]
    }
    assert accounts == {
        pod_spec(owner)["serviceAccountName"]
        for owner in of_kind(everything, *POD_OWNERS)
        for volume in pod_spec(owner).get("volumes", [])
        if volume.get("csi", {}).get("volumeAttributes", {}).get("secretProviderClass") in readers
    }


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_user_is_the_one_that_the_secret_is_of(environment: str) -> None:
    secret = role_figures(environment, "secrets_manager")["secrets_manager_secrets"]["elasticsearch"]
    assert secret["fields"]["username"] == storage(rendered(PRODUCTION), "jaeger-query")["auth"]["basic"]["username"]
    assert "password" in secret["generate"]


def test_no_manifest_holds_a_secret() -> None:
    """Passwords are files, or references to Secrets that a driver makes."""
    everything = render(*PRODUCTION.values, {"global": {"controlPlane": {"logging": True}}})
    assert of_kind(everything, "Secret") == []
    for owner in of_kind(everything, *POD_OWNERS):
        for container in containers(owner):
            for variable in container.get("env", []):
                if "PASSWORD" in variable["name"] or "TOKEN" in variable["name"]:
                    assert variable.get("value", "/").startswith("/"), variable
