"""The pure part of the network roles: from the names of an inventory to the rules of the modules."""

import pytest

from trading_platform import network_rules as rules


def test_subnets_of_a_loop_are_grouped_by_tier_and_zone() -> None:
    results = [
        {"item": {"tier": "public", "availability_zone": "us-east-1a"}, "subnet": {"id": "subnet-1"}},
        {"item": {"tier": "public", "availability_zone": "us-east-1b"}, "subnet": {}},
        {"item": {"tier": "private", "availability_zone": "us-east-1a"}},
    ]
    assert rules.subnet_ids_by_tier(results) == {
        "public": {"us-east-1a": "subnet-1", "us-east-1b": "subnet-planned"},
        "private": {"us-east-1a": "subnet-planned"},
    }


def test_retired_tiers_have_no_route() -> None:
    tiers = {
        "public": {"route": "internet"},
        "old": {"route": "nat", "retired": True},
        "kept": {"route": "nat", "retired": False},
    }
    assert rules.tiers_by_route(tiers) == {"internet": ["public"], "nat": ["kept"], "local": []}


def test_the_database_acl_opens_the_ports_and_the_answers_and_nothing_else() -> None:
    acl = rules.database_acl(["10.0.1.0/24", "100.64.0.0/18"], ["10.0.11.0/24"], [5432, 6379])
    inward = [(e["cidr"], e["from_port"], e["to_port"]) for e in acl["ingress"] if e["protocol"] == "tcp"]
    assert inward == [
        ("10.0.1.0/24", 5432, 5432),
        ("10.0.1.0/24", 6379, 6379),
        ("100.64.0.0/18", 5432, 5432),
        ("100.64.0.0/18", 6379, 6379),
    ]
    outward = [(e["cidr"], e["from_port"], e["to_port"]) for e in acl["egress"] if e["protocol"] == "tcp"]
    assert outward == [("10.0.1.0/24", 1024, 65535), ("100.64.0.0/18", 1024, 65535)]
    for entries in acl.values():
        numbers = [entry["rule_number"] for entry in entries]
        assert len(set(numbers)) == len(numbers)
        assert [entry["cidr"] for entry in entries if entry["protocol"] == "all"] == ["10.0.11.0/24"]


def test_peers_become_groups_cidrs_or_the_group_itself() -> None:
    found = rules.security_group_rules(
        [
            {"peer": "alb", "port": 7999, "description": "API"},
            {"peer": "vpc", "port": 443, "description": "Kubernetes"},
            {"peer": "self", "description": "nodes"},
            {"peer": "0.0.0.0/0", "ports": ["1025-2000", 80], "description": "out"},
            {"peer": "::/0", "port": 53, "protocol": "udp", "description": "v6"},
        ],
        {"alb": "sg-1"},
        {"vpc": ["10.0.0.0/16", "100.64.0.0/16"]},
    )
    assert found == [
        {"group_id": "sg-1", "protocol": "tcp", "from_port": 7999, "to_port": 7999, "description": "API"},
        {"cidr": "10.0.0.0/16", "protocol": "tcp", "from_port": 443, "to_port": 443, "description": "Kubernetes"},
        {"cidr": "100.64.0.0/16", "protocol": "tcp", "from_port": 443, "to_port": 443, "description": "Kubernetes"},
        {"self": True, "protocol": "all", "description": "nodes"},
        {"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": 1025, "to_port": 2000, "description": "out"},
        {"cidr": "0.0.0.0/0", "protocol": "tcp", "from_port": 80, "to_port": 80, "description": "out"},
        {"cidr_ipv6": "::/0", "protocol": "udp", "from_port": 53, "to_port": 53, "description": "v6"},
    ]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"peer": "abl", "port": 443}, "peer 'abl' is neither a CIDR nor one of: alb, self, vpc"),
        ({"peer": "10.0.0.1/16", "port": 443}, "peer '10.0.0.1/16' is neither a CIDR"),
        ({"peer": "alb", "port": "https"}, "'https' is neither a port nor a range"),
        ({"peer": "alb", "ports": ["90-80"]}, "'90-80' does not lie in 0-65535 in rising order"),
        ({"peer": "alb", "port": 70000}, "70000 does not lie in 0-65535"),
    ],
)
def test_a_rule_that_cannot_be_resolved_says_why(rule: dict[str, object], message: str) -> None:
    with pytest.raises(rules.RuleError, match=message.replace("/", r"\/")):
        rules.security_group_rules([{**rule, "description": "x"}], {"alb": "sg-1"}, {"vpc": ["10.0.0.0/16"]})
