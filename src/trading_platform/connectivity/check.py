"""Find parts of policies that do nothing, and parts that the VPC CNI plugin does otherwise than the API says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trading_platform.connectivity.evaluate import peer_workloads, peers_of, resolve, selected_by
from trading_platform.connectivity.model import (
    EGRESS,
    INGRESS,
    Policy,
    PolicyPeer,
    PolicyPort,
    Rule,
    Service,
    Workload,
    selects,
)
from trading_platform.connectivity.read import Cluster


def dangling(cluster: Cluster) -> list[str]:
    """What policies name and the cluster does not have, one sentence each; [] when everything has an effect.

    That is: policies that select no workload, peers that select nothing, ports that no selected pod declares, rules of
    a direction that policyTypes leaves out, port names where only addresses are meant, and ipBlocks that hold some of
    the addresses of pods (`pod_cidrs`), so that it is chance which pods they open.
    """
    found: list[str] = []
    for policy in cluster.policies:
        found += [f"NetworkPolicy {policy}: {problem}" for problem in _policy_problems(cluster, policy)]
        for rule in policy.rules:
            where = f"NetworkPolicy {policy} {rule.direction} rule {rule.number}"
            found += [f"{where}: {problem}" for problem in _rule_problems(cluster, policy, rule)]
    return found


def _policy_problems(cluster: Cluster, policy: Policy) -> Iterator[str]:
    selected = selected_by(policy, cluster.workloads)
    if not selected:
        yield "selects no workload"
    elif all(workload.host_network for workload in selected):
        yield f"selects only workloads on the host's network, where policies do not apply: {_listed(selected)}"
    for rule in policy.idle:
        yield f"{rule.direction} rule {rule.number} has no effect: policyTypes does not have {rule.direction.title()}"


def _rule_problems(cluster: Cluster, policy: Policy, rule: Rule) -> Iterator[str]:
    for number, peer in enumerate(rule.peers, 1):
        problem = _block_problem(cluster, peer) if peer.block else _peer_problem(cluster, policy, peer)
        if problem:
            yield f"peer {number} {problem}"
    blocks = any(peer.block for peer in rule.peers)
    destinations = _destinations(cluster, policy, rule)
    for port in rule.ports:
        if rule.direction == EGRESS and port.name and blocks:
            yield f"the port name {port.name} means nothing for an ipBlock; write a number"
        elif rule.direction == EGRESS and not port.name and (blocks or not rule.peers):
            continue  # what listens outside the cluster is not known
        elif destinations and not any(_declares(workload, port) for workload in destinations):
            yield f"none of {_listed(destinations)} has a container port {_port_text(port)}"


def _destinations(cluster: Cluster, policy: Policy, rule: Rule) -> list[Workload]:
    pods = [workload for workload in cluster.workloads if not workload.host_network]
    if rule.direction == INGRESS:
        return selected_by(policy, pods)
    return sorted(peers_of(cluster, policy, rule, pods)[0], key=lambda workload: workload.sort_key)


def _block_problem(cluster: Cluster, peer: PolicyPeer) -> str:
    if peer.block is None:
        return ""
    mask = cluster.space.mask([peer.block.network], peer.block.excepts)
    left = cluster.pod_addresses & ~mask
    if not mask & cluster.pod_addresses or not left:
        return ""
    return f"({peer.block.network}) opens the pods that happen to have such an address, and not those in " + (
        cluster.space.text(left)
    )


def _peer_problem(cluster: Cluster, policy: Policy, peer: PolicyPeer) -> str:
    if peer.namespaces is not None and not any(selects(peer.namespaces, own) for own in cluster.namespaces.values()):
        return "selects no namespace"
    selected = list(peer_workloads(cluster, policy, peer, cluster.workloads))
    if not selected:
        return "selects no workload"
    if all(workload.host_network for workload in selected):
        return f"selects only workloads on the host's network, which policies know by address: {_listed(selected)}"
    return ""


def _declares(workload: Workload, port: PolicyPort) -> bool:
    return any(
        own.protocol == port.range.protocol
        and (own.name == port.name if port.name else port.range.first <= own.number <= port.range.last)
        for own in workload.ports
    )


def _port_text(port: PolicyPort) -> str:
    return f"{port.range.protocol.lower()}/{port.name}" if port.name else str(port.range)


def _listed(workloads: Sequence[Workload]) -> str:
    return ", ".join(str(workload) for workload in workloads)


def vpc_cni_gaps(cluster: Cluster) -> list[str]:
    """Where the VPC CNI plugin of EKS does not do what the API says, one sentence each; [] when it does.

    Its controller turns policies into lists of addresses, and its agent sees a pod's packets before a Service's address
    is replaced by that of a pod:

    - A named port in a rule without peers, or beside an ipBlock, opens nothing.
    - A named port of an ingress rule opens every number that the name has on any selected pod.
    - Egress to the address of a Service is open only if the rule's podSelector also holds for the selector of the
      Service taken as labels.
    - Pods without a controller get no policies.

    https://github.com/aws/amazon-network-policy-controller-k8s/blob/main/pkg/resolvers/endpoints.go and
    https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html#cni-network-policy-considerations
    """
    found: list[str] = []
    pods = [workload for workload in cluster.workloads if not workload.host_network]
    for policy in cluster.policies:
        selected = selected_by(policy, pods)
        bare = [workload for workload in selected if workload.kind == "Pod"]
        if bare:
            found.append(f"NetworkPolicy {policy}: does not apply to pods without a controller: {_listed(bare)}")
        for rule in policy.rules:
            where = f"NetworkPolicy {policy} {rule.direction} rule {rule.number}"
            found += [f"{where}: {gap}" for gap in _named_port_gaps(rule, selected)]
            if rule.direction == EGRESS:
                found += [f"{where}: {gap}" for gap in _service_gaps(cluster, policy, rule, pods)]
    return found


def _named_port_gaps(rule: Rule, selected: Sequence[Workload]) -> Iterator[str]:
    for port in rule.ports:
        if not port.name:
            continue
        if not rule.peers or any(peer.block for peer in rule.peers):
            peers = "beside an ipBlock" if rule.peers else "in a rule without peers"
            yield f"the port name {port.name} opens nothing {peers}; write a number"
        numbers = {
            own.number
            for workload in selected
            for own in workload.ports
            if (own.name, own.protocol) == (port.name, port.range.protocol)
        }
        if rule.direction == INGRESS and len(numbers) > 1:
            listed = ", ".join(str(number) for number in sorted(numbers))
            yield f"the port name {port.name} opens each of {listed} on every selected pod; write a policy for each"


def _service_gaps(cluster: Cluster, policy: Policy, rule: Rule, pods: Sequence[Workload]) -> Iterator[str]:
    for number, peer in enumerate(rule.peers, 1):
        if peer.block or not peer.pods:
            continue
        reached = list(peer_workloads(cluster, policy, peer, pods))
        for service in cluster.services:
            if not selects(peer.pods, service.selector) and any(_serves(service, one, rule) for one in reached):
                yield (
                    f"does not open Service {service.namespace}/{service.name}: "
                    f"the podSelector of peer {number} asks for labels that the selector of the Service does not have"
                )


def _serves(service: Service, workload: Workload, rule: Rule) -> bool:
    """Whether the Service leads to this workload on a port that the rule opens."""
    if workload.namespace != service.namespace:
        return False
    if any(workload.labels.get(key) != value for key, value in service.selector.items()):
        return False
    targets = [
        (own.protocol, own.number)
        for port in service.ports
        for own in workload.ports
        if own.protocol == port.protocol and port.target in (own.name, own.number)
    ]
    opened = resolve(rule, workload)
    return any(
        ports.protocol == protocol and ports.first <= target <= ports.last
        for ports in opened
        for protocol, target in targets
    )
