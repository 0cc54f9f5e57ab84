"""The rules of the web ACLs from the inventory's figures."""

import pytest
from ansible.errors import AnsibleFilterError

from plugin_loading import load_plugin
from trading_platform.aws.wafv2 import rule_problems
from trading_platform.waf_rules import waf_rules

GROUPS = [
    {"name": "AWSManagedRulesCommonRuleSet", "count_only": ["SizeRestrictions_BODY"]},
    {"name": "AWSManagedRulesSQLiRuleSet"},
]
LIMIT = {"requests": 1000, "window_seconds": 60}


def test_rules_have_priorities_in_their_order_and_are_taken_by_waf() -> None:
    rules = waf_rules(GROUPS, LIMIT, ["MM", "KP"], ["source", "forwarded"])
    assert [(rule["Priority"], rule["Name"]) for rule in rules] == [
        (0, "rate-by-source-address"),
        (1, "countries-by-source-address"),
        (2, "rate-by-forwarded-address"),
        (3, "countries-by-forwarded-address"),
        (4, "AWSManagedRulesCommonRuleSet"),
        (5, "AWSManagedRulesSQLiRuleSet"),
    ]
    assert rule_problems(rules) == []


def test_a_minute_of_one_address() -> None:
    source, _, forwarded, _ = waf_rules([], LIMIT, ["KP"], ["source", "forwarded"])
    limit = {"Limit": 1000, "EvaluationWindowSec": 60}
    assert source["Statement"]["RateBasedStatement"] == {**limit, "AggregateKeyType": "IP"}
    assert source["Action"] == {"Block": {}}
    assert forwarded["Statement"]["RateBasedStatement"] == {
        **limit,
        "AggregateKeyType": "FORWARDED_IP",
        "ForwardedIPConfig": {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"},
    }


def test_countries_are_sorted_and_may_be_none() -> None:
    assert waf_rules([], LIMIT, ["MM", "KP"])[1]["Statement"] == {"GeoMatchStatement": {"CountryCodes": ["KP", "MM"]}}
    assert [rule["Name"] for rule in waf_rules([], LIMIT, [])] == ["rate-by-source-address"]


def test_groups_decide_themselves_except_for_rules_that_only_count() -> None:
    common, sqli = waf_rules(GROUPS, LIMIT, [])[1:]
    assert common["OverrideAction"] == sqli["OverrideAction"] == {"None": {}}
    overrides = common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert overrides == [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]
    assert "RuleActionOverrides" not in sqli["Statement"]["ManagedRuleGroupStatement"]


def test_the_filter_says_what_is_wrong() -> None:
    filters = load_plugin("plugins/filter/waf_rules.py").FilterModule().filters()
    assert filters["waf_rules"](GROUPS, LIMIT, ["KP"], ["source"]) == waf_rules(GROUPS, LIMIT, ["KP"])
    with pytest.raises(AnsibleFilterError, match="source or forwarded address, not by 'header'"):
        filters["waf_rules"](GROUPS, LIMIT, [], ["header"])
