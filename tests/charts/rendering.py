"""Render the umbrella chart as Argo CD will: the chart's values, then an environment's, then what the cluster is."""

import asyncio
import copy
import functools
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyhelm3
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "trading-engine"
ENVIRONMENTS = ROOT / "gitops" / "environments"
CLUSTERS = Path(__file__).with_name("clusters")
HELM = Path(sys.executable).parent / "helm"

Manifest = dict[str, Any]
Values = dict[str, Any]


@dataclass(frozen=True)
class Cluster:
    """A cluster that the chart is deployed to: the values files over the chart's own, in order."""

    name: str
    files: tuple[Path, ...]

    @property
    def values(self) -> list[Values]:
        """The values of the files, each read anew."""
        return [read(file) for file in self.files]


def _cluster(name: str, environment: str, region: str, *more: str) -> Cluster:
    own = [ENVIRONMENTS / environment / f"{one}.yaml" for one in ("values", "release", *more)]
    # The standby's file last: it says what the region's role is.
    facts = CLUSTERS / f"{environment}-{region}.yaml"
    return Cluster(name, (*own[:2], facts, *own[2:]))


CLUSTER_LIST = (
    _cluster("production", "production", "us-east-1"),
    _cluster("production-standby", "production", "us-west-2", "standby"),
    _cluster("staging", "staging", "us-east-1"),
    _cluster("staging-standby", "staging", "us-west-2", "standby"),
)
PRODUCTION = CLUSTER_LIST[0]
# What no environment uses, over production: one file of ci/ each.
CASES = tuple(
    Cluster(file.name.removesuffix("-values.yaml"), (*PRODUCTION.files, file))
    for file in sorted((CHART / "ci").glob("*-values.yaml"))
)
BY_NAME = {cluster.name: cluster for cluster in (*CLUSTER_LIST, *CASES)}


def read(file: Path) -> Values:
    """Values of a file."""
    return yaml.safe_load(file.read_text(encoding="utf-8")) or {}


def merged(*values: Mapping[str, Any]) -> Values:
    """Values as Helm lays them over each other: mappings key by key, everything else whole."""
    result: Values = {}
    for one in values:
        for key, value in one.items():
            both = isinstance(value, Mapping) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both else copy.deepcopy(value)
    return result


def chart_values() -> Values:
    """The umbrella's own values."""
    return read(CHART / "values.yaml")


@functools.cache
def _chart() -> tuple[pyhelm3.Client, pyhelm3.Chart]:
    client = pyhelm3.Client(executable=str(HELM))
    return client, asyncio.run(client.get_chart(str(CHART)))


def render(*values: Mapping[str, Any], release: str = "trading-engine") -> list[Manifest]:
    """Render the chart with values over its own.

    Raises:
        pyhelm3.errors.Error: Helm refuses; the message is what a user sees.
    """
    client, chart = _chart()
    # Merged here: pyhelm3 would put lists behind each other, where Helm takes the later one.
    found = asyncio.run(client.template_resources(chart, release, merged(*values), namespace="trading-engine"))
    return [manifest for manifest in found if manifest]


@functools.cache
def _rendered(name: str) -> tuple[Manifest, ...]:
    return tuple(render(*BY_NAME[name].values))


def rendered(cluster: Cluster) -> list[Manifest]:
    """What a cluster gets; rendered once, given as a copy."""
    return copy.deepcopy(list(_rendered(cluster.name)))


def refusal(*values: Mapping[str, Any], base: Cluster = PRODUCTION) -> str:
    """The message with which Helm refuses values over a cluster's; fails when it does not refuse."""
    try:
        render(*base.values, *values)
    except pyhelm3.errors.Error as error:
        return str(error)
    raise AssertionError("Helm rendered it")


def helm(*arguments: str, check: bool = True) -> str:
    """Run Helm and give what it printed."""
    result = subprocess.run([str(HELM), *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
    if check and result.returncode:
        raise AssertionError(f"helm {' '.join(arguments)}: {result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def of_kind(manifests: Sequence[Manifest], *kinds: str) -> list[Manifest]:
    """Manifests of these kinds."""
    return [one for one in manifests if one["kind"] in kinds]


def one(manifests: Sequence[Manifest], kind: str, name: str, namespace: str | None = None) -> Manifest:
    """The one manifest of a kind and name."""
    found = [
        manifest
        for manifest in of_kind(manifests, kind)
        if manifest["metadata"]["name"] == name and namespace in (None, manifest["metadata"].get("namespace"))
    ]
    assert len(found) == 1, f"{len(found)} {kind} {name} in {namespace or 'all namespaces'}"
    return found[0]


POD_OWNERS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def pod_spec(owner: Manifest) -> Any:
    """The pod's spec of a workload."""
    template = (
        owner["spec"]["jobTemplate"]["spec"]["template"] if owner["kind"] == "CronJob" else owner["spec"]["template"]
    )
    return template["spec"]


def containers(owner: Manifest) -> list[dict[str, Any]]:
    """All containers of a workload's pods, init containers among them."""
    spec = pod_spec(owner)
    return [*spec.get("initContainers", []), *spec["containers"]]
