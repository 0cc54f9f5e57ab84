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

every_cluster = pytest.mark.parametrize("cluster", BY_NAME.values(), ids=BY_NAME)


def _owners(cluster: Cluster) -> list[Manifest]:
    owners = of_kind(rendered(cluster), *POD_OWNERS)
    assert owners
    return owners


def _name(owner: Manifest) -> str:
    return str(owner["metadata"]["name"])


@every_cluster
def test_pods_are_restricted(cluster: Cluster) -> None:
    """The rules of `restricted`, one by one."""
    for owner in _owners(cluster):
        if _name(owner) in EXCEPTIONS:
            assert owner["metadata"]["namespace"] == "monitoring-agents", _name(owner)
            continue
        spec = pod_spec(owner)
        assert not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")), _name(owner)
        for volume in spec.get("volumes", []):
            assert set(volume) - {"name"} <= RESTRICTED_VOLUMES, f"{_name(owner)}: {volume}"
        assert spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", _name(owner)
        for container in containers(owner):
            assert all("hostPort" not in port for port in container.get("ports", [])), _name(owner)


@every_cluster
def test_no_container_has_more_than_it_needs(cluster: Cluster) -> None:
    for owner in _owners(cluster):
        spec = pod_spec(owner)
        assert spec["securityContext"]["runAsNonRoot"] is True, _name(owner)
        assert spec["securityContext"]["runAsUser"] > 0, _name(owner)
        assert spec["automountServiceAccountToken"] in (True, False), (
            f"{_name(owner)}: say whether it speaks to the Kubernetes API"
        )
        assert spec["enableServiceLinks"] is False, _name(owner)
        for container in containers(owner):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, _name(owner)
            assert context["readOnlyRootFilesystem"] is True, _name(owner)
            assert context["capabilities"] == {"drop": ["ALL"]}, _name(owner)
            assert context.get("runAsUser", 1) > 0, _name(owner)
            assert not context.get("privileged"), _name(owner)


@every_cluster
def test_containers_say_what_they_use(cluster: Cluster) -> None:
    for owner in _owners(cluster):
        for container in containers(owner):
            resources = container["resources"]
            assert {"cpu", "memory"} <= resources["requests"].keys(), f"{_name(owner)}: {container['name']}"
            assert "memory" in resources["limits"], f"{_name(owner)}: {container['name']}"


@every_cluster
def test_pods_have_a_priority_and_a_group_of_nodes(cluster: Cluster) -> None:
    classes = read(CHART / "values.yaml")["priorityClasses"]
    for owner in _owners(cluster):
        spec = pod_spec(owner)
        assert spec["priorityClassName"] in {*classes, "system-node-critical", "system-cluster-critical"}, _name(owner)
        if owner["kind"] != "DaemonSet":
            required = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
            assert required["nodeSelectorTerms"][0]["matchExpressions"][0]["key"] == "workload", _name(owner)


@every_cluster
def test_namespaces_enforce_it(cluster: Cluster) -> None:
    for namespace in of_kind(rendered(cluster), "Namespace"):
        labels = namespace["metadata"]["labels"]
        expected = "privileged" if namespace["metadata"]["name"] == "monitoring-agents" else "restricted"
        assert {labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")} == {expected}


@every_cluster
def test_long_running_pods_are_probed(cluster: Cluster) -> None:
    for owner in _owners(cluster):
        if owner["kind"] in ("Job", "CronJob"):
            continue
        for container in pod_spec(owner)["containers"]:
            assert {"readinessProbe", "livenessProbe"} <= container.keys(), f"{_name(owner)}: {container['name']}"
            assert container["readinessProbe"] != container["livenessProbe"] or owner["kind"] == "DaemonSet", _name(
                owner
            )


@every_cluster
def test_jobs_that_ended_go(cluster: Cluster) -> None:
    """JobFailed rings as long as a failed job is there, and the history of a CronJob ends only with newer failures."""
    for owner in _owners(cluster):
        if owner["kind"] == "CronJob":
            assert owner["spec"]["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] == 2 * 86400, _name(owner)


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
