"""Render the umbrella chart as Argo CD will: the chart's values, then an environment's, then what the cluster is."""

import asyncio
import functools
import pickle
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import pyhelm3
import yaml

from trading_platform.chart import (
    CHART,
    DUMPER,
    HELM,
    LOADER,
    RELEASE,
    ROOT,
    TARGETS,
    Manifest,
    Target,
    Values,
    all_values,
    merged,
    read,
)

__all__ = ["CHART", "DUMPER", "HELM", "ROOT", "Manifest", "Values", "all_values", "merged", "read"]

Cluster = Target
CLUSTER_LIST = TARGETS
PRODUCTION = CLUSTER_LIST[0]
# What no environment uses, over production: one file of ci/ each.
CASES = tuple(
    Cluster(file.name.removesuffix("-values.yaml"), (*PRODUCTION.files, file))
    for file in sorted((CHART / "ci").glob("*-values.yaml"))
)
BY_NAME = {cluster.name: cluster for cluster in (*CLUSTER_LIST, *CASES)}


def chart_values() -> Values:
    """The umbrella's own values."""
    return read(CHART / "values.yaml")


def render(*values: Mapping[str, Any]) -> list[Manifest]:
    """Render the chart with values over its own.

    Values are merged here and not by pyhelm3, which would put lists behind each other where Helm takes the later one;
    and its own reading of what comes out takes seconds for our dashboards.

    Raises:
        pyhelm3.errors.Error: Helm refuses; the message is what a user sees.
    """
    command = pyhelm3.Command(executable=str(HELM))
    arguments = ["template", RELEASE, CHART, "--namespace", RELEASE, "--values", "-"]
    output = asyncio.run(command.run(arguments, yaml.dump(merged(*values), Dumper=DUMPER).encode()))
    return [manifest for manifest in yaml.load_all(output, Loader=LOADER) if manifest]


@functools.cache
def _rendered(name: str) -> bytes:
    return pickle.dumps(render(*BY_NAME[name].values))


def rendered(cluster: Cluster) -> list[Manifest]:
    """What a cluster gets; rendered once, given as a copy."""
    manifests: list[Manifest] = pickle.loads(_rendered(cluster.name))  # noqa: S301  # a fifth of the time of deepcopy
    return manifests


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
