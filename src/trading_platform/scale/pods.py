"""The pods that a rendered chart asks for, and how many nodes they take."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trading_platform.chart import Manifest
from trading_platform.quantities import amount


@dataclass(frozen=True, slots=True)
class Room:
    """Cores and bytes: what pods may request of a node, or what is left of it."""

    cpu: float
    memory: float

    def less(self, cpu: float, memory: float) -> "Room":
        """What is left of it."""
        return Room(self.cpu - cpu, self.memory - memory)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod to be placed: cores and bytes that it requests."""

    name: str
    cpu: float
    memory: float

    @property
    def size(self) -> float:
        """Its weight beside others, a core as much as 8 GiB."""
        return self.cpu + self.memory / 2**33


@dataclass(frozen=True, slots=True)
class Workload:
    """Pods of one kind. `group`: the node group that they are bound to, "" where they may run anywhere.

    `every_node`: one runs on each node, and `fewest` and `most` say nothing. `volumes`: of each pod, on EBS. `domains`:
    zones or nodes that the pods must be spread over, 1 where they need not be.
    """

    pod: Pod
    namespace: str
    group: str
    fewest: int
    most: int
    volumes: int
    every_node: bool = False
    domains: int = 1

    def replicas(self, way: float) -> int:
        """Pods that there are part of the way (0 to 1) from the fewest to the most; a part of a pod counts as one."""
        return self.fewest + math.ceil(round((self.most - self.fewest) * way, 6))


def workloads(manifests: Sequence[Manifest]) -> list[Workload]:
    """What runs for good. Jobs are left out, as they wait for room."""
    scalers = {
        (one["metadata"]["namespace"], one["spec"]["scaleTargetRef"]["name"]): one["spec"]
        for one in manifests
        if one["kind"] == "HorizontalPodAutoscaler"
    }
    return [
        _workload(one, scalers.get((one["metadata"]["namespace"], one["metadata"]["name"])))
        for one in manifests
        if one["kind"] in ("Deployment", "StatefulSet", "DaemonSet")
    ]


def requests(owner: Manifest) -> Pod:
    """A pod of a workload. What init containers request counts where it is more than the others' together."""
    spec = owner["spec"]["template"]["spec"] if "template" in owner["spec"] else _job_spec(owner)
    sidecars = [one for one in spec.get("initContainers", []) if one.get("restartPolicy") == "Always"]
    steps = [one for one in spec.get("initContainers", []) if one.get("restartPolicy") != "Always"]

    def total(resource: str) -> float:
        running = sum(_request(one, resource) for one in (*spec["containers"], *sidecars))
        return max([running, *(_request(one, resource) for one in steps)])

    return Pod(owner["metadata"]["name"], total("cpu"), total("memory"))


def unplaced(pods: Sequence[Pod], nodes: Sequence[Room]) -> list[str]:
    """Names of the pods that find no node, the larger ones placed first."""
    free = list(nodes)
    missing = []
    for pod in _larger_first(pods):
        at = _first_with_room(pod, free)
        if at is None:
            missing.append(pod.name)
        else:
            free[at] = free[at].less(pod.cpu, pod.memory)
    return missing


def nodes_for(pods: Sequence[Pod], node: Room, pods_per_node: int) -> float:
    """How many nodes the pods take, the larger ones placed first; infinite where a pod is larger than a node.

    `pods_per_node`: pods that a node may run, after those that every node has.
    """
    free: list[Room] = []
    counts: list[int] = []
    for pod in _larger_first(pods):
        open_nodes = [at for at, count in enumerate(counts) if count < pods_per_node and _fits(pod, free[at])]
        if not open_nodes:
            if pods_per_node < 1 or not _fits(pod, node):
                return math.inf
            free.append(node)
            counts.append(0)
            open_nodes = [len(free) - 1]
        at = open_nodes[0]
        free[at] = free[at].less(pod.cpu, pod.memory)
        counts[at] += 1
    return len(free)


def _larger_first(pods: Sequence[Pod]) -> Iterator[Pod]:
    yield from sorted(pods, key=lambda pod: pod.size, reverse=True)


def _fits(pod: Pod, room: Room) -> bool:
    # What is left after many a subtraction is not exact: a millionth of a core or byte is none.
    return room.cpu - pod.cpu >= -1e-6 and room.memory - pod.memory >= -1e-6


def _first_with_room(pod: Pod, rooms: Sequence[Room]) -> int | None:
    return next((at for at, room in enumerate(rooms) if _fits(pod, room)), None)


def _request(container: Mapping[str, Any], resource: str) -> float:
    return amount(((container.get("resources") or {}).get("requests") or {}).get(resource, 0))


def _job_spec(owner: Manifest) -> Any:
    return owner["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def _workload(owner: Manifest, scaler: Mapping[str, Any] | None) -> Workload:
    replicas = int(owner["spec"].get("replicas", 1))
    claims = owner["spec"].get("volumeClaimTemplates", [])
    mounted = [one for one in owner["spec"]["template"]["spec"].get("volumes", []) if "persistentVolumeClaim" in one]
    return Workload(
        pod=requests(owner),
        namespace=owner["metadata"]["namespace"],
        group=_group(owner),
        fewest=int(scaler.get("minReplicas", 1)) if scaler else replicas,
        most=int(scaler["maxReplicas"]) if scaler else replicas,
        volumes=len(claims) + len(mounted),
        every_node=owner["kind"] == "DaemonSet",
        domains=_domains(owner),
    )


def _domains(owner: Manifest) -> int:
    """Of constraints that keep a pod waiting, not of those that are wishes."""
    constraints = owner["spec"]["template"]["spec"].get("topologySpreadConstraints", [])
    strict = [one for one in constraints if one.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule"]
    return max([1, *(int(one.get("minDomains", 1)) for one in strict)])


def _group(owner: Manifest) -> str:
    """The value of the label `workload` that the pods' nodes must have."""
    affinity = (owner["spec"]["template"]["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    terms = affinity.get("requiredDuringSchedulingIgnoredDuringExecution", {}).get("nodeSelectorTerms", [])
    for term in terms:
        for expression in term.get("matchExpressions", []):
            if expression["key"] == "workload" and len(expression.get("values", [])) == 1:
                return str(expression["values"][0])
    return ""
