"""The cases of https://github.com/ahmetb/kubernetes-network-policy-recipes: what connects, and what does not."""

from connectivity_cluster import Manifest, Reach, deployment, labelled, namespace, pods, policy, spaces

WEB = {"app": "web"}
OUTSIDE = "203.0.113.9"


def web(space: str = "default", ports: tuple[tuple[str, int], ...] = (("http", 80),)) -> Manifest:
    return deployment("web", space, ports=ports)


def test_01_deny_all_traffic_to_an_application() -> None:
    reach = Reach(web(), deployment("client"), policy("web-deny-all", WEB, ingress=[]))
    assert not reach("client", "web")
    assert not reach(OUTSIDE, "web")
    # Only what comes in is denied, and only to that application.
    assert reach("web", "client")
    assert reach("web", OUTSIDE)
    assert reach("client", OUTSIDE)


def test_02_limit_traffic_to_an_application() -> None:
    rule = {"from": [pods(app="bookstore")]}
    reach = Reach(
        deployment("apiserver", labels={"app": "bookstore", "role": "api"}),
        deployment("frontend", labels={"app": "bookstore", "role": "frontend"}),
        deployment("other", labels={"app": "coffeeshop", "role": "api"}),
        policy("api-allow", {"app": "bookstore", "role": "api"}, ingress=[rule]),
    )
    assert reach("frontend", "apiserver")
    assert not reach("other", "apiserver")
    assert not reach(OUTSIDE, "apiserver")
    assert reach("other", "frontend")


def test_02a_allow_all_traffic_voids_a_policy_that_denies() -> None:
    deny = policy("web-deny-all", WEB, ingress=[])
    allow = policy("web-allow-all", WEB, ingress=[{}])
    workloads = (web(), deployment("client"), deployment("elsewhere", "other"))
    reach = Reach(*workloads, deny, allow)
    assert reach("client", "web")
    assert reach("elsewhere", "web")
    assert reach(OUTSIDE, "web", 443)
    assert not Reach(*workloads, deny)("client", "web")


def test_03_deny_all_traffic_of_a_namespace_that_is_not_allowed() -> None:
    reach = Reach(web(), deployment("client"), deployment("elsewhere", "other"), policy("default-deny-all", ingress=[]))
    for destination in ("web", "client"):
        for source in ("web", "client", "elsewhere", OUTSIDE):
            assert not reach(source, destination)
    assert reach("web", "elsewhere")


def test_04_deny_traffic_from_other_namespaces() -> None:
    reach = Reach(
        web("secondary"),
        deployment("near", "secondary"),
        deployment("far"),
        # matchLabels without a value is an empty selector, not one that matches nothing.
        policy("deny-from-other-namespaces", None, "secondary", ingress=[{"from": [{"podSelector": {}}]}])
        | {"spec": {"podSelector": {"matchLabels": None}, "ingress": [{"from": [{"podSelector": {}}]}]}},
    )
    assert reach("near", "web")
    assert reach("web", "near")
    assert not reach("far", "web")
    assert not reach(OUTSIDE, "web")


def test_05_allow_traffic_from_all_namespaces() -> None:
    rule = {"from": [{"namespaceSelector": {}}]}
    reach = Reach(
        web("secondary"),
        deployment("near", "secondary"),
        deployment("far"),
        policy("web-allow-all-namespaces", WEB, "secondary", ingress=[rule]),
    )
    assert reach("near", "web")
    assert reach("far", "web")
    # Every pod, but nothing from outside the cluster.
    assert not reach(OUTSIDE, "web")


def test_05_from_without_entries_is_everything_and_not_all_namespaces() -> None:
    open_policy = policy("web-allow-all-namespaces", WEB, "secondary", ingress=[{"from": None}])
    reach = Reach(web("secondary"), deployment("far"), open_policy)
    assert reach("far", "web")
    assert reach(OUTSIDE, "web")


def test_06_allow_traffic_from_a_namespace() -> None:
    reach = Reach(
        namespace("prod", purpose="production"),
        namespace("dev", purpose="testing"),
        web(),
        deployment("real", "prod"),
        deployment("trial", "dev"),
        deployment("near"),
        policy("web-allow-prod", WEB, ingress=[{"from": [spaces(purpose="production")]}]),
    )
    assert reach("real", "web")
    assert not reach("trial", "web")
    assert not reach("near", "web")


def test_07_allow_traffic_from_some_pods_in_another_namespace() -> None:
    both = spaces(team="operations") | pods(type="monitoring")
    manifests = (
        namespace("other", team="operations"),
        web(),
        deployment("near-plain"),
        deployment("near-monitor", labels={"type": "monitoring"}),
        deployment("far-plain", "other"),
        deployment("far-monitor", "other", labels={"type": "monitoring"}),
    )
    reach = Reach(*manifests, policy("web-allow", WEB, ingress=[{"from": [both]}]))
    assert [reach(source, "web") for source in ("near-plain", "near-monitor", "far-plain", "far-monitor")] == [
        False,
        False,
        False,
        True,
    ]
    # Two entries instead of one: either is enough.
    either = [spaces(team="operations"), pods(type="monitoring")]
    reach = Reach(*manifests, policy("web-allow", WEB, ingress=[{"from": either}]))
    assert [reach(source, "web") for source in ("near-plain", "near-monitor", "far-plain", "far-monitor")] == [
        False,
        True,
        True,
        True,
    ]


def test_08_allow_external_traffic() -> None:
    deny = policy("default-deny-all", ingress=[])
    reach = Reach(web(), deployment("other"), deny, policy("web-allow-external", WEB, ingress=[{}]))
    assert reach(OUTSIDE, "web")
    assert not reach(OUTSIDE, "other")
    only_80 = policy("web-allow-external", WEB, ingress=[{"ports": [{"port": 80}]}])
    reach = Reach(web(), deployment("other"), deny, only_80)
    assert reach(OUTSIDE, "web", 80)
    assert not reach(OUTSIDE, "web", 81)
    assert not reach(OUTSIDE, "web", 80, "UDP")


def test_09_allow_traffic_only_to_a_port() -> None:
    for port in (5000, "metrics"):
        rule = {"ports": [{"port": port}], "from": [pods(role="monitoring")]}
        reach = Reach(
            deployment("apiserver", ports=(("http", 8000), ("metrics", 5000))),
            deployment("monitor", labels={"role": "monitoring"}),
            deployment("plain"),
            policy("api-allow-5000", {"app": "apiserver"}, ingress=[rule]),
        )
        assert reach("monitor", "apiserver", 5000)
        assert not reach("monitor", "apiserver", 8000)
        assert not reach("plain", "apiserver", 5000)
        # What a Service calls the port is nothing to a policy.
        assert not reach("monitor", "apiserver", 5001)


def test_10_allow_traffic_with_multiple_selectors() -> None:
    sources = [
        pods(app="bookstore", role="search"),
        pods(app="bookstore", role="api"),
        pods(app="inventory", role="web"),
    ]
    reach = Reach(
        deployment("db", labels={"app": "bookstore", "role": "db"}),
        deployment("search", labels={"app": "bookstore", "role": "search"}),
        deployment("api", labels={"app": "bookstore", "role": "api"}),
        deployment("catalog", labels={"app": "inventory", "role": "web"}),
        deployment("half", labels={"app": "inventory", "role": "api"}),
        policy("redis-allow-services", {"app": "bookstore", "role": "db"}, ingress=[{"from": sources}]),
    )
    assert all(reach(source, "db", 6379) for source in ("search", "api", "catalog"))
    assert not reach("half", "db", 6379)


def test_11_deny_egress_traffic_from_an_application() -> None:
    workloads = (deployment("foo"), web(), deployment("kube-dns", "kube-system", ports=(("dns", 53, "UDP"),)))
    for egress in ({"egress": []}, {}):
        reach = Reach(*workloads, policy("foo-deny-egress", {"app": "foo"}, policyTypes=["Egress"], **egress))
        assert not any(reach("foo", to, port) for to in ("web", "kube-dns", OUTSIDE) for port in (53, 80))
        assert reach("web", "foo")
    dns = [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}]
    reach = Reach(*workloads, policy("foo-deny-egress", {"app": "foo"}, policyTypes=["Egress"], egress=dns))
    # To whatever listens there, not only to the cluster's DNS.
    assert all(reach("foo", to, 53, protocol) for to in ("web", "kube-dns", OUTSIDE) for protocol in ("TCP", "UDP"))
    assert not reach("foo", "web", 80)
    assert not reach("foo", OUTSIDE, 80)


def test_12_deny_all_traffic_from_a_namespace_that_is_not_allowed() -> None:
    reach = Reach(
        web(),
        deployment("client"),
        deployment("elsewhere", "other"),
        policy("default-deny-all-egress", policyTypes=["Egress"], egress=[]),
    )
    for source in ("web", "client"):
        for destination in ("web", "client", "elsewhere", OUTSIDE):
            assert not reach(source, destination)
    assert reach("elsewhere", "web")
    assert reach(OUTSIDE, "web")


def test_14_deny_external_egress_traffic() -> None:
    dns = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
    reach = Reach(
        deployment("foo"),
        web(),
        deployment("elsewhere", "other"),
        policy(
            "deny-external", {"app": "foo"}, policyTypes=["Egress"], egress=[dns, {"to": [{"namespaceSelector": {}}]}]
        ),
    )
    assert reach("foo", "web")
    assert reach("foo", "elsewhere", 8080)
    assert not reach("foo", OUTSIDE)
    assert reach("foo", OUTSIDE, 53, "UDP")


def test_the_empty_pod_selector_of_a_policy_is_every_pod_of_its_own_namespace_only() -> None:
    reach = Reach(web(), deployment("far", "other"), policy("deny", None, ingress=[]) | {"spec": {"ingress": []}})
    assert labelled() == {}
    assert not reach("far", "web")
    assert reach("web", "far")
