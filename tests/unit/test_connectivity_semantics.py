"""What the fields of a NetworkPolicy mean, one by one, as k8s.io/api/networking/v1/types.go says."""

from typing import Any

import pytest
from connectivity_cluster import Manifest, Reach, block, container, deployment, namespace, pods, policy, spaces

from trading_platform.connectivity import ConnectivityError, connections

OUTSIDE = "203.0.113.9"
OUTSIDE_6 = "2001:db8::9"


def test_without_policies_everything_connects() -> None:
    reach = Reach(deployment("a"), deployment("b", "other"))
    assert reach.text() == sorted(
        f"{source} -> {destination} {protocol}/all"
        for source, destination in [
            *((source, destination) for source in "ab" for destination in "ab"),
            *((source, "any address") for source in "ab"),
            *(("any address", destination) for destination in "ab"),
        ]
        for protocol in ("sctp", "tcp", "udp")
    )
    assert reach(OUTSIDE_6, "a")


def test_isolation_is_per_direction() -> None:
    reach = Reach(deployment("a"), deployment("b"), policy("deny", {"app": "a"}, policyTypes=["Ingress"]))
    assert reach("a", "b")
    assert not reach("b", "a")
    reach = Reach(deployment("a"), deployment("b"), policy("deny", {"app": "a"}, policyTypes=["Egress"]))
    assert not reach("a", "b")
    assert reach("b", "a")


def test_both_sides_must_open_a_connection() -> None:
    deny = policy("deny", policyTypes=["Ingress", "Egress"])
    out = policy("out", {"app": "a"}, policyTypes=["Egress"], egress=[{"to": [pods(app="b")], "ports": [{"port": 1}]}])
    into = policy("into", {"app": "b"}, ingress=[{"from": [pods(app="a")], "ports": [{"port": 2}]}])
    workloads = (deployment("a"), deployment("b"))
    assert Reach(*workloads, deny, out).text() == []
    assert Reach(*workloads, deny, into).text() == []
    assert Reach(*workloads, deny, out, into).text() == []
    udp = {"from": [pods(app="a")], "ports": [{"port": 1, "protocol": "UDP"}]}
    assert Reach(*workloads, deny, out, policy("udp", {"app": "b"}, ingress=[udp])).text() == []
    both = policy("both", {"app": "b"}, ingress=[{"from": [pods(app="a")], "ports": [{"port": 1, "endPort": 9}]}])
    assert Reach(*workloads, deny, out, both).text() == ["a -> b tcp/1"]


def test_policies_add_up_and_none_takes_away() -> None:
    rules = [{"ports": [{"port": port}]} for port in (80, 81, 90)]
    one = policy("one", {"app": "a"}, ingress=rules[:1])
    two = policy("two", {"app": "a"}, ingress=rules[1:])
    reach = Reach(deployment("a"), deployment("b"), one, two, policy("none", ingress=[]))
    assert reach.ports("b", "a") == ["tcp/80-81", "tcp/90"]


@pytest.mark.parametrize(
    ("spec", "ingress", "egress"),
    [
        ({}, True, False),
        ({"policyTypes": []}, True, False),
        ({"ingress": [{}]}, True, False),
        ({"egress": []}, True, False),
        ({"egress": [{"ports": [{"port": 1}]}]}, True, True),
        ({"policyTypes": ["Egress"]}, False, True),
        ({"policyTypes": ["Ingress"], "egress": [{}]}, True, False),
        ({"policyTypes": ["Ingress", "Egress"]}, True, True),
    ],
)
def test_policy_types_default_to_ingress_and_to_egress_with_egress_rules(
    spec: Manifest, ingress: bool, egress: bool
) -> None:
    (only,) = Reach(deployment("a"), policy("p", **spec)).cluster.policies
    assert only.directions == {name for name, on in (("ingress", ingress), ("egress", egress)) if on}


@pytest.mark.parametrize("peers", [{}, {"from": None}, {"from": []}])
def test_a_rule_without_peers_is_about_everyone(peers: Manifest) -> None:
    reach = Reach(deployment("a"), deployment("b", "other"), policy("p", {"app": "a"}, ingress=[peers]))
    assert reach("b", "a")
    assert reach(OUTSIDE, "a")
    assert reach(OUTSIDE_6, "a")


@pytest.mark.parametrize("ports", [{}, {"ports": None}, {"ports": []}])
def test_a_rule_without_ports_is_about_every_port_of_every_protocol(ports: Manifest) -> None:
    reach = Reach(deployment("a"), policy("p", {"app": "a"}, ingress=[{"from": [block("10.0.0.0/8")], **ports}]))
    assert all(reach("10.1.1.1", "a", port, protocol) for port in (1, 65535) for protocol in ("TCP", "UDP", "SCTP"))


@pytest.mark.parametrize("rules", [{}, {"ingress": None}, {"ingress": []}])
def test_no_rules_let_nothing_in(rules: Manifest) -> None:
    reach = Reach(deployment("a"), deployment("b"), policy("p", {"app": "a"}, policyTypes=["Ingress"], **rules))
    assert not reach("b", "a")
    assert not reach(OUTSIDE, "a")


def test_one_rule_that_says_nothing_lets_everything_in() -> None:
    for rule in ({}, None):
        assert Reach(deployment("a"), policy("p", ingress=[rule]))(OUTSIDE, "a", 7, "SCTP")


PLACES = (
    namespace("one", team="x"),
    namespace("two", team="y"),
    deployment("near", "one", {"role": "client"}),
    deployment("near-other", "one", {"role": "other"}),
    deployment("far", "two", {"role": "client"}),
    deployment("far-other", "two", {"role": "other"}),
    deployment("server", "one", {"role": "server"}),
)


@pytest.mark.parametrize(
    ("peers", "sources"),
    [
        ([{"podSelector": {}}], {"near", "near-other", "server"}),
        ([{"podSelector": {"matchLabels": {}}}], {"near", "near-other", "server"}),
        ([pods(role="client")], {"near"}),
        ([{"namespaceSelector": {}}], {"near", "near-other", "server", "far", "far-other"}),
        ([spaces(team="y")], {"far", "far-other"}),
        ([spaces(team="y") | pods(role="client")], {"far"}),
        ([spaces(team="y"), pods(role="client")], {"near", "far", "far-other"}),
        ([{"namespaceSelector": {}, "podSelector": {}}], {"near", "near-other", "server", "far", "far-other"}),
        ([{"namespaceSelector": {}} | pods(role="client")], {"near", "far"}),
        ([spaces(team="z")], set()),
        ([{"namespaceSelector": None} | pods(role="client")], {"near"}),
    ],
)
def test_peers_by_selectors(peers: list[Manifest], sources: set[str]) -> None:
    reach = Reach(*PLACES, policy("p", {"role": "server"}, "one", ingress=[{"from": peers}]))
    names = {workload.name for workload in reach.cluster.workloads}
    assert {name for name in names if reach(name, "server")} == sources
    assert not reach(OUTSIDE, "server")


@pytest.mark.parametrize(
    ("expression", "sources"),
    [
        ({"key": "tier", "operator": "In", "values": ["web", "db"]}, {"web", "db"}),
        ({"key": "tier", "operator": "NotIn", "values": ["web"]}, {"db", "plain", "server"}),
        ({"key": "tier", "operator": "Exists"}, {"web", "db"}),
        ({"key": "tier", "operator": "DoesNotExist"}, {"plain", "server"}),
        ({"key": "tier", "operator": "DoesNotExist", "values": []}, {"plain", "server"}),
    ],
)
def test_match_expressions(expression: Manifest, sources: set[str]) -> None:
    reach = Reach(
        deployment("web", labels={"tier": "web"}),
        deployment("db", labels={"tier": "db"}),
        deployment("plain", labels={"other": "web"}),
        deployment("server", labels={"app": "server"}),
        policy("p", {"app": "server"}, ingress=[{"from": [{"podSelector": {"matchExpressions": [expression]}}]}]),
    )
    assert {name for name in ("web", "db", "plain", "server") if reach(name, "server")} == sources


def test_all_requirements_of_a_selector_must_hold() -> None:
    selector = {
        "matchLabels": {"tier": "web"},
        "matchExpressions": [
            {"key": "zone", "operator": "Exists"},
            {"key": "zone", "operator": "NotIn", "values": ["b"]},
        ],
    }
    reach = Reach(
        deployment("one", labels={"tier": "web", "zone": "a"}),
        deployment("two", labels={"tier": "web", "zone": "b"}),
        deployment("three", labels={"tier": "web"}),
        deployment("four", labels={"tier": "db", "zone": "a"}),
        deployment("server"),
        policy("p", {"app": "server"}, ingress=[{"from": [{"podSelector": selector}]}]),
    )
    assert [reach(name, "server") for name in ("one", "two", "three", "four")] == [True, False, False, False]


def test_every_namespace_has_its_name_as_a_label() -> None:
    own = "kubernetes.io/metadata.name"
    manifests = (
        namespace("listed", team="x"),
        deployment("a", "listed"),
        deployment("b", "mentioned"),
        deployment("server"),
    )
    for name, source in (("listed", "a"), ("mentioned", "b")):
        rule = {"from": [spaces(**{own: name})]}
        reach = Reach(*manifests, policy("p", {"app": "server"}, ingress=[rule]))
        assert {one for one in ("a", "b", "server") if reach(one, "server")} == {source}
    # A namespace without a manifest has no labels of its own.
    unlabelled = {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}}
    reach = Reach(*manifests, policy("p", {"app": "server"}, ingress=[{"from": [unlabelled]}]))
    assert {one for one in ("a", "b", "server") if reach(one, "server")} == {"b", "server"}


def ports_of(*ports: Manifest) -> list[str]:
    reach = Reach(deployment("a"), policy("p", {"app": "a"}, ingress=[{"from": [block("10.0.0.0/8")], "ports": ports}]))
    return [line.rpartition(" ")[2] for line in reach.text() if line.startswith("10.0.0.0/8 ->")]


def test_ports() -> None:
    assert ports_of({"port": 80}) == ["tcp/80"]
    assert ports_of({"port": 80, "protocol": None}) == ["tcp/80"]
    assert ports_of({"port": 80, "protocol": "UDP"}, {"port": 80, "protocol": "SCTP"}) == ["sctp/80", "udp/80"]
    assert ports_of({"protocol": "UDP"}) == ["udp/all"]
    assert ports_of({}) == ["tcp/all"]
    assert ports_of({"port": 80, "endPort": 90}, {"port": 91}, {"port": 85, "endPort": 86}) == ["tcp/80-91"]
    assert ports_of({"port": 80, "endPort": 80}) == ["tcp/80"]
    assert ports_of({"port": 1, "endPort": 65535}) == ["tcp/all"]
    assert ports_of({"protocol": "TCP"}, {"protocol": "UDP"}, {"protocol": "SCTP"}) == [
        "sctp/all",
        "tcp/all",
        "udp/all",
    ]


def test_a_named_port_is_looked_up_on_each_destination() -> None:
    one = deployment("one", labels={"serves": "yes", "app": "one"}, ports=[("http", 8080)])
    two = deployment("two", labels={"serves": "yes", "app": "two"}, ports=[("http", 9090), ("admin", 8080)])
    udp = deployment("udp", labels={"serves": "yes", "app": "udp"}, ports=[("http", 7070, "UDP")])
    none = deployment("none", labels={"serves": "yes", "app": "none"}, ports=[])
    into = policy("in", {"serves": "yes"}, ingress=[{"ports": [{"port": "http"}]}])
    out = policy("out", {"app": "c"}, policyTypes=["Egress"], egress=[{"ports": [{"port": "http"}]}])
    for added in ((into,), (out,)):
        reach = Reach(one, two, udp, none, deployment("c", ports=[]), *added)
        found = {name: reach.ports("c", name) for name in ("one", "two", "udp", "none")}
        assert found == {"one": ["tcp/8080"], "two": ["tcp/9090"], "udp": [], "none": []}
    # Addresses have no named ports.
    assert not any(reach("c", OUTSIDE, port) for port in (80, 8080, 9090))


def test_a_name_stands_for_the_port_of_the_same_protocol() -> None:
    dns = deployment("dns", ports=[("dns", 53, "UDP"), ("dns-tcp", 5353)])
    rule = {"ports": [{"port": "dns", "protocol": "UDP"}, {"port": "dns-tcp", "protocol": "UDP"}, {"port": "dns"}]}
    reach = Reach(dns, deployment("c"), policy("p", {"app": "dns"}, ingress=[rule]))
    assert reach.ports("c", "dns") == ["udp/53"]


def test_ports_of_sidecars_count_and_those_of_init_containers_do_not() -> None:
    sidecar = container([("metrics", 9100)], restartPolicy="Always")
    init = container([("setup", 9200)])
    server = deployment("server", initContainers=[sidecar, init])
    rule = {"ports": [{"port": "metrics"}, {"port": "setup"}, {"port": "http"}]}
    reach = Reach(server, deployment("c"), policy("p", {"app": "server"}, ingress=[rule]))
    assert reach.ports("c", "server") == ["tcp/80", "tcp/9100"]


def test_ip_blocks_and_their_exceptions() -> None:
    rule = {
        "from": [
            block("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"),
            block("10.1.2.0/24"),
            block("2001:db8::/32", "2001:db8:1::/48"),
        ]
    }
    reach = Reach(deployment("a"), deployment("b"), policy("p", {"app": "a"}, ingress=[rule]))
    expected = {
        "9.255.255.255": False,
        "10.0.0.0": True,
        "10.0.255.255": True,
        "10.1.0.0": False,
        "10.1.1.255": False,
        "10.1.2.0": True,
        "10.1.3.0": False,
        "10.2.255.255": False,
        "10.3.0.0": True,
        "10.255.255.255": True,
        "11.0.0.0": False,
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff": False,
        "2001:db8::": True,
        "2001:db8:1::": False,
        "2001:db8:1:ffff:ffff:ffff:ffff:ffff": False,
        "2001:db8:2::": True,
        "2001:db9::": False,
        "::a00:1": False,  # 10.0.0.1 as a number, but not as an address
    }
    assert {address: reach(address, "a") for address in expected} == expected
    # Blocks are about addresses outside the cluster, unless it is known where pods have theirs.
    assert not reach("b", "a")


def test_the_whole_of_one_family_is_not_the_other() -> None:
    for mine, other, cidr in ((OUTSIDE, OUTSIDE_6, "0.0.0.0/0"), (OUTSIDE_6, OUTSIDE, "::/0")):
        reach = Reach(deployment("a"), policy("p", {"app": "a"}, ingress=[{"from": [block(cidr)]}]))
        assert reach(mine, "a")
        assert not reach(other, "a")


def test_an_ip_block_that_touches_the_addresses_of_pods_opens_pods() -> None:
    def reaches(rule: Manifest, *pod_cidrs: str) -> bool:
        deny = policy("deny", policyTypes=["Egress"])
        egress = policy("p", {"app": "a"}, policyTypes=["Egress"], egress=[{"to": [rule]}])
        return Reach(deployment("a"), deployment("b"), deny, egress, pod_cidrs=pod_cidrs)("a", "b")

    assert not reaches(block("0.0.0.0/0"))
    assert reaches(block("0.0.0.0/0"), "100.64.0.0/16")
    assert reaches(block("100.64.7.0/24"), "100.64.0.0/16")
    assert not reaches(block("0.0.0.0/0", "100.64.0.0/10"), "100.64.0.0/16")
    assert reaches(block("0.0.0.0/0", "100.64.0.0/10"), "100.64.0.0/16", "10.7.0.0/24")
    assert not reaches(block("::/0"), "100.64.0.0/16")


def test_policies_do_not_select_pods_on_the_hosts_network_and_do_not_know_them_as_peers() -> None:
    agent = deployment("agent", hostNetwork=True)
    rule = {"from": [{"namespaceSelector": {}}, pods(app="agent"), block("10.0.1.0/24")]}
    reach = Reach(agent, deployment("a"), policy("p", ingress=[rule]), endpoints={"nodes": ["10.0.1.0/24"]})
    # The agent comes from the address of its node, and the policy has nothing to say of what it opens or lets in.
    assert not any("agent" in line for line in reach.text())
    assert reach("10.0.1.7", "a")
    assert not reach("10.0.2.7", "a")
    assert not Reach(agent, deployment("a"), policy("p", ingress=[{"from": [pods(app="agent")]}]))("10.0.1.7", "a")


def test_pods_of_one_workload_reach_each_other_as_policies_say_but_a_bare_pod_is_alone() -> None:
    bare: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare", "labels": {"app": "bare"}},
        "spec": {"containers": [container()]},
    }
    reach = Reach(deployment("a"), bare)
    assert reach("a", "a")
    assert not reach("bare", "bare")
    assert not Reach(deployment("a"), policy("deny", ingress=[]))("a", "a")
    assert Reach(deployment("a"), policy("p", ingress=[{"from": [pods(app="a")]}]))("a", "a")


def test_only_the_asked_namespaces() -> None:
    manifests = (deployment("a", "one"), deployment("b", "two"), deployment("c", "three"))
    reach = Reach(*manifests)
    pairs = {(str(one.source), str(one.destination)) for one in connections(reach.cluster, ["one"])}
    assert pairs == {
        *(("a", to) for to in ("a", "b", "c", "any address")),
        *((source, "a") for source in ("b", "c", "any address")),
    }
    assert connections(reach.cluster, "one") == connections(reach.cluster, ["one"])
    with pytest.raises(ConnectivityError, match="there is no namespace four"):
        connections(reach.cluster, ["one", "four"])


WORKLOADS: list[tuple[str, str, Any]] = [
    ("apps/v1", "StatefulSet", lambda template: {"selector": {"matchLabels": {"app": "x"}}, "template": template}),
    ("apps/v1", "DaemonSet", lambda template: {"selector": {"matchLabels": {"app": "x"}}, "template": template}),
    ("apps/v1", "ReplicaSet", lambda template: {"selector": {"matchLabels": {"app": "x"}}, "template": template}),
    ("batch/v1", "Job", lambda template: {"template": template}),
    ("batch/v1", "CronJob", lambda template: {"jobTemplate": {"spec": {"template": template}}}),
]


@pytest.mark.parametrize(("version", "kind", "spec"), WORKLOADS)
def test_every_kind_of_workload(version: str, kind: str, spec: Any) -> None:
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [container([("http", 81)])]}}
    manifest = {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": "x", "namespace": "n"},
        "spec": spec(template),
    }
    reach = Reach(
        manifest, deployment("c", "n"), policy("p", {"app": "x"}, "n", ingress=[{"ports": [{"port": "http"}]}])
    )
    assert reach.ports("c", "x") == ["tcp/81"]
    assert reach.cluster.find("x") == reach.cluster.find(f"n/{kind}/x")
