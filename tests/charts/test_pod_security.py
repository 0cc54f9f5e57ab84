"""Pods as the namespaces' Pod Security Standard admits them, and as we ask beyond it."""

import re

import pytest
from rendering import (
    BY_NAME,
    CHART,
    CLUSTER_LIST,
    POD_OWNERS,
    Cluster,
    Manifest,
    containers,
    of_kind,
    pod_spec,
    read,
    rendered,
)

# Pods that need more than `restricted`, and why.
EXCEPTIONS = {
    "node-exporter": "reads the node's own processes, disks and network",
    "log-shipper": "reads the log files of the node",
}
# https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
RESTRICTED_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}

OWNERS = [
    pytest.param(owner, id=f"{name}-{owner['kind']}-{owner['metadata']['name']}")
    for name, cluster in BY_NAME.items()
    for owner in of_kind(rendered(cluster), *POD_OWNERS)
]


def _name(owner: Manifest) -> str:
    return str(owner["metadata"]["name"])


@pytest.mark.parametrize("owner", OWNERS)
def test_pods_are_restricted(owner: Manifest) -> None:
    """The rules of `restricted`, one by one."""
    if _name(owner) in EXCEPTIONS:
        assert owner["metadata"]["namespace"] == "monitoring-agents"
        return
    spec = pod_spec(owner)
    assert not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC"))
    for volume in spec.get("volumes", []):
        assert set(volume) - {"name"} <= RESTRICTED_VOLUMES, volume
    assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    for container in containers(owner):
        assert all("hostPort" not in port for port in container.get("ports", []))


@pytest.mark.parametrize("owner", OWNERS)
def test_no_container_has_more_than_it_needs(owner: Manifest) -> None:
    spec = pod_spec(owner)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["automountServiceAccountToken"] in (True, False), "say whether it speaks to the Kubernetes API"
    assert spec["enableServiceLinks"] is False
    for container in containers(owner):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context.get("runAsUser", 1) > 0
        assert not context.get("privileged")


@pytest.mark.parametrize("owner", OWNERS)
def test_containers_say_what_they_use(owner: Manifest) -> None:
    for container in containers(owner):
        resources = container["resources"]
        assert {"cpu", "memory"} <= resources["requests"].keys(), container["name"]
        assert "memory" in resources["limits"], container["name"]


@pytest.mark.parametrize("owner", OWNERS)
def test_pods_have_a_priority_and_a_group_of_nodes(owner: Manifest) -> None:
    spec = pod_spec(owner)
    classes = read(CHART / "values.yaml")["priorityClasses"]
    assert spec["priorityClassName"] in {*classes, "system-node-critical", "system-cluster-critical"}
    if owner["kind"] != "DaemonSet":
        terms = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        assert terms[0]["matchExpressions"][0]["key"] == "workload"


@pytest.mark.parametrize("cluster", BY_NAME.values(), ids=BY_NAME)
def test_namespaces_enforce_it(cluster: Cluster) -> None:
    for namespace in of_kind(rendered(cluster), "Namespace"):
        labels = namespace["metadata"]["labels"]
        expected = "privileged" if namespace["metadata"]["name"] == "monitoring-agents" else "restricted"
        assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {expected}


@pytest.mark.parametrize("owner", OWNERS)
def test_long_running_pods_are_probed(owner: Manifest) -> None:
    if owner["kind"] in ("Job", "CronJob"):
        return
    for container in pod_spec(owner)["containers"]:
        assert {"readinessProbe", "livenessProbe"} <= container.keys(), container["name"]
        assert container["readinessProbe"] != container["livenessProbe"] or owner["kind"] == "DaemonSet"


@pytest.mark.parametrize("cluster", CLUSTER_LIST, ids=lambda one: one.name)
def test_images_are_exact(cluster: Cluster) -> None:
    """From the account's own registry, by tag and digest: every environment asks for both."""
    for owner in of_kind(rendered(cluster), *POD_OWNERS):
        for container in containers(owner):
            assert re.fullmatch(
                r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/[a-z0-9_./-]+:[A-Za-z0-9_.-]+@sha256:[0-9a-f]{64}",
                container["image"],
            ), container["image"]
            assert ":latest" not in container["image"]
