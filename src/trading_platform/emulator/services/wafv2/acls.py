"""ACLs: whole updates, one ACL a resource, the resources of an ACL, and capacity units."""

import json
from collections.abc import Callable
from typing import Any

from moto.wafv2.exceptions import WAFV2DuplicateItemException
from moto.wafv2.models import FakeRule, FakeWebACL, WAFV2Backend
from moto.wafv2.responses import WAFV2Response

from trading_platform.emulator.extension import Extension
from trading_platform.emulator.services.wafv2.common import statements_of

extension = Extension("wafv2")

# WCUs of the managed groups of AWS that moto could be asked for: developer guide, "AWS Managed Rules rule groups list".
MANAGED_GROUPS = {
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesWordPressRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesATPRuleSet": 50,
    "AWSManagedRulesACFPRuleSet": 50,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesAntiDDoSRuleSet": 50,
}
# Developer guide, "Web ACL capacity units (WCUs)": base costs of a statement; text transformations add 10 each.
STATEMENTS = {"RateBasedStatement": 2, "GeoMatchStatement": 1, "IPSetReferenceStatement": 1, "LabelMatchStatement": 1}
SQLI = 20
XSS = 40
TRANSFORMATION = 10
REPLACED = {  # API UpdateWebACL: what is not sent is gone
    "AssociationConfig": "association_config",
    "CaptchaConfig": "captcha_config",
    "ChallengeConfig": "challenge_config",
    "CustomResponseBodies": "custom_response_bodies",
    "TokenDomains": "token_domains",
}


def capacity(rules: list[dict[str, Any]]) -> int:
    """WCUs of rules as sent; labels, custom keys and the rarer statements are not counted."""
    return sum(_units(name, content) for rule in rules for name, content in statements_of(rule.get("Statement") or {}))


def _units(name: str, content: dict[str, Any]) -> int:
    if name == "ManagedRuleGroupStatement":
        return MANAGED_GROUPS.get(content.get("Name", ""), 0)
    own = {"SqliMatchStatement": SQLI, "XssMatchStatement": XSS, **STATEMENTS}.get(name, 1)
    kinds = {one.get("Type") for one in content.get("TextTransformations") or []} - {"NONE"}
    return own + TRANSFORMATION * len(kinds)


@extension.patches(WAFV2DuplicateItemException, "__init__")
def duplicate_under_its_own_name(_: Callable[..., Any], self: Any) -> None:
    """API: WAFDuplicateItemException; moto calls it WafV2DuplicateItem."""
    message = (
        "AWS WAF couldn\u2019t perform the operation because some resource in your request is a duplicate of an "
        "existing one."
    )
    super(WAFV2DuplicateItemException, self).__init__("WAFDuplicateItemException", message)


@extension.patches(FakeWebACL, "to_dict")
def with_its_capacity(original: Callable[..., Any], self: Any) -> dict[str, Any]:
    rules = [rule.to_dict() for rule in self.rules]
    held = original(self)
    held["Rules"] = [{key: value for key, value in rule.items() if value is not None} for rule in rules]
    held["Capacity"] = capacity(rules)
    return {key: value for key, value in held.items() if value is not None}


@extension.patches(WAFV2Response, "create_web_acl")
def defaults_of_rules(original: Callable[..., Any], self: Any) -> Any:
    """API RateBasedStatement: EvaluationWindowSec is 300 where it is not given, and so it is read back."""
    answer = original(self)
    for acl in self.wafv2_backend.wacls.values():
        if acl.name == self._get_param("Name"):
            _write_defaults(acl.rules)
    return answer


@extension.patches(WAFV2Response, "update_web_acl")
def whole_update(original: Callable[..., Any], self: Any) -> Any:
    """API UpdateWebACL: "replaces the existing" rules and settings; moto keeps what is not sent."""
    answer = original(self)
    body = json.loads(self.body)
    acl = self.wafv2_backend.get_web_acl(None, body["Name"], body["Id"])
    if not body.get("Rules"):
        acl.rules = []
    acl.description = body.get("Description") or ""
    for parameter, attribute in REPLACED.items():
        setattr(acl, attribute, body.get(parameter))
    _write_defaults(acl.rules)
    return answer


def _write_defaults(rules: list[FakeRule]) -> None:
    for rule in rules:
        for name, content in statements_of(rule.statement):
            if name == "RateBasedStatement":
                content.setdefault("EvaluationWindowSec", 300)


@extension.patches(WAFV2Backend, "associate_web_acl")
def one_acl_a_resource(original: Callable[..., Any], self: Any, web_acl_arn: str, resource_arn: str) -> None:
    """API AssociateWebACL: another ACL takes the place of the one before; moto keeps both, and keeps doubles."""
    if web_acl_arn in self.wacls:
        for acl in self.wacls.values():
            acl.associated_resources = [one for one in acl.associated_resources if one != resource_arn]
    original(self, web_acl_arn, resource_arn)


@extension.adds(WAFV2Response)
def list_resources_for_web_acl(self: Any) -> str:
    """API ListResourcesForWebACL; for the CloudFront scope there is ListDistributionsByWebACLId."""
    body = json.loads(self.body)
    acl = self.wafv2_backend.get_web_acl(body["WebACLArn"], None, None)
    wanted = body.get("ResourceType") or "APPLICATION_LOAD_BALANCER"
    part = {"APPLICATION_LOAD_BALANCER": ":loadbalancer/app/", "API_GATEWAY": ":apigateway:"}.get(wanted)
    arns = [arn for arn in acl.associated_resources if part and part in arn]
    return json.dumps({"ResourceArns": arns})
