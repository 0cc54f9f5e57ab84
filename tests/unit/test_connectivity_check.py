"""Parts of policies that do nothing, and parts that the VPC CNI plugin does otherwise than the API says."""

from typing import Any

from connectivity_cluster import Manifest, block, container, deployment, namespace, pods, policy, spaces

from trading_platform.connectivity import dangling, load, vpc_cni_gaps


def found(*manifests: Manifest, **options: Any) -> list[str]:
    return dangling(load(manifests, **options))


def into(*peers: Manifest, ports: list[Any] | None = None) -> Manifest:
    return policy("p", {"app": "a"}, ingress=[_rule("from", peers, ports)])


def out(*peers: Manifest, ports: list[Any] | None = None) -> Manifest:
    return policy("p", {"app": "a"}, policyTypes=["Egress"], egress=[_rule("to", peers, ports)])


def _rule(key: str, peers: tuple[Manifest, ...], ports: list[Any] | None) -> Manifest:
    rule: Manifest = {key: list(peers)} if peers else {}
    return rule | ({"ports": ports} if ports else {})


A = deployment("a", ports=[("http", 80)])
B = deployment("b", ports=[("sql", 5432), ("dns", 53, "UDP")])
AGENT = deployment("agent", hostNetwork=True)


def test_nothing_dangles_where_everything_is_there() -> None:
    assert found(A, B, into(pods(app="b"), ports=[{"port": 80}, {"port": "http"}])) == []
    assert (
        found(
            A,
            B,
            out(
                pods(app="b"), ports=[{"port": "sql"}, {"port": 53, "protocol": "UDP"}, {"port": 5000, "endPort": 6000}]
            ),
        )
        == []
    )
    assert found(A, policy("deny", policyTypes=["Ingress", "Egress"])) == []
    assert found(A, into(block("10.0.0.0/8"), ports=[{"port": 80}]), policy("all", egress=[{}])) == []


def test_policies_that_select_no_workload() -> None:
    assert found(A, policy("p", {"app": "x"})) == ["NetworkPolicy default/p: selects no workload"]
    assert found(A, policy("p", None, "empty")) == ["NetworkPolicy empty/p: selects no workload"]
    assert found(AGENT, policy("p", {"app": "agent"})) == [
        "NetworkPolicy default/p: selects only workloads on the host's network, where policies do not apply: agent"
    ]
    assert found(AGENT, A, policy("p")) == []


def test_peers_that_select_nothing() -> None:
    far = deployment("far", "other")
    where = "NetworkPolicy default/p ingress rule 1: peer 2"
    assert found(A, B, far, into(pods(app="b"), pods(app="far"))) == [f"{where} selects no workload"]
    assert found(A, B, far, into(pods(app="b"), spaces(team="x"))) == [f"{where} selects no namespace"]
    empty = namespace("void", team="x")
    assert found(A, B, empty, into(pods(app="b"), spaces(team="x"))) == [f"{where} selects no workload"]
    assert found(A, B, AGENT, into(pods(app="b"), pods(app="agent"))) == [
        f"{where} selects only workloads on the host's network, which policies know by address: agent"
    ]


def test_ports_that_nobody_has() -> None:
    where = "NetworkPolicy default/p ingress rule 1:"
    assert found(A, B, into(ports=[{"port": 81}])) == [f"{where} none of a has a container port tcp/81"]
    assert found(A, B, into(ports=[{"port": "sql"}])) == [f"{where} none of a has a container port tcp/sql"]
    assert found(A, B, into(ports=[{"port": 80, "protocol": "UDP"}])) == [
        f"{where} none of a has a container port udp/80"
    ]
    assert found(A, B, into(ports=[{"port": 81, "endPort": 90}])) == [
        f"{where} none of a has a container port tcp/81-90"
    ]
    assert found(A, B, into(ports=[{"protocol": "SCTP"}])) == [f"{where} none of a has a container port sctp/all"]
    where = "NetworkPolicy default/p egress rule 1:"
    assert found(A, B, out(pods(app="b"), ports=[{"port": 80}])) == [f"{where} none of b has a container port tcp/80"]
    assert found(A, B, out({"podSelector": {}}, ports=[{"port": 81}])) == [
        f"{where} none of a, b has a container port tcp/81"
    ]
    assert found(A, B, out(ports=[{"port": "x"}])) == [f"{where} none of a, b has a container port tcp/x"]
    # One of several is enough, and what listens outside the cluster is not known.
    assert found(A, B, policy("p", ingress=[{"ports": [{"port": 80}]}])) == []
    assert found(A, B, out(pods(app="b"), block("10.0.0.0/8"), ports=[{"port": 9}])) == []
    assert found(A, B, out(ports=[{"port": 9}])) == []


def test_port_names_for_addresses() -> None:
    assert found(A, B, out(pods(app="b"), block("10.0.0.0/8"), ports=[{"port": "sql"}])) == [
        "NetworkPolicy default/p egress rule 1: the port name sql means nothing for an ipBlock; write a number"
    ]
    assert found(A, B, into(block("10.0.0.0/8"), ports=[{"port": "http"}])) == []


def test_rules_without_effect() -> None:
    idle = policy("p", policyTypes=["Ingress"], ingress=[{}], egress=[{}, {"ports": [{"port": 9}]}])
    assert found(A, idle) == [
        f"NetworkPolicy default/p: egress rule {number} has no effect: policyTypes does not have Egress"
        for number in (1, 2)
    ]


def test_blocks_that_hold_some_of_the_pods() -> None:
    some = out(block("100.64.0.0/17"))
    assert found(A, some) == []
    assert found(A, some, pod_cidrs=["100.64.0.0/17"]) == []
    assert found(A, some, pod_cidrs=["10.1.0.0/16"]) == []
    assert found(A, some, pod_cidrs=["100.64.0.0/16"]) == [
        "NetworkPolicy default/p egress rule 1: peer 1 (100.64.0.0/17) opens the pods that happen to have such an "
        "address, and not those in 100.64.128.0/17"
    ]


# The VPC CNI plugin


def gaps(*manifests: Manifest) -> list[str]:
    return vpc_cni_gaps(load(manifests))


def service(name: str, selector: dict[str, str], **port: Any) -> Manifest:
    spec = {"selector": selector, "ports": [{"port": 80} | port]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def test_named_ports_beside_addresses_and_without_peers() -> None:
    where = "NetworkPolicy default/p ingress rule 1: the port name http opens nothing"
    assert gaps(A, into(pods(app="b"), block("10.0.0.0/8"), ports=[{"port": "http"}])) == [
        f"{where} beside an ipBlock; write a number"
    ]
    assert gaps(A, into(ports=[{"port": 80}, {"port": "http"}])) == [f"{where} in a rule without peers; write a number"]
    assert gaps(A, into(pods(app="b"), ports=[{"port": "http"}])) == []
    assert gaps(A, into(block("10.0.0.0/8"), ports=[{"port": 80}])) == []


def test_named_ports_that_differ_between_the_selected_pods() -> None:
    other = deployment("other", ports=[("http", 8080)])
    into_all = policy("p", ingress=[{"from": [pods(app="b")], "ports": [{"port": "http"}]}])
    assert gaps(A, B, other, into_all) == [
        "NetworkPolicy default/p ingress rule 1: the port name http opens each of 80, 8080 on every selected pod; "
        "write a policy for each"
    ]
    assert gaps(A, B, into_all) == []
    # What the name means on the sources of an egress rule does not matter.
    out_of_all = policy("p", policyTypes=["Egress"], egress=[{"to": [pods(app="a")], "ports": [{"port": "http"}]}])
    assert gaps(A, other, out_of_all) == []


def test_services_whose_selector_lacks_what_the_rule_asks_for() -> None:
    web = deployment("web", labels={"app": "web", "tier": "front"})
    narrow = out(pods(app="web", tier="front"), ports=[{"port": "http"}])
    text = (
        "NetworkPolicy default/p egress rule 1: does not open Service default/web: "
        "the podSelector of peer 1 asks for labels that the selector of the Service does not have"
    )
    assert gaps(A, web, narrow, service("web", {"app": "web"})) == [text]
    assert gaps(A, web, narrow, service("web", {"app": "web"}, targetPort="http")) == [text]
    # The Service has all of them, leads elsewhere, or to another port; or it has no address of its own.
    assert gaps(A, web, narrow, service("web", {"app": "web", "tier": "front"})) == []
    assert gaps(A, web, out(pods(app="web")), service("web", {"app": "web"})) == []
    assert gaps(A, web, narrow, service("b", {"app": "b"})) == []
    assert gaps(A, web, narrow, service("web", {"app": "web"}, targetPort=81)) == []
    headless = service("web", {"app": "web"})
    headless["spec"]["clusterIP"] = "None"
    assert gaps(A, web, narrow, headless) == []
    elsewhere = service("web", {"app": "web"})
    elsewhere["metadata"]["namespace"] = "other"
    assert gaps(A, web, narrow, elsewhere) == []


def test_pods_without_a_controller_get_no_policies() -> None:
    bare: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare", "labels": {"app": "a"}},
        "spec": {"containers": [container([("http", 80)])]},
    }
    assert gaps(A, bare, into()) == ["NetworkPolicy default/p: does not apply to pods without a controller: bare"]
