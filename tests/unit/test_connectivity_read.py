"""What is wrong in manifests and endpoints: where, what, and what is allowed."""

from typing import Any

import pytest
from connectivity_cluster import Manifest, Reach, block, container, deployment, namespace, pods, policy

from trading_platform.connectivity import ConnectivityError, load


def problems(*manifests: Any, **options: Any) -> list[str]:
    with pytest.raises(ConnectivityError) as caught:
        load(manifests, **options)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


def job(name: str, **metadata: Any) -> Manifest:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container()]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name} | metadata,
        "spec": {"template": template},
    }


def owned(manifest: Manifest, kind: str, name: str) -> Manifest:
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": True}
    return manifest | {"metadata": manifest["metadata"] | {"ownerReferences": [owner]}}


def one_policy(**spec: Any) -> Manifest:
    return policy("p") | {"spec": spec}


def rule(**spec: Any) -> Manifest:
    return one_policy(ingress=[spec])


SELECTOR = "must be a mapping, not 'x'"


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        (
            one_policy(podselector={}),
            "spec.podselector: is unknown; there are podSelector, policyTypes, ingress, egress",
        ),
        (one_policy(policyTypes=["ingress"]), "spec.policyTypes: must be Ingress or Egress, not 'ingress'"),
        (one_policy(policyTypes="Ingress"), "spec.policyTypes: must be a list, not 'Ingress'"),
        (one_policy(policyTypes=["Ingress"] * 3), "spec.policyTypes: must not have more than two entries"),
        (one_policy(ingress={}), "spec.ingress: must be a list, not {}"),
        (one_policy(podSelector="x"), f"spec.podSelector: {SELECTOR}"),
        (one_policy(egress=[{"from": []}]), "spec.egress[0].from: is unknown; there are to, ports"),
        (rule(to=[]), "spec.ingress[0].to: is unknown; there are from, ports"),
        (rule(port=80), "spec.ingress[0].port: is unknown; there are from, ports"),
        (rule(**{"from": {}}), "spec.ingress[0].from: must be a list, not {}"),
        (
            rule(**{"from": [None]}),
            "spec.ingress[0].from[0]: must have a podSelector, a namespaceSelector or an ipBlock",
        ),
        (rule(**{"from": [{}]}), "spec.ingress[0].from[0]: must have a podSelector, a namespaceSelector or an ipBlock"),
        (
            rule(**{"from": [{"podSelector": None}]}),
            "spec.ingress[0].from[0]: must have a podSelector, a namespaceSelector or an ipBlock",
        ),
        (
            rule(**{"from": [{"podselector": {}}]}),
            "spec.ingress[0].from[0].podselector: is unknown; there are podSelector, namespaceSelector, ipBlock",
        ),
        (
            rule(**{"from": [block("10.0.0.0/8") | pods(app="x")]}),
            "spec.ingress[0].from[0]: an ipBlock stands alone; there can be no selector beside it",
        ),
        (
            rule(**{"from": [{"podSelector": {"matchlabels": {"app": "x"}}}]}),
            "spec.ingress[0].from[0].podSelector.matchlabels: is unknown; there are matchLabels, matchExpressions",
        ),
        (
            rule(**{"from": [pods(app=1)]}),  # type: ignore[arg-type]
            "spec.ingress[0].from[0].podSelector.matchLabels.app: must be a string, not 1; "
            "put numbers and booleans in quotes",
        ),
        (
            rule(**{"from": [{"podSelector": {"matchLabels": {"pod-template-hash": "x"}}}]}),
            "spec.ingress[0].from[0].podSelector: pod-template-hash is set by the cluster, not by the manifest; "
            "select a label of the pod template",
        ),
    ],
)
def test_wrong_policies(manifest: Manifest, problem: str) -> None:
    assert problems(manifest) == [f"NetworkPolicy default/p: {problem}"]


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("x", f": {SELECTOR}"),
        ({"operator": "Exists"}, ".key: must be the name of a label, not None"),
        (
            {"key": "a", "operator": "in", "values": ["b"]},
            ".operator: must be In, NotIn, Exists or DoesNotExist, not 'in'",
        ),
        ({"key": "a", "operator": "In"}, ".values: must not be empty with In"),
        ({"key": "a", "operator": "NotIn", "values": []}, ".values: must not be empty with NotIn"),
        ({"key": "a", "operator": "Exists", "values": ["b"]}, ".values: must be empty with Exists"),
        (
            {"key": "a", "operator": "In", "values": [True]},
            ".values: must be strings; put numbers and booleans in quotes",
        ),
        ({"key": "a", "operator": "In", "value": ["b"]}, ".value: is unknown; there are key, operator, values"),
    ],
)
def test_wrong_match_expressions(expression: Any, problem: str) -> None:
    found = problems(one_policy(podSelector={"matchExpressions": [expression]}))
    assert found == [f"NetworkPolicy default/p: spec.podSelector.matchExpressions[0]{problem}"]


@pytest.mark.parametrize(
    ("port", "problem"),
    [
        (80, ": must be a mapping, not 80"),
        ({"port": 0}, ".port: must be a number from 1 to 65535, not 0"),
        ({"port": 65536}, ".port: must be a number from 1 to 65535, not 65536"),
        ({"port": True}, ".port: must be a number from 1 to 65535, not True"),
        ({"port": 80.0}, ".port: must be a number from 1 to 65535, not 80.0"),
        ({"port": "80"}, ".port: '80' is not the name of a port: write a number without quotes"),
        (
            {"port": "HTTP"},
            ".port: 'HTTP' is not the name of a port: "
            "a-z, 0-9 and single dashes between them, with a letter, at most 15 characters",
        ),
        ({"port": 80, "protocol": "tcp"}, ".protocol: must be TCP, UDP or SCTP, not 'tcp'"),
        ({"port": 80, "endPort": 79}, ".endPort: 79 must not be smaller than port 80"),
        ({"port": 80, "endPort": 70000}, ".endPort: must be a number from 1 to 65535, not 70000"),
        ({"port": "http", "endPort": 80}, ".endPort: needs a port that is a number"),
        ({"endPort": 80}, ".endPort: needs a port that is a number"),
        ({"port": 80, "endport": 90}, ".endport: is unknown; there are protocol, port, endPort"),
    ],
)
def test_wrong_ports(port: Any, problem: str) -> None:
    assert problems(rule(ports=[{"port": 1}, port])) == [f"NetworkPolicy default/p: spec.ingress[0].ports[1]{problem}"]


@pytest.mark.parametrize("name", ["a-b", "x1", "1x", "abcdefghijklmno", "h2c"])
def test_right_names_of_ports(name: str) -> None:
    assert load([rule(ports=[{"port": name}])]).policies


@pytest.mark.parametrize("name", ["-a", "a-", "a--b", "abcdefghijklmnop", "a_b", "12", ""])
def test_wrong_names_of_ports(name: str) -> None:
    assert f"{name!r} is not the name of a port" in problems(rule(ports=[{"port": name}]))[0]


IN_10 = "must lie in 10.0.0.0/8 and be smaller"


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ({"cidr": "10.0.0.0/33"}, ".cidr: '10.0.0.0/33' is not a CIDR block such as 10.0.0.0/16"),
        ({"cidr": "10.0.0.1"}, ".cidr: must be a CIDR block such as 10.0.0.0/16, not '10.0.0.1'"),
        ({"cidr": "10.0.0.0/255.0.0.0"}, ".cidr: must be a CIDR block such as 10.0.0.0/16, not '10.0.0.0/255.0.0.0'"),
        ({"cidr": "10.0.0.1/8"}, ".cidr: 10.0.0.1/8 has bits beyond its prefix; the block is 10.0.0.0/8"),
        ({"cidr": "::ffff:a00:0/104"}, ".cidr: ::ffff:a00:0/104 is an IPv4 block written as IPv6; write it as IPv4"),
        ({}, ".cidr: must be a CIDR block such as 10.0.0.0/16, not None"),
        ({"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}, f".except[0]: 11.0.0.0/16 {IN_10}"),
        ({"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}, f".except[0]: 10.0.0.0/8 {IN_10}"),
        ({"cidr": "10.0.0.0/8", "except": ["10.0.0.0/7"]}, f".except[0]: 10.0.0.0/7 {IN_10}"),
        ({"cidr": "10.0.0.0/8", "except": ["::/1"]}, f".except[0]: ::/1 {IN_10}"),
        ({"cidr": "10.0.0.0/8", "except": "10.1.0.0/16"}, ".except: must be a list, not '10.1.0.0/16'"),
        ({"cidr": "10.0.0.0/8", "excepts": []}, ".excepts: is unknown; there are cidr, except"),
    ],
)
def test_wrong_ip_blocks(own: Any, problem: str) -> None:
    found = problems(rule(**{"from": [{"ipBlock": own}]}))
    assert found == [f"NetworkPolicy default/p: spec.ingress[0].from[0].ipBlock{problem}"]


def test_everything_wrong_is_said_at_once() -> None:
    wrong = one_policy(ingress=[{"ports": [{"port": 0}]}, {}, {"from": [{}]}], policyTypes=["x"])
    found = problems(wrong, deployment("a", hostNetwork="yes"), "text", endpoints={"e": []}, pod_cidrs=["x"])
    assert [line.split(": ")[:2] for line in found] == [
        ["document 3", "must be a mapping with apiVersion and kind, not a str"],
        ["NetworkPolicy default/p", "spec.ingress[0].ports[0].port"],
        ["NetworkPolicy default/p", "spec.ingress[2].from[0]"],
        ["NetworkPolicy default/p", "spec.policyTypes"],
        ["Deployment default/a", "spec.template.spec.hostNetwork"],
        ["endpoints.e", "must be a list of CIDR blocks, or of mappings with cidr and except, not []"],
        ["pod_cidrs[0]", "must be a CIDR block such as 10.0.0.0/16, not 'x'"],
    ]


def test_what_is_there_twice_is_refused() -> None:
    assert problems(deployment("a"), deployment("a")) == ["Deployment default/a: is given twice"]
    assert problems(policy("a"), policy("a")) == ["NetworkPolicy default/a: is given twice"]
    assert problems(namespace("a"), namespace("a")) == ["Namespace a: is given twice"]
    # Without a namespace it is in the default one.
    assert problems(job("a"), job("a", namespace="n"), namespace="n") == ["Job n/a: is given twice"]
    assert load([deployment("a"), deployment("a", "other"), job("a")])


def test_what_contradicts_itself_is_refused() -> None:
    wrong = namespace("a", **{"kubernetes.io/metadata.name": "b"})
    assert problems(wrong) == ["Namespace a: metadata.labels.kubernetes.io/metadata.name: must be a, not b"]
    loose = deployment("a")
    loose["spec"]["selector"] = {"matchLabels": {"app": "b"}}
    assert problems(loose) == [
        "Deployment default/a: spec.selector: does not select the labels in spec.template.metadata.labels"
    ]
    twice = deployment("a", ports=[("http", 80)], initContainers=[container([("http", 81)], restartPolicy="Always")])
    assert problems(twice) == [
        "Deployment default/a: spec.template.spec: the port name http stands for both 80 and 81 of TCP"
    ]
    # The same name for two protocols is fine, and so is the same port in two containers.
    again = container([("dns", 53)], restartPolicy="Always")
    assert load([deployment("a", ports=[("dns", 53), ("dns", 54, "UDP")], initContainers=[again])])


def template(**pod_spec: Any) -> Manifest:
    return {"spec": {"template": {"metadata": {"labels": {}}, "spec": pod_spec}}}


CONTAINER = "spec.template.spec.containers[0]"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"spec": None}, "spec: is missing"),
        ({"spec": {}}, "spec.template: is missing"),
        (
            {"spec": {"template": {"metadata": {"labels": {"app": 1}}}}},
            "spec.template.metadata.labels.app: must be a str",
        ),
        ({"spec": {"template": {"metadata": {}}}}, "spec.template.spec: is missing"),
        (template(containers={}), "spec.template.spec.containers: must be a list, not {}"),
        (template(containers=["x"]), f"{CONTAINER}: must be a mapping, not 'x'"),
        (
            template(containers=[container([("http", 0)])]),
            f"{CONTAINER}.ports[0].containerPort: must be a number from 1",
        ),
        (template(containers=[container([("A", 1)])]), f"{CONTAINER}.ports[0].name: 'A' is not the name of a port"),
        (
            template(containers=[container([("a", 1, "tcp")])]),
            f"{CONTAINER}.ports[0].protocol: must be TCP, UDP or SCTP",
        ),
        ({"metadata": {}}, "metadata: must have a name, and a namespace or none, that are strings"),
        ({"metadata": {"name": "a", "namespace": 1}}, "metadata: must have a name, and a namespace or none, that are"),
    ],
)
def test_wrong_workloads(change: Manifest, problem: str) -> None:
    (found,) = problems(deployment("a") | change)
    assert problem in found


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("projectcalico.org/v3", "GlobalNetworkPolicy"),
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
        ("extensions/v1beta1", "NetworkPolicy"),
    ],
)
def test_other_network_policies_are_refused_because_they_change_what_is_allowed(version: str, kind: str) -> None:
    manifest = {"apiVersion": version, "kind": kind, "metadata": {"name": "p"}, "spec": {}}
    assert problems(manifest) == [
        f"{kind} default/p: {version} is not evaluated, and would change what is allowed; "
        "only NetworkPolicy of networking.k8s.io/v1 is"
    ]


def test_other_kinds_lists_and_empty_documents() -> None:
    others = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}},
        {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "s"}},
        {"apiVersion": "example.com/v1", "kind": "Deployment", "metadata": {"name": "d"}},
    ]
    items = {"apiVersion": "v1", "kind": "List", "items": [deployment("a"), None, policy("p", ingress=[])]}
    reach = Reach(None, items, *others)  # type: ignore[arg-type]
    assert [str(workload) for workload in reach.cluster.workloads] == ["a"]
    assert not reach("203.0.113.9", "a")


def test_what_a_controller_made_is_part_of_it() -> None:
    """As in `kubectl get deployments,replicasets,pods -o yaml`."""
    replicas = owned(deployment("a-5f"), "Deployment", "a") | {"kind": "ReplicaSet"}
    pod: Manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a-5f-x"}, "spec": {"containers": []}}
    found = load([owned(pod, "ReplicaSet", "a-5f"), replicas, deployment("a")])
    assert [workload.identity for workload in found.workloads] == ["default/Deployment/a"]
    # The controller must be there.
    assert [workload.identity for workload in load([owned(pod, "ReplicaSet", "b-1")]).workloads] == [
        "default/Pod/a-5f-x"
    ]


@pytest.mark.parametrize(
    ("endpoints", "problem"),
    [
        (["x"], "endpoints: must be a mapping of name to CIDR blocks, not ['x']"),
        (
            {"e": "10.0.0.0/8"},
            "endpoints.e: must be a list of CIDR blocks, or of mappings with cidr and except, not '10.",
        ),
        ({"e": []}, "endpoints.e: must be a list of CIDR blocks, or of mappings with cidr and except, not []"),
        ({"e": None}, "endpoints.e: must be a list of CIDR blocks, or of mappings with cidr and except, not None"),
        (
            {"e": {"cidr": "10.0.0.0/8"}},
            "endpoints.e: must be a list of CIDR blocks, or of mappings with cidr and except",
        ),
        ({"e": ["10.0.0.0/8", "x"]}, "endpoints.e[1].cidr: must be a CIDR block such as 10.0.0.0/16, not 'x'"),
        ({"e": [{"cidr": "10.0.0.0/8", "excepts": []}]}, "endpoints.e[0].excepts: is unknown; there are cidr, except"),
        ({"e": [{"cidr": "::/0", "except": ["::/1", "8000::/1"]}]}, "endpoints.e: except takes every address away"),
        ({1: ["10.0.0.0/8"]}, "endpoints.1: the name must be a string"),
    ],
)
def test_wrong_endpoints(endpoints: Any, problem: str) -> None:
    (found,) = problems(deployment("a"), endpoints=endpoints)
    assert found.startswith(problem)
