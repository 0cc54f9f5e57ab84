"""What a difference says: the flow, and the policy and rule to correct."""

import copy
from typing import Any

import pytest
from connectivity_cluster import Manifest, block, deployment, namespace, pods, policy, spaces

from trading_platform.connectivity import (
    Connection,
    ConnectivityError,
    PortRange,
    compare,
    connections,
    load,
    read_flows,
)

SHOP = "shop"
ENDPOINTS = {
    "database": ["10.0.11.0/24", "10.0.12.0/24"],
    "load-balancer": ["10.0.101.0/24"],
    "internet": [{"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}],
}
FLOWS: list[dict[str, Any]] = [
    {"from": "websocket", "to": "api", "ports": ["http"]},
    {"from": "load-balancer", "to": "websocket", "ports": [8080]},
    {"from": ["api", "worker"], "to": "database", "ports": [5432]},
    {"from": "api", "to": "internet", "ports": [443]},
    {"from": ["api", "websocket", "worker"], "to": "dns", "ports": [53], "protocols": ["UDP", "TCP"]},
    {"from": "prometheus", "to": ["api", "websocket", "worker"], "ports": ["metrics"]},
]


def to(*peers: Manifest, ports: list[Any]) -> Manifest:
    return {"to": list(peers), "ports": [port if isinstance(port, dict) else {"port": port} for port in ports]}


def of(*peers: Manifest, ports: list[Any]) -> Manifest:
    return {"from": list(peers), "ports": [port if isinstance(port, dict) else {"port": port} for port in ports]}


def shop() -> list[Manifest]:
    """Three services, each closed but for its own flows; no rule is there twice."""
    both = ["Ingress", "Egress"]
    dns = spaces(**{"kubernetes.io/metadata.name": "kube-system"}) | pods(app="dns")
    monitoring = spaces(team="monitoring")
    database = [block("10.0.11.0/24"), block("10.0.12.0/24")]
    return [
        namespace("monitoring", team="monitoring"),
        deployment("api", SHOP, ports=[("http", 7999), ("metrics", 9090)]),
        deployment("websocket", SHOP, ports=[("http", 8080), ("metrics", 9091)]),
        deployment("worker", SHOP, ports=[("metrics", 9090)]),
        deployment("prometheus", "monitoring"),
        deployment("dns", "kube-system", ports=[("dns", 53, "UDP"), ("dns-tcp", 53)]),
        policy("default", None, SHOP, policyTypes=both, ingress=[of(monitoring, ports=["metrics"])], egress=[
            to(dns, ports=[53, {"port": 53, "protocol": "UDP"}]),
        ]),
        policy("api", {"app": "api"}, SHOP, policyTypes=both, ingress=[
            of(pods(app="websocket"), ports=["http"]),
        ], egress=[
            to(*database, ports=[5432]),
            to(block("0.0.0.0/0", "10.0.0.0/8"), ports=[443]),
        ]),
        policy("websocket", {"app": "websocket"}, SHOP, policyTypes=both, ingress=[
            of(block("10.0.101.0/24"), ports=[8080]),
        ], egress=[to(pods(app="api"), ports=["http"])]),
        policy("worker", {"app": "worker"}, SHOP, policyTypes=both, egress=[to(*database, ports=[5432])]),
    ]  # fmt: skip


def differences(manifests: list[Manifest], flows: list[dict[str, Any]] = FLOWS) -> list[str]:
    cluster = load(manifests, ENDPOINTS)
    return [str(one) for one in compare(cluster, read_flows(cluster, flows), [SHOP])]


def change(manifests: list[Manifest], name: str, direction: str, number: int, **changes: Any) -> list[Manifest]:
    """The manifests with keys of one rule (counted from 1) replaced."""
    changed = copy.deepcopy(manifests)
    (found,) = [one for one in changed if one["kind"] == "NetworkPolicy" and one["metadata"]["name"] == name]
    found["spec"][direction][number - 1] |= changes
    return changed


def test_the_flows_are_what_the_policies_allow() -> None:
    assert differences(shop()) == []


SCRAPED = ("api tcp/9090", "websocket tcp/9091", "worker tcp/9090")
RULES = [
    ("default", "ingress", 1, [f"prometheus -> {target}" for target in SCRAPED]),
    ("default", "egress", 1, [f"{one} -> dns tcp/53, udp/53" for one in ("api", "websocket", "worker")]),
    ("api", "ingress", 1, ["websocket -> api tcp/7999"]),
    ("api", "egress", 1, ["api -> database tcp/5432"]),
    ("api", "egress", 2, ["api -> internet tcp/443"]),
    ("websocket", "ingress", 1, ["load-balancer -> websocket tcp/8080"]),
    ("websocket", "egress", 1, ["websocket -> api tcp/7999"]),
    ("worker", "egress", 1, ["worker -> database tcp/5432"]),
]


def test_every_rule_of_the_shop_is_in_the_list_below() -> None:
    rules = [
        (one["metadata"]["name"], direction, number)
        for one in shop()
        if one["kind"] == "NetworkPolicy"
        for direction in ("ingress", "egress")
        for number, _ in enumerate(one["spec"].get(direction, []), 1)
    ]
    assert rules == [rule[:3] for rule in RULES]


@pytest.mark.parametrize(("name", "direction", "number", "flows"), RULES)
def test_a_rule_that_is_gone_is_named_by_its_flows(name: str, direction: str, number: int, flows: list[str]) -> None:
    manifests = shop()
    (found,) = [one for one in manifests if one["kind"] == "NetworkPolicy" and one["metadata"]["name"] == name]
    del found["spec"][direction][number - 1]
    gone = differences(manifests)
    assert sorted(line.removeprefix("missing: ").split(": ")[0] for line in gone) == sorted(flows)
    blocking = [f"{flow.split(' -> ')[0 if direction == 'egress' else 1].split(' ')[0]}" for flow in flows]
    for line, workload in zip(sorted(gone), blocking, strict=True):
        assert f"the {direction} of {workload} is not open" in line
        assert f"the {'ingress' if direction == 'egress' else 'egress'} of" not in line


def test_a_missing_flow_names_the_policies_that_close_it() -> None:
    wanted = {"from": "worker", "to": "api", "ports": ["http"]}
    assert differences(shop(), [*FLOWS, wanted]) == [
        "missing: worker -> api tcp/7999: "
        "the egress of worker is not open; policies that select it: shop/default, shop/worker; "
        "the ingress of api is not open; policies that select it: shop/api, shop/default; "
        "NetworkPolicy shop/api ingress rule 1 opens this port to other peers"
    ]


def test_a_missing_port_names_the_rule_that_opens_others() -> None:
    assert differences(change(shop(), "api", "egress", 1, ports=[{"port": 5433}])) == [
        "missing: api -> database tcp/5432: the egress of api is not open; "
        "policies that select it: shop/api, shop/default; NetworkPolicy shop/api egress rule 1 opens only tcp/5433",
        "extra: api -> database tcp/5433: allowed by NetworkPolicy shop/api egress rule 1",
    ]


def test_a_missing_part_of_an_endpoint_names_its_addresses_and_the_rule_that_opens_the_rest() -> None:
    assert differences(change(shop(), "worker", "egress", 1, to=[block("10.0.11.0/24")])) == [
        "missing: worker -> 10.0.12.0/24 (part of database) tcp/5432: the egress of worker is not open; "
        "policies that select it: shop/default, shop/worker; "
        "NetworkPolicy shop/worker egress rule 1 opens this port to other peers"
    ]


def test_an_extra_flow_names_the_rules_of_both_sides_that_allow_it() -> None:
    wider = change(shop(), "api", "ingress", 1, **{"from": [{"podSelector": {}}]})
    wider = change(wider, "worker", "egress", 1, to=[block("10.0.11.0/24"), block("10.0.12.0/24"), pods(app="api")],
                   ports=[{"port": 5432}, {"port": "http"}])  # fmt: skip
    assert differences(wider) == [
        "extra: worker -> api tcp/7999: "
        "allowed by NetworkPolicy shop/worker egress rule 1, and by NetworkPolicy shop/api ingress rule 1"
    ]


def test_rules_that_allow_the_same_are_all_named() -> None:
    again = policy(
        "again", {"app": "api"}, SHOP, egress=[to(block("10.0.11.0/24"), ports=[6379])], policyTypes=["Egress"]
    )
    wider = change(shop(), "api", "egress", 1, ports=[{"port": 5432}, {"port": 6379}])
    assert differences([*wider, again]) == [
        "extra: api -> database tcp/6379: "
        "allowed by NetworkPolicy shop/again egress rule 1 and NetworkPolicy shop/api egress rule 1"
    ]


def test_a_workload_without_policies_is_said_to_have_none() -> None:
    found = differences([*shop(), deployment("new", "shop2"), policy("p", None, "shop2", ingress=[])])
    assert found == []  # it is not in the namespace that is asked about
    cluster = load([deployment("a"), deployment("b"), policy("p", {"app": "b"}, ingress=[{"ports": [{"port": 80}]}])])
    lines = [str(one) for one in compare(cluster, [])]
    assert (
        "extra: a -> b tcp/80: allowed by the lack of any policy for the egress of a, and by NetworkPolicy default/p "
        "ingress rule 1"
    ) in lines
    assert "extra: a -> any address all ports: allowed by the lack of any policy for the egress of a" in lines
    # The pods of the workload itself.
    assert any(line.startswith("extra: a -> a all ports: ") for line in lines)


def test_a_policy_that_is_gone_altogether_is_named_by_what_it_held_back() -> None:
    manifests = [one for one in shop() if one["kind"] != "NetworkPolicy"]
    lines = differences(manifests)
    assert not any(line.startswith("missing") for line in lines)
    nothing = "the lack of any policy for the"
    assert (
        f"extra: worker -> api all ports: allowed by {nothing} egress of worker, and by {nothing} ingress of api"
        in lines
    )
    # What is wanted is not extra.
    assert "extra: api -> database sctp/all, tcp/1-5431, tcp/5433-65535, udp/all: " \
        "allowed by the lack of any policy for the egress of api" in lines  # fmt: skip


def test_flows_are_compared_as_addresses_and_not_as_names() -> None:
    cluster = load(shop(), ENDPOINTS | {"one": ["10.0.11.0/24"], "two": ["10.0.12.0/24"], "vpc": ["10.0.0.0/16"]})
    flows = [one for one in FLOWS if one["to"] != "database"]
    flows += [{"from": ["api", "worker"], "to": ["one", "two"], "ports": [5432]}]
    assert compare(cluster, read_flows(cluster, flows), [SHOP]) == []


def test_wanted_flows_between_other_namespaces_are_missing_but_their_extras_do_not_count() -> None:
    closed = policy(
        "closed", None, "monitoring", policyTypes=["Egress"], egress=[to({"namespaceSelector": {}}, ports=["metrics"])]
    )
    wanted = {"from": "prometheus", "to": "dns", "ports": [53]}
    assert differences([*shop(), closed], [*FLOWS, wanted]) == [
        "missing: prometheus -> dns tcp/53: the egress of prometheus is not open; policies that select it: "
        "monitoring/closed"
    ]
    # Open, and more than wanted, but not in the namespace that is asked about.
    assert differences(shop(), [*FLOWS, wanted, {"from": "prometheus", "to": "database", "ports": [5432]}]) == []


def test_a_difference_has_its_parts() -> None:
    cluster = load(change(shop(), "api", "egress", 2, ports=[{"port": 444}]), ENDPOINTS)
    missing, extra = compare(cluster, read_flows(cluster, FLOWS), [SHOP])
    assert (missing.kind, extra.kind) == ("missing", "extra")
    assert (missing.source, missing.destination) == (cluster.find("api"), cluster.find("internet"))
    assert (missing.ports, extra.ports) == ((PortRange("TCP", 443, 443),), (PortRange("TCP", 444, 444),))


def test_flows_that_policies_say_nothing_of_are_refused() -> None:
    bare: Manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "bare", "labels": {}},
        "spec": {"containers": []},
    }
    cluster = load([bare, deployment("agent", hostNetwork=True), deployment("a")], ENDPOINTS)
    pod, agent, database = cluster.find("bare"), cluster.find("agent"), cluster.find("database")
    other = load([deployment("b")], {"elsewhere": ["10.9.9.0/24"]})
    web = PortRange("TCP", 80, 80)
    for source, destination, message in (
        (pod, pod, "bare: a pod reaches itself whatever policies say"),
        (pod, agent, "agent: is no workload that policies apply to"),
        (agent, database, "agent: is no workload that policies apply to"),
        (database, database, "policies say nothing of traffic between two addresses"),
        (pod, other.find("b"), "b: is no workload that policies apply to"),
        (pod, other.find("elsewhere"), "elsewhere: these addresses are not made of the blocks"),
    ):
        with pytest.raises(ConnectivityError, match=message):
            compare(cluster, [Connection(source, destination, web)])


# Reading flows


def flow_texts(*flows: Any, **options: Any) -> list[str]:
    return sorted(str(one) for one in read_flows(load(shop(), ENDPOINTS), flows, **options))


def test_ports_of_flows() -> None:
    def ports(*values: Any, **more: Any) -> list[str]:
        found = flow_texts({"from": "websocket", "to": "api", "ports": list(values), **more})
        return [text.removeprefix("websocket -> api ") for text in found]

    assert ports(80, "81", "tcp/82", "UDP/83", "84-86", "sctp/7-9") == ["sctp/7-9", "tcp/80-82", "tcp/84-86", "udp/83"]
    assert ports("http", "tcp/metrics") == ["tcp/7999", "tcp/9090"]
    assert ports("udp/all") == ["udp/all"]
    assert ports({"port": 80, "endPort": 90}, {"port": "http"}, {"protocol": "UDP"}) == [
        "tcp/7999",
        "tcp/80-90",
        "udp/all",
    ]
    assert ports(53, protocols=["UDP", "TCP"]) == ["tcp/53", "udp/53"]
    assert ports("tcp/53", 54, {"port": 55}, protocols=["UDP"]) == ["tcp/53", "udp/54-55"]
    assert flow_texts({"from": "api", "to": "api", "ports": "all"}) == [
        f"api -> api {one}/all" for one in ("sctp", "tcp", "udp")
    ]


def test_names_of_a_chart_can_be_given_with_the_flows() -> None:
    flow = {"from": ["*"], "to": ["resolver"], "ports": ["dns"], "protocols": ["UDP"]}
    aliases = {"*": ["api", "shop/worker"], "resolver": ["Deployment/dns"]}
    assert flow_texts(flow, aliases=aliases, port_names={"dns": 53}) == ["api -> dns udp/53", "worker -> dns udp/53"]


def flow(**changes: Any) -> dict[str, Any]:
    return {"from": "api", "to": "api", "ports": [80]} | changes


NAMES = "must be the name of a workload or an endpoint, or a list of names, not"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("api", "flows[0]: must be a mapping with from, to and ports, not 'api'"),
        ({"to": "api", "ports": [1]}, f"flows[0].from: {NAMES} None"),
        (flow(to=[]), f"flows[0].to: {NAMES} []"),
        (flow(to=["api", 7]), f"flows[0].to: {NAMES} ['api', 7]"),
        (flow(to="apj"), "flows[0].to: 'apj' is neither a workload nor an endpoint; there are: agent, api, database, "),
        (flow(to="agent"), "flows[0].to: agent uses the host's network, where policies do not apply; name an endpoint"),
        (flow(ports=None), "flows[0].ports: must be a list of ports, or the word all, not None"),
        (flow(ports=80), "flows[0].ports: must be a list of ports, or the word all, not 80"),
        (flow(ports=[0]), "flows[0].ports[0].port: must be a number from 1 to 65535, not 0"),
        (flow(ports=[1, "9-8"]), "flows[0].ports[1].endPort: 8 must not be smaller than port 9"),
        (flow(ports=["icmp/1"]), "flows[0].ports[0]: must be TCP, UDP or SCTP, not 'ICMP'"),
        (flow(ports=["grpc"]), "flows[0].ports[0]: api has no TCP port grpc, only: http (TCP), metrics (TCP)"),
        (flow(ports=["Http"]), "flows[0].ports[0].port: 'Http' is not the name of a port: a-z, 0-9 and single dashes"),
        (flow(ports=["sql"], to="database"), "flows[0].ports[0]: sql is a name, and addresses have no named ports"),
        (flow(protocols=["HTTP"]), "flows[0].protocols[0]: must be TCP, UDP or SCTP, not 'HTTP'"),
    ],
)
def test_wrong_flows(wrong: Any, message: str) -> None:
    cluster = load([*shop(), deployment("agent", hostNetwork=True)], ENDPOINTS)
    with pytest.raises(ConnectivityError) as caught:
        read_flows(cluster, [wrong])
    assert message in str(caught.value)


def test_everything_wrong_with_the_flows_is_said_at_once() -> None:
    with pytest.raises(ConnectivityError) as caught:
        read_flows(load(shop()), [{"from": "x", "to": "y", "ports": [1]}, {"from": "api", "to": "api", "ports": []}])
    assert [line.split(":")[0] for line in caught.value.problems] == ["flows[0].from", "flows[0].to", "flows[1].ports"]


def test_a_name_that_two_have_is_refused() -> None:
    cluster = load([deployment("a", "one"), deployment("a", "two"), deployment("b")], {"b": ["10.0.0.0/8"]})
    assert sorted(str(workload) for workload in cluster.workloads) == ["default/b", "one/a", "two/a"]
    with pytest.raises(ConnectivityError, match="'a' is ambiguous: one/Deployment/a, two/Deployment/a"):
        cluster.find("a")
    with pytest.raises(ConnectivityError, match="'b' is ambiguous: default/Deployment/b, endpoint b"):
        cluster.find("b")
    assert connections(cluster, ["one"])
