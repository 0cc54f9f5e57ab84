"""Read rendered manifests, endpoints and the addresses of pods into a cluster, and say everything wrong in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from trading_platform.connectivity.addresses import Addresses, AddressSpace, Network
from trading_platform.connectivity.model import (
    ConnectivityError,
    ContainerPort,
    IpBlock,
    Policy,
    Service,
    ServicePort,
    Workload,
    selects,
)
from trading_platform.connectivity.policies import read_ip_block, read_policy, read_selector
from trading_platform.connectivity.values import (
    ValueProblem,
    read_cidr,
    read_labels,
    read_list,
    read_mapping,
    read_port,
    read_port_name,
    read_protocol,
)

NAMESPACE_LABEL = "kubernetes.io/metadata.name"  # the API server sets it on every namespace

# Kind -> API group and path of the pod template; a Pod is its own.
_WORKLOADS: dict[str, tuple[str, tuple[str, ...]]] = {
    "CronJob": ("batch", ("spec", "jobTemplate", "spec", "template")),
    "DaemonSet": ("apps", ("spec", "template")),
    "Deployment": ("apps", ("spec", "template")),
    "Job": ("batch", ("spec", "template")),
    "Pod": ("", ()),
    "ReplicaSet": ("apps", ("spec", "template")),
    "StatefulSet": ("apps", ("spec", "template")),
}


@dataclass(frozen=True, eq=False)
class Cluster:
    """What decides who may reach whom.

    `namespaces` maps names to labels. `endpoints` has the addresses of each endpoint by its name, `endpoint_masks` each
    set of addresses once, large ones first: endpoints with the same addresses are one to a policy, and their names are
    joined. `pod_addresses` is a mask.
    """

    namespaces: Mapping[str, Mapping[str, str]]
    workloads: tuple[Workload, ...]
    policies: tuple[Policy, ...]
    services: tuple[Service, ...]
    space: AddressSpace
    endpoints: Mapping[str, Addresses]
    endpoint_masks: tuple[tuple[Addresses, int], ...]
    pod_addresses: int

    def find(self, name: str) -> Workload | Addresses:
        """The endpoint of this name, or the workload: `name`, `namespace/name`, `Kind/name` or all three.

        Raises ConnectivityError when there is none, or more than one.
        """
        workloads = [workload for workload in self.workloads if name in _names(workload)]
        endpoints = [self.endpoints[name]] if name in self.endpoints else []
        found: list[Workload | Addresses] = [*workloads, *endpoints]
        if len(found) == 1:
            return found[0]
        if found:
            several = [workload.identity for workload in workloads] + [f"endpoint {name}" for _ in endpoints]
            raise ConnectivityError([f"{name!r} is ambiguous: {', '.join(several)}"])
        known = sorted([*self.endpoints, *(str(workload) for workload in self.workloads)])
        raise ConnectivityError([f"{name!r} is neither a workload nor an endpoint; there are: {', '.join(known)}"])


@dataclass
class _Reading:
    """What has been read so far, and what was wrong with it; objects by `Kind namespace/name`."""

    problems: list[str] = field(default_factory=list)
    namespaces: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    workloads: list[Workload] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)


def load(
    manifests: Iterable[Mapping[str, Any] | None],
    endpoints: Mapping[str, Any] | None = None,
    pod_cidrs: Iterable[str] = (),
    namespace: str = "default",
) -> Cluster:
    """Read manifests as they come from `helm template` or `kubectl get -o yaml` (documents may be empty or a List).

    Args:
        manifests: Namespace, workloads (Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob, Pod), Service and
            NetworkPolicy. Other kinds are ignored, but for other network policies (AdminNetworkPolicy, Calico's,
            Cilium's), which change what is allowed and are refused. A pod, ReplicaSet or Job whose controller is among
            the manifests is part of that.
        endpoints: name -> list of addresses outside the cluster: CIDR blocks, or `{cidr: ..., except: [...]}` as in a
            policy.
        pod_cidrs: where pods get their addresses. An ipBlock that touches them opens every pod, since any pod may get
            such an address. Without them an ipBlock says nothing of pods; the API recommends it for addresses
            outside the cluster only.
        namespace: of objects that name none.

    Raises:
        ConnectivityError: with everything that is wrong.
    """
    reading = _Reading()
    objects = list(_unpack(manifests, reading.problems))
    present = {_identity(one, namespace) for one in objects}
    for one in objects:
        if not present.intersection(_controllers(one, namespace)):
            _read_object(one, namespace, reading)
    named = _read_endpoints({} if endpoints is None else endpoints, reading.problems)
    pods = _read_cidrs(list(pod_cidrs), "pod_cidrs", reading.problems)
    if reading.problems:
        raise ConnectivityError(reading.problems)
    return _build(reading, named, pods)


def _build(reading: _Reading, named: Mapping[str, list[IpBlock]], pods: Sequence[Network]) -> Cluster:
    blocks = [peer.block for policy in reading.policies for rule in policy.rules for peer in rule.peers if peer.block]
    blocks += [block for own in named.values() for block in own]
    space = AddressSpace([*pods, *(network for block in blocks for network in (block.network, *block.excepts))])
    masks = dict.fromkeys(named, 0)
    for name, own in named.items():
        for block in own:
            masks[name] |= space.mask([block.network], block.excepts)
    empty = [f"endpoints.{name}: except takes every address away" for name, mask in masks.items() if not mask]
    if empty:
        raise ConnectivityError(empty)
    names: dict[int, list[str]] = {}
    for name in sorted(masks):
        names.setdefault(masks[name], []).append(name)
    addresses = {mask: Addresses(space.spans(mask), ", ".join(own), space.text(mask)) for mask, own in names.items()}
    return Cluster(
        namespaces=reading.namespaces,
        workloads=_label(reading.workloads, named),
        policies=tuple(sorted(reading.policies, key=str)),
        services=tuple(sorted(reading.services, key=lambda service: (service.namespace, service.name))),
        space=space,
        endpoints={name: addresses[mask] for name, mask in masks.items()},
        endpoint_masks=tuple((addresses[mask], mask) for mask in sorted(names, key=space.size, reverse=True)),
        pod_addresses=space.mask(pods),
    )


def _names(workload: Workload) -> tuple[str, ...]:
    """Every name it goes by, short ones first."""
    kind, name, namespace = workload.kind, workload.name, workload.namespace
    return (name, f"{namespace}/{name}", f"{kind}/{name}", workload.identity)


def _label(workloads: Iterable[Workload], endpoints: Iterable[str]) -> tuple[Workload, ...]:
    ordered = sorted(workloads, key=lambda workload: workload.sort_key)
    taken = Counter([*endpoints, *(name for workload in ordered for name in _names(workload))])
    return tuple(
        replace(workload, label=next((name for name in _names(workload) if taken[name] == 1), workload.identity))
        for workload in ordered
    )


def _unpack(manifests: Iterable[Any], problems: list[str]) -> Iterable[Mapping[str, Any]]:
    for number, manifest in enumerate(manifests, 1):
        if manifest is None:
            continue
        if not isinstance(manifest, Mapping):
            kind = type(manifest).__name__
            problems.append(f"document {number}: must be a mapping with apiVersion and kind, not a {kind}")
        elif manifest.get("kind") == "List":
            yield from _unpack(manifest.get("items") or [], problems)
        else:
            yield manifest


def _metadata(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = manifest.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _identity(manifest: Mapping[str, Any], namespace: str) -> str:
    metadata = _metadata(manifest)
    return f"{manifest.get('kind')} {metadata.get('namespace') or namespace}/{metadata.get('name')}"


def _controllers(manifest: Mapping[str, Any], namespace: str) -> Iterable[str]:
    metadata = _metadata(manifest)
    for owner in metadata.get("ownerReferences") or []:
        if isinstance(owner, Mapping) and owner.get("controller"):
            yield f"{owner.get('kind')} {metadata.get('namespace') or namespace}/{owner.get('name')}"


def _read_object(manifest: Mapping[str, Any], namespace: str, reading: _Reading) -> None:
    kind, version = str(manifest.get("kind")), str(manifest.get("apiVersion"))
    group = version.rpartition("/")[0]
    where = _identity(manifest, namespace)
    read: Callable[[Mapping[str, Any], str, str, _Reading], None] | None = None
    if kind == "Namespace" and not group:
        where, read = f"Namespace {_metadata(manifest).get('name')}", _read_namespace
    elif kind == "Service" and not group:
        read = _read_service
    elif kind in _WORKLOADS and group == _WORKLOADS[kind][0]:
        read = _read_workload
    elif kind.endswith("NetworkPolicy"):
        read = _read_network_policy
    if read is None:
        return
    try:
        metadata = _metadata(manifest)
        name, own = metadata.get("name"), metadata.get("namespace") or namespace
        if not isinstance(name, str) or not name or not isinstance(own, str):
            raise ValueProblem("metadata: must have a name, and a namespace or none, that are strings")
        if where in reading.seen:
            raise ValueProblem("is given twice")
        reading.seen.add(where)
        read(manifest, own, name, reading)
    except ValueProblem as problem:
        reading.problems.append(f"{where}: {problem}")


def _read_namespace(manifest: Mapping[str, Any], _: str, name: str, reading: _Reading) -> None:
    labels = read_labels(_metadata(manifest).get("labels"), "metadata.labels")
    if labels.get(NAMESPACE_LABEL, name) != name:
        raise ValueProblem(f"metadata.labels.{NAMESPACE_LABEL}: must be {name}, not {labels[NAMESPACE_LABEL]}")
    reading.namespaces[name] = labels | {NAMESPACE_LABEL: name}


def _mention_namespace(name: str, reading: _Reading) -> None:
    reading.namespaces.setdefault(name, {NAMESPACE_LABEL: name})


def _read_network_policy(manifest: Mapping[str, Any], namespace: str, name: str, reading: _Reading) -> None:
    version = manifest.get("apiVersion")
    if manifest["kind"] != "NetworkPolicy" or version != "networking.k8s.io/v1":
        known = "only NetworkPolicy of networking.k8s.io/v1 is"
        raise ValueProblem(f"{version} is not evaluated, and would change what is allowed; {known}")
    policy, problems = read_policy(manifest, namespace, name)
    reading.problems += [f"NetworkPolicy {namespace}/{name}: {problem}" for problem in problems]
    if policy:
        reading.policies.append(policy)
        _mention_namespace(namespace, reading)


def _read_workload(manifest: Mapping[str, Any], namespace: str, name: str, reading: _Reading) -> None:
    kind = str(manifest["kind"])
    pod, path = manifest, ""
    for key in _WORKLOADS[kind][1]:
        pod, path = read_mapping(pod.get(key), f"{path}{key}"), f"{path}{key}."
    labels = read_labels(_metadata(pod).get("labels"), f"{path}metadata.labels")
    spec = read_mapping(pod.get("spec"), f"{path}spec")
    host_network = spec.get("hostNetwork") or False
    if not isinstance(host_network, bool):
        raise ValueProblem(f"{path}spec.hostNetwork: must be true or false, not {host_network!r}")
    # Jobs get theirs from the cluster.
    if _WORKLOADS[kind][0] == "apps" and not selects(
        read_selector(manifest["spec"].get("selector"), "spec.selector"), labels
    ):
        raise ValueProblem(f"spec.selector: does not select the labels in {path}metadata.labels")
    ports = _read_container_ports(spec, f"{path}spec")
    reading.workloads.append(Workload(namespace, kind, name, labels, ports, host_network))
    _mention_namespace(namespace, reading)


def _read_container_ports(spec: Mapping[str, Any], path: str) -> tuple[ContainerPort, ...]:
    """The ports of the containers that run beside each other.

    An init container is one of them when it restarts: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
    """
    found: set[ContainerPort] = set()
    for key in ("initContainers", "containers"):
        for index, value in enumerate(read_list(spec.get(key), f"{path}.{key}")):
            at = f"{path}.{key}[{index}]"
            container = read_mapping(value, at)
            if key == "containers" or container.get("restartPolicy") == "Always":
                ports = enumerate(read_list(container.get("ports"), f"{at}.ports"))
                found.update(_read_container_port(port, f"{at}.ports[{number}]") for number, port in ports)
    names: dict[tuple[str, str], int] = {}
    for port in sorted(found):
        if port.name and names.setdefault((port.name, port.protocol), port.number) != port.number:
            both = f"{names[port.name, port.protocol]} and {port.number}"
            raise ValueProblem(f"{path}: the port name {port.name} stands for both {both} of {port.protocol}")
    return tuple(sorted(found))


def _read_container_port(value: object, path: str) -> ContainerPort:
    port = read_mapping(value, path)
    number = read_port(port.get("containerPort"), f"{path}.containerPort")
    name = read_port_name(port["name"], f"{path}.name") if port.get("name") else ""
    return ContainerPort(name, read_protocol(port.get("protocol"), f"{path}.protocol"), number)


def _read_service(manifest: Mapping[str, Any], namespace: str, name: str, reading: _Reading) -> None:
    spec = read_mapping(manifest.get("spec"), "spec")
    if spec.get("clusterIP") == "None" or spec.get("type") == "ExternalName" or not spec.get("selector"):
        return
    selector = read_labels(spec["selector"], "spec.selector")
    values = enumerate(read_list(spec.get("ports"), "spec.ports"))
    ports = tuple(_read_service_port(value, f"spec.ports[{index}]") for index, value in values)
    reading.services.append(Service(namespace, name, selector, ports))
    _mention_namespace(namespace, reading)


def _read_service_port(value: object, path: str) -> ServicePort:
    port = read_mapping(value, path)
    number = read_port(port.get("port"), f"{path}.port")
    target = port.get("targetPort") or number
    if isinstance(target, str):
        read_port_name(target, f"{path}.targetPort")
    else:
        read_port(target, f"{path}.targetPort")
    return ServicePort(read_protocol(port.get("protocol"), f"{path}.protocol"), number, target)


def _read_endpoints(endpoints: object, problems: list[str]) -> dict[str, list[IpBlock]]:
    if not isinstance(endpoints, Mapping):
        problems.append(f"endpoints: must be a mapping of name to CIDR blocks, not {endpoints!r}")
        return {}
    named: dict[str, list[IpBlock]] = {}
    for name, values in endpoints.items():
        path = f"endpoints.{name}"
        if not isinstance(name, str) or not name:
            problems.append(f"{path}: the name must be a string")
        elif not isinstance(values, list | tuple) or not values:
            problems.append(
                f"{path}: must be a list of CIDR blocks, or of mappings with cidr and except, not {values!r}"
            )
        else:
            for index, value in enumerate(values):
                block = value if isinstance(value, Mapping) else {"cidr": value}
                try:
                    named.setdefault(name, []).append(read_ip_block(block, f"{path}[{index}]"))
                except ValueProblem as problem:
                    problems.append(str(problem))
    return named


def _read_cidrs(values: Sequence[object], path: str, problems: list[str]) -> list[Network]:
    networks = []
    for index, value in enumerate(values):
        try:
            networks.append(read_cidr(value, f"{path}[{index}]"))
        except ValueProblem as problem:
            problems.append(str(problem))
    return networks
