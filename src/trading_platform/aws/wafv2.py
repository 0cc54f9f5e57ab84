"""What the WAF resources share: rules in one form, and the scope of an ACL.

Rules are written as in the API reference (``RateBasedStatement``, ``ManagedRuleGroupStatement`` ...), since WAF's
nested statements are documented nowhere else
(https://docs.aws.amazon.com/waf/latest/APIReference/API_Statement.html).
"""

from __future__ import annotations

import re
from typing import Any

type Rule = dict[str, Any]

DESCRIPTION = re.compile(r"[\w+=:#@/\-,.][\w+=:#@/\-,.\s]+[\w+=:#@/\-,.]")
"""API EntityDescription; no brackets, no semicolons, no quotes."""
NAME = re.compile(r"[\w\-]{1,128}")
DEFAULT_WINDOW = 300  # seconds: API RateBasedStatement, EvaluationWindowSec
WINDOWS = (60, 120, 300, 600)
GLOBAL_REGION = "us-east-1"
"""Where WAF keeps the ACLs of CloudFront (https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html)."""
GROUPS = ("ManagedRuleGroupStatement", "RuleGroupReferenceStatement")


def canonical_rules(rules: list[Rule] | None) -> list[Rule]:
    """Give rules by priority, without what is unset and with the defaults that WAF writes in."""
    return sorted((canonical(rule) for rule in rules or []), key=lambda rule: int(rule["Priority"]))


def canonical(value: Any) -> Any:
    """Give one form of a part of a rule: nothing that is null or an empty list, country codes sorted, text as text."""
    if isinstance(value, dict):
        return _canonical_dict(value)
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def _canonical_dict(value: dict[str, Any]) -> dict[str, Any]:
    result = {key: canonical(item) for key, item in value.items() if item is not None and item != []}
    if "CountryCodes" in result:
        result["CountryCodes"] = sorted(result["CountryCodes"])
    if "RuleActionOverrides" in result:
        result["RuleActionOverrides"] = sorted(result["RuleActionOverrides"], key=lambda one: str(one["Name"]))
    if "AggregateKeyType" in result:
        result.setdefault("EvaluationWindowSec", DEFAULT_WINDOW)
    return result


def rule_problems(rules: list[Rule]) -> list[str]:
    """Say what WAF would refuse of the rules, rule by rule."""
    problems = []
    for number, rule in enumerate(rules):
        missing = [key for key in ("Name", "Priority", "Statement", "VisibilityConfig") if key not in rule]
        if missing:
            problems.append(f"rules[{number}]: has no {', '.join(missing)}")
        else:
            problems += [f"rules[{number}] {rule['Name']}: {text}" for text in _problems_of(rule)]
    priorities = [rule.get("Priority") for rule in rules]
    if len(set(priorities)) < len(priorities):
        problems.append(f"rules: priorities must differ, and are {priorities}")
    return problems


def _problems_of(rule: Rule) -> list[str]:
    of_group = any(key in rule["Statement"] for key in GROUPS)
    right, wrong = ("OverrideAction", "Action") if of_group else ("Action", "OverrideAction")
    problems = []
    if right not in rule or wrong in rule:
        problems.append(f"a rule {'of' if of_group else 'that is not of'} a rule group has {right} and no {wrong}")
    rate = rule["Statement"].get("RateBasedStatement")
    if rate and rate.get("EvaluationWindowSec", DEFAULT_WINDOW) not in WINDOWS:
        problems.append(f"EvaluationWindowSec is {rate['EvaluationWindowSec']} and must be one of {WINDOWS}")
    if rate and (rate.get("AggregateKeyType") == "FORWARDED_IP") and "ForwardedIPConfig" not in rate:
        problems.append("FORWARDED_IP needs ForwardedIPConfig")
    return problems


def scope_problems(scope: str, region: str) -> list[str]:
    """Say when an ACL for CloudFront is asked for in a region that has none."""
    if scope == "CLOUDFRONT" and region != GLOBAL_REGION:
        return [f"scope: ACLs for CloudFront are kept in {GLOBAL_REGION}, and this is {region}"]
    return []
