"""The rules of a web ACL from the figures of an inventory, in the form of WAF's API.

A client is known by the address that its connection comes from (``source``), or, behind a proxy such as CloudFront, by
the first address in ``X-Forwarded-For`` (``forwarded``). A rule by forwarded address looks at no request without that
header (https://docs.aws.amazon.com/waf/latest/APIReference/API_ForwardedIPConfig.html), and whoever connects directly
can write anything into it; so a load balancer that the internet reaches needs the rules by source address as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

type Rule = dict[str, Any]

SOURCE = "source"
FORWARDED = "forwarded"
# MATCH: a header that holds no address is treated as if it held a wrong one.
FORWARDED_CONFIG = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"}


def waf_rules(
    managed_groups: Sequence[dict[str, Any]],
    rate_limit: dict[str, int],
    blocked_countries: Sequence[str],
    client_addresses: Sequence[str] = (SOURCE,),
) -> list[Rule]:
    """Give the rules by priority: first those by address, which are cheap, then the managed groups.

    Args:
        managed_groups: name and, optionally, ``count_only``: rules of the group that only count what they match.
        rate_limit: ``requests`` of one address in ``window_seconds`` (60, 120, 300 or 600).
        blocked_countries: ISO 3166 codes of two letters; none means that no country is blocked.
        client_addresses: how clients are known: ``source``, ``forwarded`` or both.

    Raises:
        ValueError: a client address that is neither.
    """
    rules = []
    for kind in client_addresses:
        if kind not in (SOURCE, FORWARDED):
            raise ValueError(f"clients are known by {SOURCE} or {FORWARDED} address, not by {kind!r}")
        rules.append(_rate_rule(kind, rate_limit))
        if blocked_countries:
            rules.append(_country_rule(kind, blocked_countries))
    rules += [_group_rule(group) for group in managed_groups]
    return [{**rule, "Priority": priority} for priority, rule in enumerate(rules)]


def _rate_rule(kind: str, limit: dict[str, int]) -> Rule:
    statement: dict[str, Any] = {
        "Limit": int(limit["requests"]),
        "EvaluationWindowSec": int(limit["window_seconds"]),
        "AggregateKeyType": "FORWARDED_IP" if kind == FORWARDED else "IP",
    }
    if kind == FORWARDED:
        statement["ForwardedIPConfig"] = FORWARDED_CONFIG
    return _blocking(f"rate-by-{kind}-address", {"RateBasedStatement": statement})


def _country_rule(kind: str, countries: Sequence[str]) -> Rule:
    statement: dict[str, Any] = {"CountryCodes": sorted(countries)}
    if kind == FORWARDED:
        statement["ForwardedIPConfig"] = FORWARDED_CONFIG
    return _blocking(f"countries-by-{kind}-address", {"GeoMatchStatement": statement})


def _blocking(name: str, statement: dict[str, Any]) -> Rule:
    return {"Name": name, "Statement": statement, "Action": {"Block": {}}, "VisibilityConfig": _visibility(name)}


def _group_rule(group: dict[str, Any]) -> Rule:
    statement: dict[str, Any] = {"VendorName": "AWS", "Name": group["name"]}
    if group.get("count_only"):
        statement["RuleActionOverrides"] = [
            {"Name": name, "ActionToUse": {"Count": {}}} for name in sorted(group["count_only"])
        ]
    return {
        "Name": group["name"],
        "Statement": {"ManagedRuleGroupStatement": statement},
        "OverrideAction": {"None": {}},  # the group's own rules decide
        "VisibilityConfig": _visibility(group["name"]),
    }


def _visibility(name: str) -> dict[str, Any]:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
