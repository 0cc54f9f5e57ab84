"""What WAF refuses of ACLs, rules and associations. Texts that AWS does not publish are written in its form."""

import re
from typing import Any

from moto.wafv2.models import wafv2_backends

from trading_platform.aws.wafv2 import DESCRIPTION, GLOBAL_REGION, GROUPS, WINDOWS
from trading_platform.emulator.call import Call
from trading_platform.emulator.errors import AwsError
from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.wafv2.acls import MANAGED_GROUPS, capacity
from trading_platform.emulator.services.wafv2.common import (
    ALB,
    acl_of,
    invalid,
    load_balancer_exists,
    nonexistent,
    statements_of,
)

extension = Extension("wafv2")

WRITES = ("CreateWebACL", "UpdateWebACL")
MOST_UNITS = 5000  # developer guide, "AWS WAF quotas"
COUNTRY = re.compile(r"[A-Z]{2}")
ONE_VALUE = "You have used none or multiple values for a field that requires exactly one value."
NOT_VALID = "A reference in your rule statement is not valid."


def _rules(call: Call) -> list[dict[str, Any]]:
    return list(call.params.get("Rules") or [])


@extension.refuses(*WRITES, "ListWebACLs", "GetWebACL", "DeleteWebACL")
def cloudfront_outside_its_region(call: Call) -> None:
    """API, parameter Scope: "To work with CloudFront, you must also specify the Region US East (N. Virginia)"."""
    if call.params.get("Scope") == "CLOUDFRONT" and call.region != GLOBAL_REGION:
        raise invalid("The scope is not valid.", "SCOPE_VALUE", "CLOUDFRONT")


@extension.refuses(*WRITES)
def description_with_other_characters(call: Call) -> None:
    """API EntityDescription: a pattern without brackets, quotes and semicolons, at least three characters."""
    text = call.params.get("Description")
    if text is not None and not DESCRIPTION.fullmatch(text):
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{text}' at 'description' failed to satisfy constraint: Member must "
            "satisfy regular expression pattern: ^[\\w+=:#@/\\-,\\.][\\w+=:#@/\\-,\\.\\s]+[\\w+=:#@/\\-,\\.]$",
        )


@extension.refuses(*WRITES)
def action_of_the_wrong_kind(call: Call) -> None:
    """API Rule: OverrideAction for rule groups, Action for everything else, and exactly one of them."""
    for rule in _rules(call):
        of_group = any(rule["Statement"].get(name) for name in GROUPS)
        has, has_override = "Action" in rule, "OverrideAction" in rule
        if has == has_override:
            raise invalid(ONE_VALUE, "RULE", "Rule")
        if of_group != has_override:
            raise invalid(NOT_VALID, "RULE", "Rule")


@extension.refuses(*WRITES)
def priorities_that_stand_twice(call: Call) -> None:
    """API Rule, Priority: "must all be different"; names as well."""
    for key in ("Priority", "Name"):
        values = [rule[key] for rule in _rules(call)]
        if len(set(values)) < len(values):
            raise invalid(f"Your rules have the same {key.lower()} more than once.", "RULE", "Rules")


@extension.refuses(*WRITES)
def statement_of_none_or_several_kinds(call: Call) -> None:
    for rule in _rules(call):
        if len([content for content in rule["Statement"].values() if content is not None]) != 1:
            raise invalid(ONE_VALUE, "STATEMENT", "Statement")


@extension.refuses(*WRITES)
def rates_that_cannot_be(call: Call) -> None:
    """API RateBasedStatement: windows of 60, 120, 300 and 600 s; ForwardedIPConfig with FORWARDED_IP only."""
    for rule in _rules(call):
        for name, content in statements_of(rule["Statement"]):
            if name != "RateBasedStatement":
                continue
            if content.get("EvaluationWindowSec", WINDOWS[0]) not in WINDOWS:
                raise invalid(
                    f"Valid values are {', '.join(map(str, WINDOWS))}.",
                    "RATE_BASED_STATEMENT",
                    content["EvaluationWindowSec"],
                )
            if (content["AggregateKeyType"] == "FORWARDED_IP") != bool(content.get("ForwardedIPConfig")):
                raise invalid(ONE_VALUE, "FORWARDED_IP_CONFIG", "ForwardedIPConfig")


@extension.refuses(*WRITES)
def countries_that_there_are_not(call: Call) -> None:
    """API GeoMatchStatement: one or more ISO 3166 codes of two letters."""
    for rule in _rules(call):
        for name, content in statements_of(rule["Statement"]):
            codes = content.get("CountryCodes") or [] if name == "GeoMatchStatement" else ["US"]
            wrong = [code for code in codes if not COUNTRY.fullmatch(code)]
            if not codes or wrong:
                raise invalid("The country code is not valid.", "GEO_MATCH_STATEMENT", wrong or "CountryCodes")


@extension.refuses(*WRITES)
def managed_groups_that_there_are_not(call: Call) -> None:
    for rule in _rules(call):
        group = rule["Statement"].get("ManagedRuleGroupStatement")
        if group and group["VendorName"] == "AWS" and group["Name"] not in MANAGED_GROUPS:
            raise nonexistent()


@extension.refuses(*WRITES)
def more_capacity_than_there_is(call: Call) -> None:
    units = capacity(_rules(call))
    if units > MOST_UNITS:
        message = f"AWS WAF couldn\u2019t perform the operation because you exceeded your resource limit: {units} WCUs."
        raise AwsError("WAFLimitsExceededException", message)


@extension.refuses("DeleteWebACL")
def acl_that_is_in_use(call: Call) -> None:
    where = "global" if call.params["Scope"] == "CLOUDFRONT" else call.region
    for acl in wafv2_backends[call.account_id][where].wacls.values():
        if acl.id == call.params["Id"] and acl.associated_resources:
            message = (
                "AWS WAF couldn\u2019t perform the operation because your resource is being used by another resource "
                "or it\u2019s associated with another resource."
            )
            raise AwsError("WAFAssociatedItemException", message)


@extension.refuses("AssociateWebACL")
def association_that_cannot_be(call: Call) -> None:
    """API AssociateWebACL: regional ACLs only ("for CloudFront, don't use this call"), and both must exist."""
    acl_arn, resource_arn = call.params["WebACLArn"], call.params["ResourceArn"]
    if ":global/" in acl_arn:
        raise invalid("The ARN isn't valid.", "ASSOCIABLE_RESOURCE", acl_arn)
    if acl_of(acl_arn, call.account_id) is None:
        raise nonexistent()
    _refuse_resource(call, resource_arn)


@extension.refuses("GetWebACLForResource", "DisassociateWebACL")
def resource_that_does_not_exist(call: Call) -> None:
    _refuse_resource(call, call.params["ResourceArn"])


def _refuse_resource(call: Call, arn: str) -> None:
    if ":cloudfront:" in arn or arn.count(":") < 5:
        raise invalid("The ARN isn't valid.", "RESOURCE_ARN", arn)
    if ALB in arn and not load_balancer_exists(arn, call):
        raise nonexistent()
