"""A web ACL of WAF: the rules that requests to an ALB or to CloudFront go through.

UpdateWebACL replaces everything, so what this module does not manage is sent again as it was read
(https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateWebACL.html).
"""

from __future__ import annotations

from typing import Any

from trading_platform.aws import tags
from trading_platform.aws.ec2 import eventually, ignoring
from trading_platform.aws.engine import BaseResource, State
from trading_platform.aws.planned import planned_id
from trading_platform.aws.wafv2 import DESCRIPTION, NAME, canonical_rules, rule_problems, scope_problems

KEPT = (
    "DataProtectionConfig",
    "CustomResponseBodies",
    "CaptchaConfig",
    "ChallengeConfig",
    "TokenDomains",
    "AssociationConfig",
    "OnSourceDDoSProtectionConfig",
    "ApplicationConfig",
)
"""Settings that are not managed here."""
# Rule groups, IP sets and keys made a moment ago may not be known yet; an ACL may still be attached to something.
NOT_YET = ("WAFUnavailableEntityException", "WAFTagOperationException")


class WebAcl(BaseResource):
    """The ACL of this name and scope.

    Args:
        wafv2: a client of ``AnsibleAWSModule.client``, of us-east-1 for the scope CLOUDFRONT.
        params: the module's parameters.
    """

    kind = "web ACL"

    def __init__(self, wafv2: Any, params: dict[str, Any]) -> None:
        self.wafv2 = wafv2
        self.params = params
        self.name: str = params["name"]
        self.scope: str = params["scope"]
        self.lock_token = ""
        self.kept: dict[str, Any] = {}
        where = "global" if self.scope == "CLOUDFRONT" else "regional"
        meta = wafv2.meta
        self.placeholders = {
            "id": planned_id("webacl"),
            "arn": f"arn:{meta.partition}:wafv2:{meta.region_name}::{where}/webacl/{self.name}/{planned_id('webacl')}",
            "capacity": None,
        }

    def find(self) -> State | None:
        """Read the ACL and its tags."""
        summary = self._summary()
        if summary is None:
            return None
        answer = self.wafv2.get_web_acl(Name=self.name, Scope=self.scope, Id=summary["Id"], aws_retry=True)
        acl, self.lock_token = answer["WebACL"], answer["LockToken"]
        self.kept = {key: acl[key] for key in KEPT if acl.get(key)}
        tagged = self.wafv2.list_tags_for_resource(ResourceARN=acl["ARN"], aws_retry=True)
        visibility = acl["VisibilityConfig"]
        return {
            "id": acl["Id"],
            "arn": acl["ARN"],
            "capacity": acl.get("Capacity"),
            "name": acl["Name"],
            "scope": self.scope,
            "description": acl.get("Description") or "",
            "default_action": "block" if "Block" in acl["DefaultAction"] else "allow",
            "rules": canonical_rules(acl.get("Rules")),
            "metric_name": visibility["MetricName"],
            "cloudwatch_metrics": visibility["CloudWatchMetricsEnabled"],
            "sampled_requests": visibility["SampledRequestsEnabled"],
            "tags": tags.from_list(tagged["TagInfoForResource"].get("TagList")),
        }

    def _summary(self) -> dict[str, Any] | None:
        arguments = {"Scope": self.scope, "Limit": 100}
        while True:
            page = self.wafv2.list_web_acls(**arguments, aws_retry=True)
            for summary in page.get("WebACLs", []):
                if summary["Name"] == self.name:
                    return dict(summary)
            # WAF gives a marker with the last page as well; an empty page ends the list.
            if not page.get("NextMarker") or not page.get("WebACLs"):
                return None
            arguments["NextMarker"] = page["NextMarker"]

    def wanted(self, current: State | None) -> State:
        """Give the managed keys."""
        asked = self.params
        return {
            "name": self.name,
            "scope": self.scope,
            "description": asked["description"],
            "default_action": asked["default_action"],
            "rules": canonical_rules(asked["rules"]),
            "metric_name": asked["metric_name"] or self.name,
            "cloudwatch_metrics": asked["cloudwatch_metrics"],
            "sampled_requests": asked["sampled_requests"],
            "tags": tags.wanted(current["tags"] if current else {}, asked["tags"], asked["purge_tags"]),
        }

    def create(self, wanted: State) -> None:
        """Make the ACL with its rules and tags."""
        parameters = self._request(wanted)
        if wanted["tags"]:
            parameters["Tags"] = tags.to_list(wanted["tags"])
        eventually(self.wafv2.create_web_acl, *NOT_YET, **parameters)

    def update(self, current: State, changes: State) -> None:
        """Write the whole ACL where anything but the tags differs, then the tags."""
        if set(changes) - {"tags"}:
            parameters = {**self.kept, **self._request({**current, **changes})}
            eventually(self.wafv2.update_web_acl, *NOT_YET, Id=current["id"], LockToken=self.lock_token, **parameters)
        if "tags" in changes:
            write, remove = tags.difference(current["tags"], changes["tags"])
            if remove:
                self.wafv2.untag_resource(ResourceARN=current["arn"], TagKeys=remove, aws_retry=True)
            if write:
                self.wafv2.tag_resource(ResourceARN=current["arn"], Tags=tags.to_list(write), aws_retry=True)

    def _request(self, state: State) -> dict[str, Any]:
        request = {
            "Name": self.name,
            "Scope": self.scope,
            "DefaultAction": {state["default_action"].capitalize(): {}},
            "Rules": state["rules"],
            "VisibilityConfig": {
                "MetricName": state["metric_name"],
                "CloudWatchMetricsEnabled": state["cloudwatch_metrics"],
                "SampledRequestsEnabled": state["sampled_requests"],
            },
        }
        return {**request, "Description": state["description"]} if state["description"] else request

    def delete(self, current: State) -> None:
        """Remove the ACL; WAF needs a while to see that nothing uses it any more."""
        with ignoring("WAFNonexistentItemException"):
            eventually(
                self.wafv2.delete_web_acl,
                "WAFAssociatedItemException",
                Name=self.name,
                Scope=self.scope,
                Id=current["id"],
                LockToken=self.lock_token,
            )


def problems(params: dict[str, Any], region: str) -> list[str]:
    """Say what WAF would refuse of a module's parameters, before it is asked."""
    found = scope_problems(params["scope"], region)
    if not NAME.fullmatch(params["name"]):
        found.append(f"name: {params['name']!r} must be 1 to 128 letters, digits, - and _")
    text = params["description"]
    if text and (len(text) > 256 or not DESCRIPTION.fullmatch(text)):
        found.append(f"description: {text!r} has more than 256 characters, or other than letters, digits and +=:#@/-,.")
    return found + (rule_problems(params["rules"] or []) if params["state"] == "present" else [])
