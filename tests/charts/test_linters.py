"""kubeconform and kube-score over what every environment gets."""

import json
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from rendering import CLUSTER_LIST, Cluster, Manifest, rendered

from trading_platform import toolbox

VERSION = "1.35.0"
PACKAGE = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{VERSION}-local-strict"
KIND = "{{ .ResourceKind }}{{ .KindSuffix }}.json"
CUSTOM = Path(__file__).with_name("crds") / "{{ .ResourceKind }}.json"
# Checks of kube-score that we do not follow, and why.
IGNORED = {
    "container-image-pull-policy": "tag and digest never move, so that what a node has is right",
    "container-ephemeral-storage-request-and-limit": "roots are read-only, and every emptyDir has a size",
    "container-security-context-user-group-id": "upstream images have users of their own below 10000",
    "deployment-has-host-podantiaffinity": "topology spread does it, over zones too",
    "statefulset-has-host-podantiaffinity": "topology spread does it, over zones too",
    "deployment-replicas": "Grafana has one pod: its sessions are its own, and nothing depends on it",
    "pod-probes-identical": "some programs have one address for both; the services have two (test_pod_security.py)",
}


def _run(command: list[str], manifests: list[Manifest]) -> tuple[int, str]:
    result = subprocess.run(
        command,
        input=yaml.dump_all(manifests, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)),
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schemas of the Python package as kubeconform wants them: known by file, with the definitions beside them."""
    folder = tmp_path_factory.mktemp("schemas")
    for file in PACKAGE.glob("*.json"):
        schema = json.loads(file.read_text(encoding="utf-8").replace('"/api/_definitions.json#', '"_definitions.json#'))
        schema.pop("$id", None)
        (folder / file.name).write_text(json.dumps(schema), encoding="utf-8")
    return folder


def conform(manifests: list[Manifest], schemas: Path) -> tuple[int, str]:
    """kubeconform, strict, against the cluster's version."""
    locations = ["-schema-location", f"{schemas}/{KIND}", "-schema-location", str(CUSTOM)]
    return _run(
        [str(toolbox.path("kubeconform")), "-strict", "-kubernetes-version", VERSION, *locations, "-"], manifests
    )


def score(manifests: list[Manifest]) -> list[str]:
    """What kube-score finds."""
    ignored = [argument for name in IGNORED for argument in ("--ignore-test", name)]
    command = [str(toolbox.path("kube-score")), "score", "--output-format", "ci", "--ignore-container-cpu-limit"]
    _, output = _run([*command, *ignored, "--kubernetes-version", "v1.35", "-"], manifests)
    assert "[OK]" in output, output
    return [line for line in output.splitlines() if not line.startswith(("[OK]", "[SKIPPED]"))]


def test_kubeconform_finds_nothing(schemas: Path) -> None:
    """All clusters at once: most of its time goes into reading schemas."""
    every = {json.dumps(manifest): manifest for cluster in CLUSTER_LIST for manifest in rendered(cluster)}
    assert conform(list(every.values()), schemas) == (0, "")


@pytest.mark.parametrize("cluster", CLUSTER_LIST, ids=lambda cluster: cluster.name)
def test_kube_score_finds_nothing(cluster: Cluster) -> None:
    assert score(rendered(cluster)) == []


def test_both_find_what_is_wrong(schemas: Path) -> None:
    wrong = rendered(CLUSTER_LIST[0])
    (api,) = [one for one in wrong if one["kind"] == "Deployment" and one["metadata"]["name"] == "api"]
    api["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False
    api["spec"]["replica"] = 3
    code, output = conform([api], schemas)
    assert code == 1
    assert "replica" in output
    assert any("api" in line and "writable root filesystem" in line for line in score([api]))


def test_no_check_is_left_out_without_need() -> None:
    """A reason goes when nothing is found without it."""
    command = [str(toolbox.path("kube-score")), "score", "--output-format", "json", "--ignore-container-cpu-limit", "-"]
    found: set[str] = set()
    for cluster in CLUSTER_LIST:
        _, output = _run(command, rendered(cluster))
        for owner in json.loads(output):
            found |= {check["check"]["id"] for check in owner["checks"] if check["grade"] < 10 and not check["skipped"]}
    assert found == set(IGNORED)
