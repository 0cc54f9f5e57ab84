"""Read one NetworkPolicy.

What the Kubernetes API refuses is refused here too, unknown keys included: a misspelt `matchLabels` would otherwise be
an empty selector, which selects everything. The rules are those of the API server:
https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go
"""

from collections.abc import Mapping
from typing import Any

from trading_platform.connectivity.addresses import Network
from trading_platform.connectivity.model import (
    EGRESS,
    INGRESS,
    LAST_PORT,
    IpBlock,
    Policy,
    PolicyPeer,
    PolicyPort,
    PortRange,
    Requirement,
    Rule,
    Selector,
)
from trading_platform.connectivity.values import (
    ValueProblem,
    read_cidr,
    read_labels,
    read_list,
    read_mapping,
    read_port,
    read_port_name,
    read_protocol,
    refuse_unknown,
)

# Labels that controllers add to pods: https://kubernetes.io/docs/reference/labels-annotations-taints/
_GENERATED = frozenset(
    {
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-revision-hash",
        "controller-uid",
        "job-name",
        "pod-template-generation",
        "pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
    }
)


def read_policy(manifest: Mapping[str, Any], namespace: str, name: str) -> tuple[Policy | None, list[str]]:
    """The policy, or None and everything that is wrong with it, each as `path: what`."""
    problems: list[str] = []
    rules: list[Rule] = []
    pods: Selector = ()
    directions: frozenset[str] = frozenset()
    try:
        spec = read_mapping(manifest.get("spec") or {}, "spec")
        refuse_unknown(spec, ("podSelector", "policyTypes", "ingress", "egress"), "spec")
        for direction in (INGRESS, EGRESS):
            for index, entry in enumerate(read_list(spec.get(direction), f"spec.{direction}")):
                try:
                    rules.append(_read_rule(entry, direction, index))
                except ValueProblem as problem:
                    problems.append(str(problem))
        directions = _read_directions(spec, has_egress=bool(spec.get(EGRESS)))
        pods = _read_pod_selector(spec.get("podSelector"), "spec.podSelector")
    except ValueProblem as problem:
        problems.append(str(problem))
    if problems:
        return None, problems
    active = tuple(rule for rule in rules if rule.direction in directions)
    idle = tuple(rule for rule in rules if rule.direction not in directions)
    return Policy(namespace, name, pods, directions, active, idle), []


def _read_directions(spec: Mapping[str, Any], has_egress: bool) -> frozenset[str]:
    """Where the policy isolates; without policyTypes always ingress, and egress when it has egress rules."""
    types = read_list(spec.get("policyTypes"), "spec.policyTypes")
    for value in types:
        if value not in ("Ingress", "Egress"):
            raise ValueProblem(f"spec.policyTypes: must be Ingress or Egress, not {value!r}")
    if len(types) > 2:
        raise ValueProblem("spec.policyTypes: must not have more than two entries")
    if not types:
        return frozenset({INGRESS, EGRESS} if has_egress else {INGRESS})
    return frozenset(value.lower() for value in types)


def _read_rule(entry: object, direction: str, index: int) -> Rule:
    path = f"spec.{direction}[{index}]"
    key = "from" if direction == INGRESS else "to"
    rule = read_mapping({} if entry is None else entry, path)
    refuse_unknown(rule, (key, "ports"), path)
    peers = enumerate(read_list(rule.get(key), f"{path}.{key}"))
    ports = enumerate(read_list(rule.get("ports"), f"{path}.ports"))
    return Rule(
        direction,
        index + 1,
        tuple(_read_peer(peer, f"{path}.{key}[{number}]") for number, peer in peers),
        tuple(read_policy_port(port, f"{path}.ports[{number}]") for number, port in ports),
    )


def _read_peer(entry: object, path: str) -> PolicyPeer:
    peer = read_mapping({} if entry is None else entry, path)
    refuse_unknown(peer, ("podSelector", "namespaceSelector", "ipBlock"), path)
    given = {key for key, value in peer.items() if value is not None}
    if not given:
        raise ValueProblem(f"{path}: must have a podSelector, a namespaceSelector or an ipBlock")
    if "ipBlock" in given and len(given) > 1:
        raise ValueProblem(f"{path}: an ipBlock stands alone; there can be no selector beside it")
    if "ipBlock" in given:
        return PolicyPeer(None, None, read_ip_block(peer["ipBlock"], f"{path}.ipBlock"))
    pods = namespaces = None
    if "podSelector" in given:
        pods = _read_pod_selector(peer["podSelector"], f"{path}.podSelector")
    if "namespaceSelector" in given:
        namespaces = read_selector(peer["namespaceSelector"], f"{path}.namespaceSelector")
    return PolicyPeer(pods, namespaces, None)


def read_ip_block(entry: object, path: str) -> IpBlock:
    """A block and its exceptions. Raises ValueProblem."""
    block = read_mapping(entry, path)
    refuse_unknown(block, ("cidr", "except"), path)
    network = read_cidr(block.get("cidr"), f"{path}.cidr")
    excepts = []
    for number, value in enumerate(read_list(block.get("except"), f"{path}.except")):
        hole = read_cidr(value, f"{path}.except[{number}]")
        if hole == network or not _inside(hole, network):
            raise ValueProblem(f"{path}.except[{number}]: {hole} must lie in {network} and be smaller")
        excepts.append(hole)
    return IpBlock(network, tuple(excepts))


def _inside(small: Network, large: Network) -> bool:
    return small.network_address in large and small.broadcast_address in large


def read_policy_port(entry: object, path: str) -> PolicyPort:
    port = read_mapping({} if entry is None else entry, path)
    refuse_unknown(port, ("protocol", "port", "endPort"), path)
    protocol = read_protocol(port.get("protocol"), f"{path}.protocol")
    first, last = port.get("port"), port.get("endPort")
    if last is not None and (first is None or isinstance(first, str)):
        raise ValueProblem(f"{path}.endPort: needs a port that is a number")
    if first is None:
        return PolicyPort("", PortRange(protocol, 1, LAST_PORT))
    if isinstance(first, str):
        return PolicyPort(read_port_name(first, f"{path}.port"), PortRange(protocol, 0, 0))
    first = read_port(first, f"{path}.port")
    last = first if last is None else read_port(last, f"{path}.endPort")
    if last < first:
        raise ValueProblem(f"{path}.endPort: {last} must not be smaller than port {first}")
    return PolicyPort("", PortRange(protocol, first, last))


def _read_pod_selector(value: object, path: str) -> Selector:
    selector = read_selector(value, path)
    for requirement in selector:
        if requirement.key in _GENERATED:
            advice = "select a label of the pod template"
            raise ValueProblem(f"{path}: {requirement.key} is set by the cluster, not by the manifest; {advice}")
    return selector


def read_selector(value: object, path: str) -> Selector:
    """A label selector; null is the empty one. Raises ValueProblem."""
    selector = read_mapping({} if value is None else value, path)
    refuse_unknown(selector, ("matchLabels", "matchExpressions"), path)
    labels = read_labels(selector.get("matchLabels"), f"{path}.matchLabels")
    found = [Requirement(key, "In", frozenset({label})) for key, label in labels.items()]
    for index, entry in enumerate(read_list(selector.get("matchExpressions"), f"{path}.matchExpressions")):
        found.append(_read_requirement(entry, f"{path}.matchExpressions[{index}]"))
    return tuple(found)


def _read_requirement(entry: object, path: str) -> Requirement:
    expression = read_mapping(entry, path)
    refuse_unknown(expression, ("key", "operator", "values"), path)
    key, operator = expression.get("key"), expression.get("operator")
    values = read_list(expression.get("values"), f"{path}.values")
    if not isinstance(key, str) or not key:
        raise ValueProblem(f"{path}.key: must be the name of a label, not {key!r}")
    if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
        raise ValueProblem(f"{path}.operator: must be In, NotIn, Exists or DoesNotExist, not {operator!r}")
    if not all(isinstance(one, str) for one in values):
        raise ValueProblem(f"{path}.values: must be strings; put numbers and booleans in quotes")
    if bool(values) != (operator in ("In", "NotIn")):
        raise ValueProblem(f"{path}.values: must {'' if values else 'not '}be empty with {operator}")
    return Requirement(key, str(operator), frozenset(values))
