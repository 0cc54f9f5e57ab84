"""The three services as they are deployed, against the inventory that they run on."""

from typing import Any

import pytest
import yaml
from inventory import role_figures
from quantities import amount, seconds
from rendering import (
    BY_NAME,
    CHART,
    CLUSTER_LIST,
    PRODUCTION,
    Cluster,
    Manifest,
    chart_values,
    helm,
    of_kind,
    one,
    pod_spec,
    read,
    render,
    rendered,
)

SERVICES = ("api", "websocket", "worker")
SERVED = ("api", "websocket")
ACTIVE = [
    cluster for cluster in BY_NAME.values() if any(one_["metadata"]["name"] == "api" for one_ in rendered(cluster))
]


def deployment(name: str, cluster: Cluster = PRODUCTION) -> Manifest:
    return one(rendered(cluster), "Deployment", name, "trading-engine")


def container(name: str, cluster: Cluster = PRODUCTION) -> dict[str, Any]:
    """The service's own container."""
    (found,) = [one_ for one_ in pod_spec(deployment(name, cluster))["containers"] if one_["name"] == name]
    return dict(found)


def settings(name: str, cluster: Cluster = PRODUCTION) -> dict[str, str]:
    """The environment of the service."""
    return dict(one(rendered(cluster), "ConfigMap", name, "trading-engine")["data"])


def test_ports_are_those_of_the_security_groups() -> None:
    ours = chart_values()["global"]["ports"]
    theirs = role_figures("production", "platform")["platform_ports"]
    assert {name: ours[name] for name in theirs} == theirs


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_node_groups_are_those_of_the_cluster(environment: str) -> None:
    groups = role_figures(environment, "eks")["eks_node_groups"]
    ours = chart_values()["global"]["nodeGroups"]
    assert ours == {name: {"dedicated": group.get("dedicated", False)} for name, group in groups.items()}


@pytest.mark.parametrize(("name", "group"), [("api", "general"), ("websocket", "general"), ("worker", "compute")])
def test_pods_run_on_their_group(name: str, group: str) -> None:
    spec = pod_spec(deployment(name))
    (term,) = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "workload", "operator": "In", "values": [group]}]
    tolerated = [{"key": "workload", "operator": "Equal", "value": group, "effect": "NoSchedule"}]
    assert spec.get("tolerations", []) == (tolerated if group != "general" else [])


@pytest.mark.parametrize("cluster", ACTIVE, ids=lambda cluster: cluster.name)
@pytest.mark.parametrize("name", SERVICES)
def test_the_number_of_pods_has_one_owner(name: str, cluster: Cluster) -> None:
    scaled = [hpa["spec"]["scaleTargetRef"]["name"] for hpa in of_kind(rendered(cluster), "HorizontalPodAutoscaler")]
    assert ("replicas" in deployment(name, cluster)["spec"]) is (name not in scaled)


@pytest.mark.parametrize("name", SERVED)
def test_a_service_has_the_port_of_its_container(name: str) -> None:
    (port,) = one(rendered(PRODUCTION), "Service", name)["spec"]["ports"]
    ports = {one_["name"]: one_["containerPort"] for one_ in container(name)["ports"]}
    assert (port["port"], port["targetPort"]) == (ports["serve"], "serve")


@pytest.mark.parametrize("environment", ["production", "staging"])
@pytest.mark.parametrize("name", SERVED)
def test_pods_serve_longer_than_the_load_balancer_sends(name: str, environment: str) -> None:
    """Or a rollout costs requests: the load balancer goes on sending while it deregisters a target."""
    spec = pod_spec(deployment(name, BY_NAME[environment]))
    delay = role_figures(environment, "alb")["alb_target_groups"][name]["deregistration_delay"]
    stays = container(name, BY_NAME[environment])["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert delay < stays < spec["terminationGracePeriodSeconds"]


def test_a_worker_is_done_before_its_spot_node_goes() -> None:
    """Two minutes after the notice. And what it leaves undone comes back to the queue."""
    grace = pod_spec(deployment("worker"))["terminationGracePeriodSeconds"]
    assert grace < 120
    assert grace <= role_figures("production", "sqs")["sqs_queues"]["orders"]["visibility_timeout_seconds"]


@pytest.mark.parametrize("cluster", ACTIVE, ids=lambda cluster: cluster.name)
@pytest.mark.parametrize("name", SERVED)
def test_the_load_balancer_meets_the_protocol_it_expects(name: str, cluster: Cluster) -> None:
    """The target groups speak HTTPS. `plain` shows what a service without TLS would be."""
    served = chart_values()["global"]["ports"][name]
    (port,) = one(rendered(cluster), "Service", name)["spec"]["ports"]
    probe = container(name, cluster)["readinessProbe"]["httpGet"]
    tls = cluster.name != "plain"
    assert (probe["port"], probe["scheme"]) == (served, "HTTPS" if tls else "HTTP")
    assert port["appProtocol"] == ("https" if tls else "http")


@pytest.mark.parametrize("name", SERVED)
def test_tls_13_ends_in_the_pod(name: str) -> None:
    environment = settings(name)
    assert environment["TLS_MIN_VERSION"] == "1.3"
    mounts = {mount["name"]: mount["mountPath"] for mount in container(name)["volumeMounts"]}
    assert environment["TLS_CERT_FILE"].startswith(mounts["tls"])
    certificate = one(rendered(PRODUCTION), "Certificate", name)["spec"]
    (volume,) = [one_ for one_ in pod_spec(deployment(name))["volumes"] if one_["name"] == "tls"]
    assert volume["secret"]["secretName"] == certificate["secretName"]
    issuers = {issuer["metadata"]["name"] for issuer in of_kind(rendered(PRODUCTION), "ClusterIssuer")}
    assert certificate["issuerRef"]["name"] in issuers
    assert seconds(certificate["renewBefore"]) < seconds(certificate["duration"])


def test_the_certificate_has_the_name_that_websocket_calls() -> None:
    host = settings("websocket")["API_URL"].removeprefix("https://").rpartition(":")[0]
    assert host in one(rendered(PRODUCTION), "Certificate", "api")["spec"]["dnsNames"]
    assert settings("websocket")["API_CA_FILE"] == "/etc/tls/ca.crt"


def test_envoy_serves_for_an_image_that_cannot() -> None:
    """It alone listens to the world; the service's own port is reached from inside the pod."""
    cluster = BY_NAME["sidecar"]
    spec = pod_spec(deployment("api", cluster))
    (envoy,) = spec["initContainers"]
    assert envoy["restartPolicy"] == "Always"
    assert [one_["containerPort"] for one_ in envoy["ports"]] == [7999]
    assert [one_["name"] for one_ in container("api", cluster)["ports"]] == ["metrics"]
    assert settings("api", cluster)["LISTEN_ADDRESS"] == "127.0.0.1"
    assert "TLS_CERT_FILE" not in settings("api", cluster)


@pytest.mark.parametrize("name", ["api", "worker"])
def test_the_database_is_verified_by_the_authorities_of_rds(name: str) -> None:
    environment = settings(name)
    assert environment["PGSSLMODE"] == "verify-full"
    mounts = {mount["name"]: mount["mountPath"] for mount in container(name)["volumeMounts"]}
    assert environment["PGSSLROOTCERT"] == f"{mounts['rds-ca']}/bundle.pem"
    bundle = one(rendered(PRODUCTION), "ConfigMap", "rds-ca", "trading-engine")["data"]["bundle.pem"]
    assert bundle.count("BEGIN CERTIFICATE") == 3
    assert "Amazon RDS us-east-1 Root CA RSA2048 G1" in bundle


def test_redis_is_spoken_to_over_tls() -> None:
    assert settings("api")["REDIS_TLS"] == "true"
    assert "REDIS_HOST" not in settings("worker")
    assert "REDIS_HOST" not in settings("websocket")


def mounted_secrets(name: str) -> dict[str, list[str]]:
    """Secret of Secrets Manager to the fields that become files."""
    provider = one(rendered(PRODUCTION), "SecretProviderClass", name, "trading-engine")["spec"]
    assert provider["provider"] == "aws"
    objects = yaml.safe_load(provider["parameters"]["objects"])
    return {one_["objectName"]: [path["path"] for path in one_["jmesPath"]] for one_ in objects}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_reads_the_secrets_that_its_role_may_read(name: str) -> None:
    """Exactly those: one more could not be read, and one less is a right that nobody needs."""
    access = role_figures("production", "iam")["iam_secret_access"][name]
    names = read(PRODUCTION.files[2])["global"]["cluster"]["secrets"]
    assert sorted(mounted_secrets(name)) == sorted(names[purpose] for purpose in access)


@pytest.mark.parametrize("name", SERVICES)
def test_fields_of_secrets_exist(name: str) -> None:
    secrets = role_figures("production", "secrets_manager")["secrets_manager_secrets"]
    names = read(PRODUCTION.files[2])["global"]["cluster"]["secrets"]
    for purpose, secret in secrets.items():
        known = {*secret.get("fields", {}), *secret["generate"]}
        assert set(mounted_secrets(name).get(names.get(purpose, ""), [])) <= known, purpose


def test_every_file_that_is_named_is_mounted() -> None:
    for name in SERVICES:
        files = {
            f"/mnt/secrets/{path['objectAlias']}"
            for one_ in yaml.safe_load(
                one(rendered(PRODUCTION), "SecretProviderClass", name)["spec"]["parameters"]["objects"]
            )
            for path in one_["jmesPath"]
        }
        named = {value for value in settings(name).values() if value.startswith("/mnt/secrets/")}
        assert named <= files, name


def test_queues_and_buckets_are_those_of_the_inventory() -> None:
    uses = {name: chart_values()[name]["uses"] for name in SERVICES}
    queues = role_figures("production", "sqs")["sqs_queues"]
    buckets = {
        *role_figures("production", "s3")["s3_buckets"],
        *role_figures("production", "s3", "primary")["s3_regional_buckets"],
    }
    assert {queue for use in uses.values() for queue in use.get("queues", [])} <= queues.keys()
    assert {bucket for use in uses.values() for bucket in use.get("buckets", [])} <= buckets


def test_what_a_service_uses_its_flows_allow() -> None:
    """A setting without its flow is a service that waits for a connection for ever."""
    flows = chart_values()["networkPolicy"]["flows"]
    allowed = {(source, target) for flow in flows for source in flow["from"] for target in flow["to"]}
    for name in SERVICES:
        uses = chart_values()[name]["uses"]
        wanted = {target for target in ("database", "redis", "api") if uses.get(target)}
        wanted |= {"aws-apis", "pod-identity-agent"} if uses.get("queues") or uses.get("buckets") else set()
        wanted |= {"jaeger-collector"}
        assert {(name, target) for target in wanted} <= allowed, name


@pytest.mark.parametrize("cluster", [BY_NAME["production"], BY_NAME["staging"]], ids=lambda cluster: cluster.name)
def test_the_ceiling_lets_every_hpa_reach_its_maximum(cluster: Cluster) -> None:
    """During a rollout too, when there are a quarter more pods."""
    hard = one(rendered(cluster), "ResourceQuota", "ceiling", "trading-engine")["spec"]["hard"]
    total = {"requests.cpu": 0.0, "requests.memory": 0.0, "limits.memory": 0.0, "pods": 0.0}
    for hpa in of_kind(rendered(cluster), "HorizontalPodAutoscaler"):
        pods = hpa["spec"]["maxReplicas"] * 1.25
        resources = container(hpa["metadata"]["name"], cluster)["resources"]
        total["pods"] += pods
        total["requests.cpu"] += pods * amount(resources["requests"]["cpu"])
        total["requests.memory"] += pods * amount(resources["requests"]["memory"])
        total["limits.memory"] += pods * amount(resources["limits"]["memory"])
    assert {name: value for name, value in total.items() if value > amount(hard[name])} == {}


def test_tracing_is_a_tenth() -> None:
    for name in SERVICES:
        environment = settings(name)
        assert (environment["OTEL_TRACES_SAMPLER"], environment["OTEL_TRACES_SAMPLER_ARG"]) == (
            "parentbased_traceidratio",
            "0.1",
        )


def test_other_settings_are_other_pods() -> None:
    """A changed setting changes the pod's template, or running pods would keep the old one."""
    changed = render(*PRODUCTION.values, {"api": {"config": {"LOG_LEVEL": "debug"}}})
    template = one(changed, "Deployment", "api")["spec"]["template"]
    assert template["metadata"]["annotations"] != deployment("api")["spec"]["template"]["metadata"]["annotations"]


def test_pods_wait_for_the_load_balancer() -> None:
    """Readiness gates: only with the namespace's label, target type ip, and the binding."""
    namespace = one(rendered(PRODUCTION), "Namespace", "trading-engine")
    assert namespace["metadata"]["labels"]["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"
    for name in SERVED:
        binding = one(rendered(PRODUCTION), "TargetGroupBinding", name)["spec"]
        assert (binding["targetType"], "networking" in binding) == ("ip", False)
        assert binding["serviceRef"] == {"name": name, "port": chart_values()["global"]["ports"][name]}


@pytest.mark.parametrize("name", SERVICES)
def test_a_drain_goes_on_whatever_the_number_of_pods(name: str) -> None:
    budget = one(rendered(PRODUCTION), "PodDisruptionBudget", name, "trading-engine")["spec"]
    assert budget["maxUnavailable"] == 1
    assert "minAvailable" not in budget


@pytest.mark.parametrize("name", SERVICES)
def test_pods_of_one_revision_are_spread_over_zones_and_nodes(name: str) -> None:
    template = deployment(name)["spec"]["template"]
    constraints = template["spec"]["topologySpreadConstraints"]
    assert [(each["topologyKey"], each["maxSkew"]) for each in constraints] == [
        ("topology.kubernetes.io/zone", 1),
        ("kubernetes.io/hostname", 1),
    ]
    for each in constraints:
        # It counts this service's pods and no others, and none of the revision before.
        assert each["labelSelector"] == deployment(name)["spec"]["selector"]
        assert each["labelSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
        assert each["matchLabelKeys"] == ["pod-template-hash"]


def test_a_container_that_asks_for_nothing_gets_something_and_has_a_limit() -> None:
    ranges = {
        each["metadata"]["namespace"]: each["spec"]["limits"] for each in of_kind(rendered(PRODUCTION), "LimitRange")
    }
    assert "trading-engine" in ranges
    for namespace, (limit,) in ranges.items():
        assert limit["type"] == "Container", namespace
        assert amount(limit["defaultRequest"]["memory"]) <= amount(limit["default"]["memory"]), namespace


def test_roles_by_annotation_where_pod_identity_is_off() -> None:
    account = one(rendered(BY_NAME["sidecar"]), "ServiceAccount", "api", "trading-engine")
    assert account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"].endswith(
        ":role/production-trading-engine-api"
    )
    assert "annotations" not in one(rendered(PRODUCTION), "ServiceAccount", "api", "trading-engine")["metadata"]


def test_the_storage_class_is_encrypted_and_its_volumes_are_backed_up() -> None:
    """AWS Backup selects volumes by tags: those of the inventory must be on every volume."""
    storage = one(rendered(PRODUCTION), "StorageClass", "gp3")
    assert storage["parameters"]["encrypted"] == "true"
    assert storage["parameters"]["kmsKeyId"].startswith("arn:aws:kms:us-east-1:")
    tags = {value for key, value in storage["parameters"].items() if key.startswith("tagSpecification_")}
    selected = role_figures("production", "backup")["backup_selection_tags"]
    assert {f"{key}=" for key in selected if not key.startswith("ebs.csi")} <= {
        f"{tag.partition('=')[0]}=" for tag in tags
    }


def test_helm_lint_is_content_with_every_environment() -> None:
    for cluster in CLUSTER_LIST:
        files = [argument for file in cluster.files for argument in ("--values", str(file))]
        assert "0 chart(s) failed" in helm("lint", "--strict", str(CHART), *files)
