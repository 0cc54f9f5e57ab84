"""What stands between clients and services and AWS bills: load balancers, web ACLs, the zone and its health checks."""

from collections.abc import Iterator

from trading_platform.cost.model import Line
from trading_platform.cost.place import Place
from trading_platform.waf_rules import FORWARDED, waf_rules

TIER = "edge"


def lines(place: Place) -> Iterator[Line]:
    """The edge of a region; in the primary one also what there is once."""
    zones = len(place.zones)
    address = place.price("VPC", "public_ipv4_in_use")
    yield place.hourly(TIER, "ELB", "load balancer", "ALB", 1, place.price("ELB", "alb"))
    yield place.hourly(TIER, "VPC", "load balancer", "public IPv4 address", zones, address)
    yield from _web_acl(place, "web ACL of the load balancer", place.value("wafv2_regional_client_addresses"))
    if place.primary:
        yield from _web_acl(place, "web ACL of CloudFront", [FORWARDED])
        zone = place.price("Route53", "hosted_zone", everywhere=True)
        yield place.owned(TIER, "Route53", "DNS", "hosted zone", 1, zone)
        # One for each service that fails over, against the load balancer of its region.
        checks = len(set(place.value("route53_regional_hosts")))
        check = place.price("Route53", "health_check_aws_endpoint", everywhere=True)
        yield place.owned(TIER, "Route53", "DNS", "health check", checks, check)


def _web_acl(place: Place, resource: str, clients: list[str]) -> Iterator[Line]:
    rules = waf_rules(
        place.value("wafv2_managed_rule_groups"),
        place.value("wafv2_rate_limit"),
        place.value("wafv2_blocked_countries"),
        clients,
    )
    yield place.owned(TIER, "WAF", resource, "web ACL", 1, place.price("WAF", "web_acl"))
    yield place.owned(TIER, "WAF", resource, "rule", len(rules), place.price("WAF", "rule"))
